"""Questionnaires for tests, with little to write."""

from typing import Any

from surveys.definition import Questionnaire, parse_definition
from surveys.schema import SCHEMA


def document(*questions: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A questionnaire in English with one section holding ``questions``."""
    return {
        "schema": SCHEMA,
        "title": {"en": "A questionnaire"},
        "languages": ["en"],
        "sections": [{"code": "main", "title": {"en": "Main"}, "questions": list(questions)}],
    } | fields


def questionnaire(*questions: dict[str, Any], **fields: Any) -> Questionnaire:
    return parse_definition(document(*questions, **fields))


def question(code: str, kind: str = "short_text", **fields: Any) -> dict[str, Any]:
    return {"code": code, "type": kind, "title": {"en": f"Question {code}"}} | fields


def options(*codes: str) -> list[dict[str, Any]]:
    """Options or rows with these codes."""
    return [{"code": code, "label": {"en": f"Label {code}"}} for code in codes]


def single(code: str, *codes: str, **fields: Any) -> dict[str, Any]:
    return question(code, "single_choice", options=options(*codes), **fields)


def multiple(code: str, *codes: str, **fields: Any) -> dict[str, Any]:
    return question(code, "multiple_choice", options=options(*codes), **fields)


def matrix(
    code: str, rows: str, columns: str, cell: str = "single", **fields: Any
) -> dict[str, Any]:
    """``rows`` and ``columns`` are codes separated by spaces."""
    return question(
        code,
        "matrix",
        cell=cell,
        **({"rows": options(*rows.split()), "options": options(*columns.split())} | fields),
    )
