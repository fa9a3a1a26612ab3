"""Use cases about responses: submit one, find it again by its receipt.

Where a consultation is anonymous nothing here connects a response with whoever gave it: the id and
the reference are random, only the day is kept, the audit log gets a salted hash whose salt the
respondent alone has, and the outbox message carries the day only.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import rfc8785
from sqlalchemy import Table, bindparam, delete, exists, insert, select
from sqlalchemy.orm import Session

from core import audit, outbox
from core.ids import group_code, new_code, random_uuid
from surveys.codes import draft_hash, leaf_salt, receipt_hash, receipt_key
from surveys.consultations import get_questionnaire
from surveys.endings import raise_ended, replace_response
from surveys.errors import (
    DraftNotFound,
    InvalidAnswers,
    InvalidProfile,
    ProofRefused,
    ReceiptNotFound,
)
from surveys.inviting.invitations import note_answer
from surveys.models import PROJECTION_TOPIC, Consultation, Draft, EndedReceipt, Quota, Response
from surveys.phases import require_open
from surveys.profile import PUBLICATIONS, clean_profile
from surveys.proof_of_work import ProofFault
from surveys.questionnaire import Questionnaire
from surveys.quotas import take_places
from surveys.routing import route
from surveys.statements import accepted_codes
from surveys.time_zones import local_time
from surveys.validation import reachable_answers, validate

# Version of the privacy statement a submission consents to.
PRIVACY_CONSENT = "privacy-2"
# What the first release stored of consents, and did not seal: its receipts hold without them.
_UNSEALED_CONSENTS = {"privacy": "privacy-1"}


# Built once: building a statement costs more than sending it.
_TAKE_DRAFT = (
    delete(cast(Table, Draft.__table__))
    .where(Draft.code_hash == bindparam("code_hash"))
    .returning(
        Draft.consultation_id,
        Draft.version_id,
        Draft.profile,
        Draft.answers,
        Draft.account_id,
        Draft.invitation_id,
        Draft.pseudonym,
        Draft.replaces,
    )
)
# With whether places are limited: nothing more is asked of a consultation without quotas.
_GET_CONSULTATION = select(
    Consultation, exists().where(Quota.consultation_id == Consultation.id)
).where(Consultation.id == bindparam("consultation_id"))
_INSERT_RESPONSE = insert(cast(Table, Response.__table__))
_FIND_RESPONSE = select(Response).where(Response.receipt_hash == bindparam("receipt_hash"))


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a participant keeps. ``first``: False when the same draft had been submitted before."""

    reference: str
    key: str
    first: bool


def submit_response(
    session: Session,
    *,
    code: str,
    publication: str,
    consent: bool,
    language: str,
    now: datetime,
    first_name: str = "",
    surname: str = "",
    proof_fault: ProofFault | None = None,
    seconds: int | None = None,
    purposes: Collection[str] = (),
) -> Receipt:
    """Turn the draft under ``code`` into a response: five statements, no shared row touched.

    Submitting the same draft again gives the first receipt. ``proof_fault``: what is wrong with the
    proof of work, if anything (``surveys.proof_of_work.judge_proof``); it counts where the
    consultation asks for a proof. ``seconds``: how long answering took, rounded, if it is known.
    ``purposes``: those of the consultation's consents that are given, beside ``consent`` to the
    privacy statement. A draft that changes an earlier response takes its place at once.

    Raises ``DraftNotFound``, ``NotOpen``, ``QuotaFull``, ``InvalidProfile``, ``InvalidAnswers``,
    ``ProofRefused``, ``NothingToReplace``; the caller rolls back and the draft is still there.
    """
    key = receipt_key(code)
    # Deleting first locks the draft: of two submissions at once the second waits, then finds the
    # response of the first.
    draft = session.execute(_TAKE_DRAFT, {"code_hash": draft_hash(code)}).one_or_none()
    if draft is None:
        reference = session.scalar(
            select(Response.reference).where(Response.receipt_hash == receipt_hash(key))
        )
        if reference is None:
            raise_ended(session, receipt_hash(key))
            raise DraftNotFound
        return Receipt(reference, key, first=False)
    consultation, limited = session.execute(
        _GET_CONSULTATION, {"consultation_id": draft.consultation_id}
    ).one()
    require_open(consultation, now=now)
    problems = _publication_problems(publication, consent, first_name, surname)
    problems |= _consent_problems(consultation, purposes)
    profile: dict[str, str] = {}
    if consultation.asks_profile:
        profile, faults = clean_profile(draft.profile)
        problems |= faults
    if problems:
        raise InvalidProfile(problems)
    questionnaire = get_questionnaire(session, version_id=draft.version_id)
    today = local_time(now, consultation.time_zone).date()
    taken = route(questionnaire, draft.answers, today=today)
    faults_found = validate(questionnaire, draft.answers, complete=True, route_taken=taken)
    if faults_found:
        raise InvalidAnswers(faults_found)
    # Last, and never for an invitation: its token is proof enough.
    if proof_fault is not None and consultation.asks_proof and consultation.kind == "public":
        raise ProofRefused(proof_fault)
    if draft.replaces is not None:
        replace_response(session, receipt_hash=draft.replaces, now=now)
    added = (
        accepted_codes(session, consultation=consultation)
        if any(question.allow_own for question in questionnaire.questions)
        else None
    )
    answers = reachable_answers(questionnaire, draft.answers, route_taken=taken, statements=added)
    values = {
        "id": random_uuid(),
        "consultation_id": draft.consultation_id,
        "version_id": draft.version_id,
        "reference": group_code(new_code(12)),
        "receipt_hash": receipt_hash(key),
        "day": now.date(),
        "language": language,
        **{name: profile.get(name) for name in _PROFILE_COLUMNS},
        "publication": publication,
        "first_name": first_name.strip()[:100] or None if publication == "named" else None,
        "surname": surname.strip()[:100] or None if publication == "named" else None,
        "consents": _consents(consultation, questionnaire, purposes, answers),
        "account_id": draft.account_id,
        "invitation_id": draft.invitation_id,
        "pseudonym": draft.pseudonym,
        "seconds": seconds,
        "answers": answers,
    }
    if limited:
        take_places(
            session, consultation=consultation, version_id=draft.version_id, language=language,
            profile=profile, answers=answers, now=now,
        )  # fmt: skip
    note_answer(session, consultation=consultation, draft=draft, now=now)
    leaf = audit.commitment(leaf_salt(key), content_hash(values))
    session.execute(_INSERT_RESPONSE, values)
    audit.record_leaf(session, leaf=leaf)
    outbox.enqueue(
        session, topic=PROJECTION_TOPIC, payload={"response": str(values["id"])}, now=now,
        day_only=True,
    )  # fmt: skip
    return Receipt(values["reference"], key, first=True)


