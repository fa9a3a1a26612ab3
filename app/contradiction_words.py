"""What a contradiction says in words, and its picture, in the reader's language."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from app.i18n import format_number
from app.roadmap_texts import days_text, dependency_text, support_text
from roadmap.models import Decision, Roadmap
from roadmap.pictures.ring import Ring, layout_ring
from roadmap.planning.network import Kind, Network, Precedence
from roadmap.planning.suspension import Contradiction

# Milestones that a sentence names before it counts.
_NAMED = 8


@dataclass(frozen=True, slots=True)
class ContradictionText:
    """A contradiction as pages tell it.

    ``sentence`` goes round, ``why`` says what makes it impossible, ``choice`` what was set aside
    and why that. ``labels`` stand beside the arrows of ``ring``; that is None where it is too long.
    """

    contradiction: Contradiction
    sentence: str
    why: str
    choice: str
    ring: Ring | None
    labels: tuple[str, ...]


def tell(contradiction: Contradiction, network: Network) -> ContradictionText:
    """``network`` is any with these milestones."""
    cycle = contradiction.cycle
    return ContradictionText(
        contradiction=contradiction,
        sentence=round_sentence(cycle),
        why=impossible_because(cycle, network),
        choice=_choice(contradiction),
        ring=layout_ring(contradiction.codes),
        labels=tuple(_label(each) for each in cycle),
    )


def round_sentence(cycle: Sequence[Precedence]) -> str:
    """Who waits for whom, all the way round, as far as a sentence can carry it."""
    steps = [
        _("%(after)s waits for %(before)s", after=each.after, before=each.before)
        for each in reversed(cycle)
    ]
    if len(steps) > _NAMED:
        rest = len(steps) - _NAMED + 1
        steps[_NAMED - 1 :] = [_("and so on through %(number)s more", number=format_number(rest))]
    return _(", ").join(steps) + "."


def impossible_because(cycle: Sequence[Precedence], network: Network) -> str:
    """Why the cycle cannot be, in a sentence."""
    if len(cycle) == 1 and cycle[0].kind is Kind.FS:
        return _("It would have to be finished before it begins.")
    if all(each.kind is Kind.FS for each in cycle):
        return _(
            "Each begins only when the one before it is finished, so none of them could ever begin."
        )
    days = sum(network.length_of(each) for each in cycle)
    return _(
        "Added up all the way round, %(code)s would have to start %(days)s after itself.",
        code=cycle[0].before,
        days=days_text(days),
    )


def decision_notes(decisions: Iterable[Decision]) -> dict[str, Decision]:
    """By subject (FROM>TO) the last decision to keep or suspend, or to take that back."""
    return {each.subject: each for each in decisions if each.change == "ruled"}


def precedence_words(precedence: Precedence) -> dict[str, Any]:
    """What tables show of a dependency."""
    return {"words": dependency_text(precedence), "support": support_text(precedence.support)}


def titles_of(roadmap: Roadmap) -> dict[str, Any]:
    """The titles of the milestones by code."""
    return {milestone.code: milestone.title for milestone in roadmap.milestones}


def _choice(contradiction: Contradiction) -> str:
    suspended = contradiction.suspended
    support = support_text(suspended.support)
    others = [each.support for each in contradiction.cycle[1:]]
    if not others:
        return _("It is set aside.")
    if suspended.support < min(others):
        return _(
            "“%(words)s” has the weakest support (%(support)s), so it is set aside.",
            words=dependency_text(suspended), support=support,
        )  # fmt: skip
    if suspended.support == min(others):
        return _(
            "“%(words)s” (support %(support)s) is set aside; another one here has no more support.",
            words=dependency_text(suspended), support=support,
        )  # fmt: skip
    return _(
        "Set aside is “%(words)s” (support %(support)s). Another one here has less support, but"
        " taking all contradictions together, less is lost this way.",
        words=dependency_text(suspended), support=support,
    )  # fmt: skip


def _label(precedence: Precedence) -> str:
    lag = f" {precedence.lag_days:+d}".replace("-", "−") if precedence.lag_days else ""
    return f"{precedence.kind.value}{lag} · {support_text(precedence.support)}"
