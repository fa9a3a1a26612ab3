"""The form of one milestone, its public page, and the page of the money."""

import re
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.audit import OPERATOR
from core.clock import utc_now
from core.text import LocalizedText
from roadmap.draft import BudgetSource, Draft, DraftMilestone, Kpi, Link
from roadmap.models import Decision, Milestone
from roadmap.roadmaps import as_value, import_roadmap
from stakeholders.permissions import Role

DESK = "/desk/roadmaps/plan/milestones"
MILESTONE = DraftMilestone(
    "A", LocalizedText({"fr": "Étude", "en": "Study"}), "SDA", "radio", 400,
    kpis=(Kpi(LocalizedText({"en": "Coverage", "fr": "Couverture"}), "95", "60", "%", "2028-Q4"),),
    budget={BudgetSource.EU: Decimal(100), BudgetSource.INDUSTRY_IN_KIND: Decimal("480.50"),
            BudgetSource.CEF: Decimal(50)},
    participants=("KTH", "A; B"), links=(Link("programme", "DEP", "https://example.org/dep"),),
    stage="funded", optimistic_days=300, pessimistic_days=500,
)  # fmt: skip


@pytest.fixture
def milestone(web_session: Session) -> Milestone:
    draft = Draft((MILESTONE,), (), {"radio": LocalizedText.of("Radio")}, LocalizedText.of("Plan"))
    import_roadmap(web_session, slug="plan", draft=draft, actor=OPERATOR, now=utc_now())
    web_session.commit()
    found = web_session.scalars(select(Milestone)).one()
    web_session.rollback()
    return found


def fields(page: str) -> dict[str, str]:
    """The form as a browser would send it."""
    import html

    form = page[page.index('name="seen"') - 400 :]
    values = dict(re.findall(r'<input[^>]*? name="([^"]+)"[^>]*? value="([^"]*)"', form))
    values |= re.findall(r'<textarea[^>]*? name="([^"]+)"[^>]*>\n(.*?)</textarea>', form, re.S)
    for name, options in re.findall(r'<select[^>]*? name="([^"]+)".*?>(.*?)</select>', form, re.S):
        chosen = re.search(r'value="([^"]*)" selected', options)
        values[name] = chosen[1] if chosen else ""
    return {name: html.unescape(value) for name, value in values.items()}


def test_a_form_sent_unchanged_changes_nothing(milestone: Milestone, sign_in):
    client = sign_in(Role.SECRETARIAT)
    form = fields(client.get(f"{DESK}/A/edit").text)
    assert form["kpi_0_name"] == "Coverage"
    assert form["participants"].split("\n") == ["KTH", "A; B"]
    answer = client.post(f"{DESK}/A/edit", data=form | {"reason": "why"})
    assert answer.status_code == 422
    assert "Nothing is different" in answer.text


def test_every_field_can_be_changed(milestone: Milestone, sign_in, web_session: Session):
    client = sign_in(Role.SECRETARIAT)
    form = fields(client.get(f"{DESK}/A/edit").text) | {
        "title_de": "Studie", "duration_days": "500", "not_before": "2031-Q2",
        "finish_by": "2035-Q1", "budget_eu": "200.25", "kpi_1_name": "Cells", "kpi_1_target": "5",
        "themes": "green\ntrust", "links": "project: X\nprogramme: DEP <https://example.org/dep>",
        "stage": "", "trl_from": "3", "trl_to": "6", "reason": "As agreed",
    }  # fmt: skip
    assert client.post(f"{DESK}/A/edit", data=form).status_code == 303
    web_session.expire_all()
    value = as_value(web_session.scalars(select(Milestone)).one())
    assert dict(value.title) == {"en": "Study", "fr": "Étude", "de": "Studie"}
    assert value.title.fallback == "fr"
    assert (str(value.not_before), str(value.finish_by)) == ("2031-04-01", "2035-03-31")
    assert value.budget[BudgetSource.EU] == Decimal("200.25")
    assert dict(value.kpis[0].name) == {"en": "Coverage", "fr": "Couverture"}
    assert value.kpis[1] == Kpi(LocalizedText.of("Cells"), "5")
    assert (value.themes, value.stage) == (("green", "trust"), "")
    assert [link.name for link in value.links] == ["X", "DEP"]
    assert web_session.scalars(select(Decision.reason)).all() == ["As agreed"]


