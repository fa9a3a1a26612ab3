"""What a hub asks, its nodes ask and count alike: every type, every promise, every consent."""

import base64
import copy
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core.audit import OPERATOR
from core.errors import WaymarkError
from core.text import LocalizedText
from federation import hub as at_hub
from federation import node as at_node
from federation.definition import read_definition
from federation.envelope import DEFINITION, EVERY_NODE, Envelope, sign, thumbprint
from federation.merge import merge
from federation.release import countables, make_release, read_release
from surveys.consultations import (
    add_version,
    create_consultation,
    definition_hash,
    get_consultation,
    publish_version,
    schedule_consultation,
)
from surveys.counting.disclosure import asked_after
from surveys.counting.tally import count_responses, entries_of
from surveys.definition import parse_definition
from surveys.models import Consultation
from surveys.phases import set_audience
from surveys.preparing import ConsentPurpose, change_consents
from surveys.questionnaire import Option
from surveys.results import Results
from tests.every_question import ANSWERS, definition
from tests.integration.federation.conftest import Network

SLUG = "everything"


@pytest.fixture
def asked(network: Network) -> Consultation:
    """Every type of question, pseudonymous, with consents, in another time zone; announced."""
    hub, now = network.hub, network.now
    consultation = create_consultation(
        hub, slug=SLUG, title=LocalizedText({"en": "Every question"}), kind="targeted",
        anonymity="pseudonymous", actor=OPERATOR, now=now,
    )  # fmt: skip
    consents = [ConsentPurpose("contact", "contact-2", {"en": "Write to me."}, required=True)]
    change_consents(hub, consultation=consultation, consents=consents, actor=OPERATOR, now=now)
    version = add_version(
        hub, consultation=consultation, definition=definition(), actor=OPERATOR, now=now
    )
    publish_version(
        hub, consultation=consultation, version=version, actor=OPERATOR, now=now, anyway=True
    )
    schedule_consultation(
        hub, consultation=consultation, opens_at=now + timedelta(days=1),
        closes_at=now + timedelta(days=30), time_zone="Europe/Lisbon", actor=OPERATOR, now=now,
    )  # fmt: skip
    return consultation


def pull(network: Network, *, later: timedelta = timedelta()) -> Consultation:
    shared = at_hub.share_consultation(
        network.hub, slug=SLUG, key=network.hub_key, actor=OPERATOR, now=network.now + later
    )
    at_node.accept_definition(
        network.node, slug=SLUG, token=shared.envelope, key=network.node_key, actor=OPERATOR,
        now=network.now + later,
    )  # fmt: skip
    return get_consultation(network.node, slug=SLUG)


def test_everything_that_people_are_told_comes_along(network: Network, asked: Consultation) -> None:
    asked.asks_proof = False
    here = pull(network)
    for name in (
        "kind", "anonymity", "anonymous_shows", "time_zone", "consents", "asks_proof", "opens_at",
    ):  # fmt: skip
        assert getattr(here, name) == getattr(asked, name), name
    assert here.current_version is not None
    assert here.current_version.definition == definition()


def test_another_promise_comes_along_until_the_opening_and_not_after(
    network: Network, asked: Consultation
) -> None:
    pull(network)
    options: dict[str, Any] = {"kind": "targeted", "actor": OPERATOR, "now": network.now}
    set_audience(network.hub, consultation=asked, anonymity="anonymous", **options)
    assert pull(network, later=timedelta(hours=1)).anonymity == "anonymous"
    asked.anonymity = "identified"  # no use case would do that any more
    with pytest.raises(WaymarkError) as refused:
        pull(network, later=timedelta(days=2))
    assert refused.value.code == "surveys.already_begun"


def test_what_only_says_the_usual_can_be_read_by_the_first_release(network: Network) -> None:
    shared = at_hub.get_shared(network.hub, slug="networks")
    consultation = get_consultation(network.hub, slug="networks")
    assert consultation.time_zone == "Europe/Brussels"
    token = shared.envelope.split(".")[1]
    assert not {"consents", "time_zone", "asks_proof"} & read_body(token).keys()


def read_body(payload: str) -> dict[str, Any]:
    text = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    body: dict[str, Any] = json.loads(text)["body"]
    return body


