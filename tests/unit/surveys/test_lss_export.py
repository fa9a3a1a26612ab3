"""Questionnaires as LimeSurvey exports: what is written, and that nothing is lost in silence."""

import random
import re
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.definition import parse_definition
from surveys.exporting import EXPORT_FORMATS, export_questionnaire
from surveys.formats.lss.export import write_lss
from surveys.formats.lss.file import read_file
from surveys.formats.lss.reading import read_lss
from surveys.language.evaluation import check_condition
from surveys.language.expressions import InvalidExpression, parse_expression
from surveys.questionnaire import Questionnaire
from surveys.routing import route
from surveys.scope import QuestionScope
from tests import every_question
from tests.questionnaires.build import (
    document,
    multiple,
    options,
    question,
    questionnaire,
    single,
)
from tests.random_answers import random_answers, random_definition


def exported(*questions: dict[str, Any], **fields: Any) -> Any:
    return write_lss(questionnaire(*questions, **fields))


def lost(*questions: dict[str, Any], **fields: Any) -> dict[str, str]:
    return {loss.path: loss.kind for loss in exported(*questions, **fields).lost}


def again(asked: Questionnaire) -> dict[str, Any]:
    return read_lss(write_lss(asked).data).document


def differing(was: Any, now: Any, path: str = "") -> list[str]:
    """The paths at which two documents are not the same; written apart from the exporter's own."""
    if isinstance(was, dict) and isinstance(now, dict):
        return [
            inner
            for name in {*was, *now}
            for inner in differing(was.get(name), now.get(name), f"{path}.{name}".strip("."))
        ]
    if isinstance(was, list) and isinstance(now, list) and len(was) == len(now):
        pairs = enumerate(zip(was, now, strict=True))
        return [inner for i, (a, b) in pairs for inner in differing(a, b, f"{path}[{i}]")]
    return [] if was == now else [path]


def assert_nothing_lost_in_silence(asked: Questionnaire) -> None:
    """Every difference after writing and reading lies in what was said to be lost."""
    result = write_lss(asked)
    ours = asked.as_document()
    told = {loss.path for loss in result.lost}
    whole = {path.removesuffix("/type") for path in told if path.endswith("/type")}
    for path in differing(ours, read_lss(result.data).document):
        match = re.match(r"sections\[(\d+)\](?:\.questions\[(\d+)\])?\.?", path)
        assert match is not None or path in told, path
        if match is None:
            continue
        section = ours["sections"][int(match[1])]
        name = f"section {section['code']}"
        if match[2] is not None:
            name = f"question {section['questions'][int(match[2])]['code']}"
        place = f"{name}/{path[match.end() :]}"
        covered = name in whole or any(
            place == known or place.startswith((f"{known}.", f"{known}[")) for known in told
        )
        assert covered, f"{path} is different and not told: {told}"


PARTS = [
    single("s", "yes", "no", other={"code": "other", "label": {"en": "Something else"}}),
    single("drop", "a", "b", display="dropdown"),
    multiple("m", "first_choice", "second_choice", min_choices=1, max_choices=2, required=True),
    question("x", "matrix", cell="single", rows=options("r1", "r_2"),
             options=options("very_good", "poor")),
    question("k", "matrix", cell="number", rows=options("a", "b"), minimum=0, maximum=9.5,
             whole=True, unit={"en": "km"}),
    question("cells", "matrix", cell="number", rows=options("a", "b"), options=options("c", "d")),
    question("ticks", "matrix", cell="multiple", rows=options("a"), options=options("c", "d")),
    question("words", "matrix", cell="text", rows=options("a"), max_length=40),
    question("rank", "ranking", options=options("a", "b", "c"), min_choices=2, required=True),
    question("n", "number", minimum=-1, maximum=10**6, unit={"en": "€"}),
    question("d", "date", minimum="2026-01-01", maximum="2030-12-31"),
    question("t", "short_text", max_length=80, help={"en": "Be brief"}),
    question("long", "long_text", required=True),
    question("up", "upload", accept=["pdf", "image"], max_files=3, max_megabytes=5),
    question("calc", "calculation", value="round(n / 2, 1)", display="text",
             title={"en": "Half is {{ calc }}"}),
    question("quiet", "calculation", value="if(s == 'yes', 'of course', 'rather not')"),
    question("info", "information", show_if="s == 'yes'"),
]  # fmt: skip


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part["code"])
def test_a_question_goes_there_and_back_unchanged(part: dict[str, Any]) -> None:
    asked = questionnaire(*(PARTS if part["code"] in ("calc", "quiet", "info") else [part]))
    assert again(asked) == asked.as_document()
    assert write_lss(asked).lost == []


