"""Figures beside the counts in words: means, medians, places, money, spans of years.

Where the numbers come from, and which of them may be published, is said in ``counting.figures``; a
hidden one is None here, and is said to be hidden.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from app.answer_words import COMMENT_LABELS, PRIORITY_LABELS, STANCE_LABELS, period_text
from app.i18n import current_language, format_number, format_share, localized
from surveys.counting.entries import GIVEN, NEVER, PROPOSED, Entry
from surveys.counting.periods import EARLIER, LATER, middle_of
from surveys.language.literals import read_quarter

TIMES = frozenset({"year", "quarter", "milestone_years"})


@dataclass(frozen=True, slots=True)
class Column:
    """A further column of a table, a cell a row; a cell is text."""

    head: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """Where the years that people named lie: places in percent of the axis, None where hidden."""

    label: str
    lang: str
    words: str
    outer: tuple[float, float] | None
    inner: tuple[float, float] | None
    middle: float | None
    # Where the median lies, when what is hidden leaves that open.
    between: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Spans:
    """Spans over one axis, from ``first`` to ``last`` year."""

    first: int
    last: int
    bars: tuple[Span, ...]

    @property
    def any_open(self) -> bool:
        return any(bar.between is not None for bar in self.bars)


def option_labels(entry: Entry) -> list[str]:
    """What the options are called in the reader's language, those that nobody wrote included."""
    words: Mapping[str, Any] = {}
    match entry.question.type:
        case "statements":
            words = STANCE_LABELS
        case "paragraph_comments":
            words = COMMENT_LABELS
        case "milestone_priorities":
            words = PRIORITY_LABELS
        case "consent":
            words = {GIVEN: _("Consent given")}
        case "dependencies":
            words = {PROPOSED: _("Proposed another dependency")}
        case "calculation" if {o.code for o in entry.options} == {"true", "false"}:
            words = {"true": _("Yes"), "false": _("No")}
        case "year" | "quarter" | "milestone_years":
            return [_period_label(entry, option.code) for option in entry.options]
    return [
        str(words[option.code]) if option.code in words else localized(option.label)
        for option in entry.options
    ]


def count_sentence(entry: Entry) -> str:
    """What the bars of a question count."""
    sentences: dict[str, Callable[[], str]] = {
        "ranking": lambda: _("How many people put each option first."),
        "points": lambda: _("How many people gave points to each option."),
        "budget": lambda: _("How many people chose each item; each could choose several."),
        "dependencies": lambda: _("How many people dispute each dependency, or propose others."),
        "rating": lambda: _("How many people chose each point of the scale."),
        "year": lambda: _("How many people named each year."),
        "quarter": lambda: _("How many people named each quarter."),
        "milestone_years": lambda: _("How many people hold each year for the most likely."),
        "consent": lambda: _("How many people gave their consent."),
        "calculation": lambda: _("Computed from the answers to other questions."),
    }
    if entry.question.type in sentences:
        return sentences[entry.question.type]()
    if entry.many:
        return _(
            "How many people chose each option; each could choose several, so the shares add up"
            " to more than the whole."
        )
    return _("How many people chose each option.")


def uncounted_sentence(entry: Entry) -> str:
    """What is said of a question without options."""
    match entry.question.type:
        case "calculation":
            return _("Computed from the answers to other questions; its numbers are not shown.")
        case "milestone_proposals":
            return _("People proposed milestones in their own words; each proposal is read.")
        case "upload":
            return _("People sent files; they are read, not counted.")
    return _(
        "People answered this in their own words, with a number or with a date; such answers are"
        " not counted by option."
    )


def sentences(entry: Entry, figures: Mapping[str, Any] | None) -> tuple[str, ...]:
    """The figures of a whole question, a sentence each; none where there is nothing to say."""
    if not figures:
        return ()
    kind = entry.question.type
    if kind in ("rating", "milestone_priorities", "calculation"):
        return _scale_sentences(figures)
    if kind in TIMES:
        known = (*_years(figures), *_median(figures)) != (None,) * 7
        if not known:
            return ()
        if any(read_quarter(option.code) for option in entry.options):
            return (_("The quarters: %(words)s.", words=span_words(figures, _quarter)),)
        return (_("The years: %(words)s.", words=span_words(figures)),)
    if kind == "budget" and figures["mean"] is not None:
        return (_("On average people spent %(money)s.", money=_money(entry, figures["mean"])),)
    return ()


