"""Kills the server at random moments while people answer, and looks whether anything was lost.

    python loadtests/kill_loop.py                                  20 seconds on SQLite
    python loadtests/kill_loop.py --seconds 300 --database postgres --seed 7 --json

Starts gunicorn with our production settings. Several people answer section by section and submit,
some change their mind, some leave a draft. Meanwhile `kill -9` hits a worker, the master, or all of
them at once, and the server is started again; the round of background jobs is killed as well. Every
person keeps a ledger of what was confirmed, which is compared with what is stored at the end:
each receipt has exactly one response with the answers last confirmed, each draft holds what was
confirmed last (or what was sent after that), each response has one leaf in the audit log and one
row in the results. Only processes started here are killed, by their number. Exit status: 0 nothing
lost; 1 something was; 2 wrong usage.
"""

import argparse
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import psutil
from database import NoPostgres, Postgres
from ledger import Store, compare, compare_projection
from respondent import Broken, Browser, Respondent, Unanswered
from servers import PROGRAMS, Refused, Site, free_port, wait_until_answered

HERE = Path(__file__).resolve().parent
QUESTIONNAIRE = HERE / "questionnaire.json"
SLUG = "load"
# How long people may go on resending after the last kill.
_LAST_WORD = 30.0
# On a machine with other work a run may last so many times as long, until somebody has a receipt.
_MOST_PATIENCE = 5


class Server:
    """gunicorn on one port, killed and started again as often as wanted."""

    def __init__(self, site: Site, workers: int, log: Path) -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._site, self._workers, self._log = site, workers, log
        self.start()

    def start(self) -> None:
        """Leaves it to ``wait`` whether it comes up."""
        command = [
            PROGRAMS / "gunicorn", "-c", HERE.parent / "app" / "gunicorn_conf.py",
            "--bind", f"127.0.0.1:{self.port}", "--workers", str(self._workers), "wsgi:app",
        ]  # fmt: skip
        with self._log.open("ab") as output:
            self.process = subprocess.Popen(
                command, cwd=HERE.parent, env=self._site.environment, stdout=output, stderr=output
            )

    def wait(self) -> None:
        """Until it answers; one that found the port taken by what was killed is started again."""
        if self.process.poll() is not None:
            self.start()
        wait_until_answered(self.address, self.process, self._log)

    def workers(self) -> list[psutil.Process]:
        with contextlib.suppress(psutil.NoSuchProcess):
            return psutil.Process(self.process.pid).children()
        return []

    def kill_a_worker(self, chance: random.Random) -> None:
        """The master starts another by itself."""
        if workers := sorted(self.workers(), key=lambda process: process.pid):
            _kill(chance.choice(workers))

    def kill_the_master(self) -> None:
        """Its workers notice and end by themselves; meanwhile another server starts."""
        self.process.kill()
        self.process.wait()

    def kill_everything(self) -> None:
        workers = self.workers()
        self.kill_the_master()
        for worker in workers:
            _kill(worker)


def _kill(process: psutil.Process) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process.kill()


class Crowd:
    """People who answer one after the other, ``size`` at a time, until the time is over."""

    def __init__(self, address: str, questionnaire: dict[str, Any], size: int, seed: int) -> None:
        self._address, self._questionnaire, self._seed = address, questionnaire, seed
        self.people: list[Respondent] = []
        self.faults: list[str] = []
        self._ends = self._patient_until = float("inf")
        self._threads = [
            threading.Thread(target=self._one_after_another, args=(n,), daemon=True)
            for n in range(size)
        ]
        for thread in self._threads:
            thread.start()

    def _one_after_another(self, number: int) -> None:
        chance = random.Random(f"{self._seed} {number}")
        while time.monotonic() < self._ends and not self.faults:
            person = Respondent(
                Browser(self._address), consultation=SLUG, questionnaire=self._questionnaire,
                seed=chance.getrandbits(32), submits=chance.random() < 0.7,
                patience=lambda: time.monotonic() < self._patient_until,
            )  # fmt: skip
            self.people.append(person)
            try:
                person.go()
            except (Broken, Unanswered) as error:
                self.faults.append(f"{type(error).__name__}: {error}")
            except Exception as error:
                self.faults.append(f"{type(error).__name__} of a respondent: {error}")

    def receipts(self) -> int:
        return sum(bool(person.reference) for person in self.people)

    def finish(self) -> None:
        """Begin no further journeys; those under way are brought to their end."""
        self._ends = time.monotonic()
        self._patient_until = self._ends + _LAST_WORD
        for thread in self._threads:
            thread.join(_LAST_WORD + 60)


