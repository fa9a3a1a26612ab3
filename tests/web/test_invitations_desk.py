"""The secretariat's desk for phases, quotas and the people a poll is for, as a browser sees it."""

import io
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from stakeholders.permissions import Role
from surveys.models import Consultation, Draft, Invitation, Quota
from tests.questionnaire_factory import open_consultation
from tests.web.test_answering import BASE, about_you, send

DESK = "/desk/consultations/poll"
LIST = (
    "Name;E-mail;Organisation;Language;Region\n"
    "Ada;ada@example.eu;Node;fr;=1+1\n"
    "Bo;bo@example.eu;;;\n"
)


@pytest.fixture
def poll(web_session: Session) -> Consultation:
    consultation = open_consultation(
        web_session, datetime.now(UTC), slug="poll", kind="targeted", asks_profile=False
    )
    web_session.commit()
    return consultation


@pytest.fixture
def desk(sign_in: Callable[..., FlaskClient], poll: Consultation) -> FlaskClient:
    return sign_in(Role.SECRETARIAT)


def press(client: FlaskClient, page: str, address: str, **fields: object) -> TestResponse:
    """Send a form of ``page`` with its token."""
    html = client.get(page).text
    token = re.findall(r'name="csrf_token" value="([^"]+)"', html)[0]
    return client.post(address, data={"csrf_token": token, **fields})


def upload(desk: FlaskClient, text: str | bytes, **fields: object) -> TestResponse:
    data = text.encode() if isinstance(text, str) else text
    address = f"{DESK}/invitations/list"
    return press(desk, address, address, list=(io.BytesIO(data), "people.csv"), **fields)


def confirm(desk: FlaskClient, page: str, **fields: object) -> TestResponse:
    packed = re.findall(r'name="packed" value="([^"]+)"', page)[0]
    address = f"{DESK}/invitations/list"
    return press(desk, address, address, packed=packed, action="confirm", **fields)


def everybody(session: Session) -> list[Invitation]:
    """All invitations as they are now, without holding the database."""
    people = list(
        session.scalars(
            select(Invitation).order_by(Invitation.email).execution_options(populate_existing=True)
        )
    )
    session.commit()
    return people


class TestLists:
    def test_a_list_is_shown_before_anything_is_done(
        self, desk: FlaskClient, web_session: Session
    ) -> None:
        page = upload(desk, LIST).text
        assert "2 people would be invited" in page
        assert "Nothing has been done yet" in page
        assert "UTF-8" in page
        assert everybody(web_session) == []
        assert confirm(desk, page).status_code == 303
        people = everybody(web_session)
        assert [person.email for person in people] == ["ada@example.eu", "bo@example.eu"]
        assert people[0].attributes == {"Region": "=1+1"}
        register = desk.get(f"{DESK}/invitations/").text
        assert "Waiting to be sent" in register
        assert "ada@example.eu" in register

    def test_bad_lines_are_named_and_nothing_is_imported_unless_confirmed(
        self, desk: FlaskClient, web_session: Session
    ) -> None:
        page = upload(desk, LIST + "Cy;cy@nowhere;;;\nAda;ADA@example.eu;;;\n").text
        assert "expected an address such as" in page
        assert "is on line 2 already" in page
        refused = confirm(desk, page)
        assert refused.status_code == 422
        assert "Nothing was imported" in refused.text
        assert everybody(web_session) == []
        assert confirm(desk, page, skip_bad="yes").status_code == 303
        assert len(everybody(web_session)) == 2
        again = upload(desk, LIST).text
        assert "0 people would be invited" in again
        assert "2 are invited already" in again

    @pytest.mark.parametrize(
        "data", [b"", b"\x00\x01", b"PK\x03\x04", b"no heading\nat all\n", b"email\n" + b"\xff" * 9]
    )
    def test_what_is_no_list_gets_a_reason(self, desk: FlaskClient, data: bytes) -> None:
        answer = upload(desk, data)
        assert answer.status_code in (200, 422)
        assert "would be invited" not in answer.text or "0 people" in answer.text

    def test_a_page_that_was_tampered_with_is_refused(self, desk: FlaskClient) -> None:
        address = f"{DESK}/invitations/list"
        for packed in ("x", "AAAA", "eJx"):
            answer = press(desk, address, address, packed=packed, action="confirm")
            assert answer.status_code == 422

    def test_the_export_is_a_table_in_which_nothing_is_computed(self, desk: FlaskClient) -> None:
        confirm(desk, upload(desk, LIST).text)
        answer = desk.get(f"{DESK}/invitations/export.csv")
        assert answer.mimetype == "text/csv"
        table = answer.data.decode("utf-8-sig")
        assert "'=1+1" in table
        assert "answered_on" not in table  # not known in an anonymous poll


