"""The API under attack: tokens, cookies, other sites, and bodies made to confuse or exhaust."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import create_app
from app.access import PUBLIC, access_of, is_for_programs, scope_of
from app.config import Settings
from app.limits import limiter
from core.audit import OPERATOR
from stakeholders.accounts import deactivate_account, find_account_by_email
from stakeholders.models import ApiToken
from stakeholders.permissions import PERMISSIONS, SCOPES, Role
from surveys.models import Consultation, Draft
from surveys.proof_of_work import solve_challenge
from tests.questionnaire_factory import open_consultation
from tests.web.api_programs import API, Program, make_token, problem_in

NEW = {"slug": "networks", "title": {"en": "Networks"}}
ANSWERS = {"answers": {"Q1": "no"}}
DRAFT = "/consultations/networks/draft"


@pytest.fixture
def open_slug(web_session: Session) -> str:
    open_consultation(web_session, datetime.now(UTC), asks_profile=False)
    web_session.commit()
    return "networks"


def begin(client: FlaskClient) -> Program:
    code = Program(client).send("POST", "/consultations/networks/drafts", {}).json["code"]
    return Program(client, draft=code)


class TestTokens:
    def test_every_route_for_programs_asks_for_its_scope(
        self, app: Flask, client: FlaskClient
    ) -> None:
        asked = 0
        for rule in app.url_map.iter_rules():
            view = app.view_functions[rule.endpoint]
            if not is_for_programs(view):
                assert not rule.rule.startswith("/api/"), rule.rule
                continue
            scope = scope_of(view)
            assert access_of(view) == (PUBLIC if scope is None else SCOPES[scope])
            if scope is None:
                continue
            address = rule.rule.replace("<slug>", "x")
            method = next(iter((rule.methods or set()) - {"HEAD", "OPTIONS"}))
            answer = client.open(address, method=method)
            assert problem_in(answer, 401)["code"] == "api.token_needed"
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
            asked += 1
        assert asked >= 8
        assert set(SCOPES.values()) <= set(PERMISSIONS)

    @pytest.mark.parametrize("scope", SCOPES)
    def test_one_scope_opens_nothing_else(
        self, app: Flask, client: FlaskClient, web_session: Session, scope: str
    ) -> None:
        program = Program(client, make_token(app, web_session, scope))
        for rule in app.url_map.iter_rules():
            wanted = scope_of(app.view_functions[rule.endpoint])
            if wanted in (None, scope):
                continue
            method = next(iter((rule.methods or set()) - {"HEAD", "OPTIONS"}))
            path = rule.rule.removeprefix(API).replace("<slug>", "x")
            problem = problem_in(program.send(method, path, {}), 403)
            assert problem["code"] == "api.scope_missing"
            assert str(wanted) in problem["detail"]

    @pytest.mark.parametrize(
        "header",
        [
            "", "Bearer", "Bearer ", "Bearer x", "Basic dXNlcjpwYXNz", "bearer wmk_",
            "Bearer wmk_00000000_" + "a" * 43, "Bearer \u00e9", "Bearer " + "x" * 5000,
        ],
    )  # fmt: skip
    def test_what_is_no_token_is_refused_even_for_what_is_public(
        self, client: FlaskClient, header: str
    ) -> None:
        answer = client.get(f"{API}/consultations", headers={"Authorization": header})
        assert problem_in(answer, 401)["code"] == "api.token_invalid"
        assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]

    def test_a_token_of_another_instance_is_told_so(
        self, app: Flask, client: FlaskClient, web_session: Session
    ) -> None:
        token = make_token(app, web_session)
        app.config["SECRET_KEY"] = "another instance"
        problem = problem_in(Program(client, token).get("/consultations"), 401)
        assert token.split("_")[1] in problem["detail"]
        assert "instance" in problem["detail"]
        assert token not in str(problem)

    @pytest.mark.parametrize("name", ["access_token", "token", "api_key", "x"])
    def test_a_token_in_an_address_is_refused(
        self, app: Flask, client: FlaskClient, web_session: Session, name: str
    ) -> None:
        token = make_token(app, web_session)
        problem = problem_in(Program(client).get(f"/consultations?{name}={token}"), 400)
        assert problem["code"] == "api.token_in_address"
        assert token not in str(problem)

    def test_it_ends_with_the_account(
        self, app: Flask, client: FlaskClient, web_session: Session
    ) -> None:
        program = Program(client, make_token(app, web_session))
        assert program.send("POST", "/consultations", NEW).status_code == 201
        account = find_account_by_email(web_session, email="programs-secretariat@example.org")
        assert account is not None
        deactivate_account(web_session, account=account, actor=OPERATOR, now=datetime.now(UTC))
        web_session.commit()
        problem_in(program.get("/consultations"), 401)

    def test_the_day_of_use_is_kept(
        self, app: Flask, client: FlaskClient, web_session: Session
    ) -> None:
        program = Program(client, make_token(app, web_session))
        for _ in range(2):
            assert program.get("/consultations").status_code == 200
        web_session.expire_all()
        assert web_session.scalar(select(ApiToken.last_used_on)) == datetime.now(UTC).date()


class TestCookies:
    def test_a_signed_in_person_is_nobody_here(
        self, sign_in: Callable[..., FlaskClient], web_session: Session
    ) -> None:
        person = sign_in(Role.SECRETARIAT)
        for headers in ({}, {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}):
            answer = person.post(f"{API}/consultations", json=NEW, headers=headers)
            assert answer.status_code in (401, 403)
            assert answer.content_type == "application/problem+json"
        assert person.get(f"{API}/consultations/x/responses").status_code == 401
        assert web_session.scalar(select(func.count()).select_from(Consultation)) == 0

    def test_pages_of_other_sites_cannot_answer_with_their_visitors(
        self, client: FlaskClient, open_slug: str, web_session: Session
    ) -> None:
        for headers in (
            {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
            {"Origin": "https://evil.example"}, {"Origin": "null"},
        ):  # fmt: skip
            answer = client.post(f"{API}/consultations/networks/drafts", json={}, headers=headers)
            assert problem_in(answer, 403)["code"] == "security.cross_site"
        assert web_session.scalar(select(func.count()).select_from(Draft)) == 0

    @pytest.mark.parametrize(
        "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
    )
    def test_a_form_is_no_json(self, client: FlaskClient, open_slug: str, kind: str) -> None:
        answer = client.post(
            f"{API}/consultations/networks/drafts", data=b"{}", content_type=kind or None
        )
        assert problem_in(answer, 415)["code"] == "api.media_type"

    def test_the_cookie_of_a_draft_opens_nothing(self, client: FlaskClient, open_slug: str) -> None:
        program = begin(client)
        client.set_cookie("draft_networks", program.headers["Waymark-Draft"], path="/")
        problem_in(Program(client).get(DRAFT), 401)
        # Nor does it get in the way of a request that shows its own authority.
        assert program.send("PATCH", DRAFT, ANSWERS).status_code == 200


class TestBodies:
    @pytest.mark.parametrize(
        "body",
        [
            b"", b"{", b"nothing", b"[1,]", b"{} {}", b"\xff\xfe{}", b"\xef\xbb\xbf{}",
            b'{"answers": {"Q5": NaN}}', b'{"answers": {"Q5": Infinity}}',
            b'{"answers": {"Q5": -Infinity}}',
            b'{"answers": {}, "answers": {"Q1": "no"}}', b'{"answers": {"Q1": "no", "Q1": "yes"}}',
            b'{"answers": {"Q1": ' + b"[" * 100 + b"]" * 100 + b"}}",
            b"[" * 100_000, b'{"a":' * 100_000,
        ],
        ids=lambda body: body[:40].decode(errors="replace"),
    )  # fmt: skip
    def test_json_that_can_be_misread_or_exhausts_is_refused(
        self, client: FlaskClient, open_slug: str, body: bytes
    ) -> None:
        program = begin(client)
        began = time.perf_counter()
        problem = problem_in(program.send("PATCH", DRAFT, body), 400)
        assert problem["code"] == "api.unreadable_body"
        assert time.perf_counter() - began < 2
        assert program.get(DRAFT).json["answers"] == {}

    def test_a_huge_body_is_refused_before_it_is_read(
        self, client: FlaskClient, open_slug: str
    ) -> None:
        body = b'{"answers": {"Q2": "' + b"a" * 3_000_000 + b'"}}'
        problem_in(begin(client).send("PATCH", DRAFT, body), 413)

    @pytest.mark.parametrize(
        ("body", "path"),
        [
            (b'{"answers": {"Q2": "a\\u0000b"}}', "document"),
            (b'{"answers": {"Q2": "\\ud800"}}', "document"),
            (b'{"answers": {"\\ud800": 1}}', "document"),
            (b'{"answers": {"Q5": 1e999}}', "document"),
            (b'{"answers": {"Q5": 9007199254740993}}', "document"),
            (b'{"answers": {"Q5": ' + b"9" * 5000 + b"}}", "document"),
            (b'{"answers": []}', "answers"), (b'{"answers": null}', "answers"),
            (b'{"answers": {"Nothing": 1}}', "answers.Nothing"),
            (b'{"answers": {"Nothing": null}}', "answers.Nothing"),
            (b'{"answers": {"Q1": "maybe"}}', "answers.Q1"),
            (b'{"answers": {"Q1": {"a": [1]}}}', "answers.Q1"),
            (b'{"answers": {"Q3": ["a", "a"]}}', "answers.Q3"),
            (b'{"answers": {"Q5": "12"}}', "answers.Q5"),
            (b'{"answers": {"Q5": true}}', "answers.Q5"),
            (b'{"answers": {"Q4": {"r9": "1"}}}', "answers.Q4.r9"),
            (b'{"profile": {"role": "x"}}', "profile.role"),
            (b'{"profile": {"country": "XX", "respondent_type": "ngo"}}', "profile.country"),
            (b'{"language": "xx"}', "language"), (b'{"code": "x"}', "code"),
        ],
    )  # fmt: skip
    def test_what_is_wrong_is_named_and_nothing_is_saved(
        self, client: FlaskClient, open_slug: str, body: bytes, path: str
    ) -> None:
        program = begin(client)
        before = program.get(DRAFT).json
        problem = problem_in(program.send("PATCH", DRAFT, body), 422)
        assert path in [fault["path"] for fault in problem["errors"]]
        assert program.get(DRAFT).json == before

    def test_one_wrong_answer_keeps_none(self, client: FlaskClient, open_slug: str) -> None:
        program = begin(client)
        problem_in(program.send("PATCH", DRAFT, {"answers": {"Q1": "yes", "Q5": "x"}}), 422)
        assert program.get(DRAFT).json["answers"] == {}


class TestDrafts:
    def test_a_guess_opens_nothing(self, client: FlaskClient, open_slug: str) -> None:
        begin(client)
        sent = {"publication": "anonymous", "consent": True}
        for code in ("", "x", "0000-0000-0000-0000", "é" * 16, "%00", "Z" * 500):
            stranger = Program(client, draft=code)
            problem_in(stranger.get(DRAFT), 401)
            problem_in(stranger.send("PATCH", DRAFT, ANSWERS), 401)
            problem_in(stranger.send("POST", f"{DRAFT}/submission", sent), 401)

    def test_a_code_is_good_for_its_consultation_only(
        self, client: FlaskClient, open_slug: str, web_session: Session
    ) -> None:
        open_consultation(web_session, datetime.now(UTC), slug="other", asks_profile=False)
        web_session.commit()
        program = begin(client)
        program.send("PATCH", DRAFT, ANSWERS)
        sent = {"publication": "anonymous", "consent": True}
        other = "/consultations/other/draft"
        problem_in(program.get(other), 401)
        problem_in(program.send("PATCH", other, ANSWERS), 401)
        problem_in(program.send("POST", f"{other}/submission", sent), 401)
        assert program.send("POST", f"{DRAFT}/submission", sent).status_code == 201
        problem_in(program.send("POST", f"{other}/submission", sent), 401)
        problem_in(program.send("PATCH", DRAFT, ANSWERS), 401)

    def test_of_two_who_change_one_draft_the_second_is_told(
        self, client: FlaskClient, open_slug: str
    ) -> None:
        program = begin(client)
        tag = program.get(DRAFT).headers["ETag"]
        assert program.send("PATCH", DRAFT, ANSWERS, If_Match=tag).status_code == 200
        problem_in(program.send("PATCH", DRAFT, ANSWERS, If_Match=tag), 412)

    def test_nothing_is_answered_before_or_after(
        self, client: FlaskClient, open_slug: str, web_session: Session
    ) -> None:
        program = begin(client)
        consultation = web_session.scalars(select(Consultation)).one()
        consultation.closes_at = datetime.now(UTC) - timedelta(seconds=1)
        web_session.commit()
        problem_in(Program(client).send("POST", "/consultations/networks/drafts", {}), 409)
        problem_in(program.send("PATCH", DRAFT, ANSWERS), 409)
        sent = {"publication": "anonymous", "consent": True}
        problem_in(program.send("POST", f"{DRAFT}/submission", sent), 409)

    def test_consent_is_given_or_nothing_is_sent(self, client: FlaskClient, open_slug: str) -> None:
        program = begin(client)
        program.send("PATCH", DRAFT, ANSWERS)
        for sent in ({}, {"publication": "anonymous", "consent": False},
                     {"publication": "secret", "consent": True}):  # fmt: skip
            problem_in(program.send("POST", f"{DRAFT}/submission", sent), 422)


class TestAbuse:
    @pytest.fixture
    def production(self, settings: Settings, open_slug: str):  # type: ignore[no-untyped-def]
        """As started in production: limits count, and proofs are asked for."""
        app = create_app(settings.model_copy(update={"proof_bits": 8, "proof_free_network": 0}))
        limiter.reset()
        yield app
        limiter.reset()
        app.extensions["waymark.database"].close()

    def test_the_proof_of_work_is_asked_for_here_too(self, production: Flask) -> None:
        program = begin(production.test_client())
        program.send("PATCH", DRAFT, ANSWERS)
        sent = {"publication": "anonymous", "consent": True}
        path = f"{DRAFT}/submission"
        problem = problem_in(program.send("POST", path, sent), 422)
        assert problem["code"] == "surveys.proof_refused"
        challenge = program.get(f"{DRAFT}/challenge").json["challenge"]
        wrong = sent | {"proof": {"challenge": challenge, "solution": "1.2.3.4.5.6.7.8"}}
        problem_in(program.send("POST", path, wrong), 422)
        other = begin(production.test_client())
        other.send("PATCH", DRAFT, ANSWERS)
        proof = {"challenge": challenge, "solution": solve_challenge(challenge)}
        problem_in(other.send("POST", path, sent | {"proof": proof}), 422)
        assert program.send("POST", path, sent | {"proof": proof}).status_code == 201

    def test_too_many_is_answered_with_when_to_come_back(
        self, settings: Settings, open_slug: str
    ) -> None:
        app = create_app(settings.model_copy(update={"saving_limit": "3 per minute"}))
        limiter.reset()
        program = Program(app.test_client())
        for _ in range(3):
            answer = program.send("POST", "/consultations/networks/drafts", {})
            assert answer.status_code == 201
        answer = program.send("POST", "/consultations/networks/drafts", {})
        assert problem_in(answer, 429)["code"] == "http.429"
        assert 1 <= int(answer.headers["Retry-After"]) <= 61
        limiter.reset()
        app.extensions["waymark.database"].close()
