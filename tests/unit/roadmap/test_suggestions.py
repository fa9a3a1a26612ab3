"""Missing dependencies: how strong evidence must be, and what adding one would do."""

from decimal import Decimal

from roadmap.planning.consequences import compare_plans
from roadmap.planning.network import Activity, Kind, Network, Precedence, Ruling
from roadmap.planning.schedule import plan
from roadmap.planning.suggestions import Asked, Suggestion, Threshold, suggest_missing

CHAIN = [Precedence("A", "B"), Precedence("B", "C")]


def suggestions(asked: list[Asked], **options: object) -> tuple[Suggestion, ...]:
    network = Network([Activity(code, 5) for code in "ABCD"], CHAIN)
    return suggest_missing(network, CHAIN, asked, **options)  # type: ignore[arg-type]


def test_what_enough_people_ask_for_is_suggested_the_best_supported_first():
    found = suggestions([Asked("A", "D", 12, 50), Asked("B", "D", 20, 50), Asked("C", "D", 9, 50)])
    assert [(each.precedence.before, each.precedence.support) for each in found] == [
        ("B", Decimal(20)),
        ("A", Decimal(12)),
    ]
    assert not any(each.closes or each.implied for each in found)


def test_the_threshold_counts_people_their_share_and_who_is_against():
    asked = [Asked("A", "D", 12, 500), Asked("B", "D", 12, 20, dispute=12), Asked("C", "D", 5, 6)]
    assert suggestions(asked) == ()
    low = Threshold(people=5, share=Decimal("0.02"))
    assert [each.asked for each in suggestions(asked, threshold=low)] == [asked[0], asked[2]]


def test_what_is_there_or_names_nothing_is_not_suggested():
    asked = [Asked("A", "B", 99, 99), Asked("A", "X", 99, 99), Asked("A", "A", 99, 99)]
    assert suggestions(asked) == ()


def test_it_is_said_what_it_would_contradict_and_what_holds_already():
    back, implied = suggestions([Asked("C", "A", 30, 50), Asked("A", "C", 20, 50)])
    assert back.closes == (back.precedence, *CHAIN)
    assert not back.implied
    assert implied.implied
    assert not implied.closes


def test_the_kind_is_what_most_asked_for():
    kinds = ((Kind.FS, 4), (Kind.SS, 11))
    (found,) = suggestions([Asked("A", "D", 11, 20, by_kind=kinds)])
    assert found.precedence.kind is Kind.SS
    assert Asked("A", "D", 11, 20).kind is Kind.FS


def test_consequences_name_what_goes_what_comes_back_and_what_moves():
    activities = tuple(Activity(code, 5) for code in "AB")
    rows = (Precedence("A", "B", support=Decimal(3)), Precedence("B", "A", support=Decimal(2)))
    before = plan(activities, rows)
    kept = (rows[0], Precedence("B", "A", support=Decimal(2), ruling=Ruling.KEEP))
    found = compare_plans(before, plan(activities, kept))
    assert found.suspended == (rows[0],)
    assert found.restored == (rows[1],)
    assert (found.support_before, found.support_after, found.days) == (2, 3, 0)
    assert [(each.after.code, each.days) for each in found.moved] == [("A", 5), ("B", -5)]
    assert (found.now_critical, found.no_longer_critical) == ((), ())
    both = tuple(
        Precedence(each.before, each.after, support=each.support, ruling=Ruling.SUSPEND)
        for each in rows
    )
    shorter = compare_plans(before, plan(activities, both))
    assert shorter.days == -5
    assert shorter.suspended == (rows[0],)
    assert shorter.restored == ()
