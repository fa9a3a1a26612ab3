"""Refusals about consultations, questionnaires, responses and results."""

from core.errors import Conflict, Forbidden, InvalidInput, NotFound


class ConsultationNotFound(NotFound):
    code = "surveys.consultation_not_found"
    template = "There is no consultation named {slug}."


class NothingPublished(Conflict):
    code = "surveys.nothing_published"
    template = "The consultation {slug} has no published questionnaire yet."


class VersionFrozen(Conflict):
    code = "surveys.version_frozen"
    template = "Version {number} of the questionnaire is published and can no longer be changed."
    remedy = "Add a new version."


class InvalidConsultation(InvalidInput):
    code = "surveys.invalid_consultation"


class InvalidQuestionnaire(InvalidInput):
    """``problems`` lists every fault as (path, reason)."""

    code = "surveys.invalid_questionnaire"
    template = "{summary}"
    remedy = "Correct what is named and import the file again."

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        self.problems = problems
        shown = "; ".join(f"{path}: {reason}" for path, reason in problems[:10])
        more = f" (and {len(problems) - 10} more)" if len(problems) > 10 else ""
        super().__init__(summary=shown + more)


class UnreadableFile(InvalidInput):
    code = "surveys.unreadable_file"


class NotOpen(Conflict):
    code = "surveys.not_open"
    template = "The consultation {slug} is not open for responses."
    remedy = "See its page for when it opens and closes."


class InvitationRefused(Forbidden):
    code = "surveys.invitation_refused"
    template = "This invitation is not valid: it was used already, or is incomplete."
    remedy = "Check the link in your invitation, or write to the secretariat."


class DraftNotFound(NotFound):
    code = "surveys.draft_not_found"
    template = "There are no saved answers for this code."
    remedy = "Check the code. Answers that were submitted can be seen on the receipt page."


class InvalidAnswers(InvalidInput):
    """``problems`` is a list of ``surveys.validation.Problem``."""

    code = "surveys.invalid_answers"
    template = "{count} of the answers cannot be accepted: {summary}"

    def __init__(self, problems: list) -> None:  # type: ignore[type-arg]
        self.problems = problems
        shown = "; ".join(f"{problem.code}: {problem.message}" for problem in problems[:5])
        super().__init__(count=len(problems), summary=shown)


class InvalidProfile(InvalidInput):
    """``problems`` maps a profile field to what is wrong with it."""

    code = "surveys.invalid_profile"
    template = "Some of the background answers cannot be accepted: {summary}"

    def __init__(self, problems: dict[str, str]) -> None:
        self.problems = problems
        super().__init__(summary="; ".join(f"{k}: {v}" for k, v in problems.items()))


class ReceiptNotFound(NotFound):
    code = "surveys.receipt_not_found"
    template = "There is no response for this receipt."
    remedy = "Check the address, or enter the code you were given."


class AlreadySubmitted(Conflict):
    code = "surveys.already_submitted"
    template = "A response was submitted with this code already."
    remedy = "See your receipt."


class ProjectionDamaged(Conflict):
    code = "surveys.projection_damaged"
    template = "The results of {slug} cannot be brought up to date: {file} is missing."
    remedy = "Build them anew from the responses: `flask surveys rebuild {slug}`."


class ResponsesDeleted(Conflict):
    code = "surveys.responses_deleted"
    template = "The responses to {slug} were deleted at the end of their retention."
    remedy = "Their counts are kept and cannot be built anew."


class UnknownSplit(InvalidInput):
    code = "surveys.unknown_split"
    template = "Results cannot be split by {name}; expected one of {expected}."


class AlreadyImported(Conflict):
    code = "surveys.already_imported"
    template = "There is a consultation named {slug} already; nothing was imported."
    remedy = "Choose another name with --slug."
