"""A roadmap as GraphML, of networkx, yEd, Gephi and the like. ``graphml_writing`` writes it.

Nodes are milestones and edges dependencies; what they say is in data keys named like the columns
of the CSV files (``columns``), and on the graph itself ``title``, ``start``, ``areas`` and
``chapters`` (the last two as JSON). Keys of others are named and ignored; ``label`` or ``name``
stands in for a title that is not there.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from core.errors import InvalidInput
from core.text import LocalizedText
from roadmap import calendar, errors
from roadmap.draft import Draft, Kpi
from roadmap.draft_checks import clean_localized
from roadmap.errors import Problem
from roadmap.formats import columns
from roadmap.formats.assembling import (
    MOST_DEPENDENCIES,
    MOST_MILESTONES,
    Assembly,
    Place,
    clean_kpi,
)
from roadmap.formats.folder import ChapterFile, add_chapter
from roadmap.formats.tables import Cells, Row

NAMESPACE = "http://graphml.graphdrawing.org/xmlns"
MAXIMUM_BYTES = 200_000_000
_NODE_KEYS = {
    *columns.MILESTONE_REQUIRED[1:], *columns.MILESTONE_OPTIONS, "kpis",
    *columns.translations("title", "description"),
}  # fmt: skip
_EDGE_KEYS = {
    "kind", "lag_days", *columns.DEPENDENCY_OPTIONS, *columns.translations("rationale"),
}  # fmt: skip
_GRAPH_KEYS = {"title", "start", "language", "areas", "chapters"}
_LABELS = ("label", "name")
WHOLE_NUMBERS = {"duration_days", "lag_days", "optimistic_days", "likely_days", "pessimistic_days",
          "trl_from", "trl_to"}  # fmt: skip
_POINT_ZERO = re.compile(r"(-?\d+)\.0+")


@dataclass(slots=True)
class _Graph:
    """What the file says: attributes by name, in the order of the file."""

    about: dict[str, str] = field(default_factory=dict)
    nodes: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    edges: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    ignored: dict[str, str] = field(default_factory=dict)
    # Names that nodes and edges may have, whether any has a value or not.
    declared: dict[str, set[str]] = field(default_factory=lambda: {"node": set(), "edge": set()})


def read_graphml(content: bytes, *, file: str, language: str = "en") -> Draft:
    """The roadmap in ``content``; raises ``UnreadableRoadmap`` with everything that is wrong."""
    problems: list[Problem] = []
    graph = _Collector(file, problems).collect(parse_xml(content, file, problems, MAXIMUM_BYTES))
    if any(each.code == errors.UnreadableFile.code for each in problems):
        raise errors.refuse(problems)
    return _assemble(graph, file, language, problems)


def parse_xml(content: bytes, file: str, problems: list[Problem], most: int) -> Element | None:
    """The root of a document without entities; what is wrong goes to ``problems``."""

    def refuse(reason: str, line: int | None = None) -> None:
        problems.append(Problem(errors.UnreadableFile.code, file, line, None, reason))

    if len(content) > most:
        refuse(f"the file is larger than {most:,} bytes")
        return None
    # A document type is refused before anything of it is looked at.
    parser = DefusedXMLParser(target=_Shallow(), forbid_dtd=True)
    try:
        parser.feed(content)
        root: Element = parser.close()
    except DefusedXmlException:
        refuse("declares a document type or entities, which is refused")
    except ParseError as error:
        refuse(f"is not well-formed XML: {error}", error.position[0])
    except _TooDeep:
        refuse("is nested too deeply")
    except (ValueError, LookupError) as error:  # an encoding nobody knows
        refuse(f"is not well-formed XML: {str(error)[:100]}")
    else:
        return root
    return None


class _TooDeep(Exception):
    pass


class _Shallow(TreeBuilder):
    """Elements as usual, but none nested so deeply that walking them ends badly."""

    depth = 0

    def start(self, tag: Any, attrs: Any) -> Any:
        self.depth += 1
        if self.depth > 100:
            raise _TooDeep
        return super().start(tag, attrs)

    def end(self, tag: Any) -> Any:
        self.depth -= 1
        return super().end(tag)


def local_name(element: Element) -> str:
    """The element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


