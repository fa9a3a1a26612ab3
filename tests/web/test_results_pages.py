"""Results pages: after closing, without numbers that point at people; exact for staff only."""

import csv
import io
import json
import re

import pytest

from app.projection import project_responses
from core.audit import OPERATOR
from stakeholders.permissions import Role
from surveys.consultations import get_consultation
from surveys.imported_responses import import_have_your_say

COLUMNS = (
    "Reference;Feedback date;Language;User type;First name;Surname;Scope;Organisation name;"
    "Transparency register number;Organisation size;Country;Publication privacy settings"
)


def export(answers):
    """An export with one record for each (user type, country, agree, areas, rating)."""
    lines = [f'{COLUMNS};Agree?;Which areas?;"Rate it\n: Roads";"Rate it\n: Rails";Why?']
    for number, (kind, country, agree, areas, rating) in enumerate(answers):
        lines.append(
            f"R{number};01.02.2024 10:00;English;{kind};;;;;;;{country};anonymous;"
            f"{agree};{areas};{rating};{rating};reason {number} <script>"
        )
    return "\n".join(lines).encode()


PEOPLE = [
    *[("EU Citizen", "Germany", "Yes", "Health", "5 - Good")] * 20,
    *[("EU Citizen", "Greece", "No", "Health, =Energy", "1 - Bad")] * 10,
    *[("NGO", "Germany", "Yes", "=Energy", "3 - Fair")] * 9,
    *[("Trade Union", "Malta", "No opinion", "Health", "5 - Good")] * 3,
]


@pytest.fixture
def import_results(app, web_session, now):
    def import_results(people=PEOPLE, **changes):
        import_have_your_say(
            web_session, data=export(people), slug="roads", title="Roads & rails",
            actor=OPERATOR, now=now,
        )  # fmt: skip
        consultation = get_consultation(web_session, slug="roads")
        for name, value in changes.items():
            setattr(consultation, name, value)
        with app.app_context():
            project_responses(web_session, now=now)
        web_session.commit()

    return import_results


def test_the_overview_shows_who_answered_and_every_question(client, import_results):
    import_results()
    page = client.get("/consultations/roads/results")
    assert page.status_code == 200
    assert "public, max-age" in page.headers["Cache-Control"]
    for words in ("Roads &amp; rails", "Agree?", "Which areas?", "Rate it", "Germany", "EU citizen",
                  "42", "not the position of"):  # fmt: skip
        assert words in page.text
    assert page.text.count("<svg class=") >= 8
    assert page.text.count("<title id=") == page.text.count("<desc id=")


def test_small_numbers_are_hidden_from_the_public(client, import_results):
    import_results()
    for path in ("results", "results/Q1", "results/Q3", "results/Q3.r1", "results/Q2"):
        page = client.get(f"/consultations/roads/{path}").text
        if path != "results/Q3":  # overall, no number of it is small
            assert "fewer than 5" in page, path
        assert not re.search(r">\s*[1-4]\s*(<span|</td>|·)", page), path


def test_staff_see_exact_figures_marked_as_such(sign_in, import_results):
    import_results()
    staff = sign_in(Role.SECRETARIAT)
    page = staff.get("/consultations/roads/results/Q1")
    assert "Exact figures" in page.text
    assert re.search(r"wm-number\"[^>]*>\s*3\s*<", page.text)
    assert "no-store" in page.headers["Cache-Control"]
    public = staff.get("/consultations/roads/results/Q1?view=public").text
    assert "what the public sees" in public
    assert not re.search(r"wm-number\"[^>]*>\s*3\s*<", public)


def test_other_roles_see_what_the_public_sees(sign_in, import_results):
    import_results()
    page = sign_in(Role.CITIZEN).get("/consultations/roads/results/Q1").text
    assert "Exact figures" not in page
    assert not re.search(r"wm-number\"[^>]*>\s*3\s*<", page)


def test_nothing_is_shown_before_the_consultation_closes(client, sign_in, import_results):
    import_results(closes_at=None)
    for path in ("results", "results/Q1"):
        page = client.get(f"/consultations/roads/{path}")
        assert page.status_code == 200
        assert "no results yet" in page.text
        assert "Germany" not in page.text
    assert client.get("/consultations/roads/results.json").status_code == 404
    assert client.get("/consultations/roads/results.csv").status_code == 404
    assert "interim figures" in sign_in(Role.SECRETARIAT).get("/consultations/roads/results").text