SHOWN = [
    "s == 'yes'", "s != 'yes'", "not s == 'no'", "answered(s)", "not answered(n)", "s == 'other'",
    "'first_choice' in m", "not 'second_choice' in m", "count(m) >= 2", "answered(m)",
    "x.r1 == 'very_good'", "x.r_2 != 'poor'", "answered(x)", "answered(x.r1)",
    "n > 5", "n <= 0", "n != 3", "n >= 0 and n < 10", "-n < 3", "abs(n) > 2", "number(t) < 7",
    "n == k.a", "n != k.a", "sum(k) > 5", "sum(n, k.a, 3) == 4", "min(k) < max(k.b, 2)",
    "cells.a.c == 7", "'c' in ticks.a", "t == 'abc'", "t != 'say \"x\"'", "length(t) > 3",
    "lower(t) == 'abc'", "matches(t, '^[a-z]{2,3}\\\\d/$')", "d > '2026-06-01'", "year(d) == 2027",
    "d >= today()", "rank(rank, 'b') == 1", "calc > 3", "quiet == 'of course'",
    "s == 'yes' or n > 3 and not (t == 'abc' or answered(d))", "shown(info)", "false",
    "if(s == 'yes', n, 0) > 4", "round(n, 2) == 1.25", "count(k) == 2", "words.a == 'x'",
    "answered(s_other)", "s_other == 'mine'", "n - 1 > k.a * 2", "floor(n / 3) == 2",
]  # fmt: skip


@pytest.mark.parametrize("condition", SHOWN)
def test_a_condition_goes_there_and_back_unchanged(condition: str) -> None:
    asked = questionnaire(*PARTS, question("last", "short_text", show_if=condition))
    told = [loss for loss in write_lss(asked).lost if "last" in loss.path]
    back = parse_definition(again(asked)).by_code["last"]
    assert (str(back.show_if), told) == (str(asked.by_code["last"].show_if), [])


@pytest.mark.parametrize(
    "condition", ["rank(rank, 'b') < 3", "'a' in rank", "days(d, today()) > 3", "shown(x)"]
)
def test_a_condition_that_limesurvey_cannot_say_is_listed(condition: str) -> None:
    told = lost(*PARTS, question("last", "short_text", show_if=condition))
    assert told == {"question last/show_if": "condition"}


@pytest.mark.parametrize(
    "text",
    [
        "You said {{ s }}.", "{{ m }}", "{{ rank }} or {{ n }}", "On {{ d }}", "{{ k.a }} {a}",
        "{{ if(n > 3, 'many', 'few') }}", "{{ upper(t) }}!",
        "a < b & c", "First\nSecond", "Braces { a } {b} {{ '{{' }} c", "{{ round(calc, 1) }} %",
        "{{ s_other }}", "{{ quiet }}", 'He said "no" & \'yes\'', "]]> <b>not bold</b>",
    ],
)  # fmt: skip
def test_a_text_goes_there_and_back_unchanged(text: str) -> None:
    asked = questionnaire(*PARTS, question("last", "information", title={"en": text}))
    back = parse_definition(again(asked))
    assert write_lss(asked).lost == []
    answers = {"s": "other", "s_other": "mine", "m": ["second_choice"], "n": 5, "t": "Abc",
               "rank": ["b", "a"], "d": "2026-11-22", "k": {"a": 1}}  # fmt: skip
    said = [route(q, answers).text(q.by_code["last"].title, "en") for q in (asked, back)]
    assert said[0] == said[1]


