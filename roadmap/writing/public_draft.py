"""The public draft: what everybody may read of an edition in the making, and comment on."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from roadmap.models import Candidate, Roadmap
from roadmap.roadmaps import plan_roadmap
from roadmap.writing.participation import PUBLIC_DRAFT
from roadmap.writing.reading import chapters_document


@dataclass(frozen=True, slots=True)
class PublicDraft:
    """``document`` has chapters, areas, milestones and contradictions as an edition has them.

    ``frozen``: it is the text that went into review; otherwise the draft as it is at the moment.
    """

    version: str
    document: Mapping[str, Any]
    frozen: bool
    consultation_id: UUID | None


def find_public_draft(session: Session, *, roadmap: Roadmap) -> PublicDraft | None:
    """The public draft of ``roadmap``, of several the newest; None where there is none."""
    candidate = session.scalar(
        select(Candidate)
        .where(Candidate.roadmap_id == roadmap.id, Candidate.stage == PUBLIC_DRAFT)
        .order_by(Candidate.changed_at.desc(), Candidate.id.desc())
        .limit(1)
    )
    if candidate is None:
        return None
    document = (
        json.loads(candidate.document)
        if candidate.document
        else _document_now(session, roadmap=roadmap)
    )
    return PublicDraft(
        candidate.version, document, bool(candidate.document), candidate.consultation_id
    )


def _document_now(session: Session, *, roadmap: Roadmap) -> dict[str, Any]:
    plan = plan_roadmap(roadmap, brief=True)
    return {
        "roadmap": {"start": roadmap.start.isoformat()},
        "chapters": chapters_document(session, roadmap=roadmap),
        "areas": [{"code": area.code, "title": area.title.as_dict()} for area in roadmap.areas],
        "milestones": [
            {
                "code": each.code,
                "title": each.title.as_dict(),
                "description": each.description.as_dict(),
                "area": each.area.code,
                **plan.schedule.dates[each.code].as_document(),
            }
            for each in roadmap.milestones
        ],
        "contradictions": [
            {
                "from": each.suspended.before,
                "to": each.suspended.after,
                "cycle": list(each.codes),
            }
            for each in plan.contradictions
        ],
    }
