"""Changing a questionnaire document step by step: add, move, duplicate, delete, rename. Pure.

Every function takes a document (docs/questionnaire-format.md, not necessarily complete yet) and
gives a new one; the one given is not touched. ``surveys.making.building`` keeps the steps.
"""

import copy
import re
from collections.abc import Callable, Iterator
from typing import Any

from core.errors import InvalidInput
from surveys.language.expressions import KEYWORDS
from surveys.language.piping import text_spans
from surveys.question_checks import QUESTION_CODE, check_code
from surveys.schema import MAX_QUESTIONS, MAX_SECTIONS, QUESTION_TYPES, SCHEMA

Document = dict[str, Any]
"""A questionnaire document; a section or question in it is a ``Part``."""
Part = dict[str, Any]


class InvalidEdit(InvalidInput):
    """A step that cannot be taken: what it names is not there, or there is no room."""

    code = "surveys.invalid_edit"
    template = "This change cannot be made: {reason}."
    remedy = "Load the page again to see the questionnaire as it is now."


def new_document(*, title: dict[str, str], languages: list[str]) -> Document:
    """A questionnaire with one empty section."""
    return {
        "schema": SCHEMA,
        "title": dict(title),
        "languages": list(languages),
        "sections": [{"code": "section_1", "title": {}, "questions": []}],
    }


def sections_of(document: Document) -> list[Part]:
    sections: list[Part] = document["sections"]
    return sections


def questions_of(document: Document) -> Iterator[Part]:
    for section in sections_of(document):
        yield from section["questions"]


def find_section(document: Document, code: str) -> Part | None:
    return next((part for part in sections_of(document) if part["code"] == code), None)


def find_question(document: Document, code: str) -> Part | None:
    return next((part for part in questions_of(document) if part["code"] == code), None)


def settings_of(document: Document) -> Part:
    """What ``change_document`` can change."""
    return {name: document[name] for name in _WHOLE if name in document}


def add_section(document: Document, *, after: str | None = None) -> tuple[Document, str]:
    """An empty section after the section ``after``, or at the end; (document, its code)."""
    changed = copy.deepcopy(document)
    sections = sections_of(changed)
    if len(sections) >= MAX_SECTIONS:
        raise InvalidEdit(reason=f"there are {MAX_SECTIONS} sections already")
    code = _free("section_", [part["code"] for part in sections])
    place = len(sections) if after is None else _section_index(changed, after) + 1
    sections.insert(place, {"code": code, "title": {}, "questions": []})
    return changed, code


def add_question(
    document: Document, *, kind: str, section: str, after: str | None = None
) -> tuple[Document, str]:
    """A question of type ``kind`` with what its type needs, its texts empty; (document, code)."""
    if kind not in QUESTION_TYPES:
        raise InvalidEdit(reason=f"there is no type of question called {kind[:40]}")
    changed = copy.deepcopy(document)
    _room(changed, 1)
    questions = sections_of(changed)[_section_index(changed, section)]["questions"]
    code = _free("Q", _names(changed))
    place = len(questions)
    if after is not None:
        place = _index([part["code"] for part in questions], after) + 1
    questions.insert(place, {"code": code, "type": kind, "title": {}} | _beginning(kind))
    return changed, code


def insert_section(
    document: Document, part: Part, *, after: str | None = None
) -> tuple[Document, str]:
    """A copy of a section, from this or another questionnaire, under codes that are free.

    Its languages that the questionnaire does not have are left out. What its conditions say of
    its own questions stays right.
    """
    changed = copy.deepcopy(document)
    sections = sections_of(changed)
    if len(sections) >= MAX_SECTIONS:
        raise InvalidEdit(reason=f"there are {MAX_SECTIONS} sections already")
    _room(changed, len(part["questions"]))
    copied = _in_languages(copy.deepcopy(part), changed["languages"])
    codes = [section["code"] for section in sections]
    copied["code"] = _free_like(copied["code"], codes)
    renamed = _fresh_codes(copied["questions"], _names(changed))
    for question in copied["questions"]:
        question["code"] = renamed[question["code"]]
    _rename_references(copied, renamed)
    place = len(sections) if after is None else _section_index(changed, after) + 1
    sections.insert(place, copied)
    return changed, copied["code"]


def duplicate_section(document: Document, *, code: str) -> tuple[Document, str]:
    part = sections_of(document)[_section_index(document, code)]
    return insert_section(document, part, after=code)


def duplicate_question(document: Document, *, code: str) -> tuple[Document, str]:
    """A copy right after the question, under a code that is free."""
    changed = copy.deepcopy(document)
    _room(changed, 1)
    section, index = _place(changed, code)
    copied = copy.deepcopy(section["questions"][index])
    renamed = _fresh_codes([copied], _names(changed))
    copied["code"] = renamed[code]
    _rename_references(copied, renamed)
    section["questions"].insert(index + 1, copied)
    return changed, copied["code"]


