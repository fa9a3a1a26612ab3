"""What respondents were told, compared with what is stored.

``Store`` reads an instance's database and its projection as an auditor would: with SQL and DuckDB,
past the application. ``compare`` returns what is wrong, in words; nothing wrong is an empty list.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import psycopg

if TYPE_CHECKING:
    from respondent import Respondent


class Store:
    """The rows of an instance. ``address``: its ``DATABASE_URL``."""

    def __init__(self, address: str, instance: Path) -> None:
        self._address, self._instance = address, instance

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        if self._address.startswith("sqlite:///"):
            connection: Any = sqlite3.connect(self._address.removeprefix("sqlite:///"))
        else:
            connection = psycopg.connect(self._address)
        try:
            return list(connection.execute(query).fetchall())
        finally:
            connection.close()

    def count(self, what: str) -> int:
        return int(self.rows(f"SELECT count(*) FROM {what}")[0][0])

    def answers(self) -> list[tuple[str, dict[str, Any]]]:
        """(reference, answers) of each response."""
        return [
            (reference, json.loads(document) if isinstance(document, str) else document)
            for reference, document in self.rows("SELECT reference, answers FROM responses")
        ]

    def damage(self) -> list[str]:
        """What the database itself finds wrong with its file (SQLite only)."""
        if not self._address.startswith("sqlite:///"):
            return []
        found = [str(row[0]) for row in self.rows("PRAGMA integrity_check")]
        return [] if found == ["ok"] else found

    def projected(self) -> Counter[str]:
        """The ids of the responses in the results projection, and how often each is in it."""
        names = self.rows("SELECT file_name FROM result_segments WHERE file_name IS NOT NULL")
        files = [str(self._instance / "projection" / name) for (name,) in names]
        if not files:
            return Counter()
        rows = duckdb.execute("SELECT response FROM read_parquet(?)", [files]).fetchall()
        return Counter(str(response).replace("-", "") for (response,) in rows)

    def response_ids(self) -> Counter[str]:
        return Counter(
            str(found).replace("-", "") for (found,) in self.rows("SELECT id FROM responses")
        )


def compare(respondents: Iterable["Respondent"], store: Store) -> list[str]:
    """Everything but the projection. The server must be running: drafts are read on their pages."""
    people = list(respondents)
    faults = [f"the database is damaged: {line}" for line in store.damage()]
    stored = store.answers()
    references = Counter(reference for reference, _ in stored)
    given = Counter(person.reference for person in people if person.reference)
    faults += [f"{reference} was given {count} times" for reference, count in given.items()
               if count > 1]  # fmt: skip
    faults += [f"no response for the receipt {reference}" for reference in given - references]
    faults += [f"a response {reference} without a receipt" for reference in references - given]
    by_reference = dict(stored)
    for person in people:
        if person.reference in by_reference:
            expected = {c: v for c, v in person.acknowledged.items() if v not in (None, [], {})}
            if by_reference[person.reference] != expected:
                faults.append(f"{person.reference} holds other answers than were confirmed")
    leaves = store.count("audit_entries WHERE event IS NULL")
    if leaves != len(stored):
        faults.append(f"{len(stored)} responses, but {leaves} leaves in the audit log")
    faults += [fault for person in people for fault in _draft_faults(person)]
    begun = [person for person in people if person.acknowledged and not person.reference]
    drafts, forgotten = store.count("drafts"), sum(person.forgotten for person in people)
    # Who was interrupted before the first section may or may not have a draft.
    most = sum(not person.reference for person in people) + forgotten
    if not len(begun) <= drafts <= most:
        faults.append(f"{drafts} drafts are stored; expected {len(begun)} to {most}")
    return faults


def _draft_faults(person: "Respondent") -> list[str]:
    """A draft holds what was confirmed last, or what was sent after that."""
    if person.reference or not person.acknowledged | person.sent:
        return []
    held = person.stored()
    confirmed = person.expected(person.acknowledged)
    later = person.expected(person.acknowledged | person.sent)
    if held in (confirmed, later):
        return []
    return [f"a draft holds {_difference(held, confirmed)}"]


def _difference(held: dict[str, list[str]], confirmed: dict[str, list[str]]) -> str:
    wrong = sorted(name for name in held.keys() | confirmed.keys()
                   if held.get(name) != confirmed.get(name))  # fmt: skip
    name = wrong[0]
    return f"{held.get(name)} for {name} where {confirmed.get(name)} was confirmed ({len(wrong)})"


def compare_projection(store: Store) -> list[str]:
    """After the jobs have run: each response is in the results exactly once, and no other."""
    waiting = store.count("outbox_messages WHERE topic = 'projection.response'")
    faults = [f"{waiting} responses wait to be projected"] if waiting else []
    responses, projected = store.response_ids(), store.projected()
    faults += [f"{found} is not in the results" for found in responses - projected]
    faults += [f"{found} is in the results too often" for found in projected - responses]
    return faults
