"""What LimeSurvey does with answers, by its manual, and what an imported survey does here.

Each case names the page of the manual ("Expression Manager", "Question settings") or the function
of its evaluator (application/helpers/expressions) that says so.
"""

from datetime import date
from typing import Any

import pytest

from surveys.definition import parse_definition
from surveys.formats.lss.reading import read_lss
from surveys.questionnaire import Questionnaire
from surveys.routing import route
from surveys.validation import validate
from tests.questionnaires.lss_writer import G, Q, lss

SUBS = {"a": "Apples", "b": "Bread", "c": "Cheese"}
LEVELS = {"1": "Low", "2": "Middle", "10": "High"}
ASKED = [
    Q("name", "S"), Q("num", "N"), Q("num2", "N"),
    Q("one", "L", "How much?", answers=LEVELS, other="Y"),
    Q("many", "M", "Which of these, {name}?", subs=SUBS, other="Y"),
    Q("nums", "K", subs=SUBS), Q("texts", "Q", subs=SUBS),
    Q("rate", "A", "Rate", subs=SUBS), Q("order", "R", answers=LEVELS),
    Q("day", "D"), Q("file", "|"),
    Q("adult", "Y", relevance="num >= 18"), Q("job", "S", relevance='adult == "Y"'),
    Q("bmi", "*", "{round(num / 3, 1)}", attributes={"hidden": "1"}),
    Q("grade", "*", "{if(num > 5, 'high', 'low')}", relevance="!is_empty(num)"),
]  # fmt: skip


def asked(*more: Q, languages: tuple[str, ...] = ("en",)) -> Questionnaire:
    imported = read_lss(lss(G(ASKED), G(list(more)), languages=languages))
    lost = [loss for loss in imported.lost if "Only those who answer" not in loss.why]
    assert not [loss for loss in lost if loss.path.startswith("group 2")], lost
    return parse_definition(imported.document)


EMPTY: dict[str, Any] = {}
FULL: dict[str, Any] = {
    "name": "Ana", "num": 20, "num2": 4, "one": "10", "many": ["a", "other"],
    "many_other": "Dates", "nums": {"a": 1, "b": 2.5}, "texts": {"a": "x", "b": "yy"},
    "rate": {"a": "5", "b": "5", "c": "2"}, "order": ["10", "1"], "day": "2026-11-22",
    "adult": "Y", "job": "Baker",
}  # fmt: skip


