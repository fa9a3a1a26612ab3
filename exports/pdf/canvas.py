"""A reportlab canvas that tags what it draws and writes the same bytes every time.

reportlab 5.1 subsets fonts and writes objects; it knows neither marked content nor a structure
tree. Everything drawn here is either inside ``tagged(element)`` or inside ``artifact()``; what
is neither would fail PDF/UA-1, so drawing outside both raises. Lengths are points, the origin is
the lower left corner of the page.
"""

# mypy: disable-error-code="no-untyped-call"

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from io import BytesIO
from types import SimpleNamespace
from typing import Literal

from reportlab import rl_config
from reportlab.pdfbase import pdfdoc
from reportlab.pdfgen.canvas import Canvas

from exports.pdf import fonts
from exports.pdf.colour_profile import srgb_profile
from exports.pdf.inline import shortened
from exports.pdf.metadata import PRODUCER, DocumentFacts
from exports.pdf.structure import (
    AnnotationReference,
    Element,
    MarkedContent,
    annotation_name,
    write_tree,
)

# Whatever a settings file or the environment asks of reportlab, the bytes are the same.
vars(rl_config).update(pdfComments=0, pdfMultiLine=0, invariant=1)

Colour = tuple[float, float, float]
Point = tuple[float, float]
Artifact = Literal["Layout", "Page", "Header", "Footer", "Repeated"]

_ARTIFACTS: dict[Artifact, str] = {
    "Layout": "<</Type /Layout>>",
    "Page": "<</Type /Page>>",
    "Header": "<</Type /Pagination /Subtype /Header /Attached [/Top]>>",
    "Footer": "<</Type /Pagination /Subtype /Footer /Attached [/Bottom]>>",
    "Repeated": "<</Type /Pagination>>",
}


def number(value: float) -> str:
    """A PDF number with at most two decimals (a 7000th of an inch)."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if value else "0"


def _terminated(stream: pdfdoc.PDFStream, document: pdfdoc.PDFDocument) -> bytes:
    """A stream with an end of line before ``endstream`` (PDF/A-2, clause 6.1.7.1).

    Both characters of it, so that data ending in either of them keeps its length.
    """
    formatted: bytes = type(stream).format(stream, document)
    return formatted.removesuffix(b"endstream\n") + b"\r\nendstream\n"


class _Document(pdfdoc.PDFDocument):
    """reportlab's document without its clock, and with conforming streams."""

    def __init__(self, facts: DocumentFacts) -> None:
        super().__init__(compression=1, invariant=1, pdfVersion=(1, 7), lang=facts.language)
        day = facts.day
        vars(self)["_timeStamp"] = SimpleNamespace(
            YMDhms=(day.year, day.month, day.day, 0, 0, 0), dhh=0, dmm=0
        )
        self._facts = facts
        info = self.info
        info.title, info.author, info.subject = facts.title, facts.author, facts.subject
        info.creator = info.producer = PRODUCER

    def Reference(  # noqa: N802
        self, obj: object, name: str | None = None
    ) -> pdfdoc.PDFObjectReference:
        if isinstance(obj, pdfdoc.PDFStream) and "format" not in vars(obj):
            vars(obj)["format"] = partial(_terminated, obj)
        reference: pdfdoc.PDFObjectReference = super().Reference(obj, name)
        return reference

    def ID(self) -> bytes:  # noqa: N802
        return f"[<{self._facts.identifier}><{self._facts.identifier}>]".encode("ascii")


