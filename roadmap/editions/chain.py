"""All editions of a roadmap as one file that anyone can verify. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

import rfc8785

from roadmap.editions.verifying.command import CHAIN


class Published(Protocol):
    """What is needed of an edition (``models.Edition``)."""

    version: str
    sha256: str
    document: str
    published_at: datetime
    withdrawn_at: datetime | None
    withdrawal_reason: str


def chain_document(slug: str, editions: Sequence[Published]) -> bytes:
    """``waymark/chain/1`` as canonical JSON: each edition's own bytes as text, oldest first."""
    return bytes(
        rfc8785.dumps(
            {
                "schema": CHAIN,
                "roadmap": slug,
                "editions": [
                    {
                        "version": each.version,
                        "sha256": each.sha256,
                        "withdrawn": withdrawal_of(each),
                        "document": each.document,
                    }
                    for each in editions
                ],
            }
        )
    )


def withdrawal_of(edition: Published) -> dict[str, Any] | None:
    """Since when and why an edition no longer holds, or None."""
    if edition.withdrawn_at is None:
        return None
    return {
        "on": edition.withdrawn_at.date().isoformat(),
        "reason": edition.withdrawal_reason,
    }
