"""What a load test came to: slices added up, percentiles, the ratio. Pure."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

Outcome = dict[str, Any]


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least ``share`` of ``values`` do not exceed; 0 for none."""
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)] if ordered else 0.0


def add_up(slices: Sequence[Outcome]) -> dict[str, Any]:
    """One summary of several slices of the same application."""
    seconds = sum(part["seconds"] for part in slices)
    journeys = _joined(part["journeys"] for part in slices)
    requests = _joined(part["requests"] for part in slices)
    errors: Counter[str] = Counter()
    for part in slices:
        errors.update(part["errors"])
    return {
        "seconds": round(seconds, 1),
        "journeys_per_second": round(len(journeys.get("citizen", ())) / seconds, 2),
        "requests_per_second": round(sum(map(len, requests.values())) / seconds, 1),
        # How many cores each part kept busy.
        "generator_cpu": round(sum(part["cpu_seconds"] for part in slices) / seconds, 2),
        "application_cpu": round(sum(part["application_seconds"] for part in slices) / seconds, 2),
        "database_cpu": round(sum(part["database_seconds"] for part in slices) / seconds, 2),
        "journeys": {
            kind: _times(times) | {"per_second": round(len(times) / seconds, 2)}
            for kind, times in journeys.items()
        },
        "requests": {
            name: _times([milliseconds for milliseconds, _ in seen])
            | {"bytes": round(sum(size for _, size in seen) / len(seen))}
            for name, seen in requests.items()
        },
        "errors": dict(errors),
    }


def _joined(parts: Any) -> dict[str, list[Any]]:
    joined: dict[str, list[Any]] = {}
    for part in parts:
        for name, values in part.items():
            joined.setdefault(name, []).extend(values)
    return joined


def _times(times: Sequence[float]) -> dict[str, float]:
    return {
        "count": len(times),
        "p50": round(percentile(times, 0.50), 1),
        "p95": round(percentile(times, 0.95), 1),
    }


def as_text(document: dict[str, Any]) -> str:
    """The report for people."""
    ours, bare = document["waymark"], document["bare"]
    lines = [
        f"{document['users']['citizens']} citizens answer {document['questions']} questions"
        f" ({document['requests_per_journey']} requests a journey);"
        f" meanwhile {document['users']['readers']} readers and"
        f" {document['users']['delegates']} delegates.",
        f"{document['workers']} workers on {document['cores']} cores, PostgreSQL and the generator"
        " on the same machine. Limits per address are raised for the test:",
        *(f"  {name}={value}" for name, value in document["raised"].items()),
        "",
        f"{'':28}{'Waymark':>24}{'bare Flask':>24}",
        f"{'measured for':28}{_cell(ours['seconds'], 's')}{_cell(bare['seconds'], 's')}",
        f"{'completed journeys':28}{_cell(ours['journeys_per_second'], '/s')}"
        f"{_cell(bare['journeys_per_second'], '/s')}",
        f"{'requests':28}{_cell(ours['requests_per_second'], '/s')}"
        f"{_cell(bare['requests_per_second'], '/s')}",
        *(
            f"{f'{part}, cores busy':28}{_cell(ours[f'{part}_cpu'], '')}"
            f"{_cell(bare[f'{part}_cpu'], '')}"
            for part in ("generator", "application", "database")
        ),
        "",
        f"{'milliseconds':28}{'n':>8}{'p50':>8}{'p95':>8}{'n':>8}{'p50':>8}{'p95':>8}",
    ]
    for part, title in (("journeys", "journey of a {}"), ("requests", "{}")):
        for name in ours[part]:
            label = title.format(name)
            lines.append(f"{label:28}{_row(ours[part].get(name))}{_row(bare[part].get(name))}")
    lines.append("")
    for title, side in (("Waymark", ours), ("bare Flask", bare)):
        lines += [f"ERROR, {title}: {n} × {what}" for what, n in side["errors"].items()]
    lines += [f"ERROR: {fault}" for fault in document["faults"]]
    lines += [
        f"Receipts given: {document['receipts']}; responses in the database:"
        f" {document['responses']}.",
        f"By slice, journeys/s: {' · '.join(document['by_slice'])}",
        f"RATIO Waymark / bare Flask: {document['ratio']:.2f}",
    ]
    return "\n".join(lines)


def _cell(value: float, unit: str) -> str:
    return f"{value:>21} {unit:2}"


def _row(times: dict[str, float] | None) -> str:
    if times is None:
        return f"{'–':>8}{'–':>8}{'–':>8}"
    return f"{times['count']:>8}{times['p50']:>8.1f}{times['p95']:>8.1f}"
