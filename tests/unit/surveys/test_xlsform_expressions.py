"""XLSForm's expressions: what each becomes, and that it means what ODK's documentation says."""

import contextlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.definition import parse_definition
from surveys.formats.xlsform.reading import read_xlsform
from surveys.formats.xlsform.syntax import Untranslatable, parse_xpath
from surveys.routing import route
from tests.questionnaires.xlsform_writer import ask, xlsform

FORM = (
    ask("select_one abc", "s"),
    ask("select_one numbers", "o"),
    ask("select_multiple abc", "m"),
    ask("rank abc", "r"),
    ask("integer", "n"),
    ask("integer", "k"),
    ask("text", "t"),
    ask("text", "u"),
    ask("date", "d"),
    ask("acknowledge", "ok"),
    ask("calculate", "c", calculation="${n} + 1"),
    ask("calculate", "w", calculation="if(${n} > 1, 'many', 'few')"),
    ask("calculate", "b", calculation="${n} > 1"),
)
CHOICES = {
    "abc": {"a": "Ant", "b": "Bee", "c": "Cat"}, "numbers": {"1": "One", "2": "Two", "10": "Ten"},
}  # fmt: skip


def read(*rows: dict[str, Any]) -> Any:
    return read_xlsform(xlsform([*FORM, *rows], CHOICES))


def relevance(source: str) -> str | None:
    """What ``source`` becomes; None where it is lost."""
    result = read(ask("note", "last", "Last", relevant=source))
    last = result.document["sections"][-1]["questions"][-1]
    if any(loss.path.startswith("survey, row 15") for loss in result.lost):
        return None
    return str(last.get("show_if", "true"))


@pytest.mark.parametrize(
    "source, ours",
    [
        ("${s} = 'a'", "s == 'a'"),
        ("${s} != 'a'", "not s == 'a'"),
        ("'a' = ${s}", "s == 'a'"),
        ("${ s } = \"a\"", "s == 'a'"),
        ("${s} = ''", "not answered(s)"),
        ("${s} != ''", "answered(s)"),
        ("not(${s} = '')", "answered(s)"),
        ("string-length(${t}) > 0", "length(t) > 0"),
        ("${s}", "answered(s)"),
        ("${n}", "n != 0"),
        ("${s} = 'zzz'", "false"),
        ("${s} != 'zzz'", "true"),
        ("${o} = 1", "o == '1'"),
        ("${o} > 1", "number(o) > 1"),
        ("${s} = ${t}", "s == t or not answered(s) and not answered(t)"),
        ("selected(${s}, 'a')", "s == 'a'"),
        ("selected(${m}, 'a')", "'a' in m"),
        ("selected(${m}, ${s})", "s in m"),
        ("selected('a b', ${s})", "s == 'a' or s == 'b'"),
        ("not(selected(${m}, 'a'))", "not 'a' in m"),
        ("selected(${m}, 'zzz')", "false"),
        ("${m} = 'a'", "'a' in m and count(m) == 1"),
        ("count-selected(${m}) >= 2", "count(m) >= 2"),
        ("${n} != 5", "not n == 5"),
        ("${n} = '5'", "n == 5"),
        ("${n} = 'x'", "false"),
        ("${n} > ${k}", "n > k"),
        ("${n} = ${k}", "n == k or not answered(n) and not answered(k)"),
        ("${n} + 1 > 2 * (${k} - 1)", "n + 1 > 2 * (k - 1)"),
        ("${n} div 2 = 1.50", "n / 2 == 1.5"),
        ("-${n} < -3", "-n < -3"),
        ("${t} > 5", "number(t) > 5"),
        ("${t} = 5", "number(t) == 5"),
        ("contains(${t}, 'x')", "contains(t, 'x')"),
        ("starts-with(${t}, 'x')", "starts_with(t, 'x')"),
        ("ends-with(${t}, '.com')", "matches(t, '\\\\.com$')"),
        ("regex(${t}, '[0-9]{4}')", "matches(t, '^(?:[0-9]{4})$')"),
        ("regex(${t}, '^[0-9]{4}$')", "matches(t, '^[0-9]{4}$')"),
        ("regex(${t}, '[0-9]*')", "matches(t, '^(?:[0-9]*)$') or not answered(t)"),
        ("${d} > date('2026-01-01')", "d > '2026-01-01'"),
        ("${d} <= today()", "d <= today()"),
        ("${d} < now()", "d <= today()"),
        ("${d} >= now()", "d > today()"),
        ("now() > ${d}", "today() >= d"),
        ("(today() - ${d}) div 365.25 >= 18", "days(d, today()) / 365.25 >= 18"),
        ("number(format-date(${d}, '%Y')) < 2000", "year(d) < 2000"),
        ("${ok} = 'OK'", "ok"),
        ("${ok} = ''", "not ok"),
        ("${c} > 5", "c > 5"),
        ("${w} = 'many'", "w == 'many'"),
        ("${b} = 'true'", "b"),
        ("if(${n} > 1, ${k}, 0) > 3", "if(n > 1, k, 0) > 3"),
        ("coalesce(${t}, ${u}) = 'x'", "if(answered(t), t, u) == 'x'"),
        ("coalesce(${n}, 0) + 1 = 1", "if(answered(n), n, 0) + 1 == 1"),
        ("round(${n}, 1) = 2", "round(n, 1) == 2"),
        ("int(${n}) = 2", "if(n < 0, ceil(n), floor(n)) == 2"),
        ("max(${n}, ${k}) > 3",
         "if(answered(n) and answered(k), max(n, k), number('')) > 3"),
        ("jr:choice-name(${s}, '${s}') = 'Ant'", "label(s) == 'Ant'"),
        ("selected-at(${r}, 0) = 'a'", "rank(r, 'a') == 1"),
        ("selected-at(${r}, 1) != ''", "count(r) >= 2"),
        ("true()", "true"),
        ("true() and ${s} = 'a'", "s == 'a'"),
        ("false() or ${s} = 'a'", "s == 'a'"),
        ("${s} = 'a' and ${n} > 1 or ${t} = 'x'", "s == 'a' and n > 1 or t == 'x'"),
        ("1 = 1", "true"),
        ("'a' = 'b'", "false"),
        ("${n}=1 or ${n}=2 or ${n}=3", "n == 1 or n == 2 or n == 3"),
    ],
)  # fmt: skip
def test_what_expressions_become(source: str, ours: str) -> None:
    assert relevance(source) == ours