def test_what_is_wrong_is_said_at_the_field(milestone: Milestone, sign_in):
    client = sign_in(Role.SECRETARIAT)
    form = fields(client.get(f"{DESK}/A/edit").text) | {
        "duration_days": "12 weeks", "budget_cef": "€ 2 million", "not_before": "spring",
        "links": "DEP", "title_en": "", "title_fr": "", "reason": "x",
    }  # fmt: skip
    answer = client.post(f"{DESK}/A/edit", data=form)
    assert answer.status_code == 422
    for field in ("duration_days", "budget_cef", "not_before", "links"):
        assert f'id="{field}-error"' in answer.text
    assert "12 weeks" in answer.text
    form = fields(client.get(f"{DESK}/A/edit").text) | {"kpi_0_target": "many", "reason": "x"}
    answer = client.post(f"{DESK}/A/edit", data=form)
    assert 'id="kpi_0_target-error"' in answer.text


def test_of_two_people_none_overwrites_the_other_unknowingly(milestone: Milestone, sign_in):
    client = sign_in(Role.SECRETARIAT)
    form = fields(client.get(f"{DESK}/A/edit").text)
    first = form | {"lead": "KTH", "reason": "one"}
    second = form | {"lead": "TNO", "reason": "two"}
    assert client.post(f"{DESK}/A/edit", data=first).status_code == 303
    answer = client.post(f"{DESK}/A/edit", data=second)
    assert answer.status_code == 409
    assert "KTH" in answer.text
    again = fields(answer.text)
    assert again["lead"] == "TNO"
    assert client.post(f"{DESK}/A/edit", data=again).status_code == 303


def test_a_milestone_is_added(milestone: Milestone, sign_in, web_session: Session):
    client = sign_in(Role.SECRETARIAT)
    form = fields(client.get(f"{DESK}/new").text)
    assert client.post(f"{DESK}/new", data=form).status_code == 422
    form |= {"code": "NEW 1", "title_en": "New", "agenda": "SRIA", "area": "radio",
             "duration_days": "5", "reason": "r"}  # fmt: skip
    answer = client.post(f"{DESK}/new", data=form)
    assert answer.status_code == 303
    assert "NEW 1" in client.get(answer.headers["Location"]).text
    again = client.post(f"{DESK}/new", data=form)
    assert again.status_code == 422
    assert "exists already" in again.text


def test_the_public_page_shows_all_of_it(milestone: Milestone, client: FlaskClient):
    page = client.get("/roadmaps/plan/milestones/A").text
    for words in ("KTH; A; B", "https://example.org/dep", "Coverage", "2028-Q4", "funded",
                  "€480.50", "Leverage: 4.8", "at best 300 days"):  # fmt: skip
        assert words in page, words
    assert "Edit this milestone" not in page


def test_the_page_of_the_money(milestone: Milestone, client: FlaskClient, web_session: Session):
    page = client.get("/roadmaps/plan/budget").text
    for words in ("€630.50", "4.8", "3.2", "Budget by source", "By year", "2026", "2027", "CEF"):
        assert words in page, words
    assert not re.search(r"\sstyle=|<style", page)
    web_session.scalars(select(Milestone)).one().budget = {}
    web_session.commit()
    assert "No milestone has a budget yet." in client.get("/roadmaps/plan/budget").text


def test_only_who_may_edit_sees_the_form(milestone: Milestone, sign_in):
    client = sign_in(Role.CITIZEN)
    assert client.get(f"{DESK}/A/edit").status_code == 403
    assert client.post(f"{DESK}/new").status_code == 403
