"""One question's exact table over groups, and which of its cells are to be hidden. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from surveys.counting.cell_network import THRESHOLD, CellNetwork, is_small


def sum_is_known(values: Sequence[int], answered: int) -> bool:
    """Whether the counts of a multiple choice may follow from each other.

    "Choose exactly three" makes them sum to three times the answered, "at most three" bounds them
    by it. Which rule was asked is not known here, so a sum close to a multiple counts as known.
    """
    return min(sum(values) % answered, -sum(values) % answered) < THRESHOLD


@dataclass(frozen=True, slots=True)
class QuestionTable:
    """One question's exact table, with what is hidden of its margins."""

    cells: Sequence[Sequence[int]]
    rows: Sequence[int]  # answered, per group
    sizes: Sequence[int]  # responses, per group
    hidden_groups: set[int]
    hidden_rows: set[int]
    hidden_columns: set[int]

    def hide_exclusive(self) -> set[tuple[int, int]]:
        """Places (row, column) to hide when the options exclude each other."""
        width = len(self.cells[0]) if self.cells else 0
        network = self._margins(width)
        for row, values in enumerate(self.cells):
            for column, value in enumerate(values):
                self._add_cell(network, row, column, column, value, small=is_small(value))
        for column in self.hidden_columns:
            total = sum(values[column] for values in self.cells)
            network.add(network.rows, column, total, hidden=True, name=False)
        network.protect()
        return network.hidden_cells()

    def hide_each(self) -> set[tuple[int, int]]:
        """Places to hide when each option stands alone: people chose it, or did not."""
        hidden: set[tuple[int, int]] = set()
        width = len(self.cells[0]) if self.cells else 0
        for option in range(width):
            network = self._margins(2)
            chosen = [values[option] for values in self.cells]
            for row, value in enumerate(chosen):
                without = self.rows[row] - value
                small = is_small(value) or is_small(without)
                self._add_cell(network, row, 0, option, value, small=small)
                self._add_cell(network, row, 1, option, without, small=small)
            if option in self.hidden_columns:
                network.add(network.rows, 0, sum(chosen), hidden=True, name=False)
                rest = sum(self.rows) - sum(chosen)
                network.add(network.rows, 1, rest, hidden=True, name=False)
            network.protect()
            hidden |= {(row, option) for row, column in network.hidden_cells() if column == 0}
        totals = [sum(column) for column in zip(*self.cells, strict=True)]
        if hidden and sum_is_known(totals, sum(self.rows)):
            partly = {row for row, _ in hidden}
            hidden |= {(row, at) for row in partly for at in range(width) if totals[at]}
        return hidden

    def _add_cell(
        self, network: CellNetwork, row: int, place: int, option: int, value: int, *, small: bool
    ) -> None:
        hidden = small or row in self.hidden_rows or option in self.hidden_columns
        # A zero is a poor hiding place, and a large count is a loss: a count of 5 hides best.
        cost = value + 1 if value else 2 * THRESHOLD
        network.add(row, place, value, hidden=hidden, cost=cost)

    def _margins(self, width: int) -> CellNetwork:
        """A network of ``width`` options, one column for "did not answer", and hidden sizes."""
        network = CellNetwork(len(self.cells), width + 1)
        for row in sorted(self.hidden_rows | self.hidden_groups):
            silent = self.sizes[row] - self.rows[row]
            network.add(row, width, silent, hidden=True, name=False)
        for row in sorted(self.hidden_groups):
            network.add(row, network.columns, self.sizes[row], hidden=True, name=False)
        return network