@pytest.mark.parametrize(
    "source",
    [
        "${gone} = 1", "pulldata('a', 'b', 'c', ${s}) = 1", "indexed-repeat(${s}, ${n}, 1) = 1",
        "selected-at(${m}, 0) = 'a'", "/data/s = 'a'", "../s = 'a'", "${s}[1] = 'a'", "s = 'a'",
        "${n} = ", "${n} ! 1", "regex(${t}, '(?=a)b') = 1", "${d} + 5 > today()",
        "position(..) = 1",
        "concat(${s}, 'x') = 'ax'", "(" * 1000 + "1" + ")" * 1000, "not(" * 1000,
        "1 + " * 5000 + "1",
        "substr(${t}, 0, 1) = 'a'", "${n} | ${k}", ". = 1 and ${n} = ..", "${last-saved#n} = 1",
    ],
)  # fmt: skip
def test_what_cannot_be_said_is_lost(source: str) -> None:
    assert relevance(source) is None


ANSWERS: list[dict[str, Any]] = [
    {}, {"s": "a"}, {"s": "b", "n": 5}, {"n": 0}, {"n": 2, "k": 2}, {"m": ["a", "b"]},
    {"m": ["a"]}, {"t": "x"}, {"t": "7"}, {"d": "2020-02-29"}, {"ok": True}, {"o": "10"},
]  # fmt: skip


@pytest.mark.parametrize(
    "source, shown",
    # By hand, after ODK's documentation: for each of ANSWERS, whether the note is shown.
    [
        ("${s} != 'a'", "101111111111"),
        ("${s} = ''", "100111111111"),
        ("${n} < 3", "000110000000"),
        ("${n} >= 0", "001110000000"),
        ("${n} != 5", "110111111111"),
        ("not(${n} > 3)", "110111111111"),
        ("${n} = ${k}", "110011111111"),
        ("${n} + ${k} > 1", "000010000000"),
        ("coalesce(${n}, 0) = 0", "110101111111"),
        ("count-selected(${m}) = 0", "111110011111"),
        ("count-selected(${m}) < 2", "111110111111"),
        ("${m} = 'a'", "000000100000"),
        ("selected(${m}, 'b') or selected(${s}, 'b')", "001001000000"),
        ("${t} > 5", "000000001000"),
        ("string-length(${t}) = 0", "111111100111"),
        ("${d} < date('2026-01-01')", "000000000100"),
        ("${d} != ''", "000000000100"),
        ("${ok} = 'OK'", "000000000010"),
        ("${o} >= 2", "000000000001"),
        ("${c} = 1", "000100000000"),
        ("${w} = 'few'", "110101111111"),
        ("${b} = 'true'", "001010000000"),
        ("${c} = ''", "110001111111"),
    ],
)
def test_what_is_shown_agrees_with_odk(source: str, shown: str) -> None:
    result = read(ask("note", "last", "Last", relevant=source))
    questionnaire = parse_definition(result.document)
    assert "".join(
        "1" if route(questionnaire, answers).shows("last") else "0" for answers in ANSWERS
    ) == shown  # fmt: skip


def test_calculations_follow_each_other_in_any_order() -> None:
    result = read_xlsform(xlsform([
        ask("calculate", "z", None, calculation="${y} * 2"),
        ask("calculate", "y", None, calculation="${n} + 1"),
        ask("integer", "n"),
        ask("calculate", "again", None, calculation="${again} + 1"),
        ask("note", "last", "It is ${z}"),
    ]))  # fmt: skip
    routed = route(parse_definition(result.document), {"n": 3})
    assert dict(routed.values) == {"z": 8, "y": 4}
    assert "needs" in result.lost[0].why or "there is no question" in result.lost[0].why


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["${s}", "${n}", "'a'", "1", "=", "!=", "<", "and", "or", "not(", ")", "(", "+", "div",
             "selected(${m}, ", "if(", ",", ".", "-", "mod", "${t}", "today()", "${d}", "concat(",
             "regex(${t}, '", "int(", "\"", "x", "/", "coalesce("]
        ),
        max_size=12,
    )
)  # fmt: skip
def test_whatever_is_written_is_read_or_listed(parts: list[str]) -> None:
    source = " ".join(parts)
    result = read(ask("note", "last", "Last", relevant=source))
    parse_definition(result.document)


@given(st.text(max_size=60))
def test_any_text_parses_or_is_refused(source: str) -> None:
    with contextlib.suppress(Untranslatable):
        parse_xpath(source)
