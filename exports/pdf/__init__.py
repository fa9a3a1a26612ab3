"""The roadmap document as PDF: PDF/UA-1 for readers, PDF/A-2a for the archive.

Layers, each knowing only those before it: ``fonts`` and ``inline`` (what may be drawn),
``structure`` and ``canvas`` (tagged drawing), ``paragraph``, ``table``, ``blocks`` and ``pages``
(layout), ``composer`` and ``chapters`` (this document).
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from exports.edition import Edition
from exports.pdf.blocks import Block, Heading, PageBreak
from exports.pdf.canvas import TaggedCanvas
from exports.pdf.chapters.areas import areas, timeline_chapter
from exports.pdf.chapters.changes import changes
from exports.pdf.chapters.closing import glossary, verification
from exports.pdf.chapters.contradictions import contradictions
from exports.pdf.chapters.dispositions import dispositions, rules
from exports.pdf.chapters.gathering import gathering
from exports.pdf.chapters.graph import graph
from exports.pdf.chapters.likelihood import likelihood
from exports.pdf.chapters.means import means
from exports.pdf.chapters.opening import at_a_glance, title_page
from exports.pdf.chapters.provenance import provenance
from exports.pdf.chapters.text import text
from exports.pdf.chapters.votes import votes
from exports.pdf.composer import Composer
from exports.pdf.contents import ContentsEntry
from exports.pdf.metadata import PRODUCER, DocumentFacts
from exports.pdf.pages import Furniture, headings, paint, place
from exports.pdf.structure import Mark
from exports.pdf.style import A4, CHAPTER

_LISTED_LEVELS = (2, 3)


def render(edition: Mapping[str, Any], *, language: str = "en") -> bytes:
    """The document of an edition: a pure function of its JSON and the language.

    Labels exist in English and French; in any other language the document's own words are
    English, and the edition's texts are in that language where they have it, marked as such.
    Raises ``UnsupportedEdition``.
    """
    reader = Edition(edition)
    composer = Composer(reader, language)
    body: list[Block | PageBreak] = []
    # A chapter that has nothing to say is left out, and so is its page.
    for chapter in (at_a_glance, text, gathering, areas, means):
        body += _on_new_page(chapter(composer))
    body += [*graph(composer), *timeline_chapter(composer)]
    for closing in (
        likelihood, contradictions, votes, dispositions, provenance, rules, changes, verification,
        glossary,
    ):  # fmt: skip
        body += _on_new_page(closing(composer))
    entries = _contents(body)
    heading = Heading(
        composer.say("contents"),
        CHAPTER,
        level=2,
        destination="contents",
        listed=False,
    )
    pages = place([*title_page(composer), PageBreak(A4), heading, *entries, *body], A4)
    numbers = headings(pages)
    for entry in entries:
        entry.page = numbers[entry.destination_of]
    canvas = TaggedCanvas(_facts(composer, language), page_count=len(pages))
    title = composer.title(reader.document["roadmap"].get("title"), empty=reader.slug or "–")
    running = f"{title.text} · {composer.say('edition_of', version=reader.version)}"
    paint(canvas, pages, Furniture(running, _page_of(composer)))
    return canvas.finish()


def _on_new_page(blocks: Sequence[Block]) -> list[Block | PageBreak]:
    return [PageBreak(A4), *blocks] if blocks else []


def _contents(body: list[Block | PageBreak]) -> list[ContentsEntry]:
    mark, chapter, entries = Mark(), 0, []
    for block in body:
        if isinstance(block, Heading) and block.listed and block.level in _LISTED_LEVELS:
            chapter += block.level == _LISTED_LEVELS[0]
            entries.append(ContentsEntry(block, chapter, mark))
    return entries


def _page_of(composer: Composer) -> Callable[[int, int], str]:
    return lambda page, pages: composer.say("page_of", page=page, pages=pages)


def _facts(composer: Composer, language: str) -> DocumentFacts:
    edition = composer.edition
    title = composer.title(edition.document["roadmap"].get("title"), empty=edition.slug or "–")
    return DocumentFacts(
        title=f"{title.text} – {composer.say('edition_of', version=edition.version)}",
        subject=composer.say("subject", sha256=edition.sha256),
        author=PRODUCER,
        language=composer.language,
        identifier=hashlib.sha256(f"{edition.sha256} {language}".encode()).hexdigest()[:32],
        day=edition.published_on,
    )
