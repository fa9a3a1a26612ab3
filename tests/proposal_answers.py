"""A small roadmap, a closed consultation about it, and responses, for tests of proposals."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from core.audit import OPERATOR
from core.ids import group_code, new_code, random_uuid
from core.text import LocalizedText
from roadmap.draft import Draft, DraftDependency, DraftMilestone
from roadmap.evidence.links import link_evidence
from roadmap.models import Roadmap
from roadmap.planning.network import Kind
from roadmap.roadmaps import get_roadmap, import_roadmap
from surveys.models import Consultation, Response
from tests.every_question import definition, options, question, text
from tests.questionnaire_factory import open_consultation

ABOUT = definition(
    sections=[
        {
            "code": "all",
            "title": text("Everything"),
            "questions": [
                question("PICK", "single_choice", "How much?", options=options("No", "Yes")),
                question("NEW", "milestone_proposals", "What is missing?"),
                question("DEPS", "dependencies", "What waits for what?",
                         options=[{"code": c, "label": text(c)} for c in ("A", "B", "C")],
                         dependencies=[{"from": "A", "to": "B"}, {"from": "B", "to": "C"}]),
                question("WHEN", "milestone_years", "When?", minimum=2026, maximum=2060,
                         options=[{"code": c, "label": text(c)} for c in ("A", "C")]),
                question("PARAS", "paragraph_comments", "The draft",
                         options=[{"code": "P1", "label": text("A paragraph")}]),
                question("WHY", "long_text", "Anything else?", max_length=2000),
            ],
        }
    ]
)  # fmt: skip
TWIN = "A digital twin of the whole network, open to everybody who wants to try something on it"


def make_roadmap(session: Session, now: datetime, slug: str = "net") -> Roadmap:
    """A before B before C, each a hundred days, from 1 January 2026."""
    draft = Draft(
        title=LocalizedText.of("Networks"),
        start=date(2026, 1, 1),
        areas={"net": LocalizedText.of("Networks")},
        milestones=tuple(
            DraftMilestone(code, LocalizedText.of(f"Milestone {code}"), "SRIA", "net", 100)
            for code in "ABC"
        ),
        dependencies=(
            DraftDependency("A", "B", Kind.FS, 0),
            DraftDependency("B", "C", Kind.FS, 5),
        ),
    )
    import_roadmap(session, slug=slug, draft=draft, actor=OPERATOR, now=now)
    return get_roadmap(session, slug=slug)


def make_consultation(
    session: Session, now: datetime, roadmap: Roadmap | None = None, slug: str = "about"
) -> Consultation:
    """One that closed ten days ago; a question of it speaks for A of ``roadmap``."""
    consultation = open_consultation(
        session, now - timedelta(days=20), slug=slug, definition=ABOUT, asks_profile=False
    )
    if roadmap is not None:
        link_evidence(
            session, roadmap=roadmap, subject="A", consultation=consultation, question="PICK",
            option="yes", actor=OPERATOR, now=now,
        )  # fmt: skip
    return consultation


def respond(
    session: Session,
    consultation: Consultation,
    answers: Iterable[Mapping[str, Any]],
    language: str = "en",
) -> list[UUID]:
    """A response for each of ``answers``; returns their ids."""
    ids = []
    for given in answers:
        response = Response(
            id=random_uuid(), consultation_id=consultation.id,
            version_id=consultation.current_version_id, reference=group_code(new_code(12)),
            day=date(2026, 11, 2), language=language, answers=dict(given),
        )  # fmt: skip
        session.add(response)
        ids.append(response.id)
    session.flush()
    return ids
