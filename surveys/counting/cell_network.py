"""The cells of a table with known sums, as a flow network. Pure.

Rows and columns are nodes, a cell is an arc between its row and its column. Sending flow round a
cycle of cells raises some and lowers others and leaves every sum as it is. So a hidden small cell
of value v is safe exactly when 5 − v units can flow round a cycle of hidden cells through it: the
table with that flow added is non-negative, shows the same published numbers, and has 5 there.
The cheapest such cycle decides which further cells are hidden (the shortest-path heuristic of the
cell suppression literature, e.g. Hundepool et al., *Statistical Disclosure Control*, 2012,
chapter 4). Hiding more only helps the others, so one pass over the small cells is enough.
"""

import heapq
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

THRESHOLD = 5
"""The smallest count above zero that may be published."""


def is_small(count: int) -> bool:
    """Whether ``count`` is one to four: few enough to point at people."""
    return 0 < count < THRESHOLD


@dataclass(slots=True)
class _Cell:
    """An arc: raising the cell sends flow from ``tail`` to ``head``. ``at`` is its table place."""

    tail: int
    head: int
    value: int
    cost: int
    hidden: bool
    at: tuple[int, int] | None


class CellNetwork:
    """The cells of one table between the nodes of its rows and columns.

    Only cells that are hidden, or may be hidden, are arcs. Flow round a cycle changes cells and
    leaves every row and column sum as it is.
    """

    def __init__(self, rows: int, columns: int) -> None:
        # The last row and the last column hold the totals.
        self.rows, self.columns = rows, columns
        self.cells: list[_Cell] = []
        # Per node the cells that touch it: all, and the hidden ones.
        self.around: list[list[int]] = [[] for _ in range(rows + columns + 2)]
        self.hidden_around: list[list[int]] = [[] for _ in range(rows + columns + 2)]

    def add(
        self, row: int, column: int, value: int, *, hidden: bool, cost: int = 0, name: bool = True
    ) -> None:
        """A cell. In a row of totals or a column of totals, the sign in the sums turns round."""
        tail, head = row, self.rows + 1 + column
        if (row == self.rows) != (column == self.columns):
            tail, head = head, tail
        number = len(self.cells)
        at = (row, column) if name else None
        self.cells.append(_Cell(tail, head, value, cost, hidden=False, at=at))
        self.around[tail].append(number)
        self.around[head].append(number)
        if hidden:
            self._hide(number)

    def protect(self) -> None:
        """Hide cells until every hidden small one can be as large as the threshold."""
        small = [n for n, cell in enumerate(self.cells) if cell.at and is_small(cell.value)]
        for number in sorted(small, key=lambda n: (self.cells[n].value, n)):
            flow = self._cycle(number, THRESHOLD - self.cells[number].value)
            for used in flow:
                self._hide(used)

    def _hide(self, number: int) -> None:
        cell = self.cells[number]
        if not cell.hidden:
            cell.hidden = True
            self.hidden_around[cell.tail].append(number)
            self.hidden_around[cell.head].append(number)

    def _cycle(self, number: int, wanted: int) -> set[int]:
        """The cells changed when cell ``number`` is raised by ``wanted``: flow along cheap paths.

        Every cell, when there is no such flow.
        """
        change = {number: wanted}
        start, goal = self.cells[number].head, self.cells[number].tail
        while wanted:
            path = self._free_path(start, goal, number, change)
            path = path or self._cheapest_path(start, goal, number, change)
            if path is None:
                return set(range(len(self.cells)))
            amount = wanted
            for used, sign in path:
                if sign < 0:
                    amount = min(amount, self.cells[used].value + change.get(used, 0))
            for used, sign in path:
                change[used] = change.get(used, 0) + sign * amount
            wanted -= amount
        return {used for used, by in change.items() if by}

    def _cheapest_path(
        self, start: int, goal: int, without: int, change: Mapping[int, int]
    ) -> list[tuple[int, int]] | None:
        """Dijkstra over what may still change; hidden and already used cells cost nothing."""
        reached: dict[int, tuple[int, int, int]] = {}
        best = {start: 0}
        queue: list[tuple[int, int, int, int, int]] = [(0, 0, start, -1, 0)]
        steps = 0
        while queue:
            cost, _, node, used, sign = heapq.heappop(queue)
            if node in reached:
                continue
            reached[node] = (used, sign, cost)
            if node == goal:
                path = []
                while node != start:
                    used, sign, _ = reached[node]
                    path.append((used, sign))
                    cell = self.cells[used]
                    node = cell.tail if sign > 0 else cell.head
                return path
            for number in self.around[node]:
                cell = self.cells[number]
                forward = cell.tail == node
                other = cell.head if forward else cell.tail
                if number == without or other in reached:
                    continue
                if not forward and cell.value + change.get(number, 0) <= 0:
                    continue
                price = cost if cell.hidden or change.get(number) else cost + cell.cost
                if price < best.get(other, price + 1):
                    best[other] = price
                    steps += 1
                    heapq.heappush(queue, (price, steps, other, number, 1 if forward else -1))
        return None

    def _free_path(
        self, start: int, goal: int, without: int, change: Mapping[int, int]
    ) -> list[tuple[int, int]] | None:
        """A path over hidden cells alone, breadth first: nothing more has to be hidden for it."""
        reached: dict[int, tuple[int, int]] = {start: (-1, 0)}
        queue = deque([start])
        while queue:
            node = queue.popleft()
            if node == goal:
                path = []
                while node != start:
                    number, sign = reached[node]
                    path.append((number, sign))
                    node = self.cells[number].tail if sign > 0 else self.cells[number].head
                return path
            for number in self.hidden_around[node]:
                cell = self.cells[number]
                forward = cell.tail == node
                other = cell.head if forward else cell.tail
                if number == without or other in reached:
                    continue
                if forward or cell.value + change.get(number, 0) > 0:
                    reached[other] = (number, 1 if forward else -1)
                    queue.append(other)
        return None

    def hidden_cells(self) -> set[tuple[int, int]]:
        """Places of the hidden cells that cannot be computed exactly from the published ones."""
        return {
            cell.at
            for number, cell in enumerate(self.cells)
            if cell.hidden
            and cell.at
            and (
                self._free_path(cell.head, cell.tail, number, {})
                or (cell.value and self._free_path(cell.tail, cell.head, number, {}))
            )
        }
