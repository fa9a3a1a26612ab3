"""A roadmap as GraphML: writing. See ``graphml``."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from roadmap.draft import Draft
from roadmap.formats import columns
from roadmap.formats.folder import chapter_document
from roadmap.formats.graphml import NAMESPACE, WHOLE_NUMBERS

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_graphml(draft: Draft, *, language: str = "") -> bytes:
    """``draft`` as GraphML that ``read_graphml`` reads back to the same draft.

    But for characters that XML cannot hold, which are left out. ``label`` of a node is its title
    in ``language``, for programs that show one.
    """
    own = draft.title.fallback if draft.title else "en"
    root = Element("graphml", xmlns=NAMESPACE)
    nodes = columns.milestone_writers(draft, own)
    del nodes["code"]
    edges = columns.dependency_writers(draft, own)
    del edges["from"], edges["to"]
    about: dict[str, str] = {"language": own}
    if draft.title is not None:
        about["title"] = _json(draft.title.as_dict())
    if draft.start is not None:
        about["start"] = draft.start.isoformat()
    if "areas" not in draft.silent:
        about["areas"] = _json([
            {"code": code, "title": title.as_dict()}
            | ({} if "parents" in draft.silent else {"parent": draft.parents.get(code, "")})
            for code, title in draft.areas.items()
        ])  # fmt: skip
    if draft.chapters is not None:
        about["chapters"] = _json([chapter_document(chapter) for chapter in draft.chapters])
    extra = ["label"] + ([] if "kpis" in draft.silent else ["kpis"])
    ids = {}
    for kind, names in (("graph", about), ("node", [*nodes, *extra]), ("edge", edges)):
        for name in names:
            ids[kind, name] = f"{kind[0]}_{name}"
            SubElement(root, "key", {
                "id": f"{kind[0]}_{name}", "for": kind, "attr.name": name,
                "attr.type": "int" if name in WHOLE_NUMBERS else "string",
            })  # fmt: skip
    graph = SubElement(root, "graph", edgedefault="directed")
    _write_data(graph, "graph", about.items(), ids)
    for each in draft.milestones:
        node = SubElement(graph, "node", id=clean_markup(each.code))
        _write_data(node, "node", _texts(nodes, each), ids)
        _write_data(node, "node", [("label", each.title.in_language(language or own))], ids)
        if "kpis" not in draft.silent:
            _write_data(node, "node", [("kpis", _json([k.as_document() for k in each.kpis]))], ids)
    for number, dependency in enumerate(draft.dependencies):
        edge = SubElement(
            graph, "edge", id=f"e{number}", source=clean_markup(dependency.before),
            target=clean_markup(dependency.after),
        )  # fmt: skip
        _write_data(edge, "edge", _texts(edges, dependency), ids)
    return serialise(root)


def serialise(root: Element) -> bytes:
    """The document with its declaration."""
    markup: bytes = tostring(root, encoding="utf-8")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + markup


def _texts(writers: Mapping[str, columns.Writer], row: Any) -> Iterator[tuple[str, str]]:
    for name, write in writers.items():
        text = columns.as_text(write(row))
        if text or name not in WHOLE_NUMBERS:  # nothing is no number
            yield name, text


def _write_data(
    element: Element, kind: str, values: Iterable[tuple[str, str]], ids: Mapping[Any, str]
) -> None:
    for name, text in values:
        SubElement(element, "data", key=ids[kind, name]).text = clean_markup(text)


def clean_markup(text: str) -> str:
    """The text without the characters that XML cannot hold."""
    return _NOT_IN_XML.sub("", text)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=True)
