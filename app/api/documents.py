"""What the API says: the models of its answers, from which the OpenAPI document is made too."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from surveys.phases import Phase


class Document(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ServiceDocument(Document):
    name: str
    api: str = Field(description="Version of the API.")
    instance: str = Field(description="Eight characters that its tokens carry.")
    openapi: str = Field(description="Address of the OpenAPI document.")
    documentation: str = Field(description="Address of the page for people.")
    links: dict[str, str]


class ConsultationEntry(Document):
    slug: str
    kind: str
    title: dict[str, str] = Field(description="By language.")
    summary: dict[str, str]
    language: str = Field(description="The language to fall back to.")
    phase: Phase
    opens_at: datetime | None
    closes_at: datetime | None = Field(description="The first moment no longer open.")
    time_zone: str
    anonymity: str
    asks_profile: bool
    asks_proof: bool = Field(description="Whether submitting asks for a proof of work.")
    simulated: bool = Field(description="The responses were generated for a demonstration.")
    retained_until: date | None = Field(description="The last day responses are kept.")
    links: dict[str, str]


class VersionEntry(Document):
    number: int
    status: str = Field(description="published or draft")
    published_at: datetime | None
    sha256: str = Field(description="Of the canonical JSON (RFC 8785) of the questionnaire.")
    languages: list[str]
    address: str


class ConsultationDocument(ConsultationEntry):
    report: dict[str, str] | None = Field(description="What was made of the input.")
    questionnaire: VersionEntry | None = Field(description="The version answered now.")


Entry = TypeVar("Entry", bound=BaseModel)


class Page(Document, Generic[Entry]):
    items: Sequence[Entry]
    total: int = Field(description="On all pages together.")
    page: int
    per_page: int


class VersionList(Document):
    items: list[VersionEntry]
    total: int


class OptionResult(Document):
    model_config = ConfigDict(extra="allow", frozen=True)

    label: str
    count: int | None = Field(description="null: hidden, to protect few people.")


class QuestionResult(Document):
    model_config = ConfigDict(extra="allow", frozen=True)

    code: str = Field(description="Of a question, or of a row as question.row.")
    title: str
    type: str
    answered: int | None
    options: list[OptionResult]


class GroupResults(Document):
    model_config = ConfigDict(extra="allow", frozen=True)

    responses: int | None
    questions: list[QuestionResult]


class ResultsDocument(GroupResults):
    slug: str
    by: dict[str, GroupResults] = Field(description="By value of the split asked for.")


class ResponseDocument(Document):
    reference: str
    version: int
    day: date | None = Field(description="The moment is not kept.")
    language: str | None
    publication: str = Field(description="anonymous or named, as the participant chose.")
    participant: str | None = Field(
        description="The pseudonym, or the account or invitation, where the consultation keeps it."
    )
    profile: dict[str, str | None]
    consents: dict[str, Any]
    answers: dict[str, Any]


class ResponseList(Document):
    items: list[ResponseDocument]
    total: int
    after: str | None = Field(description="For the next page; null on the last.")


class InvitationCounts(Document):
    total: int
    used: int
    unused: int


class NewInvitationList(Document):
    tokens: list[str] = Field(description="Shown here once, and stored as hashes only.")
    addresses: list[str] = Field(description="The page each leads to.")
    count: int


class Fault(Document):
    path: str = Field(description="Where: answers.Q3, sections[0].title, profile.country.")
    detail: str
    code: str | None = None


class RouteDocument(Document):
    sections: list[str]
    shown: list[str] = Field(description="Questions, and rows as question.row.")
    hidden: list[str]


class DraftCode(Document):
    code: str = Field(description="To be sent in the header Waymark-Draft. Shown here once.")
    consultation: str
    address: str


class DraftDocument(Document):
    consultation: str
    version: int = Field(description="The questionnaire's; it stays with the draft.")
    language: str
    profile: dict[str, str]
    answers: dict[str, Any]
    route: RouteDocument
    missing: list[Fault] = Field(description="What keeps it from being submitted.")
    left_out: list[str] = Field(description="Answered, but not asked any more.")


class ChallengeDocument(Document):
    challenge: str
    wait: int = Field(description="Seconds from which it is taken unsolved, as of few programs.")


class ReceiptDocument(Document):
    reference: str
    key: str = Field(description="Opens the receipt; the code of the draft does not follow.")
    first: bool = Field(description="false: it had been submitted before.")
    page: str
    document: str


class RoadmapEntry(Document):
    slug: str
    title: dict[str, str]
    simulated: bool
    links: dict[str, str]


class RoadmapList(Document):
    items: list[RoadmapEntry]
    total: int


class EditionEntry(Document):
    version: str
    sha256: str = Field(description="Of the document, byte for byte.")
    published_at: datetime
    withdrawn_at: datetime | None = Field(description="Since when it no longer holds.")
    withdrawal_reason: str | None
    address: str


class EditionList(Document):
    items: list[EditionEntry]
    total: int


class Problem(BaseModel):
    """Problem details (RFC 9457)."""

    model_config = ConfigDict(extra="forbid")

    type: str = Field(description="urn:waymark:error: and the code.")
    title: str
    status: int
    code: str
    detail: str
    errors: list[Fault] = Field(default=[], description="Every fault, with where it is.")
    reference: str = Field(default="", description="To be quoted when our side failed.")
