"""A person makes, sees and ends tokens of their own: on the page, and the operator by command."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.audit import OPERATOR
from stakeholders.accounts import create_account
from stakeholders.models import ApiToken
from stakeholders.permissions import SCOPES, Role
from tests.web.api_programs import Program
from tests.web.conftest import PASSWORD, token_in

PAGE = "/account/tokens/"
SECRET = re.compile(r'value="(wmk_[^"]+)"')


def make(client: FlaskClient, **changes: object):  # type: ignore[no-untyped-def]
    form = {
        "name": "Statistics", "scopes": ["questionnaire.read"], "days": "30",
        "csrf_token": token_in(client.get(PAGE).text),
    } | changes  # fmt: skip
    return client.post(PAGE, data=form)


def test_a_token_is_made_shown_once_used_and_revoked(
    app: Flask, sign_in: Callable[..., FlaskClient], web_session: Session
) -> None:
    person = sign_in(Role.SECRETARIAT)
    assert "no token" in person.get(PAGE).text
    made = make(person)
    assert made.status_code == 200
    assert "no-store" in made.headers["Cache-Control"]
    secret = SECRET.findall(made.text)[0]
    assert not SECRET.search(person.get(PAGE).text)
    program = Program(app.test_client(), secret)
    assert program.get("/consultations?phase=prepared").status_code == 200
    page = person.get(PAGE).text
    assert "last used on" in page
    token = web_session.scalars(select(ApiToken)).one()
    web_session.commit()
    ended = person.post(f"{PAGE}{token.id}/revoke", data={"csrf_token": token_in(page)})
    assert ended.status_code == 303
    assert program.get("/consultations").status_code == 401
    assert "Revoked" in person.get(PAGE).text


def test_what_is_wrong_is_said_and_nothing_is_made(
    sign_in: Callable[..., FlaskClient], web_session: Session
) -> None:
    person = sign_in(Role.AUDITOR)
    assert "response.read" not in person.get(PAGE).text
    for changes, status in (
        ({"name": " "}, 422), ({"scopes": []}, 422), ({"days": "9999"}, 422),
        ({"days": "x"}, 422), ({"scopes": ["response.read"]}, 403), ({"scopes": ["all"]}, 422),
        ({"csrf_token": ""}, 403),
    ):  # fmt: skip
        answer = make(person, **{"scopes": ["result.read"]} | changes)
        assert answer.status_code == status, changes
    assert web_session.scalars(select(ApiToken)).all() == []


def test_a_citizen_is_told_that_none_is_needed(sign_in: Callable[..., FlaskClient]) -> None:
    page = sign_in(Role.CITIZEN).get(PAGE).text
    assert "can be read without one" in page
    assert "<form" in page  # signing out
    assert 'name="scopes"' not in page


def test_only_ones_own_tokens_are_shown_and_ended(
    sign_in: Callable[..., FlaskClient], web_session: Session
) -> None:
    owner, stranger = sign_in(Role.SECRETARIAT), sign_in(Role.AUDITOR)
    make(owner, name="Private name")
    token = web_session.scalars(select(ApiToken)).one()
    web_session.commit()
    page = stranger.get(PAGE).text
    assert "Private name" not in page
    refused = stranger.post(f"{PAGE}{token.id}/revoke", data={"csrf_token": token_in(page)})
    assert refused.status_code == 404
    web_session.refresh(token)
    assert token.revoked_at is None


def test_the_operator_makes_lists_and_ends_tokens(
    app: Flask, client: FlaskClient, web_session: Session
) -> None:
    create_account(
        web_session, email="ada@example.org", display_name="Ada", password=PASSWORD,
        roles=[Role.SECRETARIAT], actor=OPERATOR, now=datetime.now(UTC),
    )  # fmt: skip
    web_session.commit()
    run = app.test_cli_runner().invoke
    command = ["accounts", "token"]
    scopes = [argument for scope in SCOPES for argument in ("--scope", scope)]
    made = run(args=[*command, "create", "ada@example.org", "--name", "x", *scopes, "--json"])
    document = json.loads(made.output)
    assert Program(client, document["token"]).get("/consultations").status_code == 200
    listed = json.loads(run(args=[*command, "list", "ada@example.org", "--json"]).output)
    assert [entry["id"] for entry in listed["tokens"]] == [document["id"]]
    assert "token" not in listed["tokens"][0]
    assert run(args=[*command, "revoke", "ada@example.org", document["id"]]).exit_code == 0
    assert Program(client, document["token"]).get("/consultations").status_code == 401
    assert run(args=[*command, "list", "nobody@example.org"]).exit_code == 1
    assert run(args=[*command, "create", "ada@example.org", "--name", "x"]).exit_code == 2
