"""Which figures a rule takes from a question: subjects, entries and computations. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from roadmap.evidence.figures import Computation
from roadmap.evidence.rules import SUBJECTS, Rule, rules_for
from surveys.counting.entries import COMMENT, NEVER, PROPOSED, Entry
from surveys.counting.periods import EARLIER, LATER, middle_of
from surveys.questionnaire import COMMENT_STANCES, DEPENDENCY_KINDS, NO_OPINION, STANCES

_SPLIT_BY_OPTION = frozenset({"single_choice", "multiple_choice", "budget", "ranking", "points"})


@dataclass(frozen=True, slots=True)
class Reading:
    """One figure that a rule takes of an entry of the results, for a subject.

    ``option``: number (from 1) of the option that the subject is, where it is one.
    ``whole_only``: published of everybody together only, never by public.
    """

    subject: str
    entry: str
    figure: str
    computation: Computation
    option: int | None = None
    whole_only: bool = False


def readings_of(
    rule: Rule,
    entries: Sequence[Entry],
    parameters: Mapping[str, Any],
    subjects: Collection[str],
    pairs: Collection[str] = (),
) -> Iterator[Reading]:
    """The figures of ``rule`` on a question, whose ``entries`` are counted.

    ``subjects``: what the roadmap has (codes of milestones and paragraphs, ``FROM>TO``); what is
    none of them is passed over. ``pairs``: dependencies (``FROM>TO:KIND``) that people proposed.
    """
    names = parameters.get("subjects") or {}
    for entry in entries:
        if rule.name == "dependency_support":
            yield from _dependencies(entry, subjects, pairs)
        elif rule.name == "option_share" or entry.question.type in ("ranking", "points"):
            for at, option in enumerate(entry.options, start=1):
                for subject in _subjects(option.code, names, subjects):
                    for figure, computation in _of_option(rule, entry, at):
                        whole_only = computation.compute in ("place", "points")
                        yield Reading(subject, entry.code, figure, computation, at, whole_only)
        else:
            code = entry.row.code if entry.row is not None else ""
            for subject in _subjects(code, names, subjects):
                for figure, computation in _of_entry(rule, entry, parameters):
                    yield Reading(subject, entry.code, figure, computation)


def offered_rule(entries: Sequence[Entry], subjects: Collection[str]) -> Rule | None:
    """The rule that fits a question whose options are the roadmap's, if there is one."""
    if not entries:
        return None
    kind = entries[0].question.type
    if kind == "dependencies":
        about = bool(entries[0].question.dependency_codes & set(subjects))
    elif kind in _SPLIT_BY_OPTION:
        about = any(option.code in subjects for option in entries[0].options)
    else:
        about = any(entry.row is not None and entry.row.code in subjects for entry in entries)
    return next(iter(rules_for(kind)), None) if about else None


def takes_subjects(rule: Rule) -> bool:
    """Whether a rule can be told what speaks for what."""
    return rule.parameters.get("subjects") is SUBJECTS


def _subjects(code: str, names: Mapping[str, Sequence[str]], known: Collection[str]) -> list[str]:
    """What the row or option ``code`` speaks for; the whole question has no code."""
    listed = list(names.get(code, ())) if names else ([code] if code else [])
    if names and code and "" in names:
        listed += [subject for subject in names[""] if subject == code]
    return [subject for subject in listed if subject in known]


def _of_option(rule: Rule, entry: Entry, at: int) -> list[tuple[str, Computation]]:
    chosen = Computation("share", options=(at,))
    if rule.name == "option_share":
        return [("score", chosen)]
    if entry.question.type == "points":
        return [("points_share", Computation("points", at=Fraction(at)))]
    return [("score", Computation("place", at=Fraction(at))), ("first", chosen)]


def _of_entry(
    rule: Rule, entry: Entry, parameters: Mapping[str, Any]
) -> list[tuple[str, Computation]]:
    match rule.name:
        case "scale_mean":
            return [("score", _scale_mean(entry, parameters))]
        case "priority":
            return _priority(entry)
        case "priority_equal_publics":
            return [("score_equal_publics", _priority(entry)[0][1])]
        case "year_distribution":
            return _years(entry, parameters)
        case "paragraph_stances":
            stances = (*COMMENT_STANCES, COMMENT)
            return [
                (stance, Computation("count", options=_at(entry, stance))) for stance in stances
            ]
        case "statements":
            agree, disagree, passed = (_at(entry, stance) for stance in STANCES)
            sides = agree + disagree
            return [
                ("agree", Computation("share", options=agree, of=sides)),
                ("disagree", Computation("share", options=disagree, of=sides)),
                ("pass", Computation("share", options=passed)),
            ]
    raise ValueError(f"{rule.name} does not read {entry.question.type}")


