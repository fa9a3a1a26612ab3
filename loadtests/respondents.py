"""Many people answer at the same time, drafts are saved as they go, and nothing may be lost.

    python loadtests/respondents.py                               200 people, 60 seconds
    make load LOAD="--respondents 200 --seconds 90"               the same
    python loadtests/respondents.py --people 50 --seconds 20 --json

Starts PostgreSQL and gunicorn with our production settings on this machine. All people are there at
once, each goes from page to page without a pause; some change their mind, some leave a draft and
never submit. Each keeps a ledger of what was confirmed (see ``respondent.py``); at the end all of
them are compared with what is stored, and the results with the responses. Exit status: 0 nothing
lost and no error; 1 something was; 2 wrong usage.
"""

# ruff: noqa: E402
# Before anything else uses sockets: people are greenlets, not threads.
from gevent import monkey

monkey.patch_all()

import argparse
import contextlib
import json
import os
import random
import resource
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import gevent
from database import NoPostgres, Postgres
from ledger import Store, compare, compare_projection
from report import percentile
from respondent import Broken, Browser, Respondent, Unanswered
from servers import Refused, Site, processor_seconds

HERE = Path(__file__).resolve().parent
QUESTIONNAIRE = HERE / "questionnaire.json"
SLUG = "load"
SUBMITTING = 0.7  # the share of people who submit; the others leave a draft
_ARRIVE_WITHIN = 2.0  # seconds: people do not all press the first button at one instant


class Crowd:
    """``size`` people at a time, each followed by another, until the time is over."""

    def __init__(self, address: str, questionnaire: dict[str, Any], size: int, seed: int) -> None:
        self._address, self._questionnaire, self._seed = address, questionnaire, seed
        self._size = size
        self.people: list[Respondent] = []
        self.faults: list[str] = []

    def answer(self, seconds: float) -> float:
        """Returns how long it took until the last journey that was begun had come to its end."""
        started = time.perf_counter()
        places = [gevent.spawn(self._place, n, started + seconds) for n in range(self._size)]
        gevent.joinall(places)
        return time.perf_counter() - started

    def _place(self, number: int, ends: float) -> None:
        chance = random.Random(f"{self._seed} {number}")
        gevent.sleep(chance.uniform(0, _ARRIVE_WITHIN))
        while time.perf_counter() < ends:
            person = Respondent(
                Browser(self._address, timeout=60), consultation=SLUG,
                questionnaire=self._questionnaire, seed=chance.getrandbits(32),
                submits=chance.random() < SUBMITTING, patience=lambda: False,
            )  # fmt: skip
            self.people.append(person)
            try:
                person.go()
            except (Broken, Unanswered) as error:
                self.faults.append(f"{type(error).__name__}: {error}")


def measure(people: int, seconds: float, workers: int, seed: int) -> dict[str, Any]:
    """One run, as a document; ``faults`` is empty when nothing was lost and nothing failed."""
    questionnaire = json.loads(QUESTIONNAIRE.read_text())
    with contextlib.ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="waymark-load-")))
        postgres = stack.enter_context(Postgres())
        site = Site(postgres.create("waymark"), scratch)
        site.open_consultation(SLUG, QUESTIONNAIRE)
        served = stack.enter_context(site.serve(workers))
        warm = Crowd(served.address, questionnaire, 2 * workers, seed + 1)
        warm.answer(1.0)
        pids = (served.pid, postgres.pid)
        used = [processor_seconds(pid) for pid in pids]
        own = _own_seconds()
        crowd = Crowd(served.address, questionnaire, people, seed)
        took = crowd.answer(seconds)
        application, database = (
            processor_seconds(pid) - before for pid, before in zip(pids, used, strict=True)
        )
        generator = _own_seconds() - own
        store = Store(site.database, site.instance)
        everyone = warm.people + crowd.people
        faults = warm.faults + crowd.faults + compare(everyone, store)
        site.command("jobs", "run")
        site.command("audit", "verify")
        faults += compare_projection(store)
        responses = store.count("responses")
    times: dict[str, list[float]] = defaultdict(list)
    for person in crowd.people:
        for kind, duration in person.times:
            times[kind].append(duration * 1000)
    requests = [duration for durations in times.values() for duration in durations]
    given = sum(bool(person.reference) for person in everyone)
    if given != responses:
        faults.append(f"{given} receipts were given, but {responses} responses are stored")
    return {
        "people_at_a_time": people, "seconds": round(took, 1), "workers": workers,
        "cores": os.cpu_count(), "journeys": len(crowd.people), "receipts": given,
        "responses": responses,
        "drafts": sum(bool(p.acknowledged) and not p.reference for p in everyone),
        "requests_per_second": round(len(requests) / took, 1),
        "milliseconds": {
            kind: {"count": len(d), "p50": round(percentile(d, 0.5)),
                   "p95": round(percentile(d, 0.95))}
            for kind, d in sorted({**times, "all": requests}.items())
        },
        "cores_busy": {
            "application": round(application / took, 2), "database": round(database / took, 2),
            "generator": round(generator / took, 2),
        },
        "errors": len(crowd.faults), "faults": faults[:20],
    }  # fmt: skip


def _own_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def as_text(document: dict[str, Any]) -> str:
    """The report for people."""
    lines = [
        f"{document['people_at_a_time']} people at a time, {document['seconds']} s,"
        f" {document['workers']} processes on {document['cores']} cores",
        f"{document['requests_per_second']} requests/s; {document['journeys']} journeys,"
        f" {document['receipts']} receipts, {document['responses']} responses stored,"
        f" {document['drafts']} drafts left; {document['errors']} errors",
        *(
            f"  {kind:12}{figures['count']:8}  median {figures['p50']:6} ms"
            f"  p95 {figures['p95']:6} ms"
            for kind, figures in document["milliseconds"].items()
        ),
        "cores busy: " + ", ".join(f"{k} {v}" for k, v in document["cores_busy"].items()),
        *(document["faults"] or ["Nothing was lost."]),
    ]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, default=200, help="at a time")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="the report for machines")
    options = parser.parse_args()
    try:
        document = measure(options.people, options.seconds, options.workers, options.seed)
    except (NoPostgres, Refused) as refusal:
        print(refusal, file=sys.stderr)
        return 1
    print(json.dumps(document, indent=1) if options.json else as_text(document))
    return 1 if document["faults"] else 0


if __name__ == "__main__":
    sys.exit(main())
