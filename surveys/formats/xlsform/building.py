"""The question documents that the rows of an XLSForm become."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from surveys.formats.lss.labels import supplied_label
from surveys.formats.lss.messages import rule_message
from surveys.formats.xlsform.answers import NO, YES, AnswerReader
from surveys.formats.xlsform.bounds import bounds_of
from surveys.formats.xlsform.expressions import insertion
from surveys.formats.xlsform.kept import read_heading
from surveys.formats.xlsform.plan import Entry, Plan, SectionPlan
from surveys.formats.xlsform.questions import fields_of
from surveys.formats.xlsform.structure import Item
from surveys.formats.xlsform.syntax import columns_in, parse_xpath
from surveys.formats.xlsform.tables import Line, Lose, Tables, Texts
from surveys.formats.xlsform.texts import read_text
from surveys.formats.xlsform.values import FALSE, TRUE, joined
from surveys.language.expressions import AllOf, Expression

MAX_OPTIONS_IN_ALL = 50_000
_KNOWN_SETTINGS = frozenset({
    "form_title", "form_id", "version", "default_language", "name", "waymark",
})  # fmt: skip


@dataclass(slots=True)
class Built:
    """``lines``: the row of a section (its position) or question (section, position)."""

    sections: list[dict[str, Any]] = field(default_factory=list)
    lines: dict[tuple[int, ...], Line] = field(default_factory=dict)


class Builder(AnswerReader):
    """Builds documents from a plan and lists what is lost on the way."""

    def __init__(self, tables: Tables, plan: Plan, lose: Lose) -> None:
        super().__init__(tables, plan, lose)
        self.options_left = MAX_OPTIONS_IN_ALL

    def heading(self) -> dict[str, Any]:
        """Title and languages, and what the form keeps of them for us."""
        settings = self.tables.settings
        for name, text in settings.cells.items():
            if name not in _KNOWN_SETTINGS and not (name == "style" and text.strip() == "pages"):
                self.lose(f"settings, column {name[:60]}", "attribute", text,
                          "A setting for other software.")  # fmt: skip
        title = settings.cells.get("form_title", "") or settings.get("form_id") or "Questionnaire"
        plain = read_text(title, self.insert, self.losing_text(settings, "form_title"))
        heading: dict[str, Any] = {"title": {self.languages[0]: plain}, "languages": self.languages}
        return heading | read_heading(settings, plain, self.languages)

    def build(self) -> Built:
        self.know_answers()
        self.calculate()
        built = Built()
        for section in self.plan.sections:
            position = len(built.sections)
            if section.group is not None:
                built.lines[position,] = section.group.line
            document = self.section(section)
            for entry in section.entries:
                question = self.question(entry)
                if question is not None:
                    built.lines[position, len(document["questions"])] = entry.line
                    document["questions"].append(question)
            built.sections.append(document)
        return built

    def section(self, plan: SectionPlan) -> dict[str, Any]:
        if plan.group is None:
            title = self.heading_title()
            document: dict[str, Any] = {"code": plan.code, "title": title}
        else:
            line = plan.group.line
            self.lost_columns(line, group=True)
            document = {
                "code": plan.code, "title": self.whole_text(line, "label", plan.group.name),
            } | self.shown_if(line, (), "")  # fmt: skip
        if plan.text is not None and (said := self.text(plan.text.line, "label")):
            document["text"] = said
        return document | {"questions": []}

    def heading_title(self) -> Texts:
        settings = self.tables.settings
        title = settings.cells.get("form_title", "") or settings.get("form_id") or "Questionnaire"
        return {self.languages[0]: read_text(title, self.insert, lambda what, why: None)}

    def question(self, entry: Entry) -> dict[str, Any] | None:
        if entry in self.kept:
            return self.kept_question(entry)
        if entry.what == "label":
            return {
                "code": entry.code, "type": "information",
                "title": self.whole_text(entry.line, "label", entry.name),
            } | self.shown_if(entry.line, entry.around[:-1], "") | self._inner(entry)  # fmt: skip
        self.lost_columns(entry.line, group=entry.what == "matrix")
        return self.matrix(entry) if entry.what == "matrix" else self.item(entry)

    def _inner(self, entry: Entry) -> dict[str, str]:
        conditions = [self.group_condition(group) for group in entry.around]
        condition = joined(AllOf, [part for part in conditions if part is not None])
        return {} if condition == TRUE else {"show_if": str(condition)}

    def kept_question(self, entry: Entry) -> dict[str, Any]:
        shown = self.shown_if(entry.line, entry.around, entry.name)
        return self.kept[entry].question | shown

    def item(self, entry: Entry) -> dict[str, Any] | None:
        (item,) = entry.items
        line = item.line
        fields = fields_of(item)
        for column, what, why in fields.lost:
            self.lose(f"{line.path}, column {column}", "attribute", what, why)
        question = {"code": entry.code, "type": fields.question["type"]}
        if self.is_shown_only(item) and not self.is_calculated(item):
            question["type"] = "information"
            self.lose(f"{line.path}, column read_only", "attribute", line.get("read_only"),
                      "What cannot be answered is an information text.")  # fmt: skip
            fields.question = {"type": "information"}
        if self.is_calculated(item):
            return self.calculation(entry, question)
        question |= {"title": self.whole_text(line, "label", item.name)}
        if help_text := self.text(line, "hint"):
            question["help"] = self.complete(help_text)
        question |= self.shown_if(line, entry.around, item.name) | fields.question
        if question["type"] == "consent":
            version = self.tables.settings.get("version")[:40] or "1"
            purpose = entry.code.lower()[:40].strip("_") or "consent"
            question |= {"purpose": purpose, "version": version}
        if item.list:
            question |= self.options(entry, item)
        if question["type"] == "ranking" and not any("show_if" in o for o in question["options"]):
            # There, whoever ranks ranks everything.
            question["min_choices"] = len(question["options"])
        if question["type"] != "information":
            question |= self.required(line, item.name)
            self.constrain(question, item)
        elif line.get("constraint") or line.get("required").lower() in YES:
            self.lose(line.path, "attribute", line.get("constraint") or "required",
                      "Nothing is answered here.")  # fmt: skip
        if line.get("calculation"):
            self.lose(f"{line.path}, column calculation", "attribute", line.get("calculation"),
                      "Nothing is filled in before somebody answers.")  # fmt: skip
        return question

    def calculation(self, entry: Entry, question: dict[str, Any]) -> dict[str, Any] | None:
        value = self.calculations.get(entry)
        if value is None:
            return None
        line = entry.line
        question |= {"type": "calculation", "value": str(value)}
        if entry.items[0].type == "calculate":
            texts = self.text(line, "label")
            question["title"] = self.complete(texts) if texts else {self.languages[0]: entry.name}
        else:
            shown = insertion(self.scope.find(entry.name))
            question["display"] = "text"
            question["title"] = {
                language: f"{text} {{{{ {shown} }}}}"
                for language, text in self.whole_text(line, "label", entry.name).items()
            }
            if help_text := self.text(line, "hint"):
                question["help"] = self.complete(help_text)
        return question | self.shown_if(line, entry.around, entry.name)

    def matrix(self, entry: Entry) -> dict[str, Any]:
        first = entry.items[0]
        group = entry.around[-1] if entry.around and entry.around[-1].line is entry.line else None
        around = entry.around[:-1] if group is not None else entry.around
        question: dict[str, Any] = {
            "code": entry.code, "type": "matrix",
            "cell": "single" if first.type == "select_one" else "multiple",
            "title": self.whole_text(entry.line, "label", entry.name),
        }  # fmt: skip
        if help_text := self.text(entry.line, "hint"):
            question["help"] = self.complete(help_text)
        outer = [self.group_condition(g) for g in around]
        own = self.condition(entry.line, "relevant", entry.name)
        condition = joined(AllOf, [part for part in [*outer, own] if part is not None])
        if condition != TRUE:
            question["show_if"] = str(condition)
        question["rows"] = [
            {"code": entry.rows[item.name],
             "label": self.whole_text(item.line, "label", entry.rows[item.name])}
            | self.shown_if(item.line, (), item.name)
            for item in entry.items
        ]  # fmt: skip
        question |= self.options(entry, first)
        required = [self.required(item.line, item.name) for item in entry.items]
        if all(said == {"required": True} for said in required):
            question["required"] = True
        else:
            for item, said in zip(entry.items, required, strict=True):
                if said:
                    self.lose(f"{item.line.path}, column required", "attribute",
                              item.line.get("required"),
                              "All rows of a matrix are required, or none.")  # fmt: skip
        for item in entry.items:
            self.lost_columns(item.line, group=True)
            self.constrain(question, item)
        return question

    def required(self, line: Line, name: str) -> dict[str, Any]:
        written = line.get("required")
        if written.lower() in NO:
            return {}
        if written.lower() in YES:
            return {"required": True}
        condition = self.condition(line, "required", name)
        if condition is None or condition == FALSE:
            return {}
        return {"required": True} if condition == TRUE else {"required_if": str(condition)}

    def constrain(self, question: dict[str, Any], item: Item) -> None:
        """``constraint`` as limits where it says nothing else, or as a rule."""
        line = item.line
        check = self.condition(line, "constraint", item.name)
        if check is None or check == TRUE:
            return
        message = self.text(line, "constraint_message")
        if not message and (limits := bounds_of(question, check)):
            question |= limits
            return
        said = self.complete(message) if message else rule_message("form", "", self.languages)
        question.setdefault("rules", []).append({"check": str(check), "message": said})

    def options(self, entry: Entry, item: Item) -> dict[str, Any]:
        codes = self.codes[entry]
        choices = self.tables.choices[item.list]
        self.options_left -= len(choices)
        if self.options_left < 0:
            raise item.line.refuse(
                "type", f"all questions together have more than {MAX_OPTIONS_IN_ALL:,} choices"
            )
        offered = self.offered(item, choices)
        options = []
        other: dict[str, Any] | None = None
        for line, condition in zip(choices, offered, strict=True):
            label = self.whole_text(line, "label", line.get("name"))
            self.lost_media(line)
            if item.other and line.get("name") == "other":
                other = {"code": "other", "label": label}
                continue
            option: dict[str, Any] = {"code": codes[line.get("name")], "label": label}
            if condition is not None and condition != TRUE:
                option["show_if"] = str(condition)
            options.append(option)
        if not item.other:
            return {"options": options}
        return {
            "options": options,
            "other": other or {"code": "other", "label": supplied_label("other", self.languages)},
        }

    def offered(self, item: Item, choices: list[Line]) -> list[Expression | None]:
        """When each choice is offered, by the filter."""
        if not item.line.get("choice_filter"):
            return [None] * len(choices)

        def read(source: str) -> list[Expression | None]:
            used = columns_in(parse_xpath(source))
            known: dict[tuple[str, ...], Expression] = {}
            conditions: list[Expression | None] = []
            for line in choices:
                columns = {name: _cell(line, name) for name in used}
                key = tuple(columns.values())
                if key not in known:
                    known[key] = self.translator.condition(
                        source, itself=item.name, columns=self.defined(columns, used, choices)
                    )
                conditions.append(known[key])
            return conditions

        result = self.translate(item.line, "choice_filter", read)
        return result if result is not None else [None] * len(choices)

    def defined(
        self, columns: Mapping[str, str], used: set[str], choices: list[Line]
    ) -> dict[str, str]:
        """The cells of the columns that there are in the list."""
        there = {name for line in choices for name in line.cells}
        return {name: columns[name] for name in used if name in there}


def _cell(line: Line, name: str) -> str:
    if name in line.cells:
        return line.get(name)
    return next(iter(line.texts.get(name, {}).values()), "")
