"""Use cases of contradictions: overrule what the computation suspends, and see first what follows.

A decision about a dependency (``Ruling``) is a change of the draft like any other, with its reason
(``drafting.change_dependency``). Nothing here writes but ``rule_dependency``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.audit import Actor
from roadmap.draft_checks import clean_ruling
from roadmap.drafting import change_dependency
from roadmap.errors import DependencyNotFound, RulingOutdated, RulingsContradict
from roadmap.evidence.figures import ALL, EvidenceRow
from roadmap.evidence.gathering import evidence_rows
from roadmap.evidence.links import dependency_subject
from roadmap.models import Dependency, Roadmap
from roadmap.planning.consequences import Consequences, compare_plans
from roadmap.planning.network import Kind, Network, Precedence, Ruling
from roadmap.planning.suggestions import Asked
from roadmap.roadmaps import activities_of, plan_draft, precedences_of, read_draft

_PROPOSED = {f"proposed_{kind.value}": kind for kind in Kind}


def preview_ruling(
    roadmap: Roadmap, *, dependency: Dependency, ruling: str, brief: bool = False
) -> Consequences:
    """What would follow from ``ruling``, without writing anything.

    Raises ``RulingsContradict`` where it could not be honoured.
    """
    wanted = clean_ruling(ruling)
    draft = read_draft(roadmap)
    position = next(at for at, each in enumerate(roadmap.dependencies) if each.id == dependency.id)
    dependencies = list(draft.dependencies)
    dependencies[position] = replace(dependencies[position], ruling=wanted)
    changed = replace(draft, dependencies=tuple(dependencies))
    if wanted is Ruling.KEEP:
        activities = activities_of(changed, start=roadmap.start)
        _refuse_if_contradictory(
            Network(activities, precedences_of(changed)), about=precedences_of(changed)[position]
        )
    return compare_plans(
        plan_draft(draft, start=roadmap.start, brief=brief),
        plan_draft(changed, start=roadmap.start, brief=brief),
    )


def rule_dependency(
    session: Session,
    *,
    roadmap: Roadmap,
    dependency_id: UUID,
    ruling: str,
    reason: str,
    actor: Actor,
    now: datetime,
    seen_revision: int | None = None,
) -> Dependency:
    """Decide that a dependency is kept or suspended, or take that back (``ruling`` empty).

    ``seen_revision`` is the draft's revision on which the decision rests. Raises ``RulingOutdated``
    when somebody changed the draft since, and ``RulingsContradict``, naming the cycle, when what
    is kept then would contradict itself.
    """
    revision = session.scalar(
        select(Roadmap.revision).where(Roadmap.id == roadmap.id).with_for_update()
    )
    if seen_revision is not None and revision != seen_revision:
        raise RulingOutdated(slug=roadmap.slug)
    dependency = find_dependency(roadmap, dependency_id)
    if clean_ruling(ruling) is Ruling.KEEP:
        draft = read_draft(roadmap)
        kept = replace(_as_drafted(dependency), ruling=Ruling.KEEP)
        others = [
            precedence
            for precedence, each in zip(precedences_of(draft), roadmap.dependencies, strict=True)
            if each.id != dependency.id
        ]
        activities = activities_of(draft, start=roadmap.start)
        _refuse_if_contradictory(Network(activities, [*others, kept]), about=kept)
    return change_dependency(
        session,
        roadmap=roadmap,
        before=dependency.from_milestone.code,
        after=dependency.to_milestone.code,
        which=dependency.id,
        ruling=ruling,
        reason=reason,
        actor=actor,
        now=now,
    )


def find_dependency(roadmap: Roadmap, dependency_id: UUID) -> Dependency:
    """The dependency of this roadmap with this id, or ``DependencyNotFound``."""
    for each in roadmap.dependencies:
        if each.id == dependency_id:
            return each
    raise DependencyNotFound(slug=roadmap.slug, subject=str(dependency_id))


def refuse_conflicts(conflicts: Sequence[Sequence[Precedence]]) -> None:
    """Raise ``RulingsContradict`` if there are dependencies to be kept that cannot all be."""
    if conflicts:
        cycle = min(conflicts, key=lambda each: (len(each), [step.order for step in each]))
        raise RulingsContradict(cycle=cycle_text(cycle), rulings=_subjects(cycle))


def cycle_text(cycle: Iterable[Precedence]) -> str:
    """The steps of a cycle with kinds and lags: A → B (FS), B → A (SS −3 days)."""
    steps = []
    for each in cycle:
        lag = f" {each.lag_days:+d} days".replace("-", "−") if each.lag_days else ""
        steps.append(f"{each.before} → {each.after} ({each.kind.value}{lag})")
    return ", ".join(steps)


def asked_dependencies(session: Session, *, roadmap: Roadmap, now: datetime) -> list[Asked]:
    """Dependencies that people proposed in closed consultations, by question.

    Somebody may have proposed one as two kinds: counted are those who asked for the kind that
    most asked for, so nobody twice.
    """
    kinds: dict[tuple[str, str], dict[Kind, EvidenceRow]] = {}
    for row in evidence_rows(session, roadmap=roadmap, now=now, public=ALL):
        if row.figure in _PROPOSED and row.value is not None and ">" in row.subject:
            question = row.query.partition("&public")[0]
            kinds.setdefault((row.subject, question), {})[_PROPOSED[row.figure]] = row
    asked = []
    for (subject, _), rows in sorted(kinds.items()):
        before, _, after = subject.partition(">")
        by_kind = tuple((kind, int(rows[kind].value or 0)) for kind in Kind if kind in rows)
        most, support = max(by_kind, key=lambda pair: pair[1])
        row = rows[most]
        asked.append(
            Asked(before, after, support, row.n or support, by_kind=by_kind, query=row.query)
        )
    return asked


def _as_drafted(dependency: Dependency) -> Precedence:
    return Precedence(
        dependency.from_milestone.code,
        dependency.to_milestone.code,
        Kind(dependency.kind),
        dependency.lag_days,
        dependency.support,
    )


def _refuse_if_contradictory(network: Network, *, about: Precedence) -> None:
    """Refuse a decision to keep ``about`` that contradicts others; older conflicts are not its."""
    kept = [at for at, each in enumerate(network.precedences) if each.ruling is Ruling.KEEP]
    conflicts = [
        [network.precedences[step] for step in cycle]
        for cycle in network.contradictions_among(kept)
    ]
    refuse_conflicts([cycle for cycle in conflicts if about in cycle])


def _subjects(cycle: Iterable[Precedence]) -> str:
    return ", ".join(dependency_subject(each.before, each.after) for each in cycle)
