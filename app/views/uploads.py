"""Files: a page that takes one for a question, and the ways to have one back.

A file comes by itself, never together with the other answers of a page: those are saved before,
so whatever happens to a file of fifty megabytes happens to nothing else.
"""

import contextlib
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request
from flask import Response as FlaskResponse
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from app.access import public, requires
from app.answer_sheet import Sheet
from app.database import end_writing, read_session, write_session
from app.errors import describe, wants_json
from app.journey import Journey, answer_language, begin_journey, open_journey, with_code
from app.limits import tiered
from app.security import begins_anonymously
from app.uploads import (
    LARGEST_FILE,
    MOST_IN_A_DRAFT,
    StorageFull,
    UploadRefused,
    clean_name,
    files_in,
    find_in_responses,
    send_upload,
    store_upload,
)
from core.clock import utc_now
from core.errors import NotFound
from surveys.consultations import get_consultation, get_questionnaire
from surveys.drafts import save_section
from surveys.questionnaire import Question
from surveys.responses import find_response_by_receipt

blueprint = Blueprint("uploads", __name__)

# A file, and the form around it.
_LARGEST_REQUEST = LARGEST_FILE + 100_000
# What is read and thrown away of a larger one, so that the browser hears the answer.
_READ_AWAY = 64_000_000
_LIMIT = "60 per hour"


@blueprint.url_value_preprocessor
def _allow_files(_endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Requests to these routes may be as large as a file; all others stay as small as they are."""
    request.max_content_length = _LARGEST_REQUEST


@blueprint.errorhandler(RequestEntityTooLarge)
def _too_large(_error: RequestEntityTooLarge) -> Response:
    _read_away()
    values = request.view_args or {}
    message = _(
        "This file is too large: at most %(size)s MB can be sent. Nothing of it was kept; your "
        "other answers are saved.",
        size=LARGEST_FILE // 1_000_000,
    )
    if wants_json() or "slug" not in values:
        return make_response({"status": 413, "code": "uploads.too_large", "detail": message}, 413)
    journey, question = _find(open_journey(values["slug"]), values["question_code"])
    return make_response(_page(journey, question, message), 413)


def _read_away() -> None:
    """Take in a refused file without keeping it: a browser that is cut off shows no answer."""
    stream, left = request.environ["wsgi.input"], min(request.content_length or 0, _READ_AWAY)
    with contextlib.suppress(OSError):
        while left > 0 and (chunk := stream.read(min(left, 65_536))):
            left -= len(chunk)


@blueprint.get("/consultations/<slug>/answer/files/add/<question_code>")
@public
def form(slug: str, question_code: str) -> str:
    journey, question = _find(open_journey(slug), question_code)
    return _page(journey, question, "")


@blueprint.post("/consultations/<slug>/answer/files/add/<question_code>")
@public
@begins_anonymously
@tiered(lambda: _LIMIT, "uploads")
def add(slug: str, question_code: str) -> Response:
    """Take the files of the field ``file``; back to the question, or the form with the fault."""
    sent = [file for file in request.files.getlist("file") if file.filename]
    journey, code = begin_journey(slug)
    journey, question = _find(journey, question_code)
    fault = _take(journey, question, sent)
    end_writing()
    if fault:
        answer = make_response(_page(journey, question, fault), 422)
        return with_code(answer, slug, code)  # type: ignore[no-any-return]
    flash(_("The file is kept with your answers."), "success")
    return with_code(redirect(journey.address_of(question_code), 303), slug, code)  # type: ignore[no-any-return]


def _take(journey: Journey, question: Question, sent: list[FileStorage]) -> str:
    """Keep the files and name them in the draft, as far as they are taken; what is wrong, if so."""
    draft = journey.draft
    assert draft is not None
    if not sent:
        return _("Choose a file first.")
    kept = [dict(file) for file in draft.answers.get(question.code) or []]
    room = MOST_IN_A_DRAFT - sum(
        int(file["size"]) for file in files_in(journey.questionnaire, draft.answers)
    )
    fault = ""
    for file in sent:
        if len(kept) >= (question.max_files or 1):
            fault = _("That is more files than this question takes. Remove one first.")
            break
        try:
            entry = store_upload(file.stream, name=file.filename or "", question=question)  # type: ignore[arg-type]
        except UploadRefused as refusal:
            fault = _reason(str(refusal.params["reason"]), file.filename or "", question)
            continue
        room -= entry["size"]
        if room < 0:
            fault = _("Your files are more than %(size)s MB in all.",
                      size=MOST_IN_A_DRAFT // 1_000_000)  # fmt: skip
            break
        if entry["sha256"] not in {other["sha256"] for other in kept}:
            kept.append(entry)
    save_section(
        write_session(), draft=draft, codes={question.code}, given={question.code: kept},
        language=answer_language(journey.questionnaire), now=utc_now(),
    )  # fmt: skip
    return fault


def _reason(reason: str, name: str, question: Question) -> str:
    name = clean_name(name)
    if reason == "empty":
        return _("“%(name)s” is empty.", name=name)
    if reason == "too_large":
        return _("“%(name)s” is larger than %(size)s MB.", name=name, size=question.max_megabytes)
    return _(
        "“%(name)s” is not of a kind that is accepted here. What a file is, is told from its "
        "content, not from its name.",
        name=name,
    )


def _find(journey: Journey, code: str) -> tuple[Journey, Question]:
    question = journey.questionnaire.by_code.get(code)
    if question is None or question.type != "upload" or not journey.route.shows(code):
        raise NotFound(what=_("This question"))
    return journey, question


def _page(journey: Journey, question: Question, error: str) -> str:
    return render_template(
        "responses/upload.html",
        consultation=journey.consultation,
        question=question,
        sheet=Sheet(journey, (), journey.answers),
        error=error,
        back=journey.address_of(question.code),
        largest=min(LARGEST_FILE, (question.max_megabytes or 10) * 1_000_000),
    )


@blueprint.errorhandler(StorageFull)
def _storage_full(error: StorageFull) -> Response:
    write_session().rollback()
    values = request.view_args or {}
    journey, question = _find(open_journey(values["slug"]), values["question_code"])
    return make_response(_page(journey, question, " ".join(describe(error))), error.status)


@blueprint.get("/consultations/<slug>/answer/files/<sha256>")
@public
def own_file(slug: str, sha256: str) -> FlaskResponse:
    """A file of one's own draft."""
    journey = open_journey(slug)
    return send_upload(sha256, files_in(journey.questionnaire, journey.answers))


@blueprint.get("/receipts/<key>/files/<sha256>")
@public
def receipt_file(key: str, sha256: str) -> FlaskResponse:
    """A file of the response that a receipt belongs to."""
    session = read_session()
    response = find_response_by_receipt(session, key=key)
    questionnaire = get_questionnaire(session, version_id=response.version_id)
    return send_upload(sha256, files_in(questionnaire, response.answers))


@blueprint.get("/desk/consultations/<slug>/files/<sha256>")
@requires("response.export")
def staff_file(slug: str, sha256: str) -> FlaskResponse:
    """A file of a submitted response; what is only in a draft nobody else sees."""
    session = read_session()
    consultation = get_consultation(session, slug=slug)
    found = find_in_responses(session, consultation=consultation, sha256=sha256)
    return send_upload(sha256, found)
