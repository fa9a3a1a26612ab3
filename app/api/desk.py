"""What the secretariat's programs do: create, prepare, publish, schedule, invite."""

from typing import Any

from flask import url_for
from pydantic import RootModel
from sqlalchemy.orm import Session

from app.access import current_actor
from app.api.consultations import (
    QUESTIONNAIRE_SCHEMA,
    describe,
    describe_version,
)
from app.api.documents import (
    ConsultationDocument,
    InvitationCounts,
    NewInvitationList,
    VersionEntry,
)
from app.api.forms import NewConsultation, NewInvitations, Schedule
from app.api.operations import Reply, etag_of, operation
from app.api.paging import absolute
from app.api.reading import require_match
from app.api.refusals import InvalidRequest, NoDraftVersion, SlugTaken
from app.database import commit, read_session, write_session
from core.clock import utc_now
from core.text import LocalizedText
from surveys.consultations import (
    add_version,
    create_consultation,
    find_consultation,
    get_consultation,
    publish_version,
)
from surveys.definition import parse_definition
from surveys.inviting.invitations import count_invitations, create_invitations
from surveys.making.building import find_draft_version
from surveys.models import Consultation
from surveys.phases import schedule_consultation


class QuestionnaireDocument(RootModel[dict[str, Any]]):
    """A questionnaire as it was sent; ``surveys.definition`` judges it."""


@operation(
    "POST", "/consultations", summary="Create a consultation", tag="Consultations",
    answer=ConsultationDocument, status=201, body=NewConsultation, scope="consultation.write",
    located=True, refusals=(409,),
)  # fmt: skip
def create_new_consultation(body: NewConsultation) -> Reply:
    """It begins in preparation; nobody sees it before it is published and scheduled."""
    session = write_session()
    if find_consultation(session, slug=body.slug) is not None:
        raise SlugTaken(slug=body.slug)
    consultation = create_consultation(
        session, slug=body.slug, title=LocalizedText(body.title),
        summary=LocalizedText(body.summary), kind=body.kind, anonymity=body.anonymity,
        asks_profile=body.asks_profile, actor=current_actor(), now=utc_now(),
    )  # fmt: skip
    document = describe(consultation)
    commit()
    return Reply(document, status=201, headers={"Location": document.links["self"]})


@operation(
    "PUT", "/consultations/<slug>/questionnaires/draft", summary="Put the draft",
    tag="Questionnaires", answer=QUESTIONNAIRE_SCHEMA, also=(201,), body=QuestionnaireDocument,
    scope="questionnaire.write", guarded=True, refusals=(404, 409),
)  # fmt: skip
def put_draft_questionnaire(slug: str, body: QuestionnaireDocument) -> Reply:
    """The whole questionnaire as our JSON document. Where there is a draft already, If-Match names
    the one that is replaced. Every fault is listed, with its path."""
    session = write_session()
    consultation = _locked(session, slug)
    before = find_draft_version(session, consultation=consultation)
    require_match(etag_of(before.definition) if before else None)
    definition = parse_definition(body.root).as_document()
    version = add_version(
        session, consultation=consultation, definition=definition, actor=current_actor(),
        now=utc_now(),
    )  # fmt: skip
    commit()
    return Reply(version.definition, status=200 if before else 201)


@operation(
    "POST", "/consultations/<slug>/questionnaires/draft/publication", summary="Publish the draft",
    tag="Questionnaires", answer=VersionEntry, scope="consultation.write", guarded=True,
    refusals=(404, 409),
)  # fmt: skip
def publish_draft(slug: str) -> Reply:
    """The draft is frozen as the version people answer from now on. If-Match names the draft that
    is meant. Drafts of answers begun on an older version are finished on that."""
    session = write_session()
    consultation = _locked(session, slug)
    version = find_draft_version(session, consultation=consultation)
    if version is None:
        raise NoDraftVersion(slug=slug)
    require_match(etag_of(version.definition))
    publish_version(
        session, consultation=consultation, version=version, actor=current_actor(), now=utc_now()
    )
    document = describe_version(consultation, version)
    commit()
    return Reply(document, headers={"Location": document.address})


@operation(
    "PUT", "/consultations/<slug>/schedule", summary="Set the dates", tag="Consultations",
    answer=ConsultationDocument, body=Schedule, scope="consultation.write", guarded=True,
    refusals=(404, 409),
)  # fmt: skip
def put_schedule(slug: str, body: Schedule) -> Reply:
    """It opens and closes by itself at these moments. If-Match names the consultation as read."""
    for name in ("opens_at", "closes_at"):
        moment = getattr(body, name)
        if moment is not None and not 1970 < moment.year < 3000:
            raise InvalidRequest([(name, "expected a moment from 1971 to 2999")])
    session = write_session()
    consultation = _locked(session, slug)
    require_match(etag_of(describe(consultation)))
    schedule_consultation(
        session, consultation=consultation, opens_at=body.opens_at, closes_at=body.closes_at,
        retained_until=body.retained_until, time_zone=body.time_zone, actor=current_actor(),
        now=utc_now(),
    )  # fmt: skip
    document = describe(consultation)
    commit()
    return Reply(document)


@operation(
    "GET", "/consultations/<slug>/invitations", summary="Count invitations", tag="Invitations",
    answer=InvitationCounts, scope="invitation.read", refusals=(404,),
)  # fmt: skip
def read_invitation_counts(slug: str) -> Reply:
    """How many there are and how many were used. Whose, is not to be had here."""
    session = read_session()
    consultation = get_consultation(session, slug=slug)
    total, used = count_invitations(session, consultation=consultation)
    return Reply(InvitationCounts(total=total, used=used, unused=total - used), private=True)


@operation(
    "POST", "/consultations/<slug>/invitations", summary="Create invitations", tag="Invitations",
    answer=NewInvitationList, status=201, body=NewInvitations, scope="invitation.write",
    refusals=(404, 409),
)  # fmt: skip
def create_new_invitations(slug: str, body: NewInvitations) -> Reply:
    """One-time tokens for a targeted consultation, given out here and never again."""
    session = write_session()
    tokens = create_invitations(
        session, consultation=get_consultation(session, slug=slug), count=body.count,
        actor=current_actor(), now=utc_now(),
    )  # fmt: skip
    commit()
    addresses = [
        absolute(url_for("resuming.invitation", slug=slug, token=token)) for token in tokens
    ]
    document = NewInvitationList(tokens=tokens, addresses=addresses, count=len(tokens))
    return Reply(document, status=201, private=True)


def _locked(session: Session, slug: str) -> Consultation:
    """The consultation, to be changed by one at a time: what If-Match saw is what is changed."""
    consultation = get_consultation(session, slug=slug)
    session.refresh(consultation, with_for_update=True)
    return consultation
