"""What things are called in the builder: answers in menus, places of problems."""

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.question_types import FIELD_LABELS
from core.text import LANGUAGES
from surveys.making.editing import Document, Part, questions_of

# The kind of value by type of question; types without one are only answered or not.
_KINDS = {
    "single_choice": "option", "multiple_choice": "options", "ranking": "options",
    "budget": "options", "number": "number", "rating": "number", "year": "number",
    "date": "date", "quarter": "quarter", "short_text": "text", "long_text": "text",
    "consent": "boolean", "calculation": "any",
}  # fmt: skip
# Types that are answered option by option: the kind of each (``Q1.a``).
_BY_OPTION = {"points": "number", "milestone_priorities": "number", "statements": "option"}
_JUDGEMENTS = (("agree", _l("Agree")), ("disagree", _l("Disagree")), ("pass", _l("Pass")))
_ANSWERED = ("is_answered", "is_not_answered")
_ORDERED = ("is", "is_not", "more_than", "at_least", "less_than", "at_most", *_ANSWERED)
COMPARISONS_OF = {
    "option": ("is", "is_not", *_ANSWERED),
    "options": ("includes", "includes_not", *_ANSWERED),
    "number": _ORDERED,
    "date": _ORDERED,
    "quarter": _ORDERED,
    "text": ("is", "is_not", "contains", *_ANSWERED),
    "boolean": ("is",),
    "any": (*_ORDERED, "contains"),
    "": _ANSWERED,
}
"""What can be said in a menu of each kind of value."""
_CELLS = {"single": "option", "multiple": "options", "number": "number", "text": "text"}


@dataclass(frozen=True, slots=True)
class Referable:
    """``name`` as in a condition; ``values``: (code, label) where it has options."""

    name: str
    label: str
    kind: str
    values: tuple[tuple[str, Any], ...] = ()


def referable(document: Document) -> list[Referable]:
    """Every answer a condition can be about, in the order asked."""
    language = document["languages"][0]
    found = []
    for question in questions_of(document):
        if question["type"] == "information":
            continue
        title = f"{question['code']}: {_label(question, 'title', language)}"
        values = tuple(
            (option["code"], _label(option, "label", language))
            for option in question.get("options", ())
        )
        if other := question.get("other"):
            values += ((other.get("code", "other"), _label(other, "label", language)),)
        if kind := _BY_OPTION.get(question["type"]):
            found.append(Referable(question["code"], title, ""))
            judged = _JUDGEMENTS if kind == "option" else ()
            found += [
                Referable(f"{question['code']}.{code}", f"{title} – {label}", kind, judged)
                for code, label in values
            ]
            continue
        if question["type"] != "matrix":
            found.append(
                Referable(question["code"], title, _KINDS.get(question["type"], ""), values)
            )
            continue
        cell = question.get("cell", "single")
        for row in question.get("rows", ()):
            name, label = f"{question['code']}.{row['code']}", _label(row, "label", language)
            if cell in ("number", "text") and values:
                for code, column in values:
                    found.append(
                        Referable(f"{name}.{code}", f"{title} – {label} – {column}", _CELLS[cell])
                    )
            else:
                found.append(Referable(name, f"{title} – {label}", _CELLS[cell], values))
    return found


def _label(part: Part, field: str, language: str) -> str:
    text = (part.get(field) or {}).get(language, "") or part["code"]
    return str(text)[:60]


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a document in the builder's words. ``field`` is the id of the form field it is in,
    ``language`` the language of the text, where it is one; both may be empty."""

    words: str
    field: str = ""
    language: str = ""


def place_of(document: Document, path: str) -> Place:
    """Where ``path`` (``sections[0].questions[2].options[1].label.en``) leads, in words.

    The section and the question are left out: the link beside the words names them.
    """
    words: list[str] = []
    field = language = ""
    part: Any = document
    before = ""
    for step in path.replace("]", "").replace("[", ".").split("."):
        if step.isdecimal():
            if before == "rules":
                words[-1:] = [_("rule %(number)s", number=int(step) + 1)]
            elif before in ("options", "rows"):
                code = part[int(step)].get("code", "") if _holds(part, int(step)) else step
                name = _("option %(code)s") if before == "options" else _("row %(code)s")
                words[-1:] = [name % {"code": code}]
            elif before not in ("sections", "questions"):
                words.append(str(int(step) + 1))
            field = f"{before}-{step}"
        elif step in LANGUAGES and isinstance(part, dict) and before in FIELD_LABELS:
            language = step
            words.append(LANGUAGES[step])
        elif step not in ("sections", "questions", ""):
            words.append(str(FIELD_LABELS.get(step, step)))
            nested = field.startswith(("options", "rows"))
            field = f"{field}-{step}" if nested else step
        before = step
        try:
            part = part[int(step)] if isinstance(part, list) else part.get(step)
        except (IndexError, ValueError, AttributeError):
            part = None
    return Place(", ".join(words), field, language)


def _holds(part: Any, index: int) -> bool:
    return isinstance(part, list) and index < len(part) and isinstance(part[index], dict)


def version_number(typed: str) -> int:
    """The number of a version in an address; one that no database can hold is that of none."""
    return min(int(typed), 2**31 - 1)


def value_in_words(value: Any, document: Document) -> str:
    """A value of a document for people: a text in its first language, yes and no, a list."""
    match value:
        case _ if value in (None, "", [], {}):
            return "–"
        case bool():
            return _("yes") if value else _("no")
        case (
            {"title": dict() as texts}
            | {"label": dict() as texts}
            | {"check": _, "message": dict() as texts}
        ):
            return str(next(iter([texts[c] for c in document["languages"] if texts.get(c)]), "–"))
        case list() | dict():
            inner = value.values() if isinstance(value, dict) else value
            return "; ".join(value_in_words(entry, document) for entry in inner)
        case _:
            return str(value)