def columns(entry: Entry, figures: Mapping[str, Any] | None) -> tuple[Column, ...]:
    """Further columns of the table of one question, a cell an option."""
    if not figures:
        return ()
    match entry.question.type:
        case "ranking":
            places = figures["mean_places"]
            found = [
                Column(_("Mean place"), tuple(_number(place, 2, figures) for place in places)),
                Column(_("Order by mean place"), tuple(_order(places, figures))),
            ]
            if figures["n"] and None not in figures["points"]:
                points = tuple(_number(number, 1, figures) for number in figures["points"])
                found.append(Column(_("Borda points"), points))
            return tuple(found)
        case "points":
            return (
                Column(
                    _("Mean points"), tuple(_number(mean, 1, figures) for mean in figures["means"])
                ),
                Column(
                    _("Share of all points"),
                    tuple(_percent(share, figures) for share in figures["share"]),
                ),
            )
        case "budget":
            return (
                Column(_("Cost"), tuple(_money(entry, cost) for cost in figures["costs"])),
                Column(_("Money"), tuple(_money(entry, part) for part in figures["spent"])),
            )
    return ()


def row_columns(kind: str, rows: Sequence[Mapping[str, Any]]) -> tuple[Column, ...]:
    """Further columns of the table of all rows of a question; ``rows``: the figures of each."""
    if kind in ("rating", "milestone_priorities"):
        return (
            Column(_("Mean"), tuple(_number(row["mean"], 2, row) for row in rows)),
            Column(_("Median"), tuple(_number(row["median"], 1, row) for row in rows)),
        )
    if kind in TIMES:
        return (
            Column(_("Median"), tuple(_range(*_median(row), row) for row in rows)),
            Column(_("Middle half"), tuple(_range(*row["quartiles"], row) for row in rows)),
            Column(_("P10 to P90"), tuple(_range(row["p10"], row["p90"], row) for row in rows)),
        )
    return ()


def spans(entries: Sequence[Entry], figures: Sequence[Mapping[str, Any]]) -> Spans | None:
    """The years of several milestones over one axis; None where none is known."""
    known = [y for row in figures for y in (*_years(row), *_median(row)) if y is not None]
    if all(_median(row) == (None, None) for row in figures):
        return None
    first = int(min(known))
    last = max(math.ceil(max(known)), first + 1)

    def at(year: float) -> float:
        return round(100 * (year - first) / (last - first), 2)

    def stretch(start: float | None, end: float | None) -> tuple[float, float] | None:
        return None if start is None or end is None else (at(start), at(end))

    bars = []
    for entry, row in zip(entries, figures, strict=True):
        p10, lower, median, upper, p90 = _years(row)
        label = entry.row.label if entry.row else entry.question.title
        bars.append(
            Span(
                label=localized(label),
                lang=label.language_for(current_language()),
                words=span_words(row),
                outer=stretch(p10, p90),
                inner=stretch(lower, upper),
                middle=None if median is None else at(median),
                between=stretch(*_median(row)) if median is None else None,
            )
        )
    return Spans(first, last, tuple(bars))


def span_words(figures: Mapping[str, Any], say: Callable[[float], str] | None = None) -> str:
    """Median and spread of years in a sentence, as far as they are shown; ``say`` names a year."""
    say = say or _year
    p10, lower, median, upper, p90 = _years(figures)
    parts = []
    if median is not None:
        parts.append(_("median %(year)s", year=say(median)))
    elif "median_between" in figures:
        parts.append(_("median %(year)s", year=_range(*_median(figures), figures, say)))
    if lower is not None and upper is not None:
        parts.append(_("half of all from %(first)s to %(last)s",
                       first=say(lower), last=say(upper)))  # fmt: skip
    if p10 is not None and p90 is not None:
        parts.append(_("eight in ten from %(first)s to %(last)s",
                       first=say(p10), last=say(p90)))  # fmt: skip
    if not parts:
        return _("nobody named a year") if figures["n"] == 0 else _("hidden")
    n = "" if figures["n"] is None else f" (n = {format_number(figures['n'])})"
    return _("; ").join(parts) + n


