"""The receipt of a response as PDF: PDF/UA-1 for readers, PDF/A-2a to keep.

All words come with the document, ready in its language; this is layout alone. A pure function of
what is given, byte for byte the same on every run.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from exports.pdf.blocks import Block, Heading, PageBreak, Spacer, numbered_list
from exports.pdf.canvas import TaggedCanvas
from exports.pdf.inline import Run, one_line, printable
from exports.pdf.metadata import PRODUCER, DocumentFacts
from exports.pdf.pages import Furniture, paint, place
from exports.pdf.paragraph import Paragraph
from exports.pdf.style import (
    A4,
    BODY,
    CAPTION,
    CELL,
    CELL_HEAD,
    CHAPTER,
    LEAD,
    MUTED,
    SECTION,
    SUBSECTION,
    TITLE,
)
from exports.pdf.table import Row, Table


@dataclass(frozen=True, slots=True)
class Words:
    """A text and the language it is in; empty where it is the document's own."""

    text: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """A question and its answer, a line a choice or row."""

    question: Words
    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class Part:
    """A section of the questionnaire, as it was answered."""

    title: Words
    questions: Sequence[Answered]


@dataclass(frozen=True, slots=True)
class Facts:
    """A table of names and values under a heading; ``columns`` are its two heads."""

    heading: str
    caption: str
    columns: tuple[str, str]
    rows: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class ReceiptDocument:
    """Everything the document says. ``page_of`` is a ``str.format`` template with ``page`` and
    ``pages``; ``no_answer`` stands where a question was left out."""

    title: str
    subject: str
    language: str
    day: date
    lead: str
    consultation: Words
    summary: Facts
    parts: Sequence[Part]
    no_answer: str
    proof: Facts
    check: str
    steps: Sequence[str]
    page_of: str


def render(document: ReceiptDocument) -> bytes:
    """The document's bytes."""
    blocks: list[Block | PageBreak] = [
        _heading(Words(document.title), 1, "receipt"),
        _paragraph(document.consultation),
        Paragraph(printable(document.lead), LEAD),
        *_facts(document.summary, "summary"),
    ]
    for order, part in enumerate(document.parts, start=1):
        blocks.append(_heading(part.title, 2, f"part-{order}"))
        for position, answered in enumerate(part.questions, start=1):
            blocks += _answer(answered, f"answer-{order}-{position}", document.no_answer)
    blocks += _facts(document.proof, "proof")
    blocks.append(_heading(Words(document.check), 3, "check"))
    blocks += numbered_list(
        [Paragraph(printable(step), replace(BODY, after=4)) for step in document.steps]
    )
    pages = place(blocks, A4)
    canvas = TaggedCanvas(_catalogue(document), page_count=len(pages))
    running = f"{document.title} · {document.consultation.text}"
    paint(canvas, pages, Furniture(one_line(running), lambda page, pages: one_line(
        document.page_of.format(page=page, pages=pages)
    )))  # fmt: skip
    return canvas.finish()


_LEVELS = {1: replace(TITLE, size=26, leading=32), 2: replace(CHAPTER, size=16, leading=22,
           before=18, after=8), 3: SUBSECTION}  # fmt: skip


def _heading(words: Words, level: int, destination: str) -> Heading:
    style = _LEVELS[level]
    return Heading(
        [Run(one_line(words.text) or "–", style.face)], style, level=level,
        destination=destination, language=words.language, bookmarked=level < 3,
    )  # fmt: skip


def _paragraph(words: Words) -> Paragraph:
    return Paragraph(
        [Run(printable(words.text) or "–", SECTION.face)], replace(SECTION, keep_with_next=False),
        language=words.language,
    )  # fmt: skip


def _answer(answered: Answered, destination: str, no_answer: str) -> list[Block]:
    blocks: list[Block] = [_heading(answered.question, 3, destination)]
    if not answered.lines:
        return [*blocks, Paragraph(printable(no_answer), replace(BODY, colour=MUTED))]
    return [*blocks, *(Paragraph(printable(line) or "–", BODY) for line in answered.lines)]


def _facts(facts: Facts, destination: str) -> list[Block]:
    bold = replace(CELL, face="bold")
    rows = [
        Row([Paragraph(one_line(name), bold), Paragraph(printable(value) or "–", CELL)])
        for name, value in facts.rows
    ]
    table = Table(
        [Paragraph(one_line(head), CELL_HEAD) for head in facts.columns], rows, [3, 8],
        caption=Paragraph(one_line(facts.caption), CAPTION, type_="Caption"),
    )  # fmt: skip
    return [_heading(Words(facts.heading), 2, destination), table, Spacer(4)]


def _catalogue(document: ReceiptDocument) -> DocumentFacts:
    content = repr((document.title, document.summary.rows, document.proof.rows, document.parts))
    return DocumentFacts(
        title=one_line(document.title),
        subject=one_line(document.subject),
        author=PRODUCER,
        language=document.language,
        identifier=hashlib.sha256(f"{document.language} {content}".encode()).hexdigest()[:32],
        day=document.day,
    )
