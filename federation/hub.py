"""What an instance does as hub: registers nodes, shares consultations, receives releases."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from joserfc.jwk import OKPKey
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import audit
from core.audit import Actor
from core.ids import clean_slug
from federation.definition import Definition
from federation.envelope import (
    ACKNOWLEDGEMENT,
    DEFINITION,
    EVERY_NODE,
    RELEASE,
    Envelope,
    open_envelope,
    public_jwk,
    read_public_key,
    sign,
    thumbprint,
)
from federation.errors import (
    BrokenChain,
    ConflictingRelease,
    Gap,
    NodeExists,
    NodeNotFound,
    NotShared,
    OtherQuestionnaire,
    Replay,
    UnknownConsultation,
)
from federation.models import Node, PulledDefinition, ReceivedRelease, SharedDefinition
from federation.release import ReleaseBody, read_release
from surveys.consultations import get_consultation
from surveys.definition import parse_definition
from surveys.errors import NothingPublished
from surveys.models import Consultation

# A node that delivers: the audit log names the act and, in the subject, the node.
NODE = Actor(account_id=None, role="node")


@dataclass(frozen=True, slots=True)
class NodeStatus:
    """One node's part in a consultation: its newest release, if any."""

    name: str
    thumbprint: str
    release: ReceivedRelease | None


def register_node(
    session: Session, *, name: str, public_key: object, actor: Actor, now: datetime
) -> Node:
    """Trust the instance with this key (JWK) from now on, under a name chosen here.

    Raises ``InvalidKey``, and ``NodeExists`` for a name or key in use. A node that was removed
    comes back when its own name and key are given again.
    """
    key, cleaned = read_public_key(public_key), clean_slug(name)
    known = session.scalars(
        select(Node).where((Node.name == cleaned) | (Node.thumbprint == thumbprint(key)))
    ).all()
    if known:
        node = known[0]
        if (
            len(known) > 1
            or node.active
            or (node.name, node.thumbprint)
            != (
                cleaned,
                thumbprint(key),
            )
        ):
            raise NodeExists(name=node.name)
        node.active = True
    else:
        node = Node(
            name=cleaned, public_key=public_jwk(key), thumbprint=thumbprint(key), registered_at=now
        )
        session.add(node)
    session.flush()
    audit.record_event(
        session, name="node.registered", actor=actor, subject=f"node:{cleaned}", now=now,
        data={"thumbprint": node.thumbprint},
    )  # fmt: skip
    return node


def remove_node(session: Session, *, name: str, actor: Actor, now: datetime) -> None:
    """Trust this node no longer: its releases stay on record, uncounted."""
    node = session.scalar(select(Node).where(Node.name == name, Node.active))
    if node is None:
        raise NodeNotFound(name=name)
    node.active = False
    session.flush()
    audit.record_event(
        session, name="node.removed", actor=actor, subject=f"node:{name}", now=now,
        data={"thumbprint": node.thumbprint},
    )  # fmt: skip


def list_nodes(session: Session) -> Sequence[Node]:
    """The nodes trusted now, by name."""
    return session.scalars(select(Node).where(Node.active).order_by(Node.name)).all()


