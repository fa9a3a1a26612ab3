"""How fast a questionnaire is routed, beside the same conditions written by hand in Python.

Run: ``.venv/bin/python -m benchmarks.bench_routing [FOLDER …]``. A questionnaire of 1,000
questions, half of them with a condition, answered throughout: by the platform, and by a function
that walks the same questions with one hand-written lambda a condition and no language, no types, no
checks of what was given. Both in this process, taking turns, best of many. A ``FOLDER`` with
another state of the project (``git archive COMMIT core surveys | tar -x -C FOLDER``) is measured
beside, turn by turn, in processes of their own, and compared.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

QUESTIONS = 1_000
ROUNDS = 60


def document() -> dict[str, Any]:
    """Single choices and numbers, every second one asked on what was answered before."""
    questions: list[dict[str, Any]] = []
    for n in range(QUESTIONS):
        kind: dict[str, Any] = {"type": "number"}
        if n % 2 == 0:
            options = [{"code": code, "label": {"en": code}} for code in ("a", "b", "c")]
            kind = {"type": "single_choice", "options": options}
        question = {"code": f"Q{n}", "title": {"en": f"Question {n}"}} | kind
        if n >= 4 and n % 4 == 1:
            question["show_if"] = f"Q{n - 1} == 'a' or Q{n - 3} != 'b'"
        elif n >= 4 and n % 4 == 2:
            question["show_if"] = f"Q{n - 1} >= 3 and not Q{n - 2} == 'c'"
        questions.append(question)
    sections = [
        {"code": f"s{n}", "title": {"en": f"Section {n}"}, "questions": questions[n : n + 20]}
        for n in range(0, QUESTIONS, 20)
    ]
    return {
        "schema": "waymark/questionnaire/1", "title": {"en": "Long"}, "languages": ["en"],
        "sections": sections,
    }  # fmt: skip


def answers() -> dict[str, Any]:
    return {f"Q{n}": "abc"[n % 3] if n % 2 == 0 else n % 7 for n in range(QUESTIONS)}


def written_by_hand() -> Callable[[dict[str, Any]], list[str]]:
    """The same conditions as Python, in the order of the questions."""

    def either(n: int) -> Callable[[dict[str, Any]], bool]:
        before, long_before = f"Q{n - 1}", f"Q{n - 3}"
        return lambda known: known.get(before) == "a" or known.get(long_before, "b") != "b"

    def both(n: int) -> Callable[[dict[str, Any]], bool]:
        before, long_before = f"Q{n - 1}", f"Q{n - 2}"
        return lambda known: known.get(before, 0) >= 3 and known.get(long_before) != "c"

    def always(known: dict[str, Any]) -> bool:
        return True

    conditions = [
        (f"Q{n}", {1: either(n), 2: both(n)}.get(n % 4, always) if n >= 4 else always)
        for n in range(QUESTIONS)
    ]

    def walk(given: dict[str, Any]) -> list[str]:
        known: dict[str, Any] = {}
        shown = []
        for code, condition in conditions:
            if condition(known):
                shown.append(code)
                known[code] = given[code]
        return shown

    return walk


def best(work: Callable[[], object]) -> float:
    """Milliseconds of the fastest of a few runs."""
    fastest = float("inf")
    for _ in range(5):
        begun = time.perf_counter()
        work()
        fastest = min(fastest, time.perf_counter() - begun)
    return fastest * 1_000


def measure_here() -> float:
    """Milliseconds for one route, by the project that is on the path."""
    from surveys.definition import parse_definition
    from surveys.routing import route

    questionnaire, given = parse_definition(document()), answers()
    route(questionnaire, given)
    return min(best(lambda: route(questionnaire, given)) for _ in range(ROUNDS))


def measure_in(folder: Path) -> float:
    """The same, by the project in ``folder``."""
    script = f"import sys; sys.path.insert(0, {str(folder)!r}); sys.path.append('.'); "
    script += "from benchmarks.bench_routing import measure_here; print(measure_here())"
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    return float(found.stdout)


def main() -> None:
    from surveys.definition import parse_definition
    from surveys.routing import route

    questionnaire, given = parse_definition(document()), answers()
    walk = written_by_hand()
    assert list(route(questionnaire, given).shown) == walk(given)
    ours = by_hand = float("inf")
    for _ in range(ROUNDS):
        ours = min(ours, best(lambda: route(questionnaire, given)))
        by_hand = min(by_hand, best(lambda: walk(given)))
    figures: dict[str, Any] = {
        "questions": QUESTIONS, "route_ms": round(ours, 3), "by_hand_ms": round(by_hand, 3),
        "ratio": round(ours / by_hand, 2),
    }  # fmt: skip
    here = Path(__file__).parents[1]
    for folder in map(Path, sys.argv[1:]):
        turns = [(measure_in(folder), measure_in(here)) for _ in range(5)]
        then, now = (min(times) for times in zip(*turns, strict=True))
        figures[str(folder)] = {
            "then_ms": round(then, 3), "now_ms": round(now, 3), "now_to_then": round(now / then, 2)
        }  # fmt: skip
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