def test_too_few_responses_say_nothing(client, import_results):
    import_results(people=PEOPLE[:3])
    page = client.get("/consultations/roads/results").text
    assert "Too few responses" in page
    assert "Germany" not in page
    document = client.get("/consultations/roads/results.json?by=country").json
    assert document["responses"] is None
    assert {g["responses"] for g in document["by"].values()} == {None}


def test_simulated_responses_are_marked(client, import_results):
    import_results(simulated=True)
    assert "Simulated" in client.get("/consultations/roads/results").text


def test_downloads_hold_the_published_table(client, import_results):
    import_results()
    document = client.get("/consultations/roads/results.json?by=country").json
    assert document["responses"] == 42
    assert document["by"]["MT"]["responses"] is None
    agree = document["questions"][0]
    assert agree["title"] == "Agree?"
    assert None in [option["count"] for option in agree["options"]]
    file = client.get("/consultations/roads/results.csv?by=country")
    assert file.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(file.text.removeprefix("\ufeff"))))
    assert {row["group"] for row in rows} == {"", "DE", "EL", "MT"}
    assert all(row["hidden"] == ("yes" if row["count"] == "" else "") for row in rows)
    assert {row["option"] for row in rows if row["question"] == "Q2"} == {"Health", "'=Energy"}


def test_user_text_is_text_and_pages_carry_no_inline_code(client, import_results):
    people = [(*person[:2], '"<b onclick=x>Yes</b>"', *person[3:]) for person in PEOPLE]
    import_results(people=people)
    page = client.get("/consultations/roads/results")
    assert "&lt;b onclick=x&gt;Yes&lt;/b&gt;" in page.text
    assert "<b onclick" not in page.text
    assert " style=" not in page.text
    assert "<script>" not in page.text


def test_unknown_addresses_are_not_found(client, import_results):
    assert client.get("/consultations/nowhere/results").status_code == 404
    import_results()
    assert client.get("/consultations/roads/results/Q99").status_code == 404
    assert client.get("/consultations/roads/results.json?by=surname").status_code == 422


def test_french_readers_get_the_page_and_the_numbers(client, import_results):
    import_results()
    page = client.get("/consultations/roads/results", headers={"Accept-Language": "fr"})
    assert page.status_code == 200
    assert "Allemagne" in page.text


def test_the_commands_import_and_show_exact_results(app, tmp_path):
    runner = app.test_cli_runner()
    file = tmp_path / "roads.csv"
    file.write_bytes(export(PEOPLE) + b"\nR99;yesterday;English;;;;;;;;;anonymous;Yes;;;;")
    result = runner.invoke(
        args=["surveys", "import", str(file), "--format", "hys", "--slug", "Roads", "--json"]
    )
    assert result.exit_code == 0
    imported = json.loads(result.stdout)
    assert imported == {
        "slug": "roads", "questions": 4, "read": 43, "imported": 42,
        "rejected": [{"line": 46, "why": "Feedback date: “yesterday” is not a date such as "
                                         "31.12.2020 23:59"}],
    }  # fmt: skip
    result = runner.invoke(args=["surveys", "results", "roads", "--by", "country", "--json"])
    document = json.loads(result.stdout)
    assert set(document) == {"slug", "responses", "questions", "by"}
    assert document["by"]["MT"]["responses"] == 3
    areas = document["questions"][1]
    assert areas["type"] == "multiple_choice"
    assert {o["label"]: o["count"] for o in areas["options"]} == {"Health": 33, "=Energy": 19}
    assert "roads: 42 responses" in runner.invoke(args=["surveys", "results", "roads"]).stdout
    rebuilt = runner.invoke(args=["surveys", "rebuild", "roads", "--json"])
    assert json.loads(rebuilt.stdout) == {"slug": "roads", "responses": 42}
    again = runner.invoke(args=["surveys", "import", str(file), "--slug", "roads"])
    assert again.exit_code == 1
    assert "surveys.already_imported" in again.stderr
    assert runner.invoke(args=["surveys", "results", "nowhere", "--json"]).exit_code == 1
    assert runner.invoke(args=["surveys", "results", "roads", "--by", "name"]).exit_code == 2
