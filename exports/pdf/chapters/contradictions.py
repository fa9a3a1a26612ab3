"""Contradictions in the input: which dependency is suspended, and why that one."""

from collections.abc import Sequence

from exports.edition import Document
from exports.pdf.blocks import Block, note
from exports.pdf.composer import Composer
from exports.pdf.inline import Run
from exports.pdf.paragraph import Paragraph
from exports.pdf.style import BODY, LEAD
from exports.pdf.table import Row, Table


def contradictions(composer: Composer) -> list[Block]:
    """The chapter on suspended dependencies."""
    blocks: list[Block] = [composer.chapter("chapter_contradictions")]
    found = composer.edition.items("contradictions")
    if not found:
        return [*blocks, Paragraph(composer.say("no_contradictions"))]
    rows = [
        Row(
            [
                composer.cell(_pair(composer, one)),
                composer.cell(composer.words.decimal(one["support"]), number=True),
                composer.cell(cycle(composer, one["cycle"])),
            ]
        )
        for one in found
    ]
    table = Table(
        [
            composer.head(composer.say("suspended_dependency")),
            composer.head(composer.say("support"), number=True),
            composer.head(composer.say("cycle")),
        ],
        rows,
        [4, 2, 8],
        caption=composer.caption(composer.say("contradictions_caption")),
    )
    return [
        *blocks,
        Paragraph(composer.say("contradictions_lead"), LEAD),
        Paragraph(composer.say("contradictions_rule"), BODY),
        table,
        note(composer.say("contradictions_note")),
    ]


def _pair(composer: Composer, edge: Document) -> list[Run]:
    return cycle(composer, [edge["from"], edge["to"]], closed=False)


def cycle(composer: Composer, codes: Sequence[str], *, closed: bool = True) -> list[Run]:
    """``A → B → A``, every code a link."""
    around = [*codes, codes[0]] if closed and codes and codes[-1] != codes[0] else list(codes)
    runs: list[Run] = []
    for code in around:
        runs += (
            [Run(" → "), composer.milestone_link(code)] if runs else [composer.milestone_link(code)]
        )
    return runs
