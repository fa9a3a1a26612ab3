"""Provenance: what each milestone rests on, down to the counts."""

from collections.abc import Sequence
from dataclasses import replace

from exports.edition import Document
from exports.pdf.blocks import Block, note
from exports.pdf.chapters.areas import readiness
from exports.pdf.composer import Composer
from exports.pdf.inline import Run, one_line
from exports.pdf.paragraph import Paragraph
from exports.pdf.style import BODY, LEAD, NOTE
from exports.pdf.table import Row, Table

_ANSWERS_PER_TABLE = 6
_LEADS_ON = replace(NOTE, keep_with_next=True)


def provenance(composer: Composer) -> list[Block]:
    """The chapter with one section for each milestone, then the dependencies with evidence."""
    blocks: list[Block] = [
        composer.chapter("chapter_provenance"),
        Paragraph(composer.say("provenance_lead"), LEAD),
        note(composer.say("suppressed_note")),
    ]
    for _, milestones in composer.edition.milestones_by_area:
        for milestone in milestones:
            blocks += _milestone(composer, milestone)
    linked = [one for one in composer.edition.items("dependencies") if one.get("evidence")]
    if linked:
        heading = composer.heading(3, composer.say("dependency_evidence"), "dependency-evidence")
        blocks.append(heading)
    for order, dependency in enumerate(linked):
        ends = [composer.plain(dependency["from"]), Run(" → "), composer.plain(dependency["to"])]
        blocks.append(composer.heading(4, ends, f"dependency-{order}", listed=False))
        for evidence in dependency["evidence"]:
            blocks += evidence_blocks(composer, evidence)
    return blocks


def _milestone(composer: Composer, milestone: Document) -> list[Block]:
    words, edition = composer.words, composer.edition
    begins, ends = edition.window(milestone)
    title = composer.title(milestone["title"], "bold")
    # No section of the contents: forty lines of titles would bury the chapters.
    heading = composer.heading(
        3,
        [composer.plain(milestone["code"]), Run("\N{NO-BREAK SPACE} "), title],
        composer.milestone_destination(milestone["code"]),
        listed=False,
    )
    facts = " · ".join(
        [
            one_line(milestone["agenda"]) or "–",
            composer.say("from_to", begins=words.date(begins), ends=words.date(ends)),
            composer.say("trl_is", levels=readiness(milestone)),
            composer.say("lead_is", lead=milestone.get("lead") or "–"),
            composer.say("on_critical_path")
            if milestone["critical"]
            else composer.say("slack_is", days=words.counted("days", milestone["total_slack"])),
        ]
    )
    blocks: list[Block] = [heading, Paragraph(facts, _LEADS_ON)]
    if any(milestone.get("description", {}).values()):
        blocks += [
            composer.paragraph(Run(text, language=run.language))
            for run in [composer.run(milestone["description"])]
            for text in run.text.split("\n")
            if text.strip()
        ]
    blocks += _priority(composer, milestone.get("priority"))
    if not milestone.get("evidence"):
        blocks.append(Paragraph(composer.say("no_evidence"), BODY))
    for evidence in milestone.get("evidence") or []:
        blocks += evidence_blocks(composer, evidence)
    return blocks


def _priority(composer: Composer, priority: Document | None) -> list[Block]:
    if not priority or priority.get("score") is None:
        return []
    text = composer.say(
        "priority_is",
        score=composer.words.decimal(priority["score"]),
        n=composer.words.count(priority["n"]),
    )
    formula = composer.english(priority.get("formula") or "–")
    return [
        composer.paragraph(
            [Run(text + " ", "bold"), Run(composer.say("formula_is") + " "), formula]
        )
    ]


def evidence_blocks(composer: Composer, evidence: Document) -> list[Block]:
    """What was asked, in which consultation, and the counts by group."""
    words = composer.words
    asked = composer.question_title(evidence)
    source: list[Run] = [
        Run(composer.say("asked_in") + " "),
        composer.consultation_title(evidence["consultation"]),
        Run(", " + composer.say("question_is", code=evidence["question"])),
    ]
    if evidence.get("option") is not None:
        option = composer.title(
            evidence.get("option_label"), empty=one_line(str(evidence["option"])) or "–"
        )
        source += [Run("; " + composer.say("option_is") + " "), option]
    if evidence.get("score") is not None:
        score = composer.say("score_is", score=words.decimal(evidence["score"]))
        source.append(Run(". " + score))
    blocks: list[Block] = [composer.paragraph(source, _LEADS_ON)]
    blocks += _count_tables(composer, evidence, asked)
    counted: list[Run] = []
    if evidence.get("query"):
        counted += [Run(composer.say("query_is") + " "), composer.english(evidence["query"])]
    if evidence.get("formula"):
        counted += [Run(". ")] if counted else []
        counted += [Run(composer.say("formula_is") + " "), composer.english(evidence["formula"])]
    if counted:
        blocks.append(composer.paragraph(counted, NOTE))
    return blocks


def _count_tables(composer: Composer, evidence: Document, asked: Run) -> list[Block]:
    """Rows are groups, columns answers; many answers take several tables of the same rows."""
    groups = [(composer.say("all_respondents"), evidence["answered"], evidence["counts"])]
    groups += [
        (
            one_line(composer.words.respondent_type(str(one["group"]))) or "–",
            one["answered"],
            one["counts"],
        )
        for one in evidence.get("by_group") or []
    ]
    labels = list(dict.fromkeys(str(count["label"]) for _, _, counts in groups for count in counts))
    parts = [
        labels[start : start + _ANSWERS_PER_TABLE]
        for start in range(0, len(labels), _ANSWERS_PER_TABLE)
    ] or [[]]
    return [
        _count_table(composer, groups, part, asked, (order, len(parts)))
        for order, part in enumerate(parts, 1)
    ]


def _count_table(
    composer: Composer,
    groups: Sequence[tuple[str, int | None, Sequence[Document]]],
    labels: Sequence[str],
    asked: Run,
    part: tuple[int, int],
) -> Table:
    words = composer.words
    rows = []
    for order, (name, answered, counts) in enumerate(groups):
        by_label = {str(count["label"]): count["count"] for count in counts}
        cells = [
            composer.cell(name, face="bold" if order == 0 else "regular"),
            composer.cell(words.count(answered), number=True),
        ]
        cells += [
            composer.cell(words.count(by_label.get(label, 0)), number=True) for label in labels
        ]
        rows.append(Row(cells, emphasis=order == 0))
    caption = [asked]
    if part[1] > 1:
        caption.append(Run(" " + composer.say("part_of", part=part[0], parts=part[1])))
    return Table(
        [
            composer.head(composer.say("group")),
            composer.head(composer.say("answered"), number=True),
            *(composer.head(composer.plain(label), number=True) for label in labels),
        ],
        rows,
        [150, 56, *([264 / max(len(labels), 1)] * len(labels))],
        caption=composer.caption(caption),
        space_after=6,
    )