def test_rules_become_limits_or_one_equation() -> None:
    asked = questionnaire(
        question("a", "number"),
        question("n", "number", rules=[
            {"check": "not n > a", "message": {"en": "At most {{ a }}."}},
            {"check": "n != 13", "message": {"en": "Not thirteen."}},
            {"check": "n - 1 > a * 2 or n < 3", "message": {"en": "Not between."}},
        ]),
        question("k", "matrix", cell="number", rows=options("x", "y"), rules=[
            {"check": "not sum(k) != 100", "message": {"en": "The sum must be exactly 100."}}]),
        question("t", rules=[
            {"check": "matches(t, '^a')",
             "message": {"en": "The answer does not have the expected form."}}]),
        multiple("m", "x", "y", required_if="a > 0", rules=[
            {"check": "not count(m) < a", "message": {"en": "At least {{ a }} answers."}}]),
    )  # fmt: skip
    result = write_lss(asked)
    assert result.lost == []
    assert again(asked) == asked.as_document()
    n, k, t, m = read_file(result.data).groups[0].questions[1:]
    assert n.attribute("max_num_value_n") == "a.NAOK"
    assert n.attribute("em_validation_q") == (
        "(!is_empty(n.NAOK) and n.NAOK != 13) and (((n.NAOK - 1) > (a.NAOK * 2)) or (n.NAOK < 3))"
    )
    assert n.attribute("em_validation_q_tip") == "Not thirteen.<br />Not between."
    assert k.attribute("equals_num_value") == "100"
    assert t.fields["preg"] == "/^a/"
    assert m.attribute("min_answers") == "a.NAOK"


def test_filtered_options_become_array_filters() -> None:
    def shown(condition: str) -> list[dict[str, Any]]:
        return [o | {"show_if": condition.format(o["code"])} for o in options("a", "b")]

    asked = questionnaire(
        multiple("m", "a", "b"),
        multiple("l", "a", "b"),
        question("s", "single_choice", options=shown("'{0}' in m")),
        question("e", "ranking", options=shown("not '{0}' in m")),
        question("both", "single_choice", options=shown("'{0}' in m and not '{0}' in l")),
        question("rows", "matrix", cell="single", rows=shown("'a' in m"), options=options("c")),
        question("no", "single_choice", options=shown("'a' in m")),
    )
    result = write_lss(asked)
    by_code = {q.code: q for q in read_file(result.data).groups[0].questions}
    assert by_code["s"].attribute("array_filter") == "m"
    assert by_code["e"].attribute("array_filter_exclude") == "m"
    assert by_code["both"].attribute("array_filter") == "m"
    assert by_code["both"].attribute("array_filter_exclude") == "l"
    assert [sub.relevance for sub in by_code["rows"].subquestions] == ['m_a.NAOK == "Y"'] * 2
    assert {loss.path for loss in result.lost} == {
        "question no/options[0].show_if", "question no/options[1].show_if",
    }  # fmt: skip
    back = again(asked)["sections"][0]["questions"]
    assert back[:-1] == asked.as_document()["sections"][0]["questions"][:-1]


def test_codes_that_limesurvey_refuses_are_changed_there_and_come_back() -> None:
    asked = questionnaire(
        single("a_long_question_code_with_marks", "strongly_agree", "strongly_disagree"),
        question("x", "matrix", cell="single", rows=options("r_1", "r1"), options=options("1")),
        question("then", show_if="a_long_question_code_with_marks == 'strongly_agree'"),
    )
    data = write_lss(asked).data
    groups = read_file(data).groups
    for theirs in [q for group in groups for q in group.questions]:
        assert re.fullmatch(r"[A-Za-z][A-Za-z0-9]{0,19}", theirs.code)
        assert all(re.fullmatch(r"[A-Za-z0-9]{1,5}", answer.code) for answer in theirs.answers)
        assert all(re.fullmatch(r"[A-Za-z0-9]{1,20}", sub.code) for sub in theirs.subquestions)
    assert again(asked) == asked.as_document()
    # LimeSurvey itself does not keep the table with our codes.
    plain = re.sub(rb"<waymark_codes>.*</waymark_codes>", b"", data, flags=re.DOTALL)
    first, _, then = read_lss(plain).document["sections"][0]["questions"]
    assert [o["code"] for o in first["options"]] == ["A1", "A2"]
    assert then["show_if"] == f"{first['code']} == 'A1'"