class TestRegister:
    @pytest.fixture(autouse=True)
    def people(self, desk: FlaskClient, web_session: Session) -> None:
        rows = "".join(f"Person {n:03};p{n}@example.eu;Node {n % 7};;\n" for n in range(120))
        confirm(desk, upload(desk, LIST.split("\n")[0] + "\n" + rows).text)
        for n, person in enumerate(web_session.scalars(select(Invitation)).all()):
            person.invited_on = datetime.now(UTC).date()
            if n == 0:
                person.bounced_on, person.bounce = person.invited_on, "550 <b>gone</b>"
            if n == 1:
                person.used_on = person.invited_on
            if n == 2:
                person.declined_on = person.invited_on
        web_session.commit()

    def test_pages_search_and_states(self, desk: FlaskClient) -> None:
        first = desk.get(f"{DESK}/invitations/").text
        assert "1 to 50 of 120" in first
        assert "Page 1 of 3" in first
        assert "101 to 120 of 120" in desk.get(f"{DESK}/invitations/?page=3").text
        assert "1 to 1 of 1" in desk.get(f"{DESK}/invitations/?search=person+042").text
        assert "Nobody matches" in desk.get(f"{DESK}/invitations/?search=100%25").text
        bounced = desk.get(f"{DESK}/invitations/?state=bounced").text
        assert "550 &lt;b&gt;gone&lt;/b&gt;" in bounced
        for odd in ("page=0", "page=-5", "page=99999999999999999999", "state=nonsense", "page=x"):
            assert desk.get(f"{DESK}/invitations/?{odd}").status_code == 200

    def test_reminders_say_to_how_many_before(
        self, desk: FlaskClient, web_session: Session
    ) -> None:
        page = desk.get(f"{DESK}/invitations/").text
        assert "117 people would be reminded" in page
        assert "the link was not used" in page
        address = f"{DESK}/invitations/"
        answer = press(desk, address, f"{DESK}/invitations/remind")
        assert answer.status_code == 303
        assert "117 people" in desk.get(address).text

    def test_an_entry_is_deleted_when_it_is_meant(
        self, desk: FlaskClient, web_session: Session
    ) -> None:
        person = everybody(web_session)[0]
        page = f"{DESK}/invitations/{person.id}"
        assert person.email in desk.get(page).text  # type: ignore[operator]
        assert press(desk, page, f"{page}/erase").status_code == 422
        assert press(desk, page, f"{page}/erase", sure="yes").status_code == 303
        assert desk.get(page).status_code == 404
        assert len(everybody(web_session)) == 119

    def test_a_bounced_address_is_corrected_and_written_to_again(
        self, desk: FlaskClient, web_session: Session
    ) -> None:
        person = next(person for person in everybody(web_session) if person.bounced_on)
        page = f"{DESK}/invitations/{person.id}"
        assert press(desk, page, f"{page}/address", email="nonsense").status_code == 422
        assert press(desk, page, f"{page}/address", email="p7@example.eu").status_code == 422
        assert press(desk, page, f"{page}/address", email="new@example.eu").status_code == 303
        web_session.refresh(person)
        assert (person.email, person.bounced_on) == ("new@example.eu", None)
        assert person.invited_on is None


def test_the_texts_of_a_poll_can_be_its_own(desk: FlaskClient) -> None:
    address = f"{DESK}/invitations/texts"
    assert "Your invitation: {title}" in desk.get(address).text
    assert "Votre invitation" in desk.get(f"{address}?language=fr").text
    assert "no text in this language" in desk.get(f"{address}?language=el").text
    fields = {"kind": "invitation", "language": "el", "subject": "{title}", "body": "{link} {name}"}
    assert press(desk, address, address, **fields).status_code == 303
    assert "This is your own text" in desk.get(f"{address}?language=el").text
    for wrong, said in (
        ({"body": "no link"}, "{link} is missing"),
        ({"body": "{link} {nam}"}, "{nam} is no placeholder"),
        ({"subject": "a\nBcc: x@y.z"}, "expected one line"),
        ({"subject": ""}, "is empty"),
    ):
        answer = press(desk, address, address, **(fields | wrong))
        assert answer.status_code == 422
        assert said in answer.text.replace("&#39;", "'")
    usual = press(desk, address, address, action="usual", **fields)
    assert usual.status_code == 303
    assert "no text in this language" in desk.get(f"{address}?language=el").text


