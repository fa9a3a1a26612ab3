"""Texts with answers in them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.text import LocalizedText
from surveys.errors import InvalidQuestionnaire
from surveys.language.expressions import InvalidExpression, Literal, Reference
from surveys.language.piping import MAX_PLACES, check_text, parse_text, text_references
from surveys.routing import route
from surveys.scope import QuestionScope
from tests.questionnaires.build import multiple, options, question, questionnaire, single

FRENCH = {"en": "Label {}", "fr": "Choix {}"}
ASKED = questionnaire(
    question(
        "one", "single_choice", title={"en": "One"},
        options=[
            {"code": code, "label": {lang: text.format(code) for lang, text in FRENCH.items()}}
            for code in ("a", "b")
        ],
    ),
    multiple("many", "x", "y", "z"),
    question("num", "number"),
    question("day", "date"),
    question("words"),
    question("grade", "rating", no_opinion={"en": "I cannot say", "fr": "Sans avis"}),
    question("agree", "consent", purpose="news", version="1"),
    question("files", "upload", max_files=3),
    question("calc", "calculation", value="join(one, '/', num + 1)"),
    # What refers to them, so that they are read.
    question(
        "all",
        title={"en": "{{ one }}{{ many }}{{ num }}{{ day }}{{ words }}{{ grade }}{{ files }}"},
    ),
    languages=["en", "fr"],
)  # fmt: skip
SCOPE = QuestionScope(ASKED.questions)
ANSWERS = {
    "one": "b", "many": ["z", "x"], "num": 3.0, "day": "2026-11-22", "words": "<b>&amp; {{ one }}",
    "grade": "no_opinion",
    "files": [{"name": "a.pdf"}, {"name": "b.png"}],
}  # fmt: skip


def said(text: str, language: str = "en", answers: dict = ANSWERS) -> str:
    return route(ASKED, answers).text(LocalizedText({language: text}), language)


@pytest.mark.parametrize(
    "text, expected",
    [
        ("You said {{ one }}.", "You said Label b."),
        ("{{one}}{{ one }}", "Label bLabel b"),
        ("{{ many }}", "Label z, Label x"),
        ("{{ num }} {{ num / 2 }} {{ num * 1000000 }}", "3 1.5 3000000"),
        ("{{ day }}", "22 November 2026"),
        ("{{ grade }}", "I cannot say"),
        ("{{ files }}", "a.pdf, b.png"),
        # What a person wrote is text: neither markup nor another place to fill in.
        ("{{ words }}", "<b>&amp; {{ one }}"),
        ("{{ calc }}", "Label b/4"),
        ("{{ if(num > 2, 'many', 'few') }} people", "many people"),
        ("{{ if(num > 2, one, one) }}", "Label b"),
        ("{ one } {{ '{{' }} one }}", "{ one } {{ one }}"),
        ("{{ '}}' }}{{ '\\'}}' }}", "}}'}}"),
        ("100 % {", "100 % {"),
        ("", ""),
    ],
)
def test_a_text_is_filled_in(text: str, expected: str) -> None:
    assert said(text) == expected


def test_options_are_said_in_the_language_of_the_text() -> None:
    assert said("« {{ one }} », {{ day }}", "fr") == "« Choix b », 22 novembre 2026"
    assert said("{{ calc }} {{ grade }}", "fr") == "Choix b/4 Sans avis"
    english_only = LocalizedText({"en": "{{ one }}"})
    assert route(ASKED, ANSWERS).text(english_only, "fr") == "Label b"
    # Whoever asks first, the others get their own language.
    taken = route(ASKED, ANSWERS)
    assert [
        taken.text(LocalizedText({lang: "{{ calc }}"}), lang) for lang in ("fr", "en", "fr")
    ] == ["Choix b/4", "Label b/4", "Choix b/4"]
    assert taken.values["calc"] == "Label b/4"


def test_what_is_not_answered_is_said_with_nothing() -> None:
    everything = "[{{ one }}{{ many }}{{ num }}{{ day }}{{ words }}{{ grade }}{{ files }}]"
    assert said(everything, answers={}) == "[]"
    assert said("{{ one }}", answers={"one": "no such option"}) == "no such option"


@pytest.mark.parametrize(
    "text, reason",
    [
        ("You {{ one", "character 5: '{{' is not closed by '}}'"),
        ("{{ 'a }}", "character 1: '{{' is not closed by '}}'"),
        ("ab {{ one + }}", "character 13: expected a question, a value or '(', found the end"),
        ("{{ }}", "character 4: expected a question"),
        ("ab {{ one two }}", "character 11: expected the end, found 'two'"),
        ("{{ nowhere }}", "there is no question nowhere"),
        ("{{ agree }}", "agree is true or false and cannot be said in a text"),
        ("{{ num == 3 }}", "is true or false and cannot be said in a text; if(…, 'yes', 'no')"),
        ("{{ one }}" * (MAX_PLACES + 1), "more than 100 places"),
    ],
)
def test_what_cannot_be_filled_in_is_refused(text: str, reason: str) -> None:
    assert reason in check_text(text, SCOPE)[0]
    with pytest.raises(InvalidQuestionnaire) as refused:
        questionnaire(*[question(c, title={"en": "t"}) for c in ("one", "num")],
                      question("last", title={"en": text}))  # fmt: skip
    assert refused.value.problems[0][0] == "sections[0].questions[2].title.en"


def test_a_text_is_taken_apart() -> None:
    assert parse_text("a {{ Q1 }}{{ 'b' }} c") == ("a ", Reference("Q1"), Literal("b"), " c")
    assert [str(found) for found in text_references("{{ Q1 }} {{ Q2.r1 + Q1 }}")] == [
        "Q1", "Q2.r1", "Q1",
    ]  # fmt: skip
    assert list(text_references("{{ broken")) == []


def test_labels_that_name_each_other_come_to_an_end() -> None:
    asked = questionnaire(
        question(
            "loop", "multiple_choice",
            options=[{"code": c, "label": {"en": f"{c}{{{{ loop }}}}"}} for c in ("a", "b")],
        ),
        single("start", "x"),
        question(
            "piped", "single_choice",
            options=[{"code": "y", "label": {"en": "after {{ start }}"}}],
        ),
        question("last", title={"en": "{{ loop }}; {{ piped }}"}),
    )  # fmt: skip
    taken = route(asked, {"loop": ["a", "b"], "start": "x", "piped": "y"})
    text = taken.text(asked.by_code["last"].title, "en")
    assert text.endswith("; after Label x")
    assert len(text) < 1000


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="{} 'Qa1\\,()+", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        pieces = parse_text(text)
    except InvalidExpression:
        return
    if "{{" not in text:
        assert "".join(str(piece) for piece in pieces) == text


def test_option_and_row_labels_are_filled_in_too() -> None:
    asked = questionnaire(
        question("name"),
        question(
            "grid", "matrix", cell="single", options=options("x"),
            rows=[{"code": "r1", "label": {"en": "Dear {{ name }}"}}],
        ),
    )  # fmt: skip
    label = asked.by_code["grid"].rows[0].label
    assert route(asked, {"name": "Ada"}).text(label, "en") == "Dear Ada"
