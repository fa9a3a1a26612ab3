"""What is counted of a questionnaire: its entries, and what an answer counts under. Pure.

An entry is a question, or one row of it (``question.row``): a row of a matrix, a statement, a
milestone, a paragraph. It has options, and each answer counts under one of them (the options
exclude each other), or under any number of them (``Entry.many``), or under none where people
answer in their own words. Beside the counts, some entries add something up per option: points,
and places in a ranking (``Entry.adds_up``).

==================== ============================== ==================================== =========
type                 entries                        options                              sums
==================== ============================== ==================================== =========
choices              question, matrix row           as asked                             –
rating               question                       every point, no opinion              –
ranking              question                       who comes first                      Borda (x2)
year, quarter        question                       years or quarters (see ``periods``)  –
points               question                       who got any (many)                   points
budget               question                       chosen (many)                        –
consent              question                       given                                –
statements           statement                      agree, disagree, pass                –
milestone_priorities milestone                      1 to 5, no opinion                   –
milestone_years      milestone                      likely year, never                   –
dependencies         question                       disputed ones, proposed any (many)   –
paragraph_comments   paragraph                      support, change, oppose, comment     –
calculation          question                       true/false, or its known texts       number
all others           question, matrix row           none: only how many answered         –
==================== ============================== ==================================== =========

Borda points: of m options the r-th gets m − r; those left unplaced share the places that are left,
so each gets the mean of their points, and nobody gains by leaving places empty. Counted doubled,
so that halves are whole numbers.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.text import LocalizedText
from surveys.counting.periods import period_options, period_reader
from surveys.language.expression_types import Kind
from surveys.language.expressions import Call, Expression, Literal, Reference
from surveys.language.piping import is_piped, without_answers
from surveys.questionnaire import (
    COMMENT_STANCES,
    NO_OPINION,
    PRIORITY_LEVELS,
    STANCES,
    Option,
    Question,
    Questionnaire,
    Row,
)
from surveys.scope import QuestionScope

ROW_TYPES = frozenset(
    {"statements", "milestone_priorities", "milestone_years", "paragraph_comments"}
)
"""Types each of whose options is an entry of its own, as the rows of a matrix are."""

GIVEN, NEVER, PROPOSED, COMMENT = "given", "never", "proposed", "comment"
WHOLE = ""
"""The name under which an entry without options adds its numbers up."""
THOUSANDTHS = 1_000
_LARGEST = 10**12
_MOST_TEXTS = 30

# English; pages say them in the reader's language (app.presentation).
_WORDS = {
    "agree": "Agree", "disagree": "Disagree", "pass": "Pass", "support": "Support it",
    "change": "Change it", "oppose": "Oppose it", COMMENT: "Comment only", GIVEN: "Given",
    NEVER: "Never", NO_OPINION: "No opinion", PROPOSED: "Proposed another", "true": "Yes",
    "false": "No",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that is counted; ``code`` names it, ``options`` what an answer counts under."""

    question: Question
    row: Row | None = None
    options: tuple[Option, ...] = ()
    # Of a calculation: what kind of value it gives.
    kind: Kind | None = None

    @property
    def code(self) -> str:
        return f"{self.question.code}.{self.row.code}" if self.row else self.question.code

    @property
    def title(self) -> LocalizedText:
        """The question's title; for a row ``question: row`` in every language of both. Where an
        answer would be filled in there are three dots."""
        title = self.question.title
        if self.row is None:
            return _for_everyone(title)
        label = self.row.label
        languages = dict.fromkeys([title.fallback, *title, *label])
        return _for_everyone(
            LocalizedText(
                {
                    code: f"{title.in_language(code)}: {label.in_language(code)}"
                    for code in languages
                }
            )
        )

    @property
    def many(self) -> bool:
        """Whether one answer may count under several options."""
        if self.question.type == "matrix":
            return self.question.cell == "multiple"
        return self.question.type in {"multiple_choice", "points", "budget", "dependencies"}

    @property
    def sums(self) -> tuple[str, ...]:
        """The names under which numbers are added up: codes of options, or ``WHOLE``."""
        if self.question.type in {"points", "ranking"}:
            return tuple(option.code for option in self.options)
        return (WHOLE,) if self.kind is Kind.NUMBER else ()

    def reader(self) -> Callable[[Any], list[str] | None]:
        """What gives for an answer the options it counts under; None where it is no answer.

        An answer that does not have the form of one is none, and so is one choice that is not
        among the options: one odd response must not stop the counting of all others.
        """
        return _reader(self)

    def adder(self) -> Callable[[Any], Mapping[str, int]] | None:
        """What gives for an answer (one ``reader`` does not take for None) the numbers to add."""
        return _adder(self)


