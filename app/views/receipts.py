"""The receipt: what a participant keeps, and the way to change or withdraw a response."""

import json
from typing import Any

from flask import Blueprint, current_app, make_response, redirect, render_template, url_for
from flask.wrappers import Response as FlaskResponse
from werkzeug.wrappers import Response

from app.access import public
from app.database import commit, read_session, write_session
from app.i18n import format_date
from app.journey import credential_key, with_code
from app.limits import limiter, sign_in_limit
from app.own_points import own_points
from app.receipt_document import (
    publication_text,
    receipt_facts,
    render_pdf,
    steps_to_check,
)
from core.clock import utc_now
from core.ids import clean_code
from surveys.consultations import phase_of
from surveys.errors import ResponseReplaced, ResponseWithdrawn
from surveys.models import Consultation, QuestionnaireVersion
from surveys.profile import FIELDS
from surveys.responses import find_response_by_receipt, stored_content
from surveys.withdrawal import begin_change, withdraw_response

blueprint = Blueprint("receipts", __name__)


@blueprint.errorhandler(ResponseWithdrawn)
@blueprint.errorhandler(ResponseReplaced)
def _ended(error: ResponseWithdrawn | ResponseReplaced) -> FlaskResponse:
    """The receipt of a response that is no longer there says so, with the day."""
    write_session().rollback()
    page = render_template(
        "responses/ended.html",
        replaced=isinstance(error, ResponseReplaced),
        day=format_date(str(error.params["day"])),
    )
    return _private(make_response(page, 410))


@blueprint.get("/receipts/<key>")
@public
def receipt(key: str) -> FlaskResponse:
    session = read_session()
    response = find_response_by_receipt(session, key=key)
    facts = receipt_facts(session, response=response, key=key)
    page = render_template(
        "responses/receipt.html",
        facts=facts,
        response=response,
        consultation=facts.consultation,
        parts=facts.parts,
        profile=facts.profile,
        published=publication_text(response),
        key=clean_code(key),
        proof=facts.proof,
        steps=steps_to_check(),
        own=own_points(session, response=response),
        is_open=phase_of(facts.consultation, now=utc_now()).is_open,
    )
    return _private(make_response(page))


@blueprint.get("/receipts/<key>.json")
@public
def receipt_document(key: str) -> FlaskResponse:
    """One's own response as JSON, to keep; with all that a check of the audit log needs."""
    session = read_session()
    response = find_response_by_receipt(session, key=key)
    version = session.get_one(QuestionnaireVersion, response.version_id)
    facts = receipt_facts(session, response=response, key=key)
    audit: dict[str, Any] = {"leaf": facts.leaf, "salt": facts.salt, "sealed": False}
    if facts.proof is not None:
        audit |= {
            "sealed": True,
            "batch": facts.proof.batch_number,
            "position": facts.proof.position,
            "size": facts.proof.size,
            "root": facts.proof.root.hex(),
            "path": [step.hex() for step in facts.proof.path],
        }
    document = {
        "schema": "waymark/receipt/1",
        "consultation": facts.consultation.slug,
        "questionnaire": {"version": version.number, "sha256": version.sha256},
        "reference": response.reference,
        "day": response.day.isoformat() if response.day else None,
        "language": response.language,
        "publication": response.publication,
        "profile": {field: getattr(response, field) for field in FIELDS},
        "consents": response.consents,
        "answers": response.answers,
        "content": stored_content(response),
        "content_sha256": facts.content_sha256,
        "audit": audit,
        **own_points(session, response=response).as_document(),
    }
    body = json.dumps(document, ensure_ascii=False, indent=2)
    return _download(body, "application/json; charset=utf-8", f"{response.reference}.json")


@blueprint.get("/receipts/<key>.pdf")
@public
@limiter.limit("30 per minute")
def receipt_pdf(key: str) -> FlaskResponse:
    """The same as an accessible PDF."""
    session = read_session()
    response = find_response_by_receipt(session, key=key)
    content = render_pdf(receipt_facts(session, response=response, key=key))
    return _download(content, "application/pdf", f"{response.reference}.pdf")


@blueprint.get("/receipts/<key>/change")
@public
def change_form(key: str) -> FlaskResponse:
    """What changing means, before it is begun."""
    return _private(make_response(_confirmation(key, "responses/change.html")))


@blueprint.post("/receipts/<key>/change")
@public
@limiter.limit(sign_in_limit)
def change(key: str) -> Response:
    """Begin a new draft with the answers; the response stays until that is sent."""
    session = write_session()
    response = find_response_by_receipt(session, key=key)
    consultation = session.get_one(Consultation, response.consultation_id)
    code = begin_change(session, key=key, credential_key=credential_key(), now=utc_now())
    slug = consultation.slug
    commit()
    answer = redirect(url_for("responses.start", slug=slug), 303)
    return with_code(answer, slug, code, resumed=True)  # type: ignore[no-any-return]


@blueprint.get("/receipts/<key>/withdraw")
@public
def withdraw_form(key: str) -> FlaskResponse:
    return _private(make_response(_confirmation(key, "responses/withdraw.html")))


@blueprint.post("/receipts/<key>/withdraw")
@public
@limiter.limit(sign_in_limit)
def withdraw(key: str) -> Response:
    """Delete the response; its receipt then says so."""
    withdraw_response(write_session(), key=key, now=utc_now())
    commit()
    return redirect(url_for("receipts.receipt", key=clean_code(key)), 303)


def _confirmation(key: str, template: str) -> str:
    session = read_session()
    response = find_response_by_receipt(session, key=key)
    consultation = session.get_one(Consultation, response.consultation_id)
    return render_template(
        template,
        response=response,
        consultation=consultation,
        key=clean_code(key),
        is_open=phase_of(consultation, now=utc_now()).is_open,
        contact=current_app.config["WAYMARK_SETTINGS"].contact_email,
    )


def _private(page: FlaskResponse) -> FlaskResponse:
    page.headers["Cache-Control"] = "private, no-store"
    # To this site alone: forms that are sent from here must say where they come from.
    page.headers["Referrer-Policy"] = "same-origin"
    return page


def _download(body: str | bytes, kind: str, name: str) -> FlaskResponse:
    answer = make_response(body)
    answer.headers["Content-Type"] = kind
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["Content-Disposition"] = f'attachment; filename="waymark-{name}"'
    return answer
