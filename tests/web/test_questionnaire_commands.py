"""`flask surveys import`: what is read, what is lost, and that nothing is half-written."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from surveys.models import Consultation, QuestionnaireVersion
from tests.questionnaires.build import document, question
from tests.questionnaires.lss_writer import G, Q, lss

FEATURES = Path(__file__).parents[1] / "questionnaires"
SURVEY = lss(
    G([Q("q", "Y"), Q("r", "?", "Guess these", answers={"a": "A"})]),
    G([Q("t", "T", relevance='q == "Y"')], relevance="nowhere > 1"),
    languages=("en", "fr"),
)


def run(app: Flask, file: Path, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=["surveys", "import", str(file), *arguments])


def answer(app: Flask, file: Path, *arguments: str) -> Any:
    result = run(app, file, *arguments, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


@pytest.fixture
def survey_file(tmp_path: Path) -> Path:
    path = tmp_path / "survey.lss"
    path.write_bytes(SURVEY)
    return path


def test_a_limesurvey_export_is_imported_with_a_report(app: Flask, survey_file: Path) -> None:
    report = answer(app, survey_file, "--format", "lss", "--slug", "My Survey")
    assert report["slug"] == "my-survey"
    assert report["version"] == 1
    assert report["questions"] == 3
    assert report["languages"] == ["en", "fr"]
    assert report["conditions"] == {"found": 2, "carried": 1}
    assert report["expressions"] == {"relevance": {"found": 2, "carried": 1}}
    assert {"path": "group 1/question r", "kind": "question", "what": "Guess these",
            "why": "The question type “?” is not known."} in report["lost"]  # fmt: skip
    assert {loss["kind"] for loss in report["lost"]} == {"question", "condition", "text"}
    assert all(set(loss) == {"path", "kind", "what", "why"} for loss in report["lost"])


def test_the_format_is_guessed_and_people_get_words(app: Flask, survey_file: Path) -> None:
    result = run(app, survey_file, "--slug", "s")
    assert result.exit_code == 0
    assert "draft version 1 with 3 questions in en, fr" in result.stdout
    assert "question at group 1/question r: The question type “?” is not known." in result.stdout


def test_our_json_is_imported(app: Flask) -> None:
    report = answer(app, FEATURES / "conditions.json", "--slug", "s")
    assert report == {
        "slug": "s", "version": 1, "questions": 6, "languages": ["en"],
        "conditions": {"found": 7, "carried": 7}, "lost": [],
    }  # fmt: skip


@pytest.mark.parametrize(
    "name, data, code",
    [
        ("cut.lss", SURVEY[:-100], "surveys.unreadable_file"),
        ("plain.lss", b"This is no XML", "surveys.unreadable_file"),
        (
            "bomb.lss",
            b'<!DOCTYPE d [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><document>&b;</document>',
            "surveys.unreadable_file",
        ),
        ("empty.json", b"{}", "surveys.invalid_questionnaire"),
        (
            "bad.json",
            json.dumps(document(question("Q1", show_if="Q2 == 1"))).encode(),
            "surveys.invalid_questionnaire",
        ),
    ],
)
def test_a_bad_file_is_refused_and_nothing_is_written(
    app: Flask, web_session: Session, tmp_path: Path, name: str, data: bytes, code: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    result = run(app, path, "--slug", "s", "--format", name.split(".")[-1], "--json")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert code in result.stderr
    for table in (Consultation, QuestionnaireVersion):
        assert web_session.scalar(select(func.count()).select_from(table)) == 0


def test_every_problem_of_a_questionnaire_is_listed_with_its_path(
    app: Flask, tmp_path: Path
) -> None:
    path = tmp_path / "bad.json"
    path.write_text(json.dumps(document(question("Q1", show_if="Q9 == 1"), question("Q1"))))
    result = run(app, path, "--slug", "s")
    assert "sections[0].questions[0].show_if: there is no question Q9" in result.stderr
    assert "sections[0].questions[1].code: Q1 is used twice" in result.stderr


def test_wrong_usage_ends_with_2(app: Flask, tmp_path: Path) -> None:
    assert run(app, tmp_path / "absent.lss", "--slug", "s").exit_code == 2
    assert run(app, FEATURES / "conditions.json").exit_code == 2