class TaggedCanvas(Canvas):
    """Draws marked content and keeps the account of it."""

    def __init__(self, facts: DocumentFacts, *, page_count: int) -> None:
        self._output = BytesIO()
        super().__init__(self._output, pageCompression=1, invariant=1, pdfVersion=(1, 7))
        self._doc = _Document(facts)
        self._facts = facts
        self._page_count = page_count
        self.root = Element("Document")
        self._pages: list[list[Element]] = []
        self._marks: list[Element] = []
        self._links: list[Element] = []
        self._inside = ""

    def _make_preamble(self) -> None:
        # reportlab's own would name Helvetica, which is not embedded.
        self._preamble = "1 0 0 1 0 0 cm"

    # Marked content

    @contextmanager
    def tagged(self, element: Element) -> Iterator[None]:
        """What is drawn inside belongs to ``element``."""
        mark = MarkedContent(self._pageNumber, len(self._marks))
        self._enter(f"/{element.type} <</MCID {mark.number}>> BDC", "content")
        self._marks.append(element)
        element.children.append(mark)
        yield
        self._leave()

    @contextmanager
    def artifact(self, kind: Artifact = "Layout") -> Iterator[None]:
        """What is drawn inside means nothing to someone who listens."""
        self._enter(f"/Artifact {_ARTIFACTS[kind]} BDC", "artifact")
        yield
        self._leave()

    def _enter(self, operator: str, kind: str) -> None:
        if self._inside:
            raise RuntimeError("marked content cannot be nested")
        self._inside = kind
        self._code.append(operator)

    def _leave(self) -> None:
        self._inside = ""
        self._code.append("EMC")

    def _draw(self, operators: str) -> None:
        if not self._inside:
            raise RuntimeError("nothing may be drawn outside marked content")
        self._code.append(operators)

    # Drawing

    def text(
        self, x: float, y: float, text: str, *, face: fonts.Face, size: float, colour: Colour
    ) -> None:
        """Set drawable ``text`` with its baseline starting at (x, y)."""
        if not fonts.drawable().issuperset(text):
            raise ValueError("the text has characters that no embedded font can draw")
        operators = [f"{_rgb(colour)} rg BT 1 0 0 1 {number(x)} {number(y)} Tm"]
        for name, stretch in fonts.pieces(text, face):
            program = fonts.font(name)
            for subset, encoded in program.splitString(stretch, self._doc):
                resource = program.getSubsetInternalName(subset, self._doc)
                operators.append(f"{resource} {number(size)} Tf ({_escaped(encoded)}) Tj")
        self._draw(" ".join(operators) + " ET")

    def rectangle(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        fill: Colour | None = None,
        stroke: Colour | None = None,
        line_width: float = 0.5,
    ) -> None:
        """A rectangle from its lower left corner."""
        corners = " ".join(map(number, (x, y, width, height)))
        self._draw(f"q {_paint(fill, stroke, line_width)}{corners} re {_operator(fill, stroke)} Q")

    def polygon(self, points: Sequence[Point], *, fill: Colour) -> None:
        """A filled closed shape."""
        self._draw(f"q {_rgb(fill)} rg {_path(points)} h f Q")

    def polyline(
        self,
        points: Sequence[Point],
        *,
        stroke: Colour,
        line_width: float = 0.5,
        dash: Sequence[float] = (),
    ) -> None:
        """Straight strokes through ``points``."""
        self._draw(f"q {_pen(stroke, line_width, dash)} {_path(points)} S Q")

    def curve(
        self,
        points: Sequence[Point],
        *,
        stroke: Colour,
        line_width: float = 0.5,
        dash: Sequence[float] = (),
    ) -> None:
        """Cubic Bézier curves: a start, then three points for each stretch."""
        path = [f"{_pair(points[0])} m"]
        path += [
            " ".join(map(_pair, points[index : index + 3])) + " c"
            for index in range(1, len(points) - 2, 3)
        ]
        self._draw(f"q {_pen(stroke, line_width, dash)} {' '.join(path)} S Q")

    @contextmanager
    def clipped(self, x: float, y: float, width: float, height: float) -> Iterator[None]:
        """What is drawn inside shows only within the rectangle."""
        corners = " ".join(map(number, (x, y, width, height)))
        self._draw(f"q {corners} re W n")
        yield
        self._draw("Q")

    # Navigation

    def destination(self, key: str, x: float, y: float) -> None:
        """Name a place on the current page that links and bookmarks lead to."""
        self.bookmarkPage(key, fit="XYZ", left=x, top=y, zoom=0)

    def link(
        self, element: Element, key: str, description: str, box: tuple[float, float, float, float]
    ) -> None:
        """An active area (x0, y0, x1, y1) that leads to a destination inside the document.

        There is no other kind: nothing a user wrote can become an address.
        """
        order = len(self._links)
        annotation = pdfdoc.PDFDictionary(
            {
                "Type": pdfdoc.PDFName("Annot"),
                "Subtype": pdfdoc.PDFName("Link"),
                "Rect": pdfdoc.PDFArray([number(value) for value in box]),
                "Border": pdfdoc.PDFArray([0, 0, 0]),
                "F": 4,
                "Dest": self._bookmarkReference(key),
                "Contents": pdfdoc.PDFString(shortened(description)),
                "StructParent": self._page_count + order,
            }
        )
        self._annotationrefs.append(self._doc.Reference(annotation, annotation_name(order)))
        self._links.append(element)
        element.children.append(AnnotationReference(self._pageNumber, order))

    def bookmark(self, title: str, key: str, level: int) -> None:
        """An entry of the outline, closed, leading to a destination."""
        self.addOutlineEntry(shortened(title), key, level, closed=True)

    # Pages and the file

    def begin_page(self, width: float, height: float) -> None:
        """Set the size of the current page."""
        self.setPageSize((width, height))

    def end_page(self) -> None:
        """Close the current page."""
        if self._inside:
            raise RuntimeError("the page ends inside marked content")
        self.showPage()

    def _setAnnotations(self, page: pdfdoc.PDFPage) -> None:  # noqa: N802
        """reportlab's hook for a page that is about to be written."""
        super()._setAnnotations(page)
        vars(page).update(
            __NoDefault__=[*pdfdoc.PDFPage.__NoDefault__, "StructParents", "Tabs"],
            StructParents=len(self._pages),
            Tabs=pdfdoc.PDFName("S"),
            Contents=pdfdoc.PDFStream(content=page.stream, filters=[pdfdoc.PDFZCompress]),
        )
        self._pages.append(self._marks)
        self._marks = []

    def finish(self) -> bytes:
        """The whole file."""
        if len(self._pages) != self._page_count:
            raise RuntimeError(f"{len(self._pages)} pages drawn, {self._page_count} promised")
        entries = [*pdfdoc.PDFCatalog.__NoDefault__, "OutputIntents"]
        decimal = pdfdoc.PDFDictionary({"S": pdfdoc.PDFName("D")})
        vars(self._doc.Catalog).update(
            __NoDefault__=entries,
            __Refs__=entries,
            StructTreeRoot=write_tree(self._doc, self.root, self._pages, self._links),
            MarkInfo=pdfdoc.PDFDictionary({"Marked": "true"}),
            PageLabels=pdfdoc.PDFDictionary({"Nums": pdfdoc.PDFArray([0, decimal])}),
            OutputIntents=pdfdoc.PDFArray([self._output_intent()]),
            Metadata=self._metadata(),
        )
        self.setViewerPreference("DisplayDocTitle", "true")
        self.showOutline()
        self.save()
        return self._output.getvalue()

    def _metadata(self) -> pdfdoc.PDFStream:
        # Not compressed, so that archives can read it without a PDF library.
        kind = {"Type": pdfdoc.PDFName("Metadata"), "Subtype": pdfdoc.PDFName("XML")}
        return pdfdoc.PDFStream(pdfdoc.PDFDictionary(kind), self._facts.xmp())

    def _output_intent(self) -> pdfdoc.PDFDictionary:
        profile = pdfdoc.PDFStream(
            pdfdoc.PDFDictionary({"N": 3}), srgb_profile(), [pdfdoc.PDFZCompress]
        )
        return pdfdoc.PDFDictionary(
            {
                "Type": pdfdoc.PDFName("OutputIntent"),
                "S": pdfdoc.PDFName("GTS_PDFA1"),
                "OutputConditionIdentifier": pdfdoc.PDFString("sRGB IEC61966-2.1"),
                "Info": pdfdoc.PDFString("sRGB IEC61966-2.1"),
                "DestOutputProfile": self._doc.Reference(profile, "ColourProfile"),
            }
        )


