"""Texts that say the same: identical and nearly, whatever order they come in."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.counting.text_groups import LEAST_CHARACTERS, NEAR, group_texts, resemblance, words_of

LETTER = (
    "We ask the Commission to put rural networks first, because people in the mountains wait "
    "longest for a connection that others have had for years."
)
WORDS = st.sampled_from(
    ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
)
TEXTS = st.lists(
    st.one_of(
        st.lists(WORDS, max_size=14).map(" ".join),
        st.integers(0, 10).map(lambda at: " ".join(LETTER.split()[:at] + LETTER.split()[at + 1 :])),
        st.text(max_size=60),
    ),
    max_size=30,
)  # fmt: skip


def members(texts: list[str]) -> list[tuple[int, ...]]:
    return [group.members for group in group_texts(texts)]


def test_nothing_has_no_groups() -> None:
    assert group_texts([]) == []
    assert group_texts([LETTER]) == []
    assert group_texts(["", "", "   "]) == []


def test_case_punctuation_and_spacing_do_not_matter() -> None:
    assert members([LETTER, "Something else, in quite other words.", LETTER.upper() + " !!\n"]) == [
        (0, 2)
    ]


def test_a_changed_word_is_nearly_the_same() -> None:
    changed = LETTER.replace("Commission", "Parliament")
    (group,) = group_texts([changed, LETTER, LETTER])
    assert group.members == (0, 1, 2)
    assert group.identical == (1, 2)
    assert group.sample == 1


def test_a_sentence_in_front_is_nearly_the_same() -> None:
    assert members(["I live in a small village. " + LETTER, LETTER]) == [(0, 1)]


def test_other_words_on_the_same_matter_are_not() -> None:
    other = (
        "Networks in the mountains should come first, the Commission should know that people "
        "there have waited for years."
    )
    assert resemblance(LETTER, other) < NEAR
    assert group_texts([LETTER, other]) == []


def test_short_texts_are_the_same_by_chance() -> None:
    assert group_texts(["No comment", "No comment", "n/a", "n/a", "", ""]) == []
    assert members(["Rural networks first!", "no comment", "rural networks first"]) == [(0, 2)]


def test_other_alphabets_are_words_too() -> None:
    greek = "Ζητούμε καλύτερα δίκτυα για τις αγροτικές περιοχές της χώρας μας"
    assert members([greek, greek.upper().replace("Ί", "Ι"), greek + "."]) == [(0, 1, 2)]


def test_the_largest_group_comes_first() -> None:
    second = "A second letter, of which there are more copies than of the first one."
    found = group_texts([LETTER, second, LETTER, second, second])
    assert [len(group.members) for group in found] == [3, 2]


@given(TEXTS)
@settings(max_examples=80, deadline=None)
def test_what_groups_are(texts: list[str]) -> None:
    groups = group_texts(texts)
    everyone = [position for group in groups for position in group.members]
    assert len(everyone) == len(set(everyone))
    for group in groups:
        assert len(group.members) > 1
        assert set(group.identical) <= set(group.members)
        assert len({" ".join(words_of(texts[at])) for at in group.identical}) == 1
        # A chain of resemblances leads from each member to each other.
        reached, waiting = {group.members[0]}, [group.members[0]]
        while waiting:
            at = waiting.pop()
            near = [
                m
                for m in group.members
                if m not in reached
                and (words_of(texts[m]) == words_of(texts[at])
                     or resemblance(texts[m], texts[at]) >= NEAR)
            ]  # fmt: skip
            reached.update(near)
            waiting += near
        assert reached == set(group.members)
    # Identical texts of some length are always together.
    together = {at: number for number, group in enumerate(groups) for at in group.members}
    for one, text in enumerate(texts):
        for other in range(one):
            wording = " ".join(words_of(text))
            if len(wording) >= LEAST_CHARACTERS and words_of(texts[other]) == words_of(text):
                assert together[one] == together[other]


@given(TEXTS, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_order_does_not_matter(texts: list[str], chance: random.Random) -> None:
    order = list(range(len(texts)))
    chance.shuffle(order)
    shuffled = [texts[at] for at in order]

    def as_sets(groups: list[tuple[int, ...]], place: list[int]) -> set[frozenset[int]]:
        return {frozenset(place[at] for at in group) for group in groups}

    assert as_sets(members(shuffled), order) == as_sets(members(texts), list(range(len(texts))))


def test_variants_of_a_letter_are_found_among_many_texts() -> None:
    chance = random.Random(7)
    vocabulary = [f"word{number}" for number in range(3000)]
    texts = [" ".join(chance.choices(vocabulary, k=chance.randrange(5, 60))) for _ in range(4000)]
    variants = []
    for _ in range(200):
        words = LETTER.split() + chance.choices(vocabulary, k=3)
        words[chance.randrange(20)] = chance.choice(vocabulary)
        variants.append(" ".join(words))
    (group,) = group_texts([*texts, *variants, LETTER])
    assert len(set(group.members) & set(range(4000, 4201))) >= 199
    assert min(group.members) >= 4000
