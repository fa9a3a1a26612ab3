"""What a proof of work costs: to find it, and to check it, in one run.

    .venv/bin/python -m benchmarks.bench_proof [BITS]

Solves challenges of BITS (default 18, the setting's default) and easier ones, with the pure code
that tests and programs use, checks each, and prints times and their ratio. How fast a browser
solves them (app/static/proof.js) is measured too where Debian's or Playwright's Chromium is there.
"""

import statistics
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from surveys.proof_of_work import binding_of, issue_challenge, judge_proof, solve_challenge

KEY = b"of this run only"
BINDING = binding_of("benchmark", "draft")
STATIC = Path(__file__).resolve().parents[1] / "app" / "static"


def challenges(bits: int, count: int) -> list[str]:
    """So many different challenges."""
    moments = (datetime.fromtimestamp(time.time() - number, UTC) for number in range(count))
    return [issue_challenge(KEY, binding=BINDING, bits=bits, now=moment) for moment in moments]


def judge(challenge: str, solution: str) -> Any:
    return judge_proof(
        KEY, challenge=challenge, solution=solution, binding=BINDING, wait_seconds=20,
        base_bits=18, now=datetime.now(UTC),
    )  # fmt: skip


def measure(bits: int, count: int) -> tuple[list[float], float]:
    """Seconds to solve each challenge, and the mean to check one."""
    issued, solving, solutions = challenges(bits, count), [], []
    for challenge in issued:
        began = time.perf_counter()
        solutions.append(solve_challenge(challenge))
        solving.append(time.perf_counter() - began)
    rounds = max(1, 2000 // count)
    began = time.perf_counter()
    for _ in range(rounds):
        for challenge, solution in zip(issued, solutions, strict=True):
            if not judge(challenge, solution).solved:
                raise SystemExit("a solution was not accepted")
    return solving, (time.perf_counter() - began) / (rounds * count)


def measure_in_browser(bits: int, count: int) -> list[float] | None:
    """Seconds that headless Chromium takes for each, on one thread; None where there is none."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    programs = [Path("/usr/bin/chromium"), Path("/usr/bin/google-chrome")]
    program = next((path for path in programs if path.exists()), None)
    solving = []
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(
                executable_path=program, args=["--no-sandbox", "--disable-gpu"]
            )
        except Exception:
            return None
        page = browser.new_page()
        script = (STATIC / "proof.js").read_text()
        page.route(
            "http://bench.test/", lambda route: route.fulfill(body="<p>", content_type="text/html")
        )
        page.route(
            "http://bench.test/proof.js",
            lambda route: route.fulfill(body=script, content_type="text/javascript"),
        )
        page.goto("http://bench.test/")
        for challenge in challenges(bits, count):
            solution, milliseconds = page.evaluate(
                """(challenge) => new Promise((done) => {
                    const began = performance.now(), worker = new Worker("/proof.js");
                    worker.onmessage = ({ data }) => {
                        if (!data.solution) return;
                        worker.terminate();
                        done([data.solution, performance.now() - began]);
                    };
                    worker.postMessage(challenge);
                })""",
                challenge,
            )
            if not judge(challenge, solution).solved:
                raise SystemExit("the browser's solution was not accepted")
            solving.append(milliseconds / 1000)
        browser.close()
    return solving


def show(name: str, times: list[float]) -> None:
    ordered = sorted(times)
    print(
        f"  {name:24} mean {statistics.mean(times) * 1000:8.1f} ms,"
        f" slowest of {len(times)} {ordered[-1] * 1000:8.1f} ms"
    )


def main(bits: int) -> None:
    for hardness, count in ((bits - 6, 100), (bits - 3, 50), (bits, 20)):
        solving, checking = measure(hardness, count)
        print(f"{hardness} bits, about {2**hardness:,} hashes")
        show("solving, Python", solving)
        print(f"  {'checking':24} mean {checking * 1000:8.4f} ms")
        print(f"  RATIO solving / checking: {statistics.mean(solving) / checking:,.0f}")
    browser = measure_in_browser(bits, 20)
    if browser is None:
        print("No browser here: its part is not measured.")
    else:
        print(f"{bits} bits in headless Chromium, one Web Worker")
        show("solving, proof.js", browser)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 18)
