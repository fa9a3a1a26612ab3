"""Figures beside the counts: means, medians, points, money. Pure.

``describe`` gives them for exact counts; ``publish`` for counts as they are published, so that no
figure says more of a person than the counts beside it:

* What follows from counts (mean and median of a scale, the spread of years, what chosen items
  cost) is computed from the *published* counts alone. Where some of them are hidden, a figure is
  shown if it is the same however the people hidden are spread over the hidden options: a median
  often is, a mean hardly ever. So it reveals nothing that the counts do not. (That a quantile is
  y means F(y−) < share · n < F(y), both linear in the counts; so it is y for every way to spread
  them when it is for putting all of them in one place, whichever.)
* What is added up over people (points, places in a ranking) does reveal more: the points of four
  people are nearly the points of each. So it is hidden wherever the number who answered is, that
  is below five people, in a group that is hidden, and in what is left when the groups shown are
  taken from the whole (hidden groups make up five or more, see ``counting.disclosure``). And the
  mean is rounded so coarsely that the sum behind it is uncertain by five points (or places) in
  either direction: the least that five people can make. So it does not tell whether one person or
  five chose something. Near its end it would tell how many did otherwise; see ``_beside_hidden``.
* What is added up of a calculation is for the secretariat only: any numbers may be in it.
"""

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

from surveys.counting.cell_network import THRESHOLD
from surveys.counting.entries import NEVER, THOUSANDTHS, WHOLE, Entry
from surveys.counting.periods import EARLIER, LATER, middle_of

Figures = dict[str, Any]
_SCALES = frozenset({"rating", "milestone_priorities"})
_TIMES = frozenset({"year", "quarter", "milestone_years"})


def describe(
    entry: Entry, answered: int, counts: Sequence[int], sums: Mapping[str, int]
) -> Figures | None:
    """The figures of an entry; None for types that have none.

    ``counts`` as ``entry.options``. By type:

    * rating, priorities: ``{"n", "mean", "median"}`` of those with an opinion;
    * years: ``{"n", "median", "quartiles": [lower, upper], "p10", "p90"}`` of those who name one
      (a range of years counts as its middle; before and after the years listed, as their ends);
    * ranking: ``{"n", "points": [per option], "mean_places": [per option]}``;
    * points: ``{"n", "means": [per option], "share": [per option]}``, the share of all points;
    * budget: ``{"n", "costs": [per option], "spent": [per option], "mean": per person}``;
    * a calculated number: ``{"n", "mean"}``.

    A figure that cannot be given is None.
    """
    kind = entry.question.type
    if kind in _SCALES:
        return _scale(entry, counts)
    if kind in _TIMES:
        return _times(entry, counts)
    if kind == "ranking":
        return _places(entry, answered, sums)
    if kind == "points":
        return _points(entry, answered, sums)
    if kind == "budget":
        return _money(entry, answered, counts)
    if entry.sums == (WHOLE,):
        mean = sums.get(WHOLE, 0) / THOUSANDTHS / answered if answered else None
        return {"n": answered, "mean": _rounded(mean, 3)}
    return None


def publish(
    entry: Entry,
    answered: int | None,
    counts: Sequence[int | None],
    sums: Mapping[str, int],
    *,
    whole: bool = True,
) -> Figures | None:
    """The figures that may be shown beside published counts (hidden ones are None).

    ``whole``: of all responses; False for one group of them, of which no means are shown.
    Where a median depends on where the hidden people are, ``"median_between": [least, most]``.
    """
    known = [count or 0 for count in counts]
    exact = describe(entry, answered or 0, known, sums)
    if exact is None or entry.sums == (WHOLE,):
        return None if exact is None else {"n": answered, "mean": None}
    if entry.question.type == "budget":
        return _published_money(exact, answered, counts)
    if answered is None:
        return _blanked(exact)
    if not entry.sums:
        return _in_every_case(entry, answered, counts)
    if not answered:
        return exact
    # A hundredth of what one person gives, or a tenth of a place, at the finest.
    points = entry.question.type == "points"
    finest = (entry.question.total or 100) / 100 if points else 0.1
    step = _step(2 * THRESHOLD / answered, finest)
    if not whole:
        # Means of several groups and of the whole can be set off against each other.
        return _blanked(exact) | {"n": answered}
    few = 2 * THRESHOLD / answered
    if points:
        total = entry.question.total or 100
        means = _beside_hidden(
            [_to_step(mean, step) for mean in exact["means"]], counts,
            limit=total * (1 - few),
        )  # fmt: skip
        share = [None if mean is None else _rounded(mean / total, 2) for mean in means]
        return {"n": answered, "means": means, "share": share}
    # Borda points are the places once more, and exact: n times (options − place).
    last = len(entry.options)
    places = _beside_hidden(
        [_to_step(place, step) for place in exact["mean_places"]], counts,
        limit=last - few * (last - 1),
    )  # fmt: skip
    return {"n": answered, "points": [None] * len(places), "mean_places": places}


def _beside_hidden(
    means: Sequence[float], counts: Sequence[int | None], *, limit: float
) -> Sequence[float | None]:
    """``means`` unless one tells how small a hidden count beside it is; else none of them.

    A mean at its end does: where all but a few give an option all their points, or the last place,
    only a few are left. ``limit`` leaves room for twice as many as are few, so that neither the
    means nor their absence bound a hidden count below the threshold. All or none, since they have
    a known sum.
    """
    beside = [mean for mean, count in zip(means, counts, strict=True) if count is None]
    if beside and max(beside) > limit:
        return [None] * len(means)
    return means


