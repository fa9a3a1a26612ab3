"""What happens in the demonstration, and when: the files of ``content/`` as checked values."""

import copy
import json
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from app.demo.model import SimulationModel, Surroundings
from surveys.definition import parse_definition
from surveys.questionnaire import Questionnaire

CONTENT = Path(__file__).with_name("content")
ROADMAP = "smart-networks-and-services"
PUBLIC_CONSULTATION = "networks-next"
EXPERT_POLL = "expert-timing-poll"
FEEDBACK_ROUND = "edition-1-1-feedback"


@dataclass(frozen=True, slots=True)
class Calendar:
    """The moments of the story, counted in days from ``today``, the day it is built.

    So the same story is always fresh: the feedback round and the second vote are open now, and a
    public consultation lasted its twelve weeks and more, whenever somebody looks.
    """

    today: datetime

    def at(self, days: int, hour: int = 9) -> datetime:
        """``hour`` o'clock UTC, ``days`` from today."""
        day = self.today.astimezone(UTC).date() + timedelta(days=days)
        return datetime.combine(day, time(hour), tzinfo=UTC)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)


class Person(_Strict):
    """Who can sign in, with one role."""

    email: str
    name: str
    role: str
    organisation: str | None


class Consent(_Strict):
    """A purpose that people may consent to beside answering."""

    purpose: str
    version: str
    text: dict[str, str]


class SecondVersion(_Strict):
    """What the second version of a questionnaire changed, after some had tried the first.

    ``added``: questions it has more; ``reworded``: the titles that questions had before.
    """

    on: int
    added: list[str]
    reworded: dict[str, dict[str, str]]


class NextVersion(_Strict):
    """A version in the making: a question more, not yet translated into every language."""

    section: str
    question: dict[str, Any]


class Block(_Strict):
    """A section that is kept in the library."""

    slug: str
    section: str


class Extension(_Strict):
    """When it was first to close, and on which day that was put off."""

    first_closes: int
    on: int


class InvitationPlan(_Strict):
    """Who is invited by e-mail (a CSV file in ``content/``), and what becomes of the letters.

    One address of the list is known to no server, ``declined`` others ask not to be written to,
    and many answer.
    """

    people: str
    reminded: int
    bounce: str
    declined: int


class QuotaPlan(_Strict):
    """How many responses of a kind are taken."""

    code: str
    name: dict[str, str]
    condition: str
    places: int


class Report(_Strict):
    """What was made of the input, and since when everybody can read it."""

    on: int
    text: dict[str, str]


class ConsultationPlan(_Strict):
    """A consultation beside its questionnaire. Days are counted from today."""

    slug: str
    kind: str
    anonymity: str = "anonymous"
    opens: int
    closes: int
    summary: dict[str, str]
    consents: list[Consent] = []
    second_version: SecondVersion | None = None
    draft: NextVersion | None = None
    block: Block | None = None
    extended: Extension | None = None
    invited: InvitationPlan | None = None
    quotas: list[QuotaPlan] = []
    report: Report | None = None


class EvidenceLink(_Strict):
    """A question (``B2``), a matrix row (``B1.energy``) or one option speaks for something."""

    consultation: str
    question: str
    option: str | None = None


class MilestoneEvidence(EvidenceLink):
    milestone: str


class DependencyEvidence(EvidenceLink):
    """The number of people who chose ``option`` becomes the dependency's support."""

    dependency: list[str] = Field(min_length=2, max_length=2)
    option: str


class AreaEvidence(_Strict):
    """A matrix with a row per area speaks for every milestone of that area."""

    consultation: str
    question: str
    rows: dict[str, str]


class Evidence(_Strict):
    areas: AreaEvidence
    links: list[MilestoneEvidence | DependencyEvidence]


class AddedMilestone(_Strict):
    code: str
    title: dict[str, str]
    description: dict[str, str]
    agenda: str
    area: str
    duration_days: int
    not_before: str | None
    lead: str
    trl_from: int | None
    trl_to: int | None
    why: str
    because: list[EvidenceLink] = Field(min_length=1)


class ChangedMilestone(_Strict):
    """A new wording, or a new first day."""

    code: str
    title: dict[str, str] | None = None
    not_before: str | None = None
    why: str
    because: list[EvidenceLink] = Field(min_length=1)


class ChangedDependency(_Strict):
    """A dependency that is new, or gets another kind or lag."""

    from_: str = Field(alias="from")
    to: str
    kind: str
    lag_days: int
    why: str
    because: list[EvidenceLink]


class EditionChanges(_Strict):
    """What edition 1.1 changes, and which input asked for it."""

    milestones_added: list[AddedMilestone]
    milestones_changed: list[ChangedMilestone]
    dependencies_added: list[ChangedDependency]
    dependencies_changed: list[ChangedDependency]


class DeclaredRule(_Strict):
    """A question whose fitting rule is declared."""

    consultation: str
    question: str


