"""The receipt: on its page, as PDF and as JSON; changing and withdrawing until the closing."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.jobs import run_round
from core.audit import OPERATOR
from surveys.consultations import schedule_consultation
from surveys.models import Consultation, Draft, EndedReceipt, Response, Tombstone
from tests.pdf_reading import open_pdf
from tests.questionnaire_factory import open_consultation
from tests.web.test_answering import about_you, send

BASE = "/consultations/networks"


@pytest.fixture
def consultation(web_session: Session) -> Consultation:
    consultation = open_consultation(web_session, datetime.now(UTC))
    consultation.consents = [
        {"purpose": "contact", "version": "contact-3", "text": {"en": "Write to me."},
         "required": False},
        {"purpose": "archive", "version": "archive-1", "text": {"en": "Keep it for good."},
         "required": True},
    ]  # fmt: skip
    web_session.commit()
    return consultation


def text_of(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in open_pdf(content).pages)


SENDING = {"publication": "anonymous", "consent": "yes", "purposes": ["archive"]}


def answer(client: FlaskClient, **fields: str) -> str:
    """Answer and send; returns the address of the receipt."""
    about_you(client)
    send(client, f"{BASE}/answer/section/views", Q1="no", **fields)
    sent = send(client, f"{BASE}/answer/review", **SENDING)
    assert sent.status_code == 303, sent.text
    return sent.headers["Location"]


def stored(session: Session, table: type) -> list[object]:
    session.expire_all()
    rows = list(session.scalars(select(table)))
    session.rollback()
    return rows


def count(session: Session, table: type) -> int:
    found = session.scalar(select(func.count()).select_from(table)) or 0
    session.rollback()
    return found


def test_consents_are_asked_one_by_one_and_kept_with_their_version(
    client: FlaskClient, consultation: Consultation, web_session: Session
) -> None:
    about_you(client)
    send(client, f"{BASE}/answer/section/views", Q1="no")
    refused = send(client, f"{BASE}/answer/review", publication="anonymous", consent="yes")
    assert refused.status_code == 422
    assert "This consent is needed" in refused.text
    sent = send(
        client, f"{BASE}/answer/review", publication="anonymous", consent="yes",
        purposes=["archive", "contact", "invented"],
    )  # fmt: skip
    (response,) = web_session.scalars(select(Response)).all()
    assert response.consents == {
        "privacy": "privacy-2", "contact": "contact-3", "archive": "archive-1",
    }  # fmt: skip
    assert "contact-3" in client.get(sent.headers["Location"]).text


def test_the_receipt_as_a_document_and_its_proof(
    app: Flask, client: FlaskClient, consultation: Consultation, tmp_path: Path
) -> None:
    address = answer(client)
    before = client.get(f"{address}.pdf")
    assert before.headers["Content-Type"] == "application/pdf"
    assert "Not sealed yet" in text_of(before.data)
    assert client.get(f"{address}.json").get_json()["audit"]["sealed"] is False
    with app.app_context():
        run_round()
    document = client.get(f"{address}.json").get_json()
    assert document["audit"]["sealed"] is True
    pdf = text_of(client.get(f"{address}.pdf").data)
    assert document["reference"] in pdf
    assert "Is it urgent?" in pdf
    assert document["audit"]["root"] in pdf.replace("\n", "").replace(" ", "")
    path = tmp_path / "receipt.json"
    path.write_text(json.dumps(document))
    runner = app.test_cli_runner()
    good = runner.invoke(args=["audit", "verify-receipt", str(path), "--json"])
    assert good.exit_code == 0, good.output
    assert json.loads(good.output)["valid"] is True
    document["content"]["answers"]["Q1"] = "yes"
    path.write_text(json.dumps(document))
    bad = runner.invoke(args=["audit", "verify-receipt", str(path), "--json"])
    assert bad.exit_code == 1
    assert json.loads(bad.output)["valid"] is False


def test_changing_replaces_the_response_when_it_is_sent(
    app: Flask, client: FlaskClient, consultation: Consultation, web_session: Session
) -> None:
    old = answer(client, Q3="a")
    later = app.test_client()
    begun = send(later, f"{old}/change")
    assert begun.status_code == 303
    assert count(web_session, Response) == 1
    page = later.get(f"{BASE}/answer/section/views").text
    assert re.search(r'value="a" checked', page)
    send(later, f"{BASE}/answer/section/views", Q1="no", Q3=["b"])
    assert "You are changing your response" in later.get(f"{BASE}/answer/review").text
    new = send(later, f"{BASE}/answer/review", **SENDING).headers["Location"]
    assert new != old
    (response,) = stored(web_session, Response)
    assert response.answers == {"Q1": "no", "Q3": ["b"]}  # type: ignore[attr-defined]
    assert count(web_session, Tombstone) == 1
    assert client.get(new).status_code == 200
    gone = client.get(old)
    assert gone.status_code == 410
    assert "This response was changed" in gone.text
    # The tab in which the first one was sent sends it once more.
    assert count(web_session, EndedReceipt) == 1


def test_of_two_changes_the_second_is_refused_and_kept(
    app: Flask, client: FlaskClient, consultation: Consultation, web_session: Session
) -> None:
    old = answer(client)
    clients = [app.test_client(), app.test_client()]
    for one in clients:
        assert send(one, f"{old}/change").status_code == 303
    first, second = (send(one, f"{BASE}/answer/review", **SENDING) for one in clients)
    assert first.status_code == 303
    assert second.status_code == 409
    assert "was withdrawn or changed meanwhile" in second.text
    assert count(web_session, Response) == 1
    assert count(web_session, Draft) == 1


def test_withdrawing_deletes_the_response_and_says_so(
    app: Flask, client: FlaskClient, consultation: Consultation, web_session: Session
) -> None:
    old = answer(client)
    page = client.get(f"{old}/withdraw")
    assert "cannot be undone" in page.text
    done = send(client, f"{old}/withdraw")
    assert done.status_code == 303
    assert "This response was withdrawn" in client.get(old).text
    assert count(web_session, Response) == 0
    assert count(web_session, Tombstone) == 1
    token = re.findall(r'name="csrf_token" value="([^"]+)"', page.text)[-1]
    again = client.post(f"{old}/withdraw", data={"csrf_token": token})
    assert again.status_code == 410
    assert client.get(f"{old}.json").status_code == 410
    with app.app_context():
        run_round()
    assert answer(app.test_client())  # the next person is not kept from answering


def test_after_the_closing_neither_is_possible(
    client: FlaskClient, consultation: Consultation, web_session: Session
) -> None:
    old = answer(client)
    tokens = {
        step: re.findall(r'csrf_token" value="([^"]+)"', client.get(f"{old}/{step}").text)[-1]
        for step in ("change", "withdraw")
    }
    now = datetime.now(UTC)
    schedule_consultation(
        web_session, consultation=consultation, opens_at=now - timedelta(days=9),
        closes_at=now - timedelta(seconds=1), actor=OPERATOR, now=now,
    )  # fmt: skip
    web_session.commit()
    assert "can no longer be changed or withdrawn" in client.get(old).text
    for step, token in tokens.items():
        assert "closed" in client.get(f"{old}/{step}").text
        assert client.post(f"{old}/{step}", data={"csrf_token": token}).status_code == 409
    assert count(web_session, Response) == 1


def test_a_guessed_receipt_leads_nowhere(client: FlaskClient, consultation: Consultation) -> None:
    for ending in ("", ".json", ".pdf", "/change", "/withdraw"):
        assert client.get(f"/receipts/{'A' * 26}{ending}").status_code == 404


def test_a_version_published_meanwhile_does_not_disturb_who_began_on_the_old_one(
    client: FlaskClient,
    consultation: Consultation,
    web_session: Session,
    publish_next: Callable[[], None],
) -> None:
    about_you(client)
    publish_next()
    assert "Is it urgent?" in client.get(f"{BASE}/answer/section/views").text
    send(client, f"{BASE}/answer/section/views", Q1="no")
    sent = send(client, f"{BASE}/answer/review", **SENDING)
    assert sent.status_code == 303, sent.text
    (response,) = stored(web_session, Response)
    assert response.version_id != consultation.current_version_id  # type: ignore[attr-defined]


@pytest.fixture
def publish_next(web_session: Session, consultation: Consultation) -> Callable[[], None]:
    from surveys.consultations import add_version, publish_version
    from tests.questionnaire_factory import definition

    def publish_next() -> None:
        now = datetime.now(UTC)
        document = definition()
        document["sections"][0]["questions"][0]["title"] = {"en": "Does it hurry?"}
        version = add_version(
            web_session, consultation=consultation, definition=document, actor=OPERATOR, now=now
        )
        publish_version(
            web_session, consultation=consultation, version=version, actor=OPERATOR, now=now
        )
        web_session.commit()

    return publish_next
