"""Dependencies that are missing from the roadmap, where enough people asked for them.

Pure: plain values in, plain values out.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from roadmap.planning.cycles import Standing
from roadmap.planning.network import Kind, Network, Precedence


@dataclass(frozen=True, slots=True)
class Asked:
    """What people said about a dependency in one question.

    ``support`` people proposed it, of these ``by_kind`` as which kind as far as that is published;
    ``dispute`` people disputed it (None: hidden or not asked); ``answered`` people said anything.
    ``query`` is where the counts come from.
    """

    before: str
    after: str
    support: int
    answered: int
    dispute: int | None = None
    by_kind: tuple[tuple[Kind, int], ...] = ()
    query: str = ""

    @property
    def kind(self) -> Kind:
        """What most meant; finish to start where that is open."""
        return max(self.by_kind, key=lambda pair: pair[1], default=(Kind.FS, 0))[0]


@dataclass(frozen=True, slots=True)
class Threshold:
    """How strong evidence is to be: so many people, and such a share of those who answered.

    More must ask for it than dispute it, whatever the threshold.
    """

    people: int = 10
    share: Decimal = Decimal("0.10")

    def is_reached_by(self, asked: Asked) -> bool:
        return (
            asked.support >= self.people
            and asked.support >= self.share * asked.answered
            and asked.support > (asked.dispute or 0)
        )


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A missing dependency, and what would follow from adding it.

    closes
        the contradiction that it would close with dependencies that stand, itself first; or none.
    implied
        what it asks for holds already, because of others.
    """

    asked: Asked
    precedence: Precedence
    closes: tuple[Precedence, ...]
    implied: bool


def suggest_missing(
    network: Network,
    known: Iterable[Precedence],
    asked: Iterable[Asked],
    *,
    threshold: Threshold | None = None,
) -> tuple[Suggestion, ...]:
    """What to add to ``network`` (the dependencies that stand), the best supported first.

    ``known`` is every dependency of the roadmap, suspended ones included: none between the same
    milestones in the same direction is suggested again, nor one whose milestones are not there.
    """
    threshold = threshold or Threshold()
    present = {(each.before, each.after) for each in known}
    wanted: dict[Precedence, Asked] = {}
    for each in sorted(asked, key=lambda one: (-one.support, one.before, one.after, one.query)):
        if (
            (each.before, each.after) in present
            or each.before == each.after
            or each.before not in network.activities
            or each.after not in network.activities
            or not threshold.is_reached_by(each)
        ):
            continue
        present.add((each.before, each.after))
        wanted[Precedence(each.before, each.after, each.kind, 0, Decimal(each.support))] = each
    # It holds already if what would break it cannot be.
    denials = {each: _denial(each, network.length_of(each)) for each in wanted}
    larger = Network(
        network.activities.values(), [*network.precedences, *wanted, *denials.values()]
    )
    position = {each: at for at, each in enumerate(larger.precedences)}
    tried = {position[each] for each in (*wanted, *denials.values())}
    standing = Standing(
        larger.edges, (at for at in range(len(larger.precedences)) if at not in tried)
    )
    return tuple(
        Suggestion(
            asked=evidence,
            precedence=each,
            closes=tuple(
                larger.precedences[step] for step in standing.contradiction_through(position[each])
            ),
            implied=standing.is_contradicted_by(position[denials[each]]),
        )
        for each, evidence in wanted.items()
    )


def _denial(precedence: Precedence, length: int) -> Precedence:
    """That ``after`` starts at least one day sooner than the dependency allows.

    Its support tells it from every dependency there is.
    """
    return Precedence(precedence.after, precedence.before, Kind.SS, 1 - length, Decimal("1e-9"))
