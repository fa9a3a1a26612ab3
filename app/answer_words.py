"""An answer in words, for every type of question; and the words of options nobody wrote.

``answer_lines`` is what review pages, receipts and their documents show. It takes answers as they
are stored: what has an odd form (an import, an older version) is shown as it is, never an error.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from babel.dates import format_date as babel_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.database import read_session
from app.i18n import format_date, format_number, interface_language, localized
from core.text import LocalizedText
from surveys.language.literals import read_quarter
from surveys.questionnaire import NO_OPINION, Question
from surveys.statement_text import is_added
from surveys.statements import find_texts

Say = Callable[[LocalizedText], str]

STANCE_LABELS = {"agree": _l("Agree"), "disagree": _l("Disagree"), "pass": _l("Pass")}
COMMENT_LABELS = {
    "support": _l("Support it"),
    "change": _l("Change it"),
    "oppose": _l("Oppose it"),
    "comment": _l("Comment only"),
}
PRIORITY_LABELS = {
    "1": _l("1 – not needed"),
    "2": _l("2 – minor"),
    "3": _l("3 – useful"),
    "4": _l("4 – important"),
    "5": _l("5 – essential"),
    NO_OPINION: _l("No opinion"),
}
_LONGEST_NAME = 80


def answer_lines(
    question: Question, answers: Mapping[str, Any], *, say: Say = localized
) -> list[str]:
    """An answer in words, a line a choice or row; an empty list where there is none.

    ``say``: how a text of the questionnaire is said; with earlier answers filled in where the
    route is at hand (``Route.text``), else in the reader's language as it is written. The texts
    of statements that participants added are read from the database.
    """
    value = answers.get(question.code)
    if value in (None, "", [], {}):
        return []
    words = _WORDS.get(question.type, _plain)
    try:
        return words(question, value, answers, say)
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError):
        return [str(value)]


def quarter_text(code: str) -> str:
    """``2028-Q3`` as people write it."""
    day = date(int(code[:4]), 3 * int(code[6]) - 2, 1)
    return babel_date(day, format="QQQQ y", locale=interface_language())


def period_text(code: str) -> str:
    """A year, a range of years or a quarter that answers are counted under."""
    if read_quarter(code) is not None:
        return quarter_text(code)
    return code.replace("-", "–")


def _choice(question: Question, value: Any, answers: Mapping[str, Any], say: Say) -> list[str]:
    codes = value if isinstance(value, (list, tuple)) else [value]
    return [_choice_text(question, code, answers, say) for code in codes]


def _choice_text(question: Question, code: Any, answers: Mapping[str, Any], say: Say) -> str:
    option = question.find_option(code)
    label = say(option.label) if option else str(code)
    if question.other is not None and code == question.other.code:
        detail = answers.get(question.other_code)
        return f"{label}{_(': ')}{detail}" if detail else label
    return label


def _ranking(question: Question, value: Any, answers: Mapping[str, Any], say: Say) -> list[str]:
    names = _choice(question, value, answers, say)
    return [f"{place}. {name}" for place, name in enumerate(names, start=1)]


def _matrix(question: Question, value: Any, answers: Mapping[str, Any], say: Say) -> list[str]:
    return [
        f"{say(row.label).rstrip('.:')}{_(': ')}{_cell_text(question, value[row.code], say)}"
        for row in question.rows
        if row.code in value
    ]


def _cell_text(question: Question, value: Any, say: Say) -> str:
    if isinstance(value, dict):
        return _("; ").join(
            f"{say(option.label)}{_(': ')}{_value_text(question.cell or '', value[option.code])}"
            for option in question.options
            if option.code in value
        )
    if question.cell in ("single", "multiple"):
        return ", ".join(_choice(question, value, {}, say))
    return _value_text(question.cell or "", value)


def _plain(question: Question, value: Any, answers: Mapping[str, Any], say: Say) -> list[str]:
    if question.type == "calculation" and isinstance(value, bool):
        return [_("Yes") if value else _("No")]
    text = _value_text("number" if question.type == "calculation" else question.type, value)
    if question.type == "number" and question.unit:
        text += f" {say(question.unit)}"
    return [text]


def _value_text(kind: str, value: Any) -> str:
    if kind == "number" and isinstance(value, int | float):
        return format_number(value)
    if kind == "date":
        return format_date(str(value))
    if kind == "quarter" and read_quarter(value) is not None:
        return quarter_text(value)
    return str(value)


def _rating(question: Question, value: Any, answers: Mapping[str, Any], say: Say) -> list[str]:
    if value == NO_OPINION:
        return [say(question.no_opinion) if question.no_opinion else str(_("No opinion"))]
    number = format_number(value)
    ends = [
        f"{format_number(end)} = {say(label)}"
        for end, label in ((question.minimum, question.low), (question.maximum, question.high))
        if label and isinstance(end, int | float)
    ]
    return [f"{number} ({', '.join(ends)})" if ends else number]


def _points(question: Question, value: Any, answers: Mapping[str, Any], say: Say) -> list[str]:
    return [
        f"{_name(question, code, say)}{_(': ')}{format_number(points)}"
        for code, points in value.items()
    ]


def _budget(question: Question, value: Any, answers: Mapping[str, Any], say: Say) -> list[str]:
    unit = f" {say(question.unit)}" if question.unit else ""
    costs = {option.code: option.cost or 0 for option in question.options}
    lines = [f"{_name(question, code, say)} ({format_number(costs[code])}{unit})" for code in value]
    spent = format_number(sum(costs[code] for code in value)) + unit
    total = format_number(question.total or 0) + unit
    return [*lines, _("Together: %(spent)s of %(total)s", spent=spent, total=total)]


def _consent(question: Question, value: Any, answers: Mapping[str, Any], say: Say) -> list[str]:
    return [_("I consent")] if value is True else []


def _statements(question: Question, value: Any, answers: Mapping[str, Any], say: Say) -> list[str]:
    added = [code for code in value if question.find_option(code) is None and is_added(code)]
    texts: Mapping[str, LocalizedText] = {}
    if added:
        texts = find_texts(read_session(), question=question.code, codes=added)
    lines = []
    for code, stance in value.items():
        text = texts.get(code)
        name = localized(text) if text else _name(question, code, say)
        lines.append(f"{name} – {STANCE_LABELS[stance]}")
    return lines


def _priorities(question: Question, value: Any, answers: Mapping[str, Any], say: Say) -> list[str]:
    return [
        f"{_name(question, code, say)}{_(': ')}{PRIORITY_LABELS[_level(level)]}"
        for code, level in value.items()
        if level not in (None, "")
    ]


def _level(level: Any) -> str:
    return level if level == NO_OPINION else str(int(level))


def _years(question: Question, value: Any, answers: Mapping[str, Any], say: Say) -> list[str]:
    return [
        f"{_name(question, code, say)}{_(': ')}{_estimate_text(estimate)}"
        for code, estimate in value.items()
        if estimate
    ]


def _estimate_text(estimate: Mapping[str, Any]) -> str:
    if estimate.get("never") is True:
        return _("never")
    likely, first, last = (estimate.get(name) or "–" for name in ("likely", "earliest", "latest"))
    if first == last == "–":
        return str(likely)
    return _(
        "most likely %(likely)s (earliest %(first)s, latest %(last)s)",
        likely=likely, first=first, last=last,
    )  # fmt: skip


def _proposals(question: Question, value: Any, answers: Mapping[str, Any], say: Say) -> list[str]:
    lines = []
    for entry in value:
        year = f" ({entry['year']})" if entry.get("year") else ""
        description = f": {entry['description']}" if entry.get("description") else ""
        lines.append(f"{entry.get('title', '')}{year}{description}")
    return lines


def _dependencies(
    question: Question, value: Any, answers: Mapping[str, Any], say: Say
) -> list[str]:
    lines = []
    for code, reason in (value.get("disputed") or {}).items():
        start, _sign, end = code.partition(">")
        edge = f"{_name(question, start, say)} → {_name(question, end, say)}"
        lines.append(_("Disputed: %(what)s", what=edge) + _reason(reason))
    for entry in value.get("proposed") or []:
        ends = [_name(question, entry.get(end) or "", say) for end in ("from", "to")]
        edge = f"{ends[0]} → {ends[1]}" + (f" ({entry['kind']})" if entry.get("kind") else "")
        lines.append(_("Proposed: %(what)s", what=edge) + _reason(entry.get("reason")))
    return lines


def _reason(reason: Any) -> str:
    return f"{_(': ')}{reason}" if isinstance(reason, str) and reason.strip() else ""


def _comments(question: Question, value: Any, answers: Mapping[str, Any], say: Say) -> list[str]:
    lines = []
    for code, comment in value.items():
        parts = [str(COMMENT_LABELS[comment["stance"]])] if comment.get("stance") else []
        parts += [comment["text"]] if comment.get("text") else []
        if parts:
            name = _("“%(name)s”", name=_name(question, code, say))
            lines.append(f"{name}{_(': ')}{' – '.join(parts)}")
    return lines


def _files(question: Question, value: Any, answers: Mapping[str, Any], say: Say) -> list[str]:
    return [f"{file['name']} ({_size_text(file['size'])})" for file in value]


def _size_text(size: int) -> str:
    if size < 1_000_000:
        return _("%(size)s kB", size=format_number(max(1, round(size / 1_000))))
    return _("%(size)s MB", size=format_number(round(size / 1_000_000, 1)))


def _name(question: Question, code: str, say: Say) -> str:
    """What an option is called, shortened where it is a whole paragraph."""
    option = question.find_option(code)
    name = " ".join((say(option.label) if option else str(code)).split())
    return name if len(name) <= _LONGEST_NAME or question.type == "statements" else (
        f"{name[:_LONGEST_NAME].rstrip()}…"
    )  # fmt: skip


_WORDS: dict[str, Callable[[Question, Any, Mapping[str, Any], Say], list[str]]] = {
    "single_choice": _choice,
    "multiple_choice": _choice,
    "matrix": _matrix,
    "rating": _rating,
    "ranking": _ranking,
    "points": _points,
    "budget": _budget,
    "consent": _consent,
    "statements": _statements,
    "milestone_priorities": _priorities,
    "milestone_years": _years,
    "milestone_proposals": _proposals,
    "dependencies": _dependencies,
    "paragraph_comments": _comments,
    "upload": _files,
}