def move_section(document: Document, *, code: str, to: int) -> Document:
    """The section at the position ``to`` (from 0, after it was taken out)."""
    changed = copy.deepcopy(document)
    sections = sections_of(changed)
    part = sections.pop(_section_index(changed, code))
    sections.insert(max(0, min(to, len(sections))), part)
    return changed


def move_question(document: Document, *, code: str, section: str, to: int) -> Document:
    """The question in ``section`` at the position ``to`` (from 0, after it was taken out)."""
    changed = copy.deepcopy(document)
    target = sections_of(changed)[_section_index(changed, section)]
    source, index = _place(changed, code)
    part = source["questions"].pop(index)
    target["questions"].insert(max(0, min(to, len(target["questions"]))), part)
    return changed


def delete_section(document: Document, *, code: str) -> Document:
    changed = copy.deepcopy(document)
    index = _section_index(changed, code)
    if len(sections_of(changed)) == 1:
        raise InvalidEdit(reason="a questionnaire has at least one section")
    del sections_of(changed)[index]
    return changed


def delete_question(document: Document, *, code: str) -> Document:
    changed = copy.deepcopy(document)
    section, index = _place(changed, code)
    del section["questions"][index]
    return changed


def change_section(document: Document, *, code: str, fields: Part) -> Document:
    """Replace ``fields`` of a section; a field that is None is removed."""
    changed = copy.deepcopy(document)
    _replace(sections_of(changed)[_section_index(changed, code)], fields)
    return changed


def change_question(document: Document, *, code: str, fields: Part) -> Document:
    """Replace ``fields`` of a question; a field that is None is removed."""
    changed = copy.deepcopy(document)
    section, index = _place(changed, code)
    _replace(section["questions"][index], fields)
    return changed


def change_type(document: Document, *, code: str, kind: str) -> Document:
    """The question as one of another type, with what both types have."""
    if kind not in QUESTION_TYPES:
        raise InvalidEdit(reason=f"there is no type of question called {kind[:40]}")
    changed = copy.deepcopy(document)
    section, index = _place(changed, code)
    before = section["questions"][index]
    kept = {name: before[name] for name in _COMMON if name in before}
    if kind in ("information", "calculation"):
        kept = {n: v for n, v in kept.items() if n not in ("required", "required_if", "rules")}
    beginning = _beginning(kind)
    for name in ("options", "rows"):
        if name in beginning and before.get(name):
            beginning[name] = [
                {"code": part["code"], "label": part["label"]}
                | ({"show_if": part["show_if"]} if "show_if" in part else {})
                | ({"cost": part.get("cost", 0)} if kind == "budget" else {})
                for part in before[name]
            ]
    for name in ("minimum", "maximum", "unit", "max_length"):
        if name in before and {before["type"], kind} <= _SHARE[name]:
            beginning[name] = before[name]
    section["questions"][index] = kept | {"type": kind} | beginning
    return changed


def change_document(document: Document, *, fields: Part) -> Document:
    """Replace title, description, languages or layout; texts in languages that go, go too."""
    changed = copy.deepcopy(document)
    _replace(changed, {name: value for name, value in fields.items() if name in _WHOLE})
    if "languages" in fields:
        changed = _in_languages(changed, changed["languages"])
    return changed


def rename_code(document: Document, *, code: str, to: str) -> Document:
    """Another code for a section or question; conditions and texts that name it follow."""
    if reason := check_code(to, QUESTION_CODE):
        raise InvalidEdit(reason=reason)
    if to in KEYWORDS:
        # It could not be told from the word any more, so no later renaming could mend it.
        raise InvalidEdit(reason=f"{to} is a word of the condition language")
    changed = copy.deepcopy(document)
    part = find_question(changed, code)
    if part is None:
        part = sections_of(changed)[_section_index(changed, code)]
        if find_section(changed, to) is not None:
            raise InvalidEdit(reason=f"{to} is in use already")
        part["code"] = to
        return changed
    if to in _names(changed):
        raise InvalidEdit(reason=f"{to} is in use already")
    part["code"] = to
    renamed = {code: to}
    if "other" in part:
        renamed[f"{code}_other"] = f"{to}_other"
    _rename_references(changed, renamed)
    return changed


_WHOLE = ("title", "description", "languages", "layout")
_COMMON = ("code", "title", "help", "show_if", "required", "required_if", "rules")
_SHARE = {
    "minimum": {"number", "year"},
    "maximum": {"number", "year"},
    "unit": {"number", "budget"},
    "max_length": {"short_text", "long_text", "paragraph_comments"},
}


