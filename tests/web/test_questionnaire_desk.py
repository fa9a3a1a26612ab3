"""Around the builder: preview, translation, versions, files, the library, milestones."""

import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.audit import OPERATOR
from core.clock import utc_now
from roadmap.formats.folder import read_folder
from roadmap.roadmaps import import_roadmap
from stakeholders.permissions import Role
from surveys.consultations import get_consultation
from surveys.definition import parse_definition
from surveys.formats.waymark_json import read_json
from surveys.formats.xliff import write_xliff
from surveys.imports import import_questionnaire
from surveys.making.building import find_draft_version
from surveys.making.editing import Document, change_question, find_question
from surveys.making.translation import with_translations
from surveys.models import Draft

FOLDER = Path(__file__).parents[1] / "questionnaires"
CONSULTING = (FOLDER / "consulting.json").read_bytes()
BASE = "/desk/consultations/asking/questionnaire"


@pytest.fixture
def desk(web_session: Session, sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    import_questionnaire(
        web_session, slug="asking", imported=read_json(CONSULTING), actor=OPERATOR, now=utc_now()
    )
    web_session.commit()
    return sign_in(Role.SECRETARIAT)


def token(client: FlaskClient) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/").text)
    assert found is not None
    return found.group(1)


def post(client: FlaskClient, path: str, **fields: object) -> str:
    data = {"csrf_token": token(client), **fields}
    return client.post(BASE + path, data=data, follow_redirects=True).text


def document(session: Session) -> Document:
    version = find_draft_version(session, consultation=get_consultation(session, slug="asking"))
    assert version is not None
    definition = version.definition
    session.rollback()
    return definition


def test_the_preview_follows_answers_and_saves_nothing(
    desk: FlaskClient, web_session: Session
) -> None:
    page = desk.get(BASE + "/preview").text
    asked = re.search(r'name="asked" value="([^"]*)"', page)
    assert asked is not None
    page = post(
        desk, "/preview", asked=asked.group(1), action="check", **{"share.x": "4", "share.y": "5"}
    )
    assert "1 answer would be refused" in page
    assert "must add up to 10" in page
    page = post(
        desk, "/preview", asked=asked.group(1), action="check", **{"share.x": "4", "share.y": "6"}
    )
    assert "These answers would be accepted" in page
    assert web_session.scalar(select(func.count()).select_from(Draft)) == 0


def test_the_preview_is_in_any_language_of_the_questionnaire(desk: FlaskClient) -> None:
    page = desk.get(BASE + "/preview?lang=fr", follow_redirects=True).text
    assert "Français" in page
    assert "How useful?" in page  # not translated yet: shown in the first language


def test_a_questionnaire_that_does_not_hold_together_says_so_in_the_preview(
    desk: FlaskClient,
) -> None:
    post(desk, "/questions/rate", title="", show_mode="always")
    page = desk.get(BASE + "/preview").text
    assert "cannot be shown yet" in page
    assert "the first language must be complete" in page


def test_texts_are_translated_side_by_side(desk: FlaskClient, web_session: Session) -> None:
    page = desk.get(BASE + "/translations/fr?only=missing").text
    assert 'name="text-rate.title"' in page
    assert 'name="text-title"' not in page
    post(desk, "/translations/fr", **{"was-rate.title": "", "text-rate.title": "Utile ?"})
    assert find_question(document(web_session), "rate")["title"]["fr"] == "Utile ?"  # type: ignore[index]


def test_two_translators_do_not_overwrite_each_other(
    desk: FlaskClient, web_session: Session
) -> None:
    post(desk, "/translations/fr", **{"was-rate.title": "", "text-rate.title": "Utile ?"})
    page = post(
        desk, "/translations/fr",
        **{"was-rate.title": "", "text-rate.title": "Est-ce utile ?",
           "was-rate.low": "", "text-rate.low": ""},
    )  # fmt: skip
    assert "somebody else translated this text meanwhile" in page
    assert "Est-ce utile ?" in page
    assert find_question(document(web_session), "rate")["title"]["fr"] == "Utile ?"  # type: ignore[index]


def test_a_file_goes_out_to_a_translator_and_comes_back(
    desk: FlaskClient, web_session: Session
) -> None:
    sent = desk.get(BASE + "/translations/fr/file")
    assert sent.headers["Content-Type"].startswith("application/xliff+xml")
    done = with_translations(document(web_session), "fr", {"rate.title": "Utile ?"})
    data = write_xliff(done, language="fr", name="asking").replace(b"In which order?", b"Changed?")
    page = post(desk, "/translations/file", file=(io.BytesIO(data), "fr.xlf"))
    assert "1 text in Français is taken over" in page
    assert "source has changed" not in page  # it was not translated, so nothing is refused
    assert find_question(document(web_session), "rate")["title"]["fr"] == "Utile ?"  # type: ignore[index]


def test_while_it_is_out_for_translation_nothing_else_changes(
    desk: FlaskClient, web_session: Session
) -> None:
    post(desk, "/translations/freeze")
    page = post(desk, "/questions/rate", title="Other words", show_mode="always", maximum="7")
    assert "only its translations can be changed" in page
    post(desk, "/translations/fr", **{"was-rate.title": "", "text-rate.title": "Utile ?"})
    post(desk, "/translations/freeze", end="yes")
    assert find_question(document(web_session), "rate")["title"] == {  # type: ignore[index]
        "en": "How useful?", "fr": "Utile ?",
    }  # fmt: skip


def publish(desk: FlaskClient, **fields: str) -> str:
    page = desk.get(BASE + "/publish").text
    sha256 = re.search(r'name="sha256" value="([^"]+)"', page)
    assert sha256 is not None
    return post(desk, "/publish", sha256=sha256.group(1), **fields)


def test_a_version_is_published_and_the_next_one_compared_with_it(desk: FlaskClient) -> None:
    assert "Version 1 is published and frozen" in publish(desk)
    post(desk, "/begin")
    post(desk, "/step/question_deleted", code="since")
    page = desk.get(BASE + "/publish").text
    assert "removed" in page
    assert "since" in page
    assert "removed" in desk.get(BASE + "/differences?from=1&to=2").text


def test_what_cannot_hold_is_published_only_after_a_second_look(desk: FlaskClient) -> None:
    post(
        desk, "/questions/since", title="Since when?", show_mode="text",
        show_if="rate > 5 and rate < 2",
    )  # fmt: skip
    assert "Nothing was changed" in publish(desk)
    assert "published and frozen" in publish(desk, anyway="yes")


def test_what_was_looked_at_is_what_is_published(desk: FlaskClient) -> None:
    assert "changed since you looked" in post(desk, "/publish", sha256="0" * 64)


def test_files_go_out_and_come_in(desk: FlaskClient, web_session: Session) -> None:
    sent = desk.get(BASE + "/export/json")
    assert json.loads(sent.data) == json.loads(CONSULTING)
    changed = change_question(json.loads(CONSULTING), code="rate", fields={"title": {"en": "New"}})
    page = post(desk, "/import", file=(io.BytesIO(json.dumps(changed).encode()), "file.json"))
    assert "it can be undone" in page
    assert document(web_session) == changed
    post(desk, "/undo")
    assert document(web_session) == json.loads(CONSULTING)


@pytest.mark.parametrize("data", [b"", b"nothing", b"{}", b"<html></html>"])
def test_a_file_that_is_no_questionnaire_changes_nothing(
    desk: FlaskClient, web_session: Session, data: bytes
) -> None:
    page = post(desk, "/import", file=(io.BytesIO(data), "file"))
    assert "Nothing was changed" in page
    assert document(web_session) == json.loads(CONSULTING)


def test_the_background_questions_are_a_block(desk: FlaskClient, web_session: Session) -> None:
    post(desk, "/blocks/insert", block="background", first="yes")
    asked = parse_definition(document(web_session))
    assert asked.sections[0].questions[0].code == "respondent_type"
    country = asked.by_code["country"]
    assert country.find_option("DE").label.in_language("fr") == "Allemagne"  # type: ignore[union-attr]
    page = desk.get(BASE + "/preview?as=public_authority").text
    assert "Scope of the authority" in page
    assert "Scope of the authority" not in desk.get(BASE + "/preview?as=eu_citizen").text


def test_a_section_is_kept_and_used_again(desk: FlaskClient, web_session: Session) -> None:
    post(desk, "/blocks/save", section="roadmap", name="The roadmap!")
    assert "in use already" in post(desk, "/blocks/save", section="roadmap", name="the-roadmap")
    post(desk, "/blocks/insert", block="the-roadmap", after="opinions")
    sections = [section["code"] for section in document(web_session)["sections"]]
    assert len(sections) == 3
    assert sections[0] == "opinions"
    post(desk, "/blocks/delete", block="the-roadmap")
    assert "no block named" in post(desk, "/blocks/insert", block="the-roadmap")


def test_milestones_are_taken_from_a_draft_roadmap(
    desk: FlaskClient, web_session: Session, tmp_path: Path
) -> None:
    (tmp_path / "milestones.csv").write_text(
        "code,title,agenda,area,duration_days\nA,Prototype,SRIA,radio,10\n"
        "B,Corridor,SDA,radio,10\nC,Trial,SRIA,cloud,10\n"
    )
    (tmp_path / "dependencies.csv").write_text("from,to,kind,lag_days\nA,B,FS,0\n")
    import_roadmap(
        web_session, slug="small", draft=read_folder(tmp_path), actor=OPERATOR, now=utc_now()
    )
    web_session.commit()
    page = post(desk, "/questions/links/roadmap", roadmap="small")
    assert "taken from the roadmap" in page
    links = find_question(document(web_session), "links")
    assert links is not None
    assert [option["code"] for option in links["options"]] == ["A", "B", "C"]
    assert links["dependencies"] == [{"from": "A", "to": "B", "kind": "FS"}]
    assert "no milestone fits" in post(desk, "/questions/prio/roadmap", roadmap="small", codes="Z")
    parse_definition(document(web_session))


def test_others_than_the_secretariat_see_none_of_it(sign_in: Callable[..., FlaskClient]) -> None:
    client = sign_in(Role.AUDITOR)
    for path in ("/preview", "/translations/", "/versions", "/publish", "/blocks"):
        assert client.get(BASE + path).status_code == 403


def test_the_kind_of_respondent_stays_when_the_language_of_the_preview_changes(
    desk: FlaskClient,
) -> None:
    post(desk, "/blocks/insert", block="background", first="yes")
    page = desk.get(BASE + "/preview?as=eu_citizen").text
    assert "as=eu_citizen&amp;lang=fr" in page
    # What is chosen in the form afterwards counts, not the address.
    page = desk.post(
        BASE + "/preview?as=eu_citizen",
        data={"csrf_token": token(desk), "asked": "respondent_type",
              "respondent_type": "public_authority", "action": "look"},
    ).text  # fmt: skip
    assert 'value="public_authority" selected' in page
