"""Contradictions in the input: which dependency is suspended, and why that one."""

from collections.abc import Sequence

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
                composer.cell(chain(composer, [one["from"], one["to"]])),
                composer.cell(composer.words.decimal(one["support"]), number=True),
                composer.cell(_circle(composer, one["cycle"])),
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
    exact = composer.edition.document.get("contradictions_exact", True)
    rule = "contradictions_rule" if exact else "contradictions_best"
    return [
        *blocks,
        Paragraph(composer.say("contradictions_lead"), LEAD),
        Paragraph(composer.say(rule), BODY),
        table,
        note(composer.say("contradictions_note")),
    ]


def _circle(composer: Composer, codes: Sequence[str]) -> list[Run]:
    """``A → B → A``: the first code again at the end."""
    closed = len(codes) > 1 and codes[-1] == codes[0]
    return chain(composer, codes if closed else [*codes, *codes[:1]])


def chain(composer: Composer, codes: Sequence[str]) -> list[Run]:
    """``A → B``, every code a link to its milestone."""
    runs: list[Run] = []
    for code in codes:
        runs += [Run(" → ")] if runs else []
        runs.append(composer.milestone_link(code))
    return runs or [Run("–")]
