"""What is measured and what it costs: indicators and money, by milestone and in sum."""

from collections.abc import Sequence
from decimal import Decimal

from exports.edition import Document
from exports.pdf.blocks import Block
from exports.pdf.composer import Composer
from exports.pdf.inline import Run
from exports.pdf.paragraph import Paragraph
from exports.pdf.style import LEAD
from exports.pdf.table import Row, Table
from roadmap.budgets import leverage, total_of, union_leverage
from roadmap.draft import BudgetSource

_TWO = Decimal("0.01")


def means(composer: Composer) -> list[Block]:
    """The chapter on indicators and money; nothing where the edition names none."""
    milestones = composer.edition.items("milestones")
    funded = [each for each in milestones if each.get("budget")]
    measured = [each for each in milestones if each.get("kpis")]
    if not funded and not measured:
        return []
    blocks: list[Block] = [
        composer.chapter("chapter_means"),
        Paragraph(composer.say("means_lead"), LEAD),
    ]
    if funded:
        blocks += _money(composer, funded)
    if measured:
        blocks += [
            composer.heading(3, composer.say("indicators"), "indicators"),
            _indicators(composer, measured),
        ]
    return blocks


def _money(composer: Composer, funded: Sequence[Document]) -> list[Block]:
    amounts: dict[BudgetSource, Decimal] = {}
    for milestone in funded:
        for name, amount in milestone["budget"].items():
            if name in list(BudgetSource):
                source = BudgetSource(name)
                amounts[source] = amounts.get(source, Decimal(0)) + Decimal(amount)
    rows = [
        Row([composer.cell(composer.say(f"source_{source.value}")),
             composer.cell(_euros(composer, amounts[source]), number=True)])
        for source in BudgetSource if source in amounts
    ]  # fmt: skip
    rows.append(
        Row([composer.cell(composer.say("total"), face="bold"),
             composer.cell(_euros(composer, total_of(amounts)), number=True, face="bold")],
            emphasis=True)
    )  # fmt: skip
    words = composer.words
    sums = [
        composer.say(key, ratio=words.decimal(str(ratio.quantize(_TWO))))
        for key, ratio in (
            ("leverage_is", leverage(amounts)), ("union_leverage_is", union_leverage(amounts)),
        )
        if ratio is not None
    ]  # fmt: skip
    heads = (("source", False), ("euros", True))
    return [
        composer.heading(3, composer.say("money"), "money"),
        Table([composer.head(composer.say(key), number=number) for key, number in heads], rows,
              [7, 3], caption=composer.caption(composer.say("money_caption"))),
        *[Paragraph(each) for each in sums],
        _by_milestone(composer, funded),
    ]  # fmt: skip


def _by_milestone(composer: Composer, funded: Sequence[Document]) -> Table:
    rows = []
    for each in funded:
        parts = "; ".join(
            f"{composer.say(f'source_{name}') if name in list(BudgetSource) else name} "
            f"{_euros(composer, Decimal(amount))}"
            for name, amount in each["budget"].items()
        )
        total = sum((Decimal(amount) for amount in each["budget"].values()), Decimal(0))
        rows.append(
            Row([composer.cell(composer.milestone_link(each["code"], "bold")),
                 composer.cell(composer.title(each["title"])), composer.cell(parts),
                 composer.cell(_euros(composer, total), number=True)])
        )  # fmt: skip
    heads = (("code", False), ("title", False), ("source", False), ("euros", True))
    return Table(
        [composer.head(composer.say(key), number=number) for key, number in heads], rows,
        [56, 140, 194, 90], caption=composer.caption(composer.say("money_by_milestone")),
    )  # fmt: skip


def _euros(composer: Composer, amount: Decimal) -> str:
    """``4,000,000`` or ``1,500,000.50``, as the language writes numbers."""
    whole, _, cents = format(amount, "f").partition(".")
    sign = "−" if whole.startswith("-") else ""
    text = composer.words.number(int(whole.lstrip("-")))
    return sign + text + (composer.words.decimal(f"0.{cents}")[1:] if cents.strip("0") else "")


def _indicators(composer: Composer, measured: Sequence[Document]) -> Table:
    words = composer.words
    rows = []
    for milestone in measured:
        for kpi in milestone["kpis"]:
            unit = [Run(f" {kpi['unit']}")] if kpi.get("unit") else []
            due = str(kpi.get("due") or "")
            target = [Run(words.decimal(kpi["target"])), *unit]
            rows.append(
                Row([composer.cell(composer.milestone_link(milestone["code"], "bold")),
                     composer.cell(composer.title(kpi["name"])),
                     composer.cell(words.decimal(kpi.get("baseline")), number=True),
                     composer.cell([composer.plain("".join(run.text for run in target))],
                                   number=True),
                     composer.cell(words.date(due) if words.is_day(due)
                                   else composer.plain(due or "–"))])
            )  # fmt: skip
    heads = (("code", False), ("indicator", False), ("baseline", True), ("target", True),
             ("by_when", False))  # fmt: skip
    return Table(
        [composer.head(composer.say(key), number=number) for key, number in heads], rows,
        [60, 190, 70, 90, 90], caption=composer.caption(composer.say("indicators_caption")),
    )  # fmt: skip
