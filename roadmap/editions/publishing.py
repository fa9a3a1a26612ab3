"""Use cases about editions: publish, find, verify, compare.

The secretariat publishes in ``publish_edition``: contradictions are resolved and the network is
scheduled, evidence, votes and decisions are frozen with it into one document, the document becomes
canonical JSON (RFC 8785), and its SHA-256 is chained to the edition before.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import rfc8785
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import audit, outbox
from core.audit import Actor
from roadmap.drafting import list_decisions
from roadmap.editions.comparison import Change, compare_editions
from roadmap.editions.document import build_edition_document
from roadmap.errors import (
    DraftChanged,
    EditionDamaged,
    EditionExists,
    EditionNotFound,
    InvalidVersion,
    RoadmapNotFound,
)
from roadmap.evidence.links import gather_evidence, list_links
from roadmap.models import Edition, Roadmap
from roadmap.roadmaps import get_roadmap, plan_roadmap
from surveys.consultations import phase_of
from surveys.models import Consultation
from surveys.results import get_public_results
from voting.motions import votes_on_roadmap

_VERSION = re.compile(r"(0|[1-9]\d{0,3})\.(0|[1-9]\d{0,3})")
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
    """Freeze the draft of ``slug`` as edition ``version`` (``"1.0"``).

    ``revision``: the draft's revision that whoever publishes has seen. Raises ``InvalidVersion``,
    ``EditionExists``, and ``DraftChanged`` when the draft is not that any more.
    """
    # The lock keeps other publications, and changes to the draft, waiting until this one is done.
    locked = session.execute(
        select(Roadmap.id, Roadmap.revision).where(Roadmap.slug == slug).with_for_update()
    ).one_or_none()
    if locked is None:
        raise RoadmapNotFound(slug=slug)
    if revision is not None and locked.revision != revision:
        raise DraftChanged(slug=slug)
    previous = _latest_edition(session, slug=slug)
    _check_version(slug, version, previous)
    roadmap = get_roadmap(session, slug=slug)
    document = _draft_document(session, roadmap, previous, version, now)
    canonical = rfc8785.dumps(document)
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
        raise EditionExists(slug=slug, version=version) from None
    audit.record_event(
        session, name="edition.published", actor=actor, now=now,
        subject=f"edition:{slug}:{version}",
        data={"sha256": edition.sha256, "previous": previous.sha256 if previous else None},
    )  # fmt: skip
    outbox.enqueue(session, topic=RENDER_TOPIC, payload={"edition": str(edition.id)}, now=now)
    return edition


def preview_edition(session: Session, *, slug: str, version: str, now: datetime) -> dict[str, Any]:
    """What publishing the draft now would freeze; nothing is written."""
    roadmap = get_roadmap(session, slug=slug)
    return _draft_document(session, roadmap, _latest_edition(session, slug=slug), version, now)


def list_editions(session: Session, *, slug: str) -> Sequence[Edition]:
    """The editions of a roadmap, oldest first."""
    return session.scalars(
        select(Edition).join(Roadmap).where(Roadmap.slug == slug).order_by(Edition.sequence)
    ).all()


def list_newest_editions(session: Session) -> list[tuple[Roadmap, Edition]]:
    """Every published roadmap with its newest edition, the newest first."""
    newest: dict[Any, tuple[Roadmap, Edition]] = {}
    rows = session.execute(
        select(Roadmap, Edition).join(Edition).order_by(Edition.published_at, Edition.sequence)
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
    """What changed between any two editions of a roadmap."""
    return compare_editions(
        get_edition_document(session, roadmap=slug, version=older),
        get_edition_document(session, roadmap=slug, version=newer),
    )


def next_version(session: Session, *, slug: str) -> str:
    """The version to suggest: the newest one's minor number plus one, or 1.0."""
    previous = _latest_edition(session, slug=slug)
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
        named = json.loads(edition.document)["previous"]
        if named != _named(previous):
            faults.append((edition.version, "it does not follow the edition before"))
        previous = edition
    return faults


def _draft_document(
    session: Session, roadmap: Roadmap, previous: Edition | None, version: str, now: datetime
) -> dict[str, Any]:
    return build_edition_document(
        roadmap=roadmap,
        plan=plan_roadmap(roadmap),
        evidence=gather_evidence(session, roadmap=roadmap, now=now),
        consultations=_linked_consultations(session, roadmap, now),
        votes=votes_on_roadmap(session, roadmap_slug=roadmap.slug),
        decisions=[
            decision
            for decision in list_decisions(session, roadmap=roadmap)
            if previous is None or decision.decided_at > previous.published_at
        ],
        version=version,
        previous=_named(previous),
        older=json.loads(previous.document) if previous else None,
        published_on=now.date(),
    )


def _is_intact(edition: Edition) -> bool:
    return hashlib.sha256(edition.document.encode()).hexdigest() == edition.sha256


def _latest_edition(session: Session, *, slug: str) -> Edition | None:
    return session.scalar(
        select(Edition)
        .join(Roadmap)
        .where(Roadmap.slug == slug)
        .order_by(Edition.sequence.desc())
        .limit(1)
    )


def _check_version(slug: str, version: str, previous: Edition | None) -> None:
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


def _named(edition: Edition | None) -> dict[str, str] | None:
    """How a document names the edition before it."""
    return None if edition is None else {"version": edition.version, "sha256": edition.sha256}


def _numbers(version: str) -> tuple[int, int]:
    major, minor = version.split(".")
    return int(major), int(minor)


def _linked_consultations(
    session: Session, roadmap: Roadmap, now: datetime
) -> list[tuple[Consultation, Any, Any]]:
    """The closed consultations that are linked, with public results by type and country."""
    ids = {link.consultation_id for link in list_links(session, roadmap=roadmap)}
    consultations = session.scalars(
        select(Consultation)
        .where(Consultation.id.in_(ids))
        .order_by(Consultation.opens_at, Consultation.slug)
    ).all()
    return [
        (
            consultation,
            get_public_results(session, consultation=consultation, by="respondent_type"),
            get_public_results(session, consultation=consultation, by="country"),
        )
        for consultation in consultations
        if phase_of(consultation, now=now).is_closed
    ]
