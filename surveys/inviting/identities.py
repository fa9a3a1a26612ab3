"""What a draft, and later its response, keeps of whoever gives it: the promise, as structure.

    anonymous      nothing
    pseudonymous   a pseudonym of the invitation or account, without any name
    identified     the invitation or account itself

Nothing else in the platform fills these columns.
"""

from typing import Any
from uuid import UUID

from surveys.inviting.tokens import pseudonym_of
from surveys.models import Consultation


def identity_kept(
    consultation: Consultation,
    *,
    key: bytes,
    account_id: UUID | None = None,
    invitation_id: UUID | None = None,
) -> dict[str, Any]:
    """The columns ``account_id``, ``invitation_id`` and ``pseudonym`` of a draft that begins.

    ``key``: the instance's, from which pseudonyms are made.
    """
    kept: dict[str, Any] = {"account_id": None, "invitation_id": None, "pseudonym": None}
    if consultation.anonymity == "identified":
        return kept | {"account_id": account_id, "invitation_id": invitation_id}
    if consultation.anonymity == "pseudonymous":
        participant = invitation_id or account_id
        if participant is not None:
            kept["pseudonym"] = pseudonym_of(
                key,
                consultation=consultation.id,
                kind="invitation" if invitation_id else "account",
                participant=participant,
            )
    return kept
