"""A citizen answers, without JavaScript: page by page, back and forth, to the receipt."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.audit import OPERATOR
from stakeholders.permissions import Role
from surveys.codes import draft_hash
from surveys.consultations import schedule_consultation
from surveys.inviting.invitations import create_invitations
from surveys.models import Consultation, Draft, Response
from tests.questionnaire_factory import open_consultation

BASE = "/consultations/networks"


@pytest.fixture
def consultation(web_session: Session) -> Consultation:
    consultation = open_consultation(web_session, datetime.now(UTC))
    web_session.commit()
    return consultation


def send(client: FlaskClient, address: str, **fields: object) -> object:
    """Fill in the form at ``address`` as a browser without scripts does, and press a button."""
    page = client.get(address)
    assert page.status_code == 200, page.text
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
    return client.post(address, data=hidden | {"action": "next"} | fields)


def about_you(client: FlaskClient) -> None:
    answer = send(client, f"{BASE}/answer/about-you", respondent_type="eu_citizen", country="PT")
    assert answer.status_code == 303, answer.text  # type: ignore[attr-defined]


def test_the_whole_way_to_the_receipt(
    client: FlaskClient, consultation: Consultation, web_session: Session
) -> None:
    assert "Networks of tomorrow" in client.get("/consultations/").text
    assert "Answer the questions" in client.get(BASE).text
    assert client.get(f"{BASE}/answer").headers["Location"].endswith("/answer/about-you")
    about_you(client)
    first = send(client, f"{BASE}/answer/section/views", Q1="no", Q3=["a", "b"])
    assert first.headers["Location"].endswith("/section/detail")
    second = send(
        client, f"{BASE}/answer/section/detail", **{"Q4.r1": "2", "Q5": "12,5", "Q6": "2030-06-30"}
    )
    assert second.headers["Location"].endswith("/review")
    review = client.get(f"{BASE}/answer/review").text
    assert "Portugal" in review
    assert "Speed: High" in review
    sent = send(client, f"{BASE}/answer/review", publication="anonymous", consent="yes")
    assert sent.status_code == 303, sent.text
    receipt = client.get(sent.headers["Location"])
    response = web_session.scalars(select(Response)).one()
    assert response.reference in receipt.text
    assert response.answers == {
        "Q1": "no", "Q3": ["a", "b"], "Q4": {"r1": "2"}, "Q5": 12.5, "Q6": "2030-06-30",
    }  # fmt: skip
    document = client.get(sent.headers["Location"] + ".json").get_json()
    assert document["answers"] == response.answers


def test_sending_twice_shows_the_same_receipt(
    client: FlaskClient, consultation: Consultation, web_session: Session
) -> None:
    about_you(client)
    send(client, f"{BASE}/answer/section/views", Q1="no")
    page = client.get(f"{BASE}/answer/review").text
    token = re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]
    fields = {"publication": "anonymous", "consent": "yes", "csrf_token": token}
    first = client.post(f"{BASE}/answer/review", data=fields)
    second = client.post(f"{BASE}/answer/review", data=fields)
    assert first.headers["Location"] == second.headers["Location"]
    assert len(web_session.scalars(select(Response)).all()) == 1


def test_an_answer_opens_further_questions_on_the_page(
    client: FlaskClient, consultation: Consultation
) -> None:
    about_you(client)
    answer = send(client, f"{BASE}/answer/section/views", Q1="yes")
    assert answer.headers["Location"].endswith("/section/views")
    page = client.get(f"{BASE}/answer/section/views").text
    assert "Why is it urgent?" in page
    assert "opened further questions" in page
    answer = send(client, f"{BASE}/answer/section/views", Q1="yes")
    assert answer.status_code == 422
    assert "This question needs an answer" in answer.text


def test_what_was_typed_is_shown_again_with_the_fault_and_the_rest_is_saved(
    client: FlaskClient, consultation: Consultation, web_session: Session
) -> None:
    about_you(client)
    answer = send(client, f"{BASE}/answer/section/detail", **{"Q4.r1": "2", "Q5": "lots"})
    assert answer.status_code == 422
    assert 'value="lots"' in answer.text
    assert 'href="#q-Q5"' in answer.text
    assert web_session.scalars(select(Draft)).one().answers == {"Q4": {"r1": "2"}}


def test_a_first_attempt_with_faults_can_be_corrected_and_sent_again(
    client: FlaskClient, consultation: Consultation
) -> None:
    faulty = send(client, f"{BASE}/answer/about-you", country="XX")
    page = faulty.text
    assert faulty.status_code == 422
    assert "I am answering as: Please fill in this field." in page
    assert "Please choose one of the answers offered." in page
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page))
    fields = {"action": "next", "respondent_type": "eu_citizen", "country": "PT"}
    corrected = client.post(f"{BASE}/answer/about-you", data=hidden | fields)
    assert corrected.status_code == 303


def test_every_fault_of_the_background_questions_and_of_the_last_page_is_said_in_words(
    client: FlaskClient, consultation: Consultation
) -> None:
    organisation = {"respondent_type": "ngo", "country": "PT", "organisation_name": "x" * 301}
    page = send(client, f"{BASE}/answer/about-you", **organisation, register_number="12").text
    assert "Expected digits, a hyphen and two digits" in page
    assert "This text is too long" in page
    about_you(client)
    review = send(client, f"{BASE}/answer/review")
    assert review.status_code == 422
    assert "Publish my response: Please fill in this field." in review.text
    assert 'href="#consent"' in review.text
    assert 'aria-describedby="consent-error"' in review.text


def test_leaving_gives_a_code_with_which_another_device_continues(
    app: object, client: FlaskClient, consultation: Consultation
) -> None:
    about_you(client)
    answer = send(client, f"{BASE}/answer/section/views", Q1="no", action="later")
    code = re.findall(r'class="wm-code">([^<]+)<', client.get(answer.headers["Location"]).text)[0]
    other = app.test_client()  # type: ignore[attr-defined]
    resumed = send(other, f"{BASE}/resume", code=code.lower().replace("-", " "))
    assert resumed.status_code == 303, resumed.text
    assert "checked" in other.get(f"{BASE}/answer/section/views").text
    wrong = send(other, f"{BASE}/resume", code="0000-0000-0000-0000")
    assert wrong.status_code == 422


def test_the_language_can_change_halfway(client: FlaskClient, consultation: Consultation) -> None:
    about_you(client)
    send(client, f"{BASE}/answer/section/views", Q1="no")
    assert client.get(f"{BASE}/answer/section/views?lang=fr").status_code == 303
    page = client.get(f"{BASE}/answer/section/views").text
    assert "Est-ce urgent" in page
    assert re.search(r'value="no" checked', page)


def test_nothing_is_saved_under_a_code_that_somebody_else_chose(
    client: FlaskClient, consultation: Consultation, web_session: Session
) -> None:
    chosen = "A" * 16
    client.set_cookie("draft_networks", chosen, path=BASE)
    about_you(client)
    given = client.get_cookie("draft_networks", path=BASE)
    assert given is not None
    assert given.value != chosen
    assert web_session.scalars(select(Draft)).one().code_hash == draft_hash(given.value)


def test_answers_sent_by_a_program_that_names_no_questions_are_not_lost(
    client: FlaskClient, consultation: Consultation, web_session: Session
) -> None:
    about_you(client)
    page = client.get(f"{BASE}/answer/section/detail").text
    token = re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]
    fields = {"Q4.r1": "2", "Q5": "7", "csrf_token": token}
    assert client.post(f"{BASE}/answer/section/detail", data=fields).status_code == 303
    faulty = client.post(f"{BASE}/answer/section/detail", data=fields | {"Q5": "lots"})
    assert faulty.status_code == 422
    assert web_session.scalars(select(Draft)).one().answers == {"Q4": {"r1": "2"}, "Q5": 7}


def test_a_closed_consultation_takes_no_answers(
    client: FlaskClient, consultation: Consultation, web_session: Session
) -> None:
    about_you(client)
    now = datetime.now(UTC)
    schedule_consultation(
        web_session, consultation=consultation, opens_at=now - timedelta(days=9),
        closes_at=now - timedelta(seconds=1), actor=OPERATOR, now=now,
    )  # fmt: skip
    web_session.commit()
    for address in (f"{BASE}/answer", f"{BASE}/answer/section/views"):
        page = client.get(address)
        assert page.status_code == 409
        assert "The consultation is closed" in page.text
    assert client.post(f"{BASE}/answer/review").status_code in (403, 409)


def test_reading_sets_no_cookie(client: FlaskClient, consultation: Consultation) -> None:
    for address in ("/", "/consultations/", BASE, f"{BASE}/answer/about-you", "/privacy"):
        response = client.get(address)
        assert response.status_code == 200
        assert "Set-Cookie" not in response.headers, address
        assert "public" in response.headers["Cache-Control"]


def test_another_site_cannot_submit(client: FlaskClient, consultation: Consultation) -> None:
    fields = {"respondent_type": "eu_citizen", "country": "PT"}
    address = f"{BASE}/answer/about-you"
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Referer": "https://elsewhere.example/page"},
    ):
        assert client.post(address, data=fields, headers=headers).status_code == 403
    about_you(client)
    assert client.post(address, data=fields).status_code == 403  # a draft needs its token


def test_two_megabytes_are_refused_clearly(client: FlaskClient, consultation: Consultation) -> None:
    about_you(client)
    answer = send(client, f"{BASE}/answer/section/views", Q1="no", Q2="x" * 2_100_000)
    assert answer.status_code == 413
    assert "too large" in answer.text


def test_hostile_texts_are_only_text(
    client: FlaskClient, consultation: Consultation, web_session: Session
) -> None:
    about_you(client)
    send(client, f"{BASE}/answer/section/views", Q1="yes")
    hostile = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'
    send(client, f"{BASE}/answer/section/views", Q1="yes", Q2=hostile)
    page = client.get(f"{BASE}/answer/review").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
    nul = send(client, f"{BASE}/answer/section/views", Q1="yes", Q2="a\x00b")
    assert nul.status_code == 422


def test_an_invitation_is_used_by_its_button_not_by_looking(
    app: object, client: FlaskClient, web_session: Session
) -> None:
    now = datetime.now(UTC)
    poll = open_consultation(web_session, now, slug="poll", kind="targeted", asks_profile=False)
    (token,) = create_invitations(web_session, consultation=poll, count=1, actor=OPERATOR, now=now)
    web_session.commit()
    assert client.get("/consultations/poll/answer").status_code == 403
    address = f"/consultations/poll/invitation/{token}"
    assert client.get(address).status_code == 200
    assert client.get(address).status_code == 200
    accepted = send(client, address)
    assert accepted.headers["Location"].endswith("/welcome")
    assert "wm-code" in client.get(accepted.headers["Location"]).text
    send(client, "/consultations/poll/answer/section/views", Q1="no")
    done = send(client, "/consultations/poll/answer/review", publication="anonymous", consent="yes")
    assert done.status_code == 303
    again = app.test_client()  # type: ignore[attr-defined]
    assert send(again, address).status_code == 403


def test_a_signed_in_person_answers_with_a_token(
    sign_in: Callable[..., FlaskClient], consultation: Consultation, web_session: Session
) -> None:
    citizen = sign_in(Role.CITIZEN)
    about_you(citizen)
    # The consultation is anonymous: the draft does not know the account.
    assert web_session.scalars(select(Draft)).one().account_id is None
