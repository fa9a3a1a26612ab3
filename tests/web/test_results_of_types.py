"""Results pages of every type of question: figures with their n, and nothing that is hidden."""

import random
import re

import pytest
from sqlalchemy import insert

from app.projection import project_responses
from core import outbox
from core.audit import OPERATOR
from core.clock import utc_now
from core.ids import new_code, random_uuid
from stakeholders.permissions import Role
from surveys.consultations import get_questionnaire
from surveys.models import PROJECTION_TOPIC, Response
from surveys.results import read_results
from surveys.statements import add_statement, moderate_statements
from tests.questionnaire_factory import open_consultation
from tests.random_answers import random_answer


def options(*labels):
    return [{"code": label.lower(), "label": {"en": label}} for label in labels]


QUESTIONS = [
    {"code": "rate", "type": "rating", "title": {"en": "How useful is the plan?"},
     "low": {"en": "useless"}, "high": {"en": "indispensable"}, "no_opinion": {"en": "Cannot say"}},
    {"code": "rank", "type": "ranking", "title": {"en": "Which comes first?"},
     "options": options("Radio", "Cloud", "Security")},
    {"code": "points", "type": "points", "title": {"en": "Share out 100 points"},
     "options": options("Radio", "Cloud", "Security")},
    {"code": "budget", "type": "budget", "title": {"en": "Spend 30 million"}, "total": 30,
     "unit": {"en": "million euro"},
     "options": [o | {"cost": c} for o, c in zip(options("Radio", "Cloud", "Security"),
                                                 (10, 20, 5), strict=True)]},
    {"code": "year", "type": "year", "title": {"en": "By which year?"}},
    {"code": "quarter", "type": "quarter", "title": {"en": "By which quarter?"},
     "minimum": "2026-Q1", "maximum": "2028-Q4"},
    {"code": "say", "type": "statements", "title": {"en": "Do you agree?"}, "allow_own": True,
     "options": options("Fibre", "Trains", "Buses")},
    {"code": "prio", "type": "milestone_priorities", "title": {"en": "How important is each?"},
     "options": options("M1", "M2", "M3")},
    {"code": "when", "type": "milestone_years", "title": {"en": "When is each reached?"},
     "options": options("M1", "M2", "M3"), "minimum": 2024, "maximum": 2040},
    {"code": "new", "type": "milestone_proposals", "title": {"en": "What is missing?"}},
    {"code": "deps", "type": "dependencies", "title": {"en": "Which dependencies are wrong?"},
     "options": options("M1", "M2", "M3"),
     "dependencies": [{"from": "m1", "to": "m2"}, {"from": "m2", "to": "m3"}]},
    {"code": "notes", "type": "paragraph_comments", "title": {"en": "What do you say?"},
     "options": options("First", "Second")},
    {"code": "agree", "type": "consent", "title": {"en": "You may write to me"},
     "purpose": "contact", "version": "1"},
    {"code": "total", "type": "calculation", "title": {"en": "Likes it"}, "value": "rate > 2"},
    {"code": "score", "type": "calculation", "title": {"en": "Score"}, "value": "rate + 1"},
    {"code": "file", "type": "upload", "title": {"en": "A position paper"}},
]  # fmt: skip
DEFINITION = {
    "schema": "waymark/questionnaire/1", "title": {"en": "Everything"},
    "languages": ["en"],
    "sections": [{"code": "all", "title": {"en": "All"}, "questions": QUESTIONS}],
}  # fmt: skip
PATHS = ["results", *(f"results/{q['code']}" for q in QUESTIONS), "results/say.fibre",
         "results/prio.m1", "results/when.m1", "results/notes.first"]  # fmt: skip


