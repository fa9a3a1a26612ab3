"""`flask voting`: JSON alone on standard output, refusals with their code and exit status 1."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy.orm import Session

from app import create_app
from app.config import Settings
from core.audit import OPERATOR
from core.text import LocalizedText
from stakeholders.delegations import MEMBER_STATES
from stakeholders.models import Account
from voting.ballots import cast_ballot
from voting.motions import close_motion, create_motion, open_motion

TWENTY_FOUR = ",".join(code for code in MEMBER_STATES if code not in ("DE", "FR", "IT"))


@pytest.fixture
def bare_app(tmp_path: Path) -> Flask:
    """An application whose database does not exist and cannot be made."""
    settings = Settings(
        instance=tmp_path, database_url=f"sqlite:///{tmp_path / 'missing' / 'none.sqlite'}"
    )
    return create_app(settings, testing=True)


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=["voting", *arguments])


def answer(app: Flask, *arguments: str) -> Any:
    result = run(app, *arguments, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def close_a_vote(session: Session, now: datetime, *, in_favour: int = 20) -> None:
    """A closed motion `m` on which the first members vote in favour and the next two against."""
    create_motion(
        session, slug="m", title=LocalizedText({"en": "Motion"}), text=LocalizedText({"en": "T"}),
        actor=OPERATOR, now=now,
    )  # fmt: skip
    open_motion(session, slug="m", actor=OPERATOR, now=now)
    for place, code in enumerate(list(MEMBER_STATES)[: in_favour + 2]):
        account = Account(
            email=f"{code}@example.org".lower(), display_name=code, password_hash="-",
            delegation=code, created_at=now,
        )  # fmt: skip
        session.add(account)
        session.flush()
        cast_ballot(
            session, slug="m", account_id=account.id, delegation=code,
            choice="yes" if place < in_favour else "no", now=now,
        )  # fmt: skip
    close_motion(session, slug="m", actor=OPERATOR, now=now)
    session.commit()


def test_qmv_answers_without_a_database(bare_app: Flask) -> None:
    document = answer(bare_app, "qmv", "--yes", TWENTY_FOUR, "--year", "2025")
    assert set(document) == {"attained", "members", "population_share", "reason"}
    assert document["attained"] is True
    assert document["members"] == 24
    assert document["population_share"] == pytest.approx(53.1112, abs=1e-4)
    assert "fewer than four members" in document["reason"]


def test_the_same_members_miss_the_reinforced_majority(bare_app: Flask) -> None:
    document = answer(bare_app, "qmv", "--yes", TWENTY_FOUR, "--rule", "reinforced")
    assert document["attained"] is False
    assert "too little population" in document["reason"]


def test_members_are_read_as_people_type_them(bare_app: Flask) -> None:
    document = answer(
        bare_app, "qmv", "--yes", "de, gr fr", "--yes", "IT", "--abstain", "BE", "--year", "2019"
    )
    assert document["members"] == 4


def test_nobody_in_favour_is_an_answer_too(bare_app: Flask) -> None:
    document = answer(bare_app, "qmv", "--yes", "")
    assert (document["attained"], document["members"], document["population_share"]) == (
        False,
        0,
        0,
    )


def test_only_some_take_part(bare_app: Flask) -> None:
    nine = "BE,DE,ES,FR,IT,NL,PL,PT,RO"
    document = answer(
        bare_app, "qmv", "--yes", "BE,DE,ES,FR,IT", "--rule", "participating",
        "--participating", nine,
    )  # fmt: skip
    assert document["attained"] is True
    assert "of 9 members" in document["reason"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--yes", "DE,XX"], "voting.unknown_member"),
        (["--yes", "UK"], "voting.unknown_member"),
        (["--yes", "DE,DE"], "voting.duplicate_member"),
        (["--yes", "GR,EL"], "voting.duplicate_member"),
        (["--yes", "DE", "--abstain", "DE"], "voting.contradictory_vote"),
        (
            ["--yes", "DE", "--rule", "participating", "--participating", "FR,IT"],
            "voting.not_taking_part",
        ),
        (["--yes", "DE", "--participating", "DE,FR"], "voting.unsuitable_electorate"),
    ],
)
def test_what_cannot_be_is_refused_with_its_code(
    bare_app: Flask, arguments: list[str], code: str
) -> None:
    result = run(bare_app, "qmv", *arguments, "--json")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert f"[{code}]" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [["--rule", "magic"], ["--year", "1999"], ["--yes"], ["--nonsense"], ["DE"]],
)
def test_wrong_usage_ends_with_2(bare_app: Flask, arguments: list[str]) -> None:
    assert run(bare_app, "qmv", *arguments).exit_code == 2


def test_a_closed_vote_is_exported_and_recounted_without_a_database(
    app: Flask, bare_app: Flask, web_session: Session, now: datetime, tmp_path: Path
) -> None:
    close_a_vote(web_session, now)
    tally = answer(app, "tally", "m")
    assert (tally["slug"], tally["attained"], len(tally["no"])) == ("m", True, 2)
    file = tmp_path / "vote.json"
    exported = answer(app, "export", "m", "-o", str(file))
    assert exported["sha256"] == tally["record_sha256"]
    assert answer(bare_app, "recount", str(file)) == tally
    assert answer(app, "list") == [
        {"slug": "m", "title": "Motion", "rule": "qualified", "status": "closed", "attained": True}
    ]


def test_a_tampered_export_is_refused(
    app: Flask, web_session: Session, now: datetime, tmp_path: Path
) -> None:
    close_a_vote(web_session, now, in_favour=14)
    file = tmp_path / "vote.json"
    answer(app, "export", "m", "-o", str(file))
    file.write_bytes(file.read_bytes().replace(b'"choice":"no"', b'"choice":"yes"', 1))
    result = run(app, "recount", str(file), "--json")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "[voting.tampered_export]" in result.stderr


def test_a_file_that_is_no_export_is_refused_and_a_missing_one_is_wrong_usage(
    bare_app: Flask, tmp_path: Path
) -> None:
    file = tmp_path / "vote.json"
    file.write_text("{}")
    refused = run(bare_app, "recount", str(file))
    assert refused.exit_code == 1
    assert "[voting.invalid_export]" in refused.stderr
    assert run(bare_app, "recount", str(tmp_path / "missing.json")).exit_code == 2


def test_an_unknown_or_an_open_motion_has_no_tally(
    app: Flask, web_session: Session, now: datetime, tmp_path: Path
) -> None:
    assert "[voting.motion_not_found]" in run(app, "tally", "nothing").stderr
    create_motion(
        web_session, slug="open", title=LocalizedText({"en": "O"}), text=LocalizedText({"en": "T"}),
        actor=OPERATOR, now=now,
    )  # fmt: skip
    open_motion(web_session, slug="open", actor=OPERATOR, now=now)
    web_session.commit()
    for arguments in (["tally", "open"], ["export", "open", "-o", str(tmp_path / "x.json")]):
        result = run(app, *arguments, "--json")
        assert result.exit_code == 1
        assert "[voting.not_closed]" in result.stderr
    assert not (tmp_path / "x.json").exists()
