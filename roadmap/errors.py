"""What the roadmap package refuses, and what to do about it."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import Conflict, InvalidInput, NotFound


class RoadmapNotFound(NotFound):
    code = "roadmap.not_found"
    template = "There is no roadmap “{slug}”."
    remedy = "`flask roadmap list` shows the roadmaps there are."


class MilestoneNotFound(NotFound):
    code = "roadmap.milestone_not_found"
    template = "The roadmap “{slug}” has no milestone “{code}”."


class DependencyNotFound(NotFound):
    code = "roadmap.dependency_not_found"
    template = "The roadmap “{slug}” has no dependency {subject}."


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a file: where (file, line, column) and what was expected."""

    code: str
    file: str
    line: int | None
    column: str | None
    reason: str

    @property
    def where(self) -> str:
        parts = [self.file]
        if self.line is not None:
            parts.append(f"line {self.line}")
        if self.column is not None:
            parts.append(f"column {self.column}")
        return ", ".join(parts)


class UnreadableRoadmap(InvalidInput):
    """Files that do not hold a roadmap; ``found`` is everything wrong with them, not the first."""

    code = "roadmap.unreadable"
    template = "{count} problems; nothing was imported."
    remedy = "Correct the lines named and import again."

    def __init__(self, found: Sequence[Problem]) -> None:
        self.found = tuple(found)
        super().__init__(count=len(self.found))

    @property
    def message(self) -> str:
        first = self.found[0]
        text = f"{first.where}: {first.reason}"
        if len(self.found) > 1:
            text += f" (and {len(self.found) - 1} more problems)"
        return text + ". Nothing was imported."

    @property
    def problems(self) -> list[tuple[str, str]]:
        """(where, what was expected), in the order of the files."""
        if len(self.found) == 1:
            return []
        return [(problem.where, f"{problem.reason} [{problem.code}]") for problem in self.found]


class UnreadableFile(UnreadableRoadmap):
    """Missing, too large, not UTF-8, holding a NUL, or not of the form at all."""

    code = "roadmap.unreadable_file"


class WrongColumns(UnreadableRoadmap):
    code = "roadmap.wrong_columns"


class DuplicateCode(UnreadableRoadmap):
    code = "roadmap.duplicate_code"


class UnknownMilestone(UnreadableRoadmap):
    code = "roadmap.unknown_milestone"


class NegativeDuration(UnreadableRoadmap):
    code = "roadmap.negative_duration"


class InvalidCell(UnreadableRoadmap):
    """A number, date, kind or agenda that is none, or a text that is missing or too long."""

    code = "roadmap.invalid_cell"


def refuse(problems: Sequence[Problem]) -> UnreadableRoadmap:
    """The error for these problems: the one they all are, or the general one."""
    codes = {problem.code for problem in problems}
    for kind in (
        UnreadableFile,
        WrongColumns,
        DuplicateCode,
        UnknownMilestone,
        NegativeDuration,
        InvalidCell,
    ):
        if codes == {kind.code}:
            return kind(problems)
    return UnreadableRoadmap(problems)


class InvalidDraft(InvalidInput):
    """A change to the draft that cannot be made."""

    code = "roadmap.invalid_draft"


class InvalidEvidence(InvalidInput):
    """A link between a question and the roadmap that cannot be made."""

    code = "roadmap.invalid_evidence"


class EvidenceExists(Conflict):
    code = "roadmap.evidence_exists"
    template = "This question is linked to {subject} already."


class EvidenceNotFound(NotFound):
    code = "roadmap.evidence_not_found"
    template = "There is no such link between a question and the roadmap."


class EditionNotFound(NotFound):
    code = "roadmap.edition_not_found"
    template = "The roadmap “{slug}” has no edition {version}."
    remedy = "`flask roadmap list` shows the editions there are."


class InvalidVersion(InvalidInput):
    code = "roadmap.invalid_version"


class EditionExists(Conflict):
    code = "roadmap.edition_exists"
    template = "Edition {version} of “{slug}” is published already; an edition never changes."
    remedy = "Publish the draft under a higher number."


class DraftChanged(Conflict):
    code = "roadmap.draft_changed"
    template = "Somebody changed the draft of “{slug}” after you opened it."
    remedy = "Look at the draft as it is now, then publish again."


class EditionDamaged(Conflict):
    code = "roadmap.edition_damaged"
    template = "Edition {version} of “{slug}” does not match its fingerprint: {reason}"
    remedy = "Restore it from a backup, and compare the published documents."


class ScenarioNotFound(NotFound):
    code = "roadmap.scenario_not_found"
    template = "There is no scenario “{slug}”."


class ScenarioExists(Conflict):
    code = "roadmap.scenario_exists"
    template = "There is a scenario with the title “{title}” already."
    remedy = "Choose another title."


class ScenarioEnded(Conflict):
    code = "roadmap.scenario_ended"
    template = "The scenario “{title}” was adopted or dropped; it cannot be changed any more."


class ScenarioChanged(Conflict):
    code = "roadmap.scenario_changed"
    template = "Somebody changed the scenario “{title}” meanwhile."
    remedy = "Look at it again, then repeat your step."


class ScenarioConflict(Conflict):
    """The draft moved on under a scenario; ``where`` names the first place of ``count``."""

    code = "roadmap.scenario_conflict"
    template = (
        "the draft said {was} when the step was made and says {now} now ({count} such places)."
    )
    remedy = "Look at the places listed, then adopt all the same or change the scenario."


class ConsultationNotClosed(Conflict):
    code = "roadmap.consultation_not_closed"
    template = "The consultation “{slug}” has not closed; proposals are collected after that."


class ProposalNotFound(NotFound):
    code = "roadmap.proposal_not_found"
    template = "The roadmap “{slug}” has no proposal {number}."


class InvalidDisposition(InvalidInput):
    """A decision on a proposal, or a change to one, that cannot be made."""

    code = "roadmap.invalid_disposition"


class ProposalChanged(Conflict):
    code = "roadmap.proposal_changed"
    template = "Somebody decided about {number} after you opened it. Nothing of yours was lost."
    remedy = "Look at it as it is now, then decide again."


class ConfirmedBySamePerson(Conflict):
    code = "roadmap.confirmed_by_same_person"
    template = "You decided about {number} yourself; another person has to confirm it."
    remedy = "Ask a colleague to look at it."


class NothingToUndo(Conflict):
    code = "roadmap.nothing_to_undo"
    template = "There is no decision about {number} that could be undone: {reason}"


class DraftMovedOn(Conflict):
    code = "roadmap.draft_moved_on"
    template = "The draft was changed again after {number} was applied to it: {reason}"
    remedy = "Undo the decision alone and leave the draft, or change the draft back by hand first."
