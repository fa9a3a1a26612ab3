"""The condition language: reading, writing, refusing."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.language.expressions import (
    COMPARISONS,
    FUNCTIONS,
    KEYWORDS,
    MAX_DEPTH,
    AllOf,
    AnyOf,
    Arithmetic,
    Call,
    Comparison,
    Expression,
    InvalidExpression,
    Literal,
    Negative,
    Not,
    Reference,
    all_of,
    any_of,
    parse_expression,
    references,
)

names = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,6}", fullmatch=True).filter(
    lambda name: name not in KEYWORDS
)
parts = st.from_regex(r"[A-Za-z0-9_]{1,4}", fullmatch=True)
leaves = st.one_of(
    st.builds(Literal, st.text(max_size=8)),
    st.builds(Literal, st.integers(0, 10**15 - 1)),
    st.builds(Literal, st.decimals(0, 10**6, places=3).map(float)),
    st.builds(Literal, st.booleans()),
    st.builds(Reference, names),
    st.builds(Reference, names, parts),
    st.builds(Reference, names, parts, parts),
    st.just(Call("today", ())),
)


def joined(kind, inner):
    return st.lists(inner, min_size=2, max_size=3).map(lambda nodes: kind(tuple(nodes)))


conditions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(Negative, inner),
        joined(AllOf, inner),
        joined(AnyOf, inner),
        st.builds(Comparison, st.sampled_from(COMPARISONS), inner, inner),
        st.builds(Arithmetic, st.sampled_from("+-*/"), inner, inner),
        st.builds(
            Call, st.sampled_from(FUNCTIONS), st.lists(inner, min_size=1, max_size=2).map(tuple)
        ),
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(conditions)
def test_the_text_of_a_condition_reads_back_as_the_same_condition(condition: Expression) -> None:
    assert parse_expression(str(condition)) == condition


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        condition = parse_expression(text)
    except InvalidExpression:
        return
    assert parse_expression(str(condition)) == condition


@settings(deadline=None)
@given(st.text(alphabet="()'\"\\ a1.,+-*/<>=!not and or in true", max_size=60))
def test_nearly_right_texts_are_read_or_refused(text: str) -> None:
    with contextlib.suppress(InvalidExpression):
        parse_expression(text)


def test_precedence_is_or_and_not_comparison_sum_product() -> None:
    condition = parse_expression("a == 1 or not b < 2 + 3 * c and d")
    assert condition == AnyOf(
        (
            Comparison("==", Reference("a"), Literal(1)),
            AllOf(
                (
                    Not(
                        Comparison(
                            "<",
                            Reference("b"),
                            Arithmetic(
                                "+", Literal(2), Arithmetic("*", Literal(3), Reference("c"))
                            ),
                        )
                    ),
                    Reference("d"),
                )
            ),
        )
    )


def test_rows_and_columns_are_named_with_dots() -> None:
    assert parse_expression("Q3.r1 == '5'") == Comparison("==", Reference("Q3", "r1"), Literal("5"))
    assert parse_expression("Q3.1.c2 > 0") == Comparison(
        ">", Reference("Q3", "1", "c2"), Literal(0)
    )


def test_quotes_and_backslashes_are_escaped() -> None:
    assert parse_expression(r"a == 'it\'s \\ fine'") == Comparison(
        "==", Reference("a"), Literal("it's \\ fine")
    )


@pytest.mark.parametrize(
    "text, where",
    [
        ("", "found the end"),
        ("a ==", "character 5"),
        ("a = 1", "character 3"),
        ("a == 1 == 2", "cannot be chained"),
        ("(a == 1", "expected ')'"),
        ("a == 1)", "expected the end"),
        ("a == 'x", "character 6"),
        ("a == 1e5", "character 6"),
        ("a.b.c.d == 1", "character 6"),
        ("exec('x')", "no function 'exec'"),
        ("__import__", "character 1"),
        ("a == \u0660", "character 6"),
        ("count()", "found ')'"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(text: str, where: str) -> None:
    with pytest.raises(InvalidExpression, match=r".") as refused:
        parse_expression(text)
    assert where in refused.value.message


@pytest.mark.parametrize(
    "text",
    [
        "(" * 1000 + "a" + ")" * 1000,
        "not " * 1000 + "a",
        "-" * 1000 + "1",
        "1" + " + 1" * 1000,
        "count(" * 1000 + "a" + ")" * 1000,
        "if(true, 1, " * 700 + "1" + ")" * 700,
        "- " * 1000 + "today()",
        " and (a or ".join(["b"] * 800),
    ],
)
def test_nesting_a_thousand_deep_is_refused(text: str) -> None:
    with pytest.raises(InvalidExpression, match=f"more than {MAX_DEPTH} deep"):
        parse_expression(text)


def test_places_are_counted_in_the_text_around() -> None:
    with pytest.raises(InvalidExpression, match="character 14: expected"):
        parse_expression("a ==", offset=9)
    with pytest.raises(InvalidExpression, match="character 11: cannot read"):
        parse_expression(" ?", offset=9)


def test_very_long_conditions_are_refused() -> None:
    with pytest.raises(InvalidExpression, match="at most 10,000"):
        parse_expression("a" * 10_001)


def test_wide_conditions_are_not_deep() -> None:
    wide = " or ".join(f"Q{number} == 'x'" for number in range(500))
    assert len(list(references(parse_expression(wide)))) == 500


def test_joining_leaves_out_what_decides_nothing() -> None:
    a, b = Reference("a"), Reference("b")
    assert all_of(a, Literal(True), all_of(a, b)) == AllOf((a, b))
    assert all_of(a, Literal(False)) == Literal(False)
    assert all_of() == Literal(True)
    assert any_of(a) == a
    assert any_of(a, Literal(True)) == Literal(True)
