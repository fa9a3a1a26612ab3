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
    # planning
    "roadmap.edit": frozenset({Role.SECRETARIAT}),
    "evidence.link": frozenset({Role.SECRETARIAT}),
    "edition.publish": frozenset({Role.SECRETARIAT}),
    # voting
    "motion.manage": frozenset({Role.SECRETARIAT}),
    "ballot.cast": frozenset({Role.DELEGATE}),
    # the network of instances
    "federation.manage": frozenset({Role.SECRETARIAT, Role.ADMINISTRATOR}),
    # control
    "audit.read": frozenset({Role.AUDITOR, Role.ADMINISTRATOR, Role.SECRETARIAT}),
    "account.manage": frozenset({Role.ADMINISTRATOR}),
}


def is_allowed(roles: Iterable[Role], permission: str) -> bool:
    """Whether any of ``roles`` has ``permission``; an unknown permission is a programming error."""
    return not PERMISSIONS[permission].isdisjoint(roles)
