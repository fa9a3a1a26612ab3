"""Statements on pages: adding one, the moderators' desk with undo, and the commands."""

import json

import pytest

from core.clock import utc_now
from core.text import LocalizedText
from stakeholders.permissions import Role
from surveys.consultations import get_consultation
from surveys.questionnaire import Question
from surveys.statements import add_statement, list_accepted, list_statements
from tests.questionnaire_factory import open_consultation
from tests.web.conftest import token_in

DEFINITION = {
    "schema": "waymark/questionnaire/1",
    "title": {"en": "Roads"},
    "languages": ["en", "fr"],
    "sections": [
        {
            "code": "all",
            "title": {"en": "All", "fr": "Tout"},
            "questions": [
                {
                    "code": "S", "type": "statements", "allow_own": True, "max_own": 2,
                    "title": {"en": "Judge these", "fr": "Jugez"},
                    "options": [{"code": "fibre", "label": {"en": "Fibre for every village"}}],
                },
                {"code": "T", "type": "statements", "title": {"en": "Fixed"},
                 "options": [{"code": "one", "label": {"en": "These cannot be added to"}}]},
                {"code": "L", "type": "long_text", "title": {"en": "Why?"}},
            ],
        }
    ],
}  # fmt: skip
ADD = "/consultations/roads/answer/statements/S"


@pytest.fixture
def consultation(web_session):
    consultation = open_consultation(web_session, utc_now(), slug="roads", definition=DEFINITION)
    web_session.commit()
    return consultation


def stored(web_session, status=None):
    web_session.expire_all()
    consultation = get_consultation(web_session, slug="roads")
    found = list_statements(web_session, consultation_id=consultation.id, status=status)
    web_session.commit()  # lets others write
    return found


def send(client, text, address=ADD):
    page = client.get(address)
    token = token_in(page.text) if "csrf_token" in page.text else ""
    return client.post(address, data={"text": text, "csrf_token": token})


def test_a_person_adds_a_statement_and_comes_back_to_the_question(
    client, consultation, web_session
):
    client.get("/consultations/roads?lang=fr")
    answer = send(client, "Plus de bus à la campagne")
    assert answer.status_code == 303
    assert answer.location.endswith("/answer/section/all#q-S")
    (statement,) = stored(web_session)
    assert (statement.status, statement.text.as_dict()) == (
        "pending", {"fr": "Plus de bus à la campagne"},
    )  # fmt: skip
    # Nothing was begun.
    assert not any(name.startswith("draft_") for name in answer.headers.getlist("Set-Cookie"))


def test_a_form_of_a_page_that_is_shared_needs_no_token(client, consultation, web_session):
    assert client.post(ADD, data={"text": "Buses in the country"}).status_code == 303
    assert len(stored(web_session)) == 1


def test_what_is_refused_stays_in_the_form_with_the_reason(client, consultation, web_session):
    answer = send(client, "<b>short")
    assert answer.status_code == 422
    assert "&lt;b&gt;short" in answer.text
    assert "at least 10" in answer.text
    answer = send(client, "Fibre for every village.")
    assert answer.status_code == 409
    assert "says the same already" in answer.text
    assert stored(web_session) == []


def test_one_person_adds_a_few(client, consultation, web_session):
    for number in ("one", "two"):
        assert send(client, f"Statement number {number}").status_code == 303
    assert "as many statements as one person can" in client.get(ADD).text
    assert client.post(ADD, data={"text": "Statement number three"}).status_code == 409
    assert len(stored(web_session)) == 2


def test_only_questions_that_take_statements_have_the_form(client, consultation):
    for question, status in (("T", 409), ("L", 404), ("none", 404)):
        address = f"/consultations/roads/answer/statements/{question}"
        assert client.get(address).status_code == status
        assert client.post(address, data={"text": "Buses for everyone"}).status_code == status


@pytest.fixture
def waiting(web_session, consultation, now):
    question = Question(
        code="S", type="statements", title=LocalizedText.of("x"), allow_own=True, max_own=9
    )
    texts = ["Fibre for each village", "Buses <b>for</b> the country", "Trains at night"]
    codes = [
        add_statement(
            web_session, consultation=consultation, question=question, text=text, language="en",
            already=0, now=now,
        ).code
        for text in texts
    ]  # fmt: skip
    web_session.commit()
    return codes