def _rgb(colour: Colour) -> str:
    return " ".join(f"{part:.3f}" for part in colour)


def _pair(point: Point) -> str:
    return f"{number(point[0])} {number(point[1])}"


def _path(points: Sequence[Point]) -> str:
    first, *rest = map(_pair, points)
    return " ".join([f"{first} m", *(f"{point} l" for point in rest)])


def _pen(stroke: Colour, line_width: float, dash: Sequence[float]) -> str:
    pattern = f" [{' '.join(map(number, dash))}] 0 d" if dash else ""
    return f"{_rgb(stroke)} RG {number(line_width)} w{pattern}"


def _paint(fill: Colour | None, stroke: Colour | None, line_width: float) -> str:
    parts = ""
    if fill is not None:
        parts += f"{_rgb(fill)} rg "
    if stroke is not None:
        parts += f"{_pen(stroke, line_width, ())} "
    return parts


def _operator(fill: Colour | None, stroke: Colour | None) -> str:
    return {(True, True): "B", (True, False): "f", (False, True): "S"}.get(
        (fill is not None, stroke is not None), "n"
    )


def _escaped(encoded: bytes) -> str:
    """A PDF literal string's inside, as Latin-1 characters for reportlab to write."""
    out = []
    for byte in encoded:
        if byte in b"()\\":
            out.append("\\" + chr(byte))
        elif 32 <= byte < 127:
            out.append(chr(byte))
        else:
            out.append(f"\\{byte:03o}")
    return "".join(out)
