"""Refusals about people and what they may do."""

from core.errors import Conflict, Forbidden, InvalidInput, NotFound


class InvalidAccount(InvalidInput):
    code = "accounts.invalid"


class EmailTaken(Conflict):
    code = "accounts.email_taken"
    template = "There is already an account for this e-mail address."
    remedy = "Sign in, or ask for a new password."


class AccountNotFound(NotFound):
    code = "accounts.not_found"
    template = "There is no such account."


class SignInRefused(Forbidden):
    code = "accounts.sign_in_refused"
    template = "The e-mail address or the password is not right."
    remedy = "Check both, or ask for a new password."


class ResetRefused(Forbidden):
    code = "accounts.reset_refused"
    template = "This link is not valid: it was used already, is too old, or is incomplete."
    remedy = "Ask for a new one."


class DemonstrationOnly(Forbidden):
    code = "accounts.demonstration_only"
    template = "Demonstration accounts exist in a demonstration instance only."
    remedy = "Use an instance that was set up by `make demo`."


class DelegationTaken(Conflict):
    code = "accounts.delegation_taken"
    template = "The delegation of {delegation} has a delegate already."


class InvalidToken(InvalidInput):
    code = "tokens.invalid"


class ScopeNotHeld(Forbidden):
    code = "tokens.scope_not_held"
    template = "A token cannot be given {scope}: the account may not do that itself."
    remedy = "Leave it out, or ask an administrator for the role."


class TokenNotFound(NotFound):
    code = "tokens.not_found"
    template = "There is no such token."


class TokenRefused(Forbidden):
    code = "tokens.refused"
    template = "This token is not valid: {reason}"
    remedy = "Make a new token on the page of your account."