class _Collector:
    def __init__(self, file: str, problems: list[Problem]) -> None:
        self.file = file
        self.problems = problems
        self.graph = _Graph()
        # By id: name, what it is for, and its default.
        self.keys: dict[str, tuple[str, str, str | None]] = {}

    def collect(self, root: Element | None) -> _Graph:
        if root is None:
            return self.graph
        if local_name(root) != "graphml":
            self.refuse(None, f"expected a document <graphml>, found <{local_name(root)[:40]}>")
            return self.graph
        graphs = []
        for child in root:
            if local_name(child) == "key":
                default = next((e.text or "" for e in child if local_name(e) == "default"), None)
                key = child.get("id", "")
                name = str(child.get("attr.name") or key).strip()
                self.keys[key] = (name, child.get("for", "all"), default)
                for kind in self.graph.declared:
                    if child.get("for", "all") in (kind, "all"):
                        self.graph.declared[kind].add(name.lower())
            elif local_name(child) == "graph":
                graphs.append(child)
        if len(graphs) != 1:
            self.refuse(None, f"expected one graph, found {len(graphs)}")
            return self.graph
        self.graph.about = self.data(graphs[0], "graph", _GRAPH_KEYS)
        self.walk(graphs[0], "")
        for what, most, found in (
            ("nodes", MOST_MILESTONES, len(self.graph.nodes)),
            ("edges", MOST_DEPENDENCIES, len(self.graph.edges)),
        ):
            if found > most:
                self.refuse(None, f"expected at most {most:,} {what}, found {found:,}")
        return self.graph

    def walk(self, graph: Element, group: str) -> None:
        """The nodes and edges of a graph; a graph within a node is an area of its own."""
        directed = graph.get("edgedefault", "directed") != "undirected"
        for child in graph:
            match local_name(child):
                case "node":
                    self.node(child, group)
                case "edge":
                    self.edge(child, directed)
                case "hyperedge":
                    ends = [e.get("node", "") for e in child if local_name(e) == "endpoint"]
                    place = f"hyperedge {' '.join(ends)[:60]}"
                    self.refuse(place, "expected edges with two ends", errors.InvalidCell)

    def node(self, element: Element, group: str) -> None:
        code = element.get("id", "")
        values = self.data(element, "node", _NODE_KEYS | set(_LABELS))
        inner = [child for child in element if local_name(child) == "graph"]
        if inner:
            label = next((values[key] for key in ("title", *_LABELS) if values.get(key)), code)
            for graph in inner:
                self.walk(graph, label[:80])
            return
        if group:
            values.setdefault("area", group)
        self.graph.nodes.append((code, values))

    def edge(self, element: Element, directed: bool) -> None:
        source, target = element.get("source", ""), element.get("target", "")
        own = element.get("directed")
        if own == "false" or (own is None and not directed):
            reason = "expected a directed edge: a dependency says what waits for what"
            self.refuse(f"edge {source} to {target}", reason, errors.InvalidCell)
            return
        self.graph.edges.append((source, target, self.data(element, "edge", _EDGE_KEYS)))

    def data(self, element: Element, kind: str, known: set[str]) -> dict[str, str]:
        values = {
            name: default
            for name, of, default in self.keys.values()
            if default is not None and of in (kind, "all") and name in known
        }
        for child in element:
            if local_name(child) != "data":
                continue
            key = child.get("key", "")
            name = self.keys[key][0] if key in self.keys else key
            if name.lower() in known:
                values[name.lower()] = (child.text or "").strip()
            elif name or len(child):
                where = f"attribute {name[:60] or 'without a name'} of {kind}s"
                self.graph.ignored.setdefault(where, "no field of a roadmap is called so")
        return values

    def refuse(
        self, place: str | None, reason: str, kind: type[Any] = errors.UnreadableFile
    ) -> None:
        self.problems.append(Problem(kind.code, self.file, None, place, reason))


def _assemble(graph: _Graph, file: str, language: str, problems: list[Problem]) -> Draft:
    assembly = Assembly(home=file, problems=problems)
    about = graph.about
    language = about.get("language") or language
    start = calendar.read_date(about["start"]) if about.get("start") else None
    if about.get("start") and start is None:
        reason = f"expected {calendar.EXPECTED}"
        problems.append(Problem(errors.InvalidCell.code, file, None, "graph: start", reason))
    title = _title(about, file, problems)
    language = title.fallback if title else language
    said = graph.declared["node"] | {name for _, values in graph.nodes for name in values}
    silent = columns.silent_fields(
        sorted(said), (*columns.MILESTONE_OPTIONS, "kpis"), ("title", "description")
    )
    has_parents = _read_areas(assembly, about, file)
    if not has_parents:
        silent.add("parents")
    chapters = _read_json(about, "chapters", file, problems)
    for number, chapter in enumerate(chapters or ()):
        try:
            read = ChapterFile.model_validate(chapter)
        except ValueError:
            where = f"graph: chapters.{number}"
            reason = "expected a code, a title and paragraphs"
            problems.append(Problem(errors.InvalidCell.code, file, None, where, reason))
        else:
            add_chapter(assembly, read, file, f"graph: chapters.{number}")
    ignored = dict(graph.ignored)
    for name, value in _ASSUMED.items():
        if graph.nodes and name not in said:
            silent.add(name)
            ignored[f"{name} of nodes"] = f"no node has one; new milestones get {value}"
    for code, values in graph.nodes:
        _add_node(assembly, code, values, language, file)
    said = graph.declared["edge"] | {name for _, _, values in graph.edges for name in values}
    silent |= columns.silent_fields(sorted(said), columns.DEPENDENCY_OPTIONS, ("rationale",))
    for before, after, values in graph.edges:
        row = _Named(1, {"kind": "FS", "lag_days": "0", **_plain(values), "from": before,
                         "to": after})  # fmt: skip
        row_place = f"edge {before[:40]} to {after[:40]}"
        cells = _Elements(file, row, problems, row_place)
        read_values = columns.read_dependency(cells, language)
        assembly.add_dependency(read_values, cells.place)
    return assembly.finish(
        title=title, start=start, language=language, has_chapters=chapters is not None,
        silent=frozenset(silent), ignored=tuple(sorted(ignored.items())),
    )  # fmt: skip


