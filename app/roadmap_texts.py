"""What a roadmap says in words: dates, slack, dependencies, in the reader's language."""

from datetime import date, timedelta
from decimal import Decimal

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.i18n import format_date, format_number
from roadmap.planning.network import Precedence
from roadmap.planning.schedule import Dates

AGENDA_TITLES = {
    "SRIA": _l("Research and innovation (SRIA)"),
    "SDA": _l("Deployment (SDA)"),
}
# By kind and by the sign of the lag.
_DEPENDENCIES = {
    ("FS", 0): _l("%(after)s starts when %(before)s has finished, or later."),
    ("FS", 1): _l("%(after)s starts at least %(days)s after %(before)s has finished."),
    ("FS", -1): _l("%(after)s starts at most %(days)s before %(before)s finishes."),
    ("SS", 0): _l("%(after)s starts when %(before)s starts, or later."),
    ("SS", 1): _l("%(after)s starts at least %(days)s after %(before)s starts."),
    ("SS", -1): _l("%(after)s starts at most %(days)s before %(before)s starts."),
    ("FF", 0): _l("%(after)s finishes when %(before)s finishes, or later."),
    ("FF", 1): _l("%(after)s finishes at least %(days)s after %(before)s finishes."),
    ("FF", -1): _l("%(after)s finishes at most %(days)s before %(before)s finishes."),
    ("SF", 0): _l("%(after)s finishes when %(before)s starts, or later."),
    ("SF", 1): _l("%(after)s finishes at least %(days)s after %(before)s starts."),
    ("SF", -1): _l("%(after)s finishes at most %(days)s before %(before)s starts."),
}


def days_text(days: int) -> str:
    """A number of days: 1 day, 30 days."""
    return ngettext("%(number)s day", "%(number)s days", days, number=format_number(days))


def day_text(start: date, day: int) -> str:
    """The date of a day of the schedule; where the calendar ends, the day's number."""
    try:
        return format_date(start + timedelta(days=day))
    except OverflowError:
        return _("day %(number)s", number=format_number(day))


def years_text(start: date, dates: Dates) -> str:
    """From which year to which year, short enough for a box in the graph."""
    try:
        first = (start + timedelta(days=dates.earliest_start)).year
        last = (start + timedelta(days=dates.earliest_finish)).year
    except OverflowError:
        return ""
    return str(first) if first == last else f"{first} – {last}"


def dependency_text(precedence: Precedence) -> str:
    """What the dependency asks, as a sentence with the codes of both milestones."""
    lag = precedence.lag_days
    sentence = _DEPENDENCIES[precedence.kind.value, (lag > 0) - (lag < 0)]
    return str(sentence) % {
        "before": precedence.before,
        "after": precedence.after,
        "days": days_text(abs(lag)),
    }


def support_text(support: Decimal) -> str:
    """A support as people write numbers, without needless zeros."""
    return format_number(support.normalize(), decimal_quantization=False)


def slack_text(dates: Dates) -> str:
    """How far a milestone may slip, in a sentence or two."""
    if dates.critical:
        return _("It is on the critical path: each day of delay moves the end of the roadmap.")
    if not dates.free_slack:
        return _(
            "It may slip by %(total)s before the end of the roadmap moves, but any delay moves what"
            " depends on it.",
            total=days_text(dates.total_slack),
        )
    if dates.free_slack == dates.total_slack:
        return _("It may slip by %(total)s without moving anything else.",
                 total=days_text(dates.total_slack))  # fmt: skip
    return _(
        "It may slip by %(free)s without moving anything else, and by %(total)s before the end of"
        " the roadmap moves.",
        free=days_text(dates.free_slack),
        total=days_text(dates.total_slack),
    )
