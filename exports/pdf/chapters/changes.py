"""What changed since the previous edition, and the input behind each change."""

import re
from collections.abc import Mapping

from exports.edition import Document
from exports.pdf.blocks import Block
from exports.pdf.composer import Composer
from exports.pdf.inline import Run, one_line
from exports.pdf.paragraph import Paragraph
from exports.pdf.style import LEAD
from exports.pdf.table import Row, Table

_KINDS = ("added", "removed", "moved", "reworded", "reprioritised", "dependency")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]+)*")


def changes(composer: Composer) -> list[Block]:
    """The chapter on changes, one table for each kind of change."""
    blocks: list[Block] = [composer.chapter("chapter_changes")]
    previous = composer.edition.document.get("previous")
    found = composer.edition.items("changes")
    if not previous:
        return [*blocks, Paragraph(composer.say("first_edition"))]
    if not found:
        return [*blocks, Paragraph(composer.say("no_changes", version=previous["version"]))]
    lead = composer.say("changes_lead", version=previous["version"])
    blocks.append(Paragraph(lead, LEAD))
    kinds = [*_KINDS, *sorted({one["kind"] for one in found} - set(_KINDS))]
    for kind in kinds:
        of_kind = [one for one in found if one["kind"] == kind]
        if of_kind:
            name = composer.say(f"change_{kind}") if kind in _KINDS else one_line(kind) or "–"
            blocks.append(composer.heading(3, name, f"changes-{kinds.index(kind)}"))
            blocks.append(_table(composer, of_kind))
    return blocks


def _table(composer: Composer, found: list[Document]) -> Table:
    rows = [
        Row(
            [
                composer.cell(composer.milestone_link(str(one["code"]), "bold")),
                composer.cell(_value(composer, one.get("before"))),
                composer.cell(_value(composer, one.get("after"))),
                composer.cell(_because(composer, one)),
            ]
        )
        for one in found
    ]
    heads = ("code", "before", "after", "because")
    return Table(
        [composer.head(composer.say(key)) for key in heads],
        rows,
        [60, 125, 125, 160],
    )


def _value(composer: Composer, value: object) -> list[Run]:
    """A value before or after, whatever its kind: text, localised text, date, number, object."""
    if value is None or value == "":
        return [Run("–")]
    if isinstance(value, bool):
        return [Run(composer.say("yes" if value else "no"))]
    if isinstance(value, str):
        return [Run(composer.words.date(value)) if _is_day(value) else composer.plain(value)]
    if isinstance(value, Mapping):
        if all(_LANGUAGE.fullmatch(key) and isinstance(text, str) for key, text in value.items()):
            return [composer.title(value)]
        return _joined(
            [[Run(f"{_key(key)}: "), *_value(composer, part)] for key, part in value.items()]
        )
    if isinstance(value, list | tuple):
        return _joined([_value(composer, part) for part in value])
    return [composer.plain(value)]


def _is_day(text: str) -> bool:
    return bool(_DAY.fullmatch(text)) and "01" <= text[5:7] <= "12" and "01" <= text[8:] <= "28"


def _key(key: str) -> str:
    return one_line(key).replace("_", " ")


def _joined(parts: list[list[Run]]) -> list[Run]:
    runs: list[Run] = []
    for part in parts:
        runs += [Run("; "), *part] if runs else part
    return runs or [Run("–")]


def _because(composer: Composer, change: Document) -> list[Run]:
    runs: list[Run] = []
    for evidence in change.get("evidence") or []:
        if runs:
            runs.append(Run("\n"))
        runs += [
            composer.question_title(evidence),
            Run(" ("),
            composer.consultation_title(evidence["consultation"]),
            Run(f", n = {composer.words.count(evidence['answered'])}"),
        ]
        if evidence.get("score") is not None:
            score = composer.words.decimal(evidence["score"])
            runs.append(Run(f", {composer.say('score_is', score=score)}"))
        runs.append(Run(")"))
    return runs or [Run(composer.say("no_evidence_recorded"))]
