"""What a reader of a PDF can find out: structure, attributes, links. For tests."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from pypdf import PdfReader


@dataclass
class Node:
    """A structure element as read from the file."""

    type: str
    language: str = ""
    alternative: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)
    children: list["Node"] = field(default_factory=list)
    marks: int = 0
    annotations: int = 0
    order: list[str] = field(default_factory=list)

    def walk(self) -> Iterator["Node"]:
        yield self
        for child in self.children:
            yield from child.walk()

    def all(self, type_: str) -> list["Node"]:
        return [node for node in self.walk() if node.type == type_]


def open_pdf(content: bytes) -> PdfReader:
    return PdfReader(BytesIO(content), strict=True)


def structure(reader: PdfReader) -> Node:
    """The structure tree of the file."""
    root = reader.trailer["/Root"]["/StructTreeRoot"]
    return _node(root["/K"][0].get_object())


def _node(element: Any) -> Node:
    attributes = element.get("/A", {})
    node = Node(
        element["/S"][1:],
        str(element.get("/Lang", "")),
        str(element.get("/Alt", "")),
        {key[1:]: value for key, value in attributes.items()},
    )
    for kid in element.get("/K", []):
        found = kid.get_object()
        if isinstance(found, int):
            node.marks += 1
            node.order.append("content")
        elif found.get("/Type") == "/OBJR":
            node.annotations += 1
            node.order.append("annotation")
        elif found.get("/Type") == "/MCR":
            node.marks += 1
            node.order.append("content")
        else:
            node.children.append(_node(found))
            node.order.append(node.children[-1].type)
    return node


def bookmarks(reader: PdfReader) -> list[tuple[str, int]]:
    """Titles and page numbers (from 1) of all bookmarks, in order."""

    def walk(entries: list[Any]) -> Iterator[tuple[str, int]]:
        for entry in entries:
            if isinstance(entry, list):
                yield from walk(entry)
            else:
                yield entry.title, reader.get_destination_page_number(entry) + 1

    return list(walk(reader.outline))
