"""Use cases that change a roadmap's draft, each with its reason.

Every change is a ``Decision`` (who, when, why), an audit event, and one more on the draft's
revision. Published editions are never touched.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import audit
from core.audit import Actor
from core.text import LocalizedText, clean_text
from roadmap.errors import InvalidDraft, MilestoneNotFound
from roadmap.evidence import dependency_subject
from roadmap.models import Agenda, Area, Decision, Dependency, Milestone, Roadmap
from roadmap.network import Kind

_CHANGEABLE = (
    "title", "description", "agenda", "area", "duration_days", "not_before", "lead", "trl_from",
    "trl_to",
)  # fmt: skip


def add_milestone(
    session: Session,
    *,
    roadmap: Roadmap,
    code: str,
    title: LocalizedText,
    agenda: str,
    area: str,
    duration_days: int,
    reason: str,
    actor: Actor,
    now: datetime,
    description: LocalizedText | None = None,
    not_before: date | None = None,
    lead: str = "",
    trl_from: int | None = None,
    trl_to: int | None = None,
) -> Milestone:
    """A new milestone at the end of its area. Raises ``InvalidDraft`` naming the field."""
    code = clean_text(code.strip(), where="code", maximum=64)
    if not code or ">" in code:
        raise InvalidDraft(where="code", reason="expected a code without “>”")
    if _find_milestone(session, roadmap, code) is not None:
        raise InvalidDraft(where="code", reason=f"{code} exists already")
    last = session.scalar(
        select(func.max(Milestone.position)).where(Milestone.roadmap_id == roadmap.id)
    )
    milestone = Milestone(
        roadmap_id=roadmap.id, code=code, description=description or LocalizedText({}),
        position=(last or 0) + 1,
    )  # fmt: skip
    values = {
        "title": title, "agenda": agenda, "area": area, "duration_days": duration_days,
        "not_before": not_before, "lead": lead, "trl_from": trl_from, "trl_to": trl_to,
    }  # fmt: skip
    _apply(session, roadmap, milestone, values)
    session.add(milestone)
    _decide(session, roadmap, code, "added", reason, actor, now)
    return milestone


def change_milestone(
    session: Session,
    *,
    roadmap: Roadmap,
    code: str,
    changes: Mapping[str, Any],
    reason: str,
    actor: Actor,
    now: datetime,
) -> Milestone:
    """Change fields of a milestone (``title``, ``not_before``, …); ``area`` is an area's code."""
    milestone = get_milestone(session, roadmap=roadmap, code=code)
    unknown = sorted(set(changes) - set(_CHANGEABLE))
    if unknown:
        raise InvalidDraft(where=unknown[0], reason=f"expected one of {', '.join(_CHANGEABLE)}")
    _apply(session, roadmap, milestone, changes)
    _decide(session, roadmap, code, "changed", reason, actor, now)
    return milestone


def add_dependency(
    session: Session,
    *,
    roadmap: Roadmap,
    before: str,
    after: str,
    reason: str,
    actor: Actor,
    now: datetime,
    kind: str = Kind.FS,
    lag_days: int = 0,
    support: Decimal = Decimal(1),
) -> Dependency:
    """A new dependency: ``after`` waits for ``before``."""
    last = session.scalar(
        select(func.max(Dependency.position)).where(Dependency.roadmap_id == roadmap.id)
    )
    dependency = Dependency(
        roadmap_id=roadmap.id,
        from_id=get_milestone(session, roadmap=roadmap, code=before).id,
        to_id=get_milestone(session, roadmap=roadmap, code=after).id,
        position=(last or 0) + 1,
    )
    _bind(dependency, kind, lag_days, support)
    session.add(dependency)
    _decide(session, roadmap, dependency_subject(before, after), "added", reason, actor, now)
    return dependency


def change_dependency(
    session: Session,
    *,
    roadmap: Roadmap,
    before: str,
    after: str,
    reason: str,
    actor: Actor,
    now: datetime,
    kind: str | None = None,
    lag_days: int | None = None,
    support: Decimal | None = None,
) -> Dependency:
    """Change the dependency between two milestones; there must be exactly one."""
    start = get_milestone(session, roadmap=roadmap, code=before)
    end = get_milestone(session, roadmap=roadmap, code=after)
    found = session.scalars(
        select(Dependency).where(Dependency.from_id == start.id, Dependency.to_id == end.id)
    ).all()
    if len(found) != 1:
        raise InvalidDraft(
            where=dependency_subject(before, after),
            reason=f"expected one dependency between the two; there are {len(found)}",
        )
    dependency = found[0]
    _bind(
        dependency,
        dependency.kind if kind is None else kind,
        dependency.lag_days if lag_days is None else lag_days,
        dependency.support if support is None else support,
    )
    _decide(session, roadmap, dependency_subject(before, after), "changed", reason, actor, now)
    return dependency


