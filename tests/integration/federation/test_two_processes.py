"""A hub and a node as processes of their own, over HTTP, with every byte between them on record."""

import base64
import contextlib
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import select

from app import create_app
from app.config import Settings
from core.audit import OPERATOR
from core.db import Base, Database
from core.ids import new_code
from core.text import LocalizedText
from federation.envelope import (
    RELEASE,
    Envelope,
    generate_key,
    open_envelope,
    sign,
    thumbprint,
)
from federation.keys import load_or_create_key
from surveys.codes import draft_hash
from surveys.consultations import (
    add_version,
    create_consultation,
    get_consultation,
    publish_version,
    schedule_consultation,
)
from surveys.models import Draft, Response
from surveys.responses import submit_response
from tests.integration.federation.conftest import QUESTIONNAIRE
from tests.services import free_port

ROOT = Path(__file__).resolve().parents[3]
SECRET = "My neighbour Ilse in Wiesmoor has no signal"


class Recorder:
    """A TCP relay to ``target`` that keeps all bytes sent; it can lose the next answer."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.sent: list[bytearray] = []  # one per connection
        self.lose_answers = 0
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.server.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self.server.accept()
            except OSError:
                return
            threading.Thread(target=self._relay, args=(client,), daemon=True).start()

    def _relay(self, client: socket.socket) -> None:
        record = bytearray()
        self.sent.append(record)
        with client, socket.create_connection(("127.0.0.1", self.target)) as hub:
            back = threading.Thread(target=self._answer, args=(hub, client), daemon=True)
            back.start()
            with contextlib.suppress(OSError):
                while data := client.recv(65_536):
                    record += data
                    hub.sendall(data)
                hub.shutdown(socket.SHUT_WR)
            back.join(10)

    def _answer(self, hub: socket.socket, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := hub.recv(65_536):
                if self.lose_answers:
                    self.lose_answers -= 1
                    client.shutdown(socket.SHUT_RDWR)
                    return
                client.sendall(data)
            client.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        self.server.close()


@dataclass
class Instance:
    """A process with a folder, a database and a port of its own."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("WAYMARK_") and name != "DATABASE_URL"
        } | {"WAYMARK_INSTANCE": str(self.folder), "WAYMARK_PAGE_CACHE_SECONDS": "0"}
        arguments = ["-m", "gunicorn", "--no-control-socket", "--threads", "4"]
        arguments += ["-b", f"127.0.0.1:{self.port}", "wsgi:app"]
        with (self.folder / "server.log").open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, *arguments], cwd=ROOT, env=self.environment, stdout=log, stderr=log
            )

    def wait(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with contextlib.suppress(requests.RequestException):
                if requests.get(f"{self.url}/federation/v1/key", timeout=20).status_code == 200:
                    return
            time.sleep(0.1)
        pytest.fail((self.folder / "server.log").read_text())

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(10)

    def call(self, *arguments: str) -> Any:
        """``flask federation …`` within this process, which is quicker: the JSON document."""
        application = create_app(Settings(instance=self.folder))
        done = application.test_cli_runner().invoke(args=["federation", *arguments, "--json"])
        application.extensions["waymark.database"].close()
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    def run(self, *arguments: str) -> tuple[int, Any, str]:
        """``flask federation …``: exit status, the JSON document, what was said beside it."""
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", "federation", *arguments, "--json"],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=120,
            check=False,
        )  # fmt: skip
        return done.returncode, json.loads(done.stdout) if done.stdout else None, done.stderr

    @contextlib.contextmanager
    def database(self) -> Iterator[Database]:
        database = Database(f"sqlite:///{self.folder / 'waymark.sqlite'}")
        yield database
        database.close()


@dataclass
class Pair:
    hub: Instance
    node: Instance
    wire: Recorder


@pytest.fixture
def pair(sqlite_database: Database, tmp_path: Path) -> Iterator[Pair]:
    template = tmp_path / "template.sqlite"
    database = Database(f"sqlite:///{template}")
    Base.metadata.create_all(database.engine)
    database.close()
    made = []
    for name in ("hub", "node"):
        folder = tmp_path / name
        folder.mkdir()
        shutil.copy(template, folder / "waymark.sqlite")
        made.append(Instance(folder, free_port()))
    hub, node = made
    wire = Recorder(hub.port)
    try:
        for instance in made:
            instance.start()
        for instance in made:
            instance.wait()
        yield Pair(hub, node, wire)
    finally:
        wire.close()
        for instance in made:
            instance.stop()


