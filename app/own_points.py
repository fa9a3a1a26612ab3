"""One's own points on the receipt: what became of each, as words for the page and as JSON."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.i18n import localized, localized_lang
from app.proposal_texts import DECISION_LABELS, KIND_LABELS, STANDING_LABELS
from roadmap.proposals.feedback import Counted, OwnPoint, counted_for, points_of_response
from surveys.models import Response


@dataclass(frozen=True, slots=True)
class ShownPoint:
    """A point in words. ``decision`` is empty while there is none to show."""

    question: str
    question_lang: str
    kind: str
    about: str
    text: str
    standing: str
    decision: str
    reason: str
    reason_lang: str
    section: str
    number: int | None
    roadmap: str | None
    edition: str | None


@dataclass(frozen=True, slots=True)
class OwnPoints:
    """What a response asked for and what it was counted for."""

    points: tuple[OwnPoint, ...]
    counted: tuple[Counted, ...]

    def shown(self) -> list[ShownPoint]:
        return [_shown(each) for each in self.points]

    def as_document(self) -> dict[str, Any]:
        """``points`` and ``counted`` of the receipt's JSON."""
        return {
            "points": [_point(each) for each in self.points],
            "counted": [
                {"question": each.question.code, "roadmap": each.roadmap,
                 "subjects": list(each.subjects), "edition": each.edition,
                 "changes": [_change(change) for change in each.changes]}
                for each in self.counted
            ],
        }  # fmt: skip


def own_points(session: Session, *, response: Response) -> OwnPoints:
    """Computed from this response alone, each time it is asked for."""
    return OwnPoints(
        tuple(points_of_response(session, response=response)),
        tuple(counted_for(session, response=response)),
    )


def _shown(each: OwnPoint) -> ShownPoint:
    outcome = each.outcome
    return ShownPoint(
        question=localized(each.question.title),
        question_lang=localized_lang(each.question.title),
        kind=str(KIND_LABELS[each.point.kind]),
        about=each.point.subject.replace(">", " → "),
        text=each.point.text,
        standing=str(STANDING_LABELS[each.standing]),
        decision=str(DECISION_LABELS[outcome.decision]) if outcome else "",
        reason=localized(outcome.reason) if outcome else "",
        reason_lang=localized_lang(outcome.reason) if outcome else "",
        section=outcome.section.replace(">", " → ") if outcome else "",
        number=outcome.number if outcome else None,
        roadmap=each.roadmap,
        edition=outcome.edition if outcome else None,
    )


def _point(each: OwnPoint) -> dict[str, Any]:
    outcome = each.outcome
    return {
        "question": each.question.code, "entry": each.point.entry, "text": each.point.text,
        "standing": each.standing.value, "proposal": outcome.number if outcome else None,
        "roadmap": each.roadmap, "decision": outcome.decision.value if outcome else None,
        "reason": outcome.reason.as_dict() if outcome else None,
        "section": outcome.section if outcome else None,
        "edition": outcome.edition if outcome else None,
    }  # fmt: skip


def _change(change: Any) -> dict[str, Any]:
    return {name: change.get(name) for name in ("kind", "code", "before", "after")}
