"""Answering: begin a draft, change it, see what is asked and missing, submit it.

The same use cases as on the pages (app/views/responses.py), and the same rules: phases, promises,
limits, proof of work. The code of a draft travels in the header ``Waymark-Draft``: it opens the
draft, so it does not belong into an address. Nothing here takes a token: who acts for an account
and who answers stay apart.
"""

from collections.abc import Mapping
from typing import Any

from flask import request, url_for
from sqlalchemy.orm import Session

from app.api.consultations import find_visible
from app.api.documents import (
    ChallengeDocument,
    DraftCode,
    DraftDocument,
    Fault,
    ReceiptDocument,
    RouteDocument,
)
from app.api.forms import DraftChange, NewDraft, Submission
from app.api.operations import PREFIX, Reply, etag_of, operation
from app.api.paging import absolute
from app.api.reading import require_match
from app.api.refusals import DraftCodeNeeded, InvalidRequest
from app.database import commit, read_session, write_session
from app.errors import problems_of
from app.journey import credential_key
from app.limits import refuse_beyond, saves_answers, sends_response, sign_in_limit
from app.proof import judge_submission, new_offer
from core.clock import utc_now
from core.ids import clean_code, group_code
from surveys.codes import is_credential, new_resume_code, receipt_key
from surveys.consultations import get_consultation, get_questionnaire
from surveys.drafts import begin_or_find_draft, find_draft, save_profile, save_section
from surveys.errors import (
    DraftNotFound,
    InvalidAnswers,
    InvalidProfile,
    InvitationRefused,
    ReceiptNotFound,
)
from surveys.inviting.invitations import exchange_invitation
from surveys.models import Consultation, Draft, QuestionnaireVersion
from surveys.phases import require_open
from surveys.profile import FIELDS, clean_profile
from surveys.questionnaire import Questionnaire
from surveys.responses import Receipt, find_response_by_receipt, submit_response
from surveys.routing import route
from surveys.validation import unreachable_codes, validate

DRAFT_HEADER = "Waymark-Draft"
MERGE_PATCH = ("application/json", "application/merge-patch+json")


def require_draft(slug: str) -> None:
    """Raises ``DraftCodeNeeded`` unless the request's code opens a draft here, or did."""
    session = read_session()
    consultation = find_visible(slug)
    code = _draft_code()
    if find_draft(session, consultation=consultation, code=code) is not None:
        return
    if not is_credential(credential_key(), slug, code):
        _find_receipt(session, consultation, code)


@operation(
    "POST", "/consultations/<slug>/drafts", summary="Begin to answer", tag="Answering",
    answer=DraftCode, status=201, body=NewDraft, limit=saves_answers, refusals=(403, 404, 409, 429),
)  # fmt: skip
def begin_draft(slug: str, body: NewDraft) -> Reply:
    """Gives out the code that opens the draft; keep it, it is stored as a hash only. A targeted
    consultation asks for the token of an invitation, which is used up."""
    consultation = find_visible(slug)
    require_open(consultation, now=utc_now())
    language = _language(consultation, body.language)
    session = write_session()
    if consultation.kind == "targeted":
        code = _exchange(session, slug, body.invitation, language)
    else:
        if body.invitation is not None:
            raise InvalidRequest([("invitation", "this consultation is public and takes none")])
        code = new_resume_code()
        _begin(session, slug, code, language, code_is_new=True)
    commit()
    document = DraftCode(
        code=group_code(code), consultation=slug,
        address=absolute(f"{PREFIX}/consultations/{slug}/draft"),
    )  # fmt: skip
    return Reply(document, status=201, private=True)


@operation(
    "GET", "/consultations/<slug>/draft", summary="Read a draft", tag="Answering",
    answer=DraftDocument, draft=True, first=require_draft, refusals=(404,),
)  # fmt: skip
def read_draft(slug: str) -> Reply:
    """The answers so far, which questions they lead to, and what is still missing."""
    session = read_session()
    consultation = find_visible(slug)
    code = _draft_code()
    draft = find_draft(session, consultation=consultation, code=code)
    if draft is None:
        if not is_credential(credential_key(), slug, code):
            raise DraftCodeNeeded
        require_open(consultation, now=utc_now())
        assert consultation.current_version_id is not None
        draft = Draft(  # as it will begin; an invitation is exchanged before anything is saved
            version_id=consultation.current_version_id, profile={}, answers={},
            language=_language(consultation, None),
        )  # fmt: skip
    return Reply(_describe(session, consultation, draft), private=True)


