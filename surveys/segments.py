"""Segments of the results projection: responses as integer-coded columns in Parquet files.

One file holds responses to one version of a questionnaire, in random order within a day. Columns:
the response's id and day, the profile (codes, dictionary-coded by Parquet; NULL is blank), and per
entry of ``surveys.tally.entries_of`` at position *n*:

* ``qn``: for one choice the option's number, from 1; for everything else 1; 0 where unanswered;
* ``qn_k``, for several choices: 1 where option *k* was chosen, else 0.

A file is written once and never changed. Nothing here knows the database: ``surveys.projection``
decides which files count.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb
import numpy as np

from surveys.tally import DIMENSIONS, UNKNOWN, Counts, Entry, QuestionCount, Tally

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
    """The columns of the segments of one version of a questionnaire."""

    entries: tuple[Entry, ...]

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The names of the answer columns, in order."""
        names = []
        for position, entry in enumerate(self.entries):
            names.append(f"q{position}")
            if entry.many:
                names.extend(f"q{position}_{number}" for number in range(1, len(entry.options) + 1))
        return tuple(names)

    def encode(self, rows: Sequence[Row]) -> dict[str, _Column]:
        """The rows as columns. Options that the version does not have count as answered only."""
        columns: dict[str, _Column] = {
            "response": np.array([str(row.response_id) for row in rows], dtype=object),
            "day": np.array([_day_number(row.day) for row in rows], dtype=np.int32),
        }
        for name in DIMENSIONS:
            columns[name] = np.array([row.profile.get(name) or None for row in rows], dtype=object)
        answers = {name: np.zeros(len(rows), dtype=np.uint16) for name in self.columns}
        writers = self._writers(answers)
        for at, row in enumerate(rows):
            for code, value in row.answers.items():
                writer = writers.get(code)
                if writer is not None and value not in (None, [], {}):
                    writer(at, value)
        return columns | answers

    def count_query(self, files: str) -> str:
        """One query that counts everything, overall and by each dimension."""
        sums = []
        for position, entry in enumerate(self.entries):
            sums.append(f"count_if(q{position} > 0)")
            for number in range(1, len(entry.options) + 1):
                condition = f"q{position}_{number} = 1" if entry.many else f"q{position} = {number}"
                sums.append(f"count_if({condition})")
        dimensions = ", ".join(DIMENSIONS)
        sets = ", ".join(["()", *(f"({name})" for name in DIMENSIONS)])
        return (
            f"SELECT grouping({dimensions}), {dimensions}, count(*), {', '.join(sums)} "  # noqa: S608
            f"FROM {files} GROUP BY GROUPING SETS ({sets})"
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
        for entry in self.entries:
            answered = next(sums)
            chosen = {option.code: next(sums) for option in entry.options}
            if answered:
                questions[entry.code] = QuestionCount(
                    answered, {code: count for code, count in chosen.items() if count}
                )
        return questions

    def _writers(self, columns: dict[str, _Column]) -> dict[str, Callable[[int, Any], None]]:
        """Question code → what puts an answer into the columns."""
        writers: dict[str, Callable[[int, Any], None]] = {}
        rows: dict[str, dict[str, Callable[[int, Any], None]]] = {}
        for position, entry in enumerate(self.entries):
            writer = _entry_writer(entry, f"q{position}", columns)
            if entry.row is None:
                writers[entry.question.code] = writer
            else:
                rows.setdefault(entry.question.code, {})[entry.row.code] = writer
        for code, row_writers in rows.items():
            writers[code] = _matrix_writer(row_writers)
        return writers


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
    names = ", ".join(("day", *DIMENSIONS, *layout.columns))
    with _connect() as connection:
        connection.register("new_rows", layout.encode(rows))
        connection.register("left_out", {"response": _as_column(without)})
        sources = [f"SELECT response::UUID AS response, {names} FROM new_rows"]  # noqa: S608
        sources += [f"SELECT response, {names} FROM {_files([file])}" for file in absorbed]  # noqa: S608
        connection.execute(
            f"COPY (SELECT * FROM ({' UNION ALL '.join(sources)})"  # noqa: S608
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
        return layout.read_counts(connection.execute(layout.count_query(_files(files))).fetchall())


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

    # What does not have the form of an answer is none: one odd row must not stop all others.
    def write_choice(at: int, value: Any) -> None:
        column[at] = numbers.get(value, 0) if isinstance(value, str) else 0

    def write_choices(at: int, value: Any) -> None:
        if not isinstance(value, list):
            return
        column[at] = 1
        for code in value:
            if code in numbers:
                columns[f"{name}_{numbers[code]}"][at] = 1

    def write_presence(at: int, value: Any) -> None:
        column[at] = 0 if isinstance(value, str) and not value.strip() else 1

    if not entry.options:
        return write_presence
    return write_choices if entry.many else write_choice


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


def _as_column(ids: Sequence[UUID]) -> _Column:
    return np.array([str(response_id) for response_id in ids], dtype=object)


def _day_number(day: date | None) -> int:
    return (day - _EPOCH).days if day else 0


def _files(files: Sequence[Path], *, named: bool = False) -> str:
    listed = ", ".join(map(_literal, files))
    return f"read_parquet([{listed}]{', filename=true' if named else ''})"


def _literal(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
