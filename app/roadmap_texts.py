"""What a roadmap says in words: dates, slack, dependencies, in the reader's language."""

from datetime import date, timedelta
from decimal import Decimal

from babel.dates import format_date as babel_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.i18n import format_date, format_number, interface_language
from roadmap.planning.explaining import Chain, Conflict, Demand, Explanation, Reason
from roadmap.planning.network import Kind, Precedence
from roadmap.planning.schedule import Dates, Schedule

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

# Why something is no earlier: which end of it is held, and by what, with the sign of the lag.
_HELD = {
    "start": _l("%(after)s cannot start before %(date)s, because %(cause)s (%(tie)s)."),
    "finish": _l("%(after)s cannot finish before %(date)s, because %(cause)s (%(tie)s)."),
}
_CAUSES = {
    ("finish", 0): _l("%(before)s finishes on that day"),
    ("finish", 1): _l("%(before)s finishes on %(other)s and %(after)s waits %(days)s more"),
    ("finish", -1): _l("%(before)s finishes on %(other)s, and %(days)s before that is allowed"),
    ("start", 0): _l("%(before)s starts on that day"),
    ("start", 1): _l("%(before)s starts on %(other)s and %(after)s waits %(days)s more"),
    ("start", -1): _l("%(before)s starts on %(other)s, and %(days)s before that is allowed"),
}
_BEGINNINGS = {
    Reason.DAY_0: _l("%(code)s starts with the roadmap, on %(date)s."),
    Reason.NOT_BEFORE: _l("%(code)s may not start before %(date)s."),
    Reason.FIXED_START: _l("%(code)s is fixed to start on %(date)s."),
}
_ENDS = {
    Reason.MAKESPAN: _l("%(code)s must finish by %(date)s, or the whole roadmap ends later."),
    Reason.FINISH_BY: _l("%(code)s is promised to finish by %(date)s."),
    Reason.FIXED_START: _l("%(code)s is fixed to start on %(date)s."),
}
_CONFLICTS = {
    Demand.FIXED_START: _l(
        "%(code)s is to start on %(asked)s, but cannot start before %(earliest)s, %(days)s later."
    ),
    Demand.FINISH_BY: _l(
        "%(code)s is to finish by %(asked)s, but cannot finish before %(earliest)s, %(days)s later."
    ),
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


def quarter_text(start: date, day: int) -> str:
    """The quarter that a day of the schedule lies in, short: Q3 2028; nothing past the calendar."""
    try:
        moment = start + timedelta(days=day)
    except OverflowError:
        return ""
    return babel_date(moment, format="QQQ y", locale=interface_language())


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


def tie_text(precedence: Precedence) -> str:
    """Kind and lag as planners write them: FS, FS+30, SS-10."""
    return (
        f"{precedence.kind.value}{precedence.lag_days:+}"
        if precedence.lag_days
        else precedence.kind.value
    )


def link_text(link: Precedence, schedule: Schedule, start: date) -> str:
    """Why ``link.after`` is no earlier, given that ``link`` is tight."""
    before, after = schedule.dates[link.before], schedule.dates[link.after]
    from_finish = link.kind in (Kind.FS, Kind.FF)
    to_finish = link.kind in (Kind.FF, Kind.SF)
    lag = link.lag_days
    cause = str(_CAUSES["finish" if from_finish else "start", (lag > 0) - (lag < 0)]) % {
        "before": link.before,
        "after": link.after,
        "other": day_text(start, before.earliest_finish if from_finish else before.earliest_start),
        "days": days_text(abs(lag)),
    }
    return str(_HELD["finish" if to_finish else "start"]) % {
        "after": link.after,
        "date": day_text(start, after.earliest_finish if to_finish else after.earliest_start),
        "cause": cause,
        "tie": tie_text(link),
    }


def since_sentences(code: str, chain: Chain, schedule: Schedule, start: date) -> list[str]:
    """Why ``code`` starts no earlier, from the nearest reason to the one that holds by itself."""
    sentences = [link_text(link, schedule, start) for link in reversed(chain.links)]
    if chain.left_out:
        sentences.append(
            ngettext(
                "One more dependency leads there.",
                "%(num)s more dependencies lead there.",
                chain.left_out,
            )
        )
        return sentences
    first = chain.links[0].before if chain.links else code
    day = schedule.dates[first].earliest_start
    sentences.append(str(_BEGINNINGS[chain.reason]) % {"code": first, "date": day_text(start, day)})
    return sentences


def chain_sentences(explanation: Explanation, schedule: Schedule, start: date) -> list[str]:
    """Why a milestone starts no earlier, with what asks for the same day beside the chain."""
    sentences = since_sentences(explanation.code, explanation.since, schedule, start)
    return sentences + [
        _("Also: %(reason)s", reason=link_text(link, schedule, start)) for link in explanation.also
    ]


def until_sentences(explanation: Explanation, schedule: Schedule, start: date) -> list[str]:
    """Why a milestone may start no later than its latest start."""
    sentences = [
        _("%(code)s may start on %(date)s at the latest.",
          code=explanation.code, date=day_text(start, explanation.latest_start))
    ]  # fmt: skip
    sentences += [
        _("%(dependency)s %(code)s may start on %(date)s at the latest.",
          dependency=dependency_text(link), code=link.after,
          date=day_text(start, schedule.dates[link.after].latest_start))
        for link in explanation.until.links
    ]  # fmt: skip
    last = explanation.until.links[-1].after if explanation.until.links else explanation.code
    dates = schedule.dates[last]
    fixed = explanation.until.reason is Reason.FIXED_START
    day = day_text(start, dates.latest_start if fixed else dates.latest_finish)
    return [*sentences, str(_ENDS[explanation.until.reason]) % {"code": last, "date": day}]


def conflict_text(conflict: Conflict, schedule: Schedule, start: date) -> str:
    """What cannot be kept, and why, from the nearest reason to the one that holds by itself."""
    broken = str(_CONFLICTS[conflict.demand]) % {
        "code": conflict.code,
        "asked": day_text(start, conflict.asked),
        "earliest": day_text(start, conflict.earliest),
        "days": days_text(conflict.days_late),
    }
    return " ".join([broken, *since_sentences(conflict.code, conflict.because, schedule, start)])


def support_text(support: Decimal) -> str:
    """A support as people write numbers, without needless zeros."""
    return format_number(support.normalize(), decimal_quantization=False)


def slack_text(dates: Dates) -> str:
    """How far a milestone may slip, in a sentence or two."""
    if dates.total_slack < 0:
        return _(
            "It is %(days)s late already for a fixed start or a promised end, its own or of"
            " something that depends on it.",
            days=days_text(-dates.total_slack),
        )
    if dates.critical:
        return _(
            "It is on the critical path: each day of delay moves the end of the roadmap, or breaks"
            " a fixed start or a promised end."
        )
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
