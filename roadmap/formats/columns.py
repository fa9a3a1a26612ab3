"""The columns of a roadmap's tables, the same in CSV files, workbooks and GraphML. Pure.

A text in several languages has a column ``title`` and one more for each other language
(``title_fr``); the language of ``title`` itself is in ``title_language``, and is the roadmap's
where that is empty or not there. Several entries in a cell are separated by ``; `` (a semicolon
that belongs to an entry is written ``\\;``). Links to others read ``programme: Name <https://…>``.
"""

import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from core.text import LANGUAGES, LocalizedText
from roadmap.calendar import ENDS
from roadmap.draft import (
    AGENDAS,
    LINK_KINDS,
    STAGES,
    BudgetSource,
    Draft,
    DraftDependency,
    DraftMilestone,
    Kpi,
    Link,
)
from roadmap.formats.assembling import MAXIMUM_DAYS
from roadmap.formats.tables import Cells
from roadmap.planning.network import Kind

MILESTONE_REQUIRED = ("code", "title", "agenda", "area", "duration_days")
LISTS = ("participants", "themes", "standards", "spectrum")
BUDGET = tuple(f"budget_{source.value}" for source in BudgetSource)
MILESTONE_OPTIONS = (
    "not_before", "lead", "trl_from", "trl_to", "description", "optimistic_days", "likely_days",
    "pessimistic_days", "fixed_start", "finish_by", "stage", *BUDGET, "participants", "themes",
    "links", "standards", "spectrum",
)  # fmt: skip
DEPENDENCY_REQUIRED = ("from", "to", "kind", "lag_days")
DEPENDENCY_OPTIONS = ("support", "rationale", "ruling")
KPI_REQUIRED = ("code", "name", "target")
KPI_OPTIONS = ("baseline", "unit", "due")

_ESTIMATES = ("optimistic_days", "likely_days", "pessimistic_days")
_ENTRY = re.compile(r"((?:[^\\;]|\\.|\\$)*)(?:;|$)", re.DOTALL)
_ADDRESS = re.compile(r"\s*<([^<>\s]*)>$")
_IN_LANGUAGE = re.compile(r"(\w+) \(\w+\)")
_LINK_KIND = re.compile(r"([a-z]+)\s*:\s*", re.IGNORECASE)


def translations(*fields: str) -> tuple[str, ...]:
    """The columns that texts in other languages may be in."""
    return tuple(f"{field}_{ending}" for field in fields for ending in (*LANGUAGES, "language"))


def silent_fields(header: Sequence[str], options: Iterable[str], texts: Iterable[str]) -> set[str]:
    """The fields of which a table with these columns says nothing, as ``Draft.silent`` has them.

    A language without a column is left as it is, too, unless there is a column ``…_language``:
    such a table, which is what we write, gives texts in all their languages.
    """
    silent = {name for name in options if name not in header and not name.startswith("budget_")}
    silent |= {name for name in BUDGET if name in options and name not in header}
    for field in texts:
        others = [f"{field}_{language}" for language in LANGUAGES]
        if any(name in header for name in others):
            silent.discard(field)
        if field not in silent and f"{field}_language" not in header:
            silent |= {name for name in others if name not in header}
    return silent


def column_of(field: str) -> str:
    """The column of what a check calls ``budget.eu``, ``title (fr)`` or ``links.2.url``."""
    if match := _IN_LANGUAGE.fullmatch(field):
        return match[1]
    name, _, rest = field.partition(".")
    return f"{name}_{rest}" if name == "budget" else name


def read_milestone(cells: Cells, language: str) -> dict[str, Any]:
    """The fields of a milestone that the row says rightly; what is wrong is in the problems."""
    values: dict[str, Any] = {
        "code": cells.text("code", maximum=64, required=True),
        "area": cells.text("area", maximum=80, required=True),
        "duration_days": cells.days("duration_days", maximum=MAXIMUM_DAYS) or 0,
        "title": read_localized(cells, "title", language, maximum=500, required=True),
        "description": read_localized(cells, "description", language, maximum=20_000),
        "agenda": cells.choice("agenda", AGENDAS),
        "stage": cells.choice("stage", STAGES, empty=True),
        "lead": cells.text("lead", maximum=200),
        "budget": {
            source: amount
            for source, column in zip(BudgetSource, BUDGET, strict=True)
            if (amount := cells.amount(column)) is not None
        },
        "links": read_links(cells),
    }
    for column in _ESTIMATES:
        values[column] = cells.days(column, maximum=MAXIMUM_DAYS, required=False)
    for column in ("trl_from", "trl_to"):
        values[column] = cells.whole_number(column, minimum=1, maximum=9, required=False)
    for column, end in ENDS.items():
        values[column] = cells.date(column, end=end)
    for column in LISTS:
        values[column] = read_list(cells.text(column, maximum=30_000))
    return {
        field: value
        for field, value in values.items()
        if value not in ("", ()) and (value or field != "title")
    }


