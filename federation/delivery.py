"""From the node to the hub: pull a definition, deliver a release, keep what comes back.

Nothing here holds a transaction open while it waits for the other side.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from joserfc.jwk import OKPKey
from sqlalchemy.orm import Session

from core.audit import Actor
from core.outbox import Transaction
from federation.errors import HubRefused
from federation.exchange import HubClient
from federation.models import PulledDefinition, SentRelease
from federation.node import accept_definition, get_hub, note_acknowledgement, prepare_release
from surveys.results import Results


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
        return _hand_over(self.transaction, release, key=self.key, now=self.now)


def deliver_from_outbox(
    transaction: Transaction, payload: dict[str, Any], *, key: OKPKey, now: datetime
) -> None:
    """The handler of ``RELEASE_TOPIC``. Harmless when the release was delivered or replaced."""
    with transaction() as session:
        release = session.get(SentRelease, UUID(payload["release"]))
        if release is None:
            return
        session.refresh(release, ["hub", "consultation"])
    _hand_over(transaction, release, key=key, now=now)


def _hand_over(
    transaction: Transaction, release: SentRelease, *, key: OKPKey, now: datetime
) -> SentRelease:
    """Give the hub a release unless it has it, and keep the acknowledgement."""
    if release.acknowledged_at is not None:
        return release
    token = HubClient(release.hub.url).deliver(release.envelope, release.sha256)
    with transaction() as session:
        kept = session.get(SentRelease, release.id)
        if kept is None:
            return release  # replaced meanwhile by a newer one
        note_acknowledgement(session, release=kept, token=token, key=key, now=now)
        session.refresh(kept, ["hub", "consultation"])
        return kept
