"""Votes in the browser: what everyone sees, what a delegate and the secretariat can do."""

import json
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import pytest
from babel.support import Translations
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.voting_texts import (
    FIGURES_TEXTS,
    LEGAL_BASES,
    REASONS,
    RULE_EXPLANATIONS,
    RULE_TITLES,
    explain,
)
from core.audit import OPERATOR
from core.text import LocalizedText
from stakeholders.delegations import MEMBER_STATES
from stakeholders.models import Account
from stakeholders.permissions import Role
from tests.web.conftest import token_in
from voting.ballots import cast_ballot, grant_proxy
from voting.calculator import calculate
from voting.models import Ballot, Motion, ProxyGrant
from voting.motions import close_motion, create_motion, open_motion
from voting.populations import BASIS_MEANING, YEARS, population_table
from voting.reasons import TEMPLATES
from voting.record import recount
from voting.rules import RULES

SignIn = Callable[..., FlaskClient]


@pytest.fixture
def open_vote(web_session: Session, now: datetime) -> str:
    """The slug of an open motion."""
    create_motion(
        web_session, slug="priorities", title=LocalizedText({"en": "Adopt <these> priorities"}),
        text=LocalizedText({"en": "First line.\nSecond line.", "fr": "Texte."}),
        actor=OPERATOR, now=now,
    )  # fmt: skip
    open_motion(web_session, slug="priorities", actor=OPERATOR, now=now)
    web_session.commit()
    return "priorities"


def seat(session: Session, now: datetime, *codes: str) -> dict[str, Account]:
    """Delegates who need not sign in."""
    accounts = {
        code: Account(
            email=f"{code}@example.eu".lower(), display_name=code, password_hash="-",
            delegation=code, created_at=now,
        )
        for code in codes
    }  # fmt: skip
    session.add_all(accounts.values())
    session.flush()
    return accounts


@pytest.fixture
def closed_vote(web_session: Session, now: datetime, open_vote: str) -> str:
    """Twenty in favour, Estonia by proxy; Poland against; Italy abstains; five do not vote."""
    accounts = seat(web_session, now, *MEMBER_STATES)
    grant_proxy(
        web_session, slug=open_vote, account_id=accounts["EE"].id, holder="LV", now=now
    )  # fmt: skip
    choices = dict.fromkeys([c for c in MEMBER_STATES if c not in ("PL", "IT")][:20], "yes")
    for code, choice in (choices | {"PL": "no", "IT": "abstain"}).items():
        by = accounts["LV" if code == "EE" else code]
        cast_ballot(
            web_session, slug=open_vote, account_id=by.id, delegation=code, choice=choice, now=now
        )
    close_motion(web_session, slug=open_vote, actor=OPERATOR, now=now)
    web_session.commit()
    return open_vote


def post(client: FlaskClient, address: str, **data: str):  # type: ignore[no-untyped-def]
    """Send a form with the token of the session; the sign-out form of any page carries it."""
    return client.post(address, data={"csrf_token": token_in(client.get("/votes/").text), **data})


# --- what everyone sees ---


def test_an_empty_list_says_what_will_be_there(client: FlaskClient) -> None:
    page = client.get("/votes/")
    assert page.status_code == 200
    assert "No vote is open at the moment." in page.text


def test_the_list_shows_open_and_closed_votes_but_no_drafts(
    client: FlaskClient, web_session: Session, now: datetime, open_vote: str, sign_in: SignIn
) -> None:
    create_motion(
        web_session, slug="draft", title=LocalizedText({"en": "Secret draft"}),
        text=LocalizedText({"en": "T"}), actor=OPERATOR, now=now,
    )  # fmt: skip
    web_session.commit()
    page = client.get("/votes/")
    assert "Adopt &lt;these&gt; priorities" in page.text
    assert "Secret draft" not in page.text
    assert client.get("/votes/draft").status_code == 404
    staff = sign_in(Role.SECRETARIAT)
    assert "Secret draft" in staff.get("/votes/").text
    assert staff.get("/votes/draft").status_code == 200


def test_an_open_vote_shows_the_question_the_stakes_and_no_choice(
    client: FlaskClient, web_session: Session, now: datetime, open_vote: str
) -> None:
    accounts = seat(web_session, now, "DE")
    cast_ballot(
        web_session, slug=open_vote, account_id=accounts["DE"].id, delegation="DE", choice="no",
        now=now,
    )  # fmt: skip
    web_session.commit()
    page = client.get(f"/votes/{open_vote}").text
    assert "Second line." in page
    assert "at least 15 of 27" in page
    assert "at least 293,168,773 of 451,028,881" in page
    assert "1 of 27 delegations have voted." in page
    assert "The quorum of 14 is not reached yet." in page
    assert "Germany" not in page
    assert client.get(f"/votes/{open_vote}/record.json").status_code == 409


