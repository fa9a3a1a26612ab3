"""Between the builder's form fields and the parts of a questionnaire document.

Texts are edited in one language at a time; those in other languages stay. What a person typed
that has not the right form is named by field, and the form comes back as it was filled in.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.builder_names import COMPARISONS_OF, Referable
from app.forms import read_number as read_any_number
from surveys.language.condition_menus import COMPARISONS, Line, Menu, as_menu, from_menu
from surveys.language.expressions import InvalidExpression, parse_expression
from surveys.language.literals import LARGEST_NUMBER
from surveys.making.editing import Part
from surveys.schema import MAX_OPTIONS

Form = MultiDict[str, str]
Problems = dict[str, str]

SPARE_LINES = 3
"""Empty lines offered below the options, rows and rules there are."""
CONDITION_LINES = 5

# Fields by type: (name, how it is read).
_FIELDS: dict[str, tuple[tuple[str, str], ...]] = {
    "single_choice": (("display", "choice"),),
    "multiple_choice": (("min_choices", "whole"), ("max_choices", "whole")),
    "ranking": (("min_choices", "whole"), ("max_choices", "whole")),
    "matrix": (
        ("cell", "choice"), ("display", "choice"), ("minimum", "number"), ("maximum", "number"),
        ("whole", "flag"), ("unit", "text"), ("max_length", "whole"),
    ),
    "rating": (
        ("minimum", "whole"), ("maximum", "whole"), ("low", "text"), ("high", "text"),
        ("no_opinion", "text"),
    ),
    "number": (("minimum", "number"), ("maximum", "number"), ("whole", "flag"), ("unit", "text")),
    "date": (("minimum", "plain"), ("maximum", "plain")),
    "quarter": (("minimum", "plain"), ("maximum", "plain")),
    "year": (("minimum", "whole"), ("maximum", "whole")),
    "short_text": (("max_length", "whole"),),
    "long_text": (("max_length", "whole"),),
    "upload": (("accept", "several"), ("max_files", "whole"), ("max_megabytes", "whole")),
    "points": (("total", "whole"),),
    "budget": (("total", "number"), ("unit", "text")),
    "consent": (("purpose", "plain"), ("version", "plain")),
    "statements": (("allow_own", "flag"), ("max_own", "whole")),
    "milestone_years": (("minimum", "whole"), ("maximum", "whole")),
    "milestone_proposals": (("max_entries", "whole"),),
    "dependencies": (("max_entries", "whole"),),
    "paragraph_comments": (("max_length", "whole"),),
    "calculation": (("value", "plain"), ("display", "choice")),
}  # fmt: skip


def read_number(typed: str) -> float | int | str | None:
    """As ``app.forms.read_number``; what is too large for answers comes back as it was typed."""
    number = read_any_number(typed)
    if isinstance(number, (int, float)) and abs(number) > LARGEST_NUMBER:
        return typed
    return number


def own_fields(kind: str) -> list[str]:
    """The names of the fields that only questions of this type have."""
    return [name for name, _reading in _FIELDS.get(kind, ())]


def read_question(
    form: Form, question: Part, language: str, names: Sequence[Referable]
) -> tuple[Part, Problems]:
    """(fields to replace in ``question``, problems by field); conditions are about ``names``."""
    problems: Problems = {}
    fields: Part = {
        name: _text(form, name, question.get(name), language) for name in ("title", "help")
    }
    fields["title"] = fields["title"] or {}
    fields["show_if"] = read_condition(form, problems, names)
    if question["type"] not in ("information", "calculation"):
        required = form.get("required", "")
        fields["required"] = True if required == "always" else None
        typed = form.get("required_if", "").strip()
        fields["required_if"] = typed if required == "if" and typed else None
        fields["rules"] = _rules(form, question.get("rules", []), language)
    for name, reading in _FIELDS.get(question["type"], ()):
        fields[name] = _read(form, name, reading, question, language, problems)
    for name in ("options", "rows"):
        if name in question or f"{name}-0-label" in form:
            fields[name] = _members(form, name, question, language, problems)
    if question["type"] in ("single_choice", "multiple_choice"):
        fields["other"] = _other(form, question.get("other"), language)
    return fields, problems


def read_section(
    form: Form, section: Part, language: str, names: Sequence[Referable]
) -> tuple[Part, Problems]:
    problems: Problems = {}
    return {
        "title": _text(form, "title", section.get("title"), language) or {},
        "text": _text(form, "text", section.get("text"), language),
        "show_if": read_condition(form, problems, names),
    }, problems


def read_condition(form: Form, problems: Problems, names: Sequence[Referable]) -> str | None:
    """The condition from the menus or, where that was chosen, from its text."""
    mode = form.get("show_mode", "always")
    if mode == "text":
        return form.get("show_if", "").strip() or None
    if mode not in ("all", "any"):
        return None
    by_name = {name.name: name for name in names}
    lines = []
    for number in range(CONDITION_LINES):
        name = form.get(f"line-{number}-name", "")
        if not name:
            continue
        if name not in by_name:
            problems[f"line-{number}"] = _("This question is not there any more.")
            continue
        line = _line(
            by_name[name], form.get(f"line-{number}-comparison", ""),
            form.get(f"line-{number}-value", "").strip(),
        )  # fmt: skip
        if isinstance(line, str):
            problems[f"line-{number}"] = line
        else:
            lines.append(line)
    try:
        return from_menu(Menu(mode == "all", tuple(lines))) or None
    except InvalidExpression as refused:
        problems["show_if"] = str(refused.params["reason"])
        return None


def condition_menu(source: str | None, names: Sequence[Referable]) -> tuple[str, list[Line]]:
    """(mode, lines) for the form: ``always``, ``all``, ``any``, or ``text`` where menus cannot.

    A condition about something that is not in the menus stays a text: saving the form unchanged
    must never lose it.
    """
    if not source:
        return "always", []
    try:
        menu = as_menu(parse_expression(source))
    except InvalidExpression:
        return "text", []
    if menu is None or len(menu.lines) > CONDITION_LINES:
        return "text", []
    by_name = {name.name: name for name in names}
    for line in menu.lines:
        about = by_name.get(line.name)
        if about is None or line.comparison not in COMPARISONS_OF[about.kind]:
            return "text", []
        if about.values and line.value not in ("", *(code for code, _label in about.values)):
            return "text", []
    return "all" if menu.every else "any", list(menu.lines)


# Without a script every comparison is offered: what is plainly meant is understood.
_MEANT = {
    "option": {"includes": "is", "includes_not": "is_not"},
    "options": {"is": "includes", "is_not": "includes_not", "contains": "includes"},
}
_EXPECTED = {
    "date": (re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), "2026-11-22"),
    "quarter": (re.compile(r"[0-9]{4}-Q[1-4]"), "2028-Q3"),
}


def _line(about: Referable, comparison: str, typed: str) -> Line | str:
    """The line of a condition, or what is wrong with it."""
    if comparison not in COMPARISONS:
        return _("Choose how to compare.")
    comparison = _MEANT.get(about.kind, {}).get(comparison, comparison)
    if comparison not in COMPARISONS_OF[about.kind]:
        if about.kind == "":
            return _("Of this question it can only be said whether it is answered.")
        return _("The answers to this question cannot be compared in this way.")
    if comparison in ("is_answered", "is_not_answered"):
        return Line(about.name, comparison)
    if typed == "":
        return _("Say with what to compare.")
    value = _value(about, typed)
    return Line(about.name, comparison, value[0]) if isinstance(value, tuple) else value


def _value(about: Referable, typed: str) -> tuple[str | int | float | bool] | str:
    """What was typed as the kind of value that is compared with, in a tuple; or what is wrong."""
    match about.kind:
        case "option" | "options":
            labels = {str(label).casefold(): code for code, label in about.values}
            code = typed if typed in dict(about.values) else labels.get(typed.casefold())
            return (
                (code,) if code else _("“%(value)s” is not one of its options.", value=typed[:60])
            )
        case "boolean":
            return (typed == "true",) if typed in ("true", "false") else _("Choose a value.")
        case "number":
            number = read_number(typed)
            return (number,) if isinstance(number, (int, float)) else _("Enter a number.")
        case "date" | "quarter":
            form, example = _EXPECTED[about.kind]
            return (
                (typed,)
                if form.fullmatch(typed)
                else _("Enter it such as %(example)s.", example=example)
            )
        case "any":
            number = read_number(typed)
            if typed in ("true", "false"):
                return (typed == "true",)
            return (number,) if isinstance(number, (int, float)) else (typed,)
        case _:
            return (typed,)


def _text(
    form: Form, name: str, before: Mapping[str, str] | None, language: str
) -> dict[str, str] | None:
    """The text with what was typed in ``language``; None where nothing is left of it."""
    texts = dict(before or {})
    typed = form.get(name, "").replace("\r\n", "\n").strip()
    if typed:
        texts[language] = typed
    else:
        texts.pop(language, None)
    return texts or None


def _read(
    form: Form, name: str, reading: str, question: Part, language: str, problems: Problems
) -> Any:
    typed = form.get(name, "").strip()
    match reading:
        case "flag":
            return True if typed else None
        case "text":
            return _text(form, name, question.get(name), language)
        case "several":
            return form.getlist(name) or None
        case "whole" | "number" if typed:
            number = read_number(typed)
            if isinstance(number, str) or (reading == "whole" and number != int(number or 0)):
                problems[name] = (
                    _("Enter a whole number.") if reading == "whole" else _("Enter a number.")
                )
                return question.get(name)
            return int(number or 0) if reading == "whole" else number
        case _:
            return typed or None


def _members(
    form: Form, name: str, question: Part, language: str, problems: Problems
) -> list[Part]:
    """The options or rows in the order that was typed; lines without code and label are dropped."""
    known = {part["code"]: part for part in question.get(name, ())}
    lines: list[tuple[float, int, Part]] = []
    for number in _numbers(form, name):
        prefix = f"{name}-{number}-"
        label = form.get(prefix + "label", "").strip()
        was = known.get(form.get(prefix + "was", ""))
        code = form.get(prefix + "code", "").strip()
        if form.get(prefix + "delete") or not (label or code or was):
            continue
        part: Part = {"code": code or _next_code(form, name, label)}
        part["label"] = _text(form, prefix + "label", was["label"] if was else {}, language) or {}
        if condition := form.get(prefix + "show_if", "").strip():
            part["show_if"] = condition
        for flag in ("exclusive", "no_opinion"):
            if form.get(prefix + flag):
                part[flag] = True
        if question["type"] == "budget" and name == "options":
            cost = read_number(form.get(prefix + "cost", ""))
            part["cost"] = 0 if cost is None else cost
            if isinstance(cost, str):
                problems[prefix + "cost"] = _("Enter a number.")
                part["cost"] = 0
        place = read_number(form.get(prefix + "place", ""))
        lines.append((place if isinstance(place, (int, float)) else 10**6, number, part))
    members = [part for _place, _number, part in sorted(lines, key=lambda line: line[:2])]
    for line in form.get(f"{name}-more", "").splitlines():
        if line.strip():
            code, bar, label = line.partition("|")
            label, code = (label.strip(), code.strip()) if bar else (line.strip(), "")
            taken = {part["code"] for part in members}
            part = {"code": code or _free_code(label, taken), "label": {language: label}}
            members.append(part | ({"cost": 0} if question["type"] == "budget" else {}))
    if len(members) > MAX_OPTIONS:
        problems[f"{name}-more"] = _(
            "At most %(most)s are possible; these are %(given)s.",
            most=f"{MAX_OPTIONS:,}", given=f"{len(members):,}",
        )  # fmt: skip
    return members


def _numbers(form: Form, name: str) -> Iterable[int]:
    found = {
        int(match.group(1))
        for field in form
        if (match := re.fullmatch(rf"{name}-([0-9]{{1,4}})-label", field))
    }
    return sorted(found)


def _next_code(form: Form, name: str, label: str) -> str:
    taken = {form.get(f"{name}-{number}-code", "").strip() for number in _numbers(form, name)}
    return _free_code(label, taken)


def _free_code(label: str, taken: set[str]) -> str:
    """A short code from the first words of a label, or the next number."""
    words = re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")[:20].rstrip("_")
    if not words or not words.isascii():
        words = "o"
    codes = [words, *(f"{words}_{number}" for number in range(2, 1000))]
    return next(code for code in codes if code not in taken)


def _other(form: Form, before: Part | None, language: str) -> Part | None:
    if not form.get("other"):
        return None
    label = _text(form, "other_label", (before or {}).get("label"), language) or {}
    other: Part = {"code": (before or {}).get("code", "other"), "label": label}
    if form.get("other_required"):
        other["required"] = True
    return other


def _rules(form: Form, before: list[Part], language: str) -> list[Part] | None:
    rules = []
    for number in range(len(before) + SPARE_LINES):
        check = form.get(f"rule-{number}-check", "").strip()
        was = before[number]["message"] if number < len(before) else {}
        message = _text(form, f"rule-{number}-message", was, language)
        if check:
            rules.append({"check": check, "message": message or {}})
    return rules or None
