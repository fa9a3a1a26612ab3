"""What the person who runs it relies on: health, metrics, logs, backup and restore."""

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.backup import InvalidBackup, NotEmpty, restore_backup, write_backup
from app.config import Settings
from core import audit, schema
from core.audit import OPERATOR
from core.db import Base, Database
from core.models import AuditEntry
from stakeholders.accounts import create_account, find_account_by_email
from stakeholders.errors import DemonstrationOnly
from stakeholders.permissions import Role
from surveys.models import Consultation
from tests.conftest import ROOT
from tests.questionnaire_factory import open_consultation
from tests.services import Postgres


def quiet(_what: str, _done: int, _of: int) -> None:
    """Progress that nobody watches."""


def test_health_asks_nothing_of_the_database(app: Flask, client: FlaskClient) -> None:
    app.extensions["waymark.database"].close()
    assert client.get("/healthz").get_json() == {"status": "ok"}


def test_ready_says_what_is_missing(client: FlaskClient) -> None:
    answer = client.get("/readyz")  # the tests' database was not made by migrations
    assert answer.status_code == 503
    assert "flask db upgrade" in answer.get_json()["checks"]["database"]


def test_metrics_count_requests_by_rule_for_this_machine_only(
    app: Flask, client: FlaskClient
) -> None:
    client.get("/privacy")
    text = client.get("/metrics").text
    assert 'waymark_requests_total{method="GET",rule="/privacy",status="200"}' in text
    assert "waymark_outbox_waiting 0.0" in text
    stranger = {"REMOTE_ADDR": "192.0.2.7"}
    assert client.get("/metrics", environ_base=stranger).status_code == 403
    assert client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 403


def test_logs_hold_neither_address_nor_path_nor_answer(
    capsys: pytest.CaptureFixture[str], client: FlaskClient
) -> None:
    client.get("/receipts/SECRETKEY?who=me", environ_base={"REMOTE_ADDR": "192.0.2.7"})
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines() if line]
    assert lines[-1]["rule"] == "/receipts/<key>"
    assert lines[-1]["status"] == 404
    assert not any(word in json.dumps(lines) for word in ("SECRETKEY", "192.0.2.7", "who=me"))


class TestBackup:
    """A backup restores to the same instance, on either database."""

    @pytest.fixture
    def original(self, tmp_path: Path) -> tuple[Database, Settings]:
        settings = Settings(instance=tmp_path / "original")
        settings.instance.mkdir()
        database = Database(settings.effective_database_url)
        schema.upgrade(database.engine)
        now = datetime.now(UTC)
        with database.transaction() as session:
            open_consultation(session, now)
            create_account(
                session, email="someone@example.org", display_name="Someone",
                password="a long enough one", roles=[Role.AUDITOR], actor=OPERATOR, now=now,
            )  # fmt: skip
            audit.seal(session, now=now)
        (settings.instance / "documents").mkdir()
        (settings.instance / "documents" / "abc").write_bytes(b"\x00document")
        return database, settings

    @pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
    def empty(
        self, request: pytest.FixtureRequest, tmp_path: Path
    ) -> Iterator[tuple[Database, Settings]]:
        settings = Settings(instance=tmp_path / "restored")
        settings.instance.mkdir()
        url = settings.effective_database_url
        if request.param == "postgres":
            server: Postgres = request.getfixturevalue("postgres")
            url = server.new_database(f"restore_{os.getpid()}_{request.node.name[:20]}")
        database = Database(url)
        schema.upgrade(database.engine)
        yield database, settings
        database.close()

    def test_everything_comes_back(
        self,
        original: tuple[Database, Settings],
        empty: tuple[Database, Settings],
        tmp_path: Path,
    ) -> None:
        archive = tmp_path / "backup.zip"
        rows = write_backup(*original, archive, quiet)
        assert archive.stat().st_mode & 0o077 == 0  # it holds secrets
        assert restore_backup(*empty, archive, quiet) == rows
        database, settings = empty
        with database.reading() as session:
            assert audit.verify(session).valid
            account = find_account_by_email(session, email="someone@example.org")
            assert account is not None
            consultation = session.scalars(select(Consultation)).one()
            assert consultation.current_version is not None
            assert consultation.title.in_language("fr") == "Les réseaux de demain"
        assert (settings.instance / "documents" / "abc").read_bytes() == b"\x00document"
        again = tmp_path / "again.zip"
        write_backup(database, settings, again, quiet)
        with zipfile.ZipFile(archive) as first, zipfile.ZipFile(again) as second:
            for table in Base.metadata.sorted_tables:
                name = f"tables/{table.name}.jsonl"
                # Keys of JSON values come back in another order from JSONB.
                before, after = first.read(name).splitlines(), second.read(name).splitlines()
                assert list(map(json.loads, before)) == list(map(json.loads, after)), name

    def test_a_database_with_rows_is_left_alone(
        self, original: tuple[Database, Settings], tmp_path: Path
    ) -> None:
        write_backup(*original, tmp_path / "backup.zip", quiet)
        with pytest.raises(NotEmpty):
            restore_backup(*original, tmp_path / "backup.zip", quiet)

    def test_a_changed_or_cut_backup_is_refused_and_writes_nothing(
        self, original: tuple[Database, Settings], empty: tuple[Database, Settings], tmp_path: Path
    ) -> None:
        archive, forged = tmp_path / "backup.zip", tmp_path / "forged.zip"
        write_backup(*original, archive, quiet)
        with zipfile.ZipFile(archive) as source, zipfile.ZipFile(forged, "w") as target:
            for info in source.infolist():
                content = source.read(info)
                if info.filename == "tables/accounts.jsonl":
                    content = content.replace(b"auditor", b"secretariat").replace(b"S", b"T")
                target.writestr(info.filename, content)
        cut = tmp_path / "cut.zip"
        cut.write_bytes(archive.read_bytes()[:-200])
        for bad in (forged, cut):
            with pytest.raises(InvalidBackup):
                restore_backup(*empty, bad, quiet)
        with empty[0].reading() as session:
            assert session.scalar(select(func.count()).select_from(Consultation)) == 0


