"""Who may do what: one readable table, denied by default. Pure."""

from collections.abc import Iterable
from enum import StrEnum


class Role(StrEnum):
    """What an account is here for. One account may have several roles."""

    CITIZEN = "citizen"
    ORGANISATION = "organisation"
    DELEGATE = "delegate"
    SECRETARIAT = "secretariat"
    MODERATOR = "moderator"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


# permission → the roles that have it. What is not in the table nobody may do.
PERMISSIONS: dict[str, frozenset[Role]] = {
    # one's own
    "account.manage_own": frozenset(Role),
    # asking
    "consultation.manage": frozenset({Role.SECRETARIAT}),
    "results.read_exact": frozenset({Role.SECRETARIAT, Role.AUDITOR}),
    "statement.moderate": frozenset({Role.SECRETARIAT, Role.MODERATOR}),
    "response.export": frozenset({Role.SECRETARIAT}),
    # planning
    "roadmap.edit": frozenset({Role.SECRETARIAT}),
    "evidence.link": frozenset({Role.SECRETARIAT}),
    # Two people approve what is published, and withdraw what no longer holds.
    "edition.approve": frozenset({Role.SECRETARIAT}),
    "edition.publish": frozenset({Role.SECRETARIAT}),
    "edition.withdraw": frozenset({Role.SECRETARIAT}),
    "proposal.decide": frozenset({Role.SECRETARIAT}),
    "proposal.confirm": frozenset({Role.SECRETARIAT}),
    # writing together; when the draft is open to whom: roadmap.writing.participation
    "draft.write": frozenset({Role.SECRETARIAT}),
    "draft.comment": frozenset(Role),
    # voting
    "motion.manage": frozenset({Role.SECRETARIAT}),
    "ballot.cast": frozenset({Role.DELEGATE}),
    # the network of instances
    "federation.manage": frozenset({Role.SECRETARIAT, Role.ADMINISTRATOR}),
    # control
    "audit.read": frozenset({Role.AUDITOR, Role.ADMINISTRATOR, Role.SECRETARIAT}),
    "account.manage": frozenset({Role.ADMINISTRATOR}),
}

# What a program may do for an account (docs/api.md): scope → the permission behind it. A token
# never gives more than its account has: the permission counts when it is made and at each use.
SCOPES: dict[str, str] = {
    "consultation.write": "consultation.manage",
    "questionnaire.read": "consultation.manage",
    "questionnaire.write": "consultation.manage",
    "invitation.read": "consultation.manage",
    "invitation.write": "consultation.manage",
    "result.read": "results.read_exact",
    "response.read": "response.export",
}


def scopes_of(roles: Iterable[Role]) -> tuple[str, ...]:
    """The scopes that an account with ``roles`` may give to a token, in the table's order."""
    held = frozenset(roles)
    return tuple(scope for scope, permission in SCOPES.items() if is_allowed(held, permission))


def is_allowed(roles: Iterable[Role], permission: str) -> bool:
    """Whether any of ``roles`` has ``permission``; an unknown permission is a programming error."""
    return not PERMISSIONS[permission].isdisjoint(roles)
