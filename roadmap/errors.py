"""What the roadmap package refuses, and what to do about it."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import Conflict, Forbidden, InvalidInput, NotFound
from roadmap.writing.merging import Merge


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


class PictureTooLarge(InvalidInput):
    """More milestones than can be drawn in one go."""

    code = "roadmap.picture_too_large"
    template = "{count} milestones are too many for one picture; {most} is the most there can be."
    remedy = "Choose an area, a year or the surroundings of a milestone, and draw that."


class NoStepToUndo(NotFound):
    code = "roadmap.no_step_to_undo"
    template = "There is no change made here that could be taken back."


class CannotUndo(Conflict):
    """The draft was changed by something else after the change that is to be taken back."""

    code = "roadmap.cannot_undo"
    template = "The draft of “{slug}” was changed after that; it cannot be taken back any more."
    remedy = "Look at the draft as it is now, and make the change you need."


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


class RuleNotFound(NotFound):
    code = "roadmap.rule_not_found"
    template = "There is no such rule for evidence."


class RuleDeclared(Conflict):
    code = "roadmap.rule_declared"
    template = "The rule {rule} is declared for {source} already."
    remedy = "Replace it: what was declared stays, and the new one takes the next number."


class RuleEnded(Conflict):
    code = "roadmap.rule_ended"
    template = "The rule {rule} for {source} has ended already."
    remedy = "Look at the rules as they are now."


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


class RulingOutdated(Conflict):
    """A decision about a dependency that rests on a draft which is no longer the draft."""

    code = "roadmap.ruling_outdated"
    template = "Somebody changed the draft of “{slug}” after you opened it."
    remedy = "Look at what follows from your decision now, then decide again."


class RulingsContradict(Conflict):
    """Dependencies that are all to be kept, and cannot all hold."""

    code = "roadmap.rulings_contradict"
    template = "What is kept by decision contradicts itself: {cycle}."
    remedy = "Take back the decision about one of these: {rulings}."


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


class ChapterNotFound(NotFound):
    code = "roadmap.chapter_not_found"
    template = "The roadmap “{slug}” has no chapter “{code}”."


class ParagraphNotFound(NotFound):
    code = "roadmap.paragraph_not_found"
    template = "The roadmap “{slug}” has no paragraph “{code}”."


class ParagraphRemoved(Conflict):
    code = "roadmap.paragraph_removed"
    template = "Paragraph {code} has been removed."
    remedy = "Restore it first; its history is kept."


class WordingChanged(Conflict):
    code = "roadmap.wording_changed"
    template = "Somebody changed paragraph {code} after you opened it."
    remedy = "Look at it as it is now, then do it again."


class WordingConflict(Conflict):
    """Two people changed the same sentence. Nothing was saved, and nothing is lost.

    ``merge`` has what both wrote; it was made on top of version ``current`` of the paragraph.
    """

    code = "roadmap.wording_conflict"
    template = "Somebody changed the same sentences of paragraph {code} while you did."
    remedy = "Choose what is to stand; both wordings are there."

    def __init__(self, *, merge: Merge, current: int, code: str) -> None:
        self.merge = merge
        self.current = current
        super().__init__(code=code)


class VersionNotFound(NotFound):
    code = "roadmap.version_not_found"
    template = "Paragraph {code} has no version {number}."


class SuggestionNotFound(NotFound):
    code = "roadmap.suggestion_not_found"
    template = "There is no such suggestion."


class SuggestionDecided(Conflict):
    code = "roadmap.suggestion_decided"
    template = "This suggestion is not open any more."
    remedy = "See the paragraph's page for what became of it."


class CommentNotFound(NotFound):
    code = "roadmap.comment_not_found"
    template = "There is no such comment."


class DraftNotOpen(Forbidden):
    code = "roadmap.draft_not_open"
    template = "The draft of “{slug}” is not open to you for comments now."
    remedy = "It opens when it goes into review."


class AlreadyWithdrawn(Conflict):
    code = "roadmap.already_withdrawn"
    template = "Edition {version} of “{slug}” is withdrawn already."


class InvalidWithdrawal(InvalidInput):
    code = "roadmap.invalid_withdrawal"


class SamePerson(Conflict):
    """A second person is needed, and this is the first one again."""

    code = "roadmap.same_person"
    template = "This needs a second person; you are the first one."
    remedy = "Ask somebody else who may do this."


class CandidateNotFound(NotFound):
    code = "roadmap.candidate_not_found"
    template = "No edition {version} of “{slug}” is being prepared."


class CandidateExists(Conflict):
    code = "roadmap.candidate_exists"
    template = "Edition {version} of “{slug}” is being prepared already."
    remedy = "Go on with that one, or end it first."


class WrongStage(Conflict):
    """The edition being prepared is not where this step begins."""

    code = "roadmap.wrong_stage"
    template = "Edition {version} is at another stage now."
    remedy = "Look at it as it is now."


class CandidateChanged(Conflict):
    """The frozen text is not the one that was looked at."""

    code = "roadmap.candidate_changed"
    template = "Edition {version} was frozen again after you opened it."
    remedy = "Look at it as it is now, and approve that."


class CandidateOutdated(Conflict):
    """Another edition was published since the text was frozen."""

    code = "roadmap.candidate_outdated"
    template = "Another edition was published since edition {version} was frozen."
    remedy = "Freeze it again; it will follow the newest one, and be approved anew."


class NotApproved(Conflict):
    code = "roadmap.not_approved"
    template = "Edition {version} has {count} of the {needed} approvals it needs."
    remedy = "Two people who may approve have to approve exactly this text."


class InvalidStep(InvalidInput):
    """A step of an edition being prepared that lacks something, such as its reason."""

    code = "roadmap.invalid_step"


class InvalidSamples(InvalidInput):
    """Fewer samples than one, or more than can be drawn of a roadmap of this size."""

    code = "roadmap.invalid_samples"
    template = "{samples} samples cannot be drawn: from 1 to {most} are possible for this roadmap."
    remedy = "Give another number of samples."


class NotWritable(InvalidInput):
    """A draft that a format cannot hold."""

    code = "roadmap.not_writable"
    template = "A text is longer than {limit} characters, and {format} holds no more in one place."
    remedy = "Export it as JSON or CSV."


class ComputationNotFailed(Conflict):
    code = "roadmap.computation_not_failed"
    template = "This is being computed, or is computed already; there is nothing to try again."
