"""The body of a definition: a consultation as the hub asks it, for nodes to ask the same. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.text import LocalizedText
from federation.envelope import Hash, Moment
from federation.errors import MalformedEnvelope

# What a definition without these members means; they are left out where they say this, so that
# instances of the first release can still read it.
TIME_ZONE = "Europe/Brussels"
Texts = dict[Annotated[str, Field(pattern=r"^[a-z]{2}$")], Annotated[str, Field(max_length=20_000)]]


class _Consent(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    purpose: str
    version: str
    text: Texts
    required: bool


class _Body(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    title: Texts
    summary: Texts
    kind: Literal["public", "targeted"]
    opens_at: Moment
    closes_at: Moment | None
    anonymity: Literal["anonymous", "pseudonymous", "identified"]
    anonymous_shows: list[Literal["type", "country", "size", "name"]]
    asks_profile: bool
    retained_until: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")] | None
    simulated: bool
    questionnaire: dict[str, Any]
    questionnaire_sha256: Hash
    time_zone: str = TIME_ZONE
    consents: list[_Consent] = []
    asks_proof: bool = True


@dataclass(frozen=True, slots=True)
class Definition:
    """What is asked, when, and what respondents are promised.

    ``questionnaire`` is a document as in docs/questionnaire-format.md, not yet looked at.
    """

    title: LocalizedText
    summary: LocalizedText
    kind: str
    opens_at: datetime
    closes_at: datetime | None
    anonymity: str
    anonymous_shows: tuple[str, ...]
    asks_profile: bool
    retained_until: date | None
    simulated: bool
    questionnaire: Mapping[str, Any]
    questionnaire_sha256: str
    time_zone: str = TIME_ZONE
    # As stored: "purpose", "version", "text", "required".
    consents: tuple[Mapping[str, Any], ...] = ()
    asks_proof: bool = True

    def as_body(self) -> dict[str, Any]:
        """JSON values. The order of languages is not kept: the questionnaire names the first."""
        body: dict[str, Any] = {
            "title": self.title.as_dict(),
            "summary": self.summary.as_dict(),
            "kind": self.kind,
            "opens_at": _write(self.opens_at),
            "closes_at": _write(self.closes_at) if self.closes_at else None,
            "anonymity": self.anonymity,
            "anonymous_shows": list(self.anonymous_shows),
            "asks_profile": self.asks_profile,
            "retained_until": self.retained_until.isoformat() if self.retained_until else None,
            "simulated": self.simulated,
            "questionnaire": dict(self.questionnaire),
            "questionnaire_sha256": self.questionnaire_sha256,
        }
        if self.time_zone != TIME_ZONE:
            body["time_zone"] = self.time_zone
        if self.consents:
            body["consents"] = [dict(consent) for consent in self.consents]
        if not self.asks_proof:
            body["asks_proof"] = False
        return body


def read_definition(body: Mapping[str, Any]) -> Definition:
    """The definition in an envelope's body. Raises ``MalformedEnvelope`` naming the member."""
    try:
        form = _Body.model_validate(dict(body))
        languages = form.questionnaire.get("languages")
        first = languages[0] if isinstance(languages, list) and languages else None
        fallback = first if isinstance(first, str) else None
        return Definition(
            title=LocalizedText(form.title, fallback),
            summary=LocalizedText(form.summary, fallback),
            kind=form.kind,
            opens_at=_read(form.opens_at),
            closes_at=_read(form.closes_at) if form.closes_at else None,
            anonymity=form.anonymity,
            anonymous_shows=tuple(form.anonymous_shows),
            asks_profile=form.asks_profile,
            retained_until=date.fromisoformat(form.retained_until) if form.retained_until else None,
            simulated=form.simulated,
            questionnaire=form.questionnaire,
            questionnaire_sha256=form.questionnaire_sha256,
            time_zone=form.time_zone,
            consents=tuple(consent.model_dump() for consent in form.consents),
            asks_proof=form.asks_proof,
        )
    except ValidationError as error:
        first_error = error.errors()[0]
        place = ".".join(map(str, first_error["loc"]))
        raise MalformedEnvelope(reason=f"body.{place}: {first_error['msg']}") from None
    except ValueError:
        raise MalformedEnvelope(reason="body: a date that does not exist") from None


def _write(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _read(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
