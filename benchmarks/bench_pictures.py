"""How fast a roadmap's pictures are laid out, beside the schedule of the same network.

    .venv/bin/python benchmarks/bench_pictures.py [MILESTONES …]

Made-up roadmaps of 500 and 3,000 milestones with 2.5 dependencies each, in ten areas. The graph is
laid out along time and by depth, then the timeline and the heat map; the ratio to the time that
computing all dates takes is what to compare between machines, the seconds are of this one. A page
lays out once a revision and choice: after that it is taken from the process (``picture_cache``).
"""

import sys
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench_schedule import make_network

from roadmap.pictures.bands import time_bands
from roadmap.pictures.drawing import GraphDependency, GraphMilestone, TimelineMilestone
from roadmap.pictures.heatmap import HeatMilestone, Measure, heat_map
from roadmap.pictures.layout import layout_graph
from roadmap.pictures.timeline import layout_timeline
from roadmap.planning.schedule import compute_schedule
from roadmap.planning.suspension import resolve_contradictions

T = TypeVar("T")
START = date(2026, 1, 1)
AREAS = [(f"a{number}", f"Area {number}") for number in range(10)]


def cpu(work: Callable[[], T]) -> tuple[float, T]:
    """Seconds of processor time, which other work on the machine does not lengthen; the result."""
    begin = time.process_time()
    result = work()
    return time.process_time() - begin, result


def measure(size: int) -> None:
    network = resolve_contradictions(make_network(size, mixed=False)).network
    seconds, schedule = cpu(lambda: compute_schedule(network))
    dates = schedule.dates
    area = {code: AREAS[at % len(AREAS)][0] for at, code in enumerate(dates)}
    boxes = [
        GraphMilestone(code, f"What has to be there by then: {code}", area[code],
                       each.earliest_start, each.critical)
        for code, each in dates.items()
    ]  # fmt: skip
    lines = [GraphDependency(each.before, each.after) for each in network.precedences]
    rows = [
        TimelineMilestone(code, code, area[code], each.earliest_start, each.earliest_finish,
                          each.latest_finish, each.critical)
        for code, each in dates.items()
    ]  # fmt: skip
    cells = [
        HeatMilestone(area[code], each.earliest_start, each.earliest_finish, each.total_slack,
                      Decimal(1_000_000))
        for code, each in dates.items()
    ]  # fmt: skip
    bands = time_bands(START, schedule.makespan_days)
    print(f"{size:,} milestones, {len(lines):,} dependencies; all dates {seconds:.3f} s")
    pictures: list[tuple[str, Callable[[], object]]] = [
        ("graph along time", lambda: layout_graph(boxes, lines, AREAS, bands=bands)),
        ("graph by depth", lambda: layout_graph(boxes, lines, AREAS)),
        ("timeline", lambda: layout_timeline(rows, AREAS, start=START, dependencies=lines)),
        ("heat map", lambda: heat_map(cells, AREAS, start=START, measure=Measure.BUDGET)),
    ]
    for name, work in pictures:
        taken, _result = cpu(work)
        print(f"  {name:18} {taken:7.3f} s  {taken / seconds:7.1f} × all dates")


if __name__ == "__main__":
    for text in sys.argv[1:] or ["500", "3000"]:
        measure(int(text))