@pytest.mark.parametrize(
    "expression, answers, holds",
    [
        # Expression Manager, "Values of unanswered questions": the empty text.
        ('name == ""', EMPTY, True),
        ("num > 0", EMPTY, False),
        ('num != ""', EMPTY, False),
        # RDP_EvaluateBinary: numbers compare as numbers, quoted ones with answers as texts.
        ("one > 9", FULL, True),
        ('one > "9"', FULL, False),
        ("num == '20'", FULL, True),
        # getMismatchInformation: a number and another text have no order; two texts do.
        ('one < "A"', FULL, False),
        ('one > "A"', FULL, False),
        ('one <= "A"', EMPTY, True),
        ('one >= ""', EMPTY, True),
        ('one <= ""', EMPTY, True),
        ('adult > "X"', FULL, True),
        ('adult >= "Z"', FULL, False),
        ("adult < 5", FULL, False),
        ("one == 10.0", FULL, True),
        # RDP_EvaluateBinary, <= and >=: an empty text counts as 0 in them.
        ("num <= 0", EMPTY, True),
        # "Syntax": eq, ne, lt, le, gt, ge, and, or, not; ! binds tightest.
        ("num ge 20 and not (num2 gt 5)", FULL, True),
        ("!is_empty(name) && num2 lt 5 || false", FULL, True),
        # "Access to variables": .NAOK of what is not relevant is empty; without it, false.
        ("is_empty(job.NAOK)", EMPTY, True),
        ("is_empty(job)", EMPTY, False),
        ('job != "Baker"', EMPTY, False),
        ('job.NAOK != "Baker"', EMPTY, True),
        ("adult.relevanceStatus", FULL, True),
        ("adult.relevanceStatus == 1", EMPTY, False),
        # "Usage of functions": count, sum, countif, countifop, sumifop, unique.
        ("count(that.many) == 2", FULL, True),
        ("count(many_a, many_b, many_c) == 1", FULL, True),
        ("count(that.nums.NAOK) == 2", FULL, True),
        ("sum(that.nums.NAOK) == 3.5", FULL, True),
        ("sum(num, nums_c) == 20", FULL, True),
        ("countif(5, that.rate) == 2", FULL, True),
        ("countifop('<', 3, that.rate) == 1", FULL, True),
        ("countifop('RX', '/^y/', that.texts) == 1", FULL, True),
        ("sumifop('>', 1, that.nums) == 2.5", FULL, True),
        ("unique(that.nums)", FULL, True),
        ("unique(that.rate)", FULL, False),
        ("strlen(name) == 3", FULL, True),
        ("strlen(name) == 0", EMPTY, True),
        ("regexMatch('/^a/i', name)", FULL, True),
        ("intval(nums_b) == 2", FULL, True),
        ("round(num2 / 3, 2) == 1.33", FULL, True),
        ("ceil(nums_b) + floor(nums_b) == 5", FULL, True),
        ("max(num, num2) - min(num, num2) == 16", FULL, True),
        ("abs(num2 - num) == 16", FULL, True),
        ("pow(num2, 2) == 16", FULL, True),
        ("strtoupper(name) == 'ANA'", FULL, True),
        ("trim(name) == 'Ana'", FULL, True),
        ('if(num > 10, "big", "small") == "big"', FULL, True),
        ("if(num > 10, num2, 0) == 4", FULL, True),
        ('implode("-", name, num) == "Ana-20"', FULL, True),
        ('"Hello " + name == "Hello Ana"', FULL, True),
        # Question type "Ranking": code_1 is what stands first.
        ('order_1 == "10" and order_2 == 1', FULL, True),
        ("is_empty(order_3)", FULL, True),
        ("count(that.order) == 2", FULL, True),
        # Multiple choice: ticked is "Y"; "other" holds its text.
        ('many_a == "Y" and many_b != "Y"', FULL, True),
        ('many_other == "Dates"', FULL, True),
        ("that.many.sq_a == ''", EMPTY, True),
        ('that.many.sq_a == "Y"', FULL, True),
        ("that.nums == ''", None, None),
        # "Access to variables": sq_X are alternatives, nosq_X leaves out.
        ("count(that.nums.sq_a.sq_b) == 2", FULL, True),
        ("count(that.nums.nosq_a) == 1", FULL, True),
        # "Access to variables": what LimeSurvey says of a question without its answer.
        ("num.qseq == 1 and num2.gseq == 0", EMPTY, True),
        ("job.grelevance == '1' and name.jsName == 'java77X1X10'", EMPTY, True),
        # "Functions": join() puts nothing between, implode() its first argument.
        ('join(name, "-", num2) == "Ana-4"', FULL, True),
        ('implode("+", name, num2) == "Ana+4"', FULL, True),
        # Dates compare by the calendar; today by date("Y-m-d").
        ('day >= "2026-01-01"', FULL, True),
        ('day <= date("Y-m-d")', FULL, True),
        ('date("Y", strtotime(day)) == 2026', FULL, True),
        # Files: code_filecount.
        ("file_filecount == 0", EMPTY, True),
        # Equations: what is hidden on the page is relevant all the same.
        ("bmi == 6.7", FULL, True),
        ("bmi.relevanceStatus", EMPTY, True),
        ('grade == "high"', FULL, True),
        ('grade == "low"', EMPTY, False),
        # .value is the code where answers are not scored; .type, .qid and the like are fixed.
        ("one.value == 10", FULL, True),
        ("one.type == 'L'", EMPTY, True),
        ("is_numeric(name)", FULL, False),
        ("is_int(num2) and is_float(nums_b)", FULL, True),
    ],
)
def test_a_relevance_holds(expression: str, answers: Any, holds: bool | None) -> None:
    if answers is None:
        imported = read_lss(lss(G(ASKED), G([Q("last", "T", relevance=expression)])))
        assert imported.conditions_carried == imported.conditions_found - 1
        return
    survey = asked(Q("last", "T", relevance=expression))
    assert route(survey, answers, today=date(2026, 11, 23)).shows("last") is holds


