"""Use cases about editions: publish, withdraw, find, verify, compare.

An edition is a frozen draft (``freezing``): contradictions resolved, the network scheduled,
evidence, votes and decisions in one document of canonical JSON (RFC 8785), whose SHA-256 is
chained to the edition before. People publish what two of them approved (``stages``); the operator
may publish the draft as it is, and the edition says so.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import rfc8785
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import audit, outbox
from core.audit import Actor
from core.text import clean_text
from roadmap.editions.comparison import Change, compare_editions, give_reasons
from roadmap.editions.document import published
from roadmap.editions.freezing import freeze_draft, named
from roadmap.errors import (
    AlreadyWithdrawn,
    DraftChanged,
    EditionDamaged,
    EditionExists,
    EditionNotFound,
    InvalidVersion,
    InvalidWithdrawal,
    RoadmapNotFound,
    SamePerson,
)
from roadmap.models import Candidate, Edition, Roadmap
from roadmap.roadmaps import get_roadmap

_VERSION = re.compile(r"(0|[1-9]\d{0,3})\.(0|[1-9]\d{0,3})", re.ASCII)
# Topic of the outbox message that lets the documents be rendered.
RENDER_TOPIC = "edition.render"


def publish_edition(
    session: Session,
    *,
    slug: str,
    version: str,
    actor: Actor,
    now: datetime,
    revision: int | None = None,
) -> Edition:
    """Freeze the draft of ``slug`` and publish it at once as edition ``version`` (``"1.0"``).

    This is the operator's way; the edition says that nobody approved it. People go through
    ``stages``. ``revision``: the draft's revision that whoever publishes has seen. Raises
    ``InvalidVersion``, ``EditionExists``, and ``DraftChanged`` when the draft is not that any
    more.
    """
    locked_revision = lock_roadmap(session, slug=slug)
    if revision is not None and locked_revision != revision:
        raise DraftChanged(slug=slug)
    previous = latest_edition(session, slug=slug)
    check_version(slug, version, previous)
    roadmap = get_roadmap(session, slug=slug)
    document = freeze_draft(session, roadmap=roadmap, previous=previous, version=version, now=now)
    document = published(document, on=now.date(), by=actor.role)
    overtaken = session.scalar(
        select(Candidate).where(Candidate.roadmap_id == roadmap.id, Candidate.version == version)
    )
    if overtaken is not None:
        overtaken.stage, overtaken.changed_at = "ended", now
    return append_edition(
        session, roadmap=roadmap, previous=previous, document=document, actor=actor, now=now
    )


def preview_edition(session: Session, *, slug: str, version: str, now: datetime) -> dict[str, Any]:
    """What freezing the draft now would give; nothing is written."""
    roadmap = get_roadmap(session, slug=slug)
    previous = latest_edition(session, slug=slug)
    return freeze_draft(session, roadmap=roadmap, previous=previous, version=version, now=now)


def lock_roadmap(session: Session, *, slug: str) -> int:
    """Keep other publications, and changes to the draft, waiting; the draft's revision."""
    revision = session.scalar(
        select(Roadmap.revision).where(Roadmap.slug == slug).with_for_update()
    )
    if revision is None:
        raise RoadmapNotFound(slug=slug)
    return revision


def append_edition(
    session: Session,
    *,
    roadmap: Roadmap,
    previous: Edition | None,
    document: Mapping[str, Any],
    actor: Actor,
    now: datetime,
) -> Edition:
    """The next link of the chain. Raises ``EditionExists`` where somebody else was first."""
    version = str(document["version"])
    canonical = rfc8785.dumps(dict(document))
    edition = Edition(
        roadmap_id=roadmap.id,
        sequence=previous.sequence + 1 if previous else 1,
        version=version,
        document=canonical.decode(),
        sha256=hashlib.sha256(canonical).hexdigest(),
        published_at=now,
        account_id=actor.account_id,
    )
    try:
        with session.begin_nested():
            session.add(edition)
    except IntegrityError:
        raise EditionExists(slug=roadmap.slug, version=version) from None
    audit.record_event(
        session, name="edition.published", actor=actor, now=now,
        subject=f"edition:{roadmap.slug}:{version}",
        data={
            "sha256": edition.sha256,
            "previous": previous.sha256 if previous else None,
            "approvals": len(document["approvals"]),
        },
    )  # fmt: skip
    outbox.enqueue(session, topic=RENDER_TOPIC, payload={"edition": str(edition.id)}, now=now)
    return edition