def read_dependency(cells: Cells, language: str) -> dict[str, Any]:
    """The fields of a dependency, ``from`` and ``to`` included."""
    return {
        "from": cells.text("from", maximum=64, required=True),
        "to": cells.text("to", maximum=64, required=True),
        "support": cells.support("support"),
        "kind": cells.choice("kind", [kind.value for kind in Kind]),
        "lag_days": cells.days("lag_days", minimum=-MAXIMUM_DAYS, maximum=MAXIMUM_DAYS) or 0,
        "rationale": read_localized(cells, "rationale", language, maximum=2000),
        "ruling": cells.choice("ruling", ("keep", "suspend"), empty=True),
    }


def read_kpi(cells: Cells, language: str) -> tuple[str, Kpi]:
    """The code of the milestone, and what is measured."""
    return cells.text("code", maximum=64, required=True), Kpi(
        name=read_localized(cells, "name", language, maximum=300, required=True),
        target=cells.text("target", maximum=40, required=True),
        baseline=cells.text("baseline", maximum=40),
        unit=cells.text("unit", maximum=40),
        due=cells.text("due", maximum=10).upper(),
    )


def read_localized(
    cells: Cells, field: str, language: str, *, maximum: int, required: bool = False
) -> LocalizedText:
    """A text in all the languages that the row gives it in, the plain column's first."""
    given = cells.row.cells
    if own := given.get(f"{field}_language", "").lower():
        if own in LANGUAGES:
            language = own
        else:
            reason = f"expected the code of an official EU language, found “{own[:40]}”"
            cells.refuse(f"{field}_language", reason)
    texts = {}
    if text := cells.text(field, maximum=maximum):
        texts[language] = text
    for other in LANGUAGES:
        column = f"{field}_{other}"
        text = cells.text(column, maximum=maximum) if column in given else ""
        if text and texts.setdefault(other, text) != text:
            cells.refuse(column, f"differs from {field}, which is in the same language")
    if required and not texts:
        cells.refuse(field, "expected a text, found an empty cell")
    return LocalizedText(texts)


def read_list(text: str) -> tuple[str, ...]:
    """The entries of a cell."""
    if "\\" not in text:
        return tuple(entry for part in text.split(";") if (entry := part.strip()))
    parts = (match[1] for match in _ENTRY.finditer(text))
    entries = (re.sub(r"\\([\\;])", r"\1", part.strip()) for part in parts)
    return tuple(entry for entry in entries if entry)


def write_list(entries: Iterable[str]) -> str:
    """What ``read_list`` reads back."""
    return "; ".join(entry.replace("\\", "\\\\").replace(";", "\\;") for entry in entries)


def read_links(cells: Cells) -> tuple[Link, ...]:
    """The links to others in a cell."""
    links = []
    for entry in read_list(cells.text("links", maximum=60_000)):
        kind = _LINK_KIND.match(entry)
        if kind is None or kind[1].lower() not in LINK_KINDS:
            kinds = ", ".join(LINK_KINDS)
            example = "programme: Digital Europe <https://example.org>"
            reason = f"expected one of {kinds} before each name, such as “{example}”"
            cells.refuse("links", f"{reason}, found “{entry[:40]}”")
            continue
        name, address = entry[kind.end() :], _ADDRESS.search(entry)
        if address is not None:
            name = name[: len(name) - len(address[0])]
        links.append(Link(kind[1].lower(), name, address[1] if address else ""))
    return tuple(links)


def write_links(links: Iterable[Link]) -> str:
    """What ``read_links`` reads back."""
    return write_list(
        f"{link.kind}: {link.name}"
        + (f" <{link.url}>" if link.url or _ADDRESS.search(link.name) else "")
        for link in links
    )