def _step(at_least: float, finest: float) -> float:
    """1, 2 or 5 times a power of ten times ``finest``, and no less than ``at_least``."""
    step = finest
    while step < at_least:
        for factor in (1, 2, 5):
            if step * factor >= at_least:
                return step * factor
        step *= 10
    return step


def _to_step(value: float, step: float) -> float:
    return round(round(value / step) * step, 6)


def _in_every_case(entry: Entry, answered: int, counts: Sequence[int | None]) -> Figures | None:
    """Those figures that are the same wherever the hidden people are."""
    hidden = [at for at, count in enumerate(counts) if count is None]
    known = [count or 0 for count in counts]
    left = answered - sum(known)
    cases = []
    for place in hidden or [0]:
        case = [count + left * (at == place) for at, count in enumerate(known)]
        cases.append(describe(entry, answered, case, {}) or {})
    first = cases[0]
    between = [case["median"] for case in cases if case["median"] is not None]
    bounds = {"median_between": [min(between), max(between)]} if len(set(between)) > 1 else {}
    return bounds | {
        name: _agreed([case[name] for case in cases])
        if not isinstance(first[name], list)
        else [_agreed(list(values)) for values in zip(*(c[name] for c in cases), strict=True)]
        for name in first
    }


def _agreed(values: Sequence[Any]) -> Any:
    return values[0] if all(value == values[0] for value in values) else None


def _scale(entry: Entry, counts: Sequence[int]) -> Figures:
    steps = [
        (int(option.code), count)
        for option, count in zip(entry.options, counts, strict=True)
        if not option.no_opinion
    ]
    n = sum(count for _, count in steps)
    if not n:
        return {"n": 0, "mean": None, "median": None}
    mean = sum(value * count for value, count in steps) / n
    return {"n": n, "mean": _rounded(mean, 2), "median": quantile(steps, 0.5)}


def _times(entry: Entry, counts: Sequence[int]) -> Figures:
    known = [
        (_place(entry, option.code), count)
        for option, count in zip(entry.options, counts, strict=True)
        if option.code != NEVER
    ]
    n = sum(count for _, count in known)
    if not n:
        return {"n": 0, "median": None, "quartiles": [None, None], "p10": None, "p90": None}
    tenth, lower, middle, upper, ninetieth = (
        quantile(known, share) for share in (0.1, 0.25, 0.5, 0.75, 0.9)
    )
    return {
        "n": n, "median": middle, "quartiles": [lower, upper], "p10": tenth, "p90": ninetieth,
    }  # fmt: skip


def _place(entry: Entry, code: str) -> float:
    """The year an option stands for; those at the open ends stand for the first or last listed."""
    if code in (EARLIER, LATER):
        listed = [middle_of(o.code) for o in entry.options]
        known = [year for year in listed if year is not None]
        return known[0] if code == EARLIER else known[-1]
    return middle_of(code) or 0.0


def quantile(counted: Sequence[tuple[float, int]], share: float) -> float:
    """The smallest value at which at least ``share`` of all have been reached; in the middle to
    the next value where it is reached exactly (so the median of 1, 2 is 1.5).

    ``counted``: (value, people) in ascending order, with anybody at all.
    """
    present = [(value, count) for value, count in counted if count]
    reached = list(accumulate(count for _, count in present))
    wanted = share * reached[-1]
    for at, number in enumerate(reached):
        if abs(number - wanted) < 1e-9:
            return (present[at][0] + present[at + 1][0]) / 2
        if number > wanted:
            return present[at][0]
    return present[-1][0]


def _places(entry: Entry, answered: int, sums: Mapping[str, int]) -> Figures:
    options = len(entry.options)
    points = [sums.get(option.code, 0) / 2 for option in entry.options]
    places = [_rounded(options - p / answered, 3) if answered else None for p in points]
    return {"n": answered, "points": points, "mean_places": places}


def _points(entry: Entry, answered: int, sums: Mapping[str, int]) -> Figures:
    given = [sums.get(option.code, 0) for option in entry.options]
    total = sum(given)
    return {
        "n": answered,
        "means": [_rounded(points / answered, 3) if answered else None for points in given],
        "share": [_rounded(points / total, 4) if total else None for points in given],
    }


def _money(entry: Entry, answered: int, counts: Sequence[int]) -> Figures:
    costs = [option.cost or 0 for option in entry.options]
    spent = [count * cost for count, cost in zip(counts, costs, strict=True)]
    mean = _rounded(sum(spent) / answered, 2) if answered else None
    return {"n": answered, "costs": costs, "spent": spent, "mean": mean}


def _published_money(exact: Figures, answered: int | None, counts: Sequence[int | None]) -> Figures:
    """What items cost is no secret; what was spent on one is, where its count is."""
    whole = answered is not None and None not in counts
    spent = [
        None if count is None else part for count, part in zip(counts, exact["spent"], strict=True)
    ]
    return exact | {"n": answered, "spent": spent, "mean": exact["mean"] if whole else None}


def _blanked(figures: Figures) -> Figures:
    return {
        name: [None] * len(value) if isinstance(value, list) else None
        for name, value in figures.items()
    }


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
