"""Use cases of delegates: cast a ballot, give a proxy, take it back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import audit
from core.audit import Actor
from stakeholders.delegations import eu_country_code
from stakeholders.models import Account
from stakeholders.permissions import Role
from voting.errors import (
    AlreadyVoted,
    MotionNotOpen,
    NotInElectorate,
    NotYourDelegation,
    ProxyGiven,
    ProxyNotFound,
    ProxyRefused,
    UnknownChoice,
)
from voting.models import Ballot, Motion, ProxyGrant, ProxyParty
from voting.motions import electorate_of, get_motion_for_update
from voting.record import chain_hash, document_hash
from voting.rules import Choice
from voting.tally import CastBallot


@dataclass(frozen=True, slots=True)
class Seat:
    """A delegation an account may act for now, and the ballot it has if it voted."""

    delegation: str
    by_proxy: bool
    ballot: Ballot | None


def cast_ballot(
    session: Session,
    *,
    slug: str,
    account_id: UUID,
    delegation: str,
    choice: str,
    now: datetime,
) -> Ballot:
    """Cast the ballot of ``delegation``, by its delegate or by the one who holds its proxy.

    Raises ``UnknownChoice``, ``MotionNotFound``, ``MotionNotOpen``, ``NotYourDelegation``,
    ``NotInElectorate``, ``ProxyGiven``, and ``AlreadyVoted`` for a second ballot: which of two
    comes first, the database decides.
    """
    if choice not in set(Choice):
        raise UnknownChoice(where="choice", choice=choice)
    motion = get_motion_for_update(session, slug=slug)
    if not motion.takes_ballots(now) or motion.opening is None:
        raise MotionNotOpen
    target = eu_country_code(delegation)
    own = _own_delegation(session, account_id)
    _check_may_vote(session, motion, own=own, target=target)
    last = session.scalar(
        select(Ballot).where(Ballot.motion_id == motion.id).order_by(Ballot.number.desc()).limit(1)
    )
    number = last.number + 1 if last else 1
    cast_at = now.replace(microsecond=0)
    ballot = Ballot(
        motion_id=motion.id,
        number=number,
        delegation=target,
        choice=choice,
        cast_by=own,
        cast_by_account=account_id,
        cast_at=cast_at,
        hash=chain_hash(
            last.hash if last else document_hash(motion.opening),
            number=number,
            ballot=CastBallot(target, Choice(choice), own),
            cast_at=cast_at,
        ),
    )
    try:
        with session.begin_nested():
            session.add(ballot)
    except IntegrityError:
        raise AlreadyVoted(delegation=target) from None
    _record(
        session, "ballot.cast", account_id, motion, now,
        delegation=target, cast_by=own, number=number, hash=ballot.hash,
    )  # fmt: skip
    return ballot


def grant_proxy(
    session: Session, *, slug: str, account_id: UUID, holder: str, now: datetime
) -> ProxyGrant:
    """Let ``holder`` act for the account's delegation on this motion (Article 239 TFEU).

    Raises ``MotionNotOpen``, ``NotInElectorate``, ``AlreadyVoted`` when the own ballot is cast,
    and ``ProxyRefused`` when one of the two has given or holds a proxy already.
    """
    motion = get_motion_for_update(session, slug=slug)
    if not motion.takes_ballots(now):
        raise MotionNotOpen
    giver, target = _own_delegation(session, account_id), eu_country_code(holder)
    for code in (giver, target):
        if code not in electorate_of(motion).persons:
            raise NotInElectorate(delegation=code)
    if giver == target:
        raise ProxyRefused(reason="A delegation cannot be its own proxy.")
    if _find_ballot(session, motion, giver) is not None:
        raise AlreadyVoted(delegation=giver)
    _check_free_for_proxy(session, motion, giver=giver, holder=target)
    grant = ProxyGrant(
        motion_id=motion.id,
        giver=giver,
        holder=target,
        granted_by_account=account_id,
        granted_at=now.replace(microsecond=0),
    )
    try:
        with session.begin_nested():
            session.add(grant)
            session.flush()
            session.add_all(
                ProxyParty(motion_id=motion.id, delegation=code, giver=giver)
                for code in (giver, target)
            )
    except IntegrityError:
        raise ProxyRefused(reason=f"{giver} or {target} has a proxy already.") from None
    _record(session, "proxy.granted", account_id, motion, now, giver=giver, holder=target)
    return grant


def withdraw_proxy(session: Session, *, slug: str, account_id: UUID, now: datetime) -> None:
    """Take back the proxy of the account's delegation, as long as it has not been used.

    Raises ``MotionNotOpen``, ``ProxyNotFound``, ``AlreadyVoted``.
    """
    motion = get_motion_for_update(session, slug=slug)
    if not motion.takes_ballots(now):
        raise MotionNotOpen
    giver = _own_delegation(session, account_id)
    grant = session.get(ProxyGrant, (motion.id, giver))
    if grant is None:
        raise ProxyNotFound(delegation=giver)
    if _find_ballot(session, motion, giver) is not None:
        raise AlreadyVoted(delegation=giver)
    holder = grant.holder
    for party in _proxy_parties(session, motion, giver, holder):
        session.delete(party)
    session.flush()
    session.delete(grant)
    session.flush()
    _record(session, "proxy.withdrawn", account_id, motion, now, giver=giver, holder=holder)


def list_seats(session: Session, *, motion: Motion, delegation: str) -> tuple[Seat, ...]:
    """For whom a delegate of ``delegation`` acts: itself unless it gave its proxy, and its holder's
    one. Empty when the delegation cannot vote on this motion."""
    if delegation not in electorate_of(motion).persons:
        return ()
    held = session.scalar(
        select(ProxyGrant.giver).where(
            ProxyGrant.motion_id == motion.id, ProxyGrant.holder == delegation
        )
    )
    codes = [] if find_proxy_of(session, motion=motion, delegation=delegation) else [delegation]
    return tuple(
        Seat(code, by_proxy=code != delegation, ballot=_find_ballot(session, motion, code))
        for code in codes + ([held] if held else [])
    )


def find_proxy_of(session: Session, *, motion: Motion, delegation: str) -> ProxyGrant | None:
    """The proxy that ``delegation`` has given, if any."""
    return session.get(ProxyGrant, (motion.id, delegation))


def _own_delegation(session: Session, account_id: UUID) -> str:
    account = session.get(Account, account_id)
    if account is None or not account.active or account.delegation is None:
        raise NotYourDelegation(delegation="a delegation")
    return account.delegation


def _check_may_vote(session: Session, motion: Motion, *, own: str, target: str) -> None:
    if target not in electorate_of(motion).persons:
        raise NotInElectorate(delegation=target)
    given = find_proxy_of(session, motion=motion, delegation=target)
    if target == own and given is not None:
        raise ProxyGiven(delegation=target, holder=given.holder)
    if target != own and (given is None or given.holder != own):
        raise NotYourDelegation(delegation=target)


def _check_free_for_proxy(session: Session, motion: Motion, *, giver: str, holder: str) -> None:
    """Say precisely which of the two is not free; the database would only say that one is not."""
    for party in _proxy_parties(session, motion, giver, holder):
        gave = party.giver == party.delegation
        if party.delegation == giver:
            reason = (
                f"{giver} has given its proxy already."
                if gave
                else f"{giver} holds the proxy of {party.giver} and cannot give its own away."
            )
        else:
            reason = (
                f"{holder} has given its own proxy away and cannot act for {giver}."
                if gave
                else f"{holder} acts for {party.giver} already."
            )
        raise ProxyRefused(reason=reason)


def _proxy_parties(
    session: Session, motion: Motion, giver: str, holder: str
) -> Sequence[ProxyParty]:
    return session.scalars(
        select(ProxyParty)
        .where(ProxyParty.motion_id == motion.id, ProxyParty.delegation.in_([giver, holder]))
        .order_by(ProxyParty.delegation != giver)
    ).all()


def _find_ballot(session: Session, motion: Motion, delegation: str) -> Ballot | None:
    return session.scalar(
        select(Ballot).where(Ballot.motion_id == motion.id, Ballot.delegation == delegation)
    )


def _record(
    session: Session, name: str, account_id: UUID, motion: Motion, now: datetime, **data: str | int
) -> None:
    audit.record_event(
        session, name=name, actor=Actor(account_id, Role.DELEGATE.value),
        subject=f"motion:{motion.slug}", now=now, data=dict(data),
    )  # fmt: skip
