"""Use cases about motions: create, open, close, and read what came out."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import audit
from core.audit import Actor
from core.ids import clean_slug
from core.text import LANGUAGES, LocalizedText, clean_text
from voting.errors import (
    ClosedTooEarly,
    DuplicateMotion,
    InvalidMotion,
    MotionNotClosed,
    MotionNotDraft,
    MotionNotFound,
    MotionNotOpen,
    RecordDamaged,
)
from voting.models import Ballot, Motion, Phase, ProxyGrant
from voting.populations import LATEST_YEAR, population_table
from voting.record import (
    ChainedBallot,
    Opening,
    Proxy,
    build_record,
    fingerprint,
    recount,
)
from voting.rules import Choice, Electorate, check_electorate, get_rule
from voting.tally import CastBallot, count_ballots

MAXIMUM_TITLE, MAXIMUM_TEXT, MAXIMUM_REASON = 200, 10_000, 500


def create_motion(
    session: Session,
    *,
    slug: str,
    title: LocalizedText,
    text: LocalizedText,
    actor: Actor,
    now: datetime,
    rule: str = "qualified",
    population_year: int = LATEST_YEAR,
    participants: Sequence[str] | None = None,
    roadmap_slug: str | None = None,
    closes_at: datetime | None = None,
    simulated: bool = False,
) -> Motion:
    """A new motion in preparation. ``participants`` are EU codes; None means all members.

    Raises ``InvalidMotion``, ``DuplicateMotion``, ``UnknownRule``, ``UnknownTable``,
    ``UnknownMember``, ``DuplicateMember``, ``UnsuitableElectorate``.
    """
    cleaned = clean_slug(slug)
    table = population_table(population_year)
    chosen = (
        None if participants is None else table.parse_members(participants, where="participants")
    )
    if chosen is not None:
        # In protocol order, however they were typed.
        chosen = tuple(code for code in table.members if code in chosen)
    check_electorate(get_rule(rule), _electorate(chosen, population_year), union=table.members)
    motion = Motion(
        slug=cleaned,
        title=_clean_localized(title, where="title", maximum=MAXIMUM_TITLE),
        text=_clean_localized(text, where="text", maximum=MAXIMUM_TEXT),
        roadmap_slug=clean_slug(roadmap_slug) if roadmap_slug else None,
        rule=rule,
        population_year=population_year,
        participants=None if chosen is None else list(chosen),
        closes_at=closes_at,
        simulated=simulated,
        created_at=now,
    )
    try:
        with session.begin_nested():
            session.add(motion)
    except IntegrityError:
        raise DuplicateMotion(slug=cleaned) from None
    audit.record_event(
        session, name="motion.created", actor=actor, subject=f"motion:{cleaned}", now=now,
        data={"rule": rule, "population_year": population_year},
    )  # fmt: skip
    return motion


def open_motion(session: Session, *, slug: str, actor: Actor, now: datetime) -> Motion:
    """Open for voting: freezes the question, the rule and who can vote.

    Raises ``MotionNotFound``, ``MotionNotDraft``, and ``InvalidMotion`` when the announced end
    has passed already.
    """
    motion = get_motion_for_update(session, slug=slug)
    if motion.phase is not Phase.DRAFT:
        raise MotionNotDraft
    opened_at = now.replace(microsecond=0)
    if motion.closes_at is not None and motion.closes_at <= opened_at:
        raise InvalidMotion(where="closes_at", reason="the announced end has passed already")
    motion.opened_at = opened_at
    motion.opening = Opening(
        slug=motion.slug,
        title=motion.title.as_dict(),
        text=motion.text.as_dict(),
        roadmap=motion.roadmap_slug,
        rule=motion.rule,
        population_year=motion.population_year,
        electorate=_electorate(motion.participants, motion.population_year),
        simulated=motion.simulated,
        opened_at=opened_at,
    ).as_document()
    session.flush()
    audit.record_event(
        session, name="motion.opened", actor=actor, subject=f"motion:{motion.slug}", now=now
    )
    return motion


def close_motion(
    session: Session, *, slug: str, actor: Actor, now: datetime, reason: str = ""
) -> Motion:
    """Close: no ballot is taken any more; the tally and the record's fingerprint are frozen.

    An announced end binds the secretariat too: before it, and as long as somebody can still vote,
    closing takes a ``reason``, which is published with the result.

    Raises ``MotionNotOpen``, ``ClosedTooEarly`` where that reason is missing, and
    ``TamperedExport`` when the chain of ballots is broken.
    """
    motion = get_motion_for_update(session, slug=slug)
    if motion.phase is not Phase.OPEN:
        raise MotionNotOpen
    ballots = list_ballots(session, motion=motion)
    if is_bound(motion, voted=len(ballots), now=now):
        given = clean_text(reason, where="reason", maximum=MAXIMUM_REASON).strip()
        if not given:
            end = f"{motion.closes_at:%d %B %Y, %H:%M} UTC".lstrip("0")
            raise ClosedTooEarly(closes_at=end)
        motion.closing_reason = given
    proxies = list_proxies(session, motion=motion)
    motion.tally = count_ballots(
        rule=get_rule(motion.rule),
        population_year=motion.population_year,
        electorate=electorate_of(motion),
        ballots=[_cast_ballot(ballot) for ballot in ballots],
        proxies={grant.giver: grant.holder for grant in proxies},
    ).as_document()
    motion.closed_at = now.replace(microsecond=0)
    record = _build_record(motion, proxies, ballots)
    recount(record)
    motion.record_sha256 = fingerprint(record)
    session.flush()
    audit.record_event(
        session, name="motion.closed", actor=actor, subject=f"motion:{motion.slug}", now=now,
        data={
            "attained": motion.tally["attained"],
            "record_sha256": motion.record_sha256,
            "early": motion.closing_reason is not None,
        },
    )  # fmt: skip
    return motion


def is_bound(motion: Motion, *, voted: int, now: datetime) -> bool:
    """Whether the announced end is still to come and somebody has not voted yet."""
    return (
        motion.closes_at is not None
        and now < motion.closes_at
        and voted < len(electorate_of(motion))
    )


def get_motion(session: Session, *, slug: str) -> Motion:
    motion = session.scalar(select(Motion).where(Motion.slug == slug))
    if motion is None:
        raise MotionNotFound(slug=slug)
    return motion


def get_motion_for_update(session: Session, *, slug: str) -> Motion:
    """The motion, locked: acts on one motion happen one after the other, so its chain has no fork.

    SQLite, where writers wait for one another anyway, ignores the lock.
    """
    motion = session.scalar(
        select(Motion)
        .where(Motion.slug == slug)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if motion is None:
        raise MotionNotFound(slug=slug)
    return motion


def list_motions(session: Session) -> Sequence[Motion]:
    """All motions, the newest first."""
    return session.scalars(select(Motion).order_by(Motion.created_at.desc(), Motion.id)).all()


def list_ballots(session: Session, *, motion: Motion) -> Sequence[Ballot]:
    """Ballots in the order of their chain."""
    return session.scalars(
        select(Ballot).where(Ballot.motion_id == motion.id).order_by(Ballot.number)
    ).all()


def list_proxies(session: Session, *, motion: Motion) -> Sequence[ProxyGrant]:
    return session.scalars(
        select(ProxyGrant).where(ProxyGrant.motion_id == motion.id).order_by(ProxyGrant.giver)
    ).all()


def electorate_of(motion: Motion) -> Electorate:
    """Who can vote: as frozen on opening, or as planned while it is a draft."""
    if motion.opening is None:
        return _electorate(motion.participants, motion.population_year)
    return Electorate({
        entry["delegation"]: entry["persons"] for entry in motion.opening["electorate"]
    })  # fmt: skip


def get_tally(session: Session, *, slug: str) -> dict[str, Any]:
    """The frozen tally of a closed motion (``voting.tally.Tally.as_document``)."""
    motion = get_motion(session, slug=slug)
    if motion.tally is None:
        raise MotionNotClosed
    return motion.tally


def get_record(session: Session, *, slug: str) -> dict[str, Any]:
    """The record of a closed motion, from which anyone can recount it (see ``voting.record``).

    Raises ``MotionNotClosed``, and ``RecordDamaged`` when the rows in the database no longer give
    the record whose fingerprint was frozen on closing.
    """
    motion = get_motion(session, slug=slug)
    if motion.tally is None:
        raise MotionNotClosed
    record = _build_record(
        motion, list_proxies(session, motion=motion), list_ballots(session, motion=motion)
    )
    if fingerprint(record) != motion.record_sha256:
        raise RecordDamaged
    recount(record)
    return record


def votes_on_roadmap(session: Session, *, roadmap_slug: str) -> list[dict[str, Any]]:
    """Closed votes about a roadmap, oldest first, as an edition lists them."""
    motions = session.scalars(
        select(Motion)
        .where(Motion.roadmap_slug == roadmap_slug, Motion.closed_at.is_not(None))
        .order_by(Motion.closed_at, Motion.slug)
    ).all()
    return [_edition_vote(motion, list_ballots(session, motion=motion)) for motion in motions]


def _edition_vote(motion: Motion, ballots: Sequence[Ballot]) -> dict[str, Any]:
    assert motion.tally is not None
    assert motion.closed_at is not None
    tally = motion.tally
    return {
        "slug": motion.slug,
        "title": motion.title.as_dict(),
        "rule": motion.rule,
        "population_year": motion.population_year,
        "population_source": population_table(motion.population_year).source,
        "closed_on": motion.closed_at.date().isoformat(),
        "simulated": motion.simulated,
        "attained": tally["attained"],
        "yes": len(tally["yes"]),
        "no": len(tally["no"]),
        "abstain": len(tally["abstain"]),
        "not_voting": len(tally["not_voting"]),
        "population_share": tally["population_share"],
        "reason": tally["reason"],
        "record_sha256": motion.record_sha256,
        "ballots": [
            {
                "delegation": ballot.delegation,
                "choice": ballot.choice,
                "proxy_of": None if ballot.cast_by == ballot.delegation else f"by {ballot.cast_by}",
            }
            for ballot in sorted(ballots, key=lambda ballot: ballot.delegation)
        ],
    }


def _electorate(participants: Sequence[str] | None, population_year: int) -> Electorate:
    persons = population_table(population_year).persons()
    if participants is None:
        return Electorate(persons)
    return Electorate({code: persons[code] for code in participants})


def _cast_ballot(ballot: Ballot) -> CastBallot:
    return CastBallot(ballot.delegation, Choice(ballot.choice), ballot.cast_by)


def _build_record(
    motion: Motion, proxies: Sequence[ProxyGrant], ballots: Sequence[Ballot]
) -> dict[str, Any]:
    assert motion.opening is not None
    assert motion.closed_at is not None
    return build_record(
        motion.opening,
        closed_at=motion.closed_at,
        closing_reason=motion.closing_reason,
        proxies=[Proxy(grant.giver, grant.holder, grant.granted_at) for grant in proxies],
        ballots=[
            ChainedBallot(ballot.number, _cast_ballot(ballot), ballot.cast_at, ballot.hash)
            for ballot in ballots
        ],
        result=motion.tally or {},
    )


def _clean_localized(text: Mapping[str, str], *, where: str, maximum: int) -> LocalizedText:
    """Texts cleaned, empty ones left out; at least one language needed."""
    cleaned: dict[str, str] = {}
    for language, value in LocalizedText(text).as_dict().items():
        if language not in LANGUAGES:
            raise InvalidMotion(where=where, reason=f"“{language}” is not an official language")
        content = clean_text(value, where=f"{where}, {language}", maximum=maximum).strip()
        if content:
            cleaned[language] = content
    if not cleaned:
        raise InvalidMotion(where=where, reason="expected a text in at least one language")
    fallback = text.fallback if isinstance(text, LocalizedText) else None
    return LocalizedText(cleaned, fallback)
