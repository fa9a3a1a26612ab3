"""What changed between two editions, element by element. Pure: two documents in, changes out.

Six kinds, each field of a document under one of them (``MOVED``, ``REWORDED``, ``BONDS``):

    added, removed   a milestone, area, chapter or paragraph
    moved            in time: first day, fixed day, promised end, estimates, earliest dates
    reworded         what is said of it: words, area, agenda, lead, readiness, KPIs, budget, …
    reprioritised    its score, where both editions have one
    dependency       a dependency that is new, gone or different

Figures that the schedule or a simulation derives (slack, latest dates, P50, criticality) make no
change of their own. A change carries the input behind it: what the newer edition names for the
element and the older one did not, and where nothing is new, the results it rests on. A change
without any has an empty list, and is listed all the same.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

Document = Mapping[str, Any]
Change = dict[str, Any]

KINDS: Final = ("added", "removed", "moved", "reworded", "reprioritised", "dependency")
# A priority that moved by less than this is not worth a line (scores have two decimals).
SMALLEST_PRIORITY_STEP: Final = Decimal("0.01")
# Days that follow from the network, and fields that a person sets.
FOLLOWING: Final = ("earliest_start", "earliest_finish")
MOVED: Final = (
    "not_before", "fixed_start", "finish_by", "duration_days", "optimistic_days", "likely_days",
    "pessimistic_days", *FOLLOWING,
)  # fmt: skip
REWORDED: Final = (
    "title", "description", "agenda", "area", "lead", "participants", "trl_from", "trl_to",
    "stage", "kpis", "budget", "themes", "links", "standards", "spectrum",
)  # fmt: skip
BONDS: Final = ("kind", "lag_days", "support", "suspended", "rationale", "ruling")
# What makes a proposal part of what was published.
_TAKEN_UP: Final = ("accepted", "accepted_in_part")


def compare_editions(older: Document, newer: Document) -> list[Change]:
    """Changes as ``{"kind", "code", "element", "before", "after", "evidence", "proposals"}``.

    ``element``: milestone, dependency, area, roadmap, chapter or paragraph. ``before`` and
    ``after`` hold only what differs, or None. The code of a dependency is ``FROM>TO``, that of
    the roadmap its slug. ``evidence`` entries are results (``question``), figures of a rule
    (``figure``) or proposals (``proposal``); ``proposals`` are the numbers of the last.
    """
    behind = _InputBehind(older, newer)
    return [
        *_milestone_changes(older, newer, behind),
        *_dependency_changes(older, newer, behind),
        *_changes_of("area", _by_code(older, "areas"), _by_code(newer, "areas"),
                     ("title", "parent"), behind),
        *_roadmap_changes(older, newer, behind),
        *_changes_of("chapter", _by_code(older, "chapters"), _by_code(newer, "chapters"),
                     ("title", "area"), behind),
        *_changes_of("paragraph", _paragraphs(older), _paragraphs(newer),
                     ("text", "chapter"), behind),
    ]  # fmt: skip


def give_reasons(changes: Iterable[Change], decisions: Iterable[Document]) -> None:
    """Put beside each change what was decided about its subject, and for which proposals."""
    about: dict[str, list[Document]] = {}
    for decision in decisions:
        about.setdefault(decision["subject"], []).append(decision)
    for change in changes:
        decided = about.get(change["code"], [])
        change["reasons"] = [decision["reason"] for decision in decided]
        named = {decision["proposal"] for decision in decided if decision.get("proposal")}
        change["proposals"] = sorted({*change.get("proposals", ()), *named})


def follows_from_others(change: Document) -> bool:
    """Whether nobody set what moved: its dates moved because those of others did."""
    fields = {*(change["before"] or {}), *(change["after"] or {})}
    return change["kind"] == "moved" and bool(fields) and fields <= set(FOLLOWING)


def rests_on_nothing(change: Document) -> bool:
    """Whether no input is named behind a change that somebody made."""
    named = change.get("evidence") or change.get("proposals")
    return not named and not follows_from_others(change)


class _InputBehind:
    """Which input the two editions name for what."""

    def __init__(self, older: Document, newer: Document) -> None:
        self._known = _figures(older)
        self._named = _figures(newer)
        earlier = {_proposal_key(each) for each in older.get("proposals") or ()}
        self._proposals: dict[str, list[Document]] = {}
        for proposal in newer.get("proposals") or ():
            if proposal["decision"] in _TAKEN_UP and _proposal_key(proposal) not in earlier:
                about = (proposal.get("section"), proposal.get("subject"))
                for subject in dict.fromkeys((*about, *proposal.get("changed", ()))):
                    if subject:
                        self._proposals.setdefault(subject, []).append(proposal)

    def __call__(
        self, code: str, old: Document | None, new: Document | None, *, only_new: bool = False
    ) -> dict[str, Any]:
        """``evidence`` and ``proposals`` of a change of ``code``; results known before as well,
        where none is new, unless ``only_new``.
        """
        element = new or old or {}
        evidence = [*(element.get("evidence") or ()), *self._named.get(code, ())]
        known = [*((old if new else None) or {}).get("evidence", ()), *self._known.get(code, ())]
        seen = {_source(entry) for entry in known}
        fresh = [entry for entry in evidence if _source(entry) not in seen]
        proposals = [
            {
                "proposal": each["number"],
                "title": each.get("title"),
                "decision": each["decision"],
                "reason": each.get("reason"),
                "n": each.get("points"),
            }
            for each in self._proposals.get(code, ())
        ]
        return {
            "evidence": [*(fresh if only_new else fresh or evidence), *proposals],
            "proposals": [each["proposal"] for each in proposals],
        }


def _milestone_changes(older: Document, newer: Document, behind: _InputBehind) -> Iterator[Change]:
    before, after = _by_code(older, "milestones"), _by_code(newer, "milestones")
    was_on, is_on = _calendar(older), _calendar(newer)
    if was_on is None or is_on is None or was_on == is_on:
        was_on = is_on = None
    for code in _both(before, after):
        old, new = before.get(code), after.get(code)
        if old is None or new is None:
            yield _come_or_gone("milestone", code, old, new, ("title", "area"), behind)
            continue
        # Days count from the roadmap's start: where that moved, calendar days are compared.
        yield from _differing(
            "moved", "milestone", code, _dated(old, was_on), _dated(new, is_on), MOVED, behind
        )
        yield from _differing("reworded", "milestone", code, old, new, REWORDED, behind)
        score_before, score_after = _score(old), _score(new)
        # A first score is evidence where there was none, not another priority; so is a last one.
        if (
            score_before is not None
            and score_after is not None
            and abs(Decimal(score_after) - Decimal(score_before)) >= SMALLEST_PRIORITY_STEP
        ):
            yield _change(
                "reprioritised", "milestone", code, {"score": score_before},
                {"score": score_after}, behind(code, old, new),
            )  # fmt: skip


def _dependency_changes(older: Document, newer: Document, behind: _InputBehind) -> Iterator[Change]:
    before, after = _by_pair(older), _by_pair(newer)
    for pair in _both(before, after):
        # Between two milestones there may be several: those that are the same on both sides drop
        # out, the rest is matched in order.
        old, new = list(before.get(pair, ())), list(after.get(pair, ()))
        for tie in list(old):
            twin = next((other for other in new if _bond(other) == _bond(tie)), None)
            if twin is not None:
                old.remove(tie)
                new.remove(twin)
        for position in range(max(len(old), len(new))):
            was = old[position] if position < len(old) else None
            now = new[position] if position < len(new) else None
            yield _change(
                "dependency", "dependency", pair, was and _bond(was), now and _bond(now),
                behind(pair, was, now),
            )  # fmt: skip


def _roadmap_changes(older: Document, newer: Document, behind: _InputBehind) -> Iterator[Change]:
    old, new = older.get("roadmap") or {}, newer.get("roadmap") or {}
    slug = str(new.get("slug") or old.get("slug") or "")
    yield from _differing("moved", "roadmap", slug, old, new, ("start",), behind)
    yield from _differing("reworded", "roadmap", slug, old, new, ("title",), behind)


def _changes_of(
    element: str,
    before: Mapping[str, Document],
    after: Mapping[str, Document],
    fields: Sequence[str],
    behind: _InputBehind,
) -> Iterator[Change]:
    """Elements that come, go, or say something else."""
    for code in _both(before, after):
        old, new = before.get(code), after.get(code)
        if old is None or new is None:
            yield _come_or_gone(element, code, old, new, fields, behind)
        else:
            yield from _differing("reworded", element, code, old, new, fields, behind)


def _come_or_gone(
    element: str,
    code: str,
    old: Document | None,
    new: Document | None,
    fields: Sequence[str],
    behind: _InputBehind,
) -> Change:
    kind = "added" if old is None else "removed"
    before, after = (
        each and {name: each.get(name) for name in fields} for each in (old, new)
    )  # fmt: skip
    return _change(kind, element, code, before, after, behind(code, old, new))


def _differing(
    kind: str,
    element: str,
    code: str,
    old: Document,
    new: Document,
    fields: Sequence[str],
    behind: _InputBehind,
) -> Iterator[Change]:
    """One change with all ``fields`` that differ, or none. What is empty is what is not there."""
    names = [
        name
        for name in fields
        if old.get(name) != new.get(name)
        and not (_is_empty(old.get(name)) and _is_empty(new.get(name)))
    ]
    if names:
        # What follows from other changes does not rest on what was known before.
        follows = set(names) <= set(FOLLOWING)
        yield _change(
            kind, element, code, {name: old.get(name) for name in names},
            {name: new.get(name) for name in names}, behind(code, old, new, only_new=follows),
        )  # fmt: skip


def _is_empty(value: Any) -> bool:
    """None, no text, an empty list; a zero says something."""
    return value is None or value == "" or value == [] or value == {}


def _calendar(edition: Document) -> date | None:
    """The calendar day of day 0, if the document says so."""
    try:
        return date.fromisoformat((edition.get("roadmap") or {}).get("start") or "")
    except ValueError:
        return None


def _dated(milestone: Document, start: date | None) -> Document:
    """The milestone with its days as calendar days, unless ``start`` is None."""
    if start is None:
        return milestone
    dated = dict(milestone)
    for name in FOLLOWING:
        try:
            dated[name] = (start + timedelta(days=milestone[name])).isoformat()
        except (KeyError, OverflowError):
            continue
    return dated


def _by_code(edition: Document, key: str) -> dict[str, Document]:
    return {element["code"]: element for element in edition.get(key) or ()}


def _paragraphs(edition: Document) -> dict[str, Document]:
    """All paragraphs by code, each with the code of its chapter."""
    return {
        paragraph["code"]: {**paragraph, "chapter": chapter["code"]}
        for chapter in edition.get("chapters") or ()
        for paragraph in chapter["paragraphs"]
    }


def _by_pair(edition: Document) -> dict[str, list[Document]]:
    pairs: dict[str, list[Document]] = {}
    for dependency in edition["dependencies"]:
        pairs.setdefault(f"{dependency['from']}>{dependency['to']}", []).append(dependency)
    return pairs


def _bond(dependency: Document) -> dict[str, Any]:
    """What a dependency says, without what is empty."""
    said = {name: dependency.get(name) for name in BONDS}
    return {name: value for name, value in said.items() if not _is_empty(value)}


def _figures(edition: Document) -> dict[str, list[Document]]:
    """Figures by subject, as far as they are not in the evidence of milestones and dependencies.

    That is what votes say, and what everybody together says of paragraphs.
    """
    paragraphs = _paragraphs(edition)
    figures: dict[str, list[Document]] = {}
    for figure in edition.get("evidence") or ():
        of_vote = figure["query"].startswith("vote=")
        if of_vote or (figure["subject"] in paragraphs and figure["public"] == "all"):
            figures.setdefault(figure["subject"], []).append(figure)
    return figures


def _score(milestone: Document) -> str | None:
    priority = milestone.get("priority")
    return priority["score"] if priority else None


def _change(
    kind: str, element: str, code: str, before: Any, after: Any, behind: dict[str, Any]
) -> Change:
    return {
        "kind": kind,
        "code": code,
        "element": element,
        "before": before or None,
        "after": after or None,
        **behind,
    }


def _source(evidence: Document) -> tuple[Any, ...]:
    """What tells one piece of evidence from another, whatever its numbers."""
    if "question" in evidence:
        return (evidence["consultation"], evidence["question"], evidence.get("option"))
    return tuple(evidence.get(name) for name in ("rule", "public", "figure", "query"))


def _proposal_key(proposal: Document) -> tuple[Any, Any]:
    return proposal["number"], proposal["decision"]


def _both(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Keys in the newer order, those that are gone at the end in the older one."""
    return [*after, *(key for key in before if key not in after)]
