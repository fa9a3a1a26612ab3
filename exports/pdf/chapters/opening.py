"""The title page and what one should know before reading on."""

from dataclasses import replace

from exports.pdf.blocks import Block, Callout, Heading, Spacer, bullet_list
from exports.pdf.canvas import TaggedCanvas
from exports.pdf.composer import Composer, Text
from exports.pdf.paragraph import Paragraph
from exports.pdf.structure import Element
from exports.pdf.style import (
    ACCENT,
    ACCENT_SOFT,
    ALERT,
    ALERT_TEXT,
    ALERT_WASH,
    BODY,
    LEAD,
    MILLIMETRE,
    MUTED,
    NOTE,
    TITLE,
    TextStyle,
)
from exports.pdf.table import Row, Table

_WORD_MARK = TextStyle(size=15, leading=20, face="bold", colour=ACCENT)
_EDITION = TextStyle(size=16, leading=23, colour=MUTED, after=22)
_LONG_TITLE = 70  # characters beyond which a title is set smaller


class _Mark(Paragraph):
    """The word mark with its sign: a path from one point to the next."""

    def paint(
        self, canvas: TaggedCanvas, x: float, top: float, width: float, parent: Element | None
    ) -> None:
        middle = top - self.style.leading / 2
        with canvas.artifact():
            points = [
                (x + 2, middle - 5),
                (x + 9, middle + 5),
                (x + 17, middle - 2),
                (x + 24, middle + 6),
            ]
            canvas.polyline(points, stroke=ACCENT_SOFT, line_width=1.6)
            for px, py in points:
                canvas.rectangle(px - 2.2, py - 2.2, 4.4, 4.4, fill=ACCENT)
        super().paint(canvas, x + 34, top, width - 34, parent)


def title_page(composer: Composer) -> list[Block]:
    """Word mark, title, edition, date, hash, and whether its content is simulated."""
    edition = composer.edition
    title = composer.title(
        edition.document["roadmap"].get("title"), "bold", empty=edition.slug or "–"
    )
    style = TITLE if len(title.text) <= _LONG_TITLE else replace(TITLE, size=20, leading=27)
    blocks: list[Block] = [
        _Mark("Waymark", _WORD_MARK),
        Spacer(52 * MILLIMETRE),
        Heading(
            [title],
            replace(style, keep_with_next=False),
            level=1,
            destination="title",
            language=title.language,
            listed=False,
            bookmarked=False,
        ),
        Paragraph(composer.say("edition_of", version=edition.version), _EDITION),
    ]
    if edition.simulated:
        blocks.append(simulated_notice(composer))
    rows: list[tuple[str, Text]] = [
        ("published", composer.words.date(edition.published_on)),
        ("starts", composer.words.date(edition.start)),
        ("roadmap", composer.plain(edition.slug)),
        ("edition", composer.plain(edition.version)),
        ("fingerprint", edition.sha256),
        *_approval(composer),
    ]
    blocks += [
        Spacer(18),
        composer.facts(composer.say("document_facts"), rows),
        Paragraph(composer.say("fingerprint_note"), NOTE),
    ]
    return blocks


def _approval(composer: Composer) -> list[tuple[str, Text]]:
    """Who approved it, as far as the edition's schema knows."""
    document = composer.edition.document
    if "approvals" not in document:
        return []
    if document["approvals"]:
        count = composer.words.number(len(document["approvals"]))
        return [("approved", composer.say("approved_by", n=count))]
    role = str(document.get("published_by") or "secretariat")
    key = f"role_{role}"
    name = composer.say(key) if composer.words.knows(key) else role
    return [("approved", composer.say("approved_by_nobody", role=name))]


def simulated_notice(composer: Composer) -> Callout:
    """Says that what follows did not come from people."""
    return Callout(
        [
            Paragraph(composer.say("simulated"), replace(ALERT_TEXT, after=2)),
            Paragraph(composer.say("simulated_long"), replace(BODY, after=0)),
        ],
        bar=ALERT,
        wash=ALERT_WASH,
        keep_with_next=True,
    )


def at_a_glance(composer: Composer) -> list[Block]:
    """The chapter that says what is in the document and how to read it."""
    edition, words = composer.edition, composer.words
    consultations = edition.items("consultations")
    suspended = [one for one in edition.items("dependencies") if one.get("suspended")]
    responses = [one["responses"] for one in consultations if one["responses"] is not None]
    end = edition.day(edition.document["schedule"]["makespan_days"])
    points = [
        words.counted("glance_milestones", len(edition.items("milestones")))
        + " "
        + words.counted("in_areas", len(edition.items("areas"))),
        words.counted("glance_dependencies", len(edition.items("dependencies")))
        + " "
        + words.counted("of_them_suspended", len(suspended)),
        words.counted("glance_responses", sum(responses))
        + " "
        + words.counted("from_consultations", len(consultations)),
        words.counted("glance_votes", len(edition.items("votes"))),
        words.counted("glance_changes", len(edition.items("changes"))),
        composer.say("glance_end", date=words.date(end)),
    ]
    reading = ("read_window", "read_priority", "read_suppressed", "read_links")
    item = replace(BODY, after=3)
    return [
        composer.chapter("chapter_glance"),
        Paragraph(composer.say("glance_lead"), LEAD),
        *bullet_list([Paragraph(point, item) for point in points]),
        *_areas(composer),
        composer.heading(3, composer.say("how_to_read"), "how-to-read"),
        *bullet_list([Paragraph(composer.say(key), item) for key in reading]),
        *_source(composer),
    ]


def _areas(composer: Composer) -> list[Block]:
    groups = composer.edition.milestones_by_area
    if not groups:
        return []
    rows = [
        Row(
            [
                composer.cell(composer.area_title(area)),
                composer.cell(composer.words.number(len(milestones)), number=True),
                composer.cell(
                    composer.words.number(sum(bool(one["critical"]) for one in milestones)),
                    number=True,
                ),
            ]
        )
        for area, milestones in groups
    ]
    heads = (("area", False), ("milestones", True), ("on_critical", True))
    return [
        Table(
            [composer.head(composer.say(key), number=number) for key, number in heads],
            rows,
            [6, 2, 2.4],
            caption=composer.caption(composer.say("areas_caption")),
        )
    ]


def _source(composer: Composer) -> list[Block]:
    previous = composer.edition.document.get("previous")
    spaced = replace(BODY, before=8)
    if not previous:
        return [Paragraph(composer.say("first_edition"), spaced)]
    text = composer.say("follows_edition", version=previous["version"])
    return [Paragraph(text, spaced)]
