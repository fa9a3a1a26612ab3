"""LimeSurvey's validation: limits that are expressions, sums, patterns, equations, as rules.

A limit that nobody gave is none: ``min_num_value_n`` of ``num`` becomes ``not Q < num``, which
holds while ``num`` is not answered. Numbers that are written out are fields of the question instead
(``surveys.formats.lss.builder``).
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from surveys.formats.lss.attributes import is_default
from surveys.formats.lss.builder import Built
from surveys.formats.lss.expressions import (
    translate_check,
    translate_number,
    translate_operand,
)
from surveys.formats.lss.file import LimeQuestion
from surveys.formats.lss.meaning import (
    Constant,
    Holds,
    Moment,
    Several,
    Untranslatable,
    Variable,
    answered,
    negation,
    numeral,
    words,
)
from surveys.formats.lss.text_functions import plain_pattern
from surveys.formats.lss.tokens import split_conjunction
from surveys.formats.lss.variables import Context
from surveys.language.evaluation import read_date, read_number
from surveys.language.expressions import (
    Arithmetic,
    Call,
    Comparison,
    Expression,
    Literal,
    Negative,
    Not,
    Reference,
    all_of,
    any_of,
)

SUMS = {
    "min_num_value": "<", "min_num_value_sgqa": "<", "max_num_value": ">",
    "max_num_value_sgqa": ">", "equals_num_value": "!=", "num_value_equals_sgqa": "!=",
}  # fmt: skip
_SUM_MESSAGES = {"<": "sum_at_least", ">": "sum_at_most", "!=": "sum_exactly"}
LIMITS = {
    "min_num_value_n": "<", "max_num_value_n": ">", "multiflexible_min": "<",
    "multiflexible_max": ">",
}  # fmt: skip
COUNTS = {"min_answers": "<", "max_answers": ">"}
DATES = {"date_min": "<", "date_max": ">"}
NAMES = frozenset(
    {*SUMS, *LIMITS, *COUNTS, *DATES, "em_validation_q", "em_validation_sq", "maximum_chars",
     "multiflexible_step", "min_num_of_files"}
)  # fmt: skip
TIPS = frozenset({"em_validation_q_tip", "em_validation_sq_tip"})
_MOST_CELLS = 300
_WRITTEN_OUT = "Only those who answer the question are asked for so many answers."


@dataclass(frozen=True, slots=True)
class Draft:
    """A rule to be.

    ``message``: the kind of message and the value in it; or the name of the attribute with the
    tip. ``needs_answer``: that an answer is asked for, where this holds. ``partly``: what of the
    original it does not say.
    """

    check: Expression
    message: tuple[str, Expression | None] | str
    needs_answer: Expression | None = None
    partly: str = ""


Made = Callable[[], Draft]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A rule before it is made: the attribute it comes from, its value, its own message as HTML by
    language, and what makes it, which may raise ``Untranslatable``."""

    name: str
    source: str
    make: Made
    tip: dict[str, str] = field(default_factory=dict)


def rules_of(question: LimeQuestion, built: Built, context: Context) -> Iterator[Wanted]:
    """What is checked of the answer and ``built`` does not say already."""
    about = _Rules(question, built, context)
    for name in question.attributes:
        if name in NAMES and name not in built.used:
            value = question.attribute(name)
            if is_default(name, value):
                continue
            tips = question.attributes.get(f"{name}_tip", {})
            for part, tip in _parts(name, value, tips):
                yield Wanted(f"attribute {name}", part, about.maker(name, part), tip)
    preg = question.fields.get("preg", "").strip()
    if preg:
        yield Wanted("preg", preg, lambda: about.pattern(preg))


