"""Results for the network: what this instance releases, and what all instances say together."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.i18n import localized
from app.projection import project_responses
from core.text import LocalizedText
from federation.hub import NodeStatus, body_of, get_shared, node_statuses
from federation.merge import MergedGroup, Sum, merge
from federation.release import countables, make_release
from surveys.consultations import get_consultation, get_questionnaire
from surveys.models import Consultation
from surveys.questionnaire import Questionnaire
from surveys.results import Results, read_results


@dataclass(frozen=True, slots=True)
class Line:
    """One option with the people who chose it.

    ``share`` of those who answered, 0 to 1; None where either is a lower bound only. ``bar`` is
    its length in the chart, in percent: the lower bound's, where there is nothing better.
    """

    code: str
    label: LocalizedText
    count: Sum
    share: float | None
    bar: float


@dataclass(frozen=True, slots=True)
class MergedEntry:
    """A question, or a row of a matrix, over all instances."""

    code: str
    title: LocalizedText
    type: str
    answered: Sum
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class MergedResults:
    """What the hub shows of one consultation."""

    consultation: Consultation
    statuses: list[NodeStatus]
    own_part: bool
    as_of: datetime
    responses: Sum
    questions: list[MergedEntry]
    by_respondent_type: dict[str, tuple[Sum, list[MergedEntry]]]

    @property
    def released(self) -> int:
        """How many nodes have sent a release."""
        return sum(status.release is not None for status in self.statuses)

    def as_document(self) -> dict[str, Any]:
        """The shape of ``flask surveys results``, with sums for counts, and the nodes."""
        return {
            "slug": self.consultation.slug,
            "nodes": {"registered": len(self.statuses), "released": self.released},
            "as_of": self.as_of.isoformat(),
            "responses": _sum(self.responses),
            "questions": [_entry(entry) for entry in self.questions],
            "by": {
                group: {
                    "responses": _sum(responses),
                    "questions": [_entry(entry) for entry in entries],
                }
                for group, (responses, entries) in self.by_respondent_type.items()
            },
        }


def exact_results(session: Session, slug: str, *, now: datetime) -> Results:
    """The results of a consultation here, up to date."""
    consultation = get_consultation(session, slug=slug)
    project_responses(session, now=now)
    return read_results(session, consultation=consultation)


def merged_results(
    session: Session, slug: str, *, now: datetime, own_part: bool = True
) -> MergedResults:
    """The hub's own public figures and the nodes' newest releases, added. Raises ``NotShared``.

    ``own_part``: whether the hub's own figures are among them. On public pages they are once the
    consultation has closed, as on its results page: figures that change with each response would
    show what newcomers said. ``as_of`` is when the oldest release was signed: from then on
    something may be missing.
    """
    shared = get_shared(session, slug=slug)
    version = next(
        version
        for version in shared.consultation.versions
        if version.sha256 == shared.questionnaire_sha256
    )
    questionnaire = get_questionnaire(session, version_id=version.id)
    statuses = node_statuses(session, shared=shared)
    received = [status.release for status in statuses if status.release is not None]
    bodies = [body_of(release) for release in received]
    if own_part:
        results = read_results(session, consultation=shared.consultation)
        published = results.public_document(by="respondent_type")
        bodies.append(
            make_release(questionnaire, shared.questionnaire_sha256, published, results.entries)
        )
    merged = merge(bodies)
    return MergedResults(
        consultation=shared.consultation,
        statuses=statuses,
        own_part=own_part,
        as_of=min((release.issued_at for release in received), default=now),
        responses=merged.all.responses,
        questions=_entries(questionnaire, merged.all),
        by_respondent_type={
            group: (part.responses, _entries(questionnaire, part))
            for group, part in merged.by_respondent_type.items()
        },
    )


def _entries(questionnaire: Questionnaire, group: MergedGroup) -> list[MergedEntry]:
    entries: list[MergedEntry] = []
    if not group.questions:
        return entries
    for entry, counted in zip(countables(questionnaire), group.questions, strict=True):
        answered = counted.answered
        exact = answered.count and not answered.at_least
        lines = []
        for option in entry.options:
            count = counted.counts[option.code]
            part = count.count / answered.count if answered.count else 0
            share = part if exact and not count.at_least else None
            lines.append(
                Line(option.code, option.label, count, share, round(min(part, 1) * 100, 2))
            )
        entries.append(
            MergedEntry(
                entry.code, entry.title, entry.question.type, counted.answered, tuple(lines)
            )
        )
    return entries


def _sum(total: Sum) -> dict[str, Any]:
    return {"count": total.count, "at_least": total.at_least}


def _entry(entry: MergedEntry) -> dict[str, Any]:
    return {
        "code": entry.code,
        "title": localized(entry.title),
        "type": entry.type,
        "answered": _sum(entry.answered),
        "options": [
            {"code": line.code, "label": localized(line.label), "count": _sum(line.count)}
            for line in entry.lines
        ],
    }