def share_consultation(
    session: Session, *, slug: str, key: OKPKey, actor: Actor, now: datetime
) -> SharedDefinition:
    """Sign the consultation as it stands for the nodes; the same again if nothing has changed.

    Raises ``NothingPublished`` before it has a published questionnaire and an opening date.
    """
    consultation = get_consultation(session, slug=slug)
    version = consultation.current_version
    if version is None or consultation.opens_at is None:
        raise NothingPublished(slug=consultation.slug)
    definition = Definition(
        title=consultation.title,
        summary=consultation.summary,
        kind=consultation.kind,
        opens_at=consultation.opens_at,
        closes_at=consultation.closes_at,
        anonymity=consultation.anonymity,
        anonymous_shows=tuple(consultation.anonymous_shows),
        asks_profile=consultation.asks_profile,
        retained_until=consultation.retained_until,
        simulated=consultation.simulated,
        questionnaire=version.definition,
        questionnaire_sha256=version.sha256,
        time_zone=consultation.time_zone,
        consents=tuple(consultation.consents),
        asks_proof=consultation.asks_proof,
    )
    latest = _find_shared(session, consultation)
    envelope = Envelope(
        schema=DEFINITION,
        issuer=thumbprint(key),
        audience=EVERY_NODE,
        consultation=consultation.slug,
        sequence=latest.sequence if latest else 1,
        previous=latest.previous if latest else None,
        issued_at=latest.issued_at if latest else now,
        expires_at=None,
        body=definition.as_body(),
    )
    if latest is not None and latest.sha256 == envelope.sha256:
        return latest
    if latest is not None:
        envelope = replace(
            envelope, sequence=latest.sequence + 1, previous=latest.sha256, issued_at=now
        )
    shared = SharedDefinition(
        consultation_id=consultation.id,
        sequence=envelope.sequence,
        previous=envelope.previous,
        sha256=envelope.sha256,
        questionnaire_sha256=version.sha256,
        envelope=sign(envelope, key),
        issued_at=envelope.issued_at,
    )
    session.add(shared)
    session.flush()
    audit.record_event(
        session, name="consultation.shared", actor=actor, now=now,
        subject=f"consultation:{consultation.slug}",
        data={"sequence": shared.sequence, "sha256": shared.sha256},
    )  # fmt: skip
    return shared


def get_shared(session: Session, *, slug: str) -> SharedDefinition:
    """The newest definition signed for this consultation. Raises ``NotShared``."""
    shared = session.scalar(
        select(SharedDefinition)
        .join(SharedDefinition.consultation)
        .where(Consultation.slug == slug)
        .order_by(SharedDefinition.sequence.desc())
        .limit(1)
    )
    if shared is None:
        raise NotShared(slug=slug)
    return shared


def list_shared(session: Session) -> list[SharedDefinition]:
    """The newest definition of every consultation shared, newest consultation first."""
    newest: dict[Any, SharedDefinition] = {}
    for shared in session.scalars(select(SharedDefinition).order_by(SharedDefinition.sequence)):
        newest[shared.consultation_id] = shared
    return sorted(newest.values(), key=lambda shared: shared.issued_at, reverse=True)


def list_shareable(session: Session) -> Sequence[Consultation]:
    """Consultations with a published questionnaire and dates that are not followed from a hub."""
    followed = select(PulledDefinition.consultation_id)
    return session.scalars(
        select(Consultation)
        .where(
            Consultation.current_version_id.is_not(None),
            Consultation.opens_at.is_not(None),
            Consultation.id.not_in(followed),
        )
        .order_by(Consultation.opens_at.desc(), Consultation.slug)
    ).all()


