"""What an older release stored comes along: its backups are restored, its databases migrated.

``tests/backups/schema_0001.zip`` was written by ``flask db backup`` of the first release: seven
responses and a draft of a public consultation, a poll with three invitations on paper, an account.
"""

import os
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select, text

from app.backup import OtherRevision, restore_backup, write_backup
from app.config import Settings
from app.resume_mail import RESUME_TOPIC
from core import audit, outbox, schema
from core.db import Database, changing_schema
from surveys.consultations import get_consultation
from surveys.drafts import find_draft
from surveys.models import PROJECTION_TOPIC, Invitation, QuestionnaireVersion
from surveys.responses import find_response_by_receipt, leaf_of, submit_response
from surveys.results import get_results
from tests.conftest import ROOT, import_all_models
from tests.services import Postgres

ARCHIVE = ROOT / "tests" / "backups" / "schema_0001.zip"
RECEIPT = "DN5896PFYB1W15KB00141BG9GK"
DRAFT = "JF2WMXQ218AQW9BA"


def quiet(_what: str, _done: int, _of: int) -> None:
    """Progress that nobody watches."""


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Database, Settings]]:
    import_all_models()
    settings = Settings(instance=tmp_path / "restored")
    settings.instance.mkdir()
    url = settings.effective_database_url
    if request.param == "postgres":
        server: Postgres = request.getfixturevalue("postgres")
        url = server.new_database(f"older_{os.getpid()}_{abs(hash(request.node.name)) % 10**6}")
    database = Database(url)
    yield database, settings
    database.close()


@pytest.mark.parametrize("migrated_before", [False, True])
def test_a_backup_of_the_first_release_is_restored_and_migrated(
    empty: tuple[Database, Settings], migrated_before: bool
) -> None:
    database, settings = empty
    if migrated_before:
        schema.upgrade(database.engine)
    assert restore_backup(database, settings, ARCHIVE, quiet)["responses"] == 7
    assert schema.current_revision(database.engine) == schema.expected_revision()
    assert (settings.instance / "secret_key").exists()
    with database.transaction() as session:
        assert audit.verify(session).valid
        # What a receipt of then proves, it still proves.
        response = find_response_by_receipt(session, key=RECEIPT)
        assert audit.is_recorded(session, leaf=leaf_of(response, key=RECEIPT))
        # What migrations added has the values a new row would get.
        consultation = get_consultation(session, slug="networks")
        assert (consultation.time_zone, consultation.consents) == ("Europe/Brussels", [])
        assert consultation.asks_proof is True
        assert get_results(session, consultation=consultation)["questions"][0]["answered"] == 7
        invitations = session.scalars(select(Invitation)).all()
        assert [(i.attributes, i.reminders, i.email) for i in invitations] == [({}, 0, None)] * 3
        draft = find_draft(session, consultation=consultation, code=DRAFT)
        assert draft is not None
        assert (draft.answers, draft.revisions) == ({"Q1": "no", "Q3": ["a"]}, {})
        opened = consultation.opens_at
        assert opened is not None
        submit_response(
            session, code=DRAFT, publication="anonymous", consent=True, language="en", now=opened
        )


def test_a_database_of_the_first_release_is_migrated_with_its_rows(
    empty: tuple[Database, Settings],
) -> None:
    database, _ = empty
    one, two = UUID(int=1).hex, UUID(int=2).hex
    words, at = '{"fallback": "en", "texts": {"en": "Old"}}', "2026-01-01 00:00:00+00:00"
    with changing_schema(database.engine) as connection:
        schema.migrate(connection, "0001")
        connection.execute(
            text(
                "INSERT INTO consultations (id, slug, kind, title, summary, anonymity,"
                " anonymous_shows, asks_profile, simulated, created_at) VALUES (:id, 'old',"
                " 'public', :words, :words, 'anonymous', '[]', :yes, :no, :at)"
            ),
            {"id": one, "words": words, "yes": True, "no": False, "at": at},
        )
        connection.execute(
            text(
                "INSERT INTO questionnaire_versions (id, consultation_id, number, definition,"
                " sha256, created_at) VALUES (:id, :of, 1, '{}', '', :at)"
            ),
            {"id": two, "of": one, "at": at},
        )
    assert schema.upgrade(database.engine) == schema.expected_revision()
    with database.new_read_session() as session:
        version = session.scalars(select(QuestionnaireVersion)).one()
        assert version.edit_position == 0
        assert version.consultation.asks_proof is True
        if database.engine.dialect.name == "sqlite":
            assert session.scalar(text("PRAGMA foreign_keys")) == 1
            # A copy of the table would number its rows in the order in which they came.
            made = session.scalar(text("SELECT sql FROM sqlite_master WHERE name = 'responses'"))
            assert "WITHOUT ROWID" in str(made)


def test_a_migration_that_leaves_references_to_nothing_changes_nothing(tmp_path: Path) -> None:
    import_all_models()
    database = Database(f"sqlite:///{tmp_path / 'x.sqlite'}")
    schema.upgrade(database.engine)
    with pytest.raises(RuntimeError, match="questionnaire_versions"):  # noqa: SIM117
        with changing_schema(database.engine) as connection:
            connection.execute(
                text(
                    "INSERT INTO questionnaire_versions (id, consultation_id, number, definition,"
                    " sha256, created_at, edit_position) VALUES ('a', 'b', 1, '{}', '', '', 0)"
                )
            )
    with database.new_read_session() as session:
        assert session.scalar(text("SELECT count(*) FROM questionnaire_versions")) == 0
    database.close()


def test_a_backup_of_a_newer_release_is_refused_and_nothing_is_left(
    empty: tuple[Database, Settings], tmp_path: Path
) -> None:
    database, settings = empty
    newer = tmp_path / "newer.zip"
    with zipfile.ZipFile(ARCHIVE) as source, zipfile.ZipFile(newer, "w") as target:
        for info in source.infolist():
            content = source.read(info)
            if info.filename == "manifest.json":
                content = content.replace(b'"revision": "0001"', b'"revision": "9999"')
            target.writestr(info.filename, content)
    with pytest.raises(OtherRevision):
        restore_backup(database, settings, newer, quiet)
    assert schema.current_revision(database.engine) is None


def test_no_letter_with_a_code_gets_into_a_backup(
    empty: tuple[Database, Settings], tmp_path: Path, now: datetime
) -> None:
    database, settings = empty
    schema.upgrade(database.engine)
    with database.transaction() as session:
        for topic in ("email.password_reset", RESUME_TOPIC, PROJECTION_TOPIC):
            outbox.enqueue(session, topic=topic, payload={"to": "eve@example.org"}, now=now)
    assert write_backup(database, settings, tmp_path / "b.zip", quiet)["outbox_messages"] == 1
