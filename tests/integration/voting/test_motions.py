"""Motions and ballots in a database: what is taken, what is refused, what is frozen."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.audit import OPERATOR
from core.db import Database
from core.errors import WaymarkError
from core.models import AuditEntry
from core.text import LocalizedText
from stakeholders.delegations import MEMBER_STATES
from stakeholders.models import Account
from voting.ballots import cast_ballot, find_proxy_of, grant_proxy, list_seats, withdraw_proxy
from voting.errors import (
    AlreadyVoted,
    ClosedTooEarly,
    DuplicateMotion,
    InvalidMotion,
    MotionNotClosed,
    MotionNotDraft,
    MotionNotFound,
    MotionNotOpen,
    NotInElectorate,
    NotYourDelegation,
    ProxyGiven,
    ProxyNotFound,
    ProxyRefused,
    RecordDamaged,
    TamperedExport,
    UnknownChoice,
    UnknownRule,
    UnsuitableElectorate,
)
from voting.models import Ballot, Motion, Phase, ProxyGrant, ProxyParty
from voting.motions import (
    close_motion,
    create_motion,
    get_record,
    get_tally,
    list_motions,
    open_motion,
    votes_on_roadmap,
)
from voting.record import fingerprint, read_record, record_bytes, recount

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SLUG = "adopt-the-priorities"


def seat_delegates(session: Session, *codes: str) -> dict[str, UUID]:
    accounts = {
        code: Account(
            email=f"{code.lower()}-{uuid4().hex[:8]}@example.org",
            display_name=f"Delegate of {code}",
            password_hash="-",
            delegation=code,
            created_at=NOW,
        )
        for code in codes
    }
    session.add_all(accounts.values())
    session.flush()
    return {code: account.id for code, account in accounts.items()}


def create(session: Session, **changes: object) -> Motion:
    arguments: dict[str, object] = {
        "slug": SLUG,
        "title": LocalizedText({"en": "Adopt the priorities", "fr": "Adopter les priorités"}),
        "text": LocalizedText({"en": "The group adopts the priorities of edition 1.0."}),
        "roadmap_slug": "networks",
        "actor": OPERATOR,
        "now": NOW,
    }
    return create_motion(session, **(arguments | changes))  # type: ignore[arg-type]


@pytest.fixture
def delegates(session: Session) -> dict[str, UUID]:
    """All 27 delegates."""
    return seat_delegates(session, *MEMBER_STATES)


@pytest.fixture
def vote(session: Session, delegates: dict[str, UUID]) -> Callable[..., Ballot]:
    """An open motion; returns how a delegate votes on it."""
    create(session)
    open_motion(session, slug=SLUG, actor=OPERATOR, now=NOW)

    def cast(by: str, choice: str = "yes", *, on_behalf_of: str | None = None) -> Ballot:
        return cast_ballot(
            session,
            slug=SLUG,
            account_id=delegates[by],
            delegation=on_behalf_of or by,
            choice=choice,
            now=NOW + timedelta(minutes=1),
        )

    return cast


# --- a vote from beginning to end ---


def test_a_vote_of_27_delegations_ends_in_a_tally_and_a_record(
    session: Session, delegates: dict[str, UUID], vote: Callable[..., Ballot]
) -> None:
    grant_proxy(session, slug=SLUG, account_id=delegates["LU"], holder="BE", now=NOW)
    vote("BE", "no", on_behalf_of="LU")
    for code in [code for code in MEMBER_STATES if code not in ("LU", "SE", "FI")]:
        vote(code)
    vote("FI", "abstain")
    motion = close_motion(session, slug=SLUG, actor=OPERATOR, now=NOW + timedelta(hours=1))
    tally = get_tally(session, slug=SLUG)
    assert motion.phase is Phase.CLOSED
    assert tally["attained"] is True
    assert (tally["members"], tally["no"], tally["abstain"], tally["not_voting"]) == (
        24,
        ["LU"],
        ["FI"],
        ["SE"],
    )
    record = get_record(session, slug=SLUG)
    assert fingerprint(record) == motion.record_sha256
    assert recount(read_record(record_bytes(record))).as_document() == tally
    assert record["proxies"] == [{"from": "LU", "to": "BE", "granted_at": "2026-11-22T12:00:00Z"}]
    assert record["ballots"][0]["cast_by"] == "BE"


def test_every_act_is_in_the_audit_log_without_the_choice(
    session: Session, vote: Callable[..., Ballot]
) -> None:
    vote("DE")
    events = [
        event
        for event in session.scalars(select(AuditEntry.event))
        if event and event["subject"] == f"motion:{SLUG}"
    ]
    assert [event["name"] for event in events if event["name"] != "ballot.cast"] != []
    (cast,) = [event for event in events if event["name"] == "ballot.cast"]
    assert cast["data"]["delegation"] == "DE"
    assert "choice" not in cast["data"]
    assert {event["name"] for event in events} == {"motion.created", "motion.opened", "ballot.cast"}


def test_an_edition_gets_the_closed_votes_about_its_roadmap(
    session: Session, vote: Callable[..., Ballot]
) -> None:
    for code in list(MEMBER_STATES)[:20]:
        vote(code)
    assert votes_on_roadmap(session, roadmap_slug="networks") == []
    close_motion(session, slug=SLUG, actor=OPERATOR, now=NOW)
    (entry,) = votes_on_roadmap(session, roadmap_slug="networks")
    assert entry["yes"] == 20
    assert entry["not_voting"] == 7
    assert entry["closed_on"] == "2026-11-22"
    assert entry["ballots"][0] == {"delegation": "AT", "choice": "yes", "proxy_of": None}
    assert votes_on_roadmap(session, roadmap_slug="other") == []


def test_who_could_vote_and_with_what_population_is_frozen_on_opening(session: Session) -> None:
    motion = create(session, rule="participating", participants=["GR", "DE", "fr"])
    open_motion(session, slug=SLUG, actor=OPERATOR, now=NOW)
    assert motion.opening is not None
    assert [entry["delegation"] for entry in motion.opening["electorate"]] == ["DE", "EL", "FR"]
    assert motion.opening["electorate"][0]["persons"] == 83_399_432


# --- ballots ---


def test_a_second_ballot_is_refused(session: Session, vote: Callable[..., Ballot]) -> None:
    vote("DE", "yes")
    with pytest.raises(AlreadyVoted) as refusal:
        vote("DE", "no")
    assert refusal.value.code == "voting.already_voted"
    assert session.scalars(select(Ballot.choice)).all() == ["yes"]
    vote("FR")  # the transaction is still good


def test_ballots_form_a_chain(vote: Callable[..., Ballot]) -> None:
    ballots = [vote("DE"), vote("FR", "no"), vote("EL", "abstain")]
    assert [ballot.number for ballot in ballots] == [1, 2, 3]
    assert len({ballot.hash for ballot in ballots}) == 3


def test_greece_may_be_called_gr(
    session: Session, delegates: dict[str, UUID], vote: Callable[..., Ballot]
) -> None:
    assert vote("EL", on_behalf_of="GR").delegation == "EL"


@pytest.mark.parametrize("choice", ["", "maybe", "YES", "yes\x00"])
def test_a_choice_that_does_not_exist_is_refused(vote: Callable[..., Ballot], choice: str) -> None:
    with pytest.raises(UnknownChoice):
        vote("DE", choice)


def test_a_delegate_of_another_delegation_is_refused(vote: Callable[..., Ballot]) -> None:
    with pytest.raises(NotYourDelegation):
        vote("FR", on_behalf_of="DE")


def test_an_account_without_a_delegation_is_refused(
    session: Session, vote: Callable[..., Ballot]
) -> None:
    person = Account(
        email="nobody@example.org", display_name="N", password_hash="-", created_at=NOW
    )
    session.add(person)
    session.flush()
    with pytest.raises(NotYourDelegation):
        cast_ballot(
            session, slug=SLUG, account_id=person.id, delegation="DE", choice="yes", now=NOW
        )


def test_a_deactivated_delegate_is_refused(
    session: Session, delegates: dict[str, UUID], vote: Callable[..., Ballot]
) -> None:
    session.get_one(Account, delegates["DE"]).active = False
    with pytest.raises(NotYourDelegation):
        vote("DE")


def test_a_delegation_that_does_not_take_part_is_refused(
    session: Session, delegates: dict[str, UUID]
) -> None:
    create(session, rule="participating", participants=["DE", "FR", "IT"])
    open_motion(session, slug=SLUG, actor=OPERATOR, now=NOW)
    with pytest.raises(NotInElectorate):
        cast_ballot(
            session, slug=SLUG, account_id=delegates["MT"], delegation="MT", choice="yes", now=NOW
        )


def test_voting_on_a_draft_or_a_closed_motion_is_refused(
    session: Session, delegates: dict[str, UUID]
) -> None:
    create(session)

    def vote() -> None:
        cast_ballot(
            session, slug=SLUG, account_id=delegates["DE"], delegation="DE", choice="yes", now=NOW
        )

    with pytest.raises(MotionNotOpen):
        vote()
    open_motion(session, slug=SLUG, actor=OPERATOR, now=NOW)
    close_motion(session, slug=SLUG, actor=OPERATOR, now=NOW)
    with pytest.raises(MotionNotOpen):
        vote()
    with pytest.raises(MotionNotOpen):
        grant_proxy(session, slug=SLUG, account_id=delegates["DE"], holder="FR", now=NOW)


def test_after_the_announced_end_no_ballot_is_taken(
    session: Session, delegates: dict[str, UUID]
) -> None:
    create(session, closes_at=NOW + timedelta(hours=1))
    open_motion(session, slug=SLUG, actor=OPERATOR, now=NOW)
    with pytest.raises(MotionNotOpen):
        cast_ballot(
            session, slug=SLUG, account_id=delegates["DE"], delegation="DE", choice="yes",
            now=NOW + timedelta(hours=1),
        )  # fmt: skip


# --- proxies ---


def test_a_proxy_for_two_delegations_is_refused(
    session: Session, delegates: dict[str, UUID], vote: Callable[..., Ballot]
) -> None:
    grant_proxy(session, slug=SLUG, account_id=delegates["LU"], holder="BE", now=NOW)
    with pytest.raises(ProxyRefused, match="BE acts for LU already"):
        grant_proxy(session, slug=SLUG, account_id=delegates["NL"], holder="BE", now=NOW)
    with pytest.raises(ProxyRefused, match="LU has given its proxy already"):
        grant_proxy(session, slug=SLUG, account_id=delegates["LU"], holder="NL", now=NOW)


def test_a_proxy_is_not_passed_on(
    session: Session, delegates: dict[str, UUID], vote: Callable[..., Ballot]
) -> None:
    grant_proxy(session, slug=SLUG, account_id=delegates["LU"], holder="BE", now=NOW)
    with pytest.raises(ProxyRefused, match="BE holds the proxy of LU"):
        grant_proxy(session, slug=SLUG, account_id=delegates["BE"], holder="NL", now=NOW)
    with pytest.raises(ProxyRefused, match="LU has given its own proxy away"):
        grant_proxy(session, slug=SLUG, account_id=delegates["NL"], holder="LU", now=NOW)


def test_nobody_is_its_own_proxy_and_strangers_hold_none(
    session: Session, delegates: dict[str, UUID], vote: Callable[..., Ballot]
) -> None:
    with pytest.raises(ProxyRefused):
        grant_proxy(session, slug=SLUG, account_id=delegates["LU"], holder="LU", now=NOW)
    with pytest.raises(NotInElectorate):
        grant_proxy(session, slug=SLUG, account_id=delegates["LU"], holder="NO", now=NOW)


def test_who_gave_its_proxy_cannot_vote_until_it_is_withdrawn(
    session: Session, delegates: dict[str, UUID], vote: Callable[..., Ballot]
) -> None:
    grant_proxy(session, slug=SLUG, account_id=delegates["LU"], holder="BE", now=NOW)
    with pytest.raises(ProxyGiven, match="BE"):
        vote("LU")
    withdraw_proxy(session, slug=SLUG, account_id=delegates["LU"], now=NOW)
    with pytest.raises(NotYourDelegation):
        vote("BE", on_behalf_of="LU")
    vote("LU")
    assert session.scalars(select(ProxyParty)).all() == []


def test_a_proxy_that_was_used_cannot_be_withdrawn(
    session: Session, delegates: dict[str, UUID], vote: Callable[..., Ballot]
) -> None:
    grant_proxy(session, slug=SLUG, account_id=delegates["LU"], holder="BE", now=NOW)
    vote("BE", on_behalf_of="LU")
    with pytest.raises(AlreadyVoted):
        withdraw_proxy(session, slug=SLUG, account_id=delegates["LU"], now=NOW)


def test_who_voted_cannot_give_a_proxy_and_who_gave_none_cannot_withdraw(
    session: Session, delegates: dict[str, UUID], vote: Callable[..., Ballot]
) -> None:
    vote("LU")
    with pytest.raises(AlreadyVoted):
        grant_proxy(session, slug=SLUG, account_id=delegates["LU"], holder="BE", now=NOW)
    with pytest.raises(ProxyNotFound):
        withdraw_proxy(session, slug=SLUG, account_id=delegates["NL"], now=NOW)


def test_a_delegate_sees_the_seats_it_acts_for(
    session: Session, delegates: dict[str, UUID], vote: Callable[..., Ballot]
) -> None:
    grant_proxy(session, slug=SLUG, account_id=delegates["LU"], holder="BE", now=NOW)
    vote("BE")
    motion = session.scalars(select(Motion)).one()
    seats = list_seats(session, motion=motion, delegation="BE")
    assert [(seat.delegation, seat.by_proxy, bool(seat.ballot)) for seat in seats] == [
        ("BE", False, True),
        ("LU", True, False),
    ]
    assert list_seats(session, motion=motion, delegation="LU") == ()
    assert list_seats(session, motion=motion, delegation="NO") == ()
    assert find_proxy_of(session, motion=motion, delegation="BE") is None


def test_the_database_itself_rules_out_two_proxies_in_one_hand(
    session: Session, delegates: dict[str, UUID], vote: Callable[..., Ballot]
) -> None:
    motion_id = session.scalars(select(Motion.id)).one()
    for giver in ("LU", "NL"):
        session.add(ProxyGrant(motion_id=motion_id, giver=giver, holder="BE", granted_at=NOW))
    session.flush()
    session.add(ProxyParty(motion_id=motion_id, delegation="BE", giver="LU"))
    session.flush()
    session.add(ProxyParty(motion_id=motion_id, delegation="BE", giver="NL"))
    with pytest.raises(IntegrityError):
        session.flush()


# --- motions ---


def test_a_motion_needs_a_title_a_known_rule_and_fitting_voters(session: Session) -> None:
    with pytest.raises(InvalidMotion, match="title"):
        create(session, title=LocalizedText({"en": "  "}))
    with pytest.raises(InvalidMotion, match="official language"):
        create(session, text=LocalizedText({"xx": "text"}))
    with pytest.raises(WaymarkError, match="NUL"):
        create(session, text=LocalizedText({"en": "a\x00b"}))
    with pytest.raises(UnknownRule):
        create(session, rule="dictatorship")
    with pytest.raises(UnsuitableElectorate):
        create(session, rule="qualified", participants=["DE", "FR"])
    with pytest.raises(UnsuitableElectorate):
        create(session, rule="simple", participants=[])
    assert list_motions(session) == []


def test_two_motions_of_one_name_are_refused(session: Session) -> None:
    create(session)
    with pytest.raises(DuplicateMotion):
        create(session, slug="Adopt the priorities!")


def test_a_motion_opens_once_and_closes_once(session: Session) -> None:
    create(session)
    with pytest.raises(MotionNotOpen):
        close_motion(session, slug=SLUG, actor=OPERATOR, now=NOW)
    open_motion(session, slug=SLUG, actor=OPERATOR, now=NOW)
    with pytest.raises(MotionNotDraft):
        open_motion(session, slug=SLUG, actor=OPERATOR, now=NOW)
    with pytest.raises(MotionNotClosed):
        get_tally(session, slug=SLUG)
    with pytest.raises(MotionNotClosed):
        get_record(session, slug=SLUG)
    close_motion(session, slug=SLUG, actor=OPERATOR, now=NOW)
    with pytest.raises(MotionNotOpen):
        close_motion(session, slug=SLUG, actor=OPERATOR, now=NOW)


def test_a_motion_without_a_quorum_is_not_carried(
    session: Session, vote: Callable[..., Ballot]
) -> None:
    vote("DE")
    close_motion(session, slug=SLUG, actor=OPERATOR, now=NOW)
    tally = get_tally(session, slug=SLUG)
    assert tally["attained"] is False
    assert "no quorum" in tally["reason"]


def test_an_announced_end_binds_until_everyone_has_voted(
    session: Session, delegates: dict[str, UUID]
) -> None:
    create(
        session, rule="participating", participants=["DE", "FR"], closes_at=NOW + timedelta(days=1)
    )
    open_motion(session, slug=SLUG, actor=OPERATOR, now=NOW)
    for code in ("DE", "FR"):
        with pytest.raises(ClosedTooEarly, match="23 November 2026"):
            close_motion(session, slug=SLUG, actor=OPERATOR, now=NOW)
        cast_ballot(
            session, slug=SLUG, account_id=delegates[code], delegation=code, choice="yes", now=NOW
        )
    motion = close_motion(session, slug=SLUG, actor=OPERATOR, now=NOW)
    assert motion.closing_reason is None


def test_closing_before_the_announced_end_takes_a_reason_that_is_published(
    session: Session, delegates: dict[str, UUID]
) -> None:
    create(session, closes_at=NOW + timedelta(days=1))
    open_motion(session, slug=SLUG, actor=OPERATOR, now=NOW)
    with pytest.raises(ClosedTooEarly):
        close_motion(session, slug=SLUG, actor=OPERATOR, now=NOW, reason="  ")
    close_motion(session, slug=SLUG, actor=OPERATOR, now=NOW, reason="The motion is withdrawn.")
    record = get_record(session, slug=SLUG)
    assert record["motion"]["closing_reason"] == "The motion is withdrawn."


def test_a_motion_whose_announced_end_has_passed_does_not_open(session: Session) -> None:
    create(session, closes_at=NOW - timedelta(days=1))
    with pytest.raises(InvalidMotion, match="closes_at"):
        open_motion(session, slug=SLUG, actor=OPERATOR, now=NOW)


def test_an_unknown_motion_is_not_found(session: Session, delegates: dict[str, UUID]) -> None:
    with pytest.raises(MotionNotFound):
        get_tally(session, slug="nothing")
    with pytest.raises(MotionNotFound):
        cast_ballot(
            session, slug="nothing", account_id=delegates["DE"], delegation="DE", choice="yes",
            now=NOW,
        )  # fmt: skip


# --- whoever reaches into the database ---


def test_a_ballot_changed_in_the_database_after_closing_is_found_out(
    session: Session, vote: Callable[..., Ballot]
) -> None:
    for code in list(MEMBER_STATES)[:16]:
        vote(code)
    close_motion(session, slug=SLUG, actor=OPERATOR, now=NOW)
    session.execute(update(Ballot).where(Ballot.delegation == "BE").values(choice="no"))
    session.expire_all()
    with pytest.raises(RecordDamaged):
        get_record(session, slug=SLUG)


@pytest.mark.parametrize("act", ["change", "delete"])
def test_a_ballot_changed_or_removed_before_closing_stops_the_closing(
    session: Session, vote: Callable[..., Ballot], act: str
) -> None:
    for code in ("BE", "DE", "FR"):
        vote(code)
    mine = Ballot.delegation == "DE"
    session.execute(
        update(Ballot).where(mine).values(choice="no")
        if act == "change"
        else delete(Ballot).where(mine)
    )
    session.expire_all()
    with pytest.raises(TamperedExport):
        close_motion(session, slug=SLUG, actor=OPERATOR, now=NOW)


# --- at the same moment ---


@pytest.fixture
def committed(database: Database) -> Iterator[tuple[Database, str, dict[str, UUID]]]:
    """An open motion with three delegates, committed, and cleaned away afterwards."""
    slug = f"race-{uuid4().hex[:8]}"
    with database.transaction() as session:
        accounts = seat_delegates(session, "DE", "FR", "LU")
        create(session, slug=slug)
        open_motion(session, slug=slug, actor=OPERATOR, now=NOW)
    yield database, slug, accounts
    with database.transaction() as session:
        motion = session.scalars(select(Motion).where(Motion.slug == slug)).one()
        for table in (ProxyParty, ProxyGrant, Ballot):
            session.execute(delete(table).where(table.motion_id == motion.id))
        session.delete(motion)
        session.execute(delete(Account).where(Account.id.in_(accounts.values())))
        session.execute(delete(AuditEntry))


def at_once(
    database: Database, *acts: Callable[[Session], object]
) -> list[type[WaymarkError] | None]:
    """Run every act in a transaction of its own at the same moment; None means it succeeded."""
    start = threading.Barrier(len(acts))
    outcomes: list[type[WaymarkError] | None] = [None] * len(acts)

    def run(place: int, act: Callable[[Session], object]) -> None:
        start.wait()
        try:
            with database.transaction() as session:
                act(session)
        except WaymarkError as refusal:
            outcomes[place] = type(refusal)

    threads = [threading.Thread(target=run, args=entry) for entry in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return outcomes


def test_of_several_ballots_at_the_same_moment_one_counts(
    committed: tuple[Database, str, dict[str, UUID]],
) -> None:
    database, slug, accounts = committed

    def vote(choice: str) -> Callable[[Session], object]:
        return lambda session: cast_ballot(
            session, slug=slug, account_id=accounts["DE"], delegation="DE", choice=choice, now=NOW
        )

    outcomes = at_once(database, *[vote(choice) for choice in ("yes", "no", "abstain", "yes")])
    assert sorted(map(str, outcomes)) == sorted(map(str, [None] + [AlreadyVoted] * 3))
    with database.reading() as session:
        motion = session.scalars(select(Motion).where(Motion.slug == slug)).one()
        ballots = session.scalars(select(Ballot).where(Ballot.motion_id == motion.id)).all()
    assert len(ballots) == 1


def test_ballots_of_several_delegations_at_the_same_moment_make_one_chain(
    committed: tuple[Database, str, dict[str, UUID]],
) -> None:
    database, slug, accounts = committed

    def vote(code: str) -> Callable[[Session], object]:
        return lambda session: cast_ballot(
            session, slug=slug, account_id=accounts[code], delegation=code, choice="yes", now=NOW
        )

    assert at_once(database, *map(vote, accounts)) == [None] * 3
    with database.transaction() as session:
        close_motion(session, slug=slug, actor=OPERATOR, now=NOW)
        assert [entry["number"] for entry in get_record(session, slug=slug)["ballots"]] == [1, 2, 3]


def test_of_two_proxies_for_one_holder_at_the_same_moment_one_counts(
    committed: tuple[Database, str, dict[str, UUID]],
) -> None:
    database, slug, accounts = committed

    def give(code: str) -> Callable[[Session], object]:
        return lambda session: grant_proxy(
            session, slug=slug, account_id=accounts[code], holder="FR", now=NOW
        )

    outcomes = at_once(database, give("DE"), give("LU"))
    assert sorted(map(str, outcomes)) == sorted(map(str, [None, ProxyRefused]))
