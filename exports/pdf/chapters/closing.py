"""How to verify the document, and what its words mean."""

from dataclasses import replace

from exports.pdf.blocks import Block, numbered_list
from exports.pdf.composer import Composer
from exports.pdf.paragraph import Paragraph
from exports.pdf.style import BODY, LEAD
from exports.pdf.table import Row, Table

# Terms in the order in which a reader meets them; labels term_… and meaning_….
_TERMS = (
    "edition", "consultation", "response", "evidence", "agenda", "milestone", "dependency",
    "kind", "lag", "support", "critical", "slack", "priority", "suppressed", "trl", "contradiction",
    "qualified", "delegation",
)  # fmt: skip


def verification(composer: Composer) -> list[Block]:
    """The chain from the previous edition to this one, and the steps to check it."""
    edition = composer.edition
    previous = edition.document.get("previous")
    rows = [
        Row(
            [
                composer.cell(composer.plain(edition.version), face="bold"),
                composer.cell(composer.words.date(edition.published_on)),
                composer.cell(edition.sha256),
            ]
        )
    ]
    if previous:
        rows.insert(
            0,
            Row(
                [
                    composer.cell(composer.plain(previous["version"]), face="bold"),
                    composer.cell("–"),
                    composer.cell(composer.plain(previous["sha256"])),
                ]
            ),
        )
    chain = Table(
        [
            composer.head(composer.say("edition")),
            composer.head(composer.say("published")),
            composer.head(composer.say("fingerprint")),
        ],
        rows,
        [12, 24, 84],
        caption=composer.caption(composer.say("chain_caption")),
    )
    steps = [
        composer.say(f"verify_{step}", slug=edition.slug, version=edition.version)
        for step in range(1, 5)
    ]
    return [
        composer.chapter("chapter_verification"),
        Paragraph(composer.say("verification_lead"), LEAD),
        chain,
        composer.heading(3, composer.say("how_to_verify"), "how-to-verify"),
        *numbered_list([Paragraph(step, replace(BODY, after=4)) for step in steps]),
    ]


def glossary(composer: Composer) -> list[Block]:
    """The words this document uses, each with one meaning."""
    rows = [
        Row(
            [
                composer.cell(composer.say(f"term_{term}"), face="bold"),
                composer.cell(composer.say(f"meaning_{term}")),
            ]
        )
        for term in _TERMS
    ]
    table = Table(
        [composer.head(composer.say("term")), composer.head(composer.say("meaning"))],
        rows,
        [3, 9],
        caption=composer.caption(composer.say("glossary_caption")),
    )
    return [composer.chapter("chapter_glossary"), table]
