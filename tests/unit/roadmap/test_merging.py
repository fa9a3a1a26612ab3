"""Merging and comparing wordings: nothing either side wrote is lost, and it ends in time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadmap.writing.merging import Agreed, Conflict, Merge, merge
from roadmap.writing.wording import (
    LONGEST_TEXT,
    Change,
    differences,
    matching_blocks,
    tokens_of,
)

BASE = "Networks save energy. They cover all regions by 2030. Operators pay for it."

# Few words, so that texts have much in common; signs, accents, line ends, other scripts.
words = st.lists(
    st.sampled_from(
        ["net", "work", "2030", "é", "Ελλάδα", "a-b", ".", ".", ",", "\n\n", " ", " ", "<b>", "🙂"]
    ),
    max_size=14,
).map(" ".join)
anything = words | st.text(max_size=40)


def swapped(result: Merge) -> Merge:
    return Merge(
        tuple(
            Conflict(piece.base, piece.theirs, piece.ours) if isinstance(piece, Conflict) else piece
            for piece in result.pieces
        )
    )


def unix(text: str) -> str:
    return text.replace("\r\n", "\n")


def said(text: str) -> set[str]:
    return {token for token in tokens_of(text) if not token.isspace()}


class TestMerging:
    def test_changes_of_different_sentences_are_both_there(self) -> None:
        ours = BASE.replace("save energy", "save half of the energy")
        theirs = BASE.replace("Operators pay", "Operators and states pay")
        assert merge(BASE, ours, theirs).text == (
            "Networks save half of the energy. They cover all regions by 2030."
            " Operators and states pay for it."
        )

    def test_changes_of_one_sentence_with_a_word_between_are_both_there(self) -> None:
        ours = BASE.replace("They", "All of them")
        theirs = BASE.replace("2030", "2032")
        assert "All of them cover all regions by 2032." in str(merge(BASE, ours, theirs).text)

    def test_two_ways_to_change_a_word_are_a_conflict_of_the_whole_sentence(self) -> None:
        result = merge(BASE, BASE.replace("2030", "2029"), BASE.replace("2030", "2035"))
        assert result.text is None
        assert result.pieces == (
            Agreed("Networks save energy."),
            Conflict(
                " They cover all regions by 2030.",
                " They cover all regions by 2029.",
                " They cover all regions by 2035.",
            ),
            Agreed(" Operators pay for it."),
        )
        assert result.settled([" Both agree."]) == (
            "Networks save energy. Both agree. Operators pay for it."
        )

    def test_a_sentence_that_one_removes_and_the_other_changes_is_a_conflict(self) -> None:
        ours = BASE.replace(" They cover all regions by 2030.", "")
        conflict = merge(BASE, ours, BASE.replace("2030", "2035")).conflicts[0]
        assert "2035" in conflict.theirs
        assert "2030" in conflict.base
        assert "2030" not in conflict.ours

    def test_changes_that_touch_are_a_conflict(self) -> None:
        assert merge("one two three", "one 2 three", "one two 3").conflicts

    def test_the_same_change_on_both_sides_is_made_once(self) -> None:
        both = BASE.replace("2030", "2031")
        ours = both.replace("Networks", "Our networks")
        assert merge(BASE, ours, both).text == ours

    def test_two_sentences_added_at_one_place_are_a_conflict(self) -> None:
        result = merge(BASE, BASE + " First.", BASE + " Second.")
        assert [(c.ours, c.theirs) for c in result.conflicts] == [(" First.", " Second.")]

    def test_two_first_texts_are_a_conflict(self) -> None:
        assert merge("", "one", "two").pieces == (Conflict("", "one", "two"),)

    def test_crlf_is_no_change(self) -> None:
        base = "one.\ntwo.\nthree."
        ours = "one.\r\ntwo.\r\n3."
        assert merge(base, ours, "1.\ntwo.\nthree.").text == "1.\ntwo.\n3."

    @given(anything, anything)
    def test_who_changed_alone_is_right(self, base: str, ours: str) -> None:
        assert merge(base, ours, base).text == unix(ours)
        assert merge(base, base, ours).text == unix(ours)
        assert merge(base, ours, ours).text == unix(ours)

    @given(anything, anything, anything)
    def test_exchanging_the_sides_exchanges_them_in_the_conflicts(
        self, base: str, ours: str, theirs: str
    ) -> None:
        assert merge(base, theirs, ours) == swapped(merge(base, ours, theirs))

    @given(anything, anything, anything)
    def test_every_word_that_somebody_added_is_there(
        self, base: str, ours: str, theirs: str
    ) -> None:
        result = merge(base, ours, theirs)
        whole = "".join(
            piece.text if isinstance(piece, Agreed) else f" {piece.ours} {piece.theirs} "
            for piece in result.pieces
        )
        added = (said(unix(ours)) | said(unix(theirs))) - said(unix(base))
        assert all(word in whole for word in added)

    @given(anything, anything, anything)
    def test_either_side_can_be_chosen_throughout_and_keeps_all_it_wrote(
        self, base: str, ours: str, theirs: str
    ) -> None:
        result = merge(base, ours, theirs)
        mine = result.settled([conflict.ours for conflict in result.conflicts])
        assert all(word in mine for word in said(unix(ours)) - said(unix(base)))

    @given(st.lists(words, min_size=5, max_size=8), words, words)
    def test_what_does_not_overlap_needs_nobody(
        self, sentences: list[str], first: str, last: str
    ) -> None:
        base = [f"s{number} {text}." for number, text in enumerate(sentences)]
        ours = [f"A {first} Z.", *base[1:]]
        theirs = [*base[:-1], f"B {last} Y."]
        result = merge("\n".join(base), "\n".join(ours), "\n".join(theirs))
        assert result.text == "\n".join([ours[0], *base[1:-1], theirs[-1]])


class TestDifferences:
    def test_words_are_removed_and_added(self) -> None:
        runs = differences("They cover regions by 2030.", "They cover all regions by 2032.")
        assert [(run.change.value, run.text) for run in runs] == [
            ("kept", "They cover "),
            ("added", "all "),
            ("kept", "regions by "),
            ("removed", "2030"),
            ("added", "2032"),
            ("kept", "."),
        ]

    @given(anything, anything)
    def test_the_runs_are_both_texts(self, before: str, after: str) -> None:
        runs = differences(before, after)
        assert "".join(run.text for run in runs if run.change is not Change.ADDED) == before
        assert "".join(run.text for run in runs if run.change is not Change.REMOVED) == after

    @given(
        st.lists(st.sampled_from("abc"), max_size=9), st.lists(st.sampled_from("abc"), max_size=9)
    )
    def test_as_much_is_kept_as_can_be(self, before: list[str], after: list[str]) -> None:
        lengths = [[0] * (len(after) + 1) for _ in range(len(before) + 1)]
        for i, old in enumerate(before):
            for j, new in enumerate(after):
                lengths[i + 1][j + 1] = (
                    lengths[i][j] + 1 if old == new else max(lengths[i][j + 1], lengths[i + 1][j])
                )
        assert sum(b.size for b in matching_blocks(before, after)) == lengths[-1][-1]


@pytest.mark.parametrize(
    ("base", "ours", "theirs"),
    [
        ("a " * 10_000, "b a " * 5_000, "a b b " * 3_333),
        ("ab " * 6_666, "ba " * 6_666, "ab ba " * 3_333),
        (",." * 10_000, ".," * 10_000, ",,." * 6_666),
        (" ".join(map(str, range(3_600))), " ".join(map(str, range(3_600, 0, -1))), "7 " * 10_000),
    ],
)
def test_the_worst_texts_of_the_longest_length_are_merged(
    base: str, ours: str, theirs: str
) -> None:
    assert max(map(len, (base, ours, theirs))) <= LONGEST_TEXT
    merged = merge(base, ours, theirs)
    assert merged.conflicts or merged.text
