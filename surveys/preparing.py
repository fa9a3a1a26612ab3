"""Use cases about what a consultation says of itself: its texts, consents, background questions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from core import audit
from core.audit import Actor
from core.errors import InvalidInput
from core.text import LocalizedText, clean_text
from surveys.errors import InvalidConsultation
from surveys.models import Consultation
from surveys.phases import Phase, phase_of
from surveys.question_checks import PURPOSE

MAX_CONSENTS = 20
SHOWN_OF_ORGANISATIONS = ("type", "country", "size", "name")
"""What may still be shown of an organisation that publishes anonymously."""


@dataclass(frozen=True, slots=True)
class ConsentPurpose:
    """Something people are asked to consent to beside the privacy statement."""

    purpose: str
    version: str
    text: Mapping[str, str]
    required: bool = False

    def as_document(self) -> dict[str, Any]:
        return {
            "purpose": self.purpose,
            "version": self.version,
            "text": dict(self.text),
            "required": self.required,
        }


def change_texts(
    session: Session,
    *,
    consultation: Consultation,
    title: LocalizedText,
    summary: LocalizedText,
    actor: Actor,
    now: datetime,
) -> None:
    """Another title and summary. Raises ``InvalidConsultation`` without a title."""
    if not any(text.strip() for text in title.values()):
        raise InvalidConsultation(where="title", reason="expected a text in one language at least")
    consultation.title, consultation.summary = title, summary
    _record(session, "consultation.reworded", consultation, actor, now, {})


def change_background(
    session: Session,
    *,
    consultation: Consultation,
    asks_profile: bool,
    anonymous_shows: Sequence[str],
    asks_proof: bool,
    actor: Actor,
    now: datetime,
) -> None:
    """Whether background questions are asked, and what is shown of organisations that publish
    anonymously: until it opens, because respondents are told. The proof of work at any time.

    Raises ``InvalidConsultation``.
    """
    shown = [part for part in SHOWN_OF_ORGANISATIONS if part in anonymous_shows]
    told = (asks_profile, shown)
    if told != (consultation.asks_profile, list(consultation.anonymous_shows)):
        if phase_of(consultation, now=now) not in (Phase.PREPARED, Phase.ANNOUNCED):
            raise InvalidConsultation(
                where="asks_profile",
                reason="people have been told what is asked and shown; it stays as it is",
            )
        consultation.asks_profile, consultation.anonymous_shows = told
    consultation.asks_proof = asks_proof
    _record(
        session, "consultation.background_set", consultation, actor, now,
        {"asks_profile": asks_profile, "anonymous_shows": shown, "asks_proof": asks_proof},
    )  # fmt: skip


def change_consents(
    session: Session,
    *,
    consultation: Consultation,
    consents: Sequence[ConsentPurpose],
    actor: Actor,
    now: datetime,
) -> None:
    """Replace what people are asked to consent to, each purpose by itself.

    Once it has opened, other words need another version: what was consented to stays known.
    Raises ``InvalidConsultation`` naming the purpose at fault.
    """
    if len(consents) > MAX_CONSENTS:
        raise InvalidConsultation(where="consents", reason=f"expected at most {MAX_CONSENTS}")
    before = {entry["purpose"]: entry for entry in consultation.consents}
    fixed = phase_of(consultation, now=now) not in (Phase.PREPARED, Phase.ANNOUNCED)
    documents: list[dict[str, Any]] = []
    for consent in consents:
        document = _clean(consent)
        where = f"consent {document['purpose']}"
        if any(document["purpose"] == other["purpose"] for other in documents):
            raise InvalidConsultation(where=where, reason="is listed twice")
        known = before.get(document["purpose"])
        if fixed and known and _rewords(known, document):
            raise InvalidConsultation(
                where=where, reason="people have consented to these words; give a new version"
            )
        documents.append(document)
    consultation.consents = documents
    versions = {document["purpose"]: document["version"] for document in documents}
    _record(session, "consultation.consents_set", consultation, actor, now, versions)


def _rewords(known: Mapping[str, Any], document: Mapping[str, Any]) -> bool:
    """Whether a text that was there is another now, under the same version."""
    if known["version"] != document["version"]:
        return False
    return any(document["text"].get(code) != text for code, text in known["text"].items())


def _clean(consent: ConsentPurpose) -> dict[str, Any]:
    purpose = consent.purpose.strip()
    if not PURPOSE.fullmatch(purpose) or purpose == "privacy":
        raise InvalidConsultation(
            where=f"consent {purpose[:40]}",
            reason="expected a purpose of up to 40 letters a-z, digits, '_' and '-', not privacy",
        )
    version = consent.version.strip()
    if not 1 <= len(version) <= 40:
        raise InvalidConsultation(
            where=f"consent {purpose}", reason="expected a version of 1 to 40 characters"
        )
    try:
        texts = {
            code: clean_text(text, where=code, maximum=4_000).strip()
            for code, text in consent.text.items()
        }
    except InvalidInput as refused:
        raise InvalidConsultation(
            where=f"consent {purpose}", reason=str(refused.params["reason"])
        ) from None
    texts = {code: text for code, text in texts.items() if text}
    if not texts:
        raise InvalidConsultation(where=f"consent {purpose}", reason="its text is missing")
    return ConsentPurpose(purpose, version, texts, consent.required).as_document()


def _record(
    session: Session, name: str, consultation: Consultation, actor: Actor, now: datetime,
    data: dict[str, Any],
) -> None:  # fmt: skip
    session.flush()
    audit.record_event(
        session, name=name, actor=actor, now=now, subject=f"consultation:{consultation.slug}",
        data=data,
    )  # fmt: skip
