"""What the pictures of a roadmap are made from, and what was drawn already.

A roadmap's draft and plan are read once a revision, and a picture is drawn once for each choice,
language and state of the evidence: both are kept in the process, the pictures up to a size.
"""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from app.caching import remembered
from app.i18n import format_number, localized
from app.picture_cache import kept_sources
from app.roadmap_texts import dependency_text, support_text, years_text
from app.roadmap_waiting import page_plan
from core.clock import utc_now
from roadmap.computations import Waiting, simulation_for_page
from roadmap.draft import Draft, DraftMilestone
from roadmap.errors import RoadmapNotFound
from roadmap.evidence.gathering import gather_evidence, priority_of
from roadmap.models import Roadmap
from roadmap.pictures.bands import time_bands
from roadmap.pictures.drawing import (
    GraphDependency,
    GraphDrawing,
    GraphMilestone,
    TimelineDrawing,
    TimelineMilestone,
)
from roadmap.pictures.filtering import contested_codes
from roadmap.pictures.layout import layout_graph
from roadmap.pictures.timeline import layout_timeline
from roadmap.planning.network import Precedence
from roadmap.planning.schedule import Plan
from roadmap.planning.simulation import Simulation
from roadmap.roadmaps import get_roadmap, list_roadmaps, precedences_of, read_draft

# Beyond so many milestones a page shows the areas first; the whole is there as a file.
MOST_ON_A_PAGE = 600
MOST_IN_A_FILE = 5_000
# Neighbours that the name of a box tells before it counts.
_NAMED = 8


@dataclass(frozen=True, slots=True)
class DependencyLine:
    """A dependency with what the plan makes of it; ``slack`` is None where it is suspended."""

    precedence: Precedence
    words: str
    support: str
    slack: int | None
    critical: bool

    @property
    def suspended(self) -> bool:
        return self.slack is None


@dataclass(frozen=True, slots=True)
class Strength:
    """What the evidence says of a milestone or dependency: 0 to 1, from ``n`` answers."""

    value: float
    n: int


@dataclass(frozen=True, slots=True)
class Source:
    """A revision of a roadmap as the pictures see it, the same in every language.

    ``state`` names it among all others. ``precedences`` are in the draft's order, ``suspended``
    their positions.
    """

    state: tuple[Hashable, ...]
    draft: Draft
    milestones: Mapping[str, DraftMilestone]
    plan: Plan
    precedences: tuple[Precedence, ...]
    suspended: frozenset[int]
    near: frozenset[str]
    contested: frozenset[str]

    @property
    def areas(self) -> list[tuple[str, str]]:
        """(code, title in the reader's language), in the draft's order."""
        return [(code, localized(title)) for code, title in self.draft.areas.items()]

    def between(self, codes: Sequence[str]) -> list[int]:
        """The positions of the dependencies of which both ends are among ``codes``."""
        shown = frozenset(codes)
        return [
            at
            for at, each in enumerate(self.precedences)
            if each.before in shown and each.after in shown
        ]


def find_outline(session: Session, *, slug: str) -> Roadmap:
    """The roadmap without reading its content. Raises ``RoadmapNotFound``."""
    for roadmap in list_roadmaps(session):
        if roadmap.slug == slug:
            return roadmap
    raise RoadmapNotFound(slug=slug)


def read_source(session: Session, *, slug: str) -> tuple[Roadmap, Source]:
    """The roadmap (its content not yet read) and what its pictures are made from."""
    outline = find_outline(session, slug=slug)
    key = ("picture source", outline.id, outline.revision)
    kept = kept_sources()

    def make() -> Source:
        return source_of(get_roadmap(session, slug=slug))

    source = kept.find(key)
    if source is None:
        source = remembered(key, make)
        if source.plan.exact:  # else more time may find better
            kept.keep(key, source, 1)
    return outline, source


def source_of(roadmap: Roadmap) -> Source:
    """The same of a roadmap at hand, in whatever state it is."""
    draft, plan = read_draft(roadmap), page_plan(roadmap)
    precedences = precedences_of(draft)
    waiting = Counter(plan.suspended)
    suspended = set()
    # Of equal dependencies only as many are suspended as must be.
    for at, precedence in enumerate(precedences):
        if waiting[precedence]:
            waiting[precedence] -= 1
            suspended.add(at)
    return Source(
        state=(roadmap.id, roadmap.revision, plan.exact),
        draft=draft,
        milestones=draft.by_code,
        plan=plan,
        precedences=precedences,
        suspended=frozenset(suspended),
        near=frozenset(plan.schedule.near_critical()),
        contested=contested_codes(plan),
    )


def dependency_lines(
    source: Source, positions: Sequence[int] | None = None
) -> list[DependencyLine]:
    """The dependencies (those at ``positions``) in the draft's order, in words."""
    plan, driving = source.plan, frozenset(source.plan.driving())
    return [
        DependencyLine(
            precedence=precedence,
            words=dependency_text(precedence),
            support=support_text(precedence.support),
            slack=None
            if at in source.suspended
            else plan.schedule.slack_of(precedence, plan.network),
            critical=at not in source.suspended and precedence in driving,
        )
        for at, precedence in (
            (at, source.precedences[at])
            for at in (range(len(source.precedences)) if positions is None else positions)
        )
    ]


def evidence_strengths(session: Session, *, outline: Roadmap, now: datetime) -> dict[str, Strength]:
    """Per subject the score over all publics and how many answers it rests on.

    Gathered as often as pages are: it is published counts, which change when a poll closes.
    """

    def gather() -> dict[str, Strength]:
        found = {}
        for subject, entries in gather_evidence(session, roadmap=outline, now=now).items():
            score = priority_of(entries)
            if score is not None:
                found[subject] = Strength(float(Fraction(score["score"])), score["n"])
        return found

    strengths: dict[str, Strength] = remembered(
        ("evidence strengths", outline.id, outline.revision), gather
    )
    return strengths


