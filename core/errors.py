"""What a refusal looks like, everywhere.

Every package subclasses these in its own ``errors.py``. ``app/errors.py`` alone decides what a
refusal looks like to a person (a page), a program (problem+json) or an operator (an exit status).
"""

from typing import ClassVar


class WaymarkError(Exception):
    """A refusal with a stable code, a sentence that says what is wrong, and what to do about it.

    ``template`` and ``remedy`` are ``str.format`` templates over the keyword arguments given to
    the constructor; ``where`` names the field, line or key at fault and is shown in front.
    """

    code: ClassVar[str] = "error"
    template: ClassVar[str] = "The request could not be carried out."
    remedy: ClassVar[str] = ""

    def __init__(self, *, where: str = "", **params: object) -> None:
        self.where = where
        self.params = params
        super().__init__(self.message)

    @property
    def message(self) -> str:
        """The English sentence, location first; the web layer translates by ``code``."""
        text = self.template.format(**self.params)
        return f"{self.where}: {text}" if self.where else text

    @property
    def advice(self) -> str:
        """What the person can do about it, or an empty string."""
        return self.remedy.format(**self.params)


class InvalidInput(WaymarkError):
    """What was given cannot be read or breaks a rule of its form (HTTP 422)."""

    code = "invalid_input"
    template = "{reason}"


class NotFound(WaymarkError):
    """The thing named does not exist, or not for this person (HTTP 404)."""

    code = "not_found"
    template = "{what} does not exist."


class Forbidden(WaymarkError):
    """The person is known and may not do this (HTTP 403)."""

    code = "forbidden"
    template = "You are not allowed to do this."


class Conflict(WaymarkError):
    """The request is well-formed but the state of things does not allow it (HTTP 409)."""

    code = "conflict"
    template = "{reason}"