def results_of(times: int, *, added: int = 0, changes: dict[str, Any] | None = None) -> Results:
    """``times`` equal responses of citizens, as many ngos; with statements added here alone."""
    questionnaire = parse_definition(definition())
    own = {"SAY": tuple(Option(f"p_{at}", LocalizedText.of("Own")) for at in range(added))}
    entries = entries_of(questionnaire, own)
    answers = copy.deepcopy(ANSWERS) | (changes or {})
    given = [({"respondent_type": kind}, answers) for kind in ("eu_citizen", "ngo")] * times
    return Results(
        SLUG, entries, count_responses(entries, given), asked_after(questionnaire, entries)
    )


def test_every_type_is_released_received_and_added_up(
    network: Network, asked: Consultation
) -> None:
    pull(network)
    release = at_node.prepare_release(
        network.node, slug=SLUG, results=results_of(20, added=2), key=network.node_key,
        actor=OPERATOR, now=network.now,
    )  # fmt: skip
    network.deliver(release)
    questionnaire = parse_definition(definition())
    body = read_release(release.body, questionnaire)
    own = results_of(3)  # so few that all of the hub's own is hidden
    hubs = make_release(
        questionnaire, body.questionnaire_sha256, own.public_document(by="respondent_type"),
        own.entries,
    )  # fmt: skip
    merged = merge([body, hubs])
    by_code = {question.code: question for question in merged.all.questions}
    # Statements that one instance's participants added are no part of what all asked.
    assert [entry.code for entry in countables(questionnaire)] == list(by_code)
    assert not any(code.startswith("SAY.p_") for code in by_code)
    expected = {
        "RATE": "4", "RANK": "cloud", "YEAR": "2031", "POINTS": "radio", "BUDGET": "lab",
        "AGREE": "given", "SAY.one": "agree", "PRIO.m1": "5", "WHEN.m2": "never",
        "DEPS": "m1>m2", "PARAS.p1": "change", "MULTI.speed": "citizens",
    }  # fmt: skip
    for code, option in expected.items():
        assert by_code[code].counts[option].count >= 40, code
    # The hub's own six hide in the sum: it says "at least" and is the node's alone, or public.
    assert by_code["RATE"].counts["4"].count in (40, 46)
    # Figures and sums stay at home: means of two instances could be taken apart again.
    assert "figures" not in str(release.body)
    assert "sums" not in str(release.body)


def test_a_few_people_at_a_node_hide_in_every_type(network: Network, asked: Consultation) -> None:
    pull(network)
    for times in (1, 2):
        results = results_of(times)
        body = make_release(
            parse_definition(definition()), "0" * 64,
            results.public_document(by="respondent_type"), results.entries,
        ).as_body()  # fmt: skip
        assert body["responses"] is None
        assert not [
            count
            for question in body["questions"]
            for count in question["counts"].values()
            if count
        ]


def test_a_type_that_is_not_known_here_is_refused_by_its_place(
    network: Network, asked: Consultation
) -> None:
    """A newer hub asks in a way this node cannot: nothing is set up."""
    document = definition()
    document["sections"][1]["questions"] = [
        {"code": "NEWER", "type": "hologram", "title": {"en": "Show it", "fr": "Montrez"}}
    ]
    with pytest.raises(WaymarkError) as refused:
        accept(network, document)
    assert refused.value.code == "surveys.invalid_questionnaire"
    assert "sections[1].questions[0]: type" in str(refused.value)
    with pytest.raises(WaymarkError):
        get_consultation(network.node, slug=SLUG)


def test_a_newer_member_of_a_definition_is_refused_by_name(
    network: Network, asked: Consultation
) -> None:
    with pytest.raises(WaymarkError) as refused:
        accept(network, definition(), colour="blue")
    assert refused.value.code == "federation.malformed"
    assert "body.colour" in str(refused.value)


def accept(network: Network, document: dict[str, Any], **further: Any) -> None:
    shared = at_hub.share_consultation(
        network.hub, slug=SLUG, key=network.hub_key, actor=OPERATOR, now=network.now
    )
    body = read_definition(read_body(shared.envelope.split(".")[1]))
    changed = replace(
        body, questionnaire=document, questionnaire_sha256=definition_hash(document)
    ).as_body()
    envelope = Envelope(
        schema=DEFINITION, issuer=thumbprint(network.hub_key), audience=EVERY_NODE,
        consultation=SLUG, sequence=1, previous=None, issued_at=network.now, expires_at=None,
        body=changed | further,
    )  # fmt: skip
    at_node.accept_definition(
        network.node, slug=SLUG, token=sign(envelope, network.hub_key), key=network.node_key,
        actor=OPERATOR, now=network.now,
    )  # fmt: skip