def get_milestone(session: Session, *, roadmap: Roadmap, code: str) -> Milestone:
    milestone = _find_milestone(session, roadmap, code)
    if milestone is None:
        raise MilestoneNotFound(slug=roadmap.slug, code=code)
    return milestone


def list_decisions(session: Session, *, roadmap: Roadmap) -> list[Decision]:
    """What was decided about the draft, the oldest first."""
    return list(
        session.scalars(
            select(Decision)
            .where(Decision.roadmap_id == roadmap.id)
            .order_by(Decision.decided_at, Decision.id)
        )
    )


def _find_milestone(session: Session, roadmap: Roadmap, code: str) -> Milestone | None:
    return session.scalar(
        select(Milestone).where(Milestone.roadmap_id == roadmap.id, Milestone.code == code)
    )


def _apply(
    session: Session, roadmap: Roadmap, milestone: Milestone, values: Mapping[str, Any]
) -> None:
    for field, value in values.items():
        if field == "area":
            area = session.scalar(
                select(Area).where(Area.roadmap_id == roadmap.id, Area.code == value)
            )
            if area is None:
                raise InvalidDraft(where="area", reason=f"there is no area {value!r}")
            milestone.area_id = area.id
        else:
            setattr(milestone, field, _CHECKS[field](roadmap, value))


def _bind(dependency: Dependency, kind: str, lag_days: int, support: Decimal) -> None:
    if kind not in list(Kind):
        raise InvalidDraft(where="kind", reason=f"expected one of {', '.join(Kind)}")
    if abs(lag_days) > _LONGEST:
        raise InvalidDraft(where="lag_days", reason=f"expected at most {_LONGEST:,} days")
    if not support.is_finite() or support < 0:
        raise InvalidDraft(where="support", reason="expected zero or more")
    dependency.kind, dependency.lag_days, dependency.support = Kind(kind).value, lag_days, support


_LONGEST = 36_525  # a century


def _title(_roadmap: Roadmap, value: LocalizedText) -> LocalizedText:
    if not any(text.strip() for text in value.values()):
        raise InvalidDraft(where="title", reason="expected a title")
    return _texts("title", value, 300)


def _texts(where: str, value: LocalizedText, maximum: int) -> LocalizedText:
    cleaned = {
        language: clean_text(text.strip(), where=f"{where} ({language})", maximum=maximum)
        for language, text in value.items()
    }
    return LocalizedText(cleaned, value.fallback)


def _agenda(_roadmap: Roadmap, value: str) -> str:
    if value not in list(Agenda):
        raise InvalidDraft(where="agenda", reason="expected SRIA or SDA")
    return Agenda(value).value


def _duration(_roadmap: Roadmap, value: int) -> int:
    if not 0 <= value <= _LONGEST:
        raise InvalidDraft(where="duration_days", reason=f"expected 0 to {_LONGEST:,} days")
    return value


def _not_before(roadmap: Roadmap, value: date | None) -> date | None:
    if value is not None and value < roadmap.start:
        raise InvalidDraft(
            where="not_before", reason=f"is before the roadmap's start on {roadmap.start}"
        )
    return value


def _trl(_roadmap: Roadmap, value: int | None) -> int | None:
    if value is not None and not 1 <= value <= 9:
        raise InvalidDraft(where="trl", reason="expected a technology readiness level from 1 to 9")
    return value


_CHECKS: dict[str, Callable[[Roadmap, Any], Any]] = {
    "title": _title,
    "description": lambda _roadmap, value: _texts("description", value, 10_000),
    "agenda": _agenda,
    "duration_days": _duration,
    "not_before": _not_before,
    "lead": lambda _roadmap, value: clean_text(value.strip(), where="lead", maximum=200),
    "trl_from": _trl,
    "trl_to": _trl,
}


def _decide(
    session: Session,
    roadmap: Roadmap,
    subject: str,
    change: str,
    reason: str,
    actor: Actor,
    now: datetime,
) -> None:
    text = clean_text(reason.strip(), where="reason", maximum=2000)
    if not text:
        raise InvalidDraft(where="reason", reason="expected why: every decision says it")
    session.add(
        Decision(
            roadmap_id=roadmap.id, subject=subject, change=change, reason=text,
            account_id=actor.account_id, decided_at=now,
        )
    )  # fmt: skip
    roadmap.mark_changed()
    session.flush()
    audit.record_event(
        session, name="roadmap.changed", actor=actor, now=now,
        subject=f"roadmap:{roadmap.slug}:{subject}", data={"change": change, "reason": text},
    )  # fmt: skip
