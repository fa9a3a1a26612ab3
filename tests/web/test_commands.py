"""What all commands have in common: how names are read, files refused, and JSON printed."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from app import create_app
from app.config import Settings
from tests.questionnaires.build import document, question


def run(app: Flask, *arguments: object) -> Result:
    return app.test_cli_runner().invoke(args=[str(each) for each in arguments])


def done(app: Flask, *arguments: object) -> Any:
    result = run(app, *arguments, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_a_name_is_understood_as_it_was_given_to_the_import(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "q.json"
    file.write_text(json.dumps(document(question("Q1", "short_text"))))
    done(app, "surveys", "import", file, "--slug", "My Poll!", "--kind", "targeted")
    assert done(app, "surveys", "publish", "My Poll!")["slug"] == "my-poll"
    assert done(app, "surveys", "schedule", "My_Poll")["slug"] == "my-poll"
    assert len(done(app, "surveys", "invite", "MY POLL", "--count", "2")["links"]) == 2
    assert done(app, "surveys", "results", "My Poll")["slug"] == "my-poll"


@pytest.mark.parametrize(
    "command",
    [
        ("surveys", "publish"), ("surveys", "results"), ("roadmap", "schedule"),
        ("voting", "tally"), ("federation", "share"),
    ],
)  # fmt: skip
def test_a_name_of_nothing_is_refused(app: Flask, command: tuple[str, ...]) -> None:
    result = run(app, *command, "///", "--json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "[invalid_input] slug:" in result.stderr


def test_a_file_that_cannot_be_written_is_a_refusal(app: Flask, tmp_path: Path) -> None:
    result = run(app, "db", "backup", tmp_path / "no such folder" / "backup.zip", "--json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "[command.file_unusable]" in result.stderr
    assert "no such folder" in result.stderr


def test_bringing_the_schema_up_to_date_is_said_in_json_too(tmp_path: Path) -> None:
    fresh = create_app(Settings(instance=tmp_path, database_url=f"sqlite:///{tmp_path / 'db'}"))
    first, again = done(fresh, "db", "upgrade"), done(fresh, "db", "upgrade")
    assert first["from"] is None
    assert again == {"from": first["to"], "to": first["to"]}


def test_a_document_on_standard_output_leaves_no_room_for_a_report(app: Flask) -> None:
    result = run(app, "exports", "edition", "r", "1.0", "--format", "pdf", "-o", "-", "--json")
    assert (result.exit_code, result.stdout) == (2, "")


@pytest.mark.parametrize(
    "command",
    [
        ("jobs", "run"), ("jobs", "retention"), ("audit", "verify"), ("roadmap", "list"),
        ("voting", "list"), ("federation", "status"), ("surveys", "results", "s"),
    ],
)  # fmt: skip
def test_a_database_without_tables_is_a_refusal(command: tuple[str, ...], tmp_path: Path) -> None:
    fresh = create_app(Settings(instance=tmp_path, database_url=f"sqlite:///{tmp_path / 'db'}"))
    result = run(fresh, *command, "--json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "[database.unavailable]" in result.stderr
    assert "flask db upgrade" in result.stderr
