"""A questionnaire as an XLSForm (``.xlsx``, for ODK and Kobo), with a list of what it cannot say.

What is written is read again at once. Where a question does not come back as it was, the form
keeps it in a column of its own (``xlsform_kept``); whatever is different even so is in the list,
so that nothing is lost in silence.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from core.errors import WaymarkError
from core.text import LocalizedText
from surveys.definition import definition_hash
from surveys.formats.exported import ExportedQuestionnaire
from surveys.formats.imported import Loss, LossKind
from surveys.formats.lss.export_differences import differences
from surveys.formats.xlsform.export_names import FormNames
from surveys.formats.xlsform.export_questions import sheet_of
from surveys.formats.xlsform.export_rows import QuestionRows, RowWriter, language_heading
from surveys.formats.xlsform.export_workbook import Rows, write_workbook
from surveys.formats.xlsform.kept import COLUMN, digest_of
from surveys.formats.xlsform.reading import read_xlsform
from surveys.questionnaire import Question, Questionnaire, Section

_SURVEY = (
    "type", "name", "label", "hint", "required", "relevant", "constraint", "constraint_message",
    "calculation", "appearance", "choice_filter", "parameters", "read_only", COLUMN,
)  # fmt: skip
_CHOICES = ("list_name", "name", "label", "shown")
_SETTINGS = ("form_title", "form_id", "version", "default_language", COLUMN)


def write_xlsform(questionnaire: Questionnaire) -> ExportedQuestionnaire:
    """The questionnaire as an XLSForm."""
    document = questionnaire.as_document()
    plain = _Writer(questionnaire, document)
    plain.run(kept=frozenset())
    kept = _different(document, plain.data())
    writer = _Writer(questionnaire, document)
    writer.run(kept=kept)
    data = writer.data()
    try:
        again = read_xlsform(data).document
    except WaymarkError as refused:
        writer.lose("document", "attribute", "", f"It cannot be read again: {refused.message}")
    else:
        writer.lost += differences(document, again, {loss.path for loss in writer.lost})
    return ExportedQuestionnaire(data, writer.lost)


def _different(document: dict[str, Any], data: bytes) -> frozenset[str]:
    """The codes of the questions that do not come back as they were from rows alone."""
    questions = _by_code(document)
    try:
        again = _by_code(read_xlsform(data).document)
    except WaymarkError:
        return frozenset(questions)
    return frozenset(code for code, said in questions.items() if again.get(code) != said)


def _by_code(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        question["code"]: {name: said for name, said in question.items() if name != "show_if"}
        for section in document["sections"]
        for question in section["questions"]
    }


@dataclass(slots=True)
class _Writer:
    questionnaire: Questionnaire
    document: dict[str, Any]
    survey: Rows = field(default_factory=list)
    choices: Rows = field(default_factory=list)
    settings: Rows = field(default_factory=list)
    lost: list[Loss] = field(default_factory=list)

    def lose(self, path: str, kind: LossKind, what: str, why: str) -> None:
        loss = Loss(path, kind, what[:2000], why)
        if loss not in self.lost:
            self.lost.append(loss)

    def run(self, kept: frozenset[str]) -> None:
        about = self.questionnaire
        sheets = {q.code: sheet_of(q, about.languages) for q in about.questions}
        names = FormNames(about, sheets)
        rows = RowWriter(about, names, sheets, self.lose)
        for position, section in enumerate(about.sections):
            self.section(section, f"sections[{position}]", rows, names)
            for place, question in enumerate(section.questions):
                path = f"sections[{position}].questions[{place}]"
                written = rows.question(question, path)
                original = self.document["sections"][position]["questions"][place]
                self.note(question, original, written, names, kept=question.code in kept)
                self.survey += [*written.before, *written.survey, *written.after]
                self.choices += written.choices
            self.survey.append({"type": "end_group"})
        self.setting()

    def section(self, section: Section, path: str, rows: RowWriter, names: FormNames) -> None:
        name = names.sections[section.code]
        begin = {"type": "begin_group", "name": name, "appearance": "field-list"}
        begin |= rows.texts("label", section.title, f"{path}.title", name)
        relevant = rows.condition(section.show_if, f"{path}.show_if", "It is always asked")
        begin["relevant"] = relevant
        note: dict[str, Any] = {} if name == section.code else {"code": section.code}
        if section.show_if is not None:
            note["show_if"] = [relevant, str(section.show_if)]
        if note:
            begin[COLUMN] = _json(note)
        self.survey += [*rows.take_helpers(), begin]
        if section.text is not None:
            text_name = names.free(f"{name}_text")
            text = {"type": "note", "name": text_name, COLUMN: _json({"is": "section text"})}
            text |= rows.texts("label", section.text, f"{path}.text", text_name)
            self.survey += [*rows.take_helpers(), text]

    def note(
        self,
        question: Question,
        original: dict[str, Any],
        written: QuestionRows,
        names: FormNames,
        *,
        kept: bool,
    ) -> None:
        """What the form keeps for us of ``question``, in its first row."""
        first = written.survey[0]
        note: dict[str, Any] = {}
        if first["name"] != question.code:
            note["code"] = question.code
        if question.show_if is not None:
            note["show_if"] = [first.get("relevant", ""), str(question.show_if)]
        if kept:
            rows = [row for row in written.survey if row["type"] != "end_group"]
            note["question"] = {k: v for k, v in original.items() if k not in ("code", "show_if")}
            note["digest"] = digest_of([*rows, *written.choices])
            note["names"] = {
                name: reference.removeprefix(question.code).removeprefix(".")
                for reference, name in names.answers.items()
                if reference.partition(".")[0] in (question.code, question.other_code)
                and (reference != question.other_code or question.other is not None)
            }
        if note:
            first[COLUMN] = _json(note)

    def setting(self) -> None:
        about = self.questionnaire
        title = about.title[about.fallback].replace("${", "$ {")
        heading = {
            name: self.document[name]
            for name in ("title", "description", "layout")
            if name in self.document
        }
        identifier = re.sub(r"[^A-Za-z0-9]+", "_", title).strip("_")[:60] or "form"
        if not identifier[0].isalpha():
            identifier = f"form_{identifier}"
        for name, said in (("title", about.title), ("description", about.description)):
            if isinstance(said, LocalizedText) and (name == "description" or len(said) > 1):
                self.lose(name, "text", str(said.as_dict()),
                          "There is one title, in one language, and no description.")  # fmt: skip
        self.settings.append({
            "form_title": title, "form_id": identifier,
            "version": definition_hash(self.document)[:10],
            "default_language": language_heading(about.fallback),
            COLUMN: _json({"heading": heading}),
        })  # fmt: skip

    def data(self) -> bytes:
        languages = [language_heading(code) for code in self.questionnaire.languages]

        def headings(columns: tuple[str, ...]) -> list[str]:
            texts = ("label", "hint", "constraint_message")
            return [
                heading
                for column in columns
                for heading in (
                    [f"{column}::{language}" for language in languages]
                    if column in texts else [column]
                )
            ]  # fmt: skip

        sheets = {"survey": (headings(_SURVEY), self.survey)}
        if self.choices:
            sheets["choices"] = (headings(_CHOICES), self.choices)
        sheets["settings"] = (list(_SETTINGS), self.settings)
        return write_workbook(sheets)


def _json(note: dict[str, Any]) -> str:
    return json.dumps(note, ensure_ascii=False)
