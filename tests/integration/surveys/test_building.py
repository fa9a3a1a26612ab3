"""A questionnaire in the making: steps with undo, two people at once, out for translation."""

import copy
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from core.audit import OPERATOR
from core.text import LocalizedText
from surveys.consultations import add_version, create_consultation, publish_version
from surveys.errors import (
    DraftChangedMeanwhile,
    InvalidQuestionnaire,
    NothingToUndo,
    OutForTranslation,
    VersionFrozen,
)
from surveys.making import editing
from surveys.making.building import (
    begin_draft_version,
    find_draft_version,
    find_issues,
    freeze_for_translation,
    unfreeze_after_translation,
)
from surveys.making.steps import MAX_STEPS, redo_step, steps_around, take_step, undo_step
from surveys.models import Consultation, QuestionnaireVersion


@pytest.fixture
def consultation(session: Session, now: datetime) -> Consultation:
    return create_consultation(
        session, slug="draft", title=LocalizedText({"en": "Draft", "fr": "Projet"}, "en"),
        actor=OPERATOR, now=now,
    )  # fmt: skip


@pytest.fixture
def version(session: Session, consultation: Consultation, now: datetime) -> QuestionnaireVersion:
    return begin_draft_version(session, consultation=consultation, actor=OPERATOR, now=now)


def add(session: Session, version: QuestionnaireVersion, now: datetime, title: str = "T") -> str:
    document, code = editing.add_question(version.definition, kind="number", section="section_1")
    document = editing.change_question(document, code=code, fields={"title": {"en": title}})
    document = editing.change_section(document, code="section_1", fields={"title": {"en": "Start"}})
    take_step(
        session, version=version, document=document, action="question_added", subject=code,
        now=now, seen=version.edit_position,
    )  # fmt: skip
    return code


def test_a_draft_begins_with_an_empty_section_in_the_languages_of_the_consultation(
    session: Session, consultation: Consultation, version: QuestionnaireVersion
) -> None:
    assert version.definition["languages"] == ["en", "fr"]
    assert find_draft_version(session, consultation=consultation) is version
    assert {issue.section for issue in find_issues(version.definition)} == {"section_1"}


def test_steps_are_undone_and_taken_again(
    session: Session, version: QuestionnaireVersion, now: datetime
) -> None:
    states = [version.definition]
    for number in range(3):
        add(session, version, now, f"T{number}")
        states.append(version.definition)
    for state in reversed(states[:-1]):
        undo_step(session, version=version)
        assert version.definition == state
    with pytest.raises(NothingToUndo):
        undo_step(session, version=version)
    for state in states[1:]:
        redo_step(session, version=version)
        assert version.definition == state
    with pytest.raises(NothingToUndo):
        redo_step(session, version=version)


def test_a_new_step_forgets_those_that_were_undone(
    session: Session, version: QuestionnaireVersion, now: datetime
) -> None:
    add(session, version, now, "first")
    undo_step(session, version=version)
    add(session, version, now, "second")
    undone, again = steps_around(session, version=version)
    assert undone is not None
    assert again is None


def test_only_so_many_steps_are_kept(
    session: Session, version: QuestionnaireVersion, now: datetime
) -> None:
    for number in range(MAX_STEPS + 5):
        document = editing.change_document(
            version.definition, fields={"title": {"en": str(number)}}
        )
        take_step(session, version=version, document=document, action="retitled", now=now)
    for _ in range(MAX_STEPS):
        undo_step(session, version=version)
    with pytest.raises(NothingToUndo):
        undo_step(session, version=version)


def test_of_two_people_at_once_the_second_is_told(
    session: Session, version: QuestionnaireVersion, now: datetime
) -> None:
    seen = version.edit_position
    mine = editing.change_document(version.definition, fields={"title": {"en": "Mine"}})
    add(session, version, now)
    with pytest.raises(DraftChangedMeanwhile):
        take_step(session, version=version, document=mine, action="retitled", now=now, seen=seen)
    assert version.definition["title"]["en"] == "Draft"


def test_out_for_translation_only_translations_change(
    session: Session, version: QuestionnaireVersion, now: datetime
) -> None:
    code = add(session, version, now)
    freeze_for_translation(session, version=version, actor=OPERATOR, now=now)

    def with_title(**texts: str) -> editing.Document:
        return editing.change_question(version.definition, code=code, fields={"title": texts})

    with pytest.raises(OutForTranslation):
        take_step(session, version=version, document=with_title(en="Other"), action="x", now=now)
    with pytest.raises(OutForTranslation):
        undo_step(session, version=version)
    take_step(
        session, version=version, document=with_title(en="T", fr="Titre"), action="x", now=now
    )
    unfreeze_after_translation(session, version=version, actor=OPERATOR, now=now)
    take_step(
        session, version=version, document=with_title(en="Other", fr="Titre"), action="x", now=now
    )


def test_an_import_into_a_draft_can_be_undone(
    session: Session, consultation: Consultation, version: QuestionnaireVersion, now: datetime
) -> None:
    add(session, version, now)
    before = version.definition
    other = editing.change_document(before, fields={"title": {"en": "Imported"}})
    add_version(session, consultation=consultation, definition=other, actor=OPERATOR, now=now)
    assert version.definition == other
    undo_step(session, version=version)
    assert version.definition == before


def test_what_does_not_hold_together_is_not_published(
    session: Session, consultation: Consultation, version: QuestionnaireVersion, now: datetime
) -> None:
    with pytest.raises(InvalidQuestionnaire):
        publish_version(
            session, consultation=consultation, version=version, actor=OPERATOR, now=now
        )
    assert version.published_at is None


def test_a_published_version_takes_no_step_and_the_next_begins_like_it(
    session: Session, consultation: Consultation, version: QuestionnaireVersion, now: datetime
) -> None:
    add(session, version, now)
    publish_version(session, consultation=consultation, version=version, actor=OPERATOR, now=now)
    with pytest.raises(VersionFrozen):
        add(session, version, now)
    following = begin_draft_version(session, consultation=consultation, actor=OPERATOR, now=now)
    assert following.number == 2
    assert following.definition == version.definition


def test_issues_lead_to_the_question_they_are_about() -> None:
    document = editing.new_document(title={"en": "T"}, languages=["en"])
    document["sections"][0]["title"] = {"en": "S"}
    document, code = editing.add_question(document, kind="single_choice", section="section_1")
    document["sections"][0]["questions"][0]["show_if"] = "Nobody == 'a'"
    found = find_issues(document)
    assert {(issue.section, issue.question) for issue in found} == {("section_1", code)}
    assert all(issue.blocks for issue in found)
    fixed = copy.deepcopy(document)
    fixed["sections"][0]["questions"] = []
    assert [issue.blocks for issue in find_issues(fixed)] == [False]