_PROFILE_COLUMNS = (
    "respondent_type",
    "country",
    "organisation_size",
    "scope",
    "organisation_name",
    "register_number",
)
_HASHED_COLUMNS = (
    "reference", "day", "language", *_PROFILE_COLUMNS, "publication", "first_name", "surname",
    "consents", "answers",
)  # fmt: skip


def content_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """Everything a participant gave, version named, as JSON: what ``content_hash`` is of."""
    document = {name: values[name] for name in _HASHED_COLUMNS}
    document["day"] = values["day"].isoformat()
    document["version"] = str(values["version_id"])
    if document["consents"] == _UNSEALED_CONSENTS:
        del document["consents"]
    return document


def content_hash(values: Mapping[str, Any]) -> bytes:
    """SHA-256 of the canonical JSON (RFC 8785) of everything a participant gave."""
    return hash_content(content_of(values))


def hash_content(document: Mapping[str, Any]) -> bytes:
    """SHA-256 of the canonical JSON of ``content_of`` a response."""
    return hashlib.sha256(rfc8785.dumps(dict(document))).digest()


def stored_content(response: Response) -> dict[str, Any]:
    """What is stored of a response, as it was hashed when it was submitted."""
    return content_of({name: getattr(response, name) for name in (*_HASHED_COLUMNS, "version_id")})


def find_response_by_receipt(session: Session, *, key: str) -> Response:
    """The response a receipt's key belongs to.

    Raises ``ReceiptNotFound``; ``ResponseWithdrawn`` or ``ResponseReplaced`` where it was there.
    """
    hashed = receipt_hash(key)
    response = session.scalar(_FIND_RESPONSE, {"receipt_hash": hashed})
    if response is None:
        raise_ended(session, hashed)
        raise ReceiptNotFound
    return response


def leaf_of(response: Response, *, key: str) -> bytes:
    """The leaf that the stored response has in the audit log, if it is what was submitted.

    Only the receipt's ``key`` leads there: nothing stored connects a response with its leaf.
    """
    return audit.commitment(leaf_salt(key), hash_content(stored_content(response)))


def delete_expired_responses(session: Session, *, now: datetime) -> list[UUID]:
    """Delete the responses of consultations whose retention has ended; returns their ids.

    The published aggregates stay. The projection forgets the rows when it is next compacted.
    """
    expired = select(Consultation.id).where(Consultation.retained_until < now.date())
    deleted = session.scalars(
        delete(Response).where(Response.consultation_id.in_(expired)).returning(Response.id)
    ).all()
    for table in (Draft, EndedReceipt):
        session.execute(delete(table).where(table.consultation_id.in_(expired)))
    return list(deleted)


def _consent_problems(consultation: Consultation, purposes: Collection[str]) -> dict[str, str]:
    return {
        f"consent.{asked['purpose']}": "required"
        for asked in consultation.consents
        if asked.get("required") and asked["purpose"] not in purposes
    }


def _consents(
    consultation: Consultation,
    questionnaire: Questionnaire,
    purposes: Collection[str],
    answers: Mapping[str, Any],
) -> dict[str, str]:
    """The version of each consent that is given, by purpose; of the questionnaire's as well."""
    given = {"privacy": PRIVACY_CONSENT}
    for asked in consultation.consents:
        if asked["purpose"] in purposes:
            given[asked["purpose"]] = str(asked["version"])
    for question in questionnaire.questions:
        if question.type == "consent" and answers.get(question.code) is True:
            given[question.purpose or question.code] = question.version or ""
    return given


def _publication_problems(
    publication: str, consent: bool, first_name: str, surname: str
) -> dict[str, str]:
    problems = {}
    if publication not in PUBLICATIONS:
        problems["publication"] = "required"
    for field, name in (("first_name", first_name), ("surname", surname)):
        if any(ord(character) < 32 for character in name) or len(name) > 100:
            problems[field] = "text"
    if not consent:
        problems["consent"] = "required"
    return problems