@pytest.mark.parametrize(
    "text, said",
    [
        ("Hello {name}!", "Hello Ana!"),
        ("{one}, shown {one.shown}, value {one.value}", "10, shown High, value 10"),
        ("{many_a}{many_b} {many_a.shown}", "Y Apples"),
        ("{list(that.many.shown)}", "Apples, Other"),
        ("{rate_a.question} is {rate_a}", "Rate: Apples is 5"),
        ("{one.question} {one.qid}/{one.gid}/{one.type}", "How much? 40/1/L"),
        ("{many.question}", None),
        ("{order_1.shown} before {order_2.shown}{order_3.shown}", "High before Low"),
        ("{num + 1} {num * num2} {num / num2}", "21 80 5"),
        ("{if(adult == 'Y', 'grown up', 'young')}", "grown up"),
        ("{if(is_empty(nums_c), '', nums_c)}", ""),
        ("{implode(', ', name, job)}", "Ana, Baker"),
        ("{list(texts_a, texts_b, texts_c)}", "x, yy"),
        ("{sum(that.nums)} {max(that.nums)} {count(that.nums)}", "3.5 2.5 2"),
        ("{num > 5}{num < 5}", "1"),
        ("{bmi} {grade.NAOK}", "6.7 high"),
        ("{ not an expression }", "{ not an expression }"),
        ("<b>{name}</b> &lt;{if(num &gt; 5, '<i>many</i>', 'few')}&gt;", "Ana <many>"),
        ("{INSERTANS:77X1X10} {77X1X20}", "Ana 20"),
    ],
)
def test_an_answer_is_inserted(text: str, said: str | None) -> None:
    if said is None:
        imported = read_lss(lss(G(ASKED), G([Q("last", "X", text)])))
        assert imported.expressions["tailoring"] == (3, 2)
        assert [loss.what for loss in imported.lost] == [text]
        return
    survey = asked(Q("last", "X", text))
    assert route(survey, FULL).text(survey.by_code["last"].title, "en") == said


@pytest.mark.parametrize(
    "text, said",
    [
        # Without .NAOK, what needs an irrelevant answer is empty as a whole.
        ("[{if(job == 'Baker', 'bread', 'no bread')}]", "[]"),
        ("[{if(job.NAOK == 'Baker', 'bread', 'no bread')}]", "[no bread]"),
        ("[{implode('', 'a', job)}]", "[]"),
        ("[{name}{num + 0}]", "[0]"),
    ],
)
def test_an_irrelevant_answer_is_inserted(text: str, said: str) -> None:
    survey = asked(Q("last", "X", text))
    assert route(survey, EMPTY).text(survey.by_code["last"].title, "en") == said


def test_labels_are_inserted_in_the_language_that_is_read() -> None:
    data = lss(
        Q("m", "M", subs={"a": {"en": "Apples", "fr": "Pommes"}}),
        Q("r", "R", answers={"x": {"en": "Ex", "fr": "Iks"}}),
        Q("t", "X", {"en": "You: {m_a.shown} {r_1.shown}", "fr": "Vous : {m_a.shown} {r_1.shown}"}),
        languages=("en", "fr"),
    )
    survey = parse_definition(read_lss(data).document)
    taken = route(survey, {"m": ["a"], "r": ["x"]})
    title = survey.by_code["t"].title
    assert taken.text(title, "en") == "You: Apples Ex"
    assert taken.text(title, "fr") == "Vous : Pommes Iks"


def problems(survey: Questionnaire, **answers: Any) -> list[tuple[str, str]]:
    found = validate(survey, answers, complete=True, language="en")
    return [(p.code, str(p.params.get("message", p.message_code))) for p in found]


@pytest.mark.parametrize(
    "question, good, bad, message",
    [
        # Question settings: minimum and maximum value, also as an equation.
        (Q("q", "N", attributes={"min_num_value_n": "num"}), 7, 3, "At least 5."),
        (Q("q", "N", attributes={"max_num_value_n": "num * 2"}), 9, 11, "At most 10."),
        (Q("q", "K", subs=SUBS, attributes={"max_num_value_n": "num"}),
         {"a": 5}, {"a": 1, "b": 6}, "At most 5."),
        # Sums over several numbers.
        (Q("q", "K", subs=SUBS, attributes={"equals_num_value": "100"}),
         {"a": 60, "b": 40}, {"a": 60}, "The sum must be exactly 100."),
        (Q("q", "K", subs=SUBS, attributes={"min_num_value": "num"}),
         {"a": 2, "b": 3}, {"a": 4}, "The sum must be at least 5."),
        # Minimum and maximum answers, by an equation and in arrays.
        (Q("q", "M", subs=SUBS, attributes={"max_answers": "num - 3"}),
         ["a", "b"], ["a", "b", "c"], "At most 2 answers."),
        (Q("q", "Q", subs=SUBS, attributes={"min_answers": "2"}),
         {"a": "x", "b": "y"}, {"a": "x"}, "At least 2 answers."),
        # Validation by a pattern.
        (Q("q", "S", preg="/^[a-z]+$/i"), "Abc", "a1",
         "The answer does not have the expected form."),
        (Q("q", "Q", subs=SUBS, preg="#^\\d{3}$#"), {"a": "123"}, {"a": "123", "c": "x"},
         "The answer does not have the expected form."),
        # em_validation_q with self, em_validation_sq with this, each with a tip.
        (Q("q", "K", subs=SUBS, attributes={"em_validation_q": "sum(self.NAOK) > num",
           "em_validation_q_tip": {"en": "More than {num}!"}}),
         {"a": 3, "b": 3}, {"a": 1}, "More than 5!"),
        (Q("q", "N", attributes={"em_validation_q": "self != 13", "em_validation_q_tip": {
           "en": "Bad luck"}}), 12, 13, "Bad luck"),
        (Q("q", "K", subs=SUBS, attributes={"em_validation_sq": "is_empty(this) or this > 2",
           "em_validation_sq_tip": {"en": "Each above 2"}}),
         {"a": 3}, {"a": 3, "b": 1}, "Each above 2"),
        (Q("q", "S", attributes={"em_validation_q": "strlen(this) > 2"}), "abc", "a",
         "The answer does not have the expected form."),
        # Dates.
        (Q("q", "D", attributes={"date_max": "(date('Y-m-d'))"}), "2026-01-01", "2999-01-01",
         None),
    ],
)  # fmt: skip
def test_an_answer_is_validated(question: Q, good: Any, bad: Any, message: str | None) -> None:
    survey = asked(question)
    assert problems(survey, num=5, adult="N", q=good) == []
    [(code, said)] = problems(survey, num=5, adult="N", q=bad)
    assert code == "q"
    assert message is None or said == message


