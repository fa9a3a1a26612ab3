"""What lies around one milestone: so many steps along the dependencies, back and on. Pure."""

from collections import defaultdict
from collections.abc import Iterable

MOST_STEPS = 9


def neighbourhood(
    centre: str, pairs: Iterable[tuple[str, str]], *, before: int, after: int
) -> frozenset[str]:
    """``centre``, what it waits for within ``before`` steps, what waits for it within ``after``.

    ``pairs`` are the dependencies as (first, then). Steps back are taken from what was reached
    going back only, so that what else waits for the same thing is not drawn in.
    """
    back: dict[str, list[str]] = defaultdict(list)
    onward: dict[str, list[str]] = defaultdict(list)
    for first, then in pairs:
        back[then].append(first)
        onward[first].append(then)
    return frozenset(_reach(centre, back, before) | _reach(centre, onward, after))


def _reach(centre: str, to: dict[str, list[str]], steps: int) -> set[str]:
    reached, edge = {centre}, {centre}
    for _ in range(steps):
        edge = {other for code in edge for other in to.get(code, ())} - reached
        if not edge:
            break
        reached |= edge
    return reached
