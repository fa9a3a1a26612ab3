"""Questionnaires written as files: which formats there are, and what each cannot say. Pure."""

from collections.abc import Callable

from core.errors import InvalidInput
from surveys.formats.exported import ExportedQuestionnaire
from surveys.formats.lss.export import write_lss
from surveys.formats.waymark_json import write_json
from surveys.formats.xlsform.export import write_xlsform
from surveys.questionnaire import Questionnaire

EXPORT_FORMATS: dict[str, Callable[[Questionnaire], ExportedQuestionnaire]] = {
    "lss": write_lss,
    "xlsform": write_xlsform,
    "json": write_json,
}
"""What writes a questionnaire in each format, by its name."""

FILE_TYPES = {
    "lss": ("lss", "application/xml"),
    "xlsform": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "json": ("json", "application/json"),
}
"""How the name of a file of each format ends, and its media type."""


def export_questionnaire(questionnaire: Questionnaire, format_name: str) -> ExportedQuestionnaire:
    """The questionnaire as a file. Raises ``InvalidInput`` for a format there is not."""
    write = EXPORT_FORMATS.get(format_name)
    if write is None:
        raise InvalidInput(where="format", reason=f"expected one of {', '.join(EXPORT_FORMATS)}")
    return write(questionnaire)
