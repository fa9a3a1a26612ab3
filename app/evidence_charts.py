"""Evidence on one subject as charts by public; numbers come from rows, None is a hidden one."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

from flask_babel import gettext as _

from app.evidence_texts import figure_title, figure_value, public_title
from app.results_figures import Span, Spans
from roadmap.evidence.figures import EvidenceRow

# The figure of each rule that a chart shows: a share, or a count of n.
_MAIN = {
    "option_share": ("score",),
    "scale_mean": ("score",),
    "priority": ("score", "points_share"),
    "dependency_support": ("dispute_share",),
    "paragraph_stances": ("support",),
    "statements": ("agree",),
}
_YEARS = ("p10", "lower_quartile", "median_year", "upper_quartile", "p90")


@dataclass(frozen=True, slots=True)
class ValueBar:
    """One public: its value in words, the length in percent of the whole, None where hidden."""

    label: str
    text: str
    length: float | None
    n: int | None


@dataclass(frozen=True, slots=True)
class EvidenceChart:
    """What one question says of a subject, by public: bars of one figure, or spans of years."""

    rule: str
    source: str
    title: str
    # The consultation and the entry of its results.
    asked: str
    bars: tuple[ValueBar, ...] = ()
    spans: Spans | None = None


def charts_of(rows: Sequence[EvidenceRow]) -> list[EvidenceChart]:
    """One chart for each rule and question among ``rows``, in their order."""
    together: dict[tuple[str, str], list[EvidenceRow]] = {}
    for row in rows:
        source = row.query.partition("&public")[0]
        together.setdefault((row.rule, source), []).append(row)
    charts = []
    for (rule, source), group in together.items():
        name = rule.partition("/")[0]
        asked = ", ".join(dict(parse_qsl(source)).values())
        if name == "year_distribution":
            spans = _spans(group)
            if spans is not None:
                charts.append(
                    EvidenceChart(rule, source, _("When people expect it"), asked, spans=spans)
                )
            continue
        main = next((f for f in _MAIN.get(name, ()) if any(r.figure == f for r in group)), None)
        if main is not None:
            bars = tuple(_bar(row) for row in group if row.figure == main)
            charts.append(EvidenceChart(rule, source, figure_title(main), asked, bars))
    return charts


def _bar(row: EvidenceRow) -> ValueBar:
    length = row.value
    if length is not None and row.figure == "support":
        length = length / row.n if row.n else 0
    return ValueBar(
        public_title(row.public),
        figure_value(row.figure, row.value),
        None if length is None else round(100 * min(max(length, 0), 1), 2),
        row.n,
    )


def _spans(rows: Sequence[EvidenceRow]) -> Spans | None:
    by_public: dict[str, dict[str, float]] = {}
    for row in rows:
        years = by_public.setdefault(row.public, {})
        if row.figure in _YEARS and row.value is not None:
            years[row.figure] = row.value
    named = [year for years in by_public.values() for year in years.values()]
    if not named:
        return None
    first, last = math.floor(min(named)), math.ceil(max(named))
    last = max(last, first + 1)

    def place(year: float) -> float:
        return round(100 * (year - first) / (last - first), 2)

    return Spans(
        first,
        last,
        tuple(
            Span(
                label=public_title(public),
                lang="",
                words=_said(years),
                outer=_pair(years, "p10", "p90", place),
                inner=_pair(years, "lower_quartile", "upper_quartile", place),
                middle=place(years["median_year"]) if "median_year" in years else None,
            )
            for public, years in by_public.items()
        ),
    )


def _pair(
    years: dict[str, float], low: str, high: str, place: Callable[[float], float]
) -> tuple[float, float] | None:
    return (place(years[low]), place(years[high])) if low in years and high in years else None


def _said(years: dict[str, float]) -> str:
    if not years:
        return _("hidden")
    return "; ".join(f"{figure_title(f)} {figure_value(f, years[f])}" for f in _YEARS if f in years)
