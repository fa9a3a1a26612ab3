"""XLSForms (``.xlsx``, as for ODK and Kobo), read into questionnaires."""

from dataclasses import dataclass, field
from typing import Any

from surveys.definition import parse_definition
from surveys.errors import InvalidQuestionnaire, UnreadableFile
from surveys.formats.imported import ImportedQuestionnaire
from surveys.formats.xlsform.building import Builder, Built
from surveys.formats.xlsform.plan import plan_of
from surveys.formats.xlsform.structure import read_structure
from surveys.formats.xlsform.tables import Line, Lose, loss_list, read_tables
from surveys.schema import SCHEMA

# How often expressions that do not fit are taken out before the form is given up.
_ATTEMPTS = 60
_EXPRESSIONS = ("show_if", "required_if", "rules", "value")


def read_xlsform(data: bytes) -> ImportedQuestionnaire:
    """The questionnaire in a workbook, with everything listed that it does not say here.

    Raises ``UnreadableFile`` for what is no XLSForm, naming sheet, row and column.
    """
    lost, lose = loss_list()
    tables = read_tables(data, lose)
    plan = plan_of(read_structure(tables.survey, lose), tables, lose)
    if not plan.sections:
        raise UnreadableFile(reason="Sheet survey: there is no question that could be asked here.")
    builder = Builder(tables, plan, lose)
    built = builder.build()
    document: dict[str, Any] = {"schema": SCHEMA} | builder.heading() | {"sections": built.sections}
    _Checked(document, built, lose).settle()
    found = builder.found
    conditions = ("relevant", "required", "choice_filter")
    return ImportedQuestionnaire(
        document=document,
        questions=plan.counted,
        conditions_found=sum(found[kind][0] for kind in conditions if kind in found),
        conditions_carried=sum(found[kind][1] for kind in conditions if kind in found),
        lost=lost,
        expressions=dict(found),
    )


@dataclass(slots=True)
class _Checked:
    """The document with every expression taken out that does not hold together here: a circle, a
    type that does not fit, a text that is too long."""

    document: dict[str, Any]
    built: Built
    lose: Lose
    seen: set[str] = field(default_factory=set)

    def settle(self) -> None:
        for _ in range(_ATTEMPTS):
            try:
                questionnaire = parse_definition(self.document)
            except InvalidQuestionnaire as refused:
                if not self.without(refused.problems):
                    raise self.refusal(refused.problems) from None
                continue
            self.document.clear()
            self.document.update(questionnaire.as_document())
            return
        raise UnreadableFile(reason="Sheet survey: too many expressions go in circles.")

    def without(self, problems: list[tuple[str, str]]) -> bool:
        """Take out what ``problems`` are about; whether everything could be."""
        places: dict[tuple[str | int, ...], tuple[str, str]] = {}
        for path, reason in problems:
            place = _place(path)
            if place is None:
                return False
            places.setdefault(tuple(place), (path, reason))
        # From the end, so that positions in lists stay true.
        for steps in sorted(places, key=_from_the_end, reverse=True):
            if not self.take_out(list(steps), places[steps][1]):
                return False
        return True

    def take_out(self, place: list[str | int], reason: str) -> bool:
        parent: Any = self.document
        for step in place[:-1]:
            parent = parent[step]
        last = place[-1]
        what = parent[last] if isinstance(last, int) else parent.get(last)
        if what is None:
            return False
        line = self.line(place)
        if last == "value":
            # A calculation without a value is none.
            parent[last] = "''"
        elif isinstance(last, str) and isinstance(what, str) and last not in _EXPRESSIONS:
            if "{{" not in what:
                return False
            parent[last] = what.replace("{{", "(").replace("}}", ")")
        else:
            del parent[last]
        kind = "text" if last not in _EXPRESSIONS and not isinstance(last, int) else "condition"
        self.lose(line.path if line else "survey", kind, str(what), f"It does not fit: {reason}.")  # type: ignore[arg-type]
        return True

    def line(self, place: list[str | int]) -> Line | None:
        numbers = [step for step in place if isinstance(step, int)]
        return self.built.lines.get(tuple(numbers[:2])) or self.built.lines.get(tuple(numbers[:1]))

    def refusal(self, problems: list[tuple[str, str]]) -> UnreadableFile:
        said = []
        for path, reason in problems[:10]:
            line = self.line(_steps(path))
            where = f"Sheet survey, row {line.number}" if line else "Sheet survey"
            said.append(f"{where}: {path.rpartition('.')[2]} {reason}")
        return UnreadableFile(reason="; ".join(said) + ".")


def _steps(path: str) -> list[str | int]:
    steps: list[str | int] = []
    for part in path.replace("]", "").replace("[", ".").split("."):
        steps.append(int(part) if part.isdigit() else part)
    return steps


def _place(path: str) -> list[str | int] | None:
    """Where in the document the expression or piped text is that ``path`` is about."""
    steps = _steps(path)
    for position, step in enumerate(steps):
        if step == "rules":
            return steps[: position + 2]
        if step in _EXPRESSIONS:
            return steps[: position + 1]
    if len(steps) > 2 and steps[-2] in ("title", "help", "label", "text"):
        return steps
    return None


def _from_the_end(place: tuple[str | int, ...]) -> list[tuple[int, str]]:
    return [(step, "") if isinstance(step, int) else (-1, step) for step in place]