@pytest.fixture
def answered(app, web_session):
    """`answered(people)`: a closed consultation with an added statement and random answers."""

    def answered(people, **changes):
        now, chance = utc_now(), random.Random(4)
        consultation = open_consultation(
            web_session, now, slug="all", definition=DEFINITION, asks_profile=True
        )
        questionnaire = get_questionnaire(web_session, version_id=consultation.current_version_id)
        added = [
            add_statement(
                web_session, consultation=consultation, question=questionnaire.by_code["say"],
                text=text, language="fr", already=0, now=now,
            ).code
            for text in ("Des bus pour tous", "Retiré plus tard par la modération")
        ]  # fmt: skip
        decide = {"consultation": consultation, "actor": OPERATOR, "now": now, "reason": "no"}
        moderate_statements(web_session, codes=added, decision="accepted", **decide)
        for _ in range(people):
            answers = {
                q.code: random_answer(chance, q)
                for q in questionnaire.questions
                if chance.random() < 0.9
            }
            answers["total"], answers["score"] = chance.random() < 0.6, chance.randint(2, 6)
            if isinstance(answers.get("say"), dict):
                known = {"fibre", "trains", "buses"}
                answers["say"] = {c: v for c, v in answers["say"].items() if c in known}
                answers["say"] |= {c: chance.choice(["agree", "pass"]) for c in added}
            values = {
                "id": random_uuid(), "consultation_id": consultation.id,
                "version_id": consultation.current_version_id, "reference": new_code(20),
                "day": now.date(), "language": "en", "answers": answers,
                "country": chance.choice(["DE", "DE", "FR", "EL", "MT"]),
                "respondent_type": chance.choice(["eu_citizen", "eu_citizen", "ngo"]),
            }  # fmt: skip
            web_session.execute(insert(Response).values(values))
            outbox.enqueue(web_session, topic=PROJECTION_TOPIC,
                           payload={"response": str(values["id"])}, now=now)  # fmt: skip
        moderate_statements(web_session, codes=added[1:], decision="rejected", **decide)
        consultation.closes_at = now
        for name, value in changes.items():
            setattr(consultation, name, value)
        with app.app_context():
            project_responses(web_session, now=now)
        web_session.commit()
        return consultation

    return answered


def test_every_question_has_its_figures(client, answered):
    answered(400)
    page = client.get("/consultations/all/results").text
    for words in (
        "Mean ", "5 – indispensable", "Points each option got on average",
        "On average people spent",
        "The years: median 20", "the mark is the median", "Disagree", "The quarters: median ",
        "Des bus pour tous", "5 – essential",
        "1 statement was withdrawn", "Proposed another dependency", "Support it", "Consent given",
        "in their own words",
    ):  # fmt: skip
        assert words in page, words
    assert re.search(r"The quarters: median [1-4]\w\w quarter 20\d\d\b", page)
    assert "Retiré plus tard" not in page
    assert page.count("<title id=") == page.count("<desc id=")
    for path in PATHS:
        assert client.get(f"/consultations/all/{path}").status_code == 200, path
    ranking = client.get("/consultations/all/results/rank").text
    assert "Mean place" in ranking
    assert "Borda points" not in ranking  # exact sums are for the secretariat


def test_staff_see_what_is_added_up_exactly(sign_in, answered):
    answered(60)
    staff = sign_in(Role.SECRETARIAT)
    assert "Borda points" in staff.get("/consultations/all/results/rank").text
    assert "Mean 4" in staff.get("/consultations/all/results/score").text
    for path in PATHS:
        assert staff.get(f"/consultations/all/{path}").status_code == 200, path


@pytest.mark.parametrize("people", [0, 3, 7, 40])
def test_no_page_shows_a_small_number_of_people(client, answered, people):
    answered(people)
    for path in PATHS:
        page = client.get(f"/consultations/all/{path}")
        assert page.status_code == 200, path
        for cell in re.findall(r'wm-number"[^>]*Responses"[^>]*>\s*(\d+)\s*<', page.text):
            assert int(cell) == 0 or int(cell) >= 5, path
    document = client.get("/consultations/all/results.json?by=country").json
    for part in (document, *document["by"].values()):
        for question in part["questions"]:
            counts = [option["count"] for option in question["options"]]
            assert not {1, 2, 3, 4} & {*counts, question["answered"]}
            figures = question.get("figures", {})
            if question["answered"] is None:
                shown = [figures.get(name) for name in ("mean", "median", "p10", "p90")]
                shown += [*figures.get("means", []), *figures.get("mean_places", [])]
                assert set(shown) <= {None}, question


def test_a_calculated_number_is_never_published(web_session, answered):
    consultation = answered(50)
    results = read_results(web_session, consultation=consultation)
    published = {q["code"]: q for q in results.public_document()["questions"]}
    exact = {q["code"]: q for q in results.document()["questions"]}
    assert exact["score"]["figures"]["mean"] is not None
    assert published["score"]["figures"]["mean"] is None
    assert results.withdrawn == {"say": 1}
    assert results.document()["withdrawn"] == {"say": 1}
