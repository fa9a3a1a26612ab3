"""What may be a statement, and which statements say the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidInput
from surveys.statement_text import (
    LONGEST,
    SHORTEST,
    SimilarStatements,
    clean_statement,
    comparable,
    is_added,
    similarity,
)


def test_a_statement_is_one_line_of_visible_text():
    assert clean_statement("  Fibre for\r\n every\tvillage! ") == "Fibre for every village!"
    assert clean_statement("Trains \u202ebefore\u202c roads \u200bplease") == (
        "Trains before roads please"
    )
    # Joiners are letters' company in some languages.
    assert "\u200c" in clean_statement("می‌خواهم که این کار بشود")


@pytest.mark.parametrize(
    "text", ["", "Too short", " " * 400, "x" * (LONGEST + 1), "x" * 100_000, "1234567890 !?",
             "half \ud800 of a pair", "zero \x00 character", "\u200b" * 50],
)  # fmt: skip
def test_what_is_no_statement_is_refused_with_what_was_expected(text):
    with pytest.raises(InvalidInput) as refusal:
        clean_statement(text)
    assert refusal.value.where == "statement"
    assert refusal.value.message


@given(st.text(max_size=400))
def test_cleaning_is_done_once_and_for_all(text):
    try:
        cleaned = clean_statement(text)
    except InvalidInput:
        return
    assert SHORTEST <= len(cleaned) <= LONGEST
    assert clean_statement(cleaned) == cleaned


def test_case_punctuation_and_spacing_do_not_make_another_statement():
    assert comparable("Fibre for every village!") == comparable("fibre — for  EVERY village")
    assert comparable("STRASSE für alle") == comparable("straße für alle")
    assert comparable("Fibre for every village") != comparable("Fibre for no village")


def test_similar_statements_are_found_and_the_likest_comes_first():
    others = [
        ("a", "Every village should have fibre by 2030"),
        ("b", "Every village should have fibre"),
        ("c", "Trains must run at night"),
    ]
    index = SimilarStatements(others)
    assert index.like("Every village should have fibre!") == ["b", "a"]
    assert index.like("Every village should have fibre!", but="b") == ["a"]
    assert index.like("Every village should have fibre!", limit=1) == ["b"]
    assert index.like("Ships") == []
    assert similarity("the same words", "The same words.") == 1
    assert similarity("Trains", "Fibre") == 0


def test_codes_of_added_statements_have_a_form_of_their_own():
    assert is_added("p_0123456789ab")
    for code in (
        "p_",
        "s1",
        "p_0123456789AB",
        "p_0123456789ab\n",
        'p_0123456789a"',
        "p_0123456789al",
    ):
        assert not is_added(code)
