"""`flask surveys import F.xlsx` and `flask surveys export S --format xlsform`."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from surveys.formats.xlsform.reading import read_xlsform
from tests.questionnaires.xlsform_writer import ask, xlsform

SURVEY = [
    ask("select_one yn", "q1", "Are you a member?", required="yes"),
    ask("integer", "q2", "Since when?", relevant="${q1} = 'yes'"),
    ask("geopoint", "where"),
]


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=["surveys", *arguments])


@pytest.fixture
def form(tmp_path: Path) -> Path:
    path = tmp_path / "form.xlsx"
    path.write_bytes(xlsform(SURVEY, {"yn": {"yes": "Yes", "no": "No"}}, {"form_title": "Form"}))
    return path


def test_a_form_goes_in_and_out_again(app: Flask, form: Path, tmp_path: Path) -> None:
    result = run(app, "import", str(form), "--slug", "from-odk", "--json")
    assert result.exit_code == 0, result.stderr
    report: dict[str, Any] = json.loads(result.stdout)
    assert (report["questions"], report["conditions"]) == (3, {"found": 1, "carried": 1})
    assert [loss["path"] for loss in report["lost"]] == ["survey, row 4"]
    target = tmp_path / "out.xlsx"
    result = run(app, "export", "from-odk", "--format", "xlsform", "-o", str(target), "--json")
    assert result.exit_code == 0, result.stderr
    report = json.loads(result.stdout)
    assert (report["format"], report["lost"]) == ("xlsform", [])
    assert read_xlsform(target.read_bytes()).document == read_xlsform(form.read_bytes()).document


def test_answers_can_be_tried(app: Flask, form: Path, tmp_path: Path) -> None:
    run(app, "import", str(form), "--slug", "from-odk", "--format", "xlsform")
    answers = tmp_path / "answers.json"
    answers.write_text('{"q1": "yes"}')
    result = run(app, "route", "from-odk", "--answers", str(answers), "--json")
    assert json.loads(result.stdout)["shown"] == ["q1", "q2"]


@pytest.mark.parametrize(
    "data, said",
    [
        (b"PK\x03\x04 broken", "not a whole .xlsx workbook"),
        (xlsform([ask("text", "")]), "Sheet survey, row 2, column name"),
    ],
)
def test_what_is_no_form_is_refused(app: Flask, tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "bad.xlsx"
    path.write_bytes(data)
    result = run(app, "import", str(path), "--slug", "bad")
    assert result.exit_code == 1
    assert said in result.stderr