def ask_for_withdrawal(
    session: Session, *, slug: str, version: str, reason: str, actor: Actor, now: datetime
) -> Edition:
    """Say why an edition should no longer hold; it is withdrawn when somebody else agrees.

    An operator's word is enough. Raises ``AlreadyWithdrawn`` and ``InvalidWithdrawal``.
    """
    edition = _edition_to_withdraw(session, slug, version)
    if edition.withdrawal_reason:
        raise InvalidWithdrawal(where="reason", reason="somebody asked for it already")
    text = clean_text(reason.strip(), where="reason", maximum=2000)
    if not text:
        raise InvalidWithdrawal(where="reason", reason="expected why; everybody will read it")
    edition.withdrawal_reason, edition.withdrawn_by = text, actor.account_id
    _record_withdrawal(session, "edition.withdrawal_asked", edition, slug, actor, now)
    if actor.account_id is None:
        _withdraw(session, edition, slug, actor, now)
    return edition


def confirm_withdrawal(
    session: Session,
    *,
    slug: str,
    version: str,
    actor: Actor,
    now: datetime,
    reason: str | None = None,
) -> Edition:
    """The second person's word: from now on the edition is withdrawn, and stays readable.

    ``reason`` is the one that this person has read: everybody will read it, so it must not have
    been replaced meanwhile. Raises ``SamePerson`` for whoever asked for it.
    """
    edition = _edition_to_withdraw(session, slug, version)
    if not edition.withdrawal_reason:
        raise InvalidWithdrawal(where="reason", reason="nobody asked for it")
    if edition.withdrawn_by is not None and edition.withdrawn_by == actor.account_id:
        raise SamePerson
    if reason is not None and reason.split() != edition.withdrawal_reason.split():
        raise InvalidWithdrawal(
            where="reason", reason="it is another one than you read; read it, and agree to that"
        )
    _withdraw(session, edition, slug, actor, now)
    return edition


def refuse_withdrawal(
    session: Session, *, slug: str, version: str, actor: Actor, now: datetime
) -> Edition:
    """Let the edition hold: what was asked for is taken back, by whoever asked or another."""
    edition = _edition_to_withdraw(session, slug, version)
    _record_withdrawal(session, "edition.withdrawal_refused", edition, slug, actor, now)
    edition.withdrawal_reason, edition.withdrawn_by = "", None
    session.flush()
    return edition


def list_editions(session: Session, *, slug: str) -> Sequence[Edition]:
    """The editions of a roadmap, oldest first, withdrawn ones among them."""
    return session.scalars(
        select(Edition).join(Roadmap).where(Roadmap.slug == slug).order_by(Edition.sequence)
    ).all()


def find_current_edition(session: Session, *, slug: str) -> Edition | None:
    """The newest edition that was not withdrawn: the one that holds."""
    return session.scalar(
        select(Edition)
        .join(Roadmap)
        .where(Roadmap.slug == slug, Edition.withdrawn_at.is_(None))
        .order_by(Edition.sequence.desc())
        .limit(1)
    )


def list_newest_editions(session: Session) -> list[tuple[Roadmap, Edition]]:
    """Every published roadmap with its newest edition that holds, the newest first."""
    newest: dict[Any, tuple[Roadmap, Edition]] = {}
    rows = session.execute(
        select(Roadmap, Edition)
        .join(Edition)
        .where(Edition.withdrawn_at.is_(None))
        .order_by(Edition.published_at, Edition.sequence)
    )
    for roadmap, edition in rows:
        newest[roadmap.id] = (roadmap, edition)
    return sorted(newest.values(), key=lambda pair: pair[1].published_at, reverse=True)


def get_edition(session: Session, *, slug: str, version: str) -> Edition:
    edition = session.scalar(
        select(Edition).join(Roadmap).where(Roadmap.slug == slug, Edition.version == version)
    )
    if edition is None:
        if session.scalar(select(Roadmap.id).where(Roadmap.slug == slug)) is None:
            raise RoadmapNotFound(slug=slug)
        raise EditionNotFound(slug=slug, version=version)
    return edition