@operation(
    "PATCH", "/consultations/<slug>/draft", summary="Save answers", tag="Answering",
    answer=DraftDocument, body=DraftChange, draft=True, first=require_draft, limit=saves_answers,
    media_types=MERGE_PATCH, refusals=(403, 404, 409, 412, 429),
)  # fmt: skip
def change_draft(slug: str, body: DraftChange) -> Reply:
    """All that is sent is saved, or nothing: every answer has to have the form its question asks
    for. What is missing does not matter yet. If-Match may name the draft as it was read."""
    session = write_session()
    find_visible(slug)
    consultation = get_consultation(session, slug=slug)
    draft = _begin(session, slug, _draft_code(), _language(consultation, body.language))
    questionnaire = get_questionnaire(session, version_id=draft.version_id)
    require_match(etag_of(_describe(session, consultation, draft)), needed=False)
    _check_changes(questionnaire, draft, body.answers)
    if body.profile is not None:
        save_profile(draft, profile=_profile(body.profile), now=utc_now())
    saved = save_section(
        session, draft=draft, codes=set(body.answers),
        given={code: value for code, value in body.answers.items() if value is not None},
        language=body.language or draft.language, now=utc_now(),
    )  # fmt: skip
    if saved.problems:
        raise InvalidAnswers(list(saved.problems))
    document = _describe(session, consultation, saved.draft)
    commit()
    return Reply(document, private=True)


@operation(
    "GET", "/consultations/<slug>/draft/challenge", summary="Get a proof-of-work challenge",
    tag="Answering", answer=ChallengeDocument, draft=True, first=require_draft, refusals=(404, 409),
)  # fmt: skip
def read_challenge(slug: str) -> Reply:
    """For consultations with asks_proof: to be solved, or waited for, before submitting."""
    consultation = find_visible(slug)
    require_open(consultation, now=utc_now())
    code = _draft_code()
    if find_draft(read_session(), consultation=consultation, code=code) is None:
        raise DraftCodeNeeded
    offer = new_offer(slug, code)
    return Reply(ChallengeDocument(challenge=offer.challenge, wait=offer.wait), private=True)


@operation(
    "POST", "/consultations/<slug>/draft/submission", summary="Submit the response",
    tag="Answering", answer=ReceiptDocument, status=201, also=(200,), body=Submission, draft=True,
    first=require_draft, limit=sends_response, refusals=(404, 409, 429),
)  # fmt: skip
def submit_draft(slug: str, body: Submission) -> Reply:
    """Gives the receipt. Submitting the same draft again gives the same receipt (200), so a program
    that got no answer may simply send again."""
    session = read_session()
    consultation = find_visible(slug)
    code = _draft_code()
    draft = find_draft(session, consultation=consultation, code=code)
    if draft is None:
        return _receipt(_find_receipt(session, consultation, code))
    judged = judge_submission(
        slug, code, challenge=body.proof.challenge if body.proof else "",
        solution=body.proof.solution if body.proof else "",
    )  # fmt: skip
    receipt = submit_response(
        write_session(), code=code, publication=body.publication, consent=body.consent,
        first_name=body.first_name, surname=body.surname, language=draft.language, now=utc_now(),
        proof_fault=judged.fault if judged else None,
    )  # fmt: skip
    commit()
    return _receipt(receipt)


def _find_receipt(session: Session, consultation: Consultation, code: str) -> Receipt:
    """The receipt of what was submitted here under ``code`` before; 401 where nothing was."""
    key = receipt_key(code)
    try:
        response = find_response_by_receipt(session, key=key)
    except ReceiptNotFound:
        raise DraftCodeNeeded from None
    if response.consultation_id != consultation.id:
        raise DraftCodeNeeded
    return Receipt(response.reference, key, first=False)


