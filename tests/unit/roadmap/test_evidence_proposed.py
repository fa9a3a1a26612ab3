"""What is published of proposed dependencies, attacked: can few people be found in it?"""

import random
from collections import Counter
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from roadmap.evidence.proposed import pairs_in, publish_pairs
from surveys.definition import parse_definition


def most_people(listed: dict[str, int], people: int, most: int, wanted: str) -> int:
    """The most people who can have proposed ``wanted``, given all that is published.

    A person is the set of listed dependencies, ``hidden`` or ``other`` that they proposed: between
    one and ``most``. ``wanted``: "hidden" (one dependency that is not listed), "unlisted" (nothing
    that is listed) or one that is listed, where people did *not* propose it.
    """
    names = [*listed, "hidden", "other"]
    kinds = [
        set(kind)
        for size in range(1, min(most, len(names)) + 1)
        for kind in combinations(names, size)
    ]

    def counts(kind: set[str]) -> bool:
        if wanted == "hidden":
            return "hidden" in kind
        if wanted == "unlisted":
            return not kind & set(listed)
        return wanted not in kind

    rows = [[1] * len(kinds)] + [[int(name in kind) for kind in kinds] for name in listed]
    known = [people, *listed.values()]
    found = milp(
        c=-np.array([int(counts(kind)) for kind in kinds]),
        constraints=LinearConstraint(np.array(rows), known, known),
        bounds=Bounds(0, np.inf),
        integrality=np.ones(len(kinds)),
    )
    assert found.success
    return round(-found.fun)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32))
def test_nobody_can_be_found_in_what_is_listed(seed: int) -> None:
    chance = random.Random(seed)
    most = chance.choice([1, 2, 2, 3])
    weights = [chance.choice([1, 4, 12]) for _ in range(4)]
    people = [
        set(chance.choices("abcd", weights, k=chance.randint(1, most)))
        for _ in range(chance.randint(5, 24))
    ]
    counts = Counter(pair for person in people for pair in person)
    listed = publish_pairs(counts, len(people), most)
    assert all(listed[pair] == counts[pair] for pair in listed)
    assert all(count >= 5 for count in listed.values())
    for pair, count in counts.items():
        if 0 < count < 5:
            assert most_people(listed, len(people), most, "hidden") >= 5
        if pair in listed and 0 < len(people) - count < 5:
            assert most_people(listed, len(people), most, pair) >= 5
    if 0 < sum(not person & set(listed) for person in people) < 5:
        assert most_people(listed, len(people), most, "unlisted") >= 5


@pytest.mark.parametrize(
    ("counts", "people", "most", "listed"),
    [
        ({"a": 12, "b": 4}, 20, 5, {"a": 12}),
        ({"a": 17, "b": 3}, 20, 1, {}),  # all others: three
        ({"a": 20, "b": 3}, 20, 5, {"a": 20}),
        ({"a": 9, "b": 9}, 20, 1, {"a": 9}),  # two would be left
        ({"a": 10, "b": 10}, 20, 1, {"a": 10, "b": 10}),
        ({"a": 9, "b": 9}, None, 5, {}),
        ({"a": 9}, 8, 5, {}),  # counts of another state
        ({}, 20, 5, {}),
    ],
)
def test_what_is_listed(
    counts: dict[str, int], people: int | None, most: int, listed: dict[str, int]
) -> None:
    assert publish_pairs(counts, people, most) == listed


def test_a_person_counts_once_for_each_dependency() -> None:
    questionnaire = parse_definition(
        {
            "schema": "waymark/questionnaire/1", "title": {"en": "Q"}, "languages": ["en"],
            "sections": [{"code": "s", "title": {"en": "S"}, "questions": [{
                "code": "D", "type": "dependencies", "title": {"en": "D"},
                "options": [{"code": c, "label": {"en": c}} for c in "AB"],
                "dependencies": [],
            }]}],
        }
    )  # fmt: skip
    said = [
        {"from": "A", "to": "B"}, {"from": "A", "to": "B", "kind": "FS"},
        {"from": "B", "to": "A", "kind": "SS"}, {"from": "A", "to": "A"}, {"from": "A"},
        {"from": "A", "to": "Z"}, "A>B", None,
    ]  # fmt: skip
    assert pairs_in(questionnaire.questions[0], said) == {"A>B:FS", "B>A:SS"}
    assert pairs_in(questionnaire.questions[0], {"from": "A"}) == set()
