"""What changed since the previous edition, the input behind each change, and what was decided."""

from collections.abc import Mapping, Sequence

from exports.edition import Document
from exports.pdf.blocks import Block
from exports.pdf.chapters.contradictions import chain
from exports.pdf.composer import Composer
from exports.pdf.inline import Run, one_line
from exports.pdf.paragraph import Paragraph
from exports.pdf.style import LEAD
from exports.pdf.table import Row, Table
from roadmap.editions.comparison import follows_from_others, rests_on_nothing

_KINDS = (
    "added",
    "removed",
    "moved",
    "reworded",
    "revised",
    "reprioritised",
    "dependency",
)
# Column widths: code, before, after, because of.
_TEXTS = (56, 104, 104, 206)
_NUMBERS = (62, 48, 48, 312)
# Fields in the order in which people ask for them; a field alone in its change needs no name.
_FIELDS = (
    "title", "description", "area", "agenda", "lead", "trl_from", "trl_to", "not_before",
    "fixed_start", "finish_by", "earliest_start", "earliest_finish", "duration_days",
    "optimistic_days", "likely_days", "pessimistic_days", "start", "text", "kind", "lag_days",
    "support", "suspended", "score",
)  # fmt: skip
_PLAIN = ("title", "description", "text", "score")
_TEXTS_BY_LANGUAGE = ("title", "description", "text", "rationale", "")
_DAY_OFFSETS = ("earliest_start", "earliest_finish", "latest_start", "latest_finish")
_DAYS = ("duration_days", "lag_days", "optimistic_days", "likely_days", "pessimistic_days")


def changes(composer: Composer) -> list[Block]:
    """The chapter on changes, one table for each kind of change, and the decisions."""
    blocks: list[Block] = [composer.chapter("chapter_changes")]
    previous = composer.edition.document.get("previous")
    found = composer.edition.items("changes")
    if not previous:
        blocks.append(Paragraph(composer.say("first_edition")))
    elif not found:
        blocks.append(Paragraph(composer.say("no_changes", version=previous["version"])))
    else:
        lead = composer.say("changes_lead", version=previous["version"])
        blocks.append(Paragraph(lead, LEAD))
        blocks += [*_by_kind(composer), *_without_evidence(composer)]
    return [*blocks, *_decisions(composer)]


def _by_kind(composer: Composer) -> list[Block]:
    found = composer.edition.items("changes")
    blocks: list[Block] = []
    kinds = [*_KINDS, *sorted({one["kind"] for one in found} - set(_KINDS))]
    for order, kind in enumerate(kinds):
        of_kind = [one for one in found if one["kind"] == kind]
        if of_kind:
            name = composer.say(f"change_{kind}") if kind in _KINDS else one_line(kind) or "–"
            blocks.append(composer.heading(3, name, f"changes-{order}"))
            widths = _NUMBERS if kind == "reprioritised" else _TEXTS
            blocks.append(_table(composer, of_kind, widths))
    return blocks


def _table(composer: Composer, found: list[Document], widths: Sequence[float]) -> Table:
    rows = [
        Row(
            [
                composer.cell(_subject(composer, str(one["code"]))),
                composer.cell(_value(composer, "", one.get("before"))),
                composer.cell(_value(composer, "", one.get("after"))),
                composer.cell(_because(composer, one)),
            ]
        )
        for one in found
    ]
    heads = ("code", "before", "after", "because")
    return Table([composer.head(composer.say(key)) for key in heads], rows, widths)


def _subject(composer: Composer, code: str) -> list[Run]:
    """A milestone, or both ends of a dependency written ``FROM>TO``."""
    ends = code.split(">")
    known = composer.edition.milestone_codes
    if len(ends) == 2 and code not in known:
        return chain(composer, ends)
    return [composer.milestone_link(code, "bold")]


def _value(composer: Composer, field: str, value: object) -> list[Run]:
    """A value before or after: the fields that differ, a localised text, or a plain value."""
    words = composer.words
    if isinstance(value, Mapping):
        if value and field in _TEXTS_BY_LANGUAGE:
            texts = _as_texts(value)
            if texts is not None:
                return [composer.title(texts)]
        runs: list[Run] = []
        order = {name: place for place, name in enumerate(_FIELDS)}
        for name in sorted(value, key=lambda name: (order.get(name, len(order)), name)):
            part = value[name]
            if len(value) == 1 and name in _PLAIN:
                return _value(composer, name, part)
            label = composer.say(f"field_{name}") if words.knows(f"field_{name}") else name
            runs += [Run("\n")] if runs else []
            runs += [Run(f"{one_line(label)}: "), *_value(composer, name, part)]
        return runs or [Run("–")]
    if value is None or value == "" or value == []:
        return [Run("–")]
    if isinstance(value, list):
        return _listed(composer, value)
    if isinstance(value, bool):
        return [Run(composer.say("yes" if value else "no"))]
    if isinstance(value, int) and field in _DAY_OFFSETS:
        return [Run(words.date(composer.edition.day(value)))]
    if isinstance(value, int) and field in _DAYS:
        return [Run(words.counted("days", value))]
    if isinstance(value, str) and field == "area":
        area = composer.edition.area(value)
        return [composer.area_title(area)]
    if isinstance(value, str) and field in ("score", "support"):
        return [Run(words.decimal(value))]
    if isinstance(value, str) and words.is_day(value):
        return [Run(words.date(value))]
    return [composer.plain(value)]


