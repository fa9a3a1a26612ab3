"""The demonstration, built for real: what it holds, and that building it twice is safe."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import create_app
from app.config import Settings
from app.demo import accounts, story
from app.demo.build import ACCOUNTS_MADE, EDITION_1_0, build_demonstration
from core import audit
from core.audit import OPERATOR
from core.clock import utc_now
from core.db import Base, Database
from core.instance import is_demonstration
from core.models import OutboxMessage
from roadmap.editions.publishing import get_edition, get_edition_document, verify_chain
from roadmap.editions.stages import find_open_candidate
from roadmap.models import Disposition, Proposal
from roadmap.proposals.outcomes import proposals_document
from roadmap.roadmaps import get_roadmap, list_roadmaps
from roadmap.scenarios.branching import list_scenarios
from stakeholders.accounts import create_account, find_account_by_email, sign_in
from stakeholders.errors import DemonstrationOnly
from stakeholders.models import Account
from stakeholders.permissions import Role
from surveys.consultations import get_consultation, list_consultations
from surveys.inviting.invitation_register import InvitationState, count_states, list_invitations
from surveys.making.blocks import list_blocks
from surveys.making.differences import compare_documents
from surveys.models import Response
from surveys.phases import Phase, is_extended, phase_of
from surveys.quotas import list_quotas
from surveys.results import get_public_results, get_results
from surveys.statements import count_judgements, list_statements
from tests.conftest import ROOT, import_all_models
from voting.motions import get_motion, get_record, get_tally
from voting.record import recount

pytestmark = pytest.mark.timeout(300)


def new_app(folder: Path) -> Flask:
    """An application on a fresh database in ``folder``."""
    import_all_models()
    folder.mkdir()
    settings = Settings(instance=folder)
    database = Database(settings.effective_database_url)
    Base.metadata.create_all(database.engine)
    database.close()
    return create_app(settings, testing=True)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The demonstration, built once by its command for all tests here."""
    app = new_app(tmp_path_factory.mktemp("demonstration") / "instance")
    begun = time.monotonic()
    result = app.test_cli_runner().invoke(args=["demo", "build", "--json"])
    app.extensions["seconds"] = time.monotonic() - begun
    assert result.exit_code == 0, result.output
    app.extensions["printed"] = json.loads(result.stdout)
    yield app
    app.extensions["waymark.database"].close()


@pytest.fixture
def reading(built: Flask) -> Iterator[Session]:
    with built.extensions["waymark.database"].reading() as session:
        yield session