def get_edition_document(session: Session, *, roadmap: str, version: str) -> dict[str, Any]:
    """The document of a published edition. Raises ``EditionNotFound``, ``EditionDamaged``."""
    return read_document(get_edition(session, slug=roadmap, version=version))


def read_document(edition: Edition) -> dict[str, Any]:
    """The document of an edition at hand, its fingerprint checked. Raises ``EditionDamaged``."""
    if not _is_intact(edition):
        raise EditionDamaged(
            slug=edition.roadmap.slug,
            version=edition.version,
            reason="the stored text gives another hash.",
        )
    document: dict[str, Any] = json.loads(edition.document)
    return document


def compare_published(session: Session, *, slug: str, older: str, newer: str) -> list[Change]:
    """What changed between any two editions of a roadmap, with the reasons decided on between."""
    first = get_edition(session, slug=slug, version=older)
    second = get_edition(session, slug=slug, version=newer)
    changes = compare_editions(read_document(first), read_document(second))
    decisions = [
        decision
        for edition in list_editions(session, slug=slug)
        if first.sequence < edition.sequence <= second.sequence
        for decision in read_document(edition)["decisions"]
    ]
    give_reasons(changes, decisions)
    return changes


def next_version(session: Session, *, slug: str) -> str:
    """The version to suggest: the newest one's minor number plus one, or 1.0."""
    previous = latest_edition(session, slug=slug)
    if previous is None:
        return "1.0"
    major, minor = _numbers(previous.version)
    return f"{major}.{minor + 1}"


def verify_chain(session: Session, *, slug: str) -> list[tuple[str, str]]:
    """What is wrong with the editions of a roadmap: (version, reason); empty when all is well."""
    faults = []
    previous: Edition | None = None
    for edition in list_editions(session, slug=slug):
        if not _is_intact(edition):
            faults.append((edition.version, "the document does not give its fingerprint"))
        if json.loads(edition.document)["previous"] != named(previous):
            faults.append((edition.version, "it does not follow the edition before"))
        previous = edition
    return faults


def latest_edition(session: Session, *, slug: str) -> Edition | None:
    """The last link of the chain, withdrawn or not."""
    return session.scalar(
        select(Edition)
        .join(Roadmap)
        .where(Roadmap.slug == slug)
        .order_by(Edition.sequence.desc())
        .limit(1)
    )


def check_version(slug: str, version: str, previous: Edition | None) -> None:
    """Raises ``InvalidVersion`` and ``EditionExists`` where ``version`` cannot come next."""
    if not _VERSION.fullmatch(version):
        raise InvalidVersion(where="version", reason="expected a number such as 1.0 or 1.1")
    if previous is None:
        return
    if _numbers(version) == _numbers(previous.version):
        raise EditionExists(slug=slug, version=version)
    if _numbers(version) < _numbers(previous.version):
        raise InvalidVersion(
            where="version", reason=f"expected a number above {previous.version}, the newest"
        )


def _is_intact(edition: Edition) -> bool:
    return hashlib.sha256(edition.document.encode()).hexdigest() == edition.sha256


def _numbers(version: str) -> tuple[int, int]:
    major, minor = version.split(".")
    return int(major), int(minor)


def _edition_to_withdraw(session: Session, slug: str, version: str) -> Edition:
    lock_roadmap(session, slug=slug)
    edition = get_edition(session, slug=slug, version=version)
    session.refresh(edition)  # as it is behind the lock
    if edition.withdrawn_at is not None:
        raise AlreadyWithdrawn(slug=slug, version=version)
    return edition


def _withdraw(session: Session, edition: Edition, slug: str, actor: Actor, now: datetime) -> None:
    edition.withdrawn_at = now
    _record_withdrawal(session, "edition.withdrawn", edition, slug, actor, now)
    session.flush()


def _record_withdrawal(
    session: Session, name: str, edition: Edition, slug: str, actor: Actor, now: datetime
) -> None:
    session.flush()
    audit.record_event(
        session, name=name, actor=actor, now=now, subject=f"edition:{slug}:{edition.version}",
        data={"reason": edition.withdrawal_reason, "sha256": edition.sha256},
    )  # fmt: skip