def entries_of(
    questionnaire: Questionnaire, added: Mapping[str, tuple[Option, ...]] | None = None
) -> tuple[Entry, ...]:
    """Everything that is counted, in the order asked. Information texts are not.

    ``added``: statements that participants added, by question; they follow the listed ones.
    """
    scope = QuestionScope(questionnaire.questions)
    return tuple(
        entry
        for question in questionnaire.questions
        if question.type != "information"
        for entry in _entries(question, scope, (added or {}).get(question.code, ()))
    )


def _entries(question: Question, scope: QuestionScope, added: tuple[Option, ...]) -> list[Entry]:
    if question.type == "calculation":
        found = scope.type_of(Reference(question.code))
        kind = None if isinstance(found, str) else found.kind
        return [Entry(question, None, _calculated_options(question, kind, scope), kind)]
    options = _options(question)
    if question.rows:
        return [Entry(question, row, options) for row in question.rows]
    if question.type in ROW_TYPES:
        judged = (*question.options, *added)
        rows = (Row(option.code, option.label, option.show_if) for option in judged)
        return [Entry(question, row, options) for row in rows]
    return [Entry(question, None, options)]


def _options(question: Question) -> tuple[Option, ...]:
    match question.type:
        case "single_choice" | "multiple_choice":
            return question.all_options
        case "matrix":
            return question.options if question.cell in {"single", "multiple"} else ()
        case "ranking" | "points" | "budget":
            return question.options
        case "rating":
            return _rating_options(question)
        case "year" | "quarter":
            return period_options(question)
        case "milestone_years":
            return (*period_options(question), _worded(NEVER))
        case "consent":
            return (_worded(GIVEN),)
        case "statements":
            return tuple(map(_worded, STANCES))
        case "milestone_priorities":
            return (*(_numbered(level) for level in PRIORITY_LEVELS), _worded(NO_OPINION))
        case "paragraph_comments":
            return tuple(map(_worded, (*COMMENT_STANCES, COMMENT)))
        case "dependencies":
            return (*_dependency_options(question), _worded(PROPOSED))
        case _:
            return ()


def _rating_options(question: Question) -> tuple[Option, ...]:
    low, high = int(_number(question.minimum, 1)), int(_number(question.maximum, 5))
    ends = {low: question.low, high: question.high}
    points = [_numbered(point, ends.get(point)) for point in range(low, high + 1)]
    if question.no_opinion is not None:
        points.append(Option(NO_OPINION, question.no_opinion, no_opinion=True))
    return tuple(points)


def _numbered(number: int, words: LocalizedText | None = None) -> Option:
    """A point of a scale, with the words at its end: "5 – essential"."""
    if words is None or not words:
        return Option(str(number), LocalizedText.of(str(number)))
    texts = {code: f"{number} – {text}" for code, text in words.items()}
    return Option(str(number), LocalizedText(texts, words.fallback))


def _worded(code: str) -> Option:
    return Option(code, LocalizedText.of(_WORDS[code]), no_opinion=code == NO_OPINION)


def _dependency_options(question: Question) -> list[Option]:
    labels = {option.code: option.label for option in question.options}
    found = []
    for dependency in question.dependencies:
        ends = [labels.get(code) or LocalizedText.of(code)
                for code in (dependency.from_, dependency.to)]  # fmt: skip
        languages = dict.fromkeys([ends[0].fallback, *ends[0], *ends[1]])
        texts = {
            language: f"{ends[0].in_language(language)} → {ends[1].in_language(language)}"
            f" ({dependency.kind})"
            for language in languages
        }
        found.append(Option(dependency.code, LocalizedText(texts)))
    return found


def _calculated_options(
    question: Question, kind: Kind | None, scope: QuestionScope
) -> tuple[Option, ...]:
    if kind is Kind.BOOLEAN:
        return (_worded("true"), _worded("false"))
    if kind not in (Kind.TEXT, Kind.OPTION) or question.value is None:
        return ()
    outcomes = _outcomes(question.value, scope, {question.code})
    if outcomes is None or len(outcomes) > _MOST_TEXTS:
        return ()
    return tuple(Option(code, label) for code, label in outcomes.items())


def _outcomes(
    node: Expression, scope: QuestionScope, within: set[str]
) -> dict[str, LocalizedText] | None:
    """Every text that ``node`` can give, with how it is said; None where they are not known."""
    match node:
        case Literal(str() as text):
            return {text: LocalizedText.of(text)} if text else {}
        case Call("if", (_, first, second)):
            both = [_outcomes(branch, scope, within) for branch in (first, second)]
            return None if None in both else {**(both[0] or {}), **(both[1] or {})}
        case Reference(name, None, None) if name in scope.questions and name not in within:
            question = scope.questions[name]
            if question.type == "single_choice":
                return {option.code: option.label for option in question.all_options}
            if question.type == "calculation" and question.value is not None:
                return _outcomes(question.value, scope, within | {name})
    return None