class TestWhatItHolds:
    def test_it_takes_less_than_a_minute(self, built: Flask) -> None:
        # Twice the minute: the machine may be busy with other tests.
        assert built.extensions["seconds"] < 120

    def test_more_than_600_people_answered_from_all_member_states(self, reading: Session) -> None:
        assert (reading.scalar(select(func.count()).select_from(Response)) or 0) >= 600

    def test_every_response_was_given_within_its_consultation(self, reading: Session) -> None:
        for consultation in list_consultations(reading):
            assert consultation.opens_at is not None
            assert consultation.closes_at is not None
            first, last = reading.execute(
                select(func.min(Response.day), func.max(Response.day)).where(
                    Response.consultation_id == consultation.id
                )
            ).one()
            assert consultation.opens_at.date() <= first
            assert last <= min(consultation.closes_at, utc_now()).date()

    def test_the_public_consultation_lasted_twelve_weeks(self, reading: Session) -> None:
        public = next(
            entry
            for entry in list_consultations(reading)
            if entry.slug == story.PUBLIC_CONSULTATION
        )
        assert public.opens_at is not None
        assert public.closes_at is not None
        assert public.closes_at - public.opens_at >= timedelta(weeks=12)

    def test_a_visitor_can_answer_one_consultation_now(self, reading: Session) -> None:
        phases = {
            entry.slug: phase_of(entry, now=utc_now()) for entry in list_consultations(reading)
        }
        assert phases[story.FEEDBACK_ROUND] is Phase.OPEN
        assert phases[story.PUBLIC_CONSULTATION] is Phase.REPORTED
        assert phases[story.EXPERT_POLL] is Phase.CLOSED

    def test_the_public_consultation_was_tried_changed_and_reported_on(
        self, reading: Session
    ) -> None:
        public = get_consultation(reading, slug=story.PUBLIC_CONSULTATION)
        first, second = public.versions
        assert public.current_version_id == second.id
        assert compare_documents(first.definition, second.definition)
        assert public.opens_at is not None
        assert second.published_at is not None
        assert second.published_at < public.opens_at
        assert public.report is not None
        assert {"en", "fr", "de", "es"} <= set(public.report)
        assert [block.slug for block in list_blocks(reading)] == ["your-connection"]

    def test_what_the_experts_said_of_the_roadmap_may_be_published(self, reading: Session) -> None:
        """No group is so small that it takes the results of the others with it."""
        public = get_consultation(reading, slug=story.PUBLIC_CONSULTATION)
        results = get_public_results(reading, consultation=public)
        shown = {
            question["code"]: question["answered"]
            for question in results["questions"]
            if question["code"].startswith("M")
        }
        assert {code.partition(".")[0] for code in shown} == {"M0", "M1", "M2", "M3", "M4", "M5"}
        assert None not in shown.values(), shown

    def test_participants_added_statements_and_the_moderator_decided(
        self, reading: Session
    ) -> None:
        found = {
            slug: Counter(
                statement.status
                for statement in list_statements(
                    reading, consultation_id=get_consultation(reading, slug=slug).id
                )
            )
            for slug in (story.PUBLIC_CONSULTATION, story.FEEDBACK_ROUND)
        }
        assert found[story.PUBLIC_CONSULTATION] == {"accepted": 3, "rejected": 1}
        assert found[story.FEEDBACK_ROUND] == {"accepted": 1, "pending": 3}
        public = get_consultation(reading, slug=story.PUBLIC_CONSULTATION)
        judged = count_judgements(reading, consultation_id=public.id)
        for statement in list_statements(reading, consultation_id=public.id, status="accepted"):
            assert judged[f"S1.{statement.code}"].agree > 50

    def test_the_poll_was_extended_and_its_letters_are_accounted_for(
        self, reading: Session
    ) -> None:
        poll = get_consultation(reading, slug=story.EXPERT_POLL)
        assert is_extended(poll)
        assert poll.anonymity == "pseudonymous"
        states = count_states(reading, consultation=poll)
        assert states[InvitationState.ANSWERED] == story.load_simulation(poll.slug).responses
        assert states[InvitationState.BOUNCED] == 1
        assert states[InvitationState.DECLINED] == 2
        assert states[InvitationState.INVITED] > 0
        page = list_invitations(reading, consultation=poll, state=InvitationState.INVITED)
        assert {invitation.reminders for invitation, _ in page.entries} == {1}
        (quota,) = list_quotas(reading, consultation=poll)
        assert 0 < quota.taken < quota.places
        assert not quota.problems

    def test_no_letter_and_no_job_is_left_waiting(self, reading: Session) -> None:
        """Nothing is sent to invented addresses, whatever mail server is set later."""
        assert reading.scalar(select(func.count()).select_from(OutboxMessage)) == 0

    def test_files_that_were_attached_are_kept(self, built: Flask, reading: Session) -> None:
        public = get_consultation(reading, slug=story.PUBLIC_CONSULTATION)
        named = {
            entry["sha256"]
            for answers in reading.scalars(
                select(Response.answers).where(Response.consultation_id == public.id)
            )
            for entry in answers.get("E5", ())
        }
        kept = {path.name for path in (Path(built.instance_path) / "uploads").rglob("*")}
        assert named
        assert named <= kept

    def test_everything_is_marked_as_simulated(self, reading: Session) -> None:
        assert is_demonstration(reading)
        assert all(entry.simulated for entry in list_consultations(reading))
        assert all(account.demonstration for account in reading.scalars(select(Account)))
        for motion in story.load_motions():
            assert get_motion(reading, slug=motion.slug).simulated

    def test_the_vote_reached_the_qualified_majority_and_can_be_recounted(
        self, reading: Session
    ) -> None:
        motion = story.load_motions()[0]
        tally = get_tally(reading, slug=motion.slug)
        assert tally["attained"]
        assert tally["yes"] == motion.ballots["yes"]
        recount(get_record(reading, slug=motion.slug))

    def test_edition_1_1_differs_from_1_0_because_of_the_input(self, reading: Session) -> None:
        older, newer = (
            get_edition_document(reading, roadmap=story.ROADMAP, version=version)
            for version in ("1.0", "1.1")
        )
        changes = {(change["kind"], change["code"]): change for change in newer["changes"]}
        assert ("added", "COR-09") in changes
        assert ("moved", "TRU-02") in changes
        assert ("reworded", "ARC-05") in changes
        assert ("dependency", "COO-02>RAD-05") in changes
        for key in (("added", "COR-09"), ("moved", "TRU-02"), ("reworded", "ARC-05")):
            sources = {entry.get("consultation") for entry in changes[key]["evidence"]}
            assert story.PUBLIC_CONSULTATION in sources
            assert changes[key]["reasons"]
        # A contradiction was resolved: what people disputed is gone, so the corridor no longer
        # waits for the rescue services, nothing is set aside for it, and everything ends earlier.
        suspended = [
            {(entry["from"], entry["to"]) for entry in edition["contradictions"]}
            for edition in (older, newer)
        ]
        assert ("COR-06", "CLE-05") in suspended[0] - suspended[1]
        assert changes["dependency", "VER-05>COR-06"]["after"] is None
        assert changes["dependency", "VER-05>COR-06"]["proposals"]
        assert newer["schedule"]["makespan_days"] < older["schedule"]["makespan_days"]

    def test_what_people_asked_for_was_decided_on_by_two_persons(self, reading: Session) -> None:
        roadmap = get_roadmap(reading, slug=story.ROADMAP)
        outcomes = proposals_document(reading, roadmap)
        decisions = {each["decision"] for each in outcomes}
        assert decisions >= {"accepted", "accepted_in_part", "rejected", "later"}
        confirmed = reading.scalars(
            select(Disposition).where(Disposition.confirmed_at.is_not(None))
        ).all()
        assert confirmed
        assert all(each.account_id != each.confirmed_by for each in confirmed)
        assert reading.scalar(select(Proposal.id).where(Proposal.state == "open"))

    def test_editions_were_approved_by_two_and_the_next_one_is_open_for_comments(
        self, reading: Session
    ) -> None:
        document = get_edition_document(reading, roadmap=story.ROADMAP, version="1.1")
        assert len(document["approvals"]) == 2
        candidate = find_open_candidate(reading, slug=story.ROADMAP)
        assert candidate is not None
        assert (candidate.version, candidate.stage) == ("1.2", "public_draft")
        assert candidate.consultation_id is not None

    def test_scenarios_were_adopted_dropped_and_left_open(self, reading: Session) -> None:
        roadmap = get_roadmap(reading, slug=story.ROADMAP)
        states = {each.state for each in list_scenarios(reading, roadmap=roadmap)}
        assert states == {"open", "adopted", "dropped"}

    def test_every_milestone_has_a_priority_in_edition_1_1(self, reading: Session) -> None:
        edition = get_edition_document(reading, roadmap=story.ROADMAP, version="1.1")
        assert all(milestone["priority"] for milestone in edition["milestones"])

    def test_the_editions_form_a_chain_and_say_that_they_are_simulated(
        self, reading: Session
    ) -> None:
        assert verify_chain(reading, slug=story.ROADMAP) == []
        for version in ("1.0", "1.1"):
            edition = get_edition_document(reading, roadmap=story.ROADMAP, version=version)
            assert edition["simulated"]

    def test_edition_1_1_carries_the_vote_that_adopted_it(self, reading: Session) -> None:
        edition = get_edition_document(reading, roadmap=story.ROADMAP, version="1.1")
        assert [(vote["slug"], vote["attained"]) for vote in edition["votes"]] == [
            (story.load_motions()[0].slug, True)
        ]

    def test_results_count_everyone(self, reading: Session) -> None:
        for consultation in list_consultations(reading):
            expected = story.load_simulation(consultation.slug).responses
            assert get_results(reading, consultation=consultation)["responses"] == expected

    def test_a_delegate_can_vote_now(self, reading: Session) -> None:
        motion = get_motion(reading, slug=story.load_motions()[1].slug)
        assert motion.takes_ballots(utc_now())

    def test_the_audit_log_is_intact(self, reading: Session) -> None:
        assert audit.verify(reading).valid


