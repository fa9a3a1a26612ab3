"""The rows of an XLSForm for each question: its texts, conditions and constraints."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from core.text import LANGUAGES, LocalizedText
from surveys.formats.imported import LossKind
from surveys.formats.xlsform.export_expressions import Sayer, Unsayable
from surveys.formats.xlsform.export_names import FormNames
from surveys.formats.xlsform.export_parts import Part, Said, Sheet
from surveys.formats.xlsform.export_workbook import Rows
from surveys.formats.xlsform.kept import COLUMN, SKIPPED
from surveys.formats.xlsform.texts import write_text
from surveys.language.expressions import Expression, InvalidExpression, Literal
from surveys.language.piping import parse_text
from surveys.questionnaire import Question, Questionnaire

Lose = Callable[[str, LossKind, str, str], None]

_PLACE = re.compile(r"\$\{([^{}]+\.[^{}]+)\}")


@dataclass(slots=True)
class QuestionRows:
    """``before``: what texts insert has to be calculated first; ``after``: what is only shown."""

    before: Rows = field(default_factory=list)
    survey: Rows = field(default_factory=list)
    after: Rows = field(default_factory=list)
    choices: Rows = field(default_factory=list)


def language_heading(code: str) -> str:
    """A language as headings name it: ``Français (fr)``."""
    return f"{LANGUAGES.get(code, code)} ({code})"


class RowWriter:
    """Writes rows for one questionnaire."""

    def __init__(
        self, questionnaire: Questionnaire, names: FormNames, sheets: dict[str, Sheet], lose: Lose
    ) -> None:
        self.questionnaire = questionnaire
        self.names = names
        self.sheets = sheets
        self.lose = lose
        self.sayer = Sayer(questionnaire, names.answers)
        # Calculations that texts insert, by what they calculate; conditions of choices.
        self.helpers: dict[str, str] = {}
        self.filters: dict[Expression, str] = {}
        self.pending: Rows = []

    def question(self, question: Question, path: str) -> QuestionRows:
        sheet = self.sheets[question.code]
        name = self.names.groups[question.code]
        for within, why in sheet.lost:
            kind: LossKind = (
                "question" if within == "type" else
                "condition" if within.endswith("show_if") else "attribute"
            )  # fmt: skip
            self.lose(f"{path}.{within}", kind, _what(question, within), why)
        relevant = self.condition(question.show_if, f"{path}.show_if", "It is always asked")
        rows = QuestionRows(choices=self.choice_rows(question, sheet, path))
        parts = [self.part(question, sheet, part, path) for part in sheet.parts]
        if question.value is not None:
            self.calculate(question, parts[0], path)
        if question.value is not None and len(parts) > 1:
            # What is shown of a calculation stands beside it.
            shown = parts.pop()
            shown |= {COLUMN: SKIPPED, "relevant": relevant}
            rows.after = [shown]
        elif sheet.grouped:
            begin = {"type": "begin_group", "name": name, "appearance": sheet.appearance}
            begin |= self.texts("label", question.title, f"{path}.title", name)
            if question.help is not None:
                begin |= self.texts("hint", question.help, f"{path}.help", name)
            parts = [begin, *parts, {"type": "end_group"}]
        self.constrain(question, sheet, parts, path)
        if relevant:
            parts[0]["relevant"] = relevant
        rows.survey = parts
        rows.before = self.take_helpers()
        return rows

    def take_helpers(self) -> Rows:
        """The calculations that texts since the last time insert."""
        helpers, self.pending = self.pending, []
        return helpers

    # Parts and choices.

    def part(self, question: Question, sheet: Sheet, part: Part, path: str) -> dict[str, str]:
        row = {"type": part.type, "name": part.name, "appearance": part.appearance,
               "parameters": part.parameters}  # fmt: skip
        row |= self.texts("label", part.label, f"{path}.title", part.name)
        if part.hint is not None:
            row |= self.texts("hint", part.hint, f"{path}.help", part.name)
        if part.required:
            row["required"] = "yes"
        if part.show_if is not None:
            row["relevant"] = self.condition(
                part.show_if, f"{path}.{part.path}", "It is always asked"
            )
        if part.constraint:
            row["constraint"] = _PLACE.sub(
                lambda found: f"${{{self.names.answers[found.group(1)]}}}",
                " and ".join(part.constraint),
            )
            row |= self.said("constraint_message", part.message)
        filtered = [choice.show_if for choices in sheet.choices.values() for choice in choices]
        if any(shown is not None for shown in filtered) and not sheet.grouped:
            row["choice_filter"] = self.filter(filtered)
        return row

    def choice_rows(self, question: Question, sheet: Sheet, path: str) -> Rows:
        rows: Rows = []
        for list_name, choices in sheet.choices.items():
            is_filtered = any(choice.show_if is not None for choice in choices)
            for index, choice in enumerate(choices):
                row = {"list_name": list_name, "name": choice.name}
                row |= self.texts("label", choice.label, f"{path}.options[{index}].label",
                                  f"{self.names.groups[question.code]}_{index}")  # fmt: skip
                if is_filtered:
                    row["shown"] = "0"
                    if choice.show_if is not None and self.condition(
                        choice.show_if, f"{path}.options[{index}].show_if", "It is always offered"
                    ):
                        row["shown"] = self.shown(choice.show_if)
                rows.append(row)
        return rows

    def shown(self, condition: Expression) -> str:
        """By which number the filter knows ``condition``."""
        return self.filters.setdefault(condition, str(len(self.filters) + 1))

    def filter(self, conditions: list[Expression | None]) -> str:
        """Offered are choices without a condition, and those whose condition holds."""
        said = ["shown = '0'"]
        for condition in dict.fromkeys(conditions):
            if condition is None:
                continue
            try:
                holds = self.sayer.say(condition)
            except Unsayable:
                continue  # told with the choice
            said.append(f"(shown = '{self.shown(condition)}' and ({holds}))")
        return " or ".join(said)

    def calculate(self, question: Question, row: dict[str, str], path: str) -> None:
        assert question.value is not None
        try:
            row["calculation"] = self.sayer.say(question.value)
        except Unsayable as why:
            row["calculation"] = "''"
            self.lose(f"{path}.value", "condition", str(question.value), f"It is empty: {why}.")

    def constrain(self, question: Question, sheet: Sheet, parts: Rows, path: str) -> None:
        """What is required, and our rules."""
        row = parts[0]
        if sheet.grouped:
            if question.required and not any(part.required for part in sheet.parts):
                self.lose(f"{path}.required", "attribute", "true", "It may all be left empty.")
            if question.required_if is not None:
                self.lose(f"{path}.required_if", "condition", str(question.required_if),
                          "It may all be left empty.")  # fmt: skip
            for index, rule in enumerate(question.rules):
                self.lose(f"{path}.rules[{index}]", "condition", str(rule.check),
                          "There are no rules for several answers at once.")  # fmt: skip
            return
        if question.required:
            row["required"] = "yes"
        elif question.required_if is not None:
            row["required"] = self.condition(
                question.required_if, f"{path}.required_if", "It is never required"
            )
        said, messages = [], []
        for index, rule in enumerate(question.rules):
            check = self.condition(
                rule.check, f"{path}.rules[{index}]", "It is not checked", itself=question.code
            )
            if check:
                said.append(check)
                messages.append(rule.message)
        if not said:
            return
        own = row.get("constraint", "")
        checks = [own, *said] if own else said
        row["constraint"] = checks[0] if len(checks) == 1 else " and ".join(
            f"({check})" for check in checks
        )  # fmt: skip
        row |= self.joined(messages, row, path)

    def joined(
        self, messages: list[LocalizedText], row: dict[str, str], path: str
    ) -> dict[str, str]:
        """Several messages as the one that there can be."""
        merged: dict[str, str] = {}
        for index, message in enumerate(messages):
            for heading, text in self.texts(
                "constraint_message", message, f"{path}.rules[{index}].message", row["name"]
            ).items():
                merged[heading] = f"{merged[heading]} {text}" if heading in merged else text
        return merged

    # Conditions and texts.

    def condition(
        self, condition: Expression | None, path: str, without: str, *, itself: str = ""
    ) -> str:
        """XPath for ``condition``; nothing where there is none, or where it cannot be said."""
        if condition is None or condition == Literal(True):
            return ""
        try:
            return self.sayer.say(condition, itself)
        except Unsayable as why:
            self.lose(path, "condition", str(condition), f"{without}: {why}.")
            return ""

    def texts(self, column: str, said: Said, path: str, name: str) -> dict[str, str]:
        """Cells of ``column`` in each language."""
        if isinstance(said, str):
            return self.said(column, {self.questionnaire.fallback: said} if said else {})
        return self.said(
            column,
            {code: self.text(text, f"{path}.{code}", name) for code, text in said.items()},
        )

    def said(self, column: str, texts: dict[str, str]) -> dict[str, str]:
        return {
            f"{column}::{language_heading(code)}": text
            for code, text in texts.items()
            if code in self.questionnaire.languages
        }

    def text(self, text: str, path: str, name: str) -> str:
        """``text`` with references in it; what else it inserts is calculated beside it."""
        try:
            pieces = parse_text(text)
        except InvalidExpression:
            pieces = (text,)
        return "".join(
            write_text(piece) if isinstance(piece, str) else self.insertion(piece, path, name)
            for piece in pieces
        )

    def insertion(self, node: Expression, path: str, name: str) -> str:
        try:
            plain = self.sayer.insertion(node)
            if plain is not None:
                return plain
            source = self.sayer.calculation(node)
        except Unsayable as why:
            self.lose(path, "text", f"{{{{ {node} }}}}", f"It cannot be filled in: {why}.")
            return ""
        if source not in self.helpers:
            helper = self.helpers[source] = self.names.free(f"{name}_said")
            self.pending.append(
                {"type": "calculate", "name": helper, "calculation": source, COLUMN: SKIPPED}
            )
        return f"${{{self.helpers[source]}}}"


def _what(question: Question, within: str) -> str:
    if within == "type":
        return question.type
    said = getattr(question, within.partition("[")[0].partition(".")[0], "")
    return within if isinstance(said, tuple) else str(said)
