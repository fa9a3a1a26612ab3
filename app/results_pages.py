"""What the results pages show: charts and tables made from a results document.

A document is exact or suppressed (``surveys.results``); here a hidden number is ``None`` either
way, so a page cannot show more than the document it was given.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from app.i18n import current_language, interface_language
from app.presentation import PROFILE_LABELS, country_name, profile_value
from app.results_chart import FOR_AND_AGAINST, STANCES, Bar, Stack, StackedBar, stack
from app.results_figures import (
    TIMES,
    Column,
    Spans,
    columns,
    count_sentence,
    row_columns,
    sentences,
    spans,
    uncounted_sentence,
)
from core.text import LANGUAGES, LocalizedText
from surveys.counting.entries import NEVER
from surveys.counting.tally import UNKNOWN, Entry

# The splits that pages show; documents can be split by more.
SPLITS = ("respondent_type", "country")
# A chart with more bars is hard to read; the table below it has all of them.
MOST_BARS = 15


@dataclass(frozen=True, slots=True)
class Table:
    """Counts by group (or matrix row) and option, as shown below a stacked chart."""

    heads: tuple[str, ...]
    rows: tuple[StackedBar, ...]
    further: tuple[Column, ...] = ()

    @property
    def any_hidden(self) -> bool:
        return any(row.answered is None or None in row.counts for row in self.rows)


@dataclass(frozen=True, slots=True)
class Shown:
    """A question as a page shows it: bars for one question, a stack for the rows of a matrix."""

    code: str
    title: str
    lang: str
    many: bool
    answered: int | None
    bars: tuple[Bar, ...] = ()
    chart: Stack | None = None
    table: Table | None = None
    # Of a matrix row: the question it belongs to.
    question: str = ""
    # What the bars count, figures in words, and further columns of the table.
    counts: str = ""
    sentences: tuple[str, ...] = ()
    further: tuple[Column, ...] = ()
    # Mean points instead of people, and years of milestones over one axis.
    means: tuple[Bar, ...] = ()
    spans: Spans | None = None

    @property
    def any_hidden(self) -> bool:
        hidden = any(bar.count is None for bar in self.bars)
        return self.answered is None or hidden or (self.table is not None and self.table.any_hidden)


def show_entry(entry: Entry, counted: Mapping[str, Any]) -> Shown:
    """A question, or one row of a matrix; ``counted`` is its part of a document."""
    lang = _lang(entry)
    question = entry.question.title.in_language(current_language())
    row = entry.row.label.in_language(current_language()) if entry.row else ""
    figures = counted.get("figures")
    kept = _from_first_to_last(entry, counted)
    bars = tuple(
        Bar(option["label"], option["count"], counted["answered"], lang)
        for at, option in enumerate(counted["options"])
        if at in kept
    )
    return Shown(
        code=entry.code,
        title=row or question,
        question=question if row else "",
        lang=lang,
        many=entry.many,
        answered=counted["answered"],
        bars=bars,
        counts=count_sentence(entry) if entry.options else uncounted_sentence(entry),
        sentences=sentences(entry, figures),
        further=columns(entry, figures),
        means=_means(entry, figures, bars),
    )


def _means(entry: Entry, figures: Mapping[str, Any] | None, bars: Sequence[Bar]) -> tuple[Bar, ...]:
    """Bars of mean points, as parts of what one person could give."""
    if entry.question.type != "points" or not figures or None in figures["means"]:
        return ()
    total = int(entry.question.total or 100)
    return tuple(
        Bar(bar.label, round(mean, 1), total, bar.lang)
        for bar, mean in zip(bars, figures["means"], strict=True)
    )


def show_matrix(entries: Sequence[Entry], counted: Sequence[Mapping[str, Any]]) -> Shown:
    """All rows of a matrix, or of a question whose options are judged one by one, together."""
    first = entries[0]
    language = current_language()
    kept = _beside(first)
    rows = tuple(
        StackedBar(
            label=entry.row.label.in_language(language) if entry.row else part["title"],
            answered=part["answered"],
            counts=tuple(o["count"] for at, o in enumerate(part["options"]) if at in kept),
            lang=_lang_of(entry.row.label) if entry.row else "",
        )
        for entry, part in zip(entries, counted, strict=True)
    )
    heads = tuple(o["label"] for at, o in enumerate(counted[0]["options"]) if at in kept)
    numbers = [row.answered for row in rows]
    kind = first.question.type
    figures = _figures(counted)
    timed = kind == "milestone_years"
    return Shown(
        code=first.question.code,
        title=first.question.title.in_language(language),
        lang=_lang(first),
        many=first.many,
        answered=None if None in numbers else max(n or 0 for n in numbers),
        chart=None if first.many or timed else stack(heads, rows, palette=_palette(kind)),
        table=Table(heads, rows, row_columns(kind, figures)),
        spans=spans(entries, figures) if timed else None,
    )


def _beside(entry: Entry) -> Collection[int]:
    """Which options have a column in a table of several rows: of years only what lies beside them
    ("never"). Their spread is in further columns; each row has its own page with all of them."""
    if entry.question.type not in TIMES:
        return range(len(entry.options))
    return {at for at, option in enumerate(entry.options) if option.code == NEVER}


def _from_first_to_last(entry: Entry, counted: Mapping[str, Any]) -> Collection[int]:
    """Which options have a bar: of years, those from the first to the last that anybody named."""
    beside = _beside(entry)
    named = [
        at
        for at, option in enumerate(counted["options"])
        if at not in beside and option["count"] != 0
    ]
    if entry.question.type not in TIMES or not named:
        return beside
    return {*range(named[0], named[-1] + 1), *beside}


def show_split(entry: Entry, document: Mapping[str, Any], dimension: str) -> Shown:
    """One question (the only one of ``document``) split by ``dimension``."""
    (total,) = document["questions"]
    groups = in_page_order(document["by"], dimension)
    parts = [group["questions"][0] for _value, group in groups]
    kept = _beside(entry)
    heads = tuple(o["label"] for at, o in enumerate(total["options"]) if at in kept)
    rows = tuple(
        StackedBar(
            label=group_label(dimension, value),
            answered=part["answered"],
            counts=tuple(o["count"] for at, o in enumerate(part["options"]) if at in kept),
        )
        for (value, _group), part in zip(groups, parts, strict=True)
    )
    return Shown(
        code=entry.code,
        title=split_title(dimension),
        lang="",
        many=entry.many,
        answered=total["answered"],
        chart=_split_chart(entry, heads, _drawable(rows)),
        table=Table(heads, rows, row_columns(entry.question.type, _figures(parts))),
    )


def _split_chart(entry: Entry, heads: Sequence[str], rows: Sequence[StackedBar]) -> Stack | None:
    if entry.many or entry.question.type in TIMES:
        return None
    return stack(heads, rows, palette=_palette(entry.question.type))


def _palette(kind: str) -> Sequence[str]:
    return {"statements": FOR_AND_AGAINST, "paragraph_comments": STANCES}.get(kind, ())


def _figures(parts: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [part.get("figures") or {} for part in parts]


def _drawable(rows: Sequence[StackedBar]) -> list[StackedBar]:
    """The first groups that have something to show: the table has them all."""
    visible = [row for row in rows if any(segment.option >= 0 for segment in row.segments)]
    return visible[:MOST_BARS]


def show_groups(document: Mapping[str, Any], dimension: str) -> tuple[Bar, ...]:
    """How many responses came from each group."""
    return tuple(
        Bar(group_label(dimension, value), group["responses"], document["responses"])
        for value, group in in_page_order(document["by"], dimension)
    )


def in_page_order(
    groups: Mapping[str, Mapping[str, Any]], dimension: str
) -> list[tuple[str, Mapping[str, Any]]]:
    """The largest first, hidden ones by name after them (their order must not tell their size),
    and those who published nothing last."""

    def place(item: tuple[str, Mapping[str, Any]]) -> tuple[bool, bool, int, str]:
        value, group = item
        size = group["responses"]
        return value == UNKNOWN, size is None, -(size or 0), group_label(dimension, value)

    return sorted(groups.items(), key=place)


def group_label(dimension: str, value: str) -> str:
    """The name of a group in the reader's language."""
    if dimension == "country":
        return country_name(value)
    if value == UNKNOWN:
        return _("Not published")
    if dimension == "language":
        return LANGUAGES.get(value, value)
    return profile_value(dimension, value)


def split_title(dimension: str) -> str:
    titles = {
        "respondent_type": _("By type of respondent"),
        "country": _("By country"),
        "organisation_size": _("By size of organisation"),
        "language": _("By language of the answer"),
    }
    return titles.get(dimension) or str(PROFILE_LABELS.get(dimension, dimension))


def _lang(entry: Entry) -> str:
    """The language a question is shown in, where it is not that of the page."""
    return _lang_of(entry.question.title)


def _lang_of(text: LocalizedText) -> str:
    lang = text.language_for(current_language())
    return "" if lang == interface_language() else lang
