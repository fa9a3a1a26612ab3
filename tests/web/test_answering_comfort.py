"""Beside the straight way: faults in order, coming back after sending, names of files."""

import io
import re
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from surveys.models import Consultation, Draft, Response
from surveys.uploads import ENDINGS, MEDIA_TYPES, fitting_name
from tests.every_question import definition as every_type
from tests.questionnaire_factory import definition, open_consultation
from tests.web.test_answering import BASE, about_you, send


@pytest.fixture
def opened(web_session: Session) -> Consultation:
    consultation = open_consultation(web_session, datetime.now(UTC))
    web_session.commit()
    return consultation


def sent_response(client: FlaskClient) -> str:
    """Answer and send; returns the address of the receipt."""
    about_you(client)
    send(client, f"{BASE}/answer/section/views", Q1="no")
    given = {"publication": "anonymous", "consent": "yes"}
    return str(send(client, f"{BASE}/answer/review", **given).headers["Location"])


def test_faults_are_listed_in_the_order_of_the_questions(
    client: FlaskClient, web_session: Session
) -> None:
    asked = definition()
    for question in asked["sections"][1]["questions"]:
        question["required"] = True
    open_consultation(web_session, datetime.now(UTC), definition=asked, asks_profile=False)
    web_session.commit()
    page = send(client, f"{BASE}/answer/section/detail", Q5="lots").text
    listed = re.findall(r'href="#q-(\w+)"', page)
    assert listed == sorted(listed)
    assert len(listed) >= 3
    for code in listed:  # where the link leads takes the focus
        assert re.search(rf'<(fieldset|div)[^>]* id="q-{code}" tabindex="-1"', page)
    assert not re.search(r'id="q-\w+" tabindex', client.get(f"{BASE}/answer/section/views").text)


@pytest.mark.parametrize(("action", "leads_to"), [("later", "/saved"), ("back", "/about-you")])
def test_leaving_a_page_whose_answers_open_questions_leaves_it(
    client: FlaskClient, opened: Consultation, action: str, leads_to: str
) -> None:
    about_you(client)
    answer = send(client, f"{BASE}/answer/section/views", Q1="yes", action=action)
    assert answer.headers["Location"].endswith(leads_to)


def test_whoever_comes_back_after_sending_is_told_and_led_to_the_receipt(
    client: FlaskClient, opened: Consultation, web_session: Session
) -> None:
    receipt = sent_response(client)
    for step in ("about-you", "section/views"):
        page = client.get(f"{BASE}/answer/{step}").text
        assert "You have sent a response already" in page
        assert f'href="{receipt}"' in page
    # Somebody else begins anew: told once more, and the first response is untouched.
    send(client, f"{BASE}/answer/section/views", Q1="yes", action="draft")
    page = client.get(f"{BASE}/answer/section/views").text
    assert "What you fill in now is a new response." in page
    assert "You have sent a response already" not in page
    assert web_session.scalars(select(Response)).one().answers == {"Q1": "no"}
    assert web_session.scalars(select(Draft)).one().answers == {"Q1": "yes"}


def test_a_new_reader_is_not_told_of_anything_sent(
    client: FlaskClient, opened: Consultation
) -> None:
    assert "You have sent" not in client.get(f"{BASE}/answer/about-you").text


def test_switching_the_language_on_the_last_page_keeps_what_is_chosen_there(
    client: FlaskClient, opened: Consultation, web_session: Session
) -> None:
    about_you(client)
    send(client, f"{BASE}/answer/section/views", Q1="no")
    chosen = {"publication": "named", "first_name": "Ana", "consent": "yes"}
    page = send(client, f"{BASE}/answer/review", **chosen, action="language:fr")
    assert page.status_code == 200
    assert '<html lang="fr"' in page.text
    assert "Votre avis" in page.text
    assert re.search(r'name="publication"[^>]*value="named" checked', page.text)
    assert 'value="Ana"' in page.text
    assert re.search(r'name="consent"[^>]*checked', page.text)
    assert not web_session.scalars(select(Response)).all()
    assert '<html lang="fr"' in client.get(f"{BASE}/answer/review").text


