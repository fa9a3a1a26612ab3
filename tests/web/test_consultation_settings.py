"""A consultation without a developer: begun, described, with its consents, on the desk alone."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from core.audit import OPERATOR
from core.clock import utc_now
from stakeholders.permissions import Role
from surveys.consultations import add_version, get_consultation, publish_version
from surveys.making.editing import new_document
from surveys.models import Consultation
from surveys.phases import schedule_consultation


@pytest.fixture
def desk(sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    return sign_in(Role.SECRETARIAT)


def post(client: FlaskClient, path: str, **fields: object) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/").text)
    assert found is not None
    data = {"csrf_token": found.group(1), **fields}
    return client.post(path, data=data, follow_redirects=True).text


def begin(client: FlaskClient) -> None:
    post(client, "/desk/new-consultation", title="Smart networks: what next?", kind="public",
         anonymity="anonymous", **{"in": "en"})  # fmt: skip


def stored(session: Session) -> Consultation:
    session.expire_all()
    consultation = get_consultation(session, slug="smart-networks-what-next")
    session.refresh(consultation)
    session.expunge(consultation)
    session.rollback()  # reading took the write lock
    return consultation


def open_it(session: Session) -> None:
    consultation = get_consultation(session, slug="smart-networks-what-next")
    document = new_document(title={"en": "T"}, languages=["en"])
    document["sections"][0]["title"] = {"en": "S"}
    version = add_version(
        session, consultation=consultation, definition=document, actor=OPERATOR, now=utc_now()
    )
    publish_version(
        session, consultation=consultation, version=version, actor=OPERATOR, now=utc_now()
    )
    schedule_consultation(
        session, consultation=consultation, opens_at=utc_now() - timedelta(hours=1),
        closes_at=utc_now() + timedelta(days=9), actor=OPERATOR, now=utc_now(),
    )  # fmt: skip
    session.commit()


def test_a_consultation_is_begun_with_a_title(desk: FlaskClient, web_session: Session) -> None:
    begin(desk)
    consultation = stored(web_session)
    assert consultation.title["en"] == "Smart networks: what next?"
    assert consultation.asks_profile
    assert "in use already" in post(
        desk, "/desk/new-consultation", title="Smart networks, what next", kind="public"
    )


@pytest.mark.parametrize(
    "fields", [{"title": ""}, {"title": "A", "kind": "secret"}, {"title": "…"}]
)
def test_what_is_missing_is_said_and_nothing_created(
    desk: FlaskClient, fields: dict[str, str]
) -> None:
    assert "Nothing was created" in post(desk, "/desk/new-consultation", **fields)


def test_texts_are_written_in_any_of_the_languages(desk: FlaskClient, web_session: Session) -> None:
    begin(desk)
    address = "/desk/consultations/smart-networks-what-next/settings/texts"
    post(desk, address, title="Réseaux", summary="Pourquoi nous demandons.", **{"in": "fr"})
    post(desk, address, title="Võrgud", summary="", **{"in": "et"})
    consultation = stored(web_session)
    assert dict(consultation.title) == {
        "en": "Smart networks: what next?", "fr": "Réseaux", "et": "Võrgud",
    }  # fmt: skip
    assert dict(consultation.summary) == {"fr": "Pourquoi nous demandons."}


def consents(client: FlaskClient, **fields: str) -> str:
    address = "/desk/consultations/smart-networks-what-next/settings/consents"
    return post(
        client, address, **{name.replace("_", "-"): value for name, value in fields.items()}
    )


def test_consents_are_kept_by_purpose_and_version(desk: FlaskClient, web_session: Session) -> None:
    begin(desk)
    consents(desk, purpose_0="follow-up", version_0="1", text_0="You may write to me.")
    assert stored(web_session).consents == [
        {"purpose": "follow-up", "version": "1", "text": {"en": "You may write to me."},
         "required": False}
    ]  # fmt: skip
    assert "expected a version" in consents(
        desk, was_0="follow-up", purpose_0="follow-up", version_0="", text_0="You may."
    )
    assert "letters a-z" in consents(desk, purpose_0="privacy", version_0="1", text_0="x")


def test_words_that_people_consented_to_need_a_new_version(
    desk: FlaskClient, web_session: Session
) -> None:
    begin(desk)
    consents(desk, purpose_0="follow-up", version_0="1", text_0="You may write to me.")
    open_it(web_session)
    was = {"was_0": "follow-up", "purpose_0": "follow-up", "text_0": "You may call me."}
    assert "give a new version" in consents(desk, version_0="1", **was)
    consents(desk, version_0="2", **was)
    assert stored(web_session).consents[0]["version"] == "2"


def test_what_people_were_told_stays_once_it_is_open(
    desk: FlaskClient, web_session: Session
) -> None:
    begin(desk)
    address = "/desk/consultations/smart-networks-what-next/settings/background"
    post(desk, address, asks_profile="yes", anonymous_shows=["size", "name"], asks_proof="yes")
    assert stored(web_session).anonymous_shows == ["size", "name"]
    open_it(web_session)
    assert "have been told" in post(desk, address, asks_profile="yes", anonymous_shows=["type"])
    post(desk, address, asks_profile="yes", anonymous_shows=["size", "name"])
    assert not stored(web_session).asks_proof


def test_a_title_without_latin_letters_needs_no_short_name(desk: FlaskClient) -> None:
    page = post(
        desk, "/desk/new-consultation", title="Ευρωπαϊκά δίκτυα", kind="public",
        anonymity="anonymous", **{"in": "el"},
    )  # fmt: skip
    assert "Ευρωπαϊκά δίκτυα" in page
    assert "Begin a questionnaire" in page