def flask(instance: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command as an operator does, in an instance of its own."""
    environment = {
        "PATH": os.environ["PATH"], "FLASK_APP": "wsgi", "WAYMARK_INSTANCE": str(instance),
        "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    return subprocess.run(
        [sys.executable, "-m", "flask", *arguments],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


class TestCommands:
    """Commands need a migrated database and nothing else."""

    def test_the_first_administrator_and_an_intact_log(self, tmp_path: Path) -> None:
        unmigrated = flask(tmp_path, "audit", "verify", "--json")
        assert unmigrated.returncode == 1
        assert "flask db upgrade" in unmigrated.stderr
        assert flask(tmp_path, "db", "upgrade").returncode == 0
        options = ("--email", "a@example.org", "--name", "A", "--password", "a long enough one")
        made = flask(tmp_path, "accounts", "create", *options, "--role", "administrator", "--json")
        assert made.returncode == 0, made.stderr
        assert json.loads(made.stdout)["roles"] == ["administrator"]
        twice = flask(tmp_path, "accounts", "create", *options, "--role", "administrator")
        assert twice.returncode == 1
        assert "accounts.email_taken" in twice.stderr
        assert flask(tmp_path, "accounts", "create").returncode == 2
        assert json.loads(flask(tmp_path, "audit", "seal", "--json").stdout) == {"sealed": 1}
        verified = flask(tmp_path, "audit", "verify", "--json")
        assert (verified.returncode, json.loads(verified.stdout)["valid"]) == (0, True)
        database = Database(f"sqlite:///{tmp_path / 'waymark.sqlite'}")
        with database.transaction() as session:
            session.execute(delete(AuditEntry))
        database.close()
        broken = flask(tmp_path, "audit", "verify", "--json")
        assert broken.returncode == 1
        assert json.loads(broken.stdout)["valid"] is False


def test_nothing_is_created_in_a_demonstration_role_elsewhere(
    web_session: Session, now: datetime
) -> None:
    options: dict[str, Any] = {
        "email": "d@example.org", "display_name": "D", "password": "a long enough one",
        "roles": [Role.CITIZEN], "actor": OPERATOR, "now": now,
    }  # fmt: skip
    with pytest.raises(DemonstrationOnly):
        create_account(web_session, **options, demonstration=True)
