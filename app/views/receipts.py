"""The receipt: what a participant keeps, with its place in the audit log."""

import json

from flask import Blueprint, make_response, render_template
from werkzeug.wrappers import Response

from app.access import public
from app.answered import answered_parts
from app.database import read_session
from app.presentation import PROFILE_LABELS, profile_value
from core.audit import is_recorded, prove_inclusion
from core.errors import NotFound
from core.ids import clean_code
from surveys.codes import leaf_salt
from surveys.consultations import get_questionnaire
from surveys.models import Consultation, QuestionnaireVersion
from surveys.profile import FIELDS
from surveys.responses import find_response_by_receipt, leaf_of

blueprint = Blueprint("receipts", __name__)


@blueprint.get("/receipts/<key>")
@public
def receipt(key: str) -> Response:
    session = read_session()
    response = find_response_by_receipt(session, key=key)
    questionnaire = get_questionnaire(session, version_id=response.version_id)
    leaf = leaf_of(response, key=key)
    try:
        proof = prove_inclusion(session, leaf=leaf)
    except NotFound:
        proof = None
    page = make_response(
        render_template(
            "responses/receipt.html",
            response=response,
            consultation=session.get_one(Consultation, response.consultation_id),
            parts=answered_parts(questionnaire, response.answers),
            profile=[
                (label, profile_value(field, getattr(response, field)))
                for field, label in PROFILE_LABELS.items()
                if getattr(response, field)
            ],
            key=clean_code(key),
            leaf=leaf.hex(),
            salt=leaf_salt(key).hex(),
            proof=proof,
            intact=proof is not None or is_recorded(session, leaf=leaf),
        )
    )
    page.headers["Cache-Control"] = "private, no-store"
    page.headers["Referrer-Policy"] = "no-referrer"
    return page


@blueprint.get("/receipts/<key>.json")
@public
def receipt_document(key: str) -> Response:
    """One's own response as JSON, to keep."""
    session = read_session()
    response = find_response_by_receipt(session, key=key)
    version = session.get_one(QuestionnaireVersion, response.version_id)
    consultation = session.get_one(Consultation, response.consultation_id)
    document = {
        "schema": "waymark/receipt/1",
        "consultation": consultation.slug,
        "questionnaire": {"version": version.number, "sha256": version.sha256},
        "reference": response.reference,
        "day": response.day.isoformat() if response.day else None,
        "language": response.language,
        "publication": response.publication,
        "profile": {field: getattr(response, field) for field in FIELDS},
        "answers": response.answers,
        "audit": {"leaf": leaf_of(response, key=key).hex(), "salt": leaf_salt(key).hex()},
    }
    body = json.dumps(document, ensure_ascii=False, indent=2)
    answer = make_response(body)
    answer.headers["Content-Type"] = "application/json; charset=utf-8"
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["Content-Disposition"] = (
        f'attachment; filename="waymark-{response.reference}.json"'
    )
    return answer