def open_consultation(instance: Instance) -> None:
    now = datetime.now(UTC)
    with instance.database() as database, database.transaction() as session:
        consultation = create_consultation(
            session, slug="networks", title=LocalizedText({"fr": "Réseaux", "en": "Networks"}),
            actor=OPERATOR, now=now,
        )  # fmt: skip
        version = add_version(
            session, consultation=consultation, definition=QUESTIONNAIRE, actor=OPERATOR, now=now
        )
        publish_version(
            session, consultation=consultation, version=version, actor=OPERATOR, now=now
        )
        schedule_consultation(
            session, consultation=consultation, opens_at=now - timedelta(days=1),
            closes_at=now + timedelta(days=84), actor=OPERATOR, now=now,
        )  # fmt: skip


def answer(instance: Instance, *given: tuple[str, int], kind: str = "eu_citizen") -> None:
    """People answer: (option, how many)."""
    now = datetime.now(UTC)
    with instance.database() as database, database.transaction() as session:
        consultation = get_consultation(session, slug="networks")
        for option, times in given:
            for _ in range(times):
                code = new_code()
                profile = {"respondent_type": kind, "country": "PT"}
                if kind != "eu_citizen":
                    profile |= {"organisation_name": "Rede Lda", "organisation_size": "micro"}
                draft = Draft(
                    code_hash=draft_hash(code), consultation_id=consultation.id,
                    version_id=consultation.current_version_id, language="fr", profile=profile,
                    answers={"Q1": option, "Q2": SECRET}, saved_on=now.date(),
                )  # fmt: skip
                session.add(draft)
                session.flush()
                submit_response(
                    session, code=code, publication="anonymous", consent=True, language="fr",
                    now=now,
                )  # fmt: skip


def forged(pair: Pair, token: str, **changes: Any) -> str:
    """The node's release with members changed, signed with the node's own key."""
    key = load_or_create_key(pair.node.folder)
    hub_key = load_or_create_key(pair.hub.folder)
    true = open_envelope(
        token, {thumbprint(key): key}, schema=RELEASE, audience=thumbprint(hub_key),
        now=datetime.now(UTC),
    )  # fmt: skip
    members = {name: getattr(true, name) for name in Envelope.__slots__}
    return sign(Envelope(**(members | changes)), key)


def post(pair: Pair, token: str) -> tuple[int, str]:
    response = requests.post(
        f"{pair.hub.url}/federation/v1/releases", data=token.encode(), timeout=60
    )
    if response.ok:
        return response.status_code, ""
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["detail"]
    return response.status_code, response.json()["code"]


def numbers(value: Any) -> Iterator[int]:
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from numbers(inner)
    elif isinstance(value, int):
        yield value


def test_a_node_follows_the_hub_and_releases_its_counts(pair: Pair) -> None:
    hub, node, wire = pair.hub, pair.node, pair.wire
    open_consultation(hub)
    answer(hub, ("yes", 12), ("no", 9))
    # The two operators exchange their keys.
    hub_key, node_key = (json.dumps(instance.call("keys")) for instance in (hub, node))
    hub.call("node", "add", "Lisboa", "--key", node_key)
    assert hub.call("share", "networks")["sequence"] == 1
    node.call("hub", "set", f"http://127.0.0.1:{wire.port}", "--key", hub_key)
    assert node.call("pull", "networks")["sequence"] == 1

    answer(node, ("yes", 20), ("no", 14))
    answer(node, ("yes", 6), ("no", 2), kind="ngo")

    # The hub takes the release, but its answer is lost on the way.
    pulled_over = len(wire.sent)
    wire.lose_answers = 1
    status, _, said = node.run("release", "networks")
    assert status == 1
    assert "federation.unreachable" in said
    status, released, said = node.run("release", "networks")
    assert status == 0, said
    assert released["sequence"] == 1
    assert released["acknowledged_at"]
    assert node.call("release", "networks") == released
    sent = [bytes(stream) for stream in wire.sent[pulled_over:]]

    document = hub.call("results", "networks")
    assert document["nodes"] == {"registered": 1, "released": 1}
    assert document["responses"] == {"count": 63, "at_least": False}
    counts = {o["code"]: o["count"] for o in document["questions"][0]["options"]}
    assert counts["yes"] == {"count": 38, "at_least": False}
    ngo = {o["code"]: o["count"] for o in document["by"]["ngo"]["questions"][0]["options"]}
    assert ngo["no"] == {"count": 0, "at_least": True}

    assert_only_counts_left(pair, sent)
    token = sent[0].partition(b"\r\n\r\n")[2].decode()
    assert_the_hub_refuses(pair, token)
    assert hub.call("results", "networks") == document