def _receipt(receipt: Receipt) -> Reply:
    document = ReceiptDocument(
        reference=receipt.reference, key=receipt.key, first=receipt.first,
        page=absolute(url_for("receipts.receipt", key=receipt.key)),
        document=absolute(url_for("receipts.receipt_document", key=receipt.key)),
    )  # fmt: skip
    return Reply(document, status=201 if receipt.first else 200, private=True)


def _draft_code() -> str:
    code = clean_code(request.headers.get(DRAFT_HEADER, "")[:100])
    if not code:
        raise DraftCodeNeeded
    return code[:40]


def _exchange(session: Session, slug: str, invitation: str | None, language: str) -> str:
    """To be committed by itself: nothing may name an invitation and a draft together."""
    if invitation is None:
        raise InvitationRefused
    refuse_beyond(sign_in_limit(), "invitations")
    return exchange_invitation(
        session, consultation=get_consultation(session, slug=slug), token=invitation,
        key=credential_key(), now=utc_now(), language=language,
    )  # fmt: skip


def _begin(
    session: Session, slug: str, code: str, language: str, *, code_is_new: bool = False
) -> Draft:
    """The draft under ``code``, locked; begun where it is new. 401 for a code that opens none."""
    try:
        return begin_or_find_draft(
            session, consultation=get_consultation(session, slug=slug), code=code,
            code_is_new=code_is_new, language=language, now=utc_now(),
            credential_key=credential_key(),
        )  # fmt: skip
    except (DraftNotFound, InvitationRefused):
        raise DraftCodeNeeded from None


def _language(consultation: Consultation, wanted: str | None) -> str:
    version = consultation.current_version
    languages: list[str] = version.definition["languages"] if version else [wanted or "en"]
    if wanted is not None and wanted not in languages:
        raise InvalidRequest([("language", f"expected one of {', '.join(languages)}")])
    return wanted or languages[0]


def _profile(given: Mapping[str, str]) -> dict[str, str]:
    unknown = [field for field in given if field not in FIELDS]
    if unknown:
        raise InvalidRequest(
            [(f"profile.{f[:80]}", f"expected one of {', '.join(FIELDS)}") for f in unknown]
        )
    profile, problems = clean_profile(given)
    if problems:
        raise InvalidProfile(problems)
    return profile


def _check_changes(questionnaire: Questionnaire, draft: Draft, answers: Mapping[str, Any]) -> None:
    """Refuse codes that nothing answers to, and files that were not sent for this draft."""
    problems = []
    for code, value in answers.items():
        question = questionnaire.by_code.get(code) or questionnaire.by_other_code.get(code)
        if question is None:
            problems.append((f"answers.{code[:80]}", "there is no such question"))
        elif question.type == "upload" and value is not None:
            known = draft.answers.get(code) or []
            if not isinstance(value, list) or any(file not in known for file in value):
                problems.append(
                    (f"answers.{code}", "files are added on the page; here they can be taken away")
                )
    if problems:
        raise InvalidRequest(problems)


def _describe(session: Session, consultation: Consultation, draft: Draft) -> DraftDocument:
    questionnaire = get_questionnaire(session, version_id=draft.version_id)
    taken = route(questionnaire, draft.answers)
    missing = problems_of(
        InvalidAnswers(validate(questionnaire, draft.answers, complete=True, route_taken=taken))
    )
    if consultation.asks_profile:
        missing = problems_of(InvalidProfile(clean_profile(draft.profile)[1])) + missing
    return DraftDocument(
        consultation=consultation.slug,
        version=session.get_one(QuestionnaireVersion, draft.version_id).number,
        language=draft.language,
        profile=draft.profile,
        answers=draft.answers,
        route=RouteDocument(
            sections=list(taken.sections), shown=list(taken.shown), hidden=list(taken.hidden)
        ),
        missing=[Fault(**fault) for fault in missing],
        left_out=unreachable_codes(questionnaire, draft.answers),
    )
