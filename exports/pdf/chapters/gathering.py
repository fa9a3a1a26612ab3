"""How the input was gathered: each consultation with its dates, its n and who took part."""

from collections.abc import Sequence

from exports.edition import Document
from exports.pdf.blocks import Block, note
from exports.pdf.chapters.drawings import bar_chart
from exports.pdf.chapters.opening import simulated_notice
from exports.pdf.composer import Composer
from exports.pdf.inline import one_line, shortened
from exports.pdf.paragraph import Paragraph
from exports.pdf.style import LEAD
from exports.pdf.table import Row, Table


def gathering(composer: Composer) -> list[Block]:
    """The chapter on consultations."""
    consultations = composer.edition.items("consultations")
    blocks: list[Block] = [composer.chapter("chapter_gathering")]
    if not consultations:
        return [*blocks, Paragraph(composer.say("no_consultations"))]
    blocks.append(Paragraph(composer.say("gathering_lead"), LEAD))
    for order, consultation in enumerate(consultations):
        blocks += _consultation(composer, consultation, order)
    return blocks


def _consultation(composer: Composer, consultation: Document, order: int) -> list[Block]:
    words = composer.words
    title = composer.consultation_title(consultation["slug"])
    blocks: list[Block] = [composer.heading(3, title, f"consultation-{order}")]
    if consultation.get("simulated"):
        blocks.append(simulated_notice(composer))
    kind = "kind_targeted" if consultation["kind"] == "targeted" else "kind_public"
    rows = [
        ("kind", composer.say(kind)),
        ("opened", words.date(consultation["opens_on"])),
        ("closed", words.date(consultation["closes_on"])),
        ("responses", words.count(consultation["responses"])),
    ]
    blocks.append(composer.facts(composer.say("consultation_facts"), rows))
    breakdowns = (
        ("by_respondent_type", "respondent_type", words.respondent_type),
        ("by_country", "country", words.country),
    )
    for key, head, name in breakdowns:
        counted = consultation.get(key) or []
        if counted:
            labelled = [(one_line(name(str(one["label"]))), one["count"]) for one in counted]
            blocks += breakdown(composer, head, labelled, consultation["responses"])
    return blocks


def breakdown(
    composer: Composer, head: str, counted: Sequence[tuple[str, int | None]], total: int | None
) -> list[Block]:
    """A chart with its table: what is counted, by which label, out of ``total``."""
    words = composer.words
    shown = [(label, count, words.count(count)) for label, count in counted]
    known = sorted(((count or 0, label) for label, count, _ in shown), reverse=True)
    alternative = composer.say(
        "chart_alternative",
        what=composer.say(head).lower(),
        n=words.count(total),
        first=shortened(known[0][1]),
        count=words.number(known[0][0]),
    )
    caption = composer.say("responses_by", what=composer.say(head).lower(), n=words.count(total))
    rows = [
        Row(
            [
                composer.cell(label),
                composer.cell(text, number=True),
                composer.cell(_share(composer, count, total), number=True),
            ]
        )
        for label, count, text in shown
    ]
    table = Table(
        [
            composer.head(composer.say(head)),
            composer.head(composer.say("responses"), number=True),
            composer.head(composer.say("share"), number=True),
        ],
        rows,
        [6, 2, 2],
        caption=composer.caption(composer.say("table_of", what=caption)),
    )
    blocks: list[Block] = [
        composer.caption(caption),
        *bar_chart(shown, alternative),
        table,
    ]
    if any(count is None for _, count in counted):
        blocks.append(note(composer.say("suppressed_note")))
    return blocks


def _share(composer: Composer, count: int | None, total: int | None) -> str:
    if count is None or not total:
        return "–"
    return composer.words.percent(f"{100 * count / total:.1f}")