def _listed(composer: Composer, values: Sequence[object]) -> list[Run]:
    """Names one after the other; an indicator with its target."""
    runs: list[Run] = []
    for each in values:
        runs += [Run("; ")] if runs else []
        if not isinstance(each, Mapping):
            runs.append(composer.plain(each))
            continue
        name = each.get("name")
        runs.append(composer.title(name) if isinstance(name, Mapping) else composer.plain(name))
        if "target" in each:
            unit = each.get("unit") or ""
            step = f": {each.get('baseline') or '–'} → {each['target']} {unit}"
            runs.append(composer.plain(step.rstrip()))
    return runs


def _as_texts(value: Mapping[str, object]) -> dict[str, str] | None:
    """``value`` as a localised text: every key a language code, every value a text."""
    texts: dict[str, str] = {}
    for language, text in value.items():
        short = len(language.split("-")[0]) in (2, 3) and language.replace("-", "").isalnum()
        if not short or not isinstance(text, str):
            return None
        texts[language] = text
    return texts


def _because(composer: Composer, change: Document) -> list[Run]:
    """The evidence and the reasons decided on, one line each."""
    lines: list[list[Run]] = []
    named = change.get("evidence") or []
    for proposal in (each for each in named if "proposal" in each):
        said = composer.say("proposal_is", number=proposal["proposal"]) + " "
        lines.append(
            [Run(said), composer.title(proposal.get("title")),
             Run(f" (n = {composer.words.count(proposal.get('n'))})")]
        )  # fmt: skip
    for figure in (each for each in named if "figure" in each):
        value = f"{figure['figure']} = {figure['value'] or '–'}"
        lines.append(
            [composer.plain(value), Run(f" (n = {composer.words.count(figure.get('n'))})")]
        )
    for evidence in (each for each in named if "question" in each):
        line = [
            composer.question_title(evidence),
            Run(" ("),
            composer.consultation_title(evidence["consultation"]),
            Run(f", n = {composer.words.count(evidence['answered'])}"),
        ]
        if evidence.get("score") is not None:
            score = composer.words.decimal(evidence["score"])
            line.append(Run(f", {composer.say('score_is', score=score)}"))
        lines.append([*line, Run(")")])
    lines += [[composer.plain(reason)] for reason in change.get("reasons") or []]
    runs: list[Run] = []
    for line in lines:
        marked = [Run("• "), *line] if len(lines) > 1 else line
        runs += [Run("\n"), *marked] if runs else marked
    if not runs and follows_from_others(change):
        return [Run(composer.say("follows_from_others"))]
    return runs or [Run(composer.say("no_evidence_recorded"))]


def _without_evidence(composer: Composer) -> list[Block]:
    """What was changed without any result, vote or proposal behind it: said as such."""
    bare = [each for each in composer.edition.items("changes") if rests_on_nothing(each)]
    heading = composer.heading(3, composer.say("without_evidence"), "without-evidence")
    if not bare:
        return [heading, Paragraph(composer.say("without_evidence_none"))]
    rows = [
        Row([composer.cell(_subject(composer, str(each["code"]))),
             composer.cell(composer.say(f"change_{each['kind']}") if each["kind"] in _KINDS
                           else composer.plain(each["kind"])),
             composer.cell(composer.plain(" ".join(each.get("reasons") or []) or "–"))])
        for each in bare
    ]  # fmt: skip
    heads = ("code", "fact", "reason")
    return [
        heading,
        Paragraph(composer.say("without_evidence_lead")),
        Table([composer.head(composer.say(key)) for key in heads], rows, [80, 100, 290]),
    ]


def _decisions(composer: Composer) -> list[Block]:
    found = composer.edition.items("decisions")
    if not found:
        return []
    rows = [
        Row(
            [
                composer.cell(_subject(composer, str(one["subject"]))),
                composer.cell(composer.words.date(one["decided_on"])),
                composer.cell(composer.plain(one["reason"] or "–")),
            ]
        )
        for one in found
    ]
    heads = ("code", "decided_on", "reason")
    return [
        composer.heading(3, composer.say("decisions"), "decisions"),
        Table([composer.head(composer.say(key)) for key in heads], rows, [70, 90, 310]),
    ]