def receive_release(
    session: Session, *, token: str | bytes, key: OKPKey, now: datetime
) -> ReceivedRelease:
    """Verify a node's release and keep it, with a signed acknowledgement.

    ``key`` is this hub's own. Every refusal of ``federation.envelope`` and of
    ``federation.release`` may be raised, and: ``UnknownConsultation``; ``Replay`` for a release
    received before (``find_acknowledgement`` still gives its acknowledgement);
    ``ConflictingRelease`` for another one under a number received before; ``Gap``;
    ``BrokenChain``; ``OtherQuestionnaire``. Nothing is kept of what is refused.
    """
    keys = {node.thumbprint: read_public_key(node.public_key) for node in list_nodes(session)}
    own = thumbprint(key)
    envelope = open_envelope(token, keys, schema=RELEASE, audience=own, now=now)
    # Locked, so that two releases of one node are looked at one after the other.
    node = session.scalars(
        select(Node).where(Node.thumbprint == envelope.issuer).with_for_update()
    ).one()
    try:
        shared = get_shared(session, slug=envelope.consultation)
    except NotShared:
        raise UnknownConsultation(slug=envelope.consultation) from None
    _check_order(session, node, shared.consultation, envelope)
    given = envelope.body.get("questionnaire_sha256")
    if given != shared.questionnaire_sha256:
        raise OtherQuestionnaire(given=str(given)[:12], expected=shared.questionnaire_sha256[:12])
    questionnaire = parse_definition(_questionnaire_of(shared))
    body = read_release(envelope.body, questionnaire)

    acknowledgement = Envelope(
        schema=ACKNOWLEDGEMENT,
        issuer=own,
        audience=envelope.issuer,
        consultation=envelope.consultation,
        sequence=envelope.sequence,
        previous=None,
        issued_at=now,
        expires_at=None,
        body={"release": envelope.sha256},
    )
    release = ReceivedRelease(
        node_id=node.id,
        consultation_id=shared.consultation_id,
        sequence=envelope.sequence,
        sha256=envelope.sha256,
        questionnaire_sha256=shared.questionnaire_sha256,
        envelope=token.decode("ascii") if isinstance(token, bytes) else token,
        body=body.as_body(),
        issued_at=envelope.issued_at,
        received_at=now,
        acknowledgement=sign(acknowledgement, key),
    )
    try:
        with session.begin_nested():
            session.add(release)
    except IntegrityError:
        raise Replay(sequence=envelope.sequence) from None
    audit.record_event(
        session, name="release.received", actor=NODE, subject=f"node:{node.name}", now=now,
        data={
            "consultation": envelope.consultation,
            "sequence": envelope.sequence,
            "sha256": envelope.sha256,
        },
    )  # fmt: skip
    return release


def find_acknowledgement(session: Session, *, sha256: str) -> str | None:
    """The acknowledgement given for a release: always the same bytes."""
    return session.scalar(
        select(ReceivedRelease.acknowledgement).where(ReceivedRelease.sha256 == sha256)
    )


def node_statuses(session: Session, *, shared: SharedDefinition) -> list[NodeStatus]:
    """Every trusted node with its newest release over the questionnaire shared now."""
    newest: dict[Any, ReceivedRelease] = {}
    for release in session.scalars(
        select(ReceivedRelease)
        .where(
            ReceivedRelease.consultation_id == shared.consultation_id,
            ReceivedRelease.questionnaire_sha256 == shared.questionnaire_sha256,
        )
        .order_by(ReceivedRelease.sequence)
    ):
        newest[release.node_id] = release
    return [
        NodeStatus(node.name, node.thumbprint, newest.get(node.id)) for node in list_nodes(session)
    ]


def body_of(release: ReceivedRelease) -> ReleaseBody:
    """The counts of a release received."""
    return ReleaseBody.model_validate(release.body)


def _find_shared(session: Session, consultation: Consultation) -> SharedDefinition | None:
    try:
        return get_shared(session, slug=consultation.slug)
    except NotShared:
        return None


def _questionnaire_of(shared: SharedDefinition) -> dict[str, Any]:
    for version in shared.consultation.versions:
        if version.sha256 == shared.questionnaire_sha256:
            return version.definition
    raise NotShared(slug=shared.consultation.slug)


def _check_order(
    session: Session, node: Node, consultation: Consultation, envelope: Envelope
) -> None:
    last = session.scalar(
        select(ReceivedRelease)
        .where(
            ReceivedRelease.node_id == node.id,
            ReceivedRelease.consultation_id == consultation.id,
        )
        .order_by(ReceivedRelease.sequence.desc())
        .limit(1)
    )
    known, expected = (last.sha256, last.sequence + 1) if last else (None, 1)
    if envelope.sequence < expected:
        same = session.scalar(
            select(ReceivedRelease.id).where(ReceivedRelease.sha256 == envelope.sha256)
        )
        refusal = Replay if same is not None else ConflictingRelease
        raise refusal(sequence=envelope.sequence)
    if envelope.sequence > expected:
        raise Gap(sequence=envelope.sequence, expected=expected)
    if envelope.previous != known:
        raise BrokenChain(sequence=envelope.sequence)
