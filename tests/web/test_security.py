"""What every answer carries, and what an unsafe request must show."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask, session
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app import create_app
from app.access import public
from app.caching import cacheable
from app.config import Settings
from app.limits import limiter
from app.security import CONTENT_SECURITY_POLICY, SAFE_METHODS
from core.db import Base
from core.ids import random_uuid
from stakeholders.permissions import Role
from tests.conftest import import_all_models
from tests.questionnaire_factory import open_consultation
from tests.services import Postgres
from tests.web.conftest import PASSWORD, token_in

# What strangers try in every part of an address.
HOSTILE = (
    "x", "%00", "a%00b", "%ED%A0%80", "%FF", "..%2f..%2fetc%2fpasswd", "%27%22%3E%3Cscript%3E",
    "%0d%0aX-Injected:%20yes", "9" * 400, "%7B%7B7*7%7D%7D", "1.0", "-1",
)  # fmt: skip

FIELDS = (
    "email", "password", "next", "code", "respondent_type", "country", "organisation_name",
    "first_name", "publication", "asked", "Q1", "Q2", "Q3", "Q4.r1", "Q5", "action",
)  # fmt: skip


@pytest.fixture
def open_slug(web_session: Session) -> str:
    """An open consultation; its slug."""
    open_consultation(web_session, datetime.now(UTC))
    web_session.commit()
    return "networks"


@pytest.fixture
def production(settings: Settings) -> Iterator[Flask]:
    """The application as it is started in production: limits count, pages are cached.

    The limiter belongs to whichever application was made last: ask for this fixture last.
    """
    app = create_app(settings)
    limiter.reset()
    yield app
    limiter.reset()
    app.extensions["waymark.database"].close()


class TestHeaders:
    @pytest.mark.parametrize(
        ("method", "address", "status"),
        [
            ("GET", "/", 200), ("HEAD", "/", 200), ("OPTIONS", "/", 200),
            ("GET", "/nothing-here", 404), ("POST", "/about", 405), ("GET", "/desk", 303),
            ("HEAD", "/desk", 403), ("OPTIONS", "/desk", 403), ("POST", "/desk/motions/new", 403),
            ("GET", "/static/nothing.css", 404), ("GET", "/healthz", 200),
            ("GET", "/federation/v1/key", 200), ("GET", "/votes/none/record.json", 404),
            ("GET", "/session/token", 200),
        ],
    )  # fmt: skip
    def test_every_answer_carries_the_policy(
        self, client: FlaskClient, method: str, address: str, status: int
    ) -> None:
        answer = client.open(address, method=method)
        assert answer.status_code == status
        assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "unsafe" not in CONTENT_SECURITY_POLICY

    @pytest.mark.parametrize("address", ["/sign-in", "/session/token", "/nothing", "/healthz"])
    def test_what_is_not_for_everyone_is_kept_by_nobody(
        self, client: FlaskClient, address: str
    ) -> None:
        assert "no-store" in client.get(address).headers["Cache-Control"]

    def test_cookies_are_out_of_reach_of_scripts_and_other_sites(
        self, tmp_path: Path, settings: Settings
    ) -> None:
        app = create_app(settings.model_copy(update={"public_url": "https://example.eu"}))
        cookie = app.test_client().get("/sign-in").headers["Set-Cookie"]
        assert all(word in cookie for word in ("Secure", "HttpOnly", "SameSite=Lax"))
        app.extensions["waymark.database"].close()


def sample_of(argument: re.Match[str]) -> str:
    """Something that fits an argument of a route, by its converter."""
    samples = {"uuid": "00000000-0000-4000-8000-000000000000", "int": "1"}
    if argument[1] == "any":
        return (argument[2] or "").split(",")[0]
    return samples.get(argument[1] or "", "x")


class TestOrigin:
    """Unsafe requests that another site could have caused."""

    @pytest.mark.parametrize(
        "headers",
        [
            {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
            {"Origin": "https://evil.example"}, {"Origin": "null"},
            {"Origin": "http://localhost.evil.example"}, {"Origin": "http://localhost:81"},
            {"Referer": "https://evil.example/http://localhost/"},
        ],
    )  # fmt: skip
    def test_they_are_refused_on_every_route_without_a_signature(
        self, app: Flask, client: FlaskClient, headers: dict[str, str]
    ) -> None:
        for rule in app.url_map.iter_rules():
            for method in (rule.methods or set()) - SAFE_METHODS:
                address = re.sub(r"<(?:(\w+)(?:\((.*?)\))?:)?\w+>", sample_of, rule.rule)
                answer = client.open(address, method=method, headers=headers)
                if rule.endpoint == "federation.receive":
                    assert "security" not in answer.text
                else:
                    assert answer.status_code == 403, rule.rule
                    assert "security.cross_site" in answer.text, rule.rule

    @pytest.mark.parametrize("token", ["", "x", "IjAwMCI.aaaa.bbbb"])
    def test_with_a_session_a_token_is_needed_and_not_just_any(
        self, client: FlaskClient, token: str
    ) -> None:
        client.get("/sign-in")
        data = {"email": "a@example.org", "password": "x", "csrf_token": token}
        answer = client.post("/sign-in", data=data)
        assert answer.status_code == 403
        assert "security.token" in answer.text

    def test_the_token_of_another_session_is_refused(self, app: Flask) -> None:
        mine, theirs = app.test_client(), app.test_client()
        mine.get("/sign-in")
        data = {"email": "a@example.org", "password": "x"}
        data["csrf_token"] = token_in(theirs.get("/sign-in").text)
        assert "security.token" in mine.post("/sign-in", data=data).text

    def test_a_draft_is_authority_even_without_a_session(
        self, client: FlaskClient, open_slug: str
    ) -> None:
        client.set_cookie("draft_networks", "0" * 16, path="/consultations/networks")
        answer = client.post(f"/consultations/{open_slug}/answer/about-you")
        assert "security.token" in answer.text


class TestSigningIn:
    def test_a_session_begun_by_somebody_else_does_not_become_mine(
        self, app: Flask, client: FlaskClient, sign_in: Callable[..., FlaskClient]
    ) -> None:
        sign_in(Role.CITIZEN)
        page = client.get("/sign-in")
        with client.session_transaction() as planted:
            planted["planted"] = "yes"
        data = {"email": "citizen@example.org", "password": PASSWORD}
        client.post("/sign-in", data=data | {"csrf_token": token_in(page.text)})
        with client.session_transaction() as mine:
            assert "_user_id" in mine
            assert "planted" not in mine

    @pytest.mark.parametrize(
        "target",
        ["https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example",
         "javascript:alert(1)", "/\t/evil.example", "///evil.example", "/ok\r\nX-Evil: 1",
         "http:evil.example"],
    )  # fmt: skip
    def test_no_link_leads_elsewhere_after_signing_in(
        self, client: FlaskClient, sign_in: Callable[..., FlaskClient], target: str
    ) -> None:
        sign_in(Role.CITIZEN)
        token = token_in(client.get("/sign-in", query_string={"next": target}).text)
        data = {"email": "citizen@example.org", "password": PASSWORD, "next": target}
        answer = client.post("/sign-in", data=data | {"csrf_token": token})
        assert answer.headers["Location"] == "/desk"

    def test_a_wrong_password_and_an_unknown_address_read_the_same(
        self, client: FlaskClient, sign_in: Callable[..., FlaskClient]
    ) -> None:
        sign_in(Role.CITIZEN)
        pages = []
        for address in ("citizen@example.org", "nobody@example.org"):
            data = {"email": address, "password": "wrong wrong wrong"}
            token = token_in(client.get("/sign-in").text)
            page = client.post("/sign-in", data=data | {"csrf_token": token})
            assert page.status_code == 422
            pages.append(page.text.replace(address, "").replace(token_in(page.text), ""))
        assert pages[0] == pages[1]


class TestLimits:
    def test_passwords_cannot_be_tried_fast_from_one_address(self, production: Flask) -> None:
        statuses = [self.attempt(production, "192.0.2.7", f"p{n}@example.org") for n in range(12)]
        assert statuses[:10] == [422] * 10
        assert statuses[10:] == [429] * 2
        assert self.attempt(production, "192.0.2.8", "p@example.org") == 422

    def test_a_whole_network_of_ipv6_addresses_counts_as_one(self, production: Flask) -> None:
        statuses = [
            self.attempt(production, f"2001:db8::{n:x}", f"p{n}@example.org") for n in range(1, 13)
        ]
        assert statuses.count(429) == 2
        assert self.attempt(production, "2001:db8:0:1::1", "p@example.org") == 422

    def test_one_account_cannot_be_tried_from_many_addresses(
        self, production: Flask, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("app.views.accounts.accounts.sign_in", self.refuse)
        statuses = [
            self.attempt(production, f"192.0.2.{n}", "Victim@example.org ") for n in range(101)
        ]
        assert statuses.count(422) == 100
        assert statuses[-1] == 429

    def test_one_mailbox_cannot_be_filled_with_reset_links(self, production: Flask) -> None:
        statuses = [
            production.test_client().post(
                "/password-reset",
                data={"email": "victim@example.org"},
                environ_base={"REMOTE_ADDR": f"192.0.2.{n}"},
            ).status_code
            for n in range(7)
        ]  # fmt: skip
        assert statuses[5:] == [429, 429]

    def test_codes_and_invitations_cannot_be_tried_fast(
        self, web_session: Session, production: Flask
    ) -> None:
        open_consultation(web_session, datetime.now(UTC))
        web_session.commit()
        for address in ("invitation/guess", "resume"):
            answers = [
                production.test_client().post(
                    f"/consultations/networks/{address}", data={"code": str(n)}
                )
                for n in range(12)
            ]
            assert answers[-1].status_code == 429, address
            assert answers[0].status_code in (403, 422), address

    def test_a_header_of_a_stranger_does_not_change_who_is_counted(self, production: Flask) -> None:
        statuses = [
            production.test_client()
            .post(
                "/sign-in",
                data={"email": f"p{n}@example.org", "password": "x"},
                headers={"X-Forwarded-For": f"198.51.100.{n}"},
            )
            .status_code
            for n in range(12)
        ]
        assert statuses.count(429) == 2

    @staticmethod
    def attempt(app: Flask, address: str, email: str) -> int:
        return app.test_client().post(
            "/sign-in",
            data={"email": email, "password": "wrong wrong wrong"},
            environ_base={"REMOTE_ADDR": address},
        ).status_code  # fmt: skip

    @staticmethod
    def refuse(*_: object, **__: object) -> None:
        from stakeholders.errors import SignInRefused

        raise SignInRefused


class TestSharedPages:
    def test_what_a_signed_in_person_sees_is_shown_to_nobody_else(
        self, production: Flask, sign_in: Callable[..., FlaskClient], web_session: Session
    ) -> None:
        sign_in(Role.SECRETARIAT)
        person, stranger = production.test_client(), production.test_client()
        token = token_in(person.get("/sign-in").text)
        person.post(
            "/sign-in",
            data={"email": "secretariat@example.org", "password": PASSWORD, "csrf_token": token},
        )
        for address in ("/", "/consultations/", "/votes/", "/roadmaps/", "/network/"):
            mine = person.get(address)
            assert "Secretariat" in mine.text, address
            assert "no-store" in mine.headers["Cache-Control"]
            theirs = stranger.get(address)
            assert "Secretariat" not in theirs.text, address
            assert "csrf_token" not in theirs.text, address
            assert "Set-Cookie" not in theirs.headers, address
            assert person.get(address).text == mine.text

    def test_languages_and_methods_do_not_mix(self, production: Flask) -> None:
        client = production.test_client()
        assert client.head("/about").text == ""
        english = client.get("/about", headers={"Accept-Language": "en"})
        french = client.get("/about", headers={"Accept-Language": "fr"})
        assert '<html lang="en"' in english.text
        assert '<html lang="fr"' in french.text
        assert {"Cookie", "Accept-Language"} <= {
            v.strip() for v in french.headers["Vary"].split(",")
        }

    def test_a_page_that_begins_a_session_is_not_shared(self, production: Flask) -> None:
        @public
        @cacheable
        def personal() -> str:
            session["mine"] = "yes"
            return "mine"

        production.add_url_rule("/personal", view_func=personal)
        answer = production.test_client().get("/personal")
        assert "no-store" in answer.headers["Cache-Control"]
        assert not production.extensions["waymark.pages"]

    def test_ever_new_query_strings_do_not_fill_the_memory(self, production: Flask) -> None:
        @public
        @cacheable
        def large() -> str:
            return "x" * 5_000_000

        production.add_url_rule("/large", view_func=large)
        client = production.test_client()
        for number in range(12):
            client.get(f"/large?n={number}")
        kept = production.extensions["waymark.pages"].values()
        assert sum(len(entry[1]) for entry in kept) <= 32_000_000


class TestHostileAddresses:
    """Nothing in an address makes a fault, on either database."""

    @pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
    def either(self, request: pytest.FixtureRequest, settings: Settings) -> Iterator[FlaskClient]:
        if request.param == "postgres":
            server: Postgres = request.getfixturevalue("postgres")
            url = server.new_database(f"hostile_{random_uuid().hex[:12]}")
            settings = settings.model_copy(update={"database_url": url})
        app = create_app(settings)
        app.config["PROPAGATE_EXCEPTIONS"] = False
        database = app.extensions["waymark.database"]
        if request.param == "postgres":
            import_all_models()
            Base.metadata.create_all(database.engine)
        with database.transaction() as arranging:
            open_consultation(arranging, datetime.now(UTC))
        yield app.test_client()
        database.close()

    def test_reading(self, either: FlaskClient) -> None:
        application = either.application
        for rule in application.url_map.iter_rules():
            if "GET" not in (rule.methods or ()):
                continue
            for text in HOSTILE if rule.arguments else ("x", "%00"):
                address = rule.rule
                for argument in rule.arguments:
                    for kind in ("", "uuid:", "path:"):
                        known = (
                            "networks" if argument == "slug" and len(rule.arguments) > 1 else text
                        )
                        address = address.replace(f"<{kind}{argument}>", known)
                for query in ("", f"?lang={text}&by={text}&next={text}&yes={text}&older={text}"):
                    answer = either.get(address + query)
                    assert answer.status_code < 500 or rule.endpoint == "operations.readyz", (
                        address + query
                    )
                    assert "X-Injected" not in answer.headers
                    if answer.mimetype == "text/html":
                        assert "<script>" not in answer.text, address + query

    @pytest.mark.parametrize("text", ["a\x00b", "\ud800", "x" * 5000, "é\u202e", "' OR 1=1 --"])
    def test_forms_that_anyone_may_send(self, either: FlaskClient, text: str) -> None:
        limiter.reset()
        data = dict.fromkeys(FIELDS, text.encode("utf-8", "surrogatepass"))
        for address in (
            "/sign-in", "/password-reset", "/password-reset/x", "/consultations/networks/resume",
            "/consultations/networks/invitation/x", "/consultations/networks/answer/about-you",
            "/consultations/networks/answer/section/views",
            "/consultations/networks/answer/review", "/federation/v1/releases",
        ):  # fmt: skip
            answer = either.application.test_client().post(address, data=data)
            assert answer.status_code < 500, (address, answer.text[:2000])