class TestPhases:
    def test_dates_are_entered_and_shown_in_the_zone_that_is_named(
        self, desk: FlaskClient, client: FlaskClient
    ) -> None:
        answer = press(
            desk, DESK, f"{DESK}/schedule", time_zone="Europe/Athens", opens_at="2026-01-05T09:00",
            closes_at="2031-07-01T18:00",
        )  # fmt: skip
        assert answer.status_code == 303
        page = client.get("/consultations/poll").text
        assert "1 July 2031, 18:00 (Athens time)" in page
        assert "Europe/Athens" in page
        assert 'value="2031-07-01T18:00"' in desk.get(DESK).text

    def test_the_hour_that_is_left_out_and_the_one_that_comes_twice(
        self, desk: FlaskClient, web_session: Session
    ) -> None:
        fields = {"time_zone": "Europe/Brussels", "opens_at": "2026-01-05T09:00"}
        gap = press(desk, DESK, f"{DESK}/schedule", closes_at="2031-03-30T02:30", **fields)
        assert gap.status_code == 422
        assert "does not exist" in gap.text
        assert 'value="2031-03-30T02:30"' in gap.text
        twice = press(desk, DESK, f"{DESK}/schedule", closes_at="2031-10-26T02:30", **fields)
        assert "comes twice" in twice.text
        assert 'name="closes_at_occurrence"' in twice.text
        done = press(
            desk, DESK, f"{DESK}/schedule", closes_at="2031-10-26T02:30",
            closes_at_occurrence="second", **fields,
        )  # fmt: skip
        assert done.status_code == 303
        poll = web_session.scalars(
            select(Consultation).execution_options(populate_existing=True)
        ).one()
        assert poll.closes_at == datetime(2031, 10, 26, 1, 30, tzinfo=UTC)

    def test_an_extension_is_said_on_the_page(self, desk: FlaskClient, client: FlaskClient) -> None:
        later = (datetime.now(UTC) + timedelta(days=40)).strftime("%Y-%m-%dT%H:%M")
        assert press(desk, DESK, f"{DESK}/extend", extended_to=later).status_code == 303
        page = client.get("/consultations/poll").text
        assert "It was announced to close on" in page
        assert "Extended: open until" in page
        assert "Extended" in client.get("/consultations/?show=open").text
        earlier = press(desk, DESK, f"{DESK}/extend", extended_to="2026-01-01T10:00")
        assert earlier.status_code == 422

    def test_every_phase_says_what_happens_next(
        self, desk: FlaskClient, client: FlaskClient, web_session: Session
    ) -> None:
        poll = web_session.scalars(select(Consultation)).one()
        now = datetime.now(UTC)

        def page(opens: int, closes: int, **changes: object) -> str:
            poll.opens_at, poll.closes_at = now + timedelta(opens), now + timedelta(closes)
            for name, value in changes.items():
                setattr(poll, name, value)
            web_session.commit()
            return client.get("/consultations/poll").text

        assert "It opens by itself" in page(2, 9)
        assert "continue with your code until it closes" in page(-2, 9)
        assert "every place is taken" in page(-2, 9, filled_at=now - timedelta(days=1))
        assert "will report here" in page(-9, -2, filled_at=None)
        answer = press(
            desk, DESK, f"{DESK}/report", report_en="Radio moved up.\n\nThanks.", report_fr="Merci."
        )
        assert answer.status_code == 303
        assert "Radio moved up." in client.get("/consultations/poll").text
        assert "Merci." in client.get("/consultations/poll", headers={"Accept-Language": "fr"}).text
        assert "Reported on" in client.get("/consultations/").text

    def test_the_promise_is_chosen_before_the_opening(
        self, desk: FlaskClient, web_session: Session, client: FlaskClient
    ) -> None:
        fields = {"kind": "targeted", "anonymity": "identified"}
        refused = press(desk, DESK, f"{DESK}/audience", **fields)
        assert refused.status_code == 409
        poll = web_session.scalars(select(Consultation)).one()
        poll.opens_at = datetime.now(UTC) + timedelta(days=1)
        web_session.commit()
        assert press(desk, DESK, f"{DESK}/audience", **fields).status_code == 303
        assert "kept with who you are" in client.get("/consultations/poll").text
        assert press(desk, DESK, f"{DESK}/audience", kind="x", anonymity="y").status_code == 422


def test_quotas_are_set_changed_and_taken_away(desk: FlaskClient, web_session: Session) -> None:
    address = f"{DESK}/quotas/"
    assert "There is no quota" in desk.get(address).text
    fields = {"code": "portugal", "name": "Portugal", "places": "5"}
    wrong = press(desk, address, address, condition="profile.country == 'XX'", **fields)
    assert wrong.status_code == 422
    assert "XX" in wrong.text
    done = press(desk, address, address, condition="profile.country == 'PT'", **fields)
    assert done.status_code == 303
    assert 'value="5"' in desk.get(f"{address}?change=portugal").text
    assert "0 of 5 taken" in desk.get(DESK).text
    assert press(desk, address, f"{address}portugal/delete").status_code == 303
    assert web_session.scalars(select(Quota)).all() == []


