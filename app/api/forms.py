"""What a program sends: bodies and parameters, closed and strict (422 names what does not fit)."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

from app.api.reading import read_number
from core.text import LANGUAGES
from surveys.counting.tally import DIMENSIONS
from surveys.phases import ANONYMITY, KINDS, Phase
from surveys.schema import LANGUAGE_TAG

SLUG_PATTERN = r"^[a-z0-9]+(-[a-z0-9]+)*$"
# Of a resume code and of an invitation as people may type them.
CODE_PATTERN = r"^[0-9A-Za-z -]{16,60}$"
# No control character; texts with one are refused everywhere.
TEXT_PATTERN = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f]*$"

Slug = Annotated[str, StringConstraints(pattern=SLUG_PATTERN, max_length=80)]
Line = Annotated[str, StringConstraints(pattern=TEXT_PATTERN, max_length=500)]
Text = Annotated[str, StringConstraints(pattern=TEXT_PATTERN, max_length=20_000)]
Language = Annotated[str, StringConstraints(pattern=LANGUAGE_TAG, max_length=35)]
WholeNumber = Annotated[int, BeforeValidator(read_number)]


class _Query(BaseModel):
    """Parameters of an address: everything comes as text."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class _Body(BaseModel):
    """A JSON document; dates and moments are texts in it."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class PageQuery(_Query):
    page: Annotated[WholeNumber, Field(ge=1, le=100_000, description="Which page, from 1.")] = 1
    per_page: Annotated[WholeNumber, Field(ge=1, le=100, description="Entries a page.")] = 20


class ConsultationQuery(PageQuery):
    phase: Annotated[Phase | None, Field(description="Only those that stand there now.")] = None
    kind: Annotated[
        Literal["public", "targeted"] | None, Field(description="Only those of this kind.")
    ] = None


class ResultQuery(_Query):
    by: Annotated[
        Literal[tuple(DIMENSIONS)] | None,  # type: ignore[valid-type]
        Field(description="Split by this part of the background."),
    ] = None
    language: Annotated[
        Literal[tuple(LANGUAGES)] | None,  # type: ignore[valid-type]
        Field(description="Of titles and labels; else the questionnaire's first."),
    ] = None


class ResponseQuery(_Query):
    after: Annotated[
        UUID | None, Field(description="As the Link header of the page before gives it.")
    ] = None
    limit: Annotated[WholeNumber, Field(ge=1, le=500, description="At most so many.")] = 100


class NewConsultation(_Body):
    slug: Annotated[Slug, Field(description="Its name in addresses.")]
    title: Annotated[
        dict[Language, Annotated[Line, StringConstraints(min_length=1)]],
        Field(min_length=1, max_length=30, description="By language; the first is the fallback."),
    ]
    summary: Annotated[dict[Language, Text], Field(max_length=30)] = {}
    kind: Literal[KINDS] = "public"  # type: ignore[valid-type]
    anonymity: Literal[ANONYMITY] = "anonymous"  # type: ignore[valid-type]
    asks_profile: Annotated[bool, Field(description="Ask the Commission's background block.")] = (
        True
    )


class Schedule(_Body):
    opens_at: Annotated[AwareDatetime, Field(strict=False)]
    closes_at: Annotated[AwareDatetime | None, Field(strict=False)] = None
    retained_until: Annotated[date | None, Field(strict=False)] = None
    time_zone: Annotated[Line | None, Field(description="IANA name, Europe/Brussels.")] = None


class NewInvitations(_Body):
    count: Annotated[int, Field(ge=1, le=10_000)]


class NewDraft(_Body):
    language: Annotated[Language | None, Field(description="In which the answers are given.")] = (
        None
    )
    invitation: Annotated[
        str | None,
        Field(
            pattern=r"^[0-9A-Za-z_-]{1,100}$",
            description="The token of an invitation; targeted consultations ask for it.",
        ),
    ] = None


class DraftChange(_Body):
    """Questions that are not named keep their answers; null takes an answer back."""

    answers: Annotated[
        dict[Annotated[str, StringConstraints(max_length=140)], Any],
        Field(max_length=2_000, description="By question code; the shape depends on its type."),
    ] = {}
    profile: Annotated[
        dict[str, Line] | None,
        Field(max_length=10, description="The whole background, where it is asked."),
    ] = None
    language: Language | None = None


class Proof(_Body):
    challenge: Annotated[str, StringConstraints(max_length=200)]
    solution: Annotated[str, StringConstraints(max_length=200)] = ""


class Submission(_Body):
    publication: Annotated[
        Literal["anonymous", "named"], Field(description="How the response may be published.")
    ]
    consent: Annotated[
        Literal[True], Field(description="Consent to the privacy statement of the instance.")
    ]
    first_name: Annotated[Line, StringConstraints(max_length=100)] = ""
    surname: Annotated[Line, StringConstraints(max_length=100)] = ""
    proof: Annotated[
        Proof | None, Field(description="Where asks_proof; see …/draft/challenge.")
    ] = None
