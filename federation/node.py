"""What an instance does as node: follows a hub's definitions, and releases counts to it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from joserfc.jwk import OKPKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit
from core.audit import Actor
from core.outbox import enqueue
from federation.definition import Definition, read_definition
from federation.envelope import (
    ACKNOWLEDGEMENT,
    DEFINITION,
    RELEASE,
    Envelope,
    open_envelope,
    public_jwk,
    read_public_key,
    sign,
    thumbprint,
)
from federation.errors import (
    InvalidAddress,
    MalformedEnvelope,
    NoHub,
    NotShared,
    OtherQuestionnaire,
    OutdatedDefinition,
    SlugTaken,
    TooFewNew,
)
from federation.models import Hub, PulledDefinition, SentRelease
from federation.release import make_release
from surveys.consultations import (
    add_version,
    create_consultation,
    definition_hash,
    find_consultation,
    publish_version,
    schedule_consultation,
)
from surveys.counting.disclosure import THRESHOLD
from surveys.definition import parse_definition
from surveys.models import Consultation, QuestionnaireVersion
from surveys.phases import set_audience
from surveys.preparing import ConsentPurpose, change_consents
from surveys.results import Results

RELEASE_TOPIC = "federation.release"
# A release that could not be delivered for this long is made anew.
VALIDITY = timedelta(days=30)


def register_hub(
    session: Session, *, url: str, public_key: object, actor: Actor, now: datetime
) -> Hub:
    """Follow the hub at ``url`` with this key (JWK). A node follows one hub: the newest.

    Raises ``InvalidAddress`` and ``InvalidKey``.
    """
    parts = urlsplit(url.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        raise InvalidAddress(where="url", reason="expected an address such as https://hub.example")
    if parts.query or parts.fragment:
        raise InvalidAddress(where="url", reason="expected an address without ? and #")
    key = read_public_key(public_key)
    hub = session.scalar(select(Hub).where(Hub.thumbprint == thumbprint(key)))
    if hub is None:
        hub = Hub(public_key=public_jwk(key), thumbprint=thumbprint(key))
        session.add(hub)
    hub.url, hub.registered_at = parts.geturl().rstrip("/"), now
    session.flush()
    audit.record_event(
        session, name="hub.registered", actor=actor, subject=f"hub:{hub.thumbprint}", now=now,
        data={"url": hub.url},
    )  # fmt: skip
    return hub


def find_hub(session: Session) -> Hub | None:
    """The hub followed now."""
    return session.scalar(select(Hub).order_by(Hub.registered_at.desc(), Hub.id.desc()).limit(1))


def get_hub(session: Session) -> Hub:
    """The hub followed now. Raises ``NoHub``."""
    hub = find_hub(session)
    if hub is None:
        raise NoHub
    return hub


def accept_definition(
    session: Session, *, slug: str, token: str | bytes, key: OKPKey, actor: Actor, now: datetime
) -> PulledDefinition:
    """Set up, or bring up to date, the consultation that the hub's signed definition describes.

    ``key`` is this node's own. Raises what ``open_envelope`` raises; ``SlugTaken`` where a
    consultation of one's own has the name; ``OutdatedDefinition`` for one older than known;
    ``OtherQuestionnaire`` where the hash does not fit; ``InvalidQuestionnaire``.
    """
    hub = get_hub(session)
    keys = {hub.thumbprint: read_public_key(hub.public_key)}
    envelope = open_envelope(token, keys, schema=DEFINITION, audience=thumbprint(key), now=now)
    if envelope.consultation != slug:
        raise MalformedEnvelope(reason=f"it defines {envelope.consultation}, not {slug}")
    definition = read_definition(envelope.body)
    document = dict(definition.questionnaire)
    parse_definition(document)
    if definition_hash(document) != definition.questionnaire_sha256:
        raise OtherQuestionnaire(
            given=definition_hash(document)[:12], expected=definition.questionnaire_sha256[:12]
        )
    consultation = find_consultation(session, slug=slug)
    pulled = session.get(PulledDefinition, consultation.id) if consultation else None
    if consultation is None:
        consultation = create_consultation(
            session, slug=slug, title=definition.title, summary=definition.summary,
            kind=definition.kind, anonymity=definition.anonymity,
            anonymous_shows=definition.anonymous_shows, asks_profile=definition.asks_profile,
            retained_until=definition.retained_until, simulated=definition.simulated,
            actor=actor, now=now,
        )  # fmt: skip
    elif pulled is None or pulled.hub_id != hub.id:
        raise SlugTaken(slug=slug)
    elif pulled.sha256 == envelope.sha256:
        return pulled
    elif pulled.sequence >= envelope.sequence:
        raise OutdatedDefinition(slug=slug, given=envelope.sequence, known=pulled.sequence)
    _follow(session, consultation, definition, actor=actor, now=now)
    if pulled is None:
        pulled = PulledDefinition(consultation_id=consultation.id, hub_id=hub.id)
        session.add(pulled)
    pulled.sequence, pulled.sha256 = envelope.sequence, envelope.sha256
    pulled.questionnaire_sha256 = definition.questionnaire_sha256
    pulled.envelope = token.decode("ascii") if isinstance(token, bytes) else token
    pulled.pulled_at = now
    session.flush()
    audit.record_event(
        session, name="definition.pulled", actor=actor, subject=f"consultation:{slug}", now=now,
        data={"hub": hub.thumbprint, "sequence": envelope.sequence, "sha256": envelope.sha256},
    )  # fmt: skip
    return pulled


def get_pulled(session: Session, *, slug: str) -> PulledDefinition:
    """The definition a consultation here follows. Raises ``NotShared``."""
    pulled = session.scalar(
        select(PulledDefinition)
        .join(PulledDefinition.consultation)
        .where(Consultation.slug == slug)
    )
    if pulled is None:
        raise NotShared(slug=slug)
    return pulled


def list_pulled(session: Session) -> Sequence[PulledDefinition]:
    """Every definition followed here, newest first."""
    return session.scalars(
        select(PulledDefinition).order_by(PulledDefinition.pulled_at.desc())
    ).all()


def prepare_release(
    session: Session,
    *,
    slug: str,
    results: Results,
    key: OKPKey,
    actor: Actor,
    now: datetime,
    replace: bool = False,
) -> SentRelease:
    """Sign what may be published of ``results`` and put it into the outbox.

    ``results``: exact and up to date (``surveys.results.read_results``). A release that
    was not acknowledged yet is given again instead (unless it has expired or ``replace`` is set),
    and so is the last one when nothing has changed since. Raises ``NotShared``, and ``TooFewNew``
    when fewer than 5 responses came or went since the last release, whose difference from this
    one would describe just them.
    """
    pulled = get_pulled(session, slug=slug)
    last = find_last_release(session, pulled)
    if last is not None and last.acknowledged_at is None:
        if now <= last.issued_at + VALIDITY and not replace:
            return last
        session.delete(last)
        session.flush()
        last = find_last_release(session, pulled)
    questionnaire = parse_definition(_questionnaire_of(pulled))
    body = make_release(
        questionnaire, pulled.questionnaire_sha256, results.public_document(by="respondent_type"),
        results.entries,
    ).as_body()  # fmt: skip
    responses = results.counts.total.responses
    if last is not None and last.body == body:
        return last
    if last is not None and last.body["questionnaire_sha256"] == pulled.questionnaire_sha256:
        changed = abs(responses - last.responses)
        if changed < THRESHOLD:
            raise TooFewNew(count=changed, sequence=last.sequence)
    envelope = Envelope(
        schema=RELEASE,
        issuer=thumbprint(key),
        audience=pulled.hub.thumbprint,
        consultation=slug,
        sequence=last.sequence + 1 if last else 1,
        previous=last.sha256 if last else None,
        issued_at=now,
        expires_at=now + VALIDITY,
        body=body,
    )
    release = SentRelease(
        consultation_id=pulled.consultation_id,
        hub_id=pulled.hub_id,
        sequence=envelope.sequence,
        sha256=envelope.sha256,
        envelope=sign(envelope, key),
        body=body,
        responses=responses,
        issued_at=now,
    )
    session.add(release)
    session.flush()
    enqueue(session, topic=RELEASE_TOPIC, payload={"release": str(release.id)}, now=now)
    audit.record_event(
        session, name="release.signed", actor=actor, subject=f"consultation:{slug}", now=now,
        data={"sequence": release.sequence, "sha256": release.sha256},
    )  # fmt: skip
    return release


def note_acknowledgement(
    session: Session, *, release: SentRelease, token: str | bytes, key: OKPKey, now: datetime
) -> None:
    """Verify the hub's acknowledgement and keep it; harmless the second time."""
    if release.acknowledged_at is not None:
        return
    keys = {release.hub.thumbprint: read_public_key(release.hub.public_key)}
    envelope = open_envelope(token, keys, schema=ACKNOWLEDGEMENT, audience=thumbprint(key), now=now)
    if envelope.body != {"release": release.sha256}:
        raise MalformedEnvelope(reason="it acknowledges another release")
    release.acknowledgement = token.decode("ascii") if isinstance(token, bytes) else token
    release.acknowledged_at = envelope.issued_at
    session.flush()


