"""Segments of the results projection: responses as integer-coded columns in Parquet files.

One file holds responses to one version of a questionnaire, in random order within a day. Columns:
the response's id and day, the profile (codes, dictionary-coded by Parquet; NULL is blank), and per
entry of ``surveys.counting.entries.entries_of`` at position *n*:

* ``qn``: for one choice the option's number, from 1; for everything else 1; 0 where unanswered;
* ``qn_k``, for several choices: 1 where option *k* was chosen, else 0;
* ``qn_sk``, where numbers are added up: the number under the *k*-th name of ``Entry.sums``.

Statements that participants add are not known when the version is published. Each that somebody
judged has a column ``an_CODE`` (*n*: which of the questions that take statements), in the files
that hold such responses and those they are merged into; NULL there is unanswered.

A file is written once and never changed. Nothing here knows the database: ``counting.projection``
decides which files count.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb
import numpy as np

from core.text import LocalizedText
from surveys.counting.tally import (
    DIMENSIONS,
    UNKNOWN,
    Counts,
    Entry,
    QuestionCount,
    Tally,
    entries_of,
)
from surveys.questionnaire import STANCES, Option, Question, Questionnaire
from surveys.questionnaire import Row as QuestionRow
from surveys.statement_text import is_added

_EPOCH = date(1970, 1, 1)
_Column = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class Row:
    """A response on its way into a segment."""

    response_id: UUID
    day: date | None
    profile: Mapping[str, str | None]
    answers: Mapping[str, Any]


@dataclass(frozen=True)
class Layout:
    """The columns of the segments of one version of a questionnaire.

    ``statements``: the questions to which people may add statements; ``added``: (which of them,
    code) of the added ones that have a column.
    """

    entries: tuple[Entry, ...]
    statements: tuple[Question, ...] = ()
    added: tuple[tuple[int, str], ...] = ()

    @classmethod
    def of(cls, questionnaire: Questionnaire) -> "Layout":
        """The layout of a version, as far as the version alone decides."""
        taking = (q for q in questionnaire.questions if q.type == "statements" and q.allow_own)
        return cls(entries_of(questionnaire), tuple(taking))

    def with_added(self, rows: Sequence[Row], columns: Sequence[str]) -> "Layout":
        """With the added statements that ``rows`` judge or that are among ``columns``."""
        found = set()
        for number, question in enumerate(self.statements):
            for row in rows:
                judged = row.answers.get(question.code)
                if isinstance(judged, Mapping):
                    found |= {
                        (number, code)
                        for code, stance in judged.items()
                        if isinstance(code, str) and is_added(code) and stance in STANCES
                    }
            prefix = f"a{number}_"
            codes = (name.removeprefix(prefix) for name in columns if name.startswith(prefix))
            found |= {(number, code) for code in codes if is_added(code)}
        return replace(self, added=tuple(sorted(found)))

    @cached_property
    def counted(self) -> tuple[tuple[str, Entry], ...]:
        """Everything counted with the name of its column: the entries, then what was added."""
        named = [(f"q{position}", entry) for position, entry in enumerate(self.entries)]
        named += [
            (f"a{number}_{code}", _added_entry(self.statements[number], code))
            for number, code in self.added
        ]
        return tuple(named)

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The names of the answer columns, in order."""
        names = []
        for name, entry in self.counted:
            names.append(name)
            if entry.many:
                names.extend(f"{name}_{number}" for number in range(1, len(entry.options) + 1))
            names.extend(_sum_columns(name, entry))
        return tuple(names)

    def encode(self, rows: Sequence[Row]) -> dict[str, _Column]:
        """The rows as columns. Options that the version does not have count as answered only."""
        columns: dict[str, _Column] = {
            "response": np.array([str(row.response_id) for row in rows], dtype=object),
            "day": np.array([_day_number(row.day) for row in rows], dtype=np.int32),
        }
        for name in DIMENSIONS:
            columns[name] = np.array([row.profile.get(name) or None for row in rows], dtype=object)
        sums = {name for column, entry in self.counted for name in _sum_columns(column, entry)}
        answers = {
            name: np.zeros(len(rows), dtype=np.int64 if name in sums else np.uint16)
            for name in self.columns
        }
        writers = self._writers(answers)
        for at, row in enumerate(rows):
            for code, value in row.answers.items():
                writer = writers.get(code)
                if writer is not None and value not in (None, [], {}):
                    writer(at, value)
        return columns | answers

    def count_query(self, source: str) -> str:
        """One query that counts everything in ``source``, overall and by each dimension."""
        sums = []
        for name, entry in self.counted:
            sums.append(f"count_if({name} > 0)")
            for number in range(1, len(entry.options) + 1):
                condition = f"{name}_{number} = 1" if entry.many else f"{name} = {number}"
                sums.append(f"count_if({condition})")
            sums.extend(f"coalesce(sum({column}), 0)" for column in _sum_columns(name, entry))
        dimensions = ", ".join(DIMENSIONS)
        sets = ", ".join(["()", *(f"({name})" for name in DIMENSIONS)])
        return (
            f"SELECT grouping({dimensions}), {dimensions}, count(*), {', '.join(sums)} "  # noqa: S608
            f"FROM {source} GROUP BY GROUPING SETS ({sets})"
        )

    def read_counts(self, rows: Sequence[Sequence[Any]]) -> Counts:
        """The result of ``count_query`` as counts."""
        total = Tally()
        by: dict[str, dict[str, Tally]] = {name: {} for name in DIMENSIONS}
        everything = (1 << len(DIMENSIONS)) - 1
        for grouped, *rest in rows:
            values, responses, sums = rest[: len(DIMENSIONS)], rest[len(DIMENSIONS)], iter(
                rest[len(DIMENSIONS) + 1 :]
            )  # fmt: skip
            tally = Tally(responses, self._read_sums(sums))
            if grouped == everything:
                total = tally
                continue
            # grouping() sets a bit, the first dimension's highest, for each one *not* grouped by.
            at = len(DIMENSIONS) - 1 - (everything & ~grouped).bit_length() + 1
            by[DIMENSIONS[at]][values[at] or UNKNOWN] = tally
        return Counts(total, by)

    def _read_sums(self, sums: Any) -> dict[str, QuestionCount]:
        questions = {}
        for _name, entry in self.counted:
            answered = next(sums)
            chosen = {option.code: next(sums) for option in entry.options}
            added_up = {name: int(next(sums)) for name in entry.sums}
            if answered:
                questions[entry.code] = QuestionCount(
                    answered,
                    {code: count for code, count in chosen.items() if count},
                    {name: total for name, total in added_up.items() if total},
                )
        return questions

    def _writers(self, columns: dict[str, _Column]) -> dict[str, Callable[[int, Any], None]]:
        """Question code → what puts an answer into the columns."""
        writers: dict[str, Callable[[int, Any], None]] = {}
        rows: dict[str, dict[str, Callable[[int, Any], None]]] = {}
        for name, entry in self.counted:
            writer = _entry_writer(entry, name, columns)
            if entry.row is None:
                writers[entry.question.code] = writer
            else:
                rows.setdefault(entry.question.code, {})[entry.row.code] = writer
        for code, row_writers in rows.items():
            writers[code] = _matrix_writer(row_writers)
        return writers


