"""Dates and contradictions of an edition, computed again from its dependencies.

Written apart from the scheduler, which it checks: longest paths over days between starts. Standard
library only.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from roadmap.editions.verifying.canonical import Document, fail


def pair_of(dependency: Document) -> str:
    return f"{dependency['from']}>{dependency['to']}"


Edge = tuple[str, str, int]  # from, to, days between their starts at the least


def check_contradictions(edition: Document) -> list[Edge]:
    """The dependencies that stand, as edges, when the others are suspended for a good reason."""
    durations: dict[str, int] = {
        each["code"]: each["duration_days"] for each in edition["milestones"]
    }

    def length(kind: str, lag: int, tail: str, head: str) -> int:
        return (
            lag
            + durations[tail] * (kind in ("FS", "FF"))
            - durations[head] * (kind in ("FF", "SF"))
        )

    standing: list[Edge] = []
    longest: dict[tuple[str, str], int] = {}
    in_row: set[tuple[str, str]] = set()
    suspended: Counter[tuple[Any, ...]] = Counter()
    lengths: dict[tuple[Any, ...], int] = {}
    for each in edition["dependencies"]:
        ends = (each["from"], each["to"])
        days = length(each["kind"], each["lag_days"], *ends)
        key = (*ends, each["kind"], each["support"])
        if each["suspended"]:
            # What a person set aside needs no circle.
            suspended[key] += each.get("ruling") != "suspend"
            lengths[key] = max(days, lengths.get(key, days))
            continue
        standing.append((*ends, days))
        longest[ends] = max(days, longest.get(ends, days))
        if each["kind"] == "FS":
            in_row.add(ends)
    for each in edition["contradictions"]:
        where, cycle = f"contradictions {pair_of(each)}", each["cycle"]
        key = (each["from"], each["to"], each["kind"], each["support"])
        if not suspended[key]:
            fail(where, "no dependency is suspended for it")
        suspended[key] -= 1
        steps = list(zip(cycle, [*cycle[1:], *cycle[:1]], strict=True))
        if not steps or steps[0] != (each["from"], each["to"]):
            fail(f"{where}.cycle", "does not begin with the suspended dependency")
        rest = steps[1:]
        if any(step not in longest for step in rest):
            fail(f"{where}.cycle", "goes where no dependency stands")
        in_circle = each["kind"] == "FS" and all(step in in_row for step in rest)
        if not in_circle and lengths[key] + sum(longest[step] for step in rest) <= 0:
            fail(f"{where}.cycle", "is no contradiction")
    for (start, end, *_), count in suspended.items():
        if count:
            fail(f"dependencies {start}>{end}.suspended", "closes no circle that is listed")
    _order(durations, sorted(in_row), "dependencies")
    return standing


def _order(codes: Iterable[str], pairs: Iterable[tuple[str, str]], where: str) -> None:
    """Raises ``Fault`` where finish-to-start dependencies that stand go round in a circle."""
    onward: dict[str, list[str]] = defaultdict(list)
    waiting = dict.fromkeys(codes, 0)
    for start, end in pairs:
        onward[start].append(end)
        waiting[end] += 1
    free = [code for code, count in waiting.items() if not count]
    for code in free:
        for end in onward[code]:
            waiting[end] -= 1
            if not waiting[end]:
                free.append(end)
    if len(free) < len(waiting):
        code = min(code for code, count in waiting.items() if count)
        fail(where, f"those that stand go round in a circle near {code}")


def check_dates(edition: Document, edges: list[Edge]) -> None:
    start = date.fromisoformat(edition["roadmap"]["start"])
    milestones = {each["code"]: each for each in edition["milestones"]}

    def day(milestone: Document, name: str) -> int | None:
        given = milestone.get(name)
        return None if given is None else (date.fromisoformat(given) - start).days

    earliest = {
        code: max(0, day(each, "not_before") or 0, day(each, "fixed_start") or 0)
        for code, each in milestones.items()
    }
    _settle(earliest, edges)
    finish = {code: earliest[code] + each["duration_days"] for code, each in milestones.items()}
    makespan = max(finish.values(), default=0)
    if edition["schedule"]["makespan_days"] != makespan:
        fail("schedule.makespan_days", f"expected {makespan} from durations and dependencies")
    own: dict[str, int] = {}
    for code, each in milestones.items():
        duration, promised, fixed = (
            each["duration_days"], day(each, "finish_by"), day(each, "fixed_start"),
        )  # fmt: skip
        bounds = [makespan - duration]
        bounds += [] if promised is None else [promised - duration]
        bounds += [] if fixed is None else [fixed]
        own[code] = min(bounds)
    remaining = {code: makespan - latest for code, latest in own.items()}
    _settle(remaining, [(head, tail, days) for tail, head, days in edges])
    free = {code: own[code] - earliest[code] for code in milestones}
    for tail, head, days in edges:
        if tail != head:
            free[tail] = min(free[tail], earliest[head] - earliest[tail] - days)
    for code, each in milestones.items():
        latest = makespan - remaining[code]
        slack = latest - earliest[code]
        expected = {
            "earliest_start": earliest[code], "earliest_finish": finish[code],
            "latest_start": latest, "latest_finish": latest + each["duration_days"],
            "total_slack": slack, "free_slack": max(0, min(free[code], slack)),
            "critical": slack <= 0,
        }  # fmt: skip
        for name, value in expected.items():
            if each[name] != value:
                fail(f"milestones {code}.{name}", f"expected {value} from the dependencies, "
                      f"found {each[name]}")  # fmt: skip


def _settle(values: dict[str, int], edges: list[Edge]) -> None:
    """Longest paths: raise ``values`` until each edge (from, to, days) has from + days ≤ to."""
    onward: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for tail, head, days in edges:
        onward[tail].append((head, days))
    came_from: dict[str, str] = {}
    changed = _outward(values, onward)
    for _ in range(len(values) + 1):
        raised: dict[str, None] = {}
        for code in changed:
            for head, days in onward[code]:
                if values[code] + days > values[head]:
                    values[head] = values[code] + days
                    came_from[head] = code
                    raised[head] = None
        if not raised:
            return
        _check_no_circle(came_from)
        place = {code: at for at, code in enumerate(changed)}
        changed = sorted(raised, key=lambda code: place.get(code, len(place)))
    fail("dependencies", "those that stand ask for dates that never settle")


def _outward(codes: Iterable[str], onward: Mapping[str, list[tuple[str, int]]]) -> list[str]:
    """All codes, each after what leads to it as far as there are no circles."""
    done: dict[str, None] = {}
    seen: set[str] = set()
    for first in codes:
        stack = [(first, iter(onward.get(first, ())))] if first not in seen else []
        seen.add(first)
        while stack:
            code, rest = stack[-1]
            head = next((head for head, _ in rest if head not in seen), None)
            if head is None:
                done[code] = None
                stack.pop()
            else:
                seen.add(head)
                stack.append((head, iter(onward.get(head, ()))))
    return list(reversed(done))


def _check_no_circle(came_from: Mapping[str, str]) -> None:
    """Where raises lead back to themselves, the circle is of positive length."""
    cleared: set[str] = set()
    for first in came_from:
        path: dict[str, None] = {}
        code: str | None = first
        while code is not None and code not in cleared:
            if code in path:
                fail("dependencies", f"those that stand contradict themselves through {code}")
            path[code] = None
            code = came_from.get(code)
        cleared.update(path)
