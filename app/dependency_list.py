"""The dependencies of a draft as a list to work on: what the plan makes of each, and filters."""

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.roadmap_texts import dependency_text
from roadmap.models import Roadmap
from roadmap.planning.network import Precedence, Ruling
from roadmap.planning.redundancy import Redundancy, find_redundant
from roadmap.planning.schedule import Plan
from roadmap.roadmaps import as_precedence

DEPENDENCY_FILTERS = {
    "suspended": _l("Suspended"),
    "decided": _l("Decided by a person"),
    "contested": _l("Part of a contradiction"),
    "redundant": _l("Redundant"),
}
# Larger roadmaps are asked by command: nobody waits for a page that long.
REDUNDANT_UP_TO = 20_000


@dataclass(frozen=True, slots=True)
class DependencyLine:
    """A dependency of the draft; ``id`` is its row's."""

    id: UUID
    precedence: Precedence
    words: str
    suspended: bool
    contested: bool
    redundant: bool

    @property
    def ruling(self) -> Ruling:
        return self.precedence.ruling


def list_lines(
    roadmap: Roadmap, plan: Plan, *, only: str = "", words: str = ""
) -> list[DependencyLine]:
    """The dependencies in the draft's order; ``only`` one of ``DEPENDENCY_FILTERS``.

    ``words``: a milestone's code, or two of them, as a person writes them (“M1 M2”, “M1>M2”).
    """
    codes = [code.casefold() for code in words.replace(">", " ").replace("→", " ").split()]
    suspended = Counter(plan.suspended)
    contested = {step for each in plan.contradictions for step in each.cycle}
    redundant = (
        Counter(each.precedence for each in find_redundant_of(roadmap, plan))
        if only == "redundant"
        else Counter()
    )
    lines = []
    for dependency in roadmap.dependencies:
        precedence = as_precedence(dependency)
        line = DependencyLine(
            dependency.id,
            precedence,
            dependency_text(precedence),
            suspended=_take(suspended, precedence),
            contested=precedence in contested,
            redundant=_take(redundant, precedence),
        )
        if _is_wanted(line, only) and _names(precedence, codes):
            lines.append(line)
    return lines


def find_redundant_of(roadmap: Roadmap, plan: Plan) -> tuple[Redundancy, ...]:
    """The redundant dependencies, unless the roadmap is too large for a page."""
    if len(roadmap.dependencies) > REDUNDANT_UP_TO:
        return ()
    return find_redundant(plan.network, plan.schedule)


def _take(counted: Counter[Precedence], precedence: Precedence) -> bool:
    """Of equal dependencies only as many as were counted."""
    if not counted[precedence]:
        return False
    counted[precedence] -= 1
    return True


def _is_wanted(line: DependencyLine, only: str) -> bool:
    return {
        "suspended": line.suspended,
        "decided": line.ruling is not Ruling.NONE,
        "contested": line.contested,
        "redundant": line.redundant,
    }.get(only, True)


def _names(precedence: Precedence, codes: list[str]) -> bool:
    ends = (precedence.before.casefold(), precedence.after.casefold())
    return all(any(code in end for end in ends) for code in codes)
