"""Our own JSON (docs/questionnaire-format.md), read from bytes and written to them."""

import json
from typing import Any, NoReturn

from surveys.definition import Question, Row, Section, parse_definition
from surveys.errors import UnreadableFile
from surveys.formats.exported import ExportedQuestionnaire
from surveys.formats.imported import ImportedQuestionnaire
from surveys.questionnaire import Questionnaire

MAX_BYTES = 10 * 1024 * 1024


def read_json(data: bytes) -> ImportedQuestionnaire:
    """The questionnaire in ``data``; nothing of it is lost.

    Raises ``UnreadableFile`` for what is not JSON in UTF-8, and ``InvalidQuestionnaire`` with every
    problem for JSON that is not a questionnaire.
    """
    if len(data) > MAX_BYTES:
        raise UnreadableFile(reason=f"The file is larger than {MAX_BYTES // 1024**2} MB.")
    try:
        document = json.loads(
            data.decode("utf-8-sig"),
            parse_constant=_no_constant,
            object_pairs_hook=_without_repeats,
        )
    except (ValueError, RecursionError) as error:
        raise UnreadableFile(reason=f"The file is not JSON in UTF-8: {error}.") from None
    questionnaire = parse_definition(document)
    parts: list[Section | Question | Row] = [*questionnaire.sections, *questionnaire.questions]
    parts += [row for question in questionnaire.questions for row in question.rows]
    conditions = sum(part.show_if is not None for part in parts)
    return ImportedQuestionnaire(
        document=questionnaire.as_document(),
        questions=len(questionnaire.questions),
        conditions_found=conditions,
        conditions_carried=conditions,
    )


def write_json(questionnaire: Questionnaire) -> ExportedQuestionnaire:
    """The questionnaire's document; nothing of it is lost."""
    text = json.dumps(questionnaire.as_document(), ensure_ascii=False, indent=2)
    return ExportedQuestionnaire(f"{text}\n".encode())


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A key given twice would lose one of the two silently."""
    document = dict(pairs)
    if len(document) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"the key {next(k for k in keys if keys.count(k) > 1)!r} is given twice")
    return document
