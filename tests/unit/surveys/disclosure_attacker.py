"""An attacker on published counts who has a solver for linear programmes."""

from typing import Any

import numpy as np
from scipy.optimize import linprog

from surveys.counting.disclosure import THRESHOLD, SafeCounts, SafeTable, is_small, suppress_results

# One question's exact table: group → (counts per option), and who answered.
Exact = tuple[list[list[int]], list[int], bool]


class Attacker:
    """Everything published about one split, as one linear programme over exact unknowns.

    Unknown are the group sizes and, per question, group and option, the people who chose it and
    (multiple choice) those who did not, and those who did not answer.
    """

    def __init__(
        self,
        sizes: list[int],
        questions: list[Exact],
        *,
        known_sums: bool = False,
        follow_up: bool = False,
    ) -> None:
        """``follow_up``: the last question was put to those who chose the first one's option 0."""
        self.truth: list[int] = []
        self.rows: list[dict[int, int]] = []
        self.values: list[int] = []
        self.secret: list[int] = []
        self.hidden: list[int] = []
        names = [f"g{at}" for at in range(len(sizes))]
        safe = suppress_results(
            document_of(names, sizes, questions),
            asked_after={f"Q{len(questions) - 1}": {"Q0"}} if follow_up else {},
        )
        size_of = [
            self.unknown(size, safe["by"][name]["responses"])
            for name, size in zip(names, sizes, strict=True)
        ]
        if safe["responses"] is not None:
            self.know(dict.fromkeys(size_of, 1), sum(sizes))
        self.tables = []
        took, chose = [], []
        for at, (cells, answered, exclusive) in enumerate(questions):
            options = [str(option) for option in range(len(cells[0]))]
            table = SafeTable(
                counts_in(safe["questions"][at]),
                {name: counts_in(part["questions"][at]) for name, part in safe["by"].items()},
            )
            self.tables.append(table)
            found = self.read(
                table, names, options, size_of, cells, answered, exclusive, known_sums
            )
            took.append(found[0])
            chose.append(found[1])
        for asked, row in zip(took[-1], chose[0], strict=True) if follow_up else ():
            self.know({asked: 1, row[0]: -1}, 0)

    def read(
        self,
        table: SafeTable,
        names: list[str],
        options: list[str],
        size_of: list[int],
        cells: list[list[int]],
        answered: list[int],
        exclusive: bool,
        known_sums: bool,
    ) -> tuple[list[int], list[list[int]]]:
        took, chose = [], []
        for at, group in enumerate(names):
            shown = table.groups[group]
            took.append(self.unknown(answered[at], shown.answered))
            silent = self.unknown(self.truth[size_of[at]] - answered[at], None, secret=False)
            self.know({took[at]: 1, silent: 1, size_of[at]: -1}, 0)
            row = [
                self.unknown(v, shown.counts[o]) for o, v in zip(options, cells[at], strict=True)
            ]
            chose.append(row)
            if exclusive:
                self.know(dict.fromkeys(row, 1) | {took[at]: -1}, 0)
                continue
            if known_sums:
                times = sum(map(sum, cells)) // sum(answered)
                self.know(dict.fromkeys(row, 1) | {took[at]: -times}, 0)
            for cell in row:
                rest = answered[at] - self.truth[cell]
                visible = rest if self.published(cell) and self.published(took[at]) else None
                self.know({cell: 1, self.unknown(rest, visible): 1, took[at]: -1}, 0)
        if table.total.answered is not None:
            self.know(dict.fromkeys(took, 1), table.total.answered)
        for at, option in enumerate(options):
            total = table.total.counts[option]
            if total is not None:
                self.know(dict.fromkeys((row[at] for row in chose), 1), total)
        return took, chose

    def unknown(self, value: int, shown: int | None, *, secret: bool = True) -> int:
        number = len(self.truth)
        self.truth.append(value)
        if shown is not None:
            assert shown == value
            self.know({number: 1}, value)
        if secret and is_small(value):
            self.secret.append(number)
        if secret and shown is None:
            self.hidden.append(number)
        return number

    def published(self, number: int) -> bool:
        return number not in self.hidden

    def know(self, row: dict[int, int], value: int) -> None:
        self.rows.append(row)
        self.values.append(value)

    def bound(self, number: int, direction: int) -> float:
        matrix = np.zeros((len(self.rows), len(self.truth)))
        for at, row in enumerate(self.rows):
            for column, factor in row.items():
                matrix[at, column] = factor
        goal = np.zeros(len(self.truth))
        goal[number] = -direction
        found = linprog(goal, A_eq=matrix, b_eq=self.values, bounds=(0, None))
        if found.status == 3:
            return float("inf")
        assert found.status == 0
        return -direction * float(found.fun)

    def assert_fails(self) -> None:
        for number in self.secret:
            assert self.bound(number, 1) >= THRESHOLD - 1e-6, (number, self.truth[number])


def document_of(names: list[str], sizes: list[int], questions: list[Exact]) -> dict[str, Any]:
    """Exact results in the shape of ``surveys.results``."""

    def question(at: int, counts: list[int], answered: int) -> dict[str, Any]:
        return {
            "code": f"Q{at}",
            "type": "single_choice" if questions[at][2] else "multiple_choice",
            "answered": answered,
            "options": [{"label": "", "count": count} for count in counts],
        }

    return {
        "responses": sum(sizes),
        "questions": [
            question(at, [sum(column) for column in zip(*cells, strict=True)], sum(answered))
            for at, (cells, answered, _) in enumerate(questions)
        ],
        "by": {
            name: {
                "responses": sizes[row],
                "questions": [
                    question(at, cells[row], answered[row])
                    for at, (cells, answered, _) in enumerate(questions)
                ],
            }
            for row, name in enumerate(names)
        },
    }


def counts_in(question: dict[str, Any]) -> SafeCounts:
    shown = {str(at): option["count"] for at, option in enumerate(question["options"])}
    return SafeCounts(question["answered"], shown)
