"""What was imported can be answered: every page of it is shown."""

from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from core.audit import OPERATOR
from surveys.consultations import publish_version, schedule_consultation
from surveys.definition import parse_definition
from surveys.formats.imported import ImportedQuestionnaire
from surveys.formats.lss.reading import read_lss
from surveys.formats.waymark_json import read_json
from surveys.imports import import_questionnaire
from surveys.routing import route

FEATURES = sorted((Path(__file__).parents[1] / "questionnaires").glob("*.json"))


def open_imported(session: Session, imported: ImportedQuestionnaire) -> None:
    now = datetime.now(UTC)
    version = import_questionnaire(
        session, slug="imported", imported=imported, actor=OPERATOR, now=now
    )
    consultation = version.consultation
    consultation.asks_profile = False
    publish_version(session, consultation=consultation, version=version, actor=OPERATOR, now=now)
    schedule_consultation(
        session,
        consultation=consultation,
        opens_at=now - timedelta(days=1),
        closes_at=now + timedelta(days=1),
        actor=OPERATOR,
        now=now,
    )
    session.commit()


def walk(client: FlaskClient, imported: ImportedQuestionnaire) -> int:
    """How many sections were shown; all that are shown without answers are looked at."""
    seen = 0
    asked = parse_definition(imported.document)
    taken = route(asked, {})
    for section in asked.sections:
        page = client.get(
            f"/consultations/imported/answer/section/{section.code}",
            # A questionnaire on one page is not asked section by section.
            follow_redirects=asked.layout == "one_page",
        )
        assert page.status_code in (200, 302, 303), page.text
        if page.status_code == 200:
            seen += 1
            for question in section.questions:
                if taken.shows(question.code):
                    said = " ".join(taken.text(question.title, "en").split())
                    assert " ".join(said.split()[:1]) in unescape(page.text)
    return seen


@pytest.mark.parametrize("path", FEATURES, ids=lambda path: path.stem)
def test_every_feature_can_be_answered(
    client: FlaskClient, web_session: Session, path: Path
) -> None:
    imported = read_json(path.read_bytes())
    open_imported(web_session, imported)
    assert walk(client, imported) >= 1


@pytest.mark.parametrize(
    "name",
    [
        "ls205_cascading_array_filter",
        "ls205_em_tailoring",
        "ls205_group_relevance",
        "ls205_validation_tests",
        "ls6_sample_survey_multilingual_fr_de_en_it_ru",
    ],
)
def test_limesurveys_demonstrations_can_be_answered(
    client: FlaskClient, web_session: Session, shared_data: Path, name: str
) -> None:
    imported = read_lss((shared_data / "lss" / f"{name}.lss").read_bytes())
    open_imported(web_session, imported)
    assert walk(client, imported) >= 1
