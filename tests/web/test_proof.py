"""The proof of work on the review page, and what is tried against it."""

import html
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app import create_app
from app.config import Settings
from surveys.models import Consultation, Response
from surveys.proof_of_work import LIFETIME, solve_challenge
from tests.questionnaire_factory import open_consultation

FORM = {"publication": "anonymous", "consent": "yes"}
FIELD = re.compile(r'name="(proof_challenge|proof_solution|csrf_token)" value="([^"]*)"')


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The application with proofs switched on, as in production, but easy ones."""
    easy = settings.model_copy(
        update={
            "proof_bits": 8,
            "proof_bits_most": 12,
            "proof_usual_network": 3,
            "proof_free_network": 0,
        }
    )
    application = create_app(easy, testing=True)
    application.config["WAYMARK_PROOFS"] = True
    yield application
    application.extensions["waymark.database"].close()


@pytest.fixture
def consultation(web_session: Session) -> Consultation:
    consultation = open_consultation(web_session, datetime.now(UTC))
    web_session.commit()
    return consultation


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """`later(30)`: it is so many seconds later for proofs and durations."""

    def later(seconds: float) -> None:
        monkeypatch.setattr("app.proof.utc_now", lambda: datetime.now(UTC) + timedelta(0, seconds))

    return later


def fields_of(page: TestResponse) -> dict[str, str]:
    return {name: html.unescape(value) for name, value in FIELD.findall(page.text)}


def at_review(app: Flask, slug: str = "networks") -> tuple[FlaskClient, dict[str, str]]:
    """A browser before the last button, and the hidden fields there."""
    client = app.test_client()
    base = f"/consultations/{slug}/answer"
    for step, given in (
        ("about-you", {"respondent_type": "eu_citizen", "country": "PT"}),
        ("section/views", {"Q1": "no"}),
        ("section/detail", {"Q4.r1": "2"}),
    ):
        page = client.get(f"{base}/{step}")
        hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
        assert client.post(f"{base}/{step}", data=hidden | given).status_code == 303
    page = client.get(f"{base}/review")
    assert page.status_code == 200
    return client, fields_of(page)


def send(client: FlaskClient, slug: str = "networks", **fields: str) -> TestResponse:
    return client.post(f"/consultations/{slug}/answer/review", data=FORM | fields)


def solved(fields: dict[str, str]) -> dict[str, str]:
    return fields | {"proof_solution": solve_challenge(fields["proof_challenge"])}


def stored(web_session: Session) -> list[Response]:
    found = list(web_session.scalars(select(Response)))
    web_session.expunge_all()
    web_session.rollback()  # begun for writing: whoever submits would wait for it
    return found


def test_a_solved_proof_sends(
    app: Flask, consultation: Consultation, web_session: Session, later: Any
) -> None:
    client, fields = at_review(app)
    later(100)
    assert send(client, **solved(fields)).status_code == 303
    (response,) = stored(web_session)
    # From the first save to the last button, to 15 seconds.
    assert response.seconds == 105


def test_a_handful_from_one_network_needs_no_proof_and_no_waiting(
    settings: Settings, app: Flask, consultation: Consultation
) -> None:
    app.config["WAYMARK_SETTINGS"] = settings.model_copy(
        update={"proof_free_network": 2, "proof_bits": 8, "proof_bits_most": 12}
    )
    assert [
        send(client, **fields).status_code for client, fields in (at_review(app), at_review(app))
    ] == [303, 303]
    client, fields = at_review(app)
    assert send(client, **fields).status_code == 422
    assert send(client, **solved(fields)).status_code == 303


def test_what_is_refused_keeps_everything_and_says_why(
    app: Flask, consultation: Consultation, web_session: Session
) -> None:
    client, fields = at_review(app)
    answer = client.post(
        "/consultations/networks/answer/review",
        data=fields | {"publication": "named", "first_name": "Ána", "consent": "yes"},
    )
    assert answer.status_code == 422
    assert 'value="Ána"' in answer.text
    assert re.search(r'value="named"[^>]* checked', answer.text)
    assert re.search(r'name="consent"[^>]* checked', answer.text)
    assert "Not sent yet" in answer.text
    # Nobody begins to wait anew: it is the same challenge.
    assert fields_of(answer)["proof_challenge"] == fields["proof_challenge"]
    assert "20 seconds" in answer.text or "19 seconds" in answer.text
    assert stored(web_session) == []
    assert send(client, **solved(fields_of(answer))).status_code == 303


def test_a_proof_survives_another_fault_of_the_form(app: Flask, consultation: Consultation) -> None:
    client, fields = at_review(app)
    fields = solved(fields)
    answer = client.post("/consultations/networks/answer/review", data=fields)
    assert answer.status_code == 422
    assert "Not sent yet" not in answer.text
    assert fields_of(answer)["proof_solution"] == fields["proof_solution"]
    assert send(client, **fields_of(answer)).status_code == 303


@pytest.mark.parametrize("challenge", ["", "1.1.8." + "0" * 64, "<script>", "x" * 5000])
def test_a_missing_or_forged_challenge_gets_a_new_one(
    app: Flask, consultation: Consultation, web_session: Session, challenge: str
) -> None:
    client, fields = at_review(app)
    answer = send(client, **(fields | {"proof_challenge": challenge, "proof_solution": "0"}))
    assert answer.status_code == 422
    assert stored(web_session) == []
    new = fields_of(answer)
    assert new["proof_challenge"] != challenge
    assert new["proof_solution"] == ""
    assert send(client, **solved(new)).status_code == 303


def test_a_proof_is_not_used_for_a_second_draft(
    app: Flask, consultation: Consultation, web_session: Session
) -> None:
    first, fields = at_review(app)
    fields = solved(fields)
    assert send(first, **fields).status_code == 303
    second, own = at_review(app)
    answer = send(second, **(fields | {"csrf_token": own["csrf_token"]}))
    assert answer.status_code == 422
    assert len(stored(web_session)) == 1
    assert send(second, **solved(fields_of(answer))).status_code == 303


def test_a_proof_is_not_used_for_another_consultation(
    app: Flask, consultation: Consultation, web_session: Session
) -> None:
    open_consultation(web_session, datetime.now(UTC), slug="energy")
    web_session.commit()
    _, fields = at_review(app)
    other, own = at_review(app, "energy")
    answer = send(other, "energy", **(solved(fields) | {"csrf_token": own["csrf_token"]}))
    assert answer.status_code == 422
    assert stored(web_session) == []


def test_an_easier_difficulty_is_forged(app: Flask, consultation: Consultation) -> None:
    client, fields = at_review(app)
    version, issued, _bits, signature = fields["proof_challenge"].split(".")
    easier = ".".join([version, issued, "4", signature])
    answer = send(client, **solved(fields | {"proof_challenge": easier}))
    assert answer.status_code == 422


def test_an_expired_proof_is_asked_for_again(
    app: Flask, consultation: Consultation, later: Any
) -> None:
    client, fields = at_review(app)
    later(LIFETIME + 60)
    answer = send(client, **solved(fields))
    assert answer.status_code == 422
    assert "open for several hours" in answer.text
    assert fields_of(answer)["proof_challenge"] != fields["proof_challenge"]


def test_without_a_script_waiting_is_enough(
    app: Flask, consultation: Consultation, web_session: Session, later: Any
) -> None:
    client, fields = at_review(app)
    later(21)
    assert send(client, **fields).status_code == 303
    assert len(stored(web_session)) == 1


def test_sending_twice_leads_to_one_receipt(
    app: Flask, consultation: Consultation, web_session: Session
) -> None:
    client, fields = at_review(app)
    fields = solved(fields)
    first, second = send(client, **fields), send(client, **fields)
    assert first.headers["Location"] == second.headers["Location"]
    assert len(stored(web_session)) == 1


def test_the_same_proof_at_the_same_moment_counts_once(
    app: Flask, consultation: Consultation, web_session: Session
) -> None:
    client, fields = at_review(app)
    fields = solved(fields)
    cookies = "; ".join(f"{c.key}={c.value}" for c in client._cookies.values())

    def again(_: int) -> TestResponse:
        twin = app.test_client(use_cookies=False)
        return twin.post(
            "/consultations/networks/answer/review", data=FORM | fields, headers={"Cookie": cookies}
        )

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(again, range(6)))
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert len(stored(web_session)) == 1


def test_a_busy_network_gets_harder_challenges_and_others_do_not(
    app: Flask, consultation: Consultation
) -> None:
    for _ in range(4):
        client, fields = at_review(app)
        assert fields["proof_challenge"].split(".")[2] == "8"
        assert send(client, **solved(fields)).status_code == 303
    _, fields = at_review(app)
    assert fields["proof_challenge"].split(".")[2] == "9"
    client, _ = at_review(app)
    page = client.get(
        "/consultations/networks/answer/review", environ_base={"REMOTE_ADDR": "198.51.100.7"}
    )
    assert fields_of(page)["proof_challenge"].split(".")[2] == "8"


def test_a_consultation_can_do_without(
    app: Flask, consultation: Consultation, web_session: Session
) -> None:
    consultation.asks_proof = False
    web_session.commit()
    client, fields = at_review(app)
    assert "proof_challenge" not in fields
    assert send(client, **fields).status_code == 303


def test_a_time_that_the_browser_made_up_is_not_kept(
    app: Flask, consultation: Consultation, web_session: Session
) -> None:
    client, fields = at_review(app)
    client.set_cookie("begun_networks", "1.deadbeef", path="/consultations/networks")
    assert send(client, **solved(fields)).status_code == 303
    (response,) = stored(web_session)
    assert response.seconds is None


def test_a_draft_taken_up_elsewhere_has_no_time(
    app: Flask, consultation: Consultation, web_session: Session
) -> None:
    client, _ = at_review(app)
    (code,) = [c.value for c in client._cookies.values() if c.key == "draft_networks"]
    elsewhere = app.test_client()
    page = elsewhere.get("/consultations/networks/resume")
    fields = fields_of(page)
    assert elsewhere.post(
        "/consultations/networks/resume", data=fields | {"code": code}
    ).status_code == 303  # fmt: skip
    fields = fields_of(elsewhere.get("/consultations/networks/answer/review"))
    assert send(elsewhere, **solved(fields)).status_code == 303
    (response,) = stored(web_session)
    assert response.seconds is None
