"""The text of the roadmap, chapter by chapter; each paragraph with the code it is quoted by."""

from exports.pdf.blocks import Block
from exports.pdf.composer import Composer
from exports.pdf.inline import Run, one_line
from exports.pdf.paragraph import Paragraph
from exports.pdf.style import LEAD, NOTE


def text(composer: Composer) -> list[Block]:
    """The chapter with all that was written; nothing where the edition has no text."""
    found = composer.edition.items("chapters")
    if not found:
        return []
    blocks: list[Block] = [
        composer.chapter("chapter_text"),
        Paragraph(composer.say("text_lead"), LEAD),
    ]
    for order, chapter in enumerate(found):
        title = composer.title(chapter["title"], empty=one_line(chapter["code"]) or "–")
        blocks.append(composer.heading(3, title, f"text-{order}"))
        for paragraph in chapter["paragraphs"]:
            said = composer.run(paragraph["text"])
            lines = [line for line in said.text.split("\n") if line.strip()] or ["–"]
            blocks += [composer.paragraph(Run(line, language=said.language)) for line in lines]
            code = composer.say("paragraph_is", code=paragraph["code"])
            blocks.append(Paragraph(code, NOTE))
    return blocks