def test_a_result_shows_the_reason_the_bars_and_every_ballot(
    client: FlaskClient, closed_vote: str
) -> None:
    page = client.get(f"/votes/{closed_vote}").text
    assert "Adopted: Qualified majority" in page
    assert "20 of 27 members voted in favour" in page
    assert page.count('<svg width="100%"') == 2
    assert "Roll-call of 27 delegations" in page
    assert "by Latvia as its proxy" in page
    assert "Did not vote" in page
    assert "Official:" in page
    assert "Reconstructed:" in page
    assert "style=" not in page.split("<main", 1)[1].split("</main", 1)[0]


def test_the_record_that_is_downloaded_has_the_published_fingerprint_and_recounts(
    client: FlaskClient, closed_vote: str
) -> None:
    response = client.get(f"/votes/{closed_vote}/record.json")
    assert response.mimetype == "application/json"
    assert sha256(response.data).hexdigest() in client.get(f"/votes/{closed_vote}").text
    assert recount(json.loads(response.data)).decision.attained


def test_ballots_changed_in_the_database_are_not_shown_as_the_result(
    client: FlaskClient, closed_vote: str, web_session: Session
) -> None:
    web_session.execute(update(Ballot).where(Ballot.delegation == "PL").values(choice="yes"))
    web_session.commit()
    for address in (f"/votes/{closed_vote}", f"/votes/{closed_vote}/record.json"):
        page = client.get(address)
        assert page.status_code == 409
        assert "no longer match the fingerprint" in page.text


def test_an_unknown_vote_is_not_found(client: FlaskClient) -> None:
    for address in ("/votes/nothing", "/votes/nothing/record.json"):
        assert client.get(address).status_code == 404


# --- the calculator ---


def test_the_calculator_answers_by_address(client: FlaskClient) -> None:
    page = client.get("/calculator?rule=qualified&year=2019&yes=DE&yes=FR")
    assert page.status_code == 200
    assert "2 of 27 members voted in favour" in page.text
    assert page.text.count('name="yes"') == 27
    assert page.text.count("checked") == 3  # two countries and the rule


def test_the_calculator_opens_with_nobody_in_favour(client: FlaskClient) -> None:
    page = client.get("/calculator")
    assert page.status_code == 200
    assert "0 of 27 members voted in favour" in page.text


def test_the_calculator_knows_that_fewer_than_four_cannot_block(client: FlaskClient) -> None:
    others = "&".join(f"yes={code}" for code in MEMBER_STATES if code not in ("DE", "FR", "IT"))
    assert "fewer than four members cannot form" in client.get(f"/calculator?{others}").text


def test_the_calculator_leaves_out_who_does_not_take_part(client: FlaskClient) -> None:
    page = client.get("/calculator?rule=participating&yes=DE&out=MT&out=CY")
    assert "1 of 25 members" in page.text


@pytest.mark.parametrize(
    "query",
    [
        "rule=magic",
        "yes=XX",
        "yes=DE&yes=DE",
        "yes=DE&yes=%00",
        "rule=qualified&out=DE",
        "rule=participating&yes=DE&out=DE",
        "year=1957",
        "out=" + "&out=".join(MEMBER_STATES),
    ],
)
def test_what_cannot_be_calculated_is_said_on_the_page(client: FlaskClient, query: str) -> None:
    page = client.get(f"/calculator?{query}")
    assert page.status_code == 422
    assert "This cannot be calculated" in page.text


def test_a_script_gets_the_result_alone(client: FlaskClient) -> None:
    part = client.get("/calculator?yes=DE", headers={"HX-Request": "true"}).text
    assert "1 of 27 members voted in favour" in part
    assert "<html" not in part
    assert "<html" in client.get("/calculator?yes=DE").text


# --- delegates ---


def test_a_delegate_checks_the_ballot_and_casts_it(
    sign_in: SignIn, open_vote: str, web_session: Session
) -> None:
    delegate = sign_in(Role.DELEGATE, delegation="DE")
    address = f"/votes/{open_vote}/ballot"
    assert "You vote for" in delegate.get(address).text
    check = post(delegate, address, delegation="DE", choice="yes")
    assert check.status_code == 200
    assert "Cast this ballot" in check.text
    assert web_session.scalars(select(Ballot)).all() == []
    web_session.rollback()  # lets others write
    cast = post(delegate, address, delegation="DE", choice="yes", step="cast")
    assert cast.status_code == 303
    receipt = delegate.get(address).text
    assert "Germany has voted: Yes" in receipt
    assert "Check your ballot" not in receipt


