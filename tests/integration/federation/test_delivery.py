"""A release reaches the hub once, whatever happens on the way."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.audit import OPERATOR
from core.errors import WaymarkError
from core.outbox import deliver
from federation import hub as at_hub
from federation.delivery import NodeWork, deliver_from_outbox
from federation.errors import HubRefused, HubUnreachable
from federation.exchange import HubClient
from federation.models import ReceivedRelease, SentRelease
from federation.node import RELEASE_TOPIC
from tests.integration.federation.conftest import Network, results_of


class Wire:
    """In place of HTTP: hands over, refuses, or loses the answer."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.down = self.lossy = False
        self.refusal: str | None = None
        self.deliveries = 0

    def deliver(self, token: str, sha256: str) -> bytes:
        self.deliveries += 1
        if self.down:
            raise HubUnreachable(reason="ConnectionError")
        if self.refusal is not None:
            raise HubRefused(their_code=self.refusal, reason="")
        known = at_hub.find_acknowledgement(self.network.hub, sha256=sha256)
        answer = known or self.network.receive(token)
        if self.lossy:
            raise HubUnreachable(reason="ReadTimeout")
        return answer.encode()


@pytest.fixture
def wire(network: Network, monkeypatch: pytest.MonkeyPatch) -> Wire:
    made = Wire(network)
    monkeypatch.setattr(
        HubClient, "deliver", lambda _self, token, sha256: made.deliver(token, sha256)
    )
    return made


def work(network: Network) -> NodeWork:
    @contextmanager
    def transaction() -> Iterator[Session]:
        yield network.node
        network.node.flush()

    return NodeWork(transaction, network.node_key, OPERATOR, network.now)


def received(network: Network) -> int:
    return network.hub.scalar(select(func.count()).select_from(ReceivedRelease)) or 0


def test_a_lost_answer_is_asked_for_again(network: Network, wire: Wire) -> None:
    wire.lossy = True
    with pytest.raises(WaymarkError) as caught:
        work(network).release("networks", lambda _: results_of(30, 20))
    assert caught.value.code == "federation.unreachable"
    wire.lossy = False
    release = work(network).release("networks", lambda _: results_of(60, 20))
    assert release.acknowledged_at is not None
    assert release.body["responses"] == 50  # what the hub had taken, not what came since
    assert received(network) == 1


def test_what_is_acknowledged_is_not_sent_again(network: Network, wire: Wire) -> None:
    first = work(network).release("networks", lambda _: results_of(30, 20))
    assert work(network).release("networks", lambda _: results_of(30, 20)) is first
    assert wire.deliveries == 1


def test_the_worker_delivers_what_the_command_could_not(network: Network, wire: Wire) -> None:
    wire.down = True
    with pytest.raises(WaymarkError):
        work(network).release("networks", lambda _: results_of(30, 20))
    wire.down = False
    transaction = work(network).transaction
    handlers = {
        RELEASE_TOPIC: lambda payload: deliver_from_outbox(
            transaction, payload, key=network.node_key, now=network.now
        )
    }
    assert deliver(transaction, handlers=handlers, clock=lambda: network.now) == (1, 0)
    assert network.node.scalars(select(SentRelease)).one().acknowledged_at is not None
    assert received(network) == 1
    assert deliver(transaction, handlers=handlers, clock=lambda: network.now) == (0, 0)


def test_a_release_that_waited_and_is_refused_is_made_anew_once(
    network: Network, wire: Wire
) -> None:
    wire.down = True
    with pytest.raises(WaymarkError):
        work(network).release("networks", lambda _: results_of(30, 20))
    old = network.node.scalars(select(SentRelease)).one()
    wire.down = False
    wire.refusal = "federation.other_questionnaire"
    later = NodeWork(
        work(network).transaction, network.node_key, OPERATOR, network.now.replace(minute=5)
    )
    with pytest.raises(WaymarkError) as caught:
        later.release("networks", lambda _: results_of(60, 20))
    assert caught.value.code == "federation.refused"
    new = network.node.scalars(select(SentRelease)).one()
    assert new.sha256 != old.sha256
    assert (new.sequence, new.body["responses"]) == (1, 80)
    assert wire.deliveries == 3