def _scale_mean(entry: Entry, parameters: Mapping[str, Any]) -> Computation:
    left_out = parameters.get("left_out", ())
    steps = [
        at
        for at, option in enumerate(entry.options, start=1)
        if not option.no_opinion and option.code not in left_out
    ]
    ranked = steps[::-1] if parameters.get("falling") else steps
    highest = max(len(steps) - 1, 1)
    values = sorted((at, Fraction(place, highest)) for place, at in enumerate(ranked))
    return Computation("mean", values=tuple(values))


def _priority(entry: Entry) -> list[tuple[str, Computation]]:
    levels = [
        (at, int(option.code))
        for at, option in enumerate(entry.options, start=1)
        if not option.no_opinion
    ]
    low, high = levels[0][1], levels[-1][1]
    steps = tuple(at for at, _ in levels)
    scaled = tuple((at, Fraction(level - low, max(high - low, 1))) for at, level in levels)
    figures = [
        ("score", Computation("mean", values=scaled)),
        ("mean", Computation("mean", values=tuple((at, Fraction(level)) for at, level in levels))),
        ("share_high", Computation("share", options=steps[-2:], of=steps)),
    ]
    silent = _at(entry, NO_OPINION)
    if silent:
        figures.append(("no_opinion", Computation("share", options=silent)))
    return figures


def _years(entry: Entry, parameters: Mapping[str, Any]) -> list[tuple[str, Computation]]:
    listed = [middle_of(option.code) for option in entry.options]
    known = [Fraction(str(year)) for year in listed if year is not None]
    ends = {EARLIER: known[0], LATER: known[-1]}
    values = []
    for at, option in enumerate(entry.options, start=1):
        year = middle_of(option.code)
        if option.code != NEVER:
            values.append((at, ends[option.code] if year is None else Fraction(str(year))))
    scale = tuple(values)
    steps = tuple(at for at, _ in scale)

    def quantile(share: str) -> Computation:
        return Computation("quantile", values=scale, at=Fraction(share))

    figures = [
        ("median_year", quantile("1/2")),
        ("p10", quantile("1/10")),
        ("p90", quantile("9/10")),
        ("lower_quartile", quantile("1/4")),
        ("upper_quartile", quantile("3/4")),
        ("iqr", Computation("spread", values=scale)),
    ]
    never = _at(entry, NEVER)
    if never:
        figures.append(("never", Computation("share", options=never)))
    return [
        *figures,
        ("consensus", Computation("consensus", values=scale)),
        ("agreement", Computation("agreement", options=steps)),
        (
            "agreed",
            Computation(
                "reached", values=scale,
                consensus_at=Fraction(parameters.get("consensus_at", "0.7")),
                agreement_at=Fraction(parameters.get("agreement_at", "0.6")),
            ),
        ),
    ]  # fmt: skip


def _dependencies(
    entry: Entry, subjects: Collection[str], pairs: Collection[str]
) -> Iterator[Reading]:
    kinds = {each.code: each.kind for each in entry.question.dependencies}
    for at, option in enumerate(entry.options, start=1):
        if option.code == PROPOSED or option.code not in subjects:
            continue
        asked = f"{option.code}:{kinds.get(option.code, DEPENDENCY_KINDS[0])}"
        for figure, computation in (
            ("answered", Computation("answered")),
            ("dispute", Computation("count", options=(at,))),
            ("not_disputed", Computation("rest", options=(at,))),
            ("dispute_share", Computation("share", options=(at,))),
        ):
            yield Reading(option.code, entry.code, figure, computation, at)
        stated = Computation("proposed", dependency=asked)
        yield Reading(option.code, entry.code, "support", stated, at, whole_only=True)
    for pair in sorted(pairs):
        subject, _, kind = pair.rpartition(":")
        if kinds.get(subject) != kind:
            proposed = Computation("proposed", dependency=pair)
            yield Reading(subject, entry.code, f"proposed_{kind}", proposed, whole_only=True)


def _at(entry: Entry, code: str) -> tuple[int, ...]:
    """The number of the option ``code``, from 1, if there is one."""
    return tuple(at for at, option in enumerate(entry.options, start=1) if option.code == code)