def _median(figures: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """The median twice, or what it lies between."""
    least, most = figures.get("median_between", (figures["median"], figures["median"]))
    return least, most


def _years(figures: Mapping[str, Any]) -> tuple[float | None, ...]:
    lower, upper = figures["quartiles"]
    return figures["p10"], lower, figures["median"], upper, figures["p90"]


def withdrawn_sentence(count: int) -> str:
    """What is said of statements that moderators took out after people had judged them."""
    return ngettext(
        "%(num)s statement was withdrawn by the moderators after people had judged it; it is not"
        " counted here.",
        "%(num)s statements were withdrawn by the moderators after people had judged them; they"
        " are not counted here.",
        count,
    )


def _scale_sentences(figures: Mapping[str, Any]) -> tuple[str, ...]:
    mean, median, n = figures["mean"], figures.get("median"), figures["n"]
    if mean is not None and median is None:
        return (_("Mean %(mean)s (n = %(n)s).", mean=format_number(mean), n=format_number(n)),)
    if mean is not None:
        return (
            _(
                "Mean %(mean)s, median %(median)s, of those with an opinion (n = %(n)s).",
                mean=format_number(mean), median=format_number(median), n=format_number(n),
            ),
        )  # fmt: skip
    if median is not None:
        return (_("Median %(median)s of those with an opinion.", median=format_number(median)),)
    if "median_between" in figures:
        least, most = map(format_number, figures["median_between"])
        return (_("Median between %(least)s and %(most)s.", least=least, most=most),)
    return ()


def _period_label(entry: Entry, code: str) -> str:
    if code == NEVER:
        return _("Never")
    if code in (EARLIER, LATER):
        years = [year for o in entry.options if (year := middle_of(o.code)) is not None]
        if code == EARLIER:
            return _("before %(year)s", year=int(years[0]))
        return _("after %(year)s", year=int(years[-1]))
    return period_text(code)


def _order(places: Sequence[float | None], figures: Mapping[str, Any]) -> list[str]:
    """Who comes first by mean place; who cannot be told apart shares a place: "2 (tie)"."""
    known = [place for place in places if place is not None]
    if len(known) < len(places):
        return [_missing(figures)] * len(places)
    order = []
    for place in known:
        before = sum(other < place for other in known)
        alike = known.count(place) > 1
        order.append(_("%(place)s (tie)", place=before + 1) if alike else str(before + 1))
    return order


def _money(entry: Entry, amount: float | None) -> str:
    if amount is None:
        return _("hidden")
    unit = f" {localized(entry.question.unit)}" if entry.question.unit else ""
    return format_number(amount) + unit


def _number(value: float | None, digits: int, figures: Mapping[str, Any]) -> str:
    return _missing(figures) if value is None else format_number(round(value, digits))


def _percent(share: float | None, figures: Mapping[str, Any]) -> str:
    return _missing(figures) if share is None else format_share(share, 1)


def _year(value: float) -> str:
    """A year, in quarters where it is not whole; never with a thousands separator."""
    return str(int(value)) if value == int(value) else f"{value:.2f}".rstrip("0")


def _quarter(value: float) -> str:
    """The quarter that a year begins with; of a year between two quarters, both."""
    quarters = sorted({math.floor(4 * value), math.ceil(4 * value)})
    return " – ".join(period_text(f"{n // 4:04}-Q{n % 4 + 1}") for n in quarters)


def _range(
    first: float | None, last: float | None, figures: Mapping[str, Any],
    say: Callable[[float], str] = _year,
) -> str:  # fmt: skip
    if first is None or last is None:
        return _missing(figures)
    dash = "–" if say is _year else " – "
    return say(first) if first == last else f"{say(first)}{dash}{say(last)}"


def _missing(figures: Mapping[str, Any]) -> str:
    """What stands for a figure that is hidden, or that nobody's answer gives."""
    return "–" if figures.get("n") == 0 else _("hidden")