def assert_only_counts_left(pair: Pair, sent: list[bytes]) -> None:
    """Twice the same release, once a question for its acknowledgement, and nothing else."""
    first, second, asked = (stream.partition(b"\r\n\r\n") for stream in sent)
    assert first[0].startswith(b"POST /federation/v1/releases HTTP/1.1")
    assert second == first
    sha256 = _sha256(first[2].decode())
    assert asked[0].startswith(f"GET /federation/v1/releases/{sha256}/acknowledgement ".encode())
    assert asked[2] == b""

    header, payload = (_decoded(part) for part in first[2].split(b".")[:2])
    assert set(json.loads(header)) == {"alg", "kid", "typ"}
    body = json.loads(payload)["body"]
    assert not {1, 2, 3, 4} & set(numbers(body))
    with pair.node.database() as database, database.reading() as session:
        responses = session.scalars(select(Response)).all()
    assert len(responses) == 42
    for response in responses:
        for value in (response.id, response.reference, response.receipt_hash):
            assert str(value).encode() not in payload
    for text in (SECRET, "Ilse", "Rede Lda", "Q2", '"PT"', "micro"):
        assert text.encode() not in payload


def _decoded(part: bytes) -> bytes:
    return base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))


def _sha256(token: str) -> str:
    return hashlib.sha256(_decoded(token.split(".")[1].encode())).hexdigest()


def assert_the_hub_refuses(pair: Pair, token: str) -> None:
    now = datetime.now(UTC)
    middle = len(token) // 2
    changed = token[:middle] + ("A" if token[middle] != "A" else "B") + token[middle + 1 :]
    stranger = generate_key()
    hub_key = thumbprint(load_or_create_key(pair.hub.folder))
    unknown = sign(
        Envelope(RELEASE, thumbprint(stranger), hub_key, "networks", 2, None, now, None, {}),
        stranger,
    )
    wrong = forged(pair, token, issued_at=now).rsplit(".", 1)[0] + "." + token.rsplit(".", 1)[1]
    body = json.loads(_decoded(token.split(".")[1].encode()))["body"]
    two = {"sequence": 2, "issued_at": now}
    assert post(pair, changed) == (403, "federation.signature")
    assert post(pair, wrong) == (403, "federation.signature")
    assert post(pair, unknown) == (403, "federation.unknown_key")
    assert post(pair, token) == (409, "federation.replay")
    other = forged(pair, token, issued_at=now - timedelta(hours=1))
    assert post(pair, other) == (409, "federation.conflicting_release")
    gap = forged(pair, token, sequence=3, issued_at=now)
    assert post(pair, gap) == (409, "federation.gap")
    assert post(pair, forged(pair, token, **two)) == (409, "federation.chain")
    elsewhere = forged(pair, token, consultation="elsewhere")
    assert post(pair, elsewhere) == (404, "federation.unknown_consultation")
    follows = two | {"previous": _sha256(token)}
    lying = forged(pair, token, **follows, body=body | {"responses": 7})
    assert post(pair, lying) == (422, "federation.inconsistent")
    hashed = forged(pair, token, **follows, body=body | {"questionnaire_sha256": "0" * 64})
    assert post(pair, hashed) == (409, "federation.other_questionnaire")
    assert post(pair, "nonsense") == (422, "federation.malformed")
