"""The areas with their milestones, and the timeline."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from exports.edition import Document
from exports.pdf.blocks import Block, PageBreak, note
from exports.pdf.chapters.drawings import Bar, timeline
from exports.pdf.composer import Composer
from exports.pdf.inline import one_line, shortened
from exports.pdf.paragraph import Paragraph
from exports.pdf.style import A4_LANDSCAPE, AREA_COLOURS, BODY, LEAD
from exports.pdf.table import Row, Table

_ROWS_PER_FIGURE = 26


def areas(composer: Composer) -> list[Block]:
    """The chapter of milestone tables, one for each area."""
    blocks: list[Block] = [
        composer.chapter("chapter_areas"),
        Paragraph(composer.say("areas_lead"), LEAD),
    ]
    for order, (area, milestones) in enumerate(composer.edition.milestones_by_area):
        title = composer.area_title(area)
        blocks.append(composer.heading(3, title, f"area-{order}"))
        if not milestones:
            blocks.append(Paragraph(composer.say("area_empty")))
            continue
        blocks += [
            Paragraph(_summary(composer, milestones), replace(BODY, keep_with_next=True)),
            _milestone_table(composer, milestones),
        ]
    return blocks


def _summary(composer: Composer, milestones: Sequence[Document]) -> str:
    words = composer.words
    windows = [composer.edition.window(milestone) for milestone in milestones]
    critical = sum(1 for milestone in milestones if milestone["critical"])
    sentences = [
        words.counted("area_milestones", len(milestones)),
        composer.say(
            "area_window",
            begins=words.date(min(begins for begins, _ in windows)),
            ends=words.date(max(ends for _, ends in windows)),
        ),
    ]
    if critical:
        sentences.append(words.counted("area_critical", critical))
    return " ".join(sentences)


def _milestone_table(composer: Composer, milestones: Sequence[Document]) -> Table:
    heads = ("code", "title", "agenda", "window", "trl", "lead", "priority")
    rows = [Row(_cells(composer, one), emphasis=bool(one["critical"])) for one in milestones]
    return Table(
        [composer.head(composer.say(key), number=key == "priority") for key in heads],
        rows,
        [52, 138, 44, 100, 32, 78, 48],
    )


def _cells(composer: Composer, milestone: Document) -> list[Paragraph]:
    words = composer.words
    begins, ends = composer.edition.window(milestone)
    priority = milestone.get("priority") or {}
    return [
        composer.cell(composer.milestone_link(milestone["code"], "bold")),
        composer.cell(composer.title(milestone["title"])),
        composer.cell(composer.plain(milestone["agenda"])),
        composer.cell(_window(composer, begins, ends)),
        composer.cell(readiness(milestone)),
        composer.cell(composer.plain(milestone.get("lead") or "–")),
        composer.cell(words.decimal(priority.get("score")), number=True),
    ]


def _window(composer: Composer, begins: date, ends: date) -> str:
    """Two lines, or one for a milestone of a single day."""
    first, last = composer.words.date(begins), composer.words.date(ends)
    return first if first == last else f"{first}\N{NO-BREAK SPACE}–\n{last}"


def readiness(milestone: Document) -> str:
    """Technology readiness from–to, as far as it is given."""
    levels = [milestone.get(key) for key in ("trl_from", "trl_to")]
    known = [str(level) for level in levels if level is not None]
    return "–".join(dict.fromkeys(known)) or "–"


def timeline_chapter(composer: Composer) -> list[Block | PageBreak]:
    """The timeline as figures, one or more for each area, and the dates as a table."""
    edition, words = composer.edition, composer.words
    shape = A4_LANDSCAPE
    windows = [edition.window(one) for one in edition.items("milestones")]
    blocks: list[Block | PageBreak] = [
        PageBreak(shape),
        composer.chapter("chapter_timeline"),
        Paragraph(composer.say("timeline_lead"), LEAD),
    ]
    if not windows:
        return [*blocks, Paragraph(composer.say("no_milestones"))]
    first = min(begins for begins, _ in windows)
    last = max(edition.latest_finish(one) for one in edition.items("milestones"))
    for order, (area, milestones) in enumerate(edition.milestones_by_area):
        for start in range(0, len(milestones), _ROWS_PER_FIGURE):
            part = milestones[start : start + _ROWS_PER_FIGURE]
            bars = [_bar(composer, one) for one in part]
            alternative = composer.say(
                "timeline_alternative",
                area=shortened(composer.area_title(area).text),
                n=len(part),
                begins=words.date(min(bar.begins for bar in bars)),
                ends=words.date(max(bar.ends for bar in bars)),
            )
            blocks += [
                composer.caption(composer.area_title(area)),
                timeline(
                    bars,
                    first=date(first.year, 1, 1),
                    last=last,
                    colour=AREA_COLOURS[order % len(AREA_COLOURS)],
                    width=shape.text_width,
                    alternative=alternative,
                ),
            ]
    return [*blocks, note(composer.say("timeline_note")), _dates_table(composer)]


def _bar(composer: Composer, milestone: Document) -> Bar:
    begins, ends = composer.edition.window(milestone)
    return Bar(
        code=one_line(milestone["code"]),
        title=composer.title(milestone["title"]).text,
        begins=begins,
        ends=ends,
        slack_end=composer.edition.latest_finish(milestone),
        critical=bool(milestone["critical"]),
    )


def _dates_table(composer: Composer) -> Table:
    edition, words = composer.edition, composer.words
    heads = (
        ("code", False),
        ("title", False),
        ("begins_earliest", False),
        ("ends_earliest", False),
        ("ends_latest", False),
        ("slack", True),
        ("critical", False),
    )
    rows = []
    for _, milestones in edition.milestones_by_area:
        for one in milestones:
            begins, ends = edition.window(one)
            rows.append(
                Row(
                    [
                        composer.cell(composer.milestone_link(one["code"], "bold")),
                        composer.cell(composer.title(one["title"])),
                        composer.cell(words.date(begins)),
                        composer.cell(words.date(ends)),
                        composer.cell(words.date(edition.latest_finish(one))),
                        composer.cell(words.counted("days", one["total_slack"]), number=True),
                        composer.cell(composer.say("yes" if one["critical"] else "no")),
                    ],
                    emphasis=bool(one["critical"]),
                )
            )
    return Table(
        [composer.head(composer.say(key), number=number) for key, number in heads],
        rows,
        [54, 240, 88, 88, 88, 62, 50],
        caption=composer.caption(composer.say("dates_caption")),
    )
