"""Load test: how many whole journeys a second, beside a bare Flask application in the same run.

    make load                              60 seconds
    make load LOAD="--seconds 20 --json"   shorter, and for machines
    make load LOAD="--respondents 200"     so many people at once and a ledger (respondents.py)

Starts its own PostgreSQL, a temporary instance and both servers on 127.0.0.1, drives them in turn
(ours, bare, ours, bare) so that noise of the machine hits both, and stops what it started, also on
Ctrl-C. Exit status: 0 done; 1 errors, or fewer responses stored than receipts given; 2 wrong usage.
"""

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
QUESTIONNAIRE = HERE / "questionnaire.json"
# Seconds for a first visit to each server, which does not count.
WARM_UP = 2.0
ROUNDS = 2
DELEGATIONS = ("PT", "DE", "FI", "MT", "PL")


def main() -> int:
    options = _options()
    if options.respondents:
        # Another program: it patches the standard library before anything else.
        words = ["--people", options.respondents, "--seconds", options.seconds,
                 "--workers", options.workers, *(["--json"] if options.json else [])]  # fmt: skip
        command = [sys.executable, str(HERE / "respondents.py"), *map(str, words)]
        return subprocess.run(command, check=False).returncode
    # A polite request to end unwinds like Ctrl-C does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        document = measure(options)
    except RuntimeError as refusal:  # no PostgreSQL, a command or page that refused
        print(refusal, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted; everything that was started is stopped.", file=sys.stderr)
        return 130
    # Imported late: `--help` then works without what a run needs.
    from report import as_text

    print(json.dumps(document, indent=1) if options.json else as_text(document))
    return 1 if document["faults"] else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make load", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--seconds", type=_between(4, 3600), default=60, help="in all, both together"
    )
    parser.add_argument("--users", type=_between(1, 500), default=16, help="citizens at a time")
    parser.add_argument("--readers", type=_between(0, 50), default=2, help="of results")
    parser.add_argument("--delegates", type=_between(0, len(DELEGATIONS)), default=2)
    parser.add_argument(
        "--workers", type=_between(1, 64), default=os.cpu_count() or 1,
        help="processes of each server; as many as cores, if not given",
    )  # fmt: skip
    parser.add_argument(
        "--respondents", type=_between(0, 1000), default=0,
        help="answer with so many at once instead, and compare what is stored with their ledgers",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="the report for machines")
    return parser.parse_args()


