"""`flask surveys route`: what is asked for given answers, without a browser."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy.orm import Session

from core.audit import OPERATOR
from core.text import LocalizedText
from surveys.consultations import add_version, create_consultation, publish_version
from surveys.models import Consultation
from tests.questionnaires.build import document, options, question, single

FIRST = document(single("Q1", "yes", "no"))
SECOND = document(
    single("Q1", "yes", "no", title={"en": "Are you a member?", "fr": "Êtes-vous membre ?"}),
    question(
        "Q2", "number", required=True, show_if="Q1 == 'yes'",
        title={"en": "{{ Q1 }}: since how many years?", "fr": "{{ Q1 }} : depuis combien d’ans ?"},
        rules=[{"check": "Q2 < 100",
                "message": {"en": "Not {{ Q2 }} years.", "fr": "Pas {{ Q2 }} ans."}}],
    ),
    question("Q3", "matrix", cell="single", options=options("x", "y"), rows=[
        {"code": "a", "label": {"en": "Row A"}},
        {"code": "b", "label": {"en": "Row B ({{ Q2 }})"}, "show_if": "Q2 > 3"},
    ]),
    question("double", "calculation", value="Q2 * 2"),
    languages=["en", "fr"],
)  # fmt: skip


@pytest.fixture
def consultation(web_session: Session, now: datetime) -> Consultation:
    made = create_consultation(
        web_session, slug="networks", title=LocalizedText.of("Networks"), actor=OPERATOR, now=now
    )
    version = add_version(web_session, consultation=made, definition=FIRST, actor=OPERATOR, now=now)
    publish_version(web_session, consultation=made, version=version, actor=OPERATOR, now=now)
    add_version(web_session, consultation=made, definition=SECOND, actor=OPERATOR, now=now)
    web_session.commit()
    return made


def run(app: Flask, file: Path, *arguments: str, slug: str = "networks") -> Result:
    return app.test_cli_runner().invoke(
        args=["surveys", "route", slug, "--answers", str(file), *arguments]
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "answers.json"


def answer(app: Flask, file: Path, answers: dict[str, Any], *arguments: str) -> Any:
    file.write_text(json.dumps(answers), "utf-8")
    result = run(app, file, "--json", *arguments)
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


@pytest.mark.usefixtures("consultation")
def test_the_newest_version_is_tried_draft_or_not(app: Flask, file: Path) -> None:
    assert answer(app, file, {"Q1": "yes", "Q2": 4, "Q3": {"a": "x"}}) == {
        "shown": ["Q1", "Q2", "Q3", "Q3.a", "Q3.b"],
        "hidden": ["double"],
        "texts": {
            "Q1": "Are you a member?",
            "Q2": "Label yes: since how many years?",
            "Q3": "Question Q3",
            "Q3.a": "Row A",
            "Q3.b": "Row B (4)",
        },
        "errors": [],
    }


@pytest.mark.usefixtures("consultation")
def test_errors_are_those_of_a_submission(app: Flask, file: Path) -> None:
    found = answer(app, file, {"Q1": "yes", "Q3": {"a": "z"}, "Q9": 1})
    assert found["errors"] == [
        {"code": "Q9", "message": "There is no such question."},
        {"code": "Q2", "message": "This question needs an answer."},
        {"code": "Q3.a", "message": "There is no option “z”."},
    ]
    # What cannot be reached is left out of a submission and wrong in no way.
    assert answer(app, file, {"Q1": "no", "Q2": "many", "Q3": {"b": "x"}})["errors"] == []


@pytest.mark.usefixtures("consultation")
def test_texts_and_messages_are_in_the_language_asked_for(app: Flask, file: Path) -> None:
    found = answer(app, file, {"Q1": "yes", "Q2": 150}, "--language", "fr")
    assert found["texts"]["Q2"] == "Label yes : depuis combien d’ans ?"
    assert found["texts"]["Q3.b"] == "Row B (150)"
    assert found["errors"] == [{"code": "Q2", "message": "Pas 150 ans."}]
    found = answer(app, file, {"Q1": "yes"}, "--language", "fr")
    assert found["errors"] == [{"code": "Q2", "message": "Cette question demande une réponse."}]


@pytest.mark.usefixtures("consultation")
def test_a_language_that_is_not_there_is_said_beside_the_result(app: Flask, file: Path) -> None:
    file.write_text("{}")
    result = run(app, file, "--json", "--language", "mt")
    assert json.loads(result.stdout)["texts"]["Q1"] == "Are you a member?"
    assert "has no mt; its texts are in en" in result.stderr


@pytest.mark.usefixtures("consultation")
def test_another_version_can_be_tried(app: Flask, file: Path) -> None:
    assert answer(app, file, {}, "--version", "1")["shown"] == ["Q1"]
    result = run(app, file, "--version", "3")
    assert result.exit_code == 1
    assert "has no version 3" in result.stderr


@pytest.mark.usefixtures("consultation")
def test_people_get_a_table(app: Flask, file: Path) -> None:
    file.write_text('{"Q1": "yes", "Q2": 200}')
    result = run(app, file)
    assert result.exit_code == 0
    assert "networks: 5 asked, 1 hidden" in result.stdout
    assert "  Q2    Label yes: since how many years?" in result.stdout
    assert "Hidden: double" in result.stdout
    assert "  Q2: Not 200 years." in result.stdout
    file.write_text("{}")
    assert "could be submitted" in run(app, file).stdout


@pytest.mark.usefixtures("consultation")
@pytest.mark.parametrize(
    "content, reason",
    [
        (b'{"Q1": ', "not JSON: line 1, column 8"),
        (b"", "not JSON: line 1, column 1"),
        (b'["Q1"]', "not an object by question code"),
        (b"null", "not an object by question code"),
        (b'{"Q1": "\xff"}', "not UTF-8 text (byte 9)"),
        (b'{"Q1": "\\ud800"}', "half of a character pair"),
        (b"[" * 100_000, "nested too deep"),
        (b'{"Q1": ' + b"9" * 10_000 + b"}", "a number that is too long"),
    ],
)
def test_answers_that_cannot_be_read_are_refused(
    app: Flask, file: Path, content: bytes, reason: str
) -> None:
    file.write_bytes(content)
    result = run(app, file, "--json")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert reason in result.stderr


@pytest.mark.usefixtures("consultation")
def test_what_is_not_there_is_refused(app: Flask, file: Path, tmp_path: Path) -> None:
    assert run(app, file, "--json").exit_code == 1
    assert "answers.json cannot be used" in run(app, file).stderr
    assert run(app, tmp_path).exit_code == 1
    file.write_text("{}")
    result = run(app, file, "--json", slug="nowhere")
    assert result.exit_code == 1
    assert "There is no consultation named nowhere" in result.stderr


def test_a_consultation_without_a_questionnaire_is_refused(
    app: Flask, file: Path, web_session: Session, now: datetime
) -> None:
    create_consultation(
        web_session, slug="empty", title=LocalizedText.of("Empty"), actor=OPERATOR, now=now
    )
    web_session.commit()
    file.write_text("{}")
    result = run(app, file, slug="empty")
    assert result.exit_code == 1
    assert "has no questionnaire yet" in result.stderr


@pytest.mark.usefixtures("consultation")
def test_answers_may_come_through_a_pipe(app: Flask) -> None:
    result = app.test_cli_runner().invoke(
        args=["surveys", "route", "networks", "--answers", "-", "--json"], input='{"Q1": "no"}'
    )
    assert json.loads(result.stdout)["shown"] == ["Q1", "Q3", "Q3.a"]