def _added_entry(question: Question, code: str) -> Entry:
    """An added statement as something to count; what it says does not matter here."""
    stances = tuple(Option(stance, LocalizedText({})) for stance in STANCES)
    return Entry(question, QuestionRow(code, LocalizedText({})), stances)


def _sum_columns(name: str, entry: Entry) -> list[str]:
    return [f"{name}_s{number}" for number in range(1, len(entry.sums) + 1)]


def write_segment(
    path: Path,
    layout: Layout,
    rows: Sequence[Row],
    *,
    absorbed: Sequence[Path] = (),
    without: Sequence[UUID] = (),
) -> tuple[int, Counts]:
    """Write ``rows`` and the rows of ``absorbed`` files, except some, to ``path``, and count them.

    Shuffled within a day. On disk when this returns: a crash afterwards loses nothing.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    with _connect() as connection:
        layout = layout.with_added(rows, _columns(connection, absorbed))
        names = ", ".join(("day", *DIMENSIONS, *layout.columns))
        connection.register("new_rows", layout.encode(rows))
        connection.register("left_out", {"response": _as_column(without)})
        sources = [f"SELECT response::UUID AS response, {names} FROM new_rows"]  # noqa: S608
        sources += [f"SELECT * FROM {_files([file])}" for file in absorbed]  # noqa: S608
        connection.execute(
            f"COPY (SELECT * FROM ({' UNION ALL BY NAME '.join(sources)})"  # noqa: S608
            " WHERE response NOT IN (SELECT response::UUID FROM left_out)"
            f" ORDER BY day, random()) TO {_literal(unfinished)}"
            " (FORMAT parquet, COMPRESSION zstd)"
        )
        counted = connection.execute(layout.count_query(_files([unfinished]))).fetchall()
    with unfinished.open("rb") as file:
        os.fsync(file.fileno())
    unfinished.rename(path)
    counts = layout.read_counts(counted)
    return counts.total.responses, counts


def count_segments(layout: Layout, files: Sequence[Path]) -> Counts:
    """Count the rows of ``files`` afresh."""
    if not files:
        return Counts()
    with _connect() as connection:
        layout = layout.with_added((), _columns(connection, files))
        counted = connection.execute(layout.count_query(_files(files))).fetchall()
        return layout.read_counts(counted)


def find_responses(files: Sequence[Path], response_ids: Sequence[UUID]) -> set[str]:
    """The names of those ``files`` that hold any of the responses."""
    if not files:
        return set()
    with _connect() as connection:
        connection.register("wanted", {"response": _as_column(response_ids)})
        found = connection.execute(
            f"SELECT DISTINCT parse_filename(filename) FROM {_files(files, named=True)}"  # noqa: S608
            " WHERE response IN (SELECT response::UUID FROM wanted)"
        ).fetchall()
    return {name for (name,) in found}


def list_responses(files: Sequence[Path]) -> set[UUID]:
    """The ids of all responses in ``files``."""
    if not files:
        return set()
    with _connect() as connection:
        query = f"SELECT response FROM {_files(files)}"  # noqa: S608
        return {response for (response,) in connection.execute(query).fetchall()}


def _entry_writer(
    entry: Entry, name: str, columns: dict[str, _Column]
) -> Callable[[int, Any], None]:
    column = columns[name]
    numbers = {option.code: number for number, option in enumerate(entry.options, start=1)}
    read, add = entry.reader(), entry.adder()
    chosen = {code: columns[f"{name}_{n}"] for code, n in numbers.items()} if entry.many else {}
    totals = {
        total: columns[summed]
        for total, summed in zip(entry.sums, _sum_columns(name, entry), strict=True)
    }

    # What does not have the form of an answer is none: one odd row must not stop all others.
    def write(at: int, value: Any) -> None:
        codes = read(value)
        if codes is None:
            return
        if entry.many or not codes:
            column[at] = 1
            for code in codes:
                chosen[code][at] = 1
        else:
            column[at] = numbers[codes[0]]
        if add is not None:
            for total, number in add(value).items():
                totals[total][at] = number

    def write_choice(at: int, value: Any) -> None:
        column[at] = numbers.get(value, 0) if isinstance(value, str) else 0

    plain = entry.question.type in {"single_choice", "matrix"} and numbers and not entry.many
    return write_choice if plain else write


def _matrix_writer(rows: dict[str, Callable[[int, Any], None]]) -> Callable[[int, Any], None]:
    def write(at: int, value: Any) -> None:
        if not isinstance(value, Mapping):
            return
        for code, cell in value.items():
            if code in rows and cell not in (None, [], {}):
                rows[code](at, cell)

    return write


def _connect() -> duckdb.DuckDBPyConnection:
    """A database in memory that fetches nothing from elsewhere."""
    return duckdb.connect(
        config={"autoinstall_known_extensions": False, "autoload_known_extensions": False}
    )


def _columns(connection: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> list[str]:
    """The names of the columns that any of ``files`` has."""
    if not files:
        return []
    listed = ", ".join(map(_literal, files))
    query = f"SELECT DISTINCT name FROM parquet_schema([{listed}])"  # noqa: S608
    return [name for (name,) in connection.execute(query).fetchall()]


def _as_column(ids: Sequence[UUID]) -> _Column:
    return np.array([str(response_id) for response_id in ids], dtype=object)


def _day_number(day: date | None) -> int:
    return (day - _EPOCH).days if day else 0


def _files(files: Sequence[Path], *, named: bool = False) -> str:
    """All rows of ``files``, which may differ in their columns; ``named``: with the file's name."""
    listed = ", ".join(map(_literal, files))
    return f"read_parquet([{listed}], union_by_name=true{', filename=true' if named else ''})"


def _literal(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
