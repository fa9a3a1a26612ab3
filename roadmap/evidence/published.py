"""What is published of a consultation, with the codes behind its options: all evidence starts here.

Questions of a consultation that is still open say nothing yet: two states of its counts, one after
the other, would give newcomers away.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from roadmap.evidence.figures import ALL
from roadmap.evidence.proposed import read_pairs
from roadmap.models import Milestone, Paragraph, Roadmap
from surveys.consultations import phase_of
from surveys.counting.entries import Entry
from surveys.models import Consultation
from surveys.results import read_results


@dataclass(frozen=True)
class Published:
    """The public results of a closed consultation by respondent type, and what was counted.

    ``document``: as ``surveys.results.get_public_results`` gives it, and under ``proposed`` how
    many people proposed which dependency (``proposed.publish_pairs``).
    """

    consultation: Consultation
    entries: tuple[Entry, ...]
    document: Mapping[str, Any]

    @cached_property
    def proposed(self) -> Mapping[str, Mapping[str, int]]:
        """Dependencies that people proposed: question → FROM>TO:KIND → people."""
        found: Mapping[str, Mapping[str, int]] = self.document.get("proposed", {})
        return found

    @cached_property
    def publics(self) -> tuple[str, ...]:
        """``all``, then the respondent types."""
        return (ALL, *self.document["by"])

    @cached_property
    def by_question(self) -> dict[str, list[Entry]]:
        """The entries by the code of their question."""
        found: dict[str, list[Entry]] = {}
        for entry in self.entries:
            found.setdefault(entry.question.code, []).append(entry)
        return found

    @cached_property
    def by_code(self) -> dict[str, Entry]:
        return {entry.code: entry for entry in self.entries}

    @cached_property
    def counts(self) -> dict[tuple[str, str], Mapping[str, Any]]:
        """The published counts of an entry: (public, code of the entry) → as in ``document``."""
        parts = {ALL: self.document, **self.document["by"]}
        return {
            (public, question["code"]): question
            for public, part in parts.items()
            for question in part["questions"]
        }


@dataclass
class Shelf:
    """Published results, each read once however many rules and links ask for it."""

    session: Session
    now: datetime
    read: dict[UUID, Published | None] = field(default_factory=dict)

    def find(self, consultation_id: UUID) -> Published | None:
        """What is published of a consultation; None while it is not closed."""
        if consultation_id not in self.read:
            consultation = self.session.get_one(Consultation, consultation_id)
            self.read[consultation_id] = self._read(consultation)
        return self.read[consultation_id]

    def is_closed(self, consultation: Consultation) -> bool:
        """Whether its results are published for good."""
        return consultation.current_version_id is not None and (
            phase_of(consultation, now=self.now).is_closed
        )

    def _read(self, consultation: Consultation) -> Published | None:
        if not self.is_closed(consultation):
            return None
        results = read_results(self.session, consultation=consultation)
        document = results.public_document(by="respondent_type")
        document["proposed"] = read_pairs(
            self.session, consultation_id=consultation.id, entries=results.entries,
            exact=results.counts.total, document=document,
        )  # fmt: skip
        return Published(consultation, results.entries, document)


def list_subjects(
    session: Session, *, roadmap: Roadmap, pairs: Collection[str] = ()
) -> frozenset[str]:
    """What evidence can be about: codes of milestones and of paragraphs, and dependencies.

    A dependency is a subject as soon as both its ends are milestones: people are also asked about
    some that are not in the draft, or not any more. ``pairs``: those asked about.
    """
    milestones: Sequence[str] = session.scalars(
        select(Milestone.code).where(Milestone.roadmap_id == roadmap.id)
    ).all()
    paragraphs = session.scalars(
        select(Paragraph.code).where(
            Paragraph.roadmap_id == roadmap.id, Paragraph.removed_at.is_(None)
        )
    )
    known = frozenset(milestones)
    return known | frozenset(paragraphs) | {pair for pair in pairs if is_pair(pair, known)}


def is_pair(subject: str, milestones: Collection[str]) -> bool:
    """Whether ``subject`` is ``FROM>TO`` of two different milestones."""
    before, arrow, after = subject.partition(">")
    return bool(arrow) and before != after and before in milestones and after in milestones