def test_a_second_ballot_is_refused_on_both_steps(sign_in: SignIn, open_vote: str) -> None:
    delegate = sign_in(Role.DELEGATE, delegation="DE")
    address = f"/votes/{open_vote}/ballot"
    post(delegate, address, delegation="DE", choice="yes", step="cast")
    for step in ("check", "cast"):
        again = post(delegate, address, delegation="DE", choice="no", step=step)
        assert again.status_code == 409
        assert "already voted" in again.text


@pytest.mark.parametrize("data", [{}, {"delegation": "DE"}, {"delegation": "DE", "choice": "all"}])
def test_an_incomplete_ballot_is_shown_again(
    sign_in: SignIn, open_vote: str, data: dict[str, str]
) -> None:
    delegate = sign_in(Role.DELEGATE, delegation="DE")
    page = post(delegate, f"/votes/{open_vote}/ballot", **data)
    assert page.status_code == 422
    assert "Choose for whom you vote and how." in page.text


@pytest.mark.parametrize("step", ["check", "cast"])
def test_nobody_votes_for_another_delegation(
    sign_in: SignIn, open_vote: str, web_session: Session, step: str
) -> None:
    delegate = sign_in(Role.DELEGATE, delegation="DE")
    page = post(delegate, f"/votes/{open_vote}/ballot", delegation="FR", choice="yes", step=step)
    assert page.status_code == 403
    assert web_session.scalars(select(Ballot)).all() == []


def test_voting_on_a_closed_motion_is_refused(sign_in: SignIn, open_vote: str) -> None:
    delegate, staff = sign_in(Role.DELEGATE, delegation="DE"), sign_in(Role.SECRETARIAT)
    assert post(staff, f"/desk/motions/{open_vote}/close").status_code == 303
    for step in ("check", "cast"):
        page = post(
            delegate, f"/votes/{open_vote}/ballot", delegation="DE", choice="yes", step=step
        )
        assert page.status_code == 409


def test_only_delegates_vote(sign_in: SignIn, client: FlaskClient, open_vote: str) -> None:
    assert client.get(f"/votes/{open_vote}/ballot").status_code == 303  # to sign in
    staff = sign_in(Role.SECRETARIAT)
    assert staff.get(f"/votes/{open_vote}/ballot").status_code == 403
    assert post(staff, f"/votes/{open_vote}/ballot", delegation="DE").status_code == 403


def test_a_proxy_is_given_used_and_not_given_twice(
    sign_in: SignIn, open_vote: str, web_session: Session
) -> None:
    luxembourg = sign_in(Role.DELEGATE, delegation="LU")
    belgium = sign_in(Role.DELEGATE, delegation="BE")
    netherlands = sign_in(Role.DELEGATE, delegation="NL")
    proxy, ballot = f"/votes/{open_vote}/proxy", f"/votes/{open_vote}/ballot"
    assert post(luxembourg, proxy, holder="BE").status_code == 303
    refused = post(netherlands, proxy, holder="BE")
    assert refused.status_code == 422
    assert "BE acts for LU already" in refused.text
    assert 'value="BE"' not in netherlands.get(proxy).text
    assert "Luxembourg (by proxy)" in belgium.get(ballot).text
    assert "does not vote itself" in luxembourg.get(ballot).text
    assert post(luxembourg, ballot, delegation="LU", choice="yes", step="cast").status_code == 409
    cast = post(belgium, ballot, delegation="LU", choice="no", step="cast")
    assert cast.status_code == 303
    assert post(luxembourg, f"{proxy}/withdraw").status_code == 409
    assert [grant.giver for grant in web_session.scalars(select(ProxyGrant))] == ["LU"]


def test_an_unused_proxy_is_withdrawn(sign_in: SignIn, open_vote: str) -> None:
    luxembourg = sign_in(Role.DELEGATE, delegation="LU")
    post(luxembourg, f"/votes/{open_vote}/proxy", holder="BE")
    assert "Withdraw the proxy" in luxembourg.get(f"/votes/{open_vote}/proxy").text
    assert post(luxembourg, f"/votes/{open_vote}/proxy/withdraw").status_code == 303
    assert "You vote for" in luxembourg.get(f"/votes/{open_vote}/ballot").text


# --- the secretariat ---