def _parts(name: str, value: str, tips: dict[str, str]) -> list[tuple[str, dict[str, str]]]:
    """An equation of several parts with a line for each is several rules."""
    parts = split_conjunction(value) if name == "em_validation_q" else [value]
    lines = {language: re.split(r"<br ?/?>", html) for language, html in tips.items()}
    if len(parts) == 1 or {len(said) for said in lines.values()} != {len(parts)}:
        return [(value, tips)]
    return [
        (part, {language: said[place] for language, said in lines.items()})
        for place, part in enumerate(parts)
    ]


class _Rules:
    def __init__(self, question: LimeQuestion, built: Built, context: Context) -> None:
        self.question = question
        self.document: dict[str, Any] = built.documents[0]
        self.whole = Reference(self.document["code"])
        # What there is to fill in, each once.
        cells: dict[str, Variable] = {}
        for key, variable in built.variables.items():
            is_part = variable_is_part(key, variable, self.document["code"])
            if is_part and isinstance(variable, Variable):
                cells.setdefault(f"{variable.reference}/{variable.ticked}", variable)
        self.cells = list(cells.values())
        itself = self.itself()
        this = itself if isinstance(itself, Variable) else None
        self_ = context.variables.itself.get(question.qid, itself)
        self.context = replace(context, self_=self_, this=this)

    def itself(self) -> Variable | Several | None:
        if not self.cells:
            return None
        if self.document["type"] in ("matrix", "multiple_choice", "ranking"):
            return Several(tuple(self.cells), self.whole)
        return self.cells[0]

    def maker(self, name: str, value: str) -> Made:
        if name in SUMS:
            return lambda: self.sum(name, value)
        if name in LIMITS:
            return lambda: self.limit(name, value)
        if name in COUNTS:
            return lambda: self.count(name, value)
        if name in DATES:
            return lambda: self.day(name, value)
        return lambda: getattr(self, f"make_{name}")(value)

    @property
    def is_matrix(self) -> bool:
        return bool(self.document["type"] == "matrix")

    def numbers(self) -> None:
        if not self.cells or self.cells[0].holds != Holds.NUMBER:
            raise Untranslatable("the question asks for no numbers")

    def few_cells(self) -> None:
        """Where each is named: an expression has an end."""
        if len(self.cells) > _MOST_CELLS:
            raise Untranslatable("the question has too many parts to name each of them")

    def limit(self, name: str, value: str) -> Draft:
        self.numbers()
        limit = translate_number(value, self.context)
        extreme = "min" if LIMITS[name] == "<" else "max"
        given = Call(extreme, (self.whole,)) if self.is_matrix else self.whole
        kind = "at_least" if LIMITS[name] == "<" else "at_most"
        return Draft(_not(given, LIMITS[name], limit), (kind, limit))

    def sum(self, name: str, value: str) -> Draft:
        self.numbers()
        limit = translate_number(value, self.context)
        given = Call("sum", (self.whole,)) if self.is_matrix else self.whole
        kind = _SUM_MESSAGES[SUMS[name]]
        return Draft(_not(given, SUMS[name], limit), (kind, limit))

    def count(self, name: str, value: str) -> Draft:
        if self.document["type"] not in ("matrix", "multiple_choice", "ranking"):
            raise Untranslatable("the question takes a single answer")
        limit = translate_number(value, self.context)
        counted: tuple[Expression, ...] = (self.whole,)
        if self.is_matrix and "options" in self.document and self.document["cell"] != "single":
            self.few_cells()
            counted = tuple(
                cell.ticked if cell.ticked is not None else cell.reference for cell in self.cells
            )
        check = _not(Call("count", counted), COUNTS[name], limit)
        kind = "answers_at_least" if name == "min_answers" else "answers_at_most"
        draft = Draft(check, (kind, limit))
        if name == "max_answers":
            return draft
        if self.is_matrix:
            # Here "required" asks for every row.
            return replace(draft, partly=_WRITTEN_OUT)
        return replace(draft, needs_answer=Comparison(">", limit, Literal(0)))

    def day(self, name: str, value: str) -> Draft:
        if value.strip().lower() in ("now", "today"):
            value = "time()"
        operand = translate_operand(value, self.context)
        if isinstance(operand, Constant) and read_date(operand.text) is not None:
            operand = Moment(Literal(operand.text))
        if isinstance(operand, Constant) and operand.text.strip().lower() in ("now", "today"):
            operand = Moment(Call("today", ()))
        if not isinstance(operand, Moment):
            raise Untranslatable("it is no date")
        check = _not(self.whole, DATES[name], operand.day)
        kind = "at_least" if name == "date_min" else "at_most"
        return Draft(check, (kind, operand.day))

    def pattern(self, written: str) -> Draft:
        pattern = Literal(plain_pattern(written))
        parts = []
        self.few_cells()
        for cell in self.cells:
            if cell.holds in (Holds.DATE, Holds.FILES, Holds.TICK):
                raise Untranslatable("the pattern is for what is written")
            matches = Call("matches", (words(cell), pattern))
            one = any_of(negation(answered(cell)), matches) if len(self.cells) > 1 else matches
            parts.append(one)
        if not parts:
            raise Untranslatable("there is nothing to fill in")
        return Draft(all_of(*parts), ("form", None))

    def make_em_validation_q(self, value: str) -> Draft:
        if self.context.this is None and re.search(r"\bthis\b", value):
            # Where there is "this", each part of the question must satisfy it.
            return replace(self.make_em_validation_sq(value), message="em_validation_q_tip")
        return Draft(translate_check(value, self.context), "em_validation_q_tip")

    def make_em_validation_sq(self, value: str) -> Draft:
        """For each part of the question that is asked."""
        parts = []
        self.few_cells()
        for cell in self.cells:
            holds = translate_check(value, replace(self.context, this=cell))
            row = Reference(cell.reference.name, cell.reference.row)
            if row.row is not None and str(row) in self.context.variables.hideable:
                holds = any_of(negation(Call("shown", (row,))), holds)
            parts.append(holds)
        if not parts:
            raise Untranslatable("the question has no parts to fill in")
        return Draft(all_of(*parts), "em_validation_sq_tip")

    def make_maximum_chars(self, value: str) -> Draft:
        """Of numbers: how many characters they are written with."""
        self.numbers()
        longest = read_number(value)
        if longest is None:
            raise Untranslatable("it is no number")
        self.few_cells()
        parts = [_not(Call("length", (words(cell),)), ">", numeral(value)) for cell in self.cells]
        return Draft(all_of(*parts), ("form", None))

    def make_multiflexible_step(self, value: str) -> Draft:
        """Numbers in steps, counted from the lowest."""
        step = read_number(value)
        low = self.document.get("minimum", 0)
        if not step or self.document.get("cell") != "number":
            raise Untranslatable("it is about numbers in steps")
        parts = []
        self.few_cells()
        for cell in self.cells:
            start = Negative(numeral(str(-low))) if low < 0 else numeral(str(low))
            above = Arithmetic("-", cell.reference, start) if low else cell.reference
            steps = Arithmetic("/", above, numeral(value))
            in_steps = Comparison("==", Call("floor", (steps,)), steps)
            parts.append(any_of(negation(answered(cell)), in_steps))
        return Draft(all_of(*parts), ("form", None))

    def make_min_num_of_files(self, value: str) -> Draft:
        limit = translate_number(value, self.context)
        check = _not(Call("count", (self.whole,)), "<", limit)
        return Draft(check, ("answers_at_least", limit))


def variable_is_part(key: str, variable: object, code: str) -> bool:
    """Whether it is what the question itself asks: no comment, no text beside "other"."""
    return (
        isinstance(variable, Variable)
        and variable.reference.name == code
        and not re.search(r"(comment|#[01])$", key)
    )


def _not(given: Expression, operator: str, limit: Expression) -> Expression:
    """That it does not compare so; it does not where there is no limit, or nothing given."""
    return Not(Comparison(operator, given, limit))