_ASSUMED = {"agenda": "SRIA", "area": "general", "duration_days": "0", "title": "their code"}


def _add_node(
    assembly: Assembly, code: str, values: Mapping[str, str], language: str, file: str
) -> None:
    label = next((values[name] for name in _LABELS if values.get(name)), code)
    given = {"agenda": "SRIA", "area": "general", "duration_days": "0", **_plain(values)}
    if not any(given.get(name) for name in ("title", *columns.translations("title"))):
        given["title"] = label[:500]
    cells = _Elements(
        file, _Named(1, {**given, "code": code}), assembly.problems, f"node {code[:60]}"
    )
    milestone = columns.read_milestone(cells, language)
    kpis = _read_json(values, "kpis", file, assembly.problems)
    try:
        milestone["kpis"] = [clean_kpi(Kpi.from_document(kpi)) for kpi in kpis or ()]
    except InvalidInput as error:
        cells.refuse(f"kpis, {error.where}", str(error.params["reason"]))
    except (AttributeError, KeyError, TypeError, ValueError):
        cells.refuse("kpis", 'expected JSON such as [{"name": {"en": "…"}, "target": "10"}]')
    assembly.add_milestone(milestone, cells.place)


class _Named(Row):
    """The data of a node or an edge, as a row of a table."""


class _Elements(Cells):
    """Its cells; messages name the node or edge, and the key."""

    def __init__(self, file: str, row: Row, problems: list[Problem], name: str) -> None:
        super().__init__(file, row, problems)
        self.name = name

    @property
    def place(self) -> Place:
        return Place(self.file, None, lambda field: f"{self.name}: {columns.column_of(field)}")

    def refuse(self, column: str, reason: str, kind: type[Any] = errors.InvalidCell) -> None:
        where = f"{self.name}: {column}"
        self.problems.append(Problem(kind.code, self.file, None, where, reason))


def _plain(values: Mapping[str, str]) -> dict[str, str]:
    """Numbers as others write them (12.0) as we do, and nothing for what is empty."""
    plain = {}
    for name, value in values.items():
        match = _POINT_ZERO.fullmatch(value) if name in WHOLE_NUMBERS else None
        plain[name] = match[1] if match else value
    for name in ("agenda", "area", "duration_days", "kind", "lag_days"):
        if not plain.get(name, "x"):
            del plain[name]
    return plain


def _title(about: Mapping[str, str], file: str, problems: list[Problem]) -> LocalizedText | None:
    if not about.get("title"):
        return None
    try:
        texts = json.loads(about["title"])
    except ValueError:
        texts = about["title"]
    if isinstance(texts, str):
        texts = {about.get("language") or "en": texts}
    reason = "expected a text, or texts by language as JSON"
    if isinstance(texts, dict) and all(isinstance(text, str) for text in texts.values()):
        try:
            return clean_localized("title", texts, maximum=500)
        except InvalidInput as error:
            reason = str(error.params["reason"])
    problems.append(Problem(errors.InvalidCell.code, file, None, "graph: title", reason))
    return None


def _read_areas(assembly: Assembly, about: Mapping[str, str], file: str) -> bool:
    """Whether the graph says which areas are parts of others."""
    areas = _read_json(about, "areas", file, assembly.problems)
    place = Place(file, None, lambda field: f"graph: areas, {field}")
    has_parents = False
    for area in areas or ():
        try:
            code, title, parent = area["code"], LocalizedText(area["title"]), area.get("parent", "")
            has_parents |= "parent" in area
            assembly.add_area(str(code), title, str(parent), place)
        except (AttributeError, KeyError, TypeError, ValueError):
            assembly.refuse(place, "code", "expected a code and a title by language")
    return has_parents


def _read_json(
    values: Mapping[str, str], name: str, file: str, problems: list[Problem]
) -> list[Any] | None:
    if not values.get(name):
        return None
    try:
        read = json.loads(values[name])
    except (ValueError, RecursionError):
        read = None
    if isinstance(read, list):
        return read
    problems.append(Problem(errors.InvalidCell.code, file, None, name, "expected a list as JSON"))
    return []
