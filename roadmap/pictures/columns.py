"""Which column of the graph each milestone stands in: by dependency depth, or by time. Pure."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import networkx as nx

from roadmap.pictures.bands import Band, band_of
from roadmap.pictures.drawing import GraphDependency, GraphMilestone


@dataclass(frozen=True, slots=True)
class Columns:
    """The column of each milestone by code, and how many columns each band of time has."""

    of: Mapping[str, int]
    in_band: tuple[int, ...]


def columns_by_depth(
    milestones: Mapping[str, GraphMilestone], edges: Iterable[GraphDependency]
) -> Columns:
    """How many standing dependencies lie before each at the most.

    What waits for nothing moves right, next to what waits for it.
    """
    standing = _standing(edges)
    columns = _depths(milestones, milestones, standing)
    followers: dict[str, list[int]] = defaultdict(list)
    for before, after in standing:
        if columns[before] < columns[after]:
            followers[before].append(columns[after])
    moved = {
        code: min(followers[code]) - 1 if depth == 0 and code in followers else depth
        for code, depth in columns.items()
    }
    return Columns(moved, (max(moved.values(), default=-1) + 1,))


def columns_by_time(
    milestones: Mapping[str, GraphMilestone],
    edges: Iterable[GraphDependency],
    bands: Sequence[Band],
) -> Columns:
    """The band in which each may start; inside a band, as many columns as dependencies ask for."""
    band_of_code = {
        code: band_of(bands, milestone.earliest_start) for code, milestone in milestones.items()
    }
    members: dict[int, list[str]] = defaultdict(list)
    for code, band in band_of_code.items():
        members[band].append(code)
    inside: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for before, after in _standing(edges):
        if band_of_code[before] == band_of_code[after]:
            inside[band_of_code[before]].append((before, after))
    columns: dict[str, int] = {}
    counts, begin = [], 0
    for band in range(len(bands)):
        depths = _depths(milestones, members[band], inside[band])
        columns |= {code: begin + depth for code, depth in depths.items()}
        counts.append(max(depths.values(), default=-1) + 1)
        begin += counts[-1]
    return Columns(columns, tuple(counts))


def _standing(edges: Iterable[GraphDependency]) -> list[tuple[str, str]]:
    return sorted({(each.before, each.after) for each in edges if not each.suspended})


def _depths(
    milestones: Mapping[str, GraphMilestone],
    codes: Collection[str],
    edges: Iterable[tuple[str, str]],
) -> dict[str, int]:
    """Per code, how many of ``edges`` lie before it at the most.

    Inside a feasible cycle only the dependencies that follow the earliest starts count.
    """
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(sorted(codes))
    graph.add_edges_from(edges)
    component = {
        code: number
        for number, together in enumerate(nx.strongly_connected_components(graph))
        for code in together
    }

    def key(code: str) -> tuple[int, str]:
        return (milestones[code].earliest_start, code)

    graph.remove_edges_from(
        [
            (before, after)
            for before, after in graph.edges
            if component[before] == component[after] and key(before) >= key(after)
        ]
    )
    return {
        code: depth
        for depth, generation in enumerate(nx.topological_generations(graph))
        for code in generation
    }
