"""Evidence recomputed with nothing but the published results and a row's query: plain Python.

Written from docs/evidence-rules.md alone, sharing no code with ``roadmap.evidence``.
"""

import math
import statistics
from fractions import Fraction
from typing import Any
from urllib.parse import parse_qs


def recount(row: dict[str, Any], document: dict[str, Any]) -> float | None:
    """The value that the row should have."""
    query = {key: values[0] for key, values in parse_qs(row["query"]).items()}
    if "vote" in query:
        found = document[query["compute"]]
        if query["compute"] == "population_share":
            return None if found is None else round(float(found) / 100, 6)
        return float(found) if isinstance(found, bool) else len(found)
    if "publics" in query:
        each = [_of(query, public, document) for public in query["publics"].split(",")]
        return None if None in each else round(statistics.fmean(each), 6)
    value = _of(query, query["public"], document)
    return None if value is None else round(value, 6)


def _of(query: dict[str, str], public: str, document: dict[str, Any]) -> float | None:
    part = document if public == "all" else document["by"].get(public)
    if part is None:
        return None
    [entry] = [each for each in part["questions"] if each["code"] == query["question"]]
    counts = dict(enumerate((option["count"] for option in entry["options"]), start=1))
    answered = entry["answered"]
    options = [int(at) for at in query.get("options", "").split(",") if at]
    values = {}
    for pair in query.get("values", "").split(","):
        if pair:
            at, value = pair.split(":")
            top, _, bottom = value.partition("/")
            values[int(at)] = int(top) / int(bottom or 1)
    match query["compute"]:
        case "answered":
            return answered
        case "count":
            return None if answered is None else _sum(counts, options)
        case "rest":
            chosen = _sum(counts, options)
            return None if answered is None or chosen is None else answered - chosen
        case "share":
            whole = (
                _sum(counts, [int(at) for at in query["of"].split(",")])
                if "of" in query
                else answered
            )
            chosen = _sum(counts, options)
            return None if chosen is None or not whole else chosen / whole
        case "place":
            places = entry["figures"]["mean_places"]
            place, m = places[int(query["at"]) - 1], len(places)
            return None if place is None or m < 2 or not answered else (m - place) / (m - 1)
        case "points":
            return entry["figures"]["share"][int(query["at"]) - 1] if answered else None
        case "proposed":
            pairs = document.get("proposed", {}).get(query["question"], {})
            if counts[len(counts)] is None:
                return None
            return pairs.get(query["dependency"])
        case "mean" | "consensus":
            return _of_people(query["compute"], counts, values)
        case "agreement":
            steps = [counts[at] for at in options]
            return None if None in steps or not sum(steps) else _van_der_eijk(steps)
        case "reached":
            close = _of_people("consensus", counts, values)
            steps = [counts[at] for at in values]
            if close is None or len(steps) < 2:
                return None
            alike = _van_der_eijk(steps)
            return float(
                round(close, 6) >= Fraction(query["consensus_at"])
                and round(alike, 6) >= Fraction(query["agreement_at"])
            )
        case "quantile" | "spread":
            return _quantiles(query, answered, counts, values)
    raise AssertionError(query)


def _sum(counts: dict[int, Any], options: list[int]) -> int | None:
    chosen = [counts[at] for at in options]
    return None if None in chosen else sum(chosen)


def _of_people(compute: str, counts: dict[int, Any], values: dict[int, float]) -> float | None:
    if None in [counts[at] for at in values]:
        return None
    people = [value for at, value in values.items() for _ in range(counts[at])]
    if not people:
        return None
    middle = statistics.fmean(people)
    if compute == "mean":
        return middle
    width = max(values.values()) - min(values.values())
    if len(values) < 2 or not width:
        return None
    return 1 + sum(math.log2(1 - abs(x - middle) / width) for x in people) / len(people)


def _van_der_eijk(steps: list[int]) -> float:
    left, n, k, found = list(steps), sum(steps), len(steps), 0.0
    while any(left):
        lowest = min(filter(None, left))
        full = [count > 0 for count in left]
        one = two = 0
        for i in range(k):
            for j in range(i + 1, k):
                for m in range(j + 1, k):
                    pattern = (full[i], full[j], full[m])
                    one += pattern in ((True, True, False), (False, True, True))
                    two += pattern == (True, False, True)
        u = ((k - 2) * one - (k - 1) * two) / ((k - 2) * (one + two)) if one + two else 1.0
        found += lowest * sum(full) / n * u * (1 - (sum(full) - 1) / (k - 1))
        left = [count - lowest if count else 0 for count in left]
    return found


def _quantiles(
    query: dict[str, str], answered: int | None, counts: dict[int, Any], values: dict[int, float]
) -> float | None:
    beside = [counts[at] for at in counts if at not in values]
    if answered is None or None in beside:
        return None
    hidden = [at for at in values if counts[at] is None]
    left = answered - sum(count or 0 for count in counts.values())
    found = set()
    for place in hidden or [0]:
        people = sorted(
            value
            for at, value in values.items()
            for _ in range((counts[at] or 0) + left * (at == place))
        )
        shares = ["1/4", "3/4"] if query["compute"] == "spread" else [query["at"]]
        found.add(tuple(_quantile(people, share) for share in shares))
    [values_found] = found if len(found) == 1 else [(None,)]
    if None in values_found:
        return None
    return values_found[-1] - values_found[0] if len(values_found) == 2 else values_found[0]


def _quantile(people: list[float], share: str) -> float | None:
    """Between two people where the share falls between them."""
    if not people:
        return None
    top, bottom = map(int, share.split("/"))
    whole, rest = divmod(len(people) * top, bottom)
    if rest or whole >= len(people):
        return people[min(whole, len(people) - 1)]
    return (people[whole - 1] + people[whole]) / 2
