"""How fast an order of statements learns: ours beside others, on votes that people really cast.

    .venv/bin/python -m benchmarks.bench_statements FOLDER [SHOWN]

FOLDER holds a Polis export (comments.csv, votes.csv). Participants come one after the other in
random order, several times over; each is shown SHOWN (default 8) of the statements they voted on,
in the order of each method, and says what they said then. Half of the time all statements are
there from the start, half of the time they come one by one as they did. After each tenth of the
participants the estimated share that agrees is compared with the share among all their votes.

Printed per method: the mean error (root mean square over statements) at the end, how many
participants it took to know as much as drawing at random knows at the end, and the most and least
often judged statement. All in one run; the ratios matter, not the digits.
"""

import csv
import math
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path

from surveys.statement_order import Judged, order_statements

Method = Callable[[Mapping[str, Judged], str], list[str]]
REPEATS = 3
STEPS = 10
# Statements with fewer votes have no share to compare with.
FEWEST_VOTES = 60


def by_chance(judged: Mapping[str, Judged], seed: str) -> list[str]:
    codes = sorted(judged)
    random.Random(seed).shuffle(codes)
    return codes


def as_listed(judged: Mapping[str, Judged], seed: str) -> list[str]:
    return sorted(judged, key=int)


def as_polis(judged: Mapping[str, Judged], seed: str) -> list[str]:
    """``priority-metric`` of Polis without the part that needs its opinion groups."""
    chance = random.Random(seed)
    keys = {}
    for code in sorted(judged):
        counts = judged[code]
        seen = counts.agree + counts.disagree + counts.passed
        passes, agrees = (counts.passed + 1) / (seen + 2), (counts.agree + 1) / (seen + 2)
        weight = ((1 - passes) * agrees * (1 + 8 * 2 ** (-seen / 5))) ** 2
        keys[code] = -math.log(1 - chance.random()) / weight
    return sorted(keys, key=keys.__getitem__)


def ours(judged: Mapping[str, Judged], seed: str) -> list[str]:
    return order_statements(judged, seed=seed)


METHODS: dict[str, Method] = {
    "at random": by_chance, "as listed": as_listed, "as Polis": as_polis, "ours": ours,
}  # fmt: skip


class Conversation:
    """Who said what, and the share that agrees with each statement."""

    def __init__(self, folder: Path, shown: int) -> None:
        comments = {row["comment-id"]: row for row in _rows(folder / "comments.csv")}
        votes: dict[str, dict[str, int]] = defaultdict(dict)
        for row in _rows(folder / "votes.csv"):
            if comments[row["comment-id"]]["moderated"] == "1":
                votes[row["voter-id"]][row["comment-id"]] = int(row["vote"])
        often = Counter(code for said in votes.values() for code in said)
        kept = {code for code, count in often.items() if count >= FEWEST_VOTES}
        self.votes = {
            person: mine
            for person, said in sorted(votes.items())
            if len(mine := {code: vote for code, vote in said.items() if code in kept}) >= 2 * shown
        }
        self.share = {code: self._share(code) for code in sorted(kept)}
        arrived = sorted(kept, key=lambda code: int(comments[code]["timestamp"]))
        self.arrives = {code: place / len(arrived) for place, code in enumerate(arrived)}

    def _share(self, code: str) -> float:
        said = Counter(mine.get(code) for mine in self.votes.values())
        return said[1] / max(1, said[1] + said[-1])


def errors_over_time(
    conversation: Conversation, method: Method, shown: int, *, growing: bool
) -> tuple[list[float], list[int]]:
    """The error after each step, and how often each statement was judged in the end."""
    errors, judged = [0.0] * STEPS, Counter[str]()
    for repeat in range(REPEATS):
        people = list(conversation.votes)
        random.Random(repeat).shuffle(people)
        counts = {code: [0, 0, 0] for code in conversation.share}
        for number, person in enumerate(people):
            # The last statement comes when six of ten participants have been there.
            now = number / len(people) / 0.6 if growing else 1.0
            said = conversation.votes[person]
            offered = {c: Judged(*counts[c]) for c in said if conversation.arrives[c] <= now}
            for code in method(offered, f"{repeat}/{person}")[:shown]:
                counts[code][{1: 0, -1: 1, 0: 2}[said[code]]] += 1
            step, exact = divmod((number + 1) * STEPS, len(people))
            if exact < STEPS and step:
                errors[step - 1] += _error(conversation, counts) / REPEATS
        judged.update({code: sum(numbers) for code, numbers in counts.items()})
    return errors, [count // REPEATS for count in judged.values()]


def _error(conversation: Conversation, counts: Mapping[str, list[int]]) -> float:
    squares = [
        ((agree + 1) / (agree + disagree + 2) - conversation.share[code]) ** 2
        for code, (agree, disagree, _) in counts.items()
    ]
    return math.sqrt(sum(squares) / len(squares))


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def main(folder: Path, shown: int) -> None:
    conversation = Conversation(folder, shown)
    print(f"{folder.name}: {len(conversation.votes)} participants, "
          f"{len(conversation.share)} statements, {shown} shown to each")  # fmt: skip
    for growing in (False, True):
        print("  statements come one by one" if growing else "  all statements from the start")
        found = {
            name: errors_over_time(conversation, method, shown, growing=growing)
            for name, method in METHODS.items()
        }
        goal = found["at random"][0][-1]
        for name, (errors, judged) in found.items():
            reached = next((n for n, error in enumerate(errors, start=1) if error <= goal), None)
            took = f"after {reached / STEPS:.0%} of the participants" if reached else "never"
            print(f"    {name:<10} error {errors[-1]:.3f} ({errors[-1] / goal:.2f} of random), "
                  f"as good as random {took}; "
                  f"judged {min(judged)} to {max(judged)} times")  # fmt: skip


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 8)