class InputDecision(_Strict):
    """What is decided about the proposal of this kind and subject (``largest``: the largest)."""

    kind: str
    subject: str = ""
    wanted: dict[str, Any] = {}
    largest: bool = False
    decision: str
    section: str = ""
    apply: bool = False
    wording: dict[str, str] | None = None
    title: dict[str, str]
    reason: dict[str, str]


class MergedProposals(_Strict):
    """Proposals of a kind that are put together and decided on as one."""

    kind: str
    decision: str
    into: dict[str, str]
    reason: dict[str, str]


class BulkDecision(_Strict):
    """So many of what is left are decided on at once; the rest waits."""

    number: int
    decision: str
    reason: dict[str, str]


class Estimate(_Strict):
    """A worst case that experts named, adopted by way of a scenario."""

    code: str
    pessimistic_days: int
    scenario: str
    note: str
    why: str


class Slip(_Strict):
    code: str
    days: int


class ScenarioPlan(_Strict):
    """A scenario: a delay, or so many percent less money; ``dropped`` says why, if it is."""

    title: str
    note: str
    slip: Slip | None = None
    stretch: int | None = None
    dropped: str | None


class SuggestedWording(_Strict):
    """Another wording that a delegate (``by``: of this member state) suggests."""

    paragraph: str
    language: str
    by: str
    text: str
    reason: str
    answer: str = ""


class Exchange(_Strict):
    """A comment of a delegate, and the secretariat's answer."""

    paragraph: str
    by: str
    text: str
    answer: str


class Decisions(_Strict):
    """What became of the input, between the consultations and edition 1.1, and after it."""

    rules: list[DeclaredRule]
    decisions: list[InputDecision]
    merged: MergedProposals
    rest: BulkDecision
    estimate: Estimate
    scenarios: list[ScenarioPlan]
    suggestion: SuggestedWording
    comment: Exchange
    next: SuggestedWording


class Motion(_Strict):
    """A vote: who casts what. ``proxies``: delegation → who casts its ballot for it."""

    slug: str
    rule: str
    title: dict[str, str]
    text: dict[str, str]
    ballots: dict[str, list[str]]
    not_voting: list[str]
    proxies: dict[str, str]
    closes: bool


def load_people() -> list[Person]:
    """One person per role; delegates are made from the list of member states."""
    return [Person.model_validate(person) for person in _read("people.json")]


def load_consultations() -> list[ConsultationPlan]:
    """In the order in which they open."""
    return [ConsultationPlan.model_validate(plan) for plan in _read("consultations.json")]


def roadmap_folder() -> Path:
    """The folder that `flask roadmap import` would be given."""
    return CONTENT / "roadmap"


def questionnaire_document(slug: str) -> dict[str, Any]:
    """The questionnaire of a consultation, as our JSON document."""
    document: dict[str, Any] = _read(f"consultations/{slug}.json")
    return document


def first_version(document: dict[str, Any], change: SecondVersion) -> dict[str, Any]:
    """The questionnaire as it was before the second version changed it."""
    first = copy.deepcopy(document)
    for section in first["sections"]:
        section["questions"] = [
            question | {"title": change.reworded.get(question["code"], question["title"])}
            for question in section["questions"]
            if question["code"] not in change.added
        ]
    first["sections"] = [section for section in first["sections"] if section["questions"]]
    return first


def next_version(document: dict[str, Any], change: NextVersion) -> dict[str, Any]:
    """The questionnaire as the version in the making has it."""
    later = copy.deepcopy(document)
    for section in later["sections"]:
        if section["code"] == change.section:
            section["questions"].append(change.question)
    return later


def invited_people(plan: InvitationPlan) -> bytes:
    """The list of those invited, as the secretariat would upload it."""
    return (CONTENT / plan.people).read_bytes()


@cache
def load_questionnaire(slug: str) -> Questionnaire:
    return parse_definition(questionnaire_document(slug))


def load_simulation(slug: str) -> SimulationModel:
    return SimulationModel.model_validate(_read(f"simulation/{slug}.json"))


def load_surroundings() -> Surroundings:
    return Surroundings.model_validate(_read("simulation/people.json"))


def load_texts() -> dict[str, dict[str, list[str]]]:
    """Sentences that simulated people write: pool → language → sentences."""
    texts: dict[str, dict[str, list[str]]] = _read("simulation/texts.json")
    return texts


def load_french_milestones() -> dict[str, dict[str, str]]:
    """``title`` and ``description`` of the milestones in French, by code."""
    texts: dict[str, dict[str, str]] = _read("milestones-fr.json")
    return texts


def load_evidence() -> Evidence:
    return Evidence.model_validate(_read("evidence.json"))


def load_edition_changes() -> EditionChanges:
    return EditionChanges.model_validate(_read("edition-1-1.json"))


@cache
def load_decisions() -> Decisions:
    return Decisions.model_validate(_read("decisions.json"))


def load_motions() -> list[Motion]:
    return [Motion.model_validate(motion) for motion in _read("votes.json")]


def _read(name: str) -> Any:
    return json.loads((CONTENT / name).read_text(encoding="utf-8"))