def test_all_languages_and_the_layout_are_written() -> None:
    asked = parse_definition(
        document(
            question("q", title={"el": "Ερώτηση", "de-AT": "Frage", "en": "Question"},
                     help={"el": "Βοήθεια"}),
            languages=["el", "de-AT", "en"], layout="one_page", title={"el": "Έρευνα"},
            description={"el": "Μία γραμμή\nκαι άλλη", "en": "One line\nand another"},
            sections=[],
        ) | {"sections": [{
            "code": "only", "title": {"el": "Μόνο"}, "text": {"el": "Κείμενο"},
            "questions": [question("q", title={"el": "Ερώτηση", "de-AT": "Frage"})]}]}
    )  # fmt: skip
    result = write_lss(asked)
    assert (again(asked), result.lost) == (asked.as_document(), [])
    root = fromstring(result.data)
    assert root.findtext("LimeSurveyDocType") == "Survey"
    assert [e.text for e in root.findall("languages/language")] == ["el", "de-AT", "en"]
    assert root.findtext("surveys/rows/row/format") == "A"


def test_every_type_is_carried_or_said_to_become_another() -> None:
    asked = parse_definition(every_question.definition())
    assert_nothing_lost_in_silence(asked)
    became = {loss.what for loss in write_lss(asked).lost if loss.path.endswith("/type")}
    assert became == {
        "rating", "year", "quarter", "points", "budget", "consent", "statements",
        "milestone_priorities", "milestone_years", "milestone_proposals", "dependencies",
        "paragraph_comments",
    }  # fmt: skip


def test_our_own_json_loses_nothing() -> None:
    asked = parse_definition(every_question.definition())
    result = export_questionnaire(asked, "json")
    assert result.lost == []
    assert {"json", "lss"} <= set(EXPORT_FORMATS)


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10**6))
def test_nothing_is_lost_in_silence(seed: int) -> None:
    assert_nothing_lost_in_silence(parse_definition(random_definition(random.Random(seed))))


PLAIN = questionnaire(*PARTS)
leaves = st.sampled_from(SHOWN)
conditions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        inner.map(lambda a: f"not ({a})"),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]}) and ({pair[1]})"),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]}) or ({pair[1]})"),
    ),
    max_leaves=5,
)


@settings(max_examples=8, deadline=None)
@given(conditions, st.integers(0, 10**6))
def test_any_condition_means_the_same_when_it_comes_back(condition: str, seed: int) -> None:
    asked = questionnaire(*PARTS, question("last", "short_text", show_if=condition))
    assert_nothing_lost_in_silence(asked)
    back = parse_definition(again(asked))
    chance = random.Random(seed)
    for _ in range(5):
        answers = random_answers(chance, PLAIN.questions)
        assert route(asked, answers).shows("last") == route(back, answers).shows("last")


labels = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=40
)


@settings(max_examples=40, deadline=None)
@given(labels)
def test_any_text_comes_back_or_is_listed(label: str) -> None:
    if not label.strip() or "{{" in label:
        return
    asked = questionnaire(
        question("q", title={"en": label}, help={"en": f"x{label}"}),
        single("s", "a") | {"options": [{"code": "a", "label": {"en": f"{label}x"}}]},
    )
    assert_nothing_lost_in_silence(asked)


def test_hostile_texts_stay_text() -> None:
    hostile = "<script>alert(1)</script> &amp; ]]> {TOKEN:EMAIL} <img src=x onerror=alert(1)>"
    asked = questionnaire(question("q", title={"en": hostile}))
    data = write_lss(asked).data
    assert b"<script>" not in data
    assert again(asked) == asked.as_document()


def test_the_conditions_used_here_hold_together() -> None:
    scope = QuestionScope([*PLAIN.questions])
    for condition in SHOWN:
        try:
            assert check_condition(parse_expression(condition), scope) == []
        except InvalidExpression as refused:
            pytest.fail(f"{condition}: {refused.message}")
