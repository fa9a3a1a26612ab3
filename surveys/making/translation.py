"""The texts of a questionnaire, one by one, for those who translate them. Pure."""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from surveys.making.editing import Document, Part, sections_of

_TEXTS = ("title", "text", "description", "help", "unit", "low", "high", "no_opinion")


@dataclass(frozen=True, slots=True)
class Unit:
    """One text in all its languages.

    ``key`` names it by codes (``Q1.option.yes.label``), whatever is moved around it; ``section``
    and ``question`` are where it stands. ``texts`` are by language.
    """

    key: str
    texts: Mapping[str, str]
    section: str = ""
    question: str = ""


@dataclass(frozen=True, slots=True)
class Completeness:
    """How many of the texts there are in a language."""

    translated: int
    total: int

    @property
    def percent(self) -> int:
        """Rounded down: 100 means all."""
        return 100 * self.translated // self.total if self.total else 100


def units_of(document: Document) -> list[Unit]:
    """Every text, in the order in which it is met; texts without a first language are left out:
    there is nothing to translate yet."""
    fallback = document["languages"][0]
    return [
        Unit(key, part[name], section, question)
        for key, part, name, section, question in _places(document)
        if part[name].get(fallback, "").strip()
    ]


def completeness_of(document: Document) -> dict[str, Completeness]:
    """By language, in the order declared; the first is what the others are measured against."""
    units = units_of(document)
    return {
        language: Completeness(
            sum(1 for unit in units if unit.texts.get(language, "").strip()), len(units)
        )
        for language in document["languages"]
    }


def with_translations(document: Document, language: str, texts: Mapping[str, str]) -> Document:
    """The document with ``texts`` (by the key of their unit) in ``language``; an empty one takes
    the translation away. Keys that are not there are passed over."""
    changed = copy.deepcopy(document)
    for key, part, name, _, _ in _places(changed):
        if key not in texts:
            continue
        if texts[key].strip():
            part[name][language] = texts[key]
        else:
            part[name].pop(language, None)
    return changed


_Place = tuple[str, Part, str, str, str]


def _places(document: Document) -> Iterator[_Place]:
    """(key, the part that has it, field, section, question) of every text there is."""
    for name in ("title", "description"):
        if isinstance(document.get(name), dict):
            yield name, document, name, "", ""
    for section in sections_of(document):
        code = section["code"]
        yield from _fields(f"section.{code}", section, code, "")
        for question in section["questions"]:
            yield from _question(question, code)


def _question(question: Part, section: str) -> Iterator[_Place]:
    code = question["code"]
    yield from _fields(code, question, section, code)
    for name in ("option", "row"):
        for part in question.get(f"{name}s", ()):
            yield from _fields(f"{code}.{name}.{part['code']}", part, section, code)
    if isinstance(question.get("other"), dict):
        yield from _fields(f"{code}.other", question["other"], section, code)
    for number, rule in enumerate(question.get("rules", ()), start=1):
        yield from _fields(f"{code}.rule.{number}", rule, section, code)


def _fields(prefix: str, part: dict[str, Any], section: str, question: str) -> Iterator[_Place]:
    for name in (*_TEXTS, "label", "message"):
        if isinstance(part.get(name), dict):
            yield f"{prefix}.{name}", part, name, section, question
