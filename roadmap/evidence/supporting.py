"""Use cases that carry what people said about dependencies into their support.

Support decides which dependency is suspended where some contradict each other. Nothing is carried
over by itself: a person looks at the suggestions, says why, and can undo it as a whole.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.audit import Actor
from roadmap.drafting import change_dependency, list_decisions
from roadmap.errors import DraftChanged, InvalidDraft, NothingToUndo
from roadmap.evidence.figures import ALL, EvidenceRow, Query
from roadmap.evidence.gathering import evidence_rows
from roadmap.evidence.links import dependency_subject
from roadmap.models import Decision, Dependency, Roadmap

MEASURES = ("people", "share")
"""What the support is: how many did not dispute it, or their share (1: nobody disputed it)."""

_UNDONE = "Undone."
# How a decision begins that carries support over, so that it can be read back.
_CHANGE = re.compile(r"Support (\d[\d.]*) → (\d[\d.]*) \((FS|SS|FF|SF)\)\. ")


@dataclass(frozen=True, slots=True)
class SupportSuggestion:
    """What people said about a dependency of the draft, and the support that would follow."""

    dependency: Dependency
    subject: str
    current: Decimal
    suggested: Decimal
    answered: int
    dispute: int
    not_disputed: int
    rule: str
    query: str

    @property
    def changes(self) -> bool:
        return self.current != self.suggested


def suggest_supports(
    session: Session, *, roadmap: Roadmap, now: datetime, measure: str = "people"
) -> list[SupportSuggestion]:
    """The support that the evidence suggests for each dependency people were asked about.

    Only who disputed or proposed something in the question counts, so silence supports nothing.
    Where several questions ask about one dependency, that with the most people is taken. Between
    two milestones with several dependencies it is the one of the kind asked about.
    """
    if measure not in MEASURES:
        raise InvalidDraft(where="measure", reason=f"expected one of {', '.join(MEASURES)}")
    said = _said(evidence_rows(session, roadmap=roadmap, now=now, public=ALL))
    suggestions = []
    for dependency in roadmap.dependencies:
        subject = dependency_subject(dependency.from_milestone.code, dependency.to_milestone.code)
        best = max(
            said.get((subject, dependency.kind), ()),
            key=lambda figures: (figures["answered"].n or 0, figures["answered"].query),
            default=None,
        )
        if best is None:
            continue
        answered, dispute, kept = (
            int(best[name].value or 0) for name in ("answered", "dispute", "not_disputed")
        )
        suggested = Decimal(kept)
        if measure == "share":
            suggested = (suggested / answered).quantize(Decimal("0.01"), ROUND_HALF_EVEN)
        suggestions.append(
            SupportSuggestion(
                dependency, subject, dependency.support, suggested.normalize() + 0, answered,
                dispute, kept, best["dispute"].rule, best["not_disputed"].query,
            )
        )  # fmt: skip
    return suggestions


def apply_supports(
    session: Session,
    *,
    roadmap: Roadmap,
    chosen: Collection[UUID],
    reason: str,
    revision: int,
    actor: Actor,
    now: datetime,
    measure: str = "people",
) -> int:
    """Give the dependencies ``chosen`` (by id) the support suggested; how many changed.

    ``revision``: the draft's that the person has seen, else ``DraftChanged``. Each is a decision
    that says the support before and after, so ``undo_supports`` can take all of it back.
    """
    now_at = session.scalar(
        select(Roadmap.revision).where(Roadmap.id == roadmap.id).with_for_update()
    )
    if now_at != revision:
        raise DraftChanged(slug=roadmap.slug)
    if not reason.strip():
        raise InvalidDraft(where="reason", reason="expected why: every decision says it")
    changed = [
        each
        for each in suggest_supports(session, roadmap=roadmap, now=now, measure=measure)
        if each.dependency.id in chosen and each.changes
    ]
    if not changed:
        raise InvalidDraft(where="dependency", reason="expected one whose support would change")
    for each in changed:
        _set(session, roadmap, each.dependency, each.suggested, reason, actor, now)
    return len(changed)


def find_applied(session: Session, *, roadmap: Roadmap) -> list[Decision]:
    """The decisions of the newest application of supports that can be undone, if any."""
    decisions = [
        each
        for each in list_decisions(session, roadmap=roadmap)
        if each.change == "changed" and _CHANGE.match(each.reason)
    ]
    if not decisions or _CHANGE.sub("", decisions[-1].reason) == _UNDONE:
        return []
    return [each for each in decisions if each.decided_at == decisions[-1].decided_at]


def undo_supports(
    session: Session, *, roadmap: Roadmap, decision_id: UUID, actor: Actor, now: datetime
) -> int:
    """Take back the newest application, ``decision_id`` being one of it; how many were restored.

    A dependency whose support was changed again since, or that is gone, stays as it is. Raises
    ``NothingToUndo`` where that is so of all, or another application came after.
    """
    applied = find_applied(session, roadmap=roadmap)
    if decision_id not in {each.id for each in applied}:
        raise NothingToUndo(number=roadmap.slug, reason="another change came after it.")
    restored = 0
    for decision in applied:
        match = _CHANGE.match(decision.reason)
        assert match is not None
        before, after, kind = Decimal(match[1]), Decimal(match[2]), match[3]
        for dependency in _dependencies(roadmap, decision.subject, kind):
            if dependency.support == after:
                _set(session, roadmap, dependency, before, _UNDONE, actor, now)
                restored += 1
                break
    if not restored:
        raise NothingToUndo(number=roadmap.slug, reason="the support was changed again since.")
    return restored


def _said(
    rows: Iterable[EvidenceRow],
) -> dict[tuple[str, str], list[dict[str, EvidenceRow]]]:
    """(subject, kind asked about) → figures of each question that has them all."""
    together: dict[tuple[str, str, str], dict[str, EvidenceRow]] = {}
    for row in rows:
        if row.rule.startswith("dependency_support/"):
            key = (row.subject, row.rule, row.query.partition("&public")[0])
            together.setdefault(key, {})[row.figure] = row
    found: dict[tuple[str, str], list[dict[str, EvidenceRow]]] = {}
    for (subject, _, _), figures in sorted(together.items()):
        needed = [figures.get(name) for name in ("answered", "dispute", "not_disputed", "support")]
        if any(row is None for row in needed):
            continue
        if any(figures[n].value is None for n in ("answered", "dispute", "not_disputed")):
            continue
        asked = Query.read(figures["support"].query).computation.dependency
        found.setdefault((subject, asked.rpartition(":")[2]), []).append(figures)
    return found


def _dependencies(roadmap: Roadmap, subject: str, kind: str) -> list[Dependency]:
    return [
        each
        for each in roadmap.dependencies
        if each.kind == kind
        and dependency_subject(each.from_milestone.code, each.to_milestone.code) == subject
    ]


def _set(
    session: Session,
    roadmap: Roadmap,
    dependency: Dependency,
    support: Decimal,
    reason: str,
    actor: Actor,
    now: datetime,
) -> None:
    said = f"Support {dependency.support:f} → {support:f} ({dependency.kind}). "
    change_dependency(
        session, roadmap=roadmap, before=dependency.from_milestone.code,
        after=dependency.to_milestone.code, which=dependency.id, support=support,
        reason=(said + reason.strip())[:2000], actor=actor, now=now,
    )  # fmt: skip
