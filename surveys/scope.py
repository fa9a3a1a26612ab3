"""What the expressions of a questionnaire may refer to, and of which type each of it is. Pure."""

from collections.abc import Iterable, Iterator

from surveys.language.evaluation import Kind, ValueType, type_of
from surveys.language.expressions import Reference, references
from surveys.questionnaire import STANCES, Question


class QuestionScope:
    """The answers that expressions can name (``surveys.language.evaluation.Scope``)."""

    def __init__(self, questions: Iterable[Question]) -> None:
        self.questions: dict[str, Question] = {}
        for question in questions:
            self.questions.setdefault(question.code, question)
        self.others = {q.other_code: q for q in self.questions.values() if q.other is not None}
        self._calculations: dict[str, ValueType | None] = {}
        self._finding: set[str] = set()

    def type_of(self, reference: Reference) -> ValueType | str:
        """The type of what is named, or why there is no such thing."""
        question = self.questions.get(reference.name)
        if question is None:
            if reference.name in self.others and reference.row is None:
                return ValueType(Kind.TEXT)
            return f"there is no question {reference.name}"
        if reference.row is None:
            return self._question_type(question)
        if question.type in JUDGED:
            return self._judged_type(question, reference)
        if question.type != "matrix":
            return f"{question.code} is not a matrix and has no row {reference.row}"
        if question.find_row(reference.row) is None:
            return f"{question.code} has no row {reference.row}"
        cell = ValueType(CELL_KINDS[question.cell or ""], _codes(question))
        if reference.column is None:
            return ValueType(Kind.CELLS, cell=cell.kind) if question.has_columns else cell
        if not question.has_columns:
            return f"{question.code}.{reference.row} has no columns"
        if question.find_option(reference.column) is None:
            return f"{question.code} has no column {reference.column}"
        return cell

    def depends_on(self, reference: Reference) -> Iterator[str]:
        """The names whose showing decides what ``reference`` gives."""
        question = self.questions.get(reference.name) or self.others[reference.name]
        if reference.row is not None:
            member = question.find_option(reference.row) if question.type in JUDGED else None
            if question.type == "matrix":
                yield f"{question.code}.{reference.row}"
            elif member is not None and member.show_if is not None:
                yield option_name(question.code, member.code)
            else:
                yield question.code
            return
        yield question.code
        for row in question.rows:
            yield f"{question.code}.{row.code}"
        for option in question.options:
            if option.show_if is not None:
                yield option_name(question.code, option.code)

    def _judged_type(self, question: Question, reference: Reference) -> ValueType | str:
        if reference.column is not None or question.find_option(reference.row or "") is None:
            return f"{question.code} has nothing called {reference.row}"
        kind = JUDGED[question.type]
        return ValueType(kind, frozenset(STANCES) if kind == Kind.OPTION else frozenset())

    def _question_type(self, question: Question) -> ValueType | str:
        if question.type == "calculation":
            return self._calculated_type(question)
        if question.type in JUDGED:
            return ValueType(Kind.CELLS, cell=JUDGED[question.type])
        cell = CELL_KINDS[question.cell] if question.cell else None
        return ValueType(
            _KINDS[question.type], _codes(question), cell,
            ordered=question.type == "ranking", priced=question.type == "budget",
        )  # fmt: skip

    def _calculated_type(self, question: Question) -> ValueType | str:
        """The type of a calculation's value; one that needs itself has none.

        What it needs is found first, one after the other: a thousand calculations may lean on
        each other.
        """
        unknown = f"{question.code} has no value of a known type, or needs its own value"
        if question.code in self._finding and question.code not in self._calculations:
            return unknown
        waiting = [question.code]
        while waiting:
            code = waiting[-1]
            value = self.questions[code].value
            if code not in self._finding:
                self._finding.add(code)
                waiting += [
                    reference.name
                    for reference in (references(value) if value is not None else ())
                    if reference.name not in self._finding and self._is_calculation(reference.name)
                ]
                continue
            if code not in self._calculations:
                found = type_of(value, self) if value is not None else None
                self._calculations[code] = found
            waiting.pop()
        return self._calculations[question.code] or unknown

    def _is_calculation(self, code: str) -> bool:
        return code in self.questions and self.questions[code].type == "calculation"


def option_name(question: str, option: str) -> str:
    """The name of an option with a condition in ``Questionnaire.order``."""
    return f"{question}#{option}"


CELL_KINDS = {
    "single": Kind.OPTION, "multiple": Kind.OPTIONS, "number": Kind.NUMBER, "text": Kind.TEXT,
}  # fmt: skip
# Types that judge their options one by one: what is given to each.
JUDGED = {
    "points": Kind.NUMBER, "milestone_priorities": Kind.NUMBER, "statements": Kind.OPTION,
}  # fmt: skip
_KINDS = {
    "single_choice": Kind.OPTION, "multiple_choice": Kind.OPTIONS, "ranking": Kind.OPTIONS,
    "budget": Kind.OPTIONS, "number": Kind.NUMBER, "rating": Kind.NUMBER, "year": Kind.NUMBER,
    "date": Kind.DATE, "quarter": Kind.QUARTER, "short_text": Kind.TEXT, "long_text": Kind.TEXT,
    "matrix": Kind.MATRIX, "upload": Kind.FILES, "consent": Kind.BOOLEAN,
    "milestone_years": Kind.ENTRIES, "milestone_proposals": Kind.ENTRIES,
    "dependencies": Kind.ENTRIES, "paragraph_comments": Kind.ENTRIES,
    "information": Kind.INFORMATION,
}  # fmt: skip


def _codes(question: Question) -> frozenset[str]:
    return frozenset(option.code for option in question.all_options)