Writer = Callable[[Any], object]
"""Gives the value of a cell: a text, an int, a Decimal, a date, or None for an empty cell."""


def milestone_writers(draft: Draft, language: str) -> dict[str, Writer]:
    """The columns of the milestones, in order, each with what writes its cells."""
    writers: dict[str, Writer] = {}
    for column in (*MILESTONE_REQUIRED, *MILESTONE_OPTIONS):
        if column in draft.silent:
            continue
        if column in ("title", "description"):
            writers |= localized_writers(draft.milestones, column, language, draft.silent)
        else:
            writers[column] = _milestone_writer(column)
    return writers


def dependency_writers(draft: Draft, language: str) -> dict[str, Writer]:
    """The columns of the dependencies."""
    writers: dict[str, Writer] = {
        "from": lambda each: each.before,
        "to": lambda each: each.after,
        "kind": lambda each: each.kind.value,
        "lag_days": lambda each: each.lag_days,
    }
    if "support" not in draft.silent:
        writers["support"] = lambda each: each.support
    if "rationale" not in draft.silent:
        writers |= localized_writers(draft.dependencies, "rationale", language, draft.silent)
    if "ruling" not in draft.silent:
        writers["ruling"] = lambda each: each.ruling.value
    return writers


def kpi_rows(draft: Draft) -> list[tuple[str, Kpi]]:
    """What the table of measures has: the milestone's code, and the measure."""
    return [(each.code, kpi) for each in draft.milestones for kpi in each.kpis]


def kpi_writers(rows: Sequence[tuple[str, Kpi]], language: str) -> dict[str, Writer]:
    """The columns of the measures, of rows as ``kpi_rows`` gives them."""
    kpis = [kpi for _, kpi in rows]
    names = localized_writers(kpis, "name", language, frozenset())
    writers: dict[str, Writer] = {"code": lambda row: row[0]}
    writers |= {column: _of_second(write) for column, write in names.items()}
    for column in ("baseline", "target", "unit", "due"):
        writers[column] = _of_second(operator.attrgetter(column))
    return writers


def localized_writers(
    rows: Sequence[Any], field: str, language: str, silent: frozenset[str]
) -> dict[str, Writer]:
    """The columns of a text in all the languages that any row has it in."""
    partly = any(f"{field}_{other}" in silent for other in LANGUAGES)
    used = {other for row in rows for other in getattr(row, field)}
    if partly:  # such a table has no column that says in which language ``field`` is
        shown = [other for other in LANGUAGES if other in used and other != language]
        writers: dict[str, Writer] = {field: lambda row: getattr(row, field).get(language, "")}
    else:
        elsewhere = {
            other
            for row in rows
            for other in getattr(row, field)
            if other != getattr(row, field).fallback
        }
        shown = [other for other in LANGUAGES if other in elsewhere]
        writers = {
            field: lambda row: _own(getattr(row, field)),
            f"{field}_language": lambda row: (
                own if (own := getattr(row, field).fallback) != language else ""
            ),
        }
    for other in shown:
        writers[f"{field}_{other}"] = _translation_writer(field, other, always=partly)
    return writers


def _translation_writer(field: str, language: str, *, always: bool) -> Writer:
    def write(row: Any) -> str:
        text: LocalizedText = getattr(row, field)
        return text.get(language, "") if always or text.fallback != language else ""

    return write


def _own(text: LocalizedText) -> str:
    return text.get(text.fallback, "")


def _of_second(write: Writer) -> Writer:
    return lambda row: write(row[1])


def _milestone_writer(column: str) -> Writer:
    if column in BUDGET:
        source = BudgetSource(column.removeprefix("budget_"))
        return lambda each: each.budget.get(source)
    if column in LISTS:
        return lambda each: write_list(getattr(each, column))
    if column == "links":
        return lambda each: write_links(each.links)
    return lambda each: getattr(each, column)


def as_text(value: object) -> str:
    """The value of a cell as a text table has it."""
    match value:
        case None:
            return ""
        case Decimal():
            return format(value, "f")
        case date():
            return value.isoformat()
        case _:
            return str(value)


Row = DraftMilestone | DraftDependency | tuple[str, Kpi]


def table_rows(writers: Mapping[str, Writer], rows: Iterable[Row]) -> Iterable[list[object]]:
    """The cells of each row, in the order of the columns."""
    return ([write(row) for write in writers.values()] for row in rows)