def _reader(entry: Entry) -> Callable[[Any], list[str] | None]:
    known = {option.code for option in entry.options}

    def one(code: Any) -> list[str] | None:
        return [code] if isinstance(code, str) and code in known else None

    def several(codes: Any) -> list[str] | None:
        if not isinstance(codes, (list, tuple)) or not codes:
            return None
        return [code for code in dict.fromkeys(filter(_is_text, codes)) if code in known]

    def first(codes: Any) -> list[str] | None:
        return (several(codes) or None) and several(codes)[:1]  # type: ignore[index]

    def numbered(value: Any) -> list[str] | None:
        return one(value) if value == NO_OPINION else one(str(_whole(value)))

    def given_points(value: Any) -> list[str] | None:
        return list(_points(value, known)) or None

    def judged(value: Any) -> list[str] | None:
        if entry.kind is Kind.BOOLEAN:
            return one(str(value).lower()) if isinstance(value, bool) else None
        return one(value)

    def commented(value: Any) -> list[str] | None:
        if not isinstance(value, Mapping):
            return None
        text = value.get("text")
        wrote = isinstance(text, str) and text.strip()
        return one(value.get("stance")) or ([COMMENT] if wrote else None)

    def disputed(value: Any) -> list[str] | None:
        if not isinstance(value, Mapping):
            return None
        edges = value.get("disputed")
        given = edges.items() if isinstance(edges, Mapping) else ()
        found = [code for code, why in given if code in known - {PROPOSED} and _is_given(why)]
        proposed = value.get("proposed")
        if isinstance(proposed, (list, tuple)) and any(map(_is_given, proposed)):
            found.append(PROPOSED)
        return found or None

    kind = entry.question.type
    if kind in ("year", "quarter", "milestone_years"):
        period = period_reader(entry.question)

        def timed(value: Any) -> list[str] | None:
            if kind == "milestone_years":
                if not isinstance(value, Mapping):
                    return None
                if value.get("never") is True:
                    return [NEVER]
                value = value.get("likely")
            code = period(value)
            return None if code is None else [code]

        return timed
    if not entry.options:
        return lambda value: [] if _is_given(value) or value is False else None
    readers: dict[str, Callable[[Any], list[str] | None]] = {
        "ranking": first, "points": given_points, "rating": numbered, "calculation": judged,
        "milestone_priorities": numbered, "paragraph_comments": commented,
        "dependencies": disputed,
        "consent": lambda value: [GIVEN] if value is True else None,
    }  # fmt: skip
    return readers.get(kind, several if entry.many else one)


def _adder(entry: Entry) -> Callable[[Any], Mapping[str, int]] | None:
    codes = entry.sums
    known = set(codes)
    if entry.question.type == "points":
        return lambda value: _points(value, known)
    if entry.question.type == "ranking":
        return lambda value: _borda(value, codes)
    if codes:
        return _thousandths
    return None


def _borda(value: Any, codes: tuple[str, ...]) -> dict[str, int]:
    """Doubled points of every option of one ranking."""
    ranked = [code for code in dict.fromkeys(filter(_is_text, value)) if code in codes]
    left = len(codes) - len(ranked)
    points = dict.fromkeys(codes, left - 1 if left else 0)
    points |= {code: 2 * (len(codes) - place) for place, code in enumerate(ranked, start=1)}
    return {code: number for code, number in points.items() if number}


def _points(value: Any, known: set[str]) -> dict[str, int]:
    """The points given, those above nothing."""
    if not isinstance(value, Mapping):
        return {}
    given = {code: _whole(number) for code, number in value.items() if code in known}
    return {code: number for code, number in given.items() if number and 0 < number <= _LARGEST}


def _thousandths(value: Any) -> dict[str, int]:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return {}
    if not math.isfinite(value) or abs(value) > _LARGEST:
        return {}
    return {WHOLE: round(value * THOUSANDTHS)}


def _whole(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return int(value) if math.isfinite(value) and value == int(value) else None


def _number(value: Any, otherwise: float) -> float:
    return value if isinstance(value, (int, float)) else otherwise


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_given(value: Any) -> bool:
    """Whether there is anything in an answer: zero is an answer, white space is none."""
    if isinstance(value, str):
        return bool(value.strip())
    if isinstance(value, Mapping):
        return any(map(_is_given, value.values()))
    return value is not None and value is not False and value != [] and value != ()


def _for_everyone(text: LocalizedText) -> LocalizedText:
    if not any(is_piped(words) for words in text.values()):
        return text
    return LocalizedText(
        {code: without_answers(words) for code, words in text.items()}, text.fallback
    )
