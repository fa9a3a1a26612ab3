"""Figures beside the counts: means, medians, points, money. Pure.

``describe`` gives them for exact counts; ``publish`` for counts as they are published, so that no
figure says more of a person than the counts beside it:

* What follows from counts (mean and median of a scale, the spread of years, what chosen items
  cost) is computed from the *published* counts alone, and hidden where one of them is. It reveals
  nothing that the counts do not.
* What is added up over people (points, places in a ranking) does reveal more: the points of four
  people are nearly the points of each. So it is hidden unless five or more answered and none of
  the counts beside it is hidden. Then every option's sum is over nobody or over five or more, in
  the whole, in each group, and in the difference between the whole and the groups shown: a group
  is left out as a whole, and where a count is hidden the counts it is hidden with make up five
  (``surveys.disclosure``). It is rounded, to a hundredth of what one person could give, so that
  the last digits do not tell what one of the five did.
* What is added up of a calculation is for the secretariat only: any numbers may be in it.
"""

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

from surveys.cell_network import THRESHOLD
from surveys.entries import NEVER, THOUSANDTHS, WHOLE, Entry
from surveys.periods import EARLIER, LATER, middle_of

Figures = dict[str, Any]
_SCALES = frozenset({"rating", "milestone_priorities"})
_TIMES = frozenset({"year", "quarter", "milestone_years"})


def describe(
    entry: Entry, answered: int, counts: Sequence[int | None], sums: Mapping[str, int]
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
    hidden = None in counts
    numbers = [count or 0 for count in counts]
    if kind in _SCALES:
        return _scale(entry, numbers, hidden=hidden)
    if kind in _TIMES:
        return _times(entry, numbers, hidden=hidden)
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
) -> Figures | None:
    """The figures that may be shown beside published counts (hidden ones are None)."""
    if entry.sums == (WHOLE,):
        return {"n": answered, "mean": None}
    if not entry.sums:
        figures = describe(entry, answered or 0, counts, {})
        return None if figures is None else _without_n(figures, answered)
    exact = describe(entry, answered or 0, counts, sums)
    if exact is None:
        return None
    if answered is None or answered < THRESHOLD or None in counts:
        return _blanked(exact)
    if entry.question.type == "points":
        unit = (entry.question.total or 100) / 100
        means = [round(mean / unit) * unit for mean in exact["means"]]
        return {"n": answered, "means": means, "share": [_rounded(s, 2) for s in exact["share"]]}
    # Points in a ranking follow from the places: m options, mean place r, n people.
    places = [round(place, 1) for place in exact["mean_places"]]
    return {"n": answered, "points": [None] * len(places), "mean_places": places}


def _scale(entry: Entry, counts: Sequence[int], *, hidden: bool) -> Figures:
    steps = [
        (int(option.code), count)
        for option, count in zip(entry.options, counts, strict=True)
        if not option.no_opinion
    ]
    n = sum(count for _, count in steps)
    if hidden or not n:
        return {"n": None if hidden else 0, "mean": None, "median": None}
    mean = sum(value * count for value, count in steps) / n
    return {"n": n, "mean": _rounded(mean, 2), "median": quantile(steps, 0.5)}


def _times(entry: Entry, counts: Sequence[int], *, hidden: bool) -> Figures:
    known = [
        (_place(entry, option.code), count)
        for option, count in zip(entry.options, counts, strict=True)
        if option.code != NEVER
    ]
    n = sum(count for _, count in known)
    if hidden or not n:
        nothing = {"median": None, "quartiles": [None, None], "p10": None, "p90": None}
        return {"n": None if hidden else 0, **nothing}
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


def _money(entry: Entry, answered: int, counts: Sequence[int | None]) -> Figures:
    costs = [option.cost or 0 for option in entry.options]
    spent = [
        None if count is None else count * cost for count, cost in zip(counts, costs, strict=True)
    ]
    mean = None
    if answered and None not in spent:
        mean = _rounded(sum(part or 0 for part in spent) / answered, 2)
    return {"n": answered, "costs": costs, "spent": spent, "mean": mean}


def _without_n(figures: Figures, answered: int | None) -> Figures:
    """Where the number of answers is hidden, nothing that holds it is shown."""
    if answered is not None:
        return figures
    return _blanked(figures) | ({"costs": figures["costs"]} if "costs" in figures else {})


def _blanked(figures: Figures) -> Figures:
    return {
        name: [None] * len(value) if isinstance(value, list) else None
        for name, value in figures.items()
    }


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
