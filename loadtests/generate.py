"""The load generator, a process of its own: Locust without its web page.

Reads a plan from standard input and writes what happened to standard output, both JSON:

    {"host": "http://127.0.0.1:8000", "bare": false, "seconds": 15, "journeys": null,
     "users": [16, 2, 3], "consultation": slug, "archive": slug, "questionnaire": {…},
     "accounts": [{"email", "password", "delegation"}], "motions": [slug, …]}

    {"seconds": 15.0, "cpu_seconds": 7.1, "requests": {"GET landing": [[milliseconds, bytes], …]},
     "journeys": {"citizen": [milliseconds, …]}, "errors": {what: count}, "references": […]}

``users``: how many citizens, readers and delegates. ``journeys``: end early after so many of the
citizens' journeys. Only what ended within the time is counted.
"""

import json
import resource
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

# Locust patches the standard library at import: first, before anything else uses sockets.
import gevent
from locust.env import Environment

sys.path.insert(0, str(Path(__file__).parent))
import users


class Recording:
    """What happened, kept in full: percentiles are computed over all slices later."""

    def __init__(self, environment: Environment) -> None:
        self.requests: dict[str, list[tuple[float, int]]] = defaultdict(list)
        self.journeys: dict[str, list[float]] = defaultdict(list)
        self.errors: Counter[str] = Counter()
        self.references: list[str] = []
        environment.events.request.add_listener(self._request)
        environment.events.user_error.add_listener(self._user_error)

    def journey(self, kind: str, milliseconds: float) -> None:
        self.journeys[kind].append(milliseconds)

    def count_error(self, what: str) -> None:
        self.errors[what] += 1

    def _request(
        self, request_type: str, name: str, response_time: float, response_length: int,
        exception: Exception | None, **_: Any,
    ) -> None:  # fmt: skip
        if exception is not None:
            self.errors[str(exception) or repr(exception)] += 1
        else:
            self.requests[f"{request_type} {name}"].append((response_time, response_length))

    def _user_error(self, exception: Exception, **_: Any) -> None:
        self.errors[repr(exception)] += 1


def run(plan: dict[str, Any]) -> dict[str, Any]:
    """Carry out a plan; both as in the module's description."""
    plan["answers"] = users.answer_variants(plan["questionnaire"])
    kinds = users.BARE if plan["bare"] else users.OURS
    for kind, count in zip(kinds, plan["users"], strict=True):
        kind.fixed_count = count
    environment = Environment(
        user_classes=[kind for kind in kinds if kind.fixed_count], host=plan["host"]
    )
    environment.plan = plan
    environment.recording = recording = Recording(environment)
    runner = environment.create_local_runner()
    processor_before, started = _processor_seconds(), time.perf_counter()
    runner.start(sum(plan["users"]), spawn_rate=100)
    limit = plan["journeys"]
    while (seconds := time.perf_counter() - started) < plan["seconds"] and (
        limit is None or len(recording.journeys["citizen"]) < limit
    ):
        gevent.sleep(0.05)
    outcome = {
        "seconds": seconds,
        "cpu_seconds": _processor_seconds() - processor_before,
        "requests": {name: list(times) for name, times in recording.requests.items()},
        "journeys": {kind: list(times) for kind, times in recording.journeys.items()},
        "errors": dict(recording.errors),
        "references": list(recording.references),
    }
    runner.quit()
    return outcome


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    json.dump(run(json.load(sys.stdin)), sys.stdout)
