"""`flask exports edition`: a published edition as a file, or a refusal with its code."""

import hashlib
import json
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from core.audit import OPERATOR
from roadmap.editions.publishing import publish_edition
from roadmap.formats.folder import read_folder
from roadmap.roadmaps import import_roadmap
from tests.pdf_reading import open_pdf

NETWORK = Path(__file__).resolve().parents[1] / "networks" / "two_against_each_other"


@pytest.fixture
def edition(web_session: Session, now: datetime) -> str:
    """The hash of edition 1.0 of the roadmap ``plan``."""
    import_roadmap(web_session, slug="plan", draft=read_folder(NETWORK), actor=OPERATOR, now=now)
    published = publish_edition(web_session, slug="plan", version="1.0", actor=OPERATOR, now=now)
    web_session.commit()
    return published.sha256


def test_a_pdf_is_written_and_its_facts_are_one_json_document(
    app: Flask, edition: str, tmp_path: Path
):
    file = tmp_path / "plan.pdf"
    result = app.test_cli_runner().invoke(
        args=["exports", "edition", "plan", "1.0", "--format", "pdf", "-o", str(file), "--json"]
    )
    assert result.exit_code == 0, result.output
    content = file.read_bytes()
    assert json.loads(result.stdout) == {
        "file": str(file),
        "format": "pdf",
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    text = open_pdf(content).pages[0].extract_text()
    assert edition in text.replace("\n", "")


def test_the_json_has_the_hash_of_the_edition(app: Flask, edition: str, tmp_path: Path):
    file = tmp_path / "plan.json"
    arguments = ["exports", "edition", "plan", "1.0", "--format", "json", "-o", str(file)]
    assert app.test_cli_runner().invoke(args=arguments).exit_code == 0
    assert hashlib.sha256(file.read_bytes()).hexdigest() == edition


def test_a_dash_writes_to_standard_output(app: Flask, edition: str):
    arguments = ["exports", "edition", "plan", "1.0", "--format", "json", "-o", "-"]
    result = app.test_cli_runner().invoke(args=arguments)
    assert hashlib.sha256(result.stdout_bytes).hexdigest() == edition


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["nowhere", "1.0", "--format", "pdf"], "roadmap.not_found"),
        (["plan", "9.9", "--format", "pdf"], "roadmap.edition_not_found"),
        (["plan", "1.0", "--format", "docx"], "exports.unknown_format"),
        (["plan", "1.0", "--format", "json", "-o", "/no/such/folder/x"], "exports.cannot_write"),
    ],
)
def test_what_cannot_be_done_is_refused_with_its_code(
    app: Flask, edition: str, arguments: list[str], code: str
):
    result = app.test_cli_runner().invoke(args=["exports", "edition", *arguments])
    assert result.exit_code == 1
    assert code in result.stderr
    assert not result.stdout


def test_a_refusal_leaves_the_file_that_was_there(app: Flask, edition: str, tmp_path: Path):
    file = tmp_path / "plan.pdf"
    file.write_bytes(b"older")
    arguments = ["exports", "edition", "plan", "9.9", "--format", "pdf", "-o", str(file)]
    assert app.test_cli_runner().invoke(args=arguments).exit_code == 1
    assert file.read_bytes() == b"older"
    assert list(tmp_path.glob(".plan*")) == []
