"""A hub and a node, each with a database of its own, undone after every test."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from joserfc.jwk import OKPKey
from sqlalchemy.orm import Session

from core.audit import OPERATOR
from core.db import Base, Database
from core.text import LocalizedText
from federation import hub as at_hub
from federation import node as at_node
from federation.envelope import generate_key, public_jwk
from federation.models import SentRelease
from surveys.consultations import (
    add_version,
    create_consultation,
    publish_version,
    schedule_consultation,
)
from surveys.counting.tally import count_responses, entries_of
from surveys.definition import parse_definition
from surveys.results import Results

QUESTIONNAIRE: dict[str, Any] = {
    "schema": "waymark/questionnaire/1",
    "title": {"fr": "Réseaux", "en": "Networks"},
    "languages": ["fr", "en"],
    "sections": [
        {
            "code": "s",
            "title": {"fr": "Une", "en": "One"},
            "questions": [
                {
                    "code": "Q1",
                    "type": "single_choice",
                    "title": {"fr": "Oui ?", "en": "Yes?"},
                    "options": [
                        {"code": "yes", "label": {"fr": "Oui", "en": "Yes"}},
                        {"code": "no", "label": {"fr": "Non", "en": "No"}},
                    ],
                },
                {"code": "Q2", "type": "long_text", "title": {"fr": "Pourquoi ?", "en": "Why?"}},
            ],
        }
    ],
}


def results_of(yes: int, no: int, *, ngo: tuple[int, int] = (0, 0)) -> Results:
    """Exact results of so many answers; ``ngo`` of them (yes, no) are of that group."""
    given = []
    for option, citizens, ngos in (("yes", yes - ngo[0], ngo[0]), ("no", no - ngo[1], ngo[1])):
        for group, times in (("eu_citizen", citizens), ("ngo", ngos)):
            answers = {"Q1": option, "Q2": "What I think"}
            given += [({"respondent_type": group}, answers)] * times
    entries = entries_of(parse_definition(QUESTIONNAIRE))
    return Results("networks", entries, count_responses(entries, given))


@dataclass
class Network:
    """Both sides with their keys."""

    hub: Session
    node: Session
    hub_key: OKPKey
    node_key: OKPKey
    now: datetime

    def receive(self, token: str | bytes, *, later: timedelta = timedelta()) -> str:
        """The hub's acknowledgement for a release."""
        release = at_hub.receive_release(
            self.hub, token=token, key=self.hub_key, now=self.now + later
        )
        return release.acknowledgement

    def prepare(self, results: Results, *, later: timedelta = timedelta()) -> SentRelease:
        """The node signs a release."""
        return at_node.prepare_release(
            self.node, slug="networks", results=results, key=self.node_key, actor=OPERATOR,
            now=self.now + later,
        )  # fmt: skip

    def deliver(self, release: SentRelease) -> None:
        """Release and acknowledgement change hands."""
        token = self.receive(release.envelope)
        at_node.note_acknowledgement(
            self.node, release=release, token=token, key=self.node_key, now=self.now
        )

    def share(self) -> bytes:
        """The hub signs the definition."""
        shared = at_hub.share_consultation(
            self.hub, slug="networks", key=self.hub_key, actor=OPERATOR, now=self.now
        )
        return shared.envelope.encode()

    def accept(self, token: bytes) -> None:
        """The node follows it."""
        at_node.accept_definition(
            self.node, slug="networks", token=token, key=self.node_key, actor=OPERATOR, now=self.now
        )


def ask(session: Session, now: datetime, slug: str = "networks") -> None:
    """An open consultation with ``QUESTIONNAIRE``."""
    consultation = create_consultation(
        session, slug=slug, title=LocalizedText({"fr": "Réseaux", "en": "Networks"}),
        actor=OPERATOR, now=now,
    )  # fmt: skip
    version = add_version(
        session, consultation=consultation, definition=QUESTIONNAIRE, actor=OPERATOR, now=now
    )
    publish_version(session, consultation=consultation, version=version, actor=OPERATOR, now=now)
    schedule_consultation(
        session, consultation=consultation, opens_at=now - timedelta(days=1),
        closes_at=now + timedelta(days=84), actor=OPERATOR, now=now,
    )  # fmt: skip


@pytest.fixture(scope="session")
def other_database(
    sqlite_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """Beside the database under test; that one comes first, with every package's tables."""
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('other') / 'other.sqlite'}")
    Base.metadata.create_all(database.engine)
    yield database
    database.close()


@pytest.fixture(params=["hub", "node"])
def network(
    request: pytest.FixtureRequest, session: Session, other_database: Database, now: datetime
) -> Iterator[Network]:
    """Registered with each other; the consultation is open at the hub and followed at the node.

    Each side once has the database under test.
    """
    with other_database.engine.connect() as connection:
        outer = connection.begin()
        with Session(
            connection, join_transaction_mode="create_savepoint", expire_on_commit=False
        ) as other:
            hub, node = (session, other) if request.param == "hub" else (other, session)
            made = Network(hub, node, generate_key(), generate_key(), now)
            at_hub.register_node(
                hub, name="Lisboa", public_key=public_jwk(made.node_key), actor=OPERATOR, now=now
            )
            at_node.register_hub(
                node, url="https://hub.example/", public_key=public_jwk(made.hub_key),
                actor=OPERATOR, now=now,
            )  # fmt: skip
            ask(hub, now)
            made.accept(made.share())
            yield made
        outer.rollback()
