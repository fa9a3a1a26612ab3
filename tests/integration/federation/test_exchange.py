"""A hub and a node agree, or refuse with a reason and keep nothing of what was refused."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from core.audit import OPERATOR
from core.errors import WaymarkError
from core.models import AuditEntry, OutboxMessage
from federation import hub as at_hub
from federation import node as at_node
from federation.envelope import RELEASE, Envelope, generate_key, public_jwk, sign, thumbprint
from federation.models import ReceivedRelease, SentRelease
from surveys.consultations import get_consultation
from tests.integration.federation.conftest import QUESTIONNAIRE, Network, ask, results_of


def refused(network: Network, token: str | bytes, *, later: timedelta = timedelta()) -> str:
    """The code with which the hub refuses; nothing is kept."""
    before = stored(network)
    with pytest.raises(WaymarkError) as caught:
        network.receive(token, later=later)
    assert stored(network) == before
    return caught.value.code


def stored(network: Network) -> tuple[int, int]:
    kept = network.hub.scalar(select(func.count()).select_from(ReceivedRelease)) or 0
    return kept, network.hub.scalar(select(func.count()).select_from(AuditEntry)) or 0


def written(network: Network, **changes: Any) -> str:
    """A release as a node could sign it, with what is asked changed."""
    body = {"body": network.prepare(results_of(30, 20)).body}
    return sign(envelope_of(network, **(body | changes)), network.node_key)


def envelope_of(network: Network, **changes: Any) -> Envelope:
    base = Envelope(
        schema=RELEASE,
        issuer=thumbprint(network.node_key),
        audience=thumbprint(network.hub_key),
        consultation="networks",
        sequence=1,
        previous=None,
        issued_at=network.now,
        expires_at=None,
        body={},
    )
    return replace(base, **changes)


def test_a_node_asks_what_the_hub_asks(network: Network) -> None:
    here = get_consultation(network.node, slug="networks")
    there = get_consultation(network.hub, slug="networks")
    assert here.title == there.title
    assert here.title.fallback == "fr"
    assert (here.opens_at, here.closes_at) == (there.opens_at, there.closes_at)
    assert here.current_version is not None
    assert there.current_version is not None
    assert here.current_version.definition == QUESTIONNAIRE
    assert here.current_version.sha256 == there.current_version.sha256


def test_pulling_the_same_definition_again_changes_nothing(network: Network) -> None:
    assert network.share() == network.share()
    network.accept(network.share())
    assert len(get_consultation(network.node, slug="networks").versions) == 1


def test_new_dates_reach_the_node_and_old_ones_cannot_come_back(network: Network) -> None:
    old = network.share()
    there = get_consultation(network.hub, slug="networks")
    there.closes_at = network.now + timedelta(days=99)
    new = network.share()
    assert new != old
    network.accept(new)
    here = get_consultation(network.node, slug="networks")
    assert here.closes_at == there.closes_at
    with pytest.raises(WaymarkError) as caught:
        network.accept(old)
    assert caught.value.code == "federation.outdated_definition"


def test_a_consultation_of_ones_own_is_never_taken_over(network: Network) -> None:
    ask(network.hub, network.now, slug="own")
    ask(network.node, network.now, slug="own")
    shared = at_hub.share_consultation(
        network.hub, slug="own", key=network.hub_key, actor=OPERATOR, now=network.now
    )
    with pytest.raises(WaymarkError) as caught:
        at_node.accept_definition(
            network.node, slug="own", token=shared.envelope, key=network.node_key, actor=OPERATOR,
            now=network.now,
        )  # fmt: skip
    assert caught.value.code == "federation.slug_taken"


def test_a_definition_of_another_hub_is_refused(network: Network) -> None:
    stranger = generate_key()
    shared = at_hub.share_consultation(
        network.hub, slug="networks", key=stranger, actor=OPERATOR, now=network.now
    )
    with pytest.raises(WaymarkError) as caught:
        network.accept(shared.envelope.encode())
    assert caught.value.code == "federation.unknown_key"


def test_a_release_arrives_suppressed_and_is_acknowledged(network: Network) -> None:
    release = network.prepare(results_of(30, 20, ngo=(3, 4)))
    network.deliver(release)
    assert release.acknowledged_at == network.now
    kept = network.hub.scalars(select(ReceivedRelease)).one()
    assert kept.body["responses"] == 50
    assert kept.body["questions"] == [
        {"code": "Q1", "answered": 50, "counts": {"yes": 30, "no": 20}}
    ]
    ngo = kept.body["by_respondent_type"]["ngo"]
    assert ngo["responses"] == 7
    assert ngo["questions"][0]["counts"] == {"yes": None, "no": None}


def test_releases_wait_in_the_outbox(network: Network) -> None:
    release = network.prepare(results_of(30, 20))
    message = network.node.scalars(select(OutboxMessage)).one()
    assert (message.topic, message.payload) == ("federation.release", {"release": str(release.id)})


def test_a_release_not_yet_acknowledged_is_sent_again_unchanged(network: Network) -> None:
    first = network.prepare(results_of(30, 20))
    again = network.prepare(results_of(60, 40), later=timedelta(days=1))
    assert again.envelope == first.envelope


def test_a_release_nobody_took_for_a_month_is_made_anew(network: Network) -> None:
    first = network.prepare(results_of(30, 20)).sha256
    anew = network.prepare(results_of(60, 40), later=timedelta(days=31))
    assert anew.sha256 != first
    assert anew.sequence == 1
    assert network.node.scalars(select(SentRelease)).all() == [anew]


def test_a_second_release_follows_the_first(network: Network) -> None:
    first = network.prepare(results_of(30, 20))
    network.deliver(first)
    assert network.prepare(results_of(30, 20)) is first
    second = network.prepare(results_of(36, 20))
    network.deliver(second)
    assert second.sequence == 2
    statuses = at_hub.node_statuses(
        network.hub, shared=at_hub.get_shared(network.hub, slug="networks")
    )
    assert [(s.name, s.release.sequence if s.release else 0) for s in statuses] == [("lisboa", 2)]


def test_two_releases_never_differ_by_a_few_people(network: Network) -> None:
    network.deliver(network.prepare(results_of(30, 20)))
    with pytest.raises(WaymarkError) as caught:
        network.prepare(results_of(31, 22))
    assert caught.value.code == "federation.too_few_new"


def test_a_replay_is_refused_and_its_acknowledgement_stays_the_same(network: Network) -> None:
    release = network.prepare(results_of(30, 20))
    token = network.receive(release.envelope)
    assert refused(network, release.envelope) == "federation.replay"
    found = at_hub.find_acknowledgement(network.hub, sha256=release.sha256)
    assert found == token
    assert at_hub.find_acknowledgement(network.hub, sha256="0" * 64) is None


def test_another_release_under_the_same_number_is_refused(network: Network) -> None:
    network.receive(written(network))
    other = network.prepare(results_of(30, 20)).body | {"responses": 50}
    token = written(network, issued_at=network.now - timedelta(hours=1), body=other)
    assert refused(network, token) == "federation.conflicting_release"


def test_a_gap_is_refused(network: Network) -> None:
    assert refused(network, written(network, sequence=2, previous="0" * 64)) == "federation.gap"
    network.receive(written(network))
    assert refused(network, written(network, sequence=3, previous="0" * 64)) == "federation.gap"


def test_a_release_names_the_one_before_it(network: Network) -> None:
    network.receive(written(network))
    token = written(network, sequence=2, previous="0" * 64)
    assert refused(network, token) == "federation.chain"


def test_a_changed_byte_is_refused(network: Network) -> None:
    token = bytearray(written(network).encode())
    for place in (10, len(token) // 2, len(token) - 1):
        changed = bytearray(token)
        changed[place] = ord("A") if changed[place] != ord("A") else ord("B")
        assert refused(network, bytes(changed)).startswith("federation.")


def test_a_wrong_key_is_refused(network: Network) -> None:
    stranger = generate_key()
    token = sign(envelope_of(network, issuer=thumbprint(stranger)), stranger)
    assert refused(network, token) == "federation.unknown_key"


def test_a_node_that_was_removed_is_refused(network: Network) -> None:
    token = written(network)
    at_hub.remove_node(network.hub, name="lisboa", actor=OPERATOR, now=network.now)
    assert refused(network, token) == "federation.unknown_key"
    at_hub.register_node(
        network.hub, name="lisboa", public_key=public_jwk(network.node_key), actor=OPERATOR,
        now=network.now,
    )  # fmt: skip
    network.receive(token)


def test_an_unknown_consultation_is_refused(network: Network) -> None:
    ask(network.hub, network.now, slug="not-shared")
    for slug in ("elsewhere", "not-shared"):
        token = written(network, consultation=slug)
        assert refused(network, token) == "federation.unknown_consultation"


def test_answers_to_another_questionnaire_are_refused(network: Network) -> None:
    body = network.prepare(results_of(30, 20)).body | {"questionnaire_sha256": "0" * 64}
    assert refused(network, written(network, body=body)) == "federation.other_questionnaire"


def test_an_old_release_is_refused_after_its_time(network: Network) -> None:
    release = network.prepare(results_of(30, 20))
    later = timedelta(days=31)
    assert refused(network, release.envelope, later=later) == "federation.expired"


def test_counts_that_do_not_add_up_are_refused(network: Network) -> None:
    body = network.prepare(results_of(30, 20)).body
    questions = [{"code": "Q1", "answered": 50, "counts": {"yes": 31, "no": 20}}]
    token = written(network, body=body | {"questions": questions})
    assert refused(network, token) == "federation.inconsistent"


def test_a_name_or_key_is_registered_once(network: Network) -> None:
    for name, key in (("lisboa", generate_key()), ("porto", network.node_key)):
        with pytest.raises(WaymarkError) as caught:
            at_hub.register_node(
                network.hub, name=name, public_key=public_jwk(key), actor=OPERATOR, now=network.now
            )
        assert caught.value.code == "federation.node_exists"


@pytest.mark.parametrize("url", ["ftp://hub", "hub.example", "https://a@b/", "https://h/?x", ""])
def test_only_web_addresses_are_hubs(network: Network, url: str) -> None:
    with pytest.raises(WaymarkError) as caught:
        at_node.register_hub(
            network.node, url=url, public_key=public_jwk(network.hub_key), actor=OPERATOR,
            now=network.now,
        )  # fmt: skip
    assert caught.value.code == "federation.invalid_address"