def test_a_statement_of_ones_own_leads_back_to_the_question_on_one_page(
    client: FlaskClient, web_session: Session
) -> None:
    asked = every_type() | {"layout": "one_page"}
    code = next(
        question["code"]
        for question in asked["sections"][0]["questions"]
        if question["type"] == "statements"
    )
    asked["sections"][0]["questions"] = [
        question | ({"allow_own": True} if question["code"] == code else {})
        for question in asked["sections"][0]["questions"]
    ]
    open_consultation(web_session, datetime.now(UTC), definition=asked, asks_profile=False)
    web_session.commit()
    page = client.get(f"{BASE}/answer/statements/{code}").text
    assert f'href="{BASE}/answer/questions#q-{code}"' in page


def test_every_accepted_type_has_an_ending() -> None:
    assert ENDINGS.keys() == MEDIA_TYPES.keys()


@pytest.mark.parametrize(
    ("name", "kind", "kept"),
    [
        ("page.html", "text/plain", "page.html.txt"),
        ("run.exe", "application/pdf", "run.exe.pdf"),
        ("htaccess", "text/plain", "htaccess.txt"),
        ("Paper.PDF", "application/pdf", "Paper.PDF"),
        ("photo.jpeg", "image/jpeg", "photo.jpeg"),
        ("n" * 120, "image/png", "n" * 116 + ".png"),
    ],
)
def test_a_name_ends_as_the_content_does(name: str, kind: str, kept: str) -> None:
    assert fitting_name(name, kind, longest=120) == kept


def test_files_leave_room_for_answers(
    client: FlaskClient, web_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_consultation(web_session, datetime.now(UTC), definition=every_type(), asks_profile=False)
    web_session.commit()
    code = next(
        q["code"] for q in every_type()["sections"][0]["questions"] if q["type"] == "upload"
    )
    monkeypatch.setattr("app.uploads.shutil.disk_usage", lambda path: SimpleNamespace(free=10**8))
    file = {"file": (io.BytesIO(b"%PDF-1.7 words"), "paper.pdf")}
    answer = client.post(f"{BASE}/answer/files/add/{code}", data=file)
    assert answer.status_code == 507
    assert "no room for it" in answer.text


def test_whoever_is_still_typing_at_the_closing_gets_the_words_back(
    client: FlaskClient, opened: Consultation, web_session: Session
) -> None:
    about_you(client)
    page = client.get(f"{BASE}/answer/section/views").text
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page))
    now = datetime.now(UTC)
    opened.opens_at, opened.closes_at = now - timedelta(days=9), now - timedelta(seconds=1)
    web_session.commit()
    words = {"Q1": "yes", "Q2": "Because <b>time</b> runs out", "asked": "Q1 Q2"}
    answer = client.post(f"{BASE}/answer/section/views", data=hidden | words)
    assert answer.status_code == 409
    assert "Your answers were not sent" in answer.text
    assert "Because &lt;b&gt;time&lt;/b&gt; runs out" in answer.text
    assert f'href="{BASE}"' in answer.text
    late = client.get(f"{BASE}/answer/review")
    assert late.status_code == 409
    assert "The consultation is closed" in late.text


def test_a_receipt_shows_what_was_asked_on_the_day_of_the_response(
    client: FlaskClient, web_session: Session
) -> None:
    asked = definition()
    asked["sections"][0]["questions"][1]["show_if"] = "Q1 == 'yes' and year(today()) >= 2020"
    open_consultation(web_session, datetime.now(UTC), definition=asked, asks_profile=False)
    web_session.commit()
    given = {"Q1": "yes", "Q2": "words of that day"}
    send(client, f"{BASE}/answer/section/views", **given, asked="Q1 Q2", action="draft")
    last = {"publication": "anonymous", "consent": "yes"}
    receipt = str(send(client, f"{BASE}/answer/review", **last).headers["Location"])
    assert "words of that day" in client.get(receipt).text
    web_session.scalars(select(Response)).one().day = date(2019, 1, 1)
    web_session.commit()
    assert "words of that day" not in client.get(receipt).text


def test_the_page_of_a_consultation_says_the_same_minutes_as_its_first_step(
    client: FlaskClient, opened: Consultation
) -> None:
    first = client.get(f"{BASE}/answer/about-you").text
    minutes = re.search(r"about (\d+) minutes? left", first)
    assert minutes is not None
    assert f"about {minutes[1]} minute" in client.get(BASE).text
