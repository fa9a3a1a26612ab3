"""Responses one by one, for those entitled to analyse them: page by page, as far as was promised.

An export is made to be passed on. So it honours how a participant chose to be published: who asked
to stay anonymous is given without name and register number, and an organisation with what the
consultation said it would show (``anonymous_shows``) only. What the consultation does not keep is
not there to begin with.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from surveys.models import Consultation, QuestionnaireVersion, Response
from surveys.profile import PERSONS


@dataclass(frozen=True, slots=True)
class ResponsePage:
    """Some responses as plain values (``export_response``), and how many there are in all.

    ``after``: where the next page begins; None on the last.
    """

    responses: Sequence[dict[str, Any]]
    total: int
    after: UUID | None


def list_responses(
    session: Session, *, consultation: Consultation, after: UUID | None = None, limit: int
) -> ResponsePage:
    """The responses whose id follows ``after``, by id: ids are random, so no order of arrival
    shows, and a page never repeats or leaves out what was there when the first was read."""
    here = Response.consultation_id == consultation.id
    query = select(Response).where(here).order_by(Response.id).limit(limit + 1)
    if after is not None:
        query = query.where(Response.id > after)
    found = session.scalars(query).all()
    numbers = {
        row.id: row.number
        for row in session.execute(
            select(QuestionnaireVersion.id, QuestionnaireVersion.number).where(
                QuestionnaireVersion.consultation_id == consultation.id
            )
        )
    }
    shown = found[:limit]
    return ResponsePage(
        responses=[
            export_response(
                response, consultation=consultation, version=numbers[response.version_id]
            )
            for response in shown
        ],
        total=session.scalar(select(func.count()).select_from(Response).where(here)) or 0,
        after=shown[-1].id if len(found) > limit else None,
    )


def export_response(
    response: Response, *, consultation: Consultation, version: int
) -> dict[str, Any]:
    """``{"reference", "version", "day", "language", "publication", "participant", "profile",
    "consents", "answers"}``, JSON values but for the day (a date)."""
    return {
        "reference": response.reference,
        "version": version,
        "day": response.day,
        "language": response.language,
        "publication": response.publication,
        "participant": _participant(response, consultation),
        "profile": _profile(response, consultation),
        "consents": response.consents,
        "answers": response.answers,
    }


def _participant(response: Response, consultation: Consultation) -> str | None:
    if consultation.anonymity == "pseudonymous":
        return response.pseudonym
    if consultation.anonymity == "identified":
        who = response.account_id or response.invitation_id
        return str(who) if who else None
    return None


def _profile(response: Response, consultation: Consultation) -> dict[str, str | None]:
    named = response.publication == "named"
    person = response.respondent_type in PERSONS
    shows = set(consultation.anonymous_shows)

    def shown(value: str | None, what: str, *, of_persons: bool = False) -> str | None:
        return value if named or (of_persons and person) or what in shows else None

    return {
        "respondent_type": shown(response.respondent_type, "type", of_persons=True),
        "country": shown(response.country, "country", of_persons=True),
        "organisation_size": shown(response.organisation_size, "size"),
        "scope": shown(response.scope, "type"),
        "organisation_name": shown(response.organisation_name, "name"),
        "register_number": shown(response.register_number, "name"),
        "first_name": response.first_name if named else None,
        "surname": response.surname if named else None,
    }
