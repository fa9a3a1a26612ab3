"""Use cases about a response that is there: change it, withdraw it, have it erased.

Whoever has the receipt may change and withdraw as long as the consultation is open, and is not
asked why. Afterwards the operator erases a response on request, which the audit log notes.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit
from core.audit import Actor
from core.ids import clean_code, group_code
from surveys.codes import draft_hash, new_credential, new_resume_code, receipt_hash
from surveys.consultations import get_questionnaire
from surveys.endings import end_response, lock_response, raise_ended
from surveys.errors import ReceiptNotFound
from surveys.models import Consultation, Draft, Response
from surveys.phases import require_open
from surveys.profile import FIELDS


def begin_change(session: Session, *, key: str, credential_key: bytes, now: datetime) -> str:
    """Begin a draft with the answers of the response behind a receipt; returns its resume code.

    The response stays as it is until the draft is submitted, and then makes room for it
    (``surveys.responses.submit_response``). On the version of the questionnaire that was answered.
    Raises ``NotOpen``, ``ReceiptNotFound``, ``ResponseWithdrawn``, ``ResponseReplaced``.
    """
    response, consultation = _find(session, key)
    require_open(consultation, now=now)
    targeted = consultation.kind == "targeted"
    code = new_credential(credential_key, consultation.slug) if targeted else new_resume_code()
    questionnaire = get_questionnaire(session, version_id=response.version_id)
    calculated = {q.code for q in questionnaire.questions if q.type == "calculation"}
    profile = {name: getattr(response, name) for name in FIELDS}
    session.add(
        Draft(
            code_hash=draft_hash(code),
            consultation_id=consultation.id,
            version_id=response.version_id,
            language=response.language or questionnaire.fallback,
            profile={name: value for name, value in profile.items() if value},
            answers={k: v for k, v in response.answers.items() if k not in calculated},
            account_id=response.account_id,
            invitation_id=response.invitation_id,
            pseudonym=response.pseudonym,
            replaces=response.receipt_hash,
            revisions={},
            saved_on=now.date(),
        )
    )
    session.flush()
    return code


def withdraw_response(session: Session, *, key: str, now: datetime) -> Consultation:
    """Delete the response behind a receipt and take it out of the results; returns its
    consultation.

    Raises ``NotOpen`` after the closing, ``ReceiptNotFound``, ``ResponseWithdrawn`` the second
    time, ``ResponseReplaced`` where a changed one took its place.
    """
    response = lock_response(session, receipt_hash=receipt_hash(key))
    if response is None:
        raise_ended(session, receipt_hash(key))
        raise ReceiptNotFound
    consultation = session.get_one(Consultation, response.consultation_id)
    require_open(consultation, now=now)
    end_response(session, response=response, outcome="withdrawn", now=now)
    return consultation


def erase_response(
    session: Session, *, reference: str, actor: Actor, now: datetime
) -> Consultation:
    """Delete the response with this reference for good, whatever the phase; returns its
    consultation.

    For requests by the person concerned (Article 17 of Regulation 2016/679, 19 of 2018/1725), who
    knows the reference from the receipt. The event names the consultation alone. Raises
    ``ReceiptNotFound``.
    """
    given = group_code(clean_code(reference))
    response = session.scalar(
        select(Response).where(Response.reference.in_([given, reference.strip()])).with_for_update()
    )
    if response is None:
        raise ReceiptNotFound
    consultation = session.get_one(Consultation, response.consultation_id)
    end_response(session, response=response, outcome="withdrawn", now=now)
    audit.record_event(
        session, name="response.erased", actor=actor,
        subject=f"consultation:{consultation.slug}", now=now,
    )  # fmt: skip
    return consultation


def _find(session: Session, key: str) -> tuple[Response, Consultation]:
    found = session.execute(
        select(Response, Consultation)
        .join(Consultation, Consultation.id == Response.consultation_id)
        .where(Response.receipt_hash == receipt_hash(key))
    ).one_or_none()
    if found is None:
        raise_ended(session, receipt_hash(key))
        raise ReceiptNotFound
    return found[0], found[1]
