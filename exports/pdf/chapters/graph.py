"""The dependency graph as a vector figure, and every dependency in a table."""

from exports.edition import Document
from exports.pdf.blocks import Block, PageBreak
from exports.pdf.composer import Composer
from exports.pdf.inline import Run
from exports.pdf.paragraph import Paragraph
from exports.pdf.style import A4, LEAD
from exports.pdf.table import Row, Table


def graph(composer: Composer) -> list[Block | PageBreak]:
    """The chapter on dependencies: the figure on a page of its own, then the table."""
    dependencies = composer.edition.items("dependencies")
    blocks: list[Block | PageBreak] = [
        PageBreak(A4),
        composer.chapter("chapter_graph"),
        Paragraph(composer.say("graph_lead"), LEAD),
    ]
    if not dependencies:
        return [*blocks, Paragraph(composer.say("no_dependencies"))]
    return [*blocks, PageBreak(A4), _table(composer)]


def _table(composer: Composer) -> Table:
    dependencies = composer.edition.items("dependencies")
    heads = (
        ("from", False), ("to", False), ("dependency_kind", False), ("lag", True),
        ("support", True), ("status", False),
    )  # fmt: skip
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