def test_a_limit_that_nobody_gave_is_none() -> None:
    survey = asked(Q("q", "N", attributes={"min_num_value_n": "num", "max_num_value_n": "num2"}))
    assert problems(survey, q=3) == []


def test_the_least_number_of_answers_asks_those_who_tick_nothing_too() -> None:
    survey = asked(Q("q", "M", subs=SUBS, attributes={"min_answers": "num2"}))
    assert problems(survey) == []
    assert problems(survey, num2=0) == []
    assert problems(survey, num2=1) == [("q", "answer.required")]


def test_an_exclusive_option_stands_alone() -> None:
    survey = asked(Q("q", "M", subs=SUBS, attributes={"exclude_all_others": "b;c"}))
    assert problems(survey, q=["a"]) == []
    assert problems(survey, q=["c"]) == []
    [(code, _)] = problems(survey, q=["a", "b"])
    assert code == "q"


def test_filters_cascade() -> None:
    survey = asked(
        Q("f", "M", subs=SUBS, other="Y",
          attributes={"array_filter": "many", "other_replace_text": {"en": "{many_other}"}}),
        Q("g", "L", answers=SUBS, attributes={"array_filter": "f"}),
        Q("h", "R", answers=SUBS, attributes={"array_filter": "many", "array_filter_exclude": "f"}),
    )  # fmt: skip
    taken = route(survey, FULL | {"f": ["a", "b"]})
    offered = {
        code: [o.code for o in survey.by_code[code].options if taken.shows_option(code, o.code)]
        for code in ("f", "g", "h")
    }
    # Bread is not offered in f, so what is left of it does not count in g.
    assert offered == {"f": ["a", "other"], "g": ["a"], "h": []}
    other = survey.by_code["f"].find_option("other")
    assert other is not None
    assert taken.text(other.label, "en") == "Dates"
    assert not taken.shows("f_other")
    assert route(survey, FULL | {"f": ["other"]}).shows("f_other")


def test_a_survey_shown_all_in_one_is_one_page() -> None:
    data = lss(Q("q", "N"), settings={"format": "A"})
    assert read_lss(data).document["layout"] == "one_page"
    assert "layout" not in read_lss(lss(Q("q", "N"), settings={"format": "G"})).document
    lost = read_lss(lss(Q("q", "N"), settings={"format": "S"})).lost
    assert [loss.path for loss in lost] == ["survey/setting format"]


def test_an_upload_keeps_its_limits() -> None:
    survey = asked(
        Q("u", "|", attributes={"allowed_filetypes": "pdf, docx", "max_num_of_files": "3",
          "max_filesize": "2048", "min_num_of_files": "1"}),
    )  # fmt: skip
    upload = survey.by_code["u"]
    assert (upload.accept, upload.max_files, upload.max_megabytes) == (("pdf", "document"), 3, 2)
    assert upload.required


def test_an_equation_may_come_from_an_attribute_and_from_languages() -> None:
    data = lss(
        Q("n", "N"),
        Q("e", "*", {"en": "Twice is {e}", "fr": "Le double est {e}"},
          attributes={"equation": "{n * 2}"}),
        languages=("en", "fr"),
    )  # fmt: skip
    survey = parse_definition(read_lss(data).document)
    assert str(survey.by_code["e"].value) == "n * 2"
    taken = route(survey, {"n": 4})
    assert taken.text(survey.by_code["e"].title, "fr") == "Le double est 8"
