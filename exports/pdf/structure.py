"""The structure tree: what a page's marks mean (ISO 32000-1, clause 14.7).

Elements are created while painting, in reading order. A part that continues on the next page
keeps its element, so a paragraph across a page break is one paragraph to whoever listens to it.
"""

# mypy: disable-error-code="no-untyped-call"

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from reportlab.pdfbase import pdfdoc

# The structure types this writer uses (ISO 32000-1, clause 14.8.4): none needs a role map.
# fmt: off
STANDARD_TYPES = frozenset((
    "Document", "Sect", "Div", "Caption", "TOC", "TOCI", "Reference", "L", "LI", "Lbl", "LBody",
    "P", "H1", "H2", "H3", "H4", "Table", "THead", "TBody", "TR", "TH", "TD", "Span", "Link",
    "Figure",
))
# fmt: on


@dataclass(frozen=True, slots=True)
class MarkedContent:
    """A stretch of page content (``BDC`` … ``EMC``): page number from 1, number on that page."""

    page: int
    number: int


@dataclass(frozen=True, slots=True)
class AnnotationReference:
    """An annotation that belongs to the element, by its number in the document."""

    page: int
    number: int


@dataclass(eq=False)
class Element:
    """A structure element: its type, its texts for assistive technology, and what it holds.

    ``attributes`` are PDF syntax, one dictionary per owner, for example
    ``"<</O /Table /Scope /Column>>"``.
    """

    type: str
    language: str = ""
    alternative: str = ""
    attributes: str = ""
    children: list["Element | MarkedContent | AnnotationReference"] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.type not in STANDARD_TYPES:
            raise ValueError(f"{self.type} is not a structure type this writer knows")

    def add(self, child: "Element") -> "Element":
        """Append ``child`` and return it."""
        self.children.append(child)
        return child

    def walk(self) -> Iterator["Element"]:
        """This element and every one below it, in reading order."""
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.walk()


class Mark:
    """The elements of one block, created when it is first painted and shared by its parts."""

    __slots__ = ("_elements",)

    def __init__(self) -> None:
        self._elements: dict[object, Element] = {}

    def element(
        self,
        parent: Element,
        type_: str,
        key: object = None,
        *,
        language: str = "",
        alternative: str = "",
        attributes: str = "",
    ) -> Element:
        """The block's element of that key, appended to ``parent`` the first time."""
        found = self._elements.get(key)
        if found is None:
            found = parent.add(Element(type_, language, alternative, attributes))
            self._elements[key] = found
        return found

    def has(self, key: object = None) -> bool:
        """Whether a part of the block has been painted already."""
        return key in self._elements


def text_string(text: str, document: pdfdoc.PDFDocument) -> str:
    """``text`` as a PDF text string, escaped, as Latin-1 characters."""
    formatted: bytes = pdfdoc.PDFString(text).format(document)
    return formatted.decode("latin-1")


class _ElementObject(pdfdoc.PDFObject):
    """A structure element as a PDF object."""

    __RefOnly__ = 1

    def __init__(self, element: Element, parent: str, names: Mapping[int, str]) -> None:
        self._element, self._parent, self._names = element, parent, names

    def format(self, document: pdfdoc.PDFDocument) -> bytes:
        numbers = document.idToObjectNumberAndVersion
        element = self._element
        parts = [f"<</Type /StructElem /S /{element.type} /P {numbers[self._parent][0]} 0 R"]
        if element.language:
            parts.append(f"/Lang {text_string(element.language, document)}")
        if element.alternative:
            parts.append(f"/Alt {text_string(element.alternative, document)}")
        if element.attributes:
            parts.append(f"/A {element.attributes}")
        pages = [kid.page for kid in element.children if isinstance(kid, MarkedContent)]
        own = pages[0] if pages else 0
        if own:
            parts.append(f"/Pg {numbers[f'Page{own}'][0]} 0 R")
        kids = []
        for kid in element.children:
            if isinstance(kid, Element):
                kids.append(f"{numbers[self._names[id(kid)]][0]} 0 R")
            elif isinstance(kid, AnnotationReference):
                annotation = numbers[annotation_name(kid.number)][0]
                page = numbers[f"Page{kid.page}"][0]
                kids.append(f"<</Type /OBJR /Obj {annotation} 0 R /Pg {page} 0 R>>")
            elif kid.page == own:
                kids.append(str(kid.number))
            else:
                page = numbers[f"Page{kid.page}"][0]
                kids.append(f"<</Type /MCR /Pg {page} 0 R /MCID {kid.number}>>")
        if kids:
            parts.append(f"/K [{' '.join(kids)}]")
        return (" ".join(parts) + ">>").encode("latin-1")


class _TreeObject(pdfdoc.PDFObject):
    """The root of the tree, with the way back from page content and annotations to elements."""

    __RefOnly__ = 1

    def __init__(self, root: str, parents: list[list[str]], annotations: list[str]) -> None:
        self._root, self._parents, self._annotations = root, parents, annotations

    def format(self, document: pdfdoc.PDFDocument) -> bytes:
        numbers = document.idToObjectNumberAndVersion
        entries = [
            f"{key} [{' '.join(f'{numbers[name][0]} 0 R' for name in names)}]"
            for key, names in enumerate(self._parents)
        ]
        first = len(self._parents)
        entries += [
            f"{first + offset} {numbers[name][0]} 0 R"
            for offset, name in enumerate(self._annotations)
        ]
        nums = "\n".join(entries)
        return (
            f"<</Type /StructTreeRoot /K [{numbers[self._root][0]} 0 R] "
            f"/ParentTree <</Nums [{nums}]>> /ParentTreeNextKey {len(entries)}>>"
        ).encode("latin-1")


def annotation_name(number: int) -> str:
    """The name under which the document knows the annotation."""
    return f"Link{number}"


def write_tree(
    document: pdfdoc.PDFDocument,
    root: Element,
    pages: list[list[Element]],
    annotations: list[Element],
) -> pdfdoc.PDFObjectReference:
    """Register the tree with the document; returns the reference for the catalogue.

    ``pages`` holds, per page, the element of each stretch of marked content in order of its
    number; ``annotations`` the element of each annotation. Keys of the parent tree: pages first,
    then annotations, as ``TaggedCanvas`` wrote them into ``StructParents`` and ``StructParent``.
    """
    elements = list(root.walk())
    names = {id(element): f"Structure{number}" for number, element in enumerate(elements)}
    parent_of = {
        id(child): names[id(element)]
        for element in elements
        for child in element.children
        if isinstance(child, Element)
    }
    tree = _TreeObject(
        names[id(root)],
        [[names[id(element)] for element in page] for page in pages],
        [names[id(element)] for element in annotations],
    )
    reference: pdfdoc.PDFObjectReference = document.Reference(tree, "StructureTree")
    for element in elements:
        parent = parent_of.get(id(element), "StructureTree")
        document.Reference(_ElementObject(element, parent, names), names[id(element)])
    return reference
