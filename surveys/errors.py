"""Refusals about consultations, questionnaires, responses and results."""

from core.errors import Conflict, Forbidden, InvalidInput, NotFound


class ConsultationNotFound(NotFound):
    code = "surveys.consultation_not_found"
    template = "There is no consultation named {slug}."


class BlockNotFound(NotFound):
    code = "surveys.block_not_found"
    template = "There is no block named {slug} in the library."


class NothingPublished(Conflict):
    code = "surveys.nothing_published"
    template = "The consultation {slug} has no published questionnaire yet."


class VersionFrozen(Conflict):
    code = "surveys.version_frozen"
    template = "Version {number} of the questionnaire is published and can no longer be changed."
    remedy = "Add a new version."


class DraftChangedMeanwhile(Conflict):
    code = "surveys.draft_changed_meanwhile"
    template = "Somebody else changed the questionnaire since you loaded this page."
    remedy = "Look at it as it is now, and make your change again."


class NothingToUndo(Conflict):
    code = "surveys.nothing_to_undo"
    template = "There is no step that could be undone or taken again."


class OutForTranslation(Conflict):
    code = "surveys.out_for_translation"
    template = "The questionnaire is out for translation: only its translations can be changed."
    remedy = "End the translation first; what was translated stays."


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


class ImpossibleConditions(InvalidQuestionnaire):
    code = "surveys.impossible_conditions"
    remedy = "Correct them, or publish in spite of them."


class UnreadableFile(InvalidInput):
    code = "surveys.unreadable_file"


class NotOpen(Conflict):
    code = "surveys.not_open"
    template = "The consultation {slug} is not open for responses."
    remedy = "See its page for when it opens and closes."


class ConsultationFull(NotOpen):
    code = "surveys.consultation_full"
    template = (
        "Every place in this consultation is taken, so it has closed. What you saved was not sent."
    )
    remedy = "See its page for what happens next."


class NotScheduled(Conflict):
    code = "surveys.not_scheduled"
    template = "The consultation {slug} has no closing that could be moved."
    remedy = "Set its dates first: `flask surveys schedule {slug}`."


class NotReportable(Conflict):
    code = "surveys.not_reportable"
    template = "The consultation {slug} is not over; there is nothing to report yet."
    remedy = "Report after it has closed."


class AlreadyBegun(Conflict):
    """What was announced or promised to people is not taken back."""

    code = "surveys.already_begun"
    template = "{reason}"


class QuotaFull(Conflict):
    """``name`` is the quota's, a ``LocalizedText``; empty where the whole consultation is full."""

    code = "surveys.quota_full"
    template = "No place is left for this response. Nothing was sent; your answers are kept."
    remedy = "If a place becomes free you can send them then, until the consultation closes."


class QuotaNotFound(NotFound):
    code = "surveys.quota_not_found"
    template = "There is no quota named {code} in this consultation."


class InvitationRefused(Forbidden):
    code = "surveys.invitation_refused"
    template = "This invitation is not valid: the link is incomplete or not from us."
    remedy = "Check the link in your invitation, or write to the secretariat."


class InvitationUsed(InvitationRefused):
    code = "surveys.invitation_used"
    template = "This invitation was used already; each is for one response."
    remedy = "Continue with the code you were given, or write to the secretariat."


class InvitationNotFound(NotFound):
    code = "surveys.invitation_not_found"
    template = "There is no such invitation; it may have been deleted."


class InvalidInvitationList(InvalidInput):
    """``problems`` is a tuple of ``surveys.inviting.invitation_lists.ListProblem``."""

    code = "surveys.invalid_invitation_list"
    template = "{summary}"
    remedy = "Correct the lines named, or import without them (--skip-bad). Nothing was imported."

    def __init__(self, *, summary: str, problems: tuple = ()) -> None:  # type: ignore[type-arg]
        self.problems = [(problem.place, problem.reason) for problem in problems]
        super().__init__(summary=summary)


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


class ProofRefused(InvalidInput):
    """``fault`` is a ``surveys.proof_of_work.ProofFault``."""

    code = "surveys.proof_refused"
    template = "The proof of work is not valid: {fault}."
    remedy = "Send again with the challenge of the page you were given now."

    def __init__(self, fault: str) -> None:
        self.fault = fault
        super().__init__(fault=fault)


class ResponseWithdrawn(NotFound):
    code = "surveys.response_withdrawn"
    template = "This response was withdrawn on {day}; nothing of it is kept."


class ResponseReplaced(NotFound):
    code = "surveys.response_replaced"
    template = "This response was changed on {day}; the changed one took its place."
    remedy = "Use the receipt of the changed response."


class NothingToReplace(Conflict):
    code = "surveys.nothing_to_replace"
    template = "The response that this was to take the place of was withdrawn or changed meanwhile."
    remedy = "Nothing was sent; your answers are kept. Look at the receipt to see how it stands."


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


class StatementNotFound(NotFound):
    code = "surveys.statement_not_found"
    template = "This consultation has no added statement {name}."


class StatementsNotAsked(Conflict):
    code = "surveys.statements_not_asked"
    template = "People cannot add statements of their own to this question."


class StatementExists(Conflict):
    """``existing`` is the code of the statement that says the same."""

    code = "surveys.statement_exists"
    template = "There is a statement that says the same already: “{text}”"
    remedy = "Say whether you agree with that one."

    def __init__(self, *, existing: str, text: str) -> None:
        self.existing = existing
        super().__init__(text=text)


class StatementRefused(Conflict):
    code = "surveys.statement_refused"
    template = "This statement was looked at and not accepted: {reason}"
    remedy = "Say it in another way."


class TooManyStatements(Conflict):
    code = "surveys.too_many_statements"
    template = "You have added {maximum} statements; more are not taken from one person."


class StatementQueueFull(Conflict):
    code = "surveys.statement_queue_full"
    template = "So many statements wait to be looked at that no more can be taken now."
    remedy = "Try again tomorrow. You can go on judging the statements there are."
