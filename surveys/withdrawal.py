"""Use cases about a response of one's own, as long as the consultation is open: change, withdraw.

Whoever has the receipt may do both; nobody else can, and nobody is asked why.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

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