def test_others_than_the_secretariat_see_none_of_it(
    sign_in: Callable[..., FlaskClient], poll: Consultation
) -> None:
    auditor = sign_in(Role.AUDITOR)
    for page in ("", "/invitations/", "/invitations/list", "/invitations/export.csv",
                 "/invitations/texts", "/invitations/participants", "/quotas/"):  # fmt: skip
        assert auditor.get(DESK + page).status_code == 403


class TestCommands:
    def run(self, app: Flask, *arguments: str) -> tuple[int, dict[str, object], str]:
        result = app.test_cli_runner().invoke(args=["surveys", *arguments, "--json"])
        text = result.stdout.strip()
        return result.exit_code, json.loads(text) if text.startswith("{") else {}, result.output

    def test_phases(self, app: Flask, poll: Consultation) -> None:
        code, document, _ = self.run(
            app, "schedule", "poll", "--opens", "2026-01-05T09:00", "--closes", "2031-07-01T18:00",
            "--time-zone", "europe/athens",
        )  # fmt: skip
        assert (code, document["closes_at"]) == (0, "2031-07-01T15:00:00+00:00")
        assert document["time_zone"] == "Europe/Athens"
        code, document, _ = self.run(app, "extend", "poll", "--closes", "2031-07-02T18:00")
        assert (code, document["phase"]) == (0, "extended")
        assert document["closes_at"] == "2031-07-02T15:00:00+00:00"
        assert self.run(app, "extend", "poll", "--closes", "2031-03-30T03:30")[0] == 1
        assert self.run(app, "extend", "poll", "--closes", "soon")[0] == 2
        assert self.run(app, "report", "poll", "--text", "en=Thanks")[0] == 1
        self.run(app, "schedule", "poll", "--opens", "2026-01-05", "--closes", "2026-01-06")
        assert self.run(app, "report", "poll", "--text", "en=Thanks")[1]["languages"] == ["en"]
        assert self.run(app, "report", "poll")[0] == 2
        assert self.run(app, "report", "poll", "--text", "xx=Thanks")[0] == 2

    def test_lists_and_reminders(self, app: Flask, poll: Consultation, tmp_path: Path) -> None:
        file = tmp_path / "people.csv"
        file.write_bytes((LIST + "Cy;cy@nowhere;;;\n").encode("cp1252"))
        code, document, _ = self.run(app, "invite", "poll", "--list", str(file), "--dry-run")
        assert (code, document["invited"], len(document["problems"])) == (0, 2, 1)  # type: ignore[arg-type]
        code, _, output = self.run(app, "invite", "poll", "--list", str(file))
        assert code == 1
        assert "line 4, E-mail: expected an address" in output
        code, document, _ = self.run(app, "invite", "poll", "--list", str(file), "--skip-bad")
        assert (code, document["invited"], document["sending"]) == (0, 2, "now")
        assert self.run(app, "remind", "poll")[1]["reminded"] == 0  # not invited before it is sent
        assert self.run(app, "invite", "poll")[0] == 2
        assert self.run(app, "invite", "poll", "--count", "2", "--list", str(file))[0] == 2
        links = self.run(app, "invite", "poll", "--count", "2")[1]["links"]
        assert len(links) == 2  # type: ignore[arg-type]

    def test_quotas(self, app: Flask, poll: Consultation) -> None:
        code, document, _ = self.run(app, "quota", "poll", "all", "--places", "10")
        assert (code, document["quotas"][0]["free"]) == (0, 10)  # type: ignore[index]
        assert self.run(app, "quota", "poll", "x", "--places", "1", "--if", "Q9 == 1")[0] == 1
        assert self.run(app, "quota", "poll", "all", "--delete")[1]["quotas"] == []
        assert self.run(app, "quota", "poll", "new")[0] == 2

    def test_the_audience(self, app: Flask, poll: Consultation) -> None:
        assert self.run(app, "audience", "poll")[1]["mode"] == "anonymous"
        assert self.run(app, "audience", "poll", "--mode", "identified")[0] == 1


def test_a_full_quota_keeps_the_draft(app: Flask, web_session: Session) -> None:
    """The page a person gets when no place is left says that nothing is lost, and nothing is."""
    now = datetime.now(UTC)
    consultation = open_consultation(web_session, now)
    web_session.add(
        Quota(consultation_id=consultation.id, code="pt", name={"en": "Portugal"},
              condition="profile.country == 'PT'", places=0, taken=0)
    )  # fmt: skip
    web_session.commit()
    client = app.test_client()
    about_you(client)
    send(client, f"{BASE}/answer/section/views", Q1="no")
    answer = send(client, f"{BASE}/answer/review", publication="anonymous", consent="yes")
    assert answer.status_code == 409  # type: ignore[attr-defined]
    assert "your answers are kept" in answer.text  # type: ignore[attr-defined]
    assert len(web_session.scalars(select(Draft)).all()) == 1
