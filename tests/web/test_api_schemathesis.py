"""schemathesis against the real application: what the OpenAPI document promises is what happens.

Every operation is tried with data that fits the document and with data that does not, with every
check there is: as anyone, and as a secretariat's program that holds a draft too.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import schemathesis
from flask import Flask
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import from_schema
from schemathesis.engine.events import FatalError, NonFatalError, ScenarioFinished
from sqlalchemy.orm import Session

from core.audit import OPERATOR
from surveys.consultations import add_version, get_consultation
from tests.questionnaire_factory import definition, open_consultation
from tests.web.api_programs import Program, close_now, make_token, serving

# What data that fits the document may still be refused with, beside what schemathesis allows for:
# the parts of a questionnaire may not fit each other (422), and a state may not be the one that is
# named, or none is named (412, 428).
REFUSED_ALL_THE_SAME = ["2xx", "3xx", "401", "403", "404", "409", "412", "422", "428"]


@pytest.fixture
def headers(app: Flask, web_session: Session, now: datetime) -> dict[str, str]:
    """A consultation that is open, one that has closed, a questionnaire's draft; who may change
    all that, and may answer."""
    for slug in ("networks", "closed"):
        open_consultation(web_session, datetime.now(UTC), slug=slug)
    add_version(
        web_session, consultation=get_consultation(web_session, slug="networks"),
        definition=definition(), actor=OPERATOR, now=now,
    )  # fmt: skip
    web_session.commit()
    close_now(web_session, "closed")
    begun = Program(app.test_client()).send("POST", "/consultations/networks/drafts", {})
    return {
        "Authorization": f"Bearer {make_token(app, web_session)}",
        "Waymark-Draft": begun.json["code"],
    }


@pytest.fixture
def served(app: Flask) -> Iterator[str]:
    """The address of the API behind a real server."""
    with serving(app) as address:
        yield address


def run_schemathesis(address: str, **project: Any) -> tuple[list[str], int]:
    """Every failure in words, and how many requests were made."""
    config = SchemathesisConfig.from_dict(
        {
            "seed": 1,
            "checks": {
                "positive_data_acceptance": {"expected-statuses": REFUSED_ALL_THE_SAME},
            },
            "generation": {"max-examples": 3, "mode": "all", "database": "none"},
            # A chain of requests is told in test_api_writing.py.
            "phases": {"stateful": {"enabled": False}},
            # A whole questionnaire has some thousand fields to get wrong, one by one; those are
            # tried in the tests of its form. Here it gets a few random ones.
            "operations": [
                {
                    "include-path": "/api/v1/consultations/{slug}/questionnaires/draft",
                    "include-method": "PUT",
                    "phases": {"coverage": {"enabled": False}},
                }
            ],
        }
        | project
    )
    schema = schemathesis.openapi.from_url(f"{address}/openapi.json", config=config)
    failures, requests = [], 0
    for event in from_schema(schema).execute():
        if isinstance(event, NonFatalError):
            failures.append(f"{event.label}: {event.value!r}")
        elif isinstance(event, FatalError):
            failures.append(repr(event.exception))
        elif isinstance(event, ScenarioFinished):
            requests += len(event.recorder.interactions)
            for nodes in event.recorder.checks.values():
                failures += [
                    f"{event.recorder.label}: {node.name}: {node.failure_info.failure.message}\n"
                    f"{node.failure_info.code_sample}"
                    for node in nodes
                    if node.failure_info is not None
                ]
    return list(dict.fromkeys(failures)), requests


def test_as_anyone(served: str, headers: dict[str, str]) -> None:
    failures, requests = run_schemathesis(served)
    assert not failures, "\n\n".join(failures)
    assert requests > 300


def test_as_a_program(served: str, headers: dict[str, str]) -> None:
    failures, requests = run_schemathesis(served, headers=headers, parameters={"slug": "networks"})
    assert not failures, "\n\n".join(failures)
    assert requests > 300