def _beginning(kind: str) -> Part:
    """What a question of this type needs at least, to be filled in."""
    options: list[Part] = [{"code": code, "label": {}} for code in ("a", "b")]
    match kind:
        case "budget":
            return {"options": [option | {"cost": 0} for option in options], "total": 100}
        case "matrix":
            rows: list[Part] = [{"code": code, "label": {}} for code in ("r1", "r2")]
            return {"cell": "single", "rows": rows, "options": options}
        case "consent":
            return {"purpose": "contact", "version": "1"}
        case "statements":
            return {"options": [{"code": "s1", "label": {}}, {"code": "s2", "label": {}}]}
        case "calculation":
            return {"value": "0"}
        case (
            "single_choice" | "multiple_choice" | "ranking" | "points" | "dependencies"
            | "milestone_priorities" | "milestone_years" | "paragraph_comments"
        ):  # fmt: skip
            return {"options": options}
        case _:
            return {}


def _replace(part: Part, fields: Part) -> None:
    for name, value in fields.items():
        if value is None:
            part.pop(name, None)
        else:
            part[name] = copy.deepcopy(value)


def _index(codes: list[str], code: str) -> int:
    if code not in codes:
        raise InvalidEdit(reason=f"there is no {code[:64]} there any more")
    return codes.index(code)


def _section_index(document: Document, code: str) -> int:
    return _index([part["code"] for part in sections_of(document)], code)


def _place(document: Document, code: str) -> tuple[Part, int]:
    for section in sections_of(document):
        for index, question in enumerate(section["questions"]):
            if question["code"] == code:
                return section, index
    raise InvalidEdit(reason=f"there is no {code[:64]} there any more")


def _room(document: Document, more: int) -> None:
    if sum(1 for _ in questions_of(document)) + more > MAX_QUESTIONS:
        raise InvalidEdit(reason=f"there are {MAX_QUESTIONS:,} questions already")


def _names(document: Document) -> set[str]:
    """Question codes, and where the texts beside ``other`` are kept."""
    names = {question["code"] for question in questions_of(document)}
    return names | {f"{q['code']}_other" for q in questions_of(document) if "other" in q}


def _free(prefix: str, taken: Any) -> str:
    used = set(taken)
    return next(code for number in range(1, 10**6) if (code := f"{prefix}{number}") not in used)


def _free_like(code: str, taken: Any) -> str:
    """``code`` itself where it is free, else with a number."""
    used = set(taken)
    return code if code not in used else _free(re.sub(r"_?\d*$", "", code)[:56] + "_", used)


def _fresh_codes(questions: list[Part], taken: set[str]) -> dict[str, str]:
    """A code that is free for each question, its own where that is."""
    used, renamed = set(taken), {}
    for question in questions:
        code = _free_like(question["code"], used)
        renamed[question["code"]] = code
        used.add(code)
        if "other" in question:
            renamed[f"{question['code']}_other"] = f"{code}_other"
            used.add(f"{code}_other")
    return renamed


# A name in an expression, or a text in quotation marks, in which nothing is renamed.
_NAME = re.compile(r"'(?:[^'\\]|\\.)*'|[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)*(?!\()", re.DOTALL)
_EXPRESSIONS = ("show_if", "required_if", "check", "value")


def _rename_references(part: Any, renamed: dict[str, str]) -> None:
    """Let every expression and every text within ``part`` name the new codes."""
    if all(old == new for old, new in renamed.items()):
        return

    def in_expression(source: str) -> str:
        def rename(match: re.Match[str]) -> str:
            first, dot, rest = match.group().partition(".")
            return renamed.get(first, first) + dot + rest

        return _NAME.sub(rename, source)

    def in_text(text: str) -> str:
        return "".join(
            piece if is_text else in_expression(piece) for piece, is_text in text_spans(text)
        )

    _rewrite(part, in_expression, in_text)


def _rewrite(part: Any, in_expression: Callable[[str], str], in_text: Callable[[str], str]) -> None:
    if isinstance(part, list):
        for entry in part:
            _rewrite(entry, in_expression, in_text)
        return
    for name, value in part.items():
        if isinstance(value, (list, dict)) and value:
            if name in _TEXTS and isinstance(value, dict):
                part[name] = {language: in_text(text) for language, text in value.items()}
            elif isinstance(value, dict) or all(isinstance(entry, dict) for entry in value):
                _rewrite(value, in_expression, in_text)
        elif isinstance(value, str) and name in _EXPRESSIONS:
            part[name] = in_expression(value)


_TEXTS = frozenset(
    {"title", "text", "description", "help", "label", "unit", "low", "high", "no_opinion",
     "message"}
)  # fmt: skip
"""The fields that hold a text by language."""


def _in_languages(part: Any, languages: list[str]) -> Any:
    """``part`` without texts in other languages."""
    if isinstance(part, list):
        return [_in_languages(entry, languages) for entry in part]
    if not isinstance(part, dict):
        return part
    return {
        name: {code: value[code] for code in languages if code in value}
        if name in _TEXTS and isinstance(value, dict)
        else _in_languages(value, languages)
        for name, value in part.items()
    }
