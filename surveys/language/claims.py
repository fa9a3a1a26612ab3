"""Claims about single values, and which of them contradict each other.

A claim says of a value that it is so, or that it is not known to be so: "not Q2 > 3" leaves open
that Q2 is unanswered. Once something else needs Q2 to have a value, it says "Q2 <= 3".
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from surveys.language.expressions import Expression, Literal, Reference
from surveys.language.number_ranges import Range, calendar_number
from surveys.questionnaire import Question

_OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}


class _Domain(StrEnum):
    NUMBER = "number"
    OPTION = "option"
    TEXT = "text"


@dataclass(slots=True)
class _Value:
    """What is claimed of one value: (operator, constant, whether it holds)."""

    domain: _Domain
    range: Range = field(default_factory=Range)
    codes: frozenset[str] = frozenset()
    always: bool = False
    claims: list[tuple[str, float | str, bool]] = field(default_factory=list)
    # The constants as they were written.
    written: list[str] = field(default_factory=list)

    def copy(self) -> "_Value":
        return _Value(
            self.domain, self.range, self.codes, self.always, [*self.claims], [*self.written]
        )


class Claims:
    """What one branch of a search claims."""

    def __init__(self, questions: Mapping[str, Question]) -> None:
        self.questions = questions
        self._values: dict[str, _Value] = {}
        self._opaque: dict[str, set[bool]] = {}
        self._answered: set[str] = set()
        self._unanswered: set[str] = set()
        self._valued: set[str] = set()
        self._members: dict[str, tuple[set[str], set[str]]] = {}
        self._new_answers: list[Reference] = []
        self._new_options: list[tuple[str, str]] = []

    def copy(self) -> "Claims":
        other = Claims(self.questions)
        other._values = {name: value.copy() for name, value in self._values.items()}
        other._opaque = {name: {*held} for name, held in self._opaque.items()}
        other._answered, other._unanswered = {*self._answered}, {*self._unanswered}
        other._valued = {*self._valued}
        other._members = {name: ({*a}, {*b}) for name, (a, b) in self._members.items()}
        other._new_answers, other._new_options = [*self._new_answers], [*self._new_options]
        return other

    def opaque(self, node: Expression, wanted: bool) -> None:
        """``node``, of which nothing is known but that it is the same wherever it is written."""
        self._opaque.setdefault(str(node), set()).add(wanted)

    def answered(self, reference: Reference, wanted: bool) -> None:
        if not wanted:
            self._unanswered.add(str(reference))
            return
        self._need(reference)
        if not self._may_lack_value(reference):
            self._valued.add(str(reference))

    def valued(self, reference: Reference) -> None:
        """``reference`` is answered with a value."""
        self._need(reference)
        self._valued.add(str(reference))

    def _need(self, reference: Reference) -> None:
        """An answer in a row is one to its question."""
        if str(reference) in self._answered:
            return
        self._new_answers.append(reference)
        self._answered.add(reference.name)
        if reference.row is not None:
            self._answered.add(f"{reference.name}.{reference.row}")
        self._answered.add(str(reference))

    def _may_lack_value(self, reference: Reference) -> bool:
        question = self.questions.get(reference.name)
        return question is not None and (
            question.no_opinion is not None or question.type == "milestone_priorities"
        )

    def compared(
        self,
        node: Expression,
        within: Range,
        operator: str,
        constant: object,
        wanted: bool,
        *,
        always: bool,
    ) -> None:
        """A number, day or quarter, which lies ``within``, compared with a constant. ``always``:
        it has a value whatever is answered."""
        number = constant if isinstance(constant, float) else calendar_number(constant)
        if number is None:
            return
        value = self._values.setdefault(
            str(node), _Value(_Domain.NUMBER, range=within, always=always)
        )
        value.claims.append((operator, number, wanted))
        shown = f"'{constant}'" if isinstance(constant, str) else f"{number:g}"
        value.written.append(f"{operator if wanted else _OPPOSITE[operator]} {shown}")

    def is_option(
        self, reference: Reference, codes: frozenset[str], operator: str, code: str, wanted: bool
    ) -> None:
        value = self._values.setdefault(str(reference), _Value(_Domain.OPTION, codes=codes))
        self._add_text(value, operator, code, wanted)

    def is_text(self, node: Expression, operator: str, text: str, wanted: bool) -> None:
        value = self._values.setdefault(str(node), _Value(_Domain.TEXT))
        self._add_text(value, operator, text, wanted)

    def _add_text(self, value: _Value, operator: str, text: str, wanted: bool) -> None:
        value.claims.append((operator, text, wanted))
        value.written.append(f"{operator if wanted else _OPPOSITE[operator]} {Literal(text)}")

    def chosen(self, reference: Reference, code: str, wanted: bool) -> None:
        """Whether the option is (not) among those chosen."""
        inside, outside = self._members.setdefault(str(reference), (set(), set()))
        if not wanted:
            outside.add(code)
            return
        self.valued(reference)
        if code not in inside:
            inside.add(code)
            self._new_options.append((reference.name, code))

    def take_new_answers(self) -> list[Reference]:
        """The answers needed since this was last asked."""
        new, self._new_answers = self._new_answers, []
        return new

    def take_new_options(self) -> list[tuple[str, str]]:
        """(question, option) of what must be chosen, since this was last asked."""
        new, self._new_options = self._new_options, []
        return new

    def contradiction(self) -> str | None:
        """Why not all claims can hold, or None where they may."""
        for name in self._answered & self._unanswered:
            return f"{name} would have to be answered and not answered"
        for name, held in self._opaque.items():
            if len(held) > 1:
                return f"{name} would have to be true and not true"
        for name in self._members:
            why = self._wrong_choice(name)
            if why is not None:
                return why
        for name, value in self._values.items():
            why = self._wrong_value(name, value)
            if why is not None:
                return why
        return None

    def _wrong_choice(self, name: str) -> str | None:
        inside, outside = self._members[name]
        both = inside & outside
        if both:
            return f"'{min(both)}' would have to be chosen in {name} and not chosen"
        question = self.questions.get(name.partition(".")[0])
        if question is None:
            return None
        codes = {option.code for option in question.all_options}
        if name in self._valued and codes <= outside:
            return f"nothing would be left to choose in {name}"
        if name != question.code:
            return None
        exclusive = {option.code for option in question.options if option.exclusive}
        if len(inside) > 1 and inside & exclusive:
            return f"'{min(inside & exclusive)}' excludes the other options of {name}"
        if question.max_choices is not None and len(inside) > question.max_choices:
            return f"at most {question.max_choices} can be chosen in {name}"
        return None

    def _wrong_value(self, name: str, value: _Value) -> str | None:
        there = value.always or name in self._valued or any(held for *_, held in value.claims)
        if not there:
            return None
        claims = [
            (operator if held else _OPPOSITE[operator], constant)
            for operator, constant, held in value.claims
        ]
        written = " and ".join(dict.fromkeys(value.written))
        match value.domain:
            case _Domain.NUMBER:
                within = self._counted(name, value.range)
                if _has_number(within, [(op, float(constant)) for op, constant in claims]):
                    return None
                known = "" if within == Range() else f", and it is {self._said(name, within)}"
                return f"{name} would have to be {written}{known}"
            case _Domain.OPTION:
                left = {c for c in value.codes if _agrees(c, claims)}
                if len(left) == 1 and "." not in name:
                    self._new_options.append((name, next(iter(left))))
                return None if left else f"{name} would have to be {written}"
            case _:
                equal = {constant for op, constant in claims if op == "=="}
                fits = all(_agrees(str(text), claims) for text in equal)
                if fits and not (self._is_typed(name) and any(not str(t).strip() for t in equal)):
                    return None
                return f"{name} would have to be {written}"

    def _counted(self, name: str, within: Range) -> Range:
        """The range of ``count(Q)`` as far as choices in Q are known."""
        question = self.questions.get(name.removeprefix("count(").removesuffix(")"))
        if question is None or question.code not in self._members or not name.startswith("count("):
            return within
        inside, outside = self._members[question.code]
        most = len({option.code for option in question.all_options} - outside)
        return Range(max(within.low, float(len(inside))), min(within.high, float(most)), True)

    def _is_typed(self, name: str) -> bool:
        """Whether ``name`` is what a person types, which is never blank."""
        question = self.questions.get(name.partition(".")[0])
        return name in self._answered and (question is None or question.value is None)

    def _said(self, name: str, within: Range) -> str:
        question = self.questions.get(name.partition(".")[0])
        if question is not None and question.type in ("date", "quarter"):
            ends = [
                f"{word} {limit}"
                for word, limit in (("from", question.minimum), ("to", question.maximum))
                if limit is not None
            ]
            return " ".join(ends) or "any"
        return str(within)


def _agrees(text: str, claims: list[tuple[str, float | str]]) -> bool:
    return all((text == constant) is (operator == "==") for operator, constant in claims)


def _has_number(within: Range, claims: list[tuple[str, float]]) -> bool:
    """Whether some number in the range fulfils every claim."""
    low, high = within.low, within.high
    above = below = False  # whether the end itself is left out
    excluded = set()
    for operator, number in claims:
        if operator in ("==", ">=", ">") and (number > low or (number == low and operator == ">")):
            low, above = number, operator == ">"
        if operator in ("==", "<=", "<") and (
            number < high or (number == high and operator == "<")
        ):
            high, below = number, operator == "<"
        if operator == "!=":
            excluded.add(number)
    if within.whole:
        if not math.isinf(low):
            low = math.floor(low) + 1 if above else math.ceil(low)
        if not math.isinf(high):
            high = math.ceil(high) - 1 if below else math.floor(high)
        if low > high:
            return False
        if high - low > len(excluded):
            return True
        return any(low + step not in excluded for step in range(int(high - low) + 1))
    if low > high or (low == high and (above or below)):
        return False
    return not (low == high and low in excluded)
