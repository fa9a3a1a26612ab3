"""`flask surveys export`: a file, the list of what was lost, and clear refusals."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from surveys.formats.lss.reading import read_lss
from surveys.formats.waymark_json import read_json
from tests.questionnaires.build import document, question, single

ASKED = document(
    single("Q1", "yes", "no"),
    question("Q2", "rating", show_if="Q1 == 'yes'"),
    question("Q3", title={"en": "Why {{ Q1 }}?"}),
)


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=["surveys", *arguments])


@pytest.fixture
def imported(app: Flask, tmp_path: Path) -> Any:
    path = tmp_path / "asked.json"
    path.write_text(json.dumps(ASKED))
    result = run(app, "import", str(path), "--slug", "asked")
    assert result.exit_code == 0, result.stderr
    return app


def test_a_limesurvey_export_comes_with_what_was_lost(imported: Flask, tmp_path: Path) -> None:
    target = tmp_path / "asked.lss"
    result = run(imported, "export", "asked", "--format", "lss", "-o", str(target), "--json")
    assert result.exit_code == 0, result.stderr
    report = json.loads(result.stdout)
    assert {name: report[name] for name in ("slug", "version", "format", "file")} == {
        "slug": "asked", "version": 1, "format": "lss", "file": str(target),
    }  # fmt: skip
    assert report["bytes"] == target.stat().st_size
    [loss] = report["lost"]
    assert loss["path"] == "question Q2/type"
    assert set(loss) == {"path", "kind", "what", "why"}
    again = read_lss(target.read_bytes()).document["sections"][0]["questions"]
    assert [asked["code"] for asked in again] == ["Q1", "Q2", "Q3"]
    assert again[2]["title"] == {"en": "Why {{ Q1 }}?"}


def test_people_get_words(imported: Flask, tmp_path: Path) -> None:
    target = tmp_path / "asked.lss"
    result = run(imported, "export", "asked", "--format", "lss", "-o", str(target))
    assert f"asked: version 1 written to {target}" in result.stdout
    assert "question at question Q2/type: LimeSurvey has no rating" in result.stdout


def test_our_json_goes_to_standard_output_too(imported: Flask) -> None:
    result = run(imported, "export", "asked", "--format", "json", "-o", "-")
    assert result.exit_code == 0
    assert len(read_json(result.stdout.encode()).document["sections"][0]["questions"]) == 3
    assert "version 1 written" in result.stderr


@pytest.mark.parametrize(
    "arguments, code, said",
    [
        (["nowhere", "--format", "json", "-o", "x.json"], 1, "nowhere"),
        (["asked", "--format", "json", "-o", "x.json", "--version", "7"], 1, "version 7"),
        (["asked", "--format", "json", "-o", "missing/folder/x.json"], 1, "cannot be used"),
        (["asked", "--format", "polis", "-o", "x.json"], 2, "polis"),
        (["asked", "--format", "json"], 2, "output"),
        (["asked", "--format", "json", "-o", "-", "--json"], 2, "standard output"),
    ],
)
def test_what_cannot_be_done_is_refused(
    imported: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: list[str],
    code: int, said: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    result = run(imported, "export", *arguments)
    assert result.exit_code == code
    assert said in result.stderr
    assert not (tmp_path / "x.json").exists()
