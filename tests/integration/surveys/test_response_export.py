"""Responses one by one: complete, in no telling order, and as far as was promised."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from core.ids import random_uuid
from surveys.models import Consultation, Response
from surveys.response_export import list_responses
from tests.questionnaire_factory import open_consultation


def respond(
    session: Session, consultation: Consultation, now: datetime, **changes: Any
) -> Response:
    response = Response(
        **{
            "consultation_id": consultation.id, "version_id": consultation.current_version_id,
            "reference": str(random_uuid())[:14], "day": now.date(), "language": "en",
            "respondent_type": "ngo", "country": "BE", "organisation_size": "small",
            "organisation_name": "Green Radio", "register_number": "123456789012-34",
            "first_name": "Ada", "surname": "Lovelace", "publication": "named", "consents": {},
            "answers": {"Q1": "no"},
        }
        | changes
    )  # fmt: skip
    session.add(response)
    session.flush()
    return response


def test_pages_hold_every_response_once(session: Session, now: datetime) -> None:
    consultation = open_consultation(session, now)
    other = open_consultation(session, now, slug="other")
    references = {respond(session, consultation, now).reference for _ in range(7)}
    respond(session, other, now)
    seen: list[str] = []
    after: UUID | None = None
    while True:
        page = list_responses(session, consultation=consultation, after=after, limit=3)
        assert page.total == 7
        assert len(page.responses) <= 3
        seen += [response["reference"] for response in page.responses]
        after = page.after
        if after is None:
            break
    assert len(seen) == 7
    assert set(seen) == references


def test_who_asked_for_anonymity_is_given_without_name(session: Session, now: datetime) -> None:
    consultation = open_consultation(session, now, anonymous_shows=("type", "country"))
    respond(session, consultation, now, publication="anonymous")
    (given,) = list_responses(session, consultation=consultation, limit=9).responses
    assert given["profile"] == {
        "respondent_type": "ngo", "country": "BE", "organisation_size": None, "scope": None,
        "organisation_name": None, "register_number": None, "first_name": None, "surname": None,
    }  # fmt: skip
    assert "Green Radio" not in str(given)


def test_who_chose_to_be_named_is_named(session: Session, now: datetime) -> None:
    consultation = open_consultation(session, now, anonymous_shows=())
    respond(session, consultation, now)
    (given,) = list_responses(session, consultation=consultation, limit=9).responses
    assert given["profile"]["organisation_name"] == "Green Radio"
    assert given["profile"]["surname"] == "Lovelace"
    assert given["version"] == 1


def test_a_participant_is_what_the_promise_lets_be_known(session: Session, now: datetime) -> None:
    known = {"pseudonym": "p" * 64, "invitation_id": random_uuid()}
    expected = {
        "anonymous": None, "pseudonymous": "p" * 64, "identified": str(known["invitation_id"]),
    }  # fmt: skip
    for mode, participant in expected.items():
        consultation = open_consultation(session, now, slug=mode, anonymity=mode)
        respond(session, consultation, now, **known)
        (given,) = list_responses(session, consultation=consultation, limit=9).responses
        assert given["participant"] == participant, mode
