"""From the node to the hub: pull a definition, deliver a release, keep what comes back.

Nothing here holds a transaction open while it waits for the other side, except the outbox's
handler, whose message is locked meanwhile.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from joserfc.jwk import OKPKey
from sqlalchemy.orm import Session

from core.audit import Actor
from federation.errors import HubRefused
from federation.exchange import HubClient
from federation.models import PulledDefinition, SentRelease
from federation.node import accept_definition, get_hub, note_acknowledgement, prepare_release
from surveys.results import Results

# Gives a session whose work is committed when the block ends well.
Transaction = Callable[[], AbstractContextManager[Session]]


@dataclass(frozen=True, slots=True)
class NodeWork:
    """What a node does at a moment, as someone, with its own key."""

    transaction: Transaction
    key: OKPKey
    actor: Actor
    now: datetime

    def pull(self, slug: str) -> PulledDefinition:
        """Fetch the hub's definition of a consultation and follow it."""
        with self.transaction() as session:
            client = HubClient(get_hub(session).url)
        token = client.fetch_definition(slug)
        with self.transaction() as session:
            return accept_definition(
                session, slug=slug, token=token, key=self.key, actor=self.actor, now=self.now
            )

    def release(self, slug: str, results: Callable[[Session], Results]) -> SentRelease:
        """Sign the counts of a consultation and deliver them; harmless when repeated.

        A release that the hub did not take, and says so, is replaced once by a new one: the
        questionnaire may have changed at the hub and been pulled since. Raises what
        ``prepare_release`` and ``HubClient`` raise; the release then waits for the next time.
        """
        release = self._prepare(slug, results)
        waited = release.issued_at != self.now
        try:
            return self._deliver(release)
        except HubRefused:
            if not waited or release.acknowledged_at is not None:
                raise
        return self._deliver(self._prepare(slug, results, replace=True))

    def _prepare(
        self, slug: str, results: Callable[[Session], Results], *, replace: bool = False
    ) -> SentRelease:
        with self.transaction() as session:
            release = prepare_release(
                session, slug=slug, results=results(session), key=self.key, actor=self.actor,
                now=self.now, replace=replace,
            )  # fmt: skip
            session.refresh(release, ["hub", "consultation"])
            return release

    def _deliver(self, release: SentRelease) -> SentRelease:
        if release.acknowledged_at is not None:
            return release
        token = HubClient(release.hub.url).deliver(release.envelope, release.sha256)
        with self.transaction() as session:
            kept = session.get_one(SentRelease, release.id)
            note_acknowledgement(session, release=kept, token=token, key=self.key, now=self.now)
            session.refresh(kept, ["hub", "consultation"])
            return kept


def deliver_from_outbox(
    session: Session, payload: dict[str, Any], *, key: OKPKey, now: datetime
) -> None:
    """The handler of ``RELEASE_TOPIC``. Harmless when the release was delivered or replaced."""
    release = session.get(SentRelease, UUID(payload["release"]))
    if release is None or release.acknowledged_at is not None:
        return
    token = HubClient(release.hub.url).deliver(release.envelope, release.sha256)
    note_acknowledgement(session, release=release, token=token, key=key, now=now)