class TestWhoCanSignIn:
    def test_everyone_who_is_printed_can(self, built: Flask) -> None:
        printed = built.extensions["printed"]
        assert {entry["role"] for entry in printed["accounts"]} == set(Role)
        assert sum(entry["delegation"] is not None for entry in printed["accounts"]) == 27
        some = [entry for entry in printed["accounts"] if entry["delegation"] in (None, "EL")]
        with built.extensions["waymark.database"].transaction() as session:
            for entry in some:
                account = sign_in(
                    session,
                    email=entry["email"],
                    password=printed["password"],
                    now=utc_now(),
                    demonstration_instance=True,
                )
                assert entry["role"] in {role.role for role in account.roles}

    def test_nobody_of_them_can_elsewhere(self, built: Flask) -> None:
        printed = built.extensions["printed"]
        with (
            built.extensions["waymark.database"].transaction() as session,
            pytest.raises(DemonstrationOnly),
        ):
            sign_in(
                session,
                email=printed["accounts"][0]["email"],
                password=printed["password"],
                now=utc_now(),
                demonstration_instance=False,
            )

    def test_the_password_is_for_the_owner_of_the_instance_alone(self, built: Flask) -> None:
        path = Path(built.instance_path) / "demonstration_password"
        assert path.stat().st_mode & 0o077 == 0

    def test_a_lost_password_is_replaced(self, built: Flask) -> None:
        folder = Path(built.instance_path)
        kept = accounts.password_of(folder)
        (folder / "demonstration_password").unlink()
        result = built.test_cli_runner().invoke(args=["demo", "accounts", "--json"])
        printed = json.loads(result.stdout)
        assert printed["password"] != kept
        built.extensions["printed"]["password"] = printed["password"]
        with built.extensions["waymark.database"].transaction() as session:
            sign_in(
                session,
                email=accounts.SECRETARIAT,
                password=printed["password"],
                now=utc_now(),
                demonstration_instance=True,
            )


