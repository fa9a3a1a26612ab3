"""How likely the dates are: estimates, what a simulation makes of them, and promises not kept."""

from exports.edition import Document
from exports.pdf.blocks import Block, note
from exports.pdf.composer import Composer
from exports.pdf.inline import one_line
from exports.pdf.paragraph import Paragraph
from exports.pdf.style import LEAD
from exports.pdf.table import Row, Table

_ESTIMATES = ("optimistic_days", "likely_days", "pessimistic_days")


def likelihood(composer: Composer) -> list[Block]:
    """The chapter on uncertain dates; nothing where none was estimated or promised in vain."""
    edition = composer.edition
    simulation = edition.document.get("simulation")
    conflicts = edition.document["schedule"].get("conflicts") or []
    if not simulation and not conflicts:
        return []
    blocks: list[Block] = [composer.chapter("chapter_likelihood")]
    if simulation:
        words = composer.words
        lead = composer.say(
            "likelihood_lead", samples=words.number(simulation["samples"]),
            half=words.date(edition.day(simulation["p50"])),
            most=words.date(edition.day(simulation["p80"])),
        )  # fmt: skip
        blocks += [
            Paragraph(lead, LEAD),
            _dates(composer),
            note(composer.say("likelihood_note", seed=simulation["seed"])),
        ]
    if conflicts:
        blocks += [
            composer.heading(3, composer.say("broken_promises"), "broken-promises"),
            _conflicts(composer, conflicts),
        ]
    return blocks


def _dates(composer: Composer) -> Table:
    edition, words = composer.edition, composer.words
    rows = []
    for _, milestones in edition.milestones_by_area:
        for each in milestones:
            if each.get("p50_finish") is None:
                continue
            estimate = [each.get(name) for name in _ESTIMATES]
            given = any(days is not None for days in estimate)
            rows.append(
                Row([composer.cell(composer.milestone_link(each["code"], "bold")),
                     composer.cell(composer.title(each["title"])),
                     composer.cell(" / ".join("–" if days is None else words.number(days)
                                              for days in estimate) if given else "–"),
                     composer.cell(words.date(edition.day(each["p50_finish"]))),
                     composer.cell(words.date(edition.day(each["p80_finish"]))),
                     composer.cell(_percent(composer, each["criticality"]), number=True)])
            )  # fmt: skip
    heads = (("code", False), ("title", False), ("estimates", False), ("p50", False),
             ("p80", False), ("criticality", True))  # fmt: skip
    return Table(
        [composer.head(composer.say(key), number=number) for key, number in heads], rows,
        [54, 130, 84, 88, 88, 56], caption=composer.caption(composer.say("likelihood_caption")),
    )  # fmt: skip


def _percent(composer: Composer, share: str) -> str:
    return composer.words.percent(f"{float(share) * 100:.0f}")


def _conflicts(composer: Composer, conflicts: list[Document]) -> Table:
    words = composer.words
    rows = [
        Row([composer.cell(composer.milestone_link(each["code"], "bold")),
             composer.cell(_field(composer, str(each["field"]))),
             composer.cell(words.date(each["asked"])), composer.cell(words.date(each["possible"])),
             composer.cell(words.counted("days", each["late_days"]), number=True)])
        for each in conflicts
    ]  # fmt: skip
    heads = (("code", False), ("fact", False), ("asked_for", False), ("possible", False),
             ("late", True))  # fmt: skip
    return Table(
        [composer.head(composer.say(key), number=number) for key, number in heads], rows,
        [60, 130, 110, 110, 70], caption=composer.caption(composer.say("conflicts_caption")),
    )  # fmt: skip


def _field(composer: Composer, name: str) -> str:
    key = f"field_{name}"
    return composer.say(key) if composer.words.knows(key) else one_line(name) or "–"
