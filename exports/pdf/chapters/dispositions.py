"""What was proposed and what became of it, and the rules by which answers became evidence."""

from exports.pdf.blocks import Block, note
from exports.pdf.composer import Composer
from exports.pdf.paragraph import Paragraph
from exports.pdf.style import LEAD
from exports.pdf.table import Row, Table


def dispositions(composer: Composer) -> list[Block]:
    """The chapter on proposals with a decision that two people stand behind."""
    found = composer.edition.items("proposals")
    if not found:
        return []
    words = composer.words
    rows = []
    for each in found:
        key = f"decision_{each['decision']}"
        reason = each.get("reason")
        rows.append(
            Row([composer.cell(composer.plain(each["number"]), number=True),
                 composer.cell(composer.title(each.get("title"))),
                 composer.cell(composer.say(key) if words.knows(key)
                               else composer.plain(each["decision"]), face="bold"),
                 composer.cell(composer.title(reason) if isinstance(reason, dict)
                               else composer.plain(reason or "–")),
                 composer.cell(composer.milestone_link(each["section"]) if each.get("section")
                               else "–"),
                 composer.cell(words.count(each.get("points")), number=True)])
        )  # fmt: skip
    heads = (("number_of", True), ("proposal", False), ("decision", False), ("reason", False),
             ("section", False), ("people", True))  # fmt: skip
    return [
        composer.chapter("chapter_dispositions"),
        Paragraph(composer.say("dispositions_lead"), LEAD),
        Table([composer.head(composer.say(key), number=number) for key, number in heads], rows,
              [34, 130, 70, 150, 62, 44],
              caption=composer.caption(composer.say("dispositions_caption", n=len(rows)))),
        note(composer.say("suppressed_note")),
    ]  # fmt: skip


def rules(composer: Composer) -> list[Block]:
    """The chapter on declared rules, each with its version and what it computes."""
    found = composer.edition.items("rules")
    if not found:
        return []
    rows = [
        Row([composer.cell(composer.plain(each.get("rule") or "–"), face="bold"),
             composer.cell(composer.consultation_title(str(each["consultation"]))
                           if each.get("consultation") else "–"),
             composer.cell(composer.plain(each.get("source") or "–")),
             composer.cell(composer.english(each.get("words") or "–"))])
        for each in found
    ]  # fmt: skip
    return [
        composer.chapter("chapter_rules"),
        Paragraph(composer.say("rules_lead"), LEAD),
        Table([composer.head(composer.say(key)) for key in ("rule", "asked_where", "source_of",
                                                            "computes")],
              rows, [110, 130, 70, 190],
              caption=composer.caption(composer.say("rules_caption", n=len(rows)))),
    ]  # fmt: skip
