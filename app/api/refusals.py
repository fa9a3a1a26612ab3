"""What the API refuses as a matter of HTTP: form, negotiation, preconditions."""

from collections.abc import Sequence
from typing import ClassVar

from core.errors import Conflict, Forbidden, InvalidInput, NotFound


class UnreadableBody(InvalidInput):
    """It is not JSON as it is meant here (400)."""

    code = "api.unreadable_body"
    template = "The body cannot be read as JSON: {reason}"
    status: ClassVar[int] = 400


class InvalidRequest(InvalidInput):
    """Well-formed, but values are not what was expected (422); ``problems`` as (path, reason)."""

    code = "api.invalid_request"
    template = "{summary}"

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        self.problems = list(problems)[:200]
        summary = "; ".join(f"{path}: {reason}" for path, reason in self.problems[:5])
        super().__init__(summary=summary)


class NotAcceptable(InvalidInput):
    code = "api.not_acceptable"
    template = "This is to be had as application/json only; the header Accept leaves that out."
    remedy = "Send Accept: application/json, or no such header."
    status: ClassVar[int] = 406


class UnsupportedMediaType(InvalidInput):
    code = "api.media_type"
    template = "The body was sent as {given}; expected {expected}."
    remedy = "Set the header Content-Type."
    status: ClassVar[int] = 415

    @property
    def headers(self) -> dict[str, str]:
        return {"Accept": "application/json"}


class PreconditionNeeded(Conflict):
    code = "api.precondition_needed"
    template = "Say which state you change, in the header If-Match."
    remedy = "Read it first: the header ETag of the answer is what to send."
    status: ClassVar[int] = 428


class PreconditionFailed(Conflict):
    code = "api.precondition_failed"
    template = "It is not in the state that the request named; nothing was changed."
    remedy = "Read it again, and decide anew."
    status: ClassVar[int] = 412


class DraftCodeNeeded(Forbidden):
    code = "api.draft_code_needed"
    template = "There is no draft for the code in the header Waymark-Draft."
    remedy = "Begin one; the answer has its code."
    status: ClassVar[int] = 401
    headers: ClassVar[dict[str, str]] = {"WWW-Authenticate": 'Waymark-Draft realm="Waymark"'}


class SlugTaken(Conflict):
    code = "api.slug_taken"
    template = "There is a consultation named {slug} already."


class NoDraftVersion(NotFound):
    code = "api.no_draft_version"
    template = "The consultation {slug} has no unpublished questionnaire."


class ResultsNotPublished(NotFound):
    code = "api.results_not_published"
    template = "The results of {slug} are published once it has closed."
