"""The sheets of an XLSForm with their headings understood: which column says what, in which
language.

After the XLSForm specification and pyxform, its reference reader: sheets and headings in any
letter case, ``label::Français (fr)`` or ``label:fr`` for translations, and the older names of
columns.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from core.text import LANGUAGES
from surveys.errors import UnreadableFile
from surveys.formats.imported import Loss, LossKind
from surveys.formats.xlsform.workbook import Row, Sheet, read_workbook

SHEETS = ("survey", "choices", "settings", "entities", "external_choices", "osm")

Texts = dict[str, str]
"""Texts by language code."""
Lose = Callable[[str, LossKind, str, str], None]
"""(path, kind, what it was, why)"""

_ALIASES = {
    "command": "type", "caption": "label", "value": "name", "relevance": "relevant",
    "bind::relevant": "relevant", "bind::required": "required", "bind::constraint": "constraint",
    "bind::calculate": "calculation", "calculate": "calculation", "readonly": "read_only",
    "bind::readonly": "read_only", "read only": "read_only", "constraint message":
    "constraint_message", "constraintmsg": "constraint_message", "bind::jr:constraintmsg":
    "constraint_message", "requiredmsg": "required_message", "required message":
    "required_message", "bind::jr:requiredmsg": "required_message", "control::appearance":
    "appearance", "body::appearance": "appearance", "choice filter": "choice_filter",
    "repeat count": "repeat_count", "jr:count": "repeat_count", "parameter": "parameters",
    "guidance hint": "guidance_hint", "list name": "list_name", "list_name": "list_name",
    "form title": "form_title", "title": "form_title", "form id": "form_id",
    "id_string": "form_id", "default language": "default_language",
}  # fmt: skip
# Columns that are texts, and may be translated.
_LOCALISED = frozenset({
    "label", "hint", "guidance_hint", "constraint_message", "required_message", "image", "audio",
    "video", "big-image",
})  # fmt: skip
MEDIA = ("image", "audio", "video", "big-image")
# What a heading may begin with in front of "::" without naming a language after it.
_NAMESPACES = frozenset({"bind", "control", "body", "instance"})

_CODE = re.compile(r"\(\s*([A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,4})\s*\)\s*$")
_TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{1,8}){0,4}")
_ENGLISH_NAMES = dict(zip((
    "bulgarian", "spanish", "czech", "danish", "german", "estonian", "greek", "english", "french",
    "irish", "croatian", "italian", "latvian", "lithuanian", "hungarian", "maltese", "dutch",
    "polish", "portuguese", "romanian", "slovak", "slovenian", "finnish", "swedish",
), LANGUAGES, strict=True)) | {
    "norwegian": "no", "icelandic": "is", "ukrainian": "uk", "russian": "ru", "turkish": "tr",
    "arabic": "ar", "serbian": "sr", "albanian": "sq", "macedonian": "mk", "bosnian": "bs",
    "catalan": "ca", "basque": "eu", "galician": "gl", "luxembourgish": "lb", "hindi": "hi",
    "chinese": "zh", "japanese": "ja", "swahili": "sw", "gaelic": "ga", "slovene": "sl",
}  # fmt: skip
_NAMES = _ENGLISH_NAMES | {name.lower(): code for code, name in LANGUAGES.items()}


@dataclass(slots=True, eq=False)
class Line:
    """A row of a sheet: ``cells`` by column, ``texts`` by column and language code."""

    sheet: str
    number: int
    cells: dict[str, str] = field(default_factory=dict)
    texts: dict[str, Texts] = field(default_factory=dict)
    # The cells by heading, as they are.
    raw: dict[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        return f"{self.sheet}, row {self.number}"

    def get(self, column: str) -> str:
        return self.cells.get(column, "").strip()

    def refuse(self, column: str, reason: str) -> UnreadableFile:
        return UnreadableFile(
            reason=f"Sheet {self.sheet}, row {self.number}, column {column}: {reason}."
        )


@dataclass(slots=True)
class Tables:
    """What the sheets say. ``languages``: codes, the default first."""

    survey: list[Line]
    choices: dict[str, list[Line]]
    settings: Line
    languages: list[str]


def read_tables(data: bytes, lose: Lose) -> Tables:
    """The sheets of a workbook. Raises ``UnreadableFile`` for one that is no XLSForm."""
    sheets, names = read_workbook(data, SHEETS)
    survey = sheets.get("survey")
    if survey is None:
        there = ", ".join(name[:40] for name in names[:10]) or "none"
        raise UnreadableFile(reason=f"There is no sheet named survey; the sheets are: {there}.")
    for name in ("entities", "external_choices", "osm"):
        if name in sheets and sheets[name].rows:
            lose(name, "attribute", f"{len(sheets[name].rows)} rows", _SHEET_WHY)
    choices = sheets.get("choices", Sheet("choices"))
    settings = sheets.get("settings", Sheet("settings"))
    first = settings.rows[0] if settings.rows else Row(2, {})
    setting = Line("settings", first.number, {
        _ALIASES.get(name.lower(), name.lower()): text for name, text in first.cells.items()
    })  # fmt: skip
    languages = _Languages(setting.get("default_language"), lose)
    columns = {sheet.name: _columns(sheet, languages) for sheet in (survey, choices)}
    languages.decide([survey, choices], columns)
    _needs(survey, columns, "type")
    _needs(survey, columns, "name")
    if choices.rows:
        _needs(choices, columns, "list_name")
        _needs(choices, columns, "name")
    lines = {
        sheet.name: [_line(sheet.name, row, columns[sheet.name], languages, lose)
                     for row in sheet.rows]
        for sheet in (survey, choices)
    }  # fmt: skip
    return Tables(lines["survey"], _by_list(lines["choices"], lose), setting, languages.codes)


_SHEET_WHY = "Such sheets have no counterpart here."


def _by_list(lines: list[Line], lose: Lose) -> dict[str, list[Line]]:
    lists: dict[str, list[Line]] = {}
    for line in lines:
        name = line.get("list_name")
        if not name:
            if line.get("name"):
                raise line.refuse("list_name", "is empty; expected the name of a list")
            continue
        if not line.get("name"):
            raise line.refuse("name", "is empty; expected the name of the choice")
        lists.setdefault(name, []).append(line)
    for name, members in lists.items():
        seen: set[str] = set()
        kept = []
        for line in members:
            if line.get("name") in seen:
                lose(line.path, "attribute", f"{name}: {line.get('name')}",
                     "The list has a choice of this name already.")  # fmt: skip
                continue
            seen.add(line.get("name"))
            kept.append(line)
        lists[name] = kept
    return lists


def _needs(sheet: Sheet, columns: dict[str, dict[str, "_Column"]], name: str) -> None:
    if not any(column.name == name for column in columns[sheet.name].values()):
        there = ", ".join(heading[:30] for heading in sheet.headings[:12]) or "none"
        raise UnreadableFile(
            reason=f"Sheet {sheet.name}, row 1: there is no column {name}; there are: {there}."
        )


@dataclass(frozen=True, slots=True)
class _Column:
    """``language``: as in the heading, "" without one; None where texts have no language."""

    name: str
    language: str | None


def _columns(sheet: Sheet, languages: "_Languages") -> dict[str, _Column]:
    return {heading: _column(heading, sheet.name) for heading in sheet.headings}


def _column(heading: str, sheet: str) -> _Column:
    lowered = " ".join(heading.lower().split())
    if lowered in _ALIASES:
        return _plain(_ALIASES[lowered])
    separator = "::" if "::" in heading else ":"
    parts = [part.strip() for part in heading.split(separator)]
    name = parts[0].lower()
    if name == "media" and len(parts) > 1:
        parts = parts[1:]
        name = parts[0].lower()
    name = _ALIASES.get(name, name.replace(" ", "_") if sheet == "survey" else name)
    if name in _LOCALISED and len(parts) == 2 and parts[1]:
        return _Column(name, parts[1])
    if len(parts) == 1:
        # The names of columns that choices are filtered by may be written in any letter case.
        known = name in _LOCALISED or sheet == "survey" or name in ("name", "list_name")
        return _plain(name if known else heading.strip())
    return _Column(lowered, None)


def _plain(name: str) -> _Column:
    return _Column(name, "" if name in _LOCALISED else None)


def _line(
    sheet: str, row: Row, columns: dict[str, _Column], languages: "_Languages", lose: Lose
) -> Line:
    line = Line(sheet, row.number, raw=row.cells)
    untranslated: dict[str, str] = {}
    for heading, text in row.cells.items():
        column = columns[heading]
        if heading in row.formulas:
            lose(f"{sheet}, row {row.number}, column {heading[:60]}", "text", text[:2000],
                 "Formulas are not evaluated; the text of the formula stands here.")  # fmt: skip
        if column.language is None:
            line.cells.setdefault(column.name, text)
        elif column.language == "":
            untranslated[column.name] = text
        else:
            code = languages.code_of[column.language]
            line.texts.setdefault(column.name, {}).setdefault(code, text)
    for name, text in untranslated.items():
        line.texts.setdefault(name, {}).setdefault(languages.untranslated, text)
    return line


class _Languages:
    """What the languages in the headings are here."""

    def __init__(self, default: str, lose: Lose) -> None:
        self.default = default
        self.lose = lose
        self.code_of: dict[str, str] = {}
        self.untranslated = "en"
        self.codes: list[str] = []

    def decide(self, sheets: Iterable[Sheet], columns: dict[str, dict[str, _Column]]) -> None:
        named: list[str] = []
        has_untranslated = False
        for sheet in sheets:
            used = {heading for row in sheet.rows for heading in row.cells}
            for heading, column in columns[sheet.name].items():
                if column.language and column.language not in named:
                    named.append(column.language)
                has_untranslated |= column.language == "" and heading in used
        for name in named:
            self.code_of[name] = self._code(name, only=len(named) == 1 and not has_untranslated)
        default = self.code_of.get(self.default) or (_known_code(self.default) or "")
        in_use = list(dict.fromkeys(self.code_of.values()))
        if has_untranslated or not in_use:
            self.untranslated = default or "en"
            self.codes = list(dict.fromkeys([self.untranslated, *in_use]))
            return
        first = default if default in in_use else in_use[0]
        if self.default and default not in in_use:
            self.lose("settings", "attribute", f"default_language {self.default[:60]}",
                      "No column is in this language; the first one is the default.")  # fmt: skip
        self.codes = list(dict.fromkeys([first, *in_use]))

    def _code(self, name: str, *, only: bool) -> str:
        code = _known_code(name)
        if code is not None and code not in self.code_of.values():
            return code
        if code is None and only:
            code = _known_code(self.default) or "en"
            self.lose(f"language {name[:60]}", "attribute", name[:200],
                      f"It is not known which language this is; taken for {code}.")  # fmt: skip
            return code
        if code is not None:
            return code
        private = re.sub(r"[^a-z0-9]", "", name.lower())[:8] or "other"
        code = f"und-x-{private}"
        while code in self.code_of.values():
            code = f"und-x-{private[:5]}{len(self.code_of)}"
        self.lose(f"language {name[:60]}", "attribute", name[:200],
                  f"It is not known which language this is; kept as {code}.")  # fmt: skip
        return code


def _known_code(name: str) -> str | None:
    """The code of a language as XLSForms name it: "Français (fr)", "French" or "fr"."""
    name = name.strip()
    if match := _CODE.search(name):
        code = match.group(1)
        language, dash, rest = code.partition("-")
        return language.lower() + dash + rest
    if name.lower() in _NAMES:
        return _NAMES[name.lower()]
    return name if _TAG.fullmatch(name) else None


def loss_list() -> tuple[list[Loss], Lose]:
    """An empty list and the function that adds to it."""
    lost: list[Loss] = []

    def lose(path: str, kind: LossKind, what: str, why: str) -> None:
        lost.append(Loss(path, kind, what[:2000], why))

    return lost, lose