class TestBuildingAgain:
    def test_changes_nothing(self, built: Flask) -> None:
        database = built.extensions["waymark.database"]
        # What other tests here left for the worker is done first.
        built.test_cli_runner().invoke(args=["jobs", "run"])
        before = _row_counts(database)
        result = built.test_cli_runner().invoke(args=["demo", "build", "--json"])
        assert result.exit_code == 0
        assert json.loads(result.stdout)["built"] == []
        assert _row_counts(database) == before

    def test_an_interrupted_build_keeps_whole_stages_and_its_day(self, tmp_path: Path) -> None:
        app = new_app(tmp_path / "instance")
        database = app.extensions["waymark.database"]

        def give_up_at(name: str, _size: int) -> Callable[[int], None]:
            begun.append(name)
            if name == interrupted:
                raise KeyboardInterrupt
            return lambda _steps: None

        def build(now: datetime) -> None:
            with app.app_context(), pytest.raises(KeyboardInterrupt):
                build_demonstration(
                    database,
                    instance_folder=tmp_path / "instance",
                    credential_key=b"key",
                    now=now,
                    announce=give_up_at,
                )

        begun: list[str] = []
        interrupted = "roadmap"
        build(utc_now())
        assert begun == ["accounts", "roadmap"]
        with database.reading() as session:
            assert list_roadmaps(session) == []
            made = find_account_by_email(session, email=accounts.SECRETARIAT)
            assert made is not None

        # Three days later it goes on, on the calendar of the day on which it began.
        begun.clear()
        interrupted = f"consultation {story.PUBLIC_CONSULTATION}"
        build(utc_now() + timedelta(days=3))
        assert begun == ["roadmap", "edition 1.0", interrupted]
        with database.reading() as session:
            edition = get_edition(session, slug=story.ROADMAP, version="1.0")
            apart = edition.published_at.date() - made.created_at.date()
            assert apart == timedelta(days=EDITION_1_0 - ACCOUNTS_MADE)
        database.close()

    def test_in_a_database_with_other_content_is_refused(self, tmp_path: Path) -> None:
        app = new_app(tmp_path / "instance")
        with app.extensions["waymark.database"].transaction() as session:
            create_account(
                session,
                email="someone@example.org",
                display_name="Someone",
                password="a real person's",
                roles=[Role.CITIZEN],
                actor=OPERATOR,
                now=utc_now(),
            )
        result = app.test_cli_runner().invoke(args=["demo", "build"])
        assert result.exit_code == 1
        assert "demo.not_empty" in result.stderr
        app.extensions["waymark.database"].close()


class TestServing:
    def test_it_answers_and_ends_with_everything_it_started(self, built: Flask) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [sys.executable, "-m", "flask", "--app", "wsgi", "demo", "serve"]
        environment = os.environ | {"WAYMARK_INSTANCE": built.instance_path}
        with subprocess.Popen(
            [*command, "--port", str(port)], cwd=ROOT, env=environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        ) as server:  # fmt: skip
            assert server.stdout is not None
            printed = ""
            while f"http://127.0.0.1:{port}" not in printed:
                line = server.stdout.readline()
                assert line, "it ended before it answered"
                printed += line
            assert accounts.SECRETARIAT in printed
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30) as page:
                assert page.status == 200
            server.send_signal(signal.SIGTERM)
            assert server.wait(timeout=30) == 0
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0

    def test_a_port_in_use_is_refused(self, built: Flask) -> None:
        with socket.socket() as occupied:
            occupied.bind(("127.0.0.1", 0))
            occupied.listen()
            port = str(occupied.getsockname()[1])
            result = built.test_cli_runner().invoke(args=["demo", "serve", "--port", port])
        assert result.exit_code == 1
        assert "demo.port_taken" in result.stderr


def _row_counts(database: Database) -> dict[str, int]:
    with database.reading() as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }
