"""An imported questionnaire becomes a draft version of a consultation."""

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from core.audit import OPERATOR
from surveys.consultations import definition_hash, get_consultation, publish_version
from surveys.definition import parse_definition
from surveys.errors import UnreadableFile
from surveys.formats.lss.reading import read_lss
from surveys.imports import guess_format, import_questionnaire
from surveys.models import QuestionnaireVersion
from tests.questionnaires.lss_writer import G, Q, lss


def bring_in(session: Session, now: datetime, *questions: Q) -> QuestionnaireVersion:
    data = lss(
        G(list(questions)), languages=("de-informal", "el"), title={"de-informal": "Umfrage"}
    )
    return import_questionnaire(
        session, slug="A Survey", imported=read_lss(data), actor=OPERATOR, now=now
    )


def test_the_consultation_is_created_with_its_first_draft(session: Session, now: datetime) -> None:
    version = bring_in(session, now, Q("q", "Y"))
    consultation = get_consultation(session, slug="a-survey")
    assert consultation.title.in_language("de-informal") == "Umfrage"
    assert consultation.title.fallback == "de-informal"
    assert (version.number, version.published_at) == (1, None)
    session.expire_all()
    stored = parse_definition(version.definition)
    assert stored.languages == ("de-informal", "el")
    assert definition_hash(stored.as_document()) == version.sha256


def test_a_draft_is_replaced_and_a_published_version_never(session: Session, now: datetime) -> None:
    bring_in(session, now, Q("q", "Y"))
    version = bring_in(session, now, Q("q", "N"))
    assert version.number == 1
    assert version.definition["sections"][0]["questions"][0]["type"] == "number"
    publish_version(
        session, consultation=version.consultation, version=version, actor=OPERATOR, now=now
    )
    second = bring_in(session, now, Q("q", "D"))
    assert second.number == 2
    assert version.definition["sections"][0]["questions"][0]["type"] == "number"


def test_the_format_is_guessed_where_it_is_plain() -> None:
    assert guess_format(lss(Q("q", "N"))) == "lss"
    assert guess_format(b'\xef\xbb\xbf\n {"schema": 1}') == "json"
    with pytest.raises(UnreadableFile):
        guess_format(b"who knows")
    with pytest.raises(UnreadableFile):
        guess_format(b"")