def draw_graph(
    source: Source,
    codes: Sequence[str],
    *,
    strengths: Mapping[str, Strength],
    layers: str = "time",
    scale: str = "",
    today: int | None = None,
) -> GraphDrawing:
    """The graph of the milestones ``codes``, in the reader's language."""
    start, dates = _start(source), source.plan.schedule.dates
    graph_milestones = []
    for code in codes:
        strength = strengths.get(code)
        milestone = source.milestones[code]
        graph_milestones.append(
            GraphMilestone(
                code=code,
                title=localized(milestone.title),
                area=milestone.area,
                earliest_start=dates[code].earliest_start,
                critical=dates[code].critical,
                note=years_text(start, dates[code]),
                near=code in source.near,
                contested=code in source.contested,
                strength=strength.value if strength else None,
                n=strength.n if strength else None,
            )
        )
    last = max((each.earliest_start for each in graph_milestones), default=0)
    return layout_graph(
        graph_milestones,
        _graph_dependencies(source, codes, strengths),
        source.areas,
        parents=source.draft.parents,
        bands=time_bands(start, last, scale=scale) if layers == "time" else (),
        today=today,
    )


def draw_timeline(
    source: Source, codes: Sequence[str], *, today: int, simulation: Simulation | None
) -> TimelineDrawing:
    """The timeline of the milestones ``codes``, in the reader's language."""
    rows = []
    for code in codes:
        dates = source.plan.schedule.dates[code]
        risk = simulation.risks.get(code) if simulation else None
        rows.append(
            TimelineMilestone(
                code=code,
                title=localized(source.milestones[code].title),
                area=source.milestones[code].area,
                earliest_start=dates.earliest_start,
                earliest_finish=dates.earliest_finish,
                latest_finish=dates.latest_finish,
                critical=dates.critical,
                p50=round(risk.p50) if risk else None,
                p80=round(risk.p80) if risk else None,
            )
        )
    return layout_timeline(
        rows,
        source.areas,
        start=_start(source),
        width=900,
        dependencies=_graph_dependencies(source, codes, {}),
        today=today,
    )


def simulate_dates(session: Session, *, outline: Roadmap, source: Source) -> Simulation | None:
    """By when each milestone is likely finished, as the page about risk says it.

    None where nobody estimated durations, and until a large roadmap's simulation is computed.
    """
    if not any(each.optimistic_days is not None for each in source.draft.milestones):
        return None
    key = ("simulation", *source.state)
    found: Simulation | None = kept_sources().find(key)
    if found is None:
        answer = simulation_for_page(session, roadmap=outline, plan=source.plan, now=utc_now())
        if isinstance(answer, Waiting):
            return None
        found = answer
        kept_sources().keep(key, found, 1)
    return found


def accessible_names(source: Source, drawing: GraphDrawing) -> dict[str, str]:
    """What a screen reader says of each box: what it is, when, how critical, between what."""
    waits: dict[str, list[str]] = {}
    holds: dict[str, list[str]] = {}
    for edge in sorted(drawing.edges, key=lambda each: (each.before, each.after)):
        if not edge.suspended:
            waits.setdefault(edge.after, []).append(edge.before)
            holds.setdefault(edge.before, []).append(edge.after)
    return {
        box.code: ". ".join(
            part
            for part in (
                f"{box.code} {box.title}",
                years_text(_start(source), source.plan.schedule.dates[box.code]),
                _("critical") if box.critical else _("nearly critical") if box.near else "",
                _("part of a contradiction") if box.contested else "",
                _("waits for %(codes)s", codes=_codes(waits[box.code]))
                if box.code in waits
                else "",
                _("holds up %(codes)s", codes=_codes(holds[box.code])) if box.code in holds else "",
                evidence_text(box.strength, box.n),
            )
            if part
        )
        for box in drawing.boxes
    }


def evidence_text(strength: float | None, n: int | None) -> str:
    """A strength in words, with how many it rests on; empty where there is none."""
    if strength is None or n is None:
        return ""
    return ngettext(
        "evidence %(score)s of 1 from %(number)s answer",
        "evidence %(score)s of 1 from %(number)s answers",
        n,
        score=format_number(round(strength, 2)),
        number=format_number(n),
    )


def _graph_dependencies(
    source: Source, codes: Sequence[str], strengths: Mapping[str, Strength]
) -> list[GraphDependency]:
    driving = frozenset(source.plan.driving())
    found = []
    for at in source.between(codes):
        each = source.precedences[at]
        strength = strengths.get(f"{each.before}>{each.after}")
        found.append(
            GraphDependency(
                before=each.before,
                after=each.after,
                kind=each.kind.value,
                lag_days=each.lag_days,
                suspended=at in source.suspended,
                critical=at not in source.suspended and each in driving,
                strength=strength.value if strength else None,
                n=strength.n if strength else None,
            )
        )
    return found


def _start(source: Source) -> date:
    assert source.draft.start is not None  # a roadmap's row always has one
    return source.draft.start


def _codes(codes: Sequence[str]) -> str:
    distinct = list(dict.fromkeys(codes))
    if len(distinct) <= _NAMED:
        return ", ".join(distinct)
    return _(
        "%(codes)s and %(number)s more",
        codes=", ".join(distinct[:_NAMED]),
        number=format_number(len(distinct) - _NAMED),
    )