class Jobs:
    """The round of background jobs, over and over, killed in the middle now and then."""

    def __init__(self, site: Site, seed: int) -> None:
        self._site, self._chance = site, random.Random(f"{seed} jobs")
        self._stopping = threading.Event()
        self.killed = self.completed = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        usual = 60.0  # the first round shows how long one takes here
        while not self._stopping.is_set():
            started = time.monotonic()
            self._process = process = subprocess.Popen(
                [PROGRAMS / "flask", "jobs", "run"], cwd=HERE.parent, env=self._site.environment,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            try:
                # Most of it is starting; what is of interest comes at the end.
                process.wait(usual * self._chance.uniform(0.6, 1.2))
                self.completed += 1
                usual = time.monotonic() - started
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                self.killed += 1
            self._stopping.wait(self._chance.uniform(0.5, 2.0))

    def stop(self) -> None:
        """Kills the round under way."""
        self._stopping.set()
        while self._thread.is_alive():
            if self._process is not None:
                self._process.kill()
            self._thread.join(0.2)


def run(options: argparse.Namespace) -> dict[str, Any]:
    """One run, as a document; ``faults`` is empty when nothing was lost."""
    questionnaire = json.loads(QUESTIONNAIRE.read_text())
    chance = random.Random(options.seed)
    kills: Counter[str] = Counter()
    with contextlib.ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="waymark-kill-")))
        if options.instance is not None:
            site = Site(os.environ.get("DATABASE_URL", ""), scratch, options.instance)
        else:
            address = ""
            if options.database == "postgres":
                address = stack.enter_context(Postgres()).create("waymark")
            site = Site(address, scratch)
            site.open_consultation(SLUG, QUESTIONNAIRE)
        server = Server(site, options.workers, scratch / "web.log")
        stack.callback(server.kill_everything)
        server.wait()
        jobs = Jobs(site, options.seed)
        crowd = Crowd(server.address, questionnaire, options.people, options.seed)
        stack.callback(jobs.stop)
        begun = time.monotonic()
        while not crowd.faults:
            passed = time.monotonic() - begun
            enough = passed > options.seconds and crowd.receipts() and sum(kills.values()) > 1
            if enough or passed > _MOST_PATIENCE * options.seconds:
                break
            if chance.random() < 0.7:  # else it may hit a server that is still starting
                server.wait()
            time.sleep(chance.uniform(0.05, 1.5))
            what = chance.choices(("worker", "master", "everything"), (5, 2, 4))[0]
            kills[what] += 1
            if what == "worker":
                server.kill_a_worker(chance)
                continue
            if what == "master":
                server.kill_the_master()
            else:
                server.kill_everything()
            server.start()
        jobs.stop()
        server.wait()
        crowd.finish()
        store = Store(site.database, site.instance)
        faults = crowd.faults + compare(crowd.people, store)
        site.command("jobs", "run")
        site.command("audit", "verify")
        faults += compare_projection(store)
        server.process.terminate()
        server.process.wait(60)
        responses = store.count("responses")
    people = crowd.people
    if not responses:
        faults.append("nobody came to a receipt")
    if sum(kills.values()) and not any(person.resent for person in people):
        faults.append("no kill hit anybody")
    return {
        "database": options.database, "seed": options.seed, "seconds": options.seconds,
        "kills": dict(kills), "jobs": {"killed": jobs.killed, "completed": jobs.completed},
        "people": len(people), "receipts": crowd.receipts(),
        "responses": responses,
        "drafts": sum(bool(p.acknowledged) and not p.reference for p in people),
        "sent_again": sum(person.resent for person in people),
        "told_to_wait": sum(person.told_to_wait for person in people),
        "faults": faults,
    }  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--people", type=int, default=4, help="at a time")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument(
        "--instance", type=Path,
        help="of an instance (and DATABASE_URL) in which the consultation is open already",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="the report for machines")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        document = run(options)
    except (NoPostgres, Refused) as refusal:
        print(refusal, file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps(document, indent=1))
    else:
        for name, value in document.items():
            print(f"{name.replace('_', ' '):22}{value}")
    return 1 if document["faults"] else 0


if __name__ == "__main__":
    os.environ.pop("PROMETHEUS_MULTIPROC_DIR", None)
    sys.exit(main())
