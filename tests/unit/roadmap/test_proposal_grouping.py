"""What an answer asks for, and which points ask for the same."""

import random
import time
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from roadmap.proposals.grouping import Said, group_points
from roadmap.proposals.kinds import ProposalKind, default_title, parse_number
from roadmap.proposals.reading import find_point, read_points
from surveys.definition import parse_definition
from tests.proposal_answers import ABOUT, TWIN

QUESTIONS = parse_definition(ABOUT).by_code


def read(code: str, answer: Any) -> list[tuple[str, str, str, str]]:
    return [
        (point.kind.value, point.subject, point.entry, point.text)
        for point in read_points(QUESTIONS[code], answer)
    ]


def test_each_form_of_answer_is_read() -> None:
    assert read("NEW", [{"title": "Twin", "description": "Of all"}, {}, {"title": " "}]) == [
        ("new_milestone", "", "1", "Twin\nOf all")
    ]
    answer = {
        "disputed": {"A>B": True, "B>C": "They are apart.", "C>A": True},
        "proposed": [
            {"from": "A", "to": "C", "reason": "Parts."},
            {"from": "A", "to": "C", "kind": "FS", "reason": "Once more."},
            {"from": "A", "to": "C", "kind": "SS"},
            {"from": "A", "to": "A"},
            {"from": "A", "to": "Z"},
        ],
    }
    assert read("DEPS", answer) == [
        ("drop_dependency", "A>B", "A>B", ""),
        ("drop_dependency", "B>C", "B>C", "They are apart."),
        ("new_dependency", "A>C", "A>C:FS", "Parts."),
        ("new_dependency", "A>C", "A>C:SS", ""),
    ]
    assert read("PARAS", {"P1": {"stance": "oppose"}}) == [("wording", "P1", "P1", "")]
    assert read("PARAS", {"P1": {"text": "Shorter."}}) == [("wording", "P1", "P1", "Shorter.")]
    assert read("PARAS", {"P1": {"stance": "support", "text": "Good."}}) == []
    assert read("WHY", " Because. ") == [("other", "", "1", "Because.")]
    assert read("PICK", "yes") == []


def test_an_entry_leads_back_to_the_words() -> None:
    answer = {"proposed": [{"from": "A", "to": "C", "kind": "SS", "reason": "Parts."}]}
    point = find_point(QUESTIONS["DEPS"], answer, "A>C:SS")
    assert point is not None
    assert point.text == "Parts."
    assert point.wanted == {"kind": "SS"}
    assert find_point(QUESTIONS["DEPS"], {}, "A>C:SS") is None


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["A", "A>B", "P1", "from", "to", "kind", "title", "stance", "text",
                         "disputed", "proposed", "year"]),
        inner, max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(code=st.sampled_from(["NEW", "DEPS", "PARAS", "WHY"]), answer=_JSON)
def test_an_answer_of_no_form_is_read_without_complaint(code: str, answer: Any) -> None:
    entries = [point.entry for point in read_points(QUESTIONS[code], answer)]
    assert len(entries) == len(set(entries))
    assert all(len(entry) <= 140 for entry in entries)


def texts(*said: tuple[str, str]) -> list[Said]:
    return [Said("other", None, text, language) for language, text in said]


def test_structured_points_group_by_their_key_alone() -> None:
    key = ("new_dependency", "A>B", "FS")
    points = [
        Said("new_dependency", key, "One reason"),
        Said("new_dependency", ("new_dependency", "A>B", "SS"), "One reason"),
        Said("new_dependency", key, "Quite another thought"),
    ]
    assert group_points(points) == [(0, 2), (1,)]


def test_similar_texts_group_in_one_language_and_equal_ones_in_all() -> None:
    near = TWIN.replace("wants to try", "wishes to try")
    said = texts(("en", TWIN), ("fr", near), ("en", near.upper()), ("fr", TWIN + "!"), ("de", "Ja"),
                 ("en", "ja."), ("en", "No"))  # fmt: skip
    groups = {frozenset(group) for group in group_points(said)}
    # The same words in French (0 and 3) join, and with them all that is near in either language.
    assert groups == {frozenset({0, 1, 2, 3}), frozenset({4, 5}), frozenset({6})}
    apart = texts(("en", TWIN), ("fr", near))
    assert len(group_points(apart)) == 2


def test_what_has_no_words_is_compared_as_it_stands() -> None:
    assert len(group_points(texts(("en", "!!!"), ("en", "???"), ("en", "!!!")))) == 2


@settings(max_examples=30, deadline=None)
@given(st.permutations(range(12)))
def test_the_order_of_the_points_changes_nothing(order: list[int]) -> None:
    words = TWIN.split()
    said = texts(*[("en", " ".join([*words[at % 4 :], f"n{at // 4}"])) for at in range(12)])
    wanted = {frozenset(said[at].text for at in group) for group in group_points(said)}
    moved = [said[at] for at in order]
    assert {frozenset(moved[at].text for at in group) for group in group_points(moved)} == wanted


def test_time_grows_with_the_number_of_texts_and_not_with_its_square() -> None:
    chance = random.Random(7)
    words = [f"word{number}" for number in range(3_000)]

    def measure(count: int) -> float:
        said = texts(*[("en", " ".join(chance.choices(words, k=12))) for _ in range(count)])
        began = time.perf_counter()
        assert len(group_points(said)) > count * 0.99
        return time.perf_counter() - began

    measure(200)
    times = [measure(count) for count in (2_000, 8_000)]
    assert all(later < 10 * earlier + 0.3 for earlier, later in pairwise(times))


def test_numbers_and_titles() -> None:
    assert [parse_number(text) for text in ("P12", "p3", " 7 ", "x", "", "P-1")] == [
        12, 3, 7, None, None, None,
    ]  # fmt: skip
    for kind in ProposalKind:
        assert default_title(kind, "A>B", {"kind": "SS"})["en"]