def _between(low: int, high: int) -> Any:
    def whole(text: str) -> int:
        if not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(f"expected {low} to {high}")
        return int(text)

    return whole


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Prepare both applications, drive them in turn, and say what happened."""
    from database import Postgres
    from report import add_up
    from servers import RAISED_LIMITS, Bare, Secretariat, Site, processor_seconds

    questionnaire = json.loads(QUESTIONNAIRE.read_text())
    plan = {
        "consultation": "load", "archive": "archive", "questionnaire": questionnaire,
        "accounts": [], "motions": [], "journeys": None,
    }  # fmt: skip
    crowd = [options.users, options.readers, options.delegates]
    seconds = options.seconds / (2 * ROUNDS)
    with contextlib.ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="waymark-load-")))
        postgres = stack.enter_context(Postgres())
        _say("Preparing an instance on PostgreSQL …")
        site = Site(postgres.create("waymark"), scratch)
        for slug in (plan["archive"], plan["consultation"]):
            site.open_consultation(slug, QUESTIONNAIRE)
        accounts = [site.create_account("delegate", delegation=code)
                    for code in DELEGATIONS[: options.delegates]]  # fmt: skip
        ours = stack.enter_context(site.serve(options.workers))
        # Every two seconds a delegate votes on another motion.
        motions = [f"m{n}" for n in range(int(ROUNDS * (seconds / 2 + 2)))] if accounts else []
        if motions:
            secretariat = Secretariat(ours.address, site.create_account("secretariat"))
            for motion in motions:
                secretariat.open_motion(motion)

        _say("Answering a consultation whose results are read later …")
        archive = plan | {"consultation": plan["archive"]}
        first = _drive(archive, ours.address, 20, [8, 0, 0], journeys=80)
        site.close_consultation(plan["archive"])
        # One visit to each kind of page says how large the bare application's pages must be.
        visit = plan | {"accounts": accounts[:1], "motions": motions[:1]}
        seen = _drive(visit, ours.address, WARM_UP, [1, 1, len(accounts[:1])])
        bare_app = Bare(postgres.create("bare"), _page_sizes(seen))
        bare = stack.enter_context(bare_app.serve(scratch, options.workers))
        _drive(visit | {"bare": True}, bare.address, WARM_UP, crowd)

        slices: dict[str, list[dict[str, Any]]] = {"waymark": [], "bare": []}
        voting = motions[1:]
        for round_number in range(ROUNDS):
            share = len(voting) // ROUNDS
            chosen = voting[round_number * share : (round_number + 1) * share]
            for name, server in (("waymark", ours), ("bare", bare)):
                _say(f"{name}, round {round_number + 1} of {ROUNDS}, {seconds:g} seconds …")
                plan |= {"accounts": list(accounts), "motions": chosen, "bare": name == "bare"}
                used = [processor_seconds(pid) for pid in (server.pid, postgres.pid)]
                outcome = _drive(plan, server.address, seconds, crowd)
                outcome["application_seconds"] = processor_seconds(server.pid) - used[0]
                outcome["database_seconds"] = processor_seconds(postgres.pid) - used[1]
                slices[name].append(outcome)
        responses = site.count_responses(plan["consultation"])

    receipts = [r for part in [seen, *slices["waymark"]] for r in part["references"]]
    summary = {name: add_up(parts) for name, parts in slices.items()}
    rates = {name: [len(p["journeys"].get("citizen", ())) / p["seconds"] for p in parts]
             for name, parts in slices.items()}  # fmt: skip
    bare_rate = summary["bare"]["journeys_per_second"]
    return {
        "users": dict(zip(("citizens", "readers", "delegates"), crowd, strict=True)),
        "questions": sum(len(s["questions"]) for s in questionnaire["sections"]),
        "requests_per_journey": 7 + 2 * len(questionnaire["sections"]),
        "workers": options.workers,
        "cores": os.cpu_count(),
        "raised": RAISED_LIMITS,
        **summary,
        "by_slice": [f"{a:.1f} : {b:.1f}" for a, b in zip(*rates.values(), strict=True)],
        "receipts": len(receipts),
        "responses": responses,
        "ratio": round(summary["waymark"]["journeys_per_second"] / bare_rate, 3)
        if bare_rate
        else 0,
        "faults": _faults(summary, [first, seen], receipts, responses),
    }


def _drive(
    plan: dict[str, Any], host: str, seconds: float, users: list[int], journeys: int | None = None
) -> dict[str, Any]:
    """Let a generator process carry out ``plan`` at ``host``; see ``generate.py``."""
    plan = {"bare": False} | plan | {
        "host": host, "seconds": seconds, "users": users, "journeys": journeys,
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, str(HERE / "generate.py")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        output, _ = process.communicate(json.dumps(plan), timeout=seconds + 60)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    if process.returncode:
        raise RuntimeError(f"the generator failed with status {process.returncode}")
    return json.loads(output)


def _page_sizes(seen: dict[str, Any]) -> dict[str, int]:
    """The mean size of each page by its name; a page nobody visited is as large as a section."""
    sizes = {
        name.partition(" ")[2]: round(sum(size for _, size in visits) / len(visits))
        for name, visits in seen["requests"].items()
        if name.startswith("GET ") or name == "POST check"
    }
    names = ("motion", "ballot", "check", "voted", "results", "result")
    return {name: sizes.get("section", 20_000) for name in names} | sizes


def _faults(
    summary: dict[str, Any], before: list[dict[str, Any]], receipts: list[str], responses: int
) -> list[str]:
    faults = [
        f"{sum(side['errors'].values())} errors of {name}"
        for name, side in summary.items()
        if side["errors"]
    ]
    faults += [f"while preparing: {what}" for part in before for what in part["errors"]]
    if responses < len(receipts):
        faults.append(f"{len(receipts)} receipts were given, but {responses} responses are stored")
    if len(set(receipts)) < len(receipts):
        faults.append("two receipts carry the same reference")
    if not receipts:
        faults.append("no journey was completed")
    return faults


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
