"""The dependency graph as vector figures, and every dependency in a table."""

from exports.edition import Document
from exports.pdf.blocks import Block, Figure, PageBreak, note
from exports.pdf.chapters.graph_figure import Tile, draw_tile, readable_tiles
from exports.pdf.composer import Composer
from exports.pdf.inline import Run, one_line
from exports.pdf.paragraph import Paragraph
from exports.pdf.style import A3, A3_LANDSCAPE, A4, A4_LANDSCAPE, LEAD, PageFormat
from exports.pdf.table import Row, Table
from roadmap.pictures.layout import GraphDependency, GraphDrawing, GraphMilestone, layout_graph

# What the chapter heading, its lead, the caption and the key take on the first page.
_HEADING_ROOM = 150.0
_CAPTION_ROOM = 40.0


def graph(composer: Composer) -> list[Block | PageBreak]:
    """The chapter on dependencies: the whole graph, parts of it where it is large, the table."""
    dependencies = composer.edition.items("dependencies")
    if not dependencies:
        return [
            PageBreak(A4),
            composer.chapter("chapter_graph"),
            Paragraph(composer.say("no_dependencies")),
        ]
    drawing = _layout(composer)
    shape = _page_for(drawing)
    room = (shape.text_width, shape.text_height - _HEADING_ROOM)
    overview = Tile.whole(drawing, *room)
    blocks: list[Block | PageBreak] = [
        PageBreak(shape),
        composer.chapter("chapter_graph"),
        Paragraph(composer.say("graph_lead"), LEAD),
        composer.caption(composer.say("graph_caption")),
        _figure(composer, drawing, overview),
        note(composer.say("graph_key")),
    ]
    tiles = readable_tiles(drawing, *room)
    if len(tiles) > 1:
        tiles = readable_tiles(drawing, shape.text_width, shape.text_height - _CAPTION_ROOM)
        for order, tile in enumerate(tiles, 1):
            caption = composer.say("graph_part", part=order, parts=len(tiles))
            blocks += [composer.caption(caption), _figure(composer, drawing, tile)]
    return [*blocks, PageBreak(A4), _table(composer)]


def _page_for(drawing: GraphDrawing) -> PageFormat:
    """A4 where the whole graph can be read on it, else the A3 that needs the fewest pages."""

    def pages(shape: PageFormat, taken: float) -> int:
        return len(readable_tiles(drawing, shape.text_width, shape.text_height - taken))

    if pages(A4_LANDSCAPE, _HEADING_ROOM) == 1:
        return A4_LANDSCAPE
    return min((A3_LANDSCAPE, A3), key=lambda shape: pages(shape, _CAPTION_ROOM))


def _figure(composer: Composer, drawing: GraphDrawing, tile: Tile) -> Figure:
    shown = tile.milestones(drawing)
    alternative = composer.say(
        "graph_alternative",
        milestones=len(shown),
        layers=len({box.x for box in drawing.boxes if box.code in shown}),
        dependencies=sum(edge.before in shown and edge.after in shown for edge in drawing.edges),
        suspended=sum(
            edge.suspended and edge.before in shown and edge.after in shown
            for edge in drawing.edges
        ),
    )
    return Figure(
        lambda canvas, x, y: draw_tile(canvas, drawing, tile, x, y),
        width=tile.width,
        height=tile.height,
        alternative=alternative,
    )


def _layout(composer: Composer) -> GraphDrawing:
    edition = composer.edition
    by_code = {one["code"]: one for one in edition.items("milestones")}
    milestones = []
    for one in edition.items("milestones"):
        begins, ends = edition.window(one)
        milestones.append(
            GraphMilestone(
                code=one["code"],
                title=composer.title(one["title"]).text,
                area=one["area"],
                earliest_start=one["earliest_start"],
                critical=bool(one["critical"]),
                note="–".join(dict.fromkeys((str(begins.year), str(ends.year)))),
            )
        )
    return layout_graph(
        milestones,
        [
            GraphDependency(
                before=one["from"],
                after=one["to"],
                kind=one["kind"],
                lag_days=one["lag_days"],
                suspended=bool(one.get("suspended")),
                critical=_drives(one, by_code),
            )
            for one in edition.items("dependencies")
        ],
        [
            (area["code"], one_line(composer.area_title(area).text))
            for area, _ in edition.milestones_by_area
        ],
    )


def _drives(dependency: Document, milestones: dict[str, Document]) -> bool:
    """Whether it joins two critical milestones without a day to spare."""
    before = milestones.get(dependency["from"])
    after = milestones.get(dependency["to"])
    if dependency.get("suspended") or before is None or after is None:
        return False
    if not (before["critical"] and after["critical"]) or len(dependency["kind"]) != 2:
        return False
    ends = {"F": "earliest_finish", "S": "earliest_start"}
    leaves, arrives = (ends.get(letter) for letter in dependency["kind"])
    if leaves is None or arrives is None:
        return False
    return bool(before[leaves] + dependency["lag_days"] == after[arrives])


def _table(composer: Composer) -> Table:
    dependencies = composer.edition.items("dependencies")
    heads = (
        ("from", False),
        ("to", False),
        ("dependency_kind", False),
        ("lag", True),
        ("support", True),
        ("status", False),
    )
    return Table(
        [composer.head(composer.say(key), number=number) for key, number in heads],
        [_row(composer, one) for one in dependencies],
        [150, 150, 40, 50, 50, 60],
        caption=composer.caption(composer.say("dependencies_caption", n=len(dependencies))),
    )


def _row(composer: Composer, dependency: Document) -> Row:
    words = composer.words
    suspended = bool(dependency.get("suspended"))
    ends = [
        composer.cell(
            [
                composer.milestone_link(code, "bold"),
                Run("\N{NO-BREAK SPACE} "),
                composer.milestone_title(code),
            ]
        )
        for code in (dependency["from"], dependency["to"])
    ]
    status = composer.say("suspended" if suspended else "active")
    return Row(
        [
            *ends,
            composer.cell(composer.plain(dependency["kind"])),
            composer.cell(words.counted("days", dependency["lag_days"]), number=True),
            composer.cell(words.decimal(str(dependency["support"])), number=True),
            composer.cell(status, face="bold" if suspended else "regular"),
        ],
        emphasis=suspended,
    )