def decide(client, codes, decision, status="pending", **fields):
    address = f"/desk/statements/roads?status={status}"
    token = token_in(client.get("/desk/statements/roads").text)
    return client.post(
        address, data={"csrf_token": token, "code": codes, "decision": decision, **fields}
    )


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.SECRETARIAT])
def test_moderators_see_what_waits_beside_what_is_like_it(sign_in, waiting, role):
    staff = sign_in(role)
    assert "3 waiting" in staff.get("/desk/statements/").text
    page = staff.get("/desk/statements/roads").text
    assert "Buses &lt;b&gt;for&lt;/b&gt; the country" in page
    assert "Fibre for every village" in page  # the one in the questionnaire that is like it
    assert "Nothing similar" in page
    for heading in ("Waiting (3)", "Accepted (0)", "Rejected (0)"):
        assert heading in page


def test_others_do_not_moderate(sign_in, client, waiting):
    assert sign_in(Role.AUDITOR).get("/desk/statements/roads").status_code == 403
    assert client.get("/desk/statements/roads").status_code == 303


def test_many_are_decided_at_once_and_it_can_be_undone(sign_in, waiting, web_session):
    staff = sign_in(Role.MODERATOR)
    assert decide(staff, waiting[:2], "accepted").status_code == 303
    assert {s.code for s in stored(web_session, "accepted")} == set(waiting[:2])
    page = staff.get("/desk/statements/roads?status=pending").text
    assert "2 statements are accepted." in page
    undone = staff.post("/desk/statements/roads/undo", data={"csrf_token": token_in(page)})
    assert undone.status_code == 303
    assert len(stored(web_session, "pending")) == 3
    assert "2 statements are as they were before." in staff.get(undone.location).text


def test_rejecting_says_why_and_nothing_chosen_changes_nothing(sign_in, waiting, web_session):
    staff = sign_in(Role.MODERATOR)
    refused = decide(staff, waiting[:1], "rejected")
    assert refused.status_code == 422
    assert "say why" in refused.text
    assert f'value="{waiting[0]}" checked' in refused.text
    assert decide(staff, [], "accepted").status_code == 422
    assert decide(staff, waiting, "published").status_code == 422
    assert decide(staff, ["p_000000000000"], "accepted").status_code == 404
    assert len(stored(web_session, "pending")) == 3
    assert decide(staff, waiting[:1], "rejected", reason="Names a person").status_code == 303
    assert "Reason: Names a person" in staff.get("/desk/statements/roads?status=rejected").text


def test_enter_after_a_reason_rejects(sign_in, waiting):
    page = sign_in(Role.MODERATOR).get("/desk/statements/roads").text
    assert page.index('value="rejected"') < page.index('value="accepted"')


def test_a_statement_is_accepted_in_other_words(sign_in, waiting, web_session):
    staff = sign_in(Role.MODERATOR)
    token = token_in(staff.get("/desk/statements/roads").text)
    address = f"/desk/statements/roads/{waiting[1]}/reword"
    answer = staff.post(address, data={"csrf_token": token, "text": "Buses", "reason": ""})
    assert answer.status_code == 422
    good = {"csrf_token": token, "text": "Buses in the country", "reason": "spelling"}
    assert staff.post(address, data=good).status_code == 303
    assert [s.text.in_language("en") for s in stored(web_session, "accepted")] == [
        "Buses in the country"
    ]


def test_empty_desks_say_so(sign_in, consultation):
    staff = sign_in(Role.MODERATOR)
    assert "No participant has added" in staff.get("/desk/statements/").text
    for status in ("pending", "accepted", "rejected"):
        assert "wm-empty" in staff.get(f"/desk/statements/roads?status={status}").text


def test_commands_list_and_decide(app, waiting, web_session):
    def run(*arguments):
        return app.test_cli_runner().invoke(args=["surveys", "statements", "roads", *arguments])

    listed = json.loads(run("--json").stdout)
    assert listed["slug"] == "roads"
    assert {s["code"] for s in listed["statements"]} == set(waiting)
    assert listed["statements"][0]["status"] == "pending"
    done = json.loads(run("accept", *waiting[:2], "--json").stdout)
    assert done == {"slug": "roads", "status": "accepted", "changed": sorted(waiting[:2])}
    assert run("reject", waiting[0]).exit_code == 1
    assert run("reject", waiting[0], "--reason", "off topic").exit_code == 0
    assert json.loads(run("--status", "rejected", "--json").stdout)["statements"][0]["reason"] == (
        "off topic"
    )
    assert run("accept", "p_000000000000").exit_code == 1
    assert run("accept").exit_code == 2
    web_session.expire_all()
    consultation = get_consultation(web_session, slug="roads")
    accepted = list_accepted(web_session, consultation_id=consultation.id)
    assert [option.code for option in accepted["S"]] == [waiting[1]]
