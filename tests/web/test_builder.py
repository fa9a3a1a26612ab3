"""Building a questionnaire in the browser, without seeing JSON and without scripts."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from core.audit import OPERATOR
from core.clock import utc_now
from core.text import LocalizedText
from stakeholders.permissions import Role
from surveys.consultations import create_consultation, get_consultation, publish_version
from surveys.definition import parse_definition
from surveys.making.building import find_draft_version
from surveys.making.editing import Part, find_question, questions_of

BASE = "/desk/consultations/built/questionnaire"


@pytest.fixture
def desk(web_session: Session, sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    create_consultation(
        web_session, slug="built", title=LocalizedText({"en": "Built", "fr": "Construit"}, "en"),
        actor=OPERATOR, now=utc_now(),
    )  # fmt: skip
    web_session.commit()
    client = sign_in(Role.SECRETARIAT)
    post(client, "/begin")
    return client


def post(client: FlaskClient, path: str, **fields: object) -> str:
    """Send a form and follow to the page it leads to."""
    page = client.get("/").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    data = {"csrf_token": token.group(1) if token else "", **fields}
    answer = client.post(BASE + path, data=data, follow_redirects=True)
    return answer.text


def document(session: Session) -> Part:
    version = find_draft_version(session, consultation=get_consultation(session, slug="built"))
    assert version is not None
    definition = version.definition
    session.rollback()  # reading took the write lock
    return definition


def codes(session: Session) -> list[str]:
    return [question["code"] for question in questions_of(document(session))]


def add(client: FlaskClient, kind: str, **fields: object) -> None:
    post(client, "/step/question_added", code="section_1", type=kind)
    number = len(re.findall(r'class="wm-builder__question"', client.get(BASE + "/").text))
    if fields:
        post(client, f"/questions/Q{number}", **fields)


def test_a_questionnaire_is_made_from_nothing(desk: FlaskClient, web_session: Session) -> None:
    post(desk, "/sections/section_1", title="About you", show_mode="always")
    add(
        desk, "single_choice", title="Are you a member?", required="always", show_mode="always",
        **{"options-0-was": "a", "options-0-code": "yes", "options-0-label": "Yes",
           "options-1-was": "b", "options-1-code": "no", "options-1-label": "No",
           "options-more": "Not yet\nmaybe | Perhaps"},
    )  # fmt: skip
    add(
        desk, "number", title="Since when?", whole="yes", minimum="1990", unit="year",
        show_mode="all", **{"line-0-name": "Q1", "line-0-comparison": "is", "line-0-value": "yes"},
    )  # fmt: skip
    asked = parse_definition(document(web_session))
    assert [option.code for option in asked.by_code["Q1"].options] == [
        "yes",
        "no",
        "not_yet",
        "maybe",
    ]
    assert asked.by_code["Q1"].required
    assert str(asked.by_code["Q2"].show_if) == "Q1 == 'yes'"
    assert (asked.by_code["Q2"].minimum, asked.by_code["Q2"].whole) == (1990, True)
    assert "Everything fits together" in desk.get(BASE + "/").text


def test_what_is_missing_is_listed_with_a_link_to_it(desk: FlaskClient) -> None:
    add(desk, "single_choice")
    page = desk.get(BASE + "/").text
    assert f'href="{BASE}/questions/Q1#options-0-label"' in page
    assert "Q1, option a, label, English</a>: is missing" in page
    assert "sections[0]" not in page  # nobody has to read JSON
    fresh = desk.get(BASE + "/questions/Q1").text
    assert "is missing" not in fresh  # nothing is written yet: no reproach
    empty = {"options-0-was": "a", "options-0-code": "a", "options-0-label": ""}
    post(desk, "/questions/Q1", title="Which?", show_mode="always", **empty)
    assert "option a, label, English</a>: is missing" in desk.get(BASE + "/questions/Q1").text


def condition(client: FlaskClient, session: Session, name: str, comparison: str, value: str) -> str:
    """What the menus of the last question make of a line; empty where they refuse it."""
    last = codes(session)[-1]
    post(
        client, f"/questions/{last}", title="Then?", show_mode="all",
        **{"line-0-name": name, "line-0-comparison": comparison, "line-0-value": value},
    )  # fmt: skip
    made = find_question(document(session), last)
    assert made is not None
    kept = str(made.pop("show_if", ""))
    post(client, f"/questions/{last}", title="Then?", show_mode="always")
    return kept


def test_menus_know_what_kind_of_answer_a_question_has(
    desk: FlaskClient, web_session: Session
) -> None:
    options = {"options-0-was": "a", "options-0-code": "a", "options-0-label": "Yes, please"}
    for kind in (
        "single_choice",
        "multiple_choice",
        "number",
        "date",
        "quarter",
        "points",
        "upload",
    ):
        add(desk, kind, title=kind, show_mode="always", **options)
    add(desk, "short_text", title="Then?", show_mode="always")

    def made(name: str, comparison: str, value: str = "") -> str:
        return condition(desk, web_session, name, comparison, value)

    assert made("Q1", "is", "a") == "Q1 == 'a'"
    assert made("Q1", "is", "yes, please") == "Q1 == 'a'"  # a label does as well
    assert made("Q1", "is", "nothing of the kind") == ""
    assert made("Q1", "at_least", "a") == ""
    assert made("Q2", "is", "a") == "'a' in Q2"  # what is meant, where it is plain
    assert made("Q3", "is", "5") == "Q3 == 5"
    assert made("Q3", "is", "many") == ""
    assert made("Q4", "at_least", "2026-11-22") == "Q4 >= '2026-11-22'"
    assert made("Q4", "at_least", "tomorrow") == ""
    assert made("Q5", "less_than", "2028-Q3") == "Q5 < '2028-Q3'"
    assert made("Q6.a", "more_than", "3") == "Q6.a > 3"
    assert made("Q7", "is_answered") == "answered(Q7)"
    assert made("Q7", "is", "x") == ""
    assert made("Q99", "is_answered") == ""


def test_a_condition_that_menus_do_not_know_stays_when_the_form_is_saved(
    desk: FlaskClient, web_session: Session
) -> None:
    add(desk, "number", title="How many?", show_mode="always")
    add(desk, "short_text", title="Then?", show_mode="text", show_if="gone == 'x'")
    page = desk.get(BASE + "/questions/Q2").text
    assert re.search(r'value="text" checked', page)
    assert "gone == &#39;x&#39;" in page


def test_parts_are_moved_duplicated_deleted_and_everything_is_undone(
    desk: FlaskClient, web_session: Session
) -> None:
    for kind in ("number", "date", "rating"):
        add(desk, kind, title=kind, show_mode="always")
    post(desk, "/step/question_moved", code="Q3", to="up")
    assert codes(web_session) == ["Q1", "Q3", "Q2"]
    post(desk, "/step/question_duplicated", code="Q1")
    post(desk, "/step/question_deleted", code="Q2")
    post(desk, "/step/section_duplicated", code="section_1")
    assert len(document(web_session)["sections"]) == 2
    for _ in range(3):
        assert "Undone" in post(desk, "/undo")
    assert codes(web_session) == ["Q1", "Q3", "Q2"]
    assert "Done again" in post(desk, "/redo")


def test_a_question_moves_over_the_end_of_its_section(
    desk: FlaskClient, web_session: Session
) -> None:
    add(desk, "number", title="N", show_mode="always")
    post(desk, "/step/section_added")
    post(desk, "/step/question_moved", code="Q1", to="down")
    assert [len(s["questions"]) for s in document(web_session)["sections"]] == [0, 1]
    post(desk, "/step/question_moved", code="Q1", to="up")
    assert [len(s["questions"]) for s in document(web_session)["sections"]] == [1, 0]


def test_a_number_that_is_none_is_named_and_nothing_typed_is_lost(
    desk: FlaskClient, web_session: Session
) -> None:
    add(desk, "number")
    page = post(desk, "/questions/Q1", title="How many?", minimum="many", show_mode="always")
    assert "Enter a number." in page
    assert "How many?" in page
    assert 'value="many"' in page
    assert find_question(document(web_session), "Q1")["title"] == {}  # type: ignore[index]


def test_of_two_people_at_once_the_second_keeps_what_they_typed(
    desk: FlaskClient, web_session: Session
) -> None:
    add(desk, "number")
    seen = re.search(r'name="seen" value="(\d+)"', desk.get(BASE + "/questions/Q1").text)
    assert seen is not None
    post(desk, "/questions/Q1", title="First", show_mode="always", seen=seen.group(1))
    page = post(desk, "/questions/Q1", title="Second", show_mode="always", seen=seen.group(1))
    assert "Somebody else changed the questionnaire" in page
    assert "Second" in page
    assert find_question(document(web_session), "Q1")["title"] == {"en": "First"}  # type: ignore[index]


def test_texts_are_edited_one_language_at_a_time(desk: FlaskClient, web_session: Session) -> None:
    add(desk, "number", title="How many?", show_mode="always")
    post(desk, "/questions/Q1", title="Combien ?", show_mode="always", **{"in": "fr"})
    assert find_question(document(web_session), "Q1")["title"] == {  # type: ignore[index]
        "en": "How many?", "fr": "Combien ?",
    }  # fmt: skip
    page = desk.get(BASE + "/questions/Q1?in=fr").text
    assert 'lang="fr"' in page
    assert "How many?" in page


def test_a_condition_that_menus_cannot_say_is_written_as_text(
    desk: FlaskClient, web_session: Session
) -> None:
    add(desk, "number", title="A", show_mode="always")
    add(desk, "number", title="B", show_mode="text", show_if="Q1 * 2 > 10")
    assert find_question(document(web_session), "Q2")["show_if"] == "Q1 * 2 > 10"  # type: ignore[index]
    page = desk.get(BASE + "/questions/Q2").text
    assert re.search(r'value="text" checked', page)
    post(desk, "/questions/Q2", title="B", show_mode="text", show_if="Nobody > 1")
    assert "there is no question Nobody" in desk.get(BASE + "/questions/Q2").text


def test_another_code_is_followed_by_what_names_it(desk: FlaskClient, web_session: Session) -> None:
    add(desk, "number", title="A", show_mode="always")
    add(desk, "number", title="B", show_mode="text", show_if="Q1 > 1")
    post(desk, "/questions/Q1", title="A", show_mode="always", code="people")
    assert find_question(document(web_session), "Q2")["show_if"] == "people > 1"  # type: ignore[index]
    assert "in use already" in post(
        desk, "/questions/Q2", title="B", show_mode="always", code="people"
    )


def test_languages_and_layout_are_settings(desk: FlaskClient, web_session: Session) -> None:
    post(
        desk, "/settings", title="Networks", layout="one_page", fallback="en",
        languages=["en", "fr", "de"],
    )  # fmt: skip
    made = document(web_session)
    assert set(made["languages"]) == {"en", "fr", "de"}
    assert (made["languages"][0], made["layout"], made["title"]["en"]) == (
        "en",
        "one_page",
        "Networks",
    )


@pytest.mark.parametrize("kind", ["question_moved", "section_deleted", "question_added"])
def test_what_is_not_there_any_more_is_refused(desk: FlaskClient, kind: str) -> None:
    page = post(desk, f"/step/{kind}", code="gone", type="number", to="up")
    assert "Nothing was changed" in page


def test_others_than_the_secretariat_see_nothing(sign_in: Callable[..., FlaskClient]) -> None:
    client = sign_in(Role.AUDITOR)
    assert client.get(BASE + "/").status_code == 403


def test_what_no_database_can_store_is_refused_and_shown_again(
    desk: FlaskClient, web_session: Session
) -> None:
    add(desk, "number", title="How many?", show_mode="always")
    for fields in ({"title": "How\0many?"}, {"title": "How many?", "help": "a\0b"}):
        page = post(desk, "/questions/Q1", show_mode="always", **fields)
        assert "contains a NUL character" in page
    assert find_question(document(web_session), "Q1")["title"] == {"en": "How many?"}  # type: ignore[index]


def test_no_question_is_called_like_a_word_of_the_language(
    desk: FlaskClient, web_session: Session
) -> None:
    add(desk, "number", title="How many?", show_mode="always")
    page = post(desk, "/questions/Q1", title="How many?", show_mode="always", code="and")
    assert "and is a word of the condition language" in page
    assert codes(web_session) == ["Q1"]


def test_too_many_options_are_refused_with_their_number(
    desk: FlaskClient, web_session: Session
) -> None:
    add(desk, "single_choice", title="Which?", show_mode="always")
    many = "\n".join(f"o{number} | Option {number}" for number in range(1001))
    page = post(desk, "/questions/Q1", title="Which?", show_mode="always", **{"options-more": many})
    assert "At most 1,000 are possible; these are 1,001." in page
    assert not find_question(document(web_session), "Q1").get("options")  # type: ignore[union-attr]


@pytest.mark.parametrize("typed", ["9" * 400, "1e400", "9e15", "NaN", "many"])
def test_a_number_that_is_none_or_too_large_is_refused(desk: FlaskClient, typed: str) -> None:
    add(desk, "number", title="How many?", show_mode="always")
    page = post(desk, "/questions/Q1", title="How many?", show_mode="always", minimum=typed)
    assert "Enter a number." in page


def test_only_languages_that_exist_can_be_the_first(
    desk: FlaskClient, web_session: Session
) -> None:
    post(desk, "/settings", title="Built", fallback="zz", languages=["en", "xx", "fr"])
    assert document(web_session)["languages"] == ["en", "fr"]


@pytest.mark.parametrize("page", ["preview", "export/json", "differences"])
def test_a_version_that_no_database_can_hold_is_simply_not_there(
    desk: FlaskClient, page: str
) -> None:
    huge = "9" * 30
    answer = desk.get(f"{BASE}/{page}?version={huge}&to={huge}")
    assert answer.status_code == 409


def seen(client: FlaskClient, path: str) -> str:
    found = re.search(r'name="seen" value="([0-9]+)"', client.get(BASE + path).text)
    assert found is not None
    return found.group(1)


def test_two_people_work_on_two_questions_without_minding_each_other(
    desk: FlaskClient, web_session: Session
) -> None:
    for kind in ("number", "date"):
        add(desk, kind, title=kind, show_mode="always")
    first, second = seen(desk, "/questions/Q1"), seen(desk, "/questions/Q2")
    post(desk, "/questions/Q1", title="How many?", show_mode="always", seen=first)
    post(desk, "/questions/Q2", title="When?", show_mode="always", seen=second)
    post(desk, "/sections/section_1", title="About you", show_mode="always", seen=first)
    asked = document(web_session)
    assert [part["title"]["en"] for part in questions_of(asked)] == ["How many?", "When?"]
    assert asked["sections"][0]["title"] == {"en": "About you"}


def test_of_two_people_at_one_question_the_second_is_told_and_decides(
    desk: FlaskClient, web_session: Session
) -> None:
    add(desk, "number", title="number", show_mode="always")
    both = seen(desk, "/questions/Q1")
    post(desk, "/questions/Q1", title="How many?", show_mode="always", seen=both)
    page = post(desk, "/questions/Q1", title="How much?", show_mode="always", seen=both)
    assert "Somebody else changed the questionnaire" in page
    assert "How much?" in page
    assert "See it as it is now" in page
    now = re.search(r'name="seen" value="([0-9]+)"', page)
    assert now is not None
    post(desk, "/questions/Q1", title="How much?", show_mode="always", seen=now.group(1))
    assert find_question(document(web_session), "Q1")["title"] == {"en": "How much?"}  # type: ignore[index]


def test_what_changed_is_told_in_words(desk: FlaskClient, web_session: Session) -> None:
    options = {"options-0-code": "a", "options-0-label": "Yes & <always>",
               "options-1-code": "b", "options-1-label": "No"}  # fmt: skip
    post(desk, "/sections/section_1", title="S", show_mode="always")
    add(desk, "single_choice", title="Which?", show_mode="always", **options)
    consultation = get_consultation(web_session, slug="built")
    version = find_draft_version(web_session, consultation=consultation)
    assert version is not None
    publish_version(
        web_session, consultation=consultation, version=version, actor=OPERATOR, now=utc_now()
    )
    web_session.commit()
    del options["options-0-code"], options["options-0-label"]
    post(desk, "/questions/Q1", title="Which?", required="always", show_mode="always", **options)
    page = desk.get(BASE + "/differences").text
    assert "Yes &amp; &lt;always&gt;" in page
    assert "must be answered" in page
    assert "u003c" not in page
    assert "show_if" not in page