def find_last_release(session: Session, pulled: PulledDefinition) -> SentRelease | None:
    """The newest release of a consultation to its hub."""
    return session.scalar(
        select(SentRelease)
        .where(
            SentRelease.consultation_id == pulled.consultation_id,
            SentRelease.hub_id == pulled.hub_id,
        )
        .order_by(SentRelease.sequence.desc())
        .limit(1)
    )


def _follow(
    session: Session,
    consultation: Consultation,
    definition: Definition,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Make the consultation here what the hub's definition says."""
    audience = (definition.kind, definition.anonymity)
    if (consultation.kind, consultation.anonymity) != audience:
        # Refused once it has opened: a promise that was made is kept.
        set_audience(
            session, consultation=consultation, kind=definition.kind,
            anonymity=definition.anonymity, actor=actor, now=now,
        )  # fmt: skip
    if consultation.consents != list(definition.consents):
        change_consents(
            session, consultation=consultation, actor=actor, now=now,
            consents=[ConsentPurpose(**consent) for consent in definition.consents],
        )  # fmt: skip
    consultation.asks_proof = definition.asks_proof
    consultation.title, consultation.summary = definition.title, definition.summary
    consultation.anonymous_shows = list(definition.anonymous_shows)
    consultation.asks_profile = definition.asks_profile
    consultation.retained_until = definition.retained_until
    current = consultation.current_version
    if current is None or current.sha256 != definition.questionnaire_sha256:
        version: QuestionnaireVersion = add_version(
            session, consultation=consultation, definition=dict(definition.questionnaire),
            actor=actor, now=now,
        )  # fmt: skip
        publish_version(
            session, consultation=consultation, version=version, actor=actor, now=now, anyway=True
        )
    dates = (definition.opens_at, definition.closes_at, definition.time_zone)
    if (consultation.opens_at, consultation.closes_at, consultation.time_zone) != dates:
        schedule_consultation(
            session, consultation=consultation, opens_at=definition.opens_at,
            closes_at=definition.closes_at, time_zone=definition.time_zone, actor=actor, now=now,
        )  # fmt: skip


def _questionnaire_of(pulled: PulledDefinition) -> dict[str, Any]:
    for version in pulled.consultation.versions:
        if version.sha256 == pulled.questionnaire_sha256:
            return version.definition
    raise NotShared(slug=pulled.consultation.slug)
