"""The votes: the rule, the result with its reason, and who voted how."""

from collections.abc import Sequence
from dataclasses import replace

from exports.edition import Document
from exports.names import MEMBERS
from exports.pdf.blocks import Block, Callout
from exports.pdf.chapters.drawings import tally_bar
from exports.pdf.chapters.opening import simulated_notice
from exports.pdf.composer import Composer, Text
from exports.pdf.inline import Run
from exports.pdf.paragraph import Paragraph
from exports.pdf.style import ACCENT, ACCENT_SOFT, ALERT, BODY, LEAD, RULE, WASH
from exports.pdf.table import Row, Table

_CHOICES = {"yes": ACCENT, "no": ALERT, "abstain": ACCENT_SOFT, "not_voting": RULE}


def votes(composer: Composer) -> list[Block]:
    """The chapter on votes."""
    blocks: list[Block] = [composer.chapter("chapter_votes")]
    found = composer.edition.items("votes")
    if not found:
        return [*blocks, Paragraph(composer.say("no_votes"))]
    blocks.append(Paragraph(composer.say("votes_lead"), LEAD))
    for order, vote in enumerate(found):
        blocks += _vote(composer, vote, order)
    return blocks


def _vote(composer: Composer, vote: Document, order: int) -> list[Block]:
    title = vote["title"]
    run = composer.title(title) if isinstance(title, dict) else composer.plain(title or "–")
    counts = [
        (composer.say(f"choice_{key}"), int(vote[key]), colour) for key, colour in _CHOICES.items()
    ]
    spoken = ", ".join(f"{label}: {count}" for label, count, _ in counts)
    return [
        composer.heading(3, run, f"vote-{order}"),
        *([simulated_notice(composer)] if vote.get("simulated") else []),
        _result(composer, vote),
        composer.caption(composer.say("tally_caption")),
        tally_bar(counts, composer.say("tally_alternative", counts=spoken)),
        composer.facts(composer.say("vote_facts"), _facts(composer, vote)),
        _roll_call(composer, vote),
    ]


def _facts(composer: Composer, vote: Document) -> list[tuple[str, Text]]:
    words = composer.words
    rule = f"rule_{str(vote['rule']).replace('-', '_')}"
    facts: list[tuple[str, Text]] = [
        ("rule", composer.say(rule if words.knows(rule) else "rule_other", rule=vote["rule"])),
        ("closed", words.date(vote["closed_on"])),
    ]
    if vote.get("population_share") is not None:
        source = [
            Run(composer.say("population_of", year=vote["population_year"]) + " "),
            composer.english(vote["population_source"]),
        ]
        facts += [
            ("population_share", words.percent(vote["population_share"])),
            ("population_table", source),
        ]
    if vote.get("record_sha256"):
        facts.append(("record", composer.plain(vote["record_sha256"])))
    return facts


def _result(composer: Composer, vote: Document) -> Callout:
    attained = bool(vote["attained"])
    colour = ACCENT if attained else ALERT
    verdict = composer.say("attained" if attained else "not_attained")
    reason = composer.paragraph(composer.english(vote["reason"]), replace(BODY, after=0))
    head = Paragraph(verdict, replace(BODY, face="bold", colour=colour, after=2))
    return Callout([head, reason], bar=colour, wash=WASH)


def _roll_call(composer: Composer, vote: Document) -> Table:
    ballots = _with_absent(vote)
    rows = []
    for ballot in ballots:
        choice, proxy = ballot["choice"], ballot.get("proxy_of")
        word = composer.say(f"choice_{choice}") if choice in _CHOICES else str(choice)
        rows.append(
            Row(
                [
                    composer.cell(composer.plain(composer.words.country(ballot["delegation"]))),
                    composer.cell(composer.plain(ballot["delegation"])),
                    composer.cell(composer.plain(word, "bold" if choice == "yes" else "regular")),
                    composer.cell(composer.plain(_proxy(composer, proxy)) if proxy else "–"),
                ]
            )
        )
    return Table(
        [composer.head(composer.say(key)) for key in ("delegation", "code", "choice", "proxy")],
        rows,
        [5, 2, 3, 4],
        caption=composer.caption(composer.say("roll_call_caption", n=len(rows))),
    )


def _with_absent(vote: Document) -> Sequence[Document]:
    """The ballots with a line for each member that cast none, where all members could vote."""
    ballots = list(vote["ballots"])
    present = {ballot["delegation"] for ballot in ballots}
    absent = [code for code in MEMBERS if code not in present]
    if not absent or len(present) + len(absent) != len(MEMBERS):
        return ballots
    if len(absent) != vote["not_voting"]:
        return ballots
    lines = [{"delegation": code, "choice": "not_voting", "proxy_of": None} for code in absent]
    return sorted([*ballots, *lines], key=lambda ballot: str(ballot["delegation"]))


def _proxy(composer: Composer, proxy: str) -> str:
    delegation = proxy.removeprefix("by ").strip()
    return composer.say("cast_by", delegation=composer.words.country(delegation))