def test_the_secretariat_writes_opens_and_closes_a_motion(
    sign_in: SignIn, client: FlaskClient, web_session: Session
) -> None:
    staff = sign_in(Role.SECRETARIAT)
    assert staff.get("/desk/motions/new").status_code == 200
    saved = post(
        staff, "/desk/motions/new", title_en="Adopt it", text_en="We adopt it.", title_fr="Adopter",
        rule="two-thirds", population_year="2025", participants="DE", closes_at="",
    )  # fmt: skip
    assert saved.status_code == 303
    assert saved.location.endswith("/votes/adopt-it")
    motion = web_session.scalars(select(Motion)).one()
    assert motion.participants == ["DE"]
    web_session.rollback()  # lets others write
    assert "can be changed afterwards" in staff.get("/desk/motions/adopt-it/open").text
    assert post(staff, "/desk/motions/adopt-it/open").status_code == 303
    assert "Adopt it" in client.get("/votes/adopt-it").text
    assert post(staff, "/desk/motions/adopt-it/open").status_code == 409
    assert "cannot be undone" in staff.get("/desk/motions/adopt-it/close").text
    assert post(staff, "/desk/motions/adopt-it/close").status_code == 303
    assert "Not adopted" in client.get("/votes/adopt-it").text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"title_en": "", "slug": "x"}, "title"),
        ({"rule": "magic"}, "not a voting rule"),
        ({"population_year": "soon"}, "population_year"),
        ({"closes_at": "tomorrow"}, "closes_at"),
        ({"rule": "simple", "participants": "XX"}, "XX"),
        ({"text_en": "a\x00b"}, "NUL"),
    ],
)
def test_a_motion_with_a_fault_is_not_saved_and_what_was_typed_stays(
    sign_in: SignIn, web_session: Session, change: dict[str, str], words: str
) -> None:
    staff = sign_in(Role.SECRETARIAT)
    data = {
        "title_en": "Adopt it", "text_en": "We adopt it.", "rule": "qualified",
        "population_year": "2025",
    }  # fmt: skip
    page = post(staff, "/desk/motions/new", **(data | change))
    assert page.status_code == 422
    assert "The motion was not saved" in page.text
    assert words in page.text
    assert web_session.scalars(select(Motion)).all() == []


def test_closing_before_the_announced_end_asks_why(
    sign_in: SignIn, client: FlaskClient, web_session: Session
) -> None:
    staff = sign_in(Role.SECRETARIAT)
    post(
        staff, "/desk/motions/new", title_en="Adopt it", text_en="T.", rule="qualified",
        population_year="2025", closes_at="2999-01-01T12:00",
    )  # fmt: skip
    post(staff, "/desk/motions/adopt-it/open")
    assert 'name="reason"' in staff.get("/desk/motions/adopt-it/close").text
    assert post(staff, "/desk/motions/adopt-it/close").status_code == 409
    assert post(staff, "/desk/motions/adopt-it/close", reason="Withdrawn.").status_code == 303
    assert "Withdrawn." in client.get("/votes/adopt-it").text


def test_others_do_not_manage_motions(
    sign_in: SignIn, client: FlaskClient, open_vote: str, web_session: Session
) -> None:
    delegate = sign_in(Role.DELEGATE, delegation="DE")
    addresses = [
        "/desk/motions/new",
        f"/desk/motions/{open_vote}/open",
        f"/desk/motions/{open_vote}/close",
    ]
    for address in addresses:
        assert client.get(address).status_code == 303
        assert delegate.get(address).status_code == 403
        assert post(delegate, address).status_code == 403
    web_session.expire_all()
    assert web_session.scalars(select(Motion)).one().closed_at is None


# --- words ---


def test_the_words_of_the_pages_are_those_of_the_rules(app: Flask) -> None:
    with app.test_request_context():
        assert {clause: str(text) for clause, text in REASONS.items()} == dict(TEMPLATES)
        assert {code: str(text) for code, text in RULE_TITLES.items()} == {
            code: rule.title for code, rule in RULES.items()
        }
        assert set(RULE_EXPLANATIONS) == set(RULES)
        assert {rule.basis for rule in RULES.values()} <= set(LEGAL_BASES)
        known = {str(text) for text in FIGURES_TEXTS}
        for table in map(population_table, YEARS):
            said = {table.title, table.source, table.official, table.reconstructed} - {""}
            assert said <= known
        assert set(BASIS_MEANING.values()) <= known
        decision = calculate(rule="qualified", year=2025, yes=["DE", "FR"]).decision
        assert explain(decision) == decision.reason


def test_no_translation_drops_or_invents_a_figure(app: Flask) -> None:
    """A catalogue whose sentence lacks a figure, or names another, would mislead or fail."""
    folder = Path(app.root_path) / "translations"
    for catalogue in folder.glob("*/LC_MESSAGES/messages.mo"):
        with catalogue.open("rb") as file:
            translations = Translations(file)
        for template in TEMPLATES.values():
            said = translations.gettext(template)
            facts = {part.split("}")[0] for part in template.split("{")[1:]}
            assert {part.split("}")[0] for part in said.split("{")[1:]} == facts, said
