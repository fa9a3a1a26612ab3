"""One figure of evidence: the query that says how it is computed, and the computation. Pure.

A query is text with which anyone can compute the figure again from the published results of the
consultation (``surveys.results.get_public_results``, split by respondent type), or from the
published tally of a vote. It is written like the query of an address, ``key=value&key=value``:

    consultation=the-slug&question=Q7.M3&public=ngo&compute=mean&values=1:0,2:1/4,3:1/2,4:3/4,5:1

``question`` is an entry of the results, ``public`` is ``all`` or one of the groups. Options are
numbered from 1 in the order of the results. By ``compute``:

=========== ============================================================ ========================
compute     value                                                        n
=========== ============================================================ ========================
answered    how many answered                                            the same
count       Σ count of ``options``                                       answered
rest        answered − Σ count of ``options``                            answered
share       Σ count of ``options`` / Σ count of ``of`` (or answered)     what it is divided by
mean        Σ value × count / Σ count over ``values``                    Σ count
quantile    value at which the share ``at`` of people is reached         Σ count
spread      quantile 3/4 − quantile 1/4                                  Σ count
consensus   Tastle–Wierman over ``values`` (``measures.consensus``)      Σ count
agreement   van der Eijk's A over ``options`` (``measures.agreement``)   Σ count
reached     1 where consensus ≥ ``consensus_at`` and A ≥                 Σ count
            ``agreement_at``, else 0
place       (of − mean place of option ``at``) / (of − 1)                answered
points      share of all points that option ``at`` got                   answered
proposed    how many proposed the dependency ``dependency``              who proposed any
=========== ============================================================ ========================

With ``publics=a,b`` instead of ``public`` the value is the mean of the values of these groups, each
weighing the same. Wherever a number needed is hidden the value is null; quantiles are given if they
are the same wherever the hidden people are. Values are rounded to six decimals.

Of a vote, ``vote=the-slug&compute=yes``: ``yes``, ``no``, ``abstain``, ``not_voting`` count
members; ``attained`` is 1 or 0; ``population_share`` is the share of the population in favour.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from roadmap.evidence.measures import agreement, consensus, mean, quantile

ALL: Final = "all"
"""The public of everybody who answered."""

Found = tuple[Fraction | float | None, int | None]
"""(value, n) of a figure; None where a number is hidden or there is none."""

HIDDEN: Final[Found] = (None, None)
_QUARTER = Fraction(1, 4)


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """One figure: ``rule`` is "name/version", ``public`` "all" or a respondent type."""

    subject: str
    rule: str
    public: str
    figure: str
    value: float | None
    n: int | None
    query: str

    def as_document(self) -> dict[str, Any]:
        """``{"subject", "rule", "public", "figure", "value", "n", "query"}``."""
        return {
            "subject": self.subject, "rule": self.rule, "public": self.public,
            "figure": self.figure, "value": self.value, "n": self.n, "query": self.query,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Computation:
    """What is computed of one entry of the results; what does not apply is empty or None."""

    compute: str
    options: tuple[int, ...] = ()
    of: tuple[int, ...] = ()
    values: tuple[tuple[int, Fraction], ...] = ()
    at: Fraction | None = None
    consensus_at: Fraction | None = None
    agreement_at: Fraction | None = None
    dependency: str = ""

    def arguments(self) -> list[tuple[str, str]]:
        """The keys and values that say it in a query."""
        pairs = [("compute", self.compute)]
        if self.options:
            pairs.append(("options", _listed(self.options)))
        if self.of:
            pairs.append(("of", _listed(self.of)))
        if self.values:
            pairs.append(("values", ",".join(f"{at}:{value}" for at, value in self.values)))
        for name in ("at", "consensus_at", "agreement_at"):
            if (value := getattr(self, name)) is not None:
                pairs.append((name, str(value)))
        if self.dependency:
            pairs.append(("dependency", self.dependency))
        return pairs


@dataclass(frozen=True, slots=True)
class Query:
    """A computation on an entry of a consultation's results, for one public or several."""

    consultation: str
    question: str
    publics: tuple[str, ...]
    computation: Computation
    blended: bool = False

    def __str__(self) -> str:
        whom = ("publics" if self.blended else "public", ",".join(self.publics))
        return _written(
            [
                ("consultation", self.consultation), ("question", self.question), whom,
                *self.computation.arguments(),
            ]
        )  # fmt: skip

    @classmethod
    def read(cls, text: str) -> "Query":
        """The query that ``text`` says; ``ValueError`` where it says none."""
        pairs = dict(parse_qsl(text, strict_parsing=True))
        blended = "publics" in pairs
        try:
            return cls(
                consultation=pairs["consultation"],
                question=pairs["question"],
                publics=tuple(pairs["publics" if blended else "public"].split(",")),
                computation=Computation(
                    compute=pairs["compute"],
                    options=_numbers(pairs.get("options", "")),
                    of=_numbers(pairs.get("of", "")),
                    values=tuple(
                        (int(at), Fraction(value))
                        for at, _, value in (
                            pair.partition(":") for pair in pairs.get("values", "").split(",")
                        )
                        if at
                    ),
                    at=_fraction(pairs.get("at")),
                    consensus_at=_fraction(pairs.get("consensus_at")),
                    agreement_at=_fraction(pairs.get("agreement_at")),
                    dependency=pairs.get("dependency", ""),
                ),
                blended=blended,
            )
        except KeyError as missing:
            raise ValueError(f"the query has no {missing}") from None


def vote_query(slug: str, compute: str) -> str:
    """The query of a figure of a vote."""
    return _written([("vote", slug), ("compute", compute)])


def recompute(row: EvidenceRow | Mapping[str, Any], document: Mapping[str, Any]) -> float | None:
    """The value of a row, computed again from its query and ``document``.

    ``document``: the published results that the query names, by respondent type, or the published
    tally of its vote. Raises ``ValueError`` for a query that is none.
    """
    text = row.query if isinstance(row, EvidenceRow) else str(row["query"])
    if text.startswith("vote="):
        pairs = dict(parse_qsl(text, strict_parsing=True))
        return rounded(compute_vote(pairs["compute"], document)[0])
    return rounded(compute_query(Query.read(text), document)[0])


def compute_query(query: Query, document: Mapping[str, Any]) -> Found:
    """(value, n) of a query; blended, each public weighs the same and n is their sum."""
    found = [_compute(query, public, document) for public in query.publics]
    if not query.blended:
        return found[0]
    values = [value for value, _ in found]
    numbers = [n for _, n in found]
    if None in values or None in numbers:
        return HIDDEN
    total = sum((Fraction(value) for value in values if value is not None), Fraction(0))
    return total / len(found), sum(n for n in numbers if n is not None)


def compute_vote(compute: str, tally: Mapping[str, Any]) -> Found:
    """(value, n) of a closed vote; n is how many members could vote."""
    members: int = tally["members_total"]
    if compute == "attained":
        return Fraction(int(tally["attained"])), members
    if compute == "population_share":
        share = tally["population_share"]
        return HIDDEN if share is None else (Fraction(share) / 100, members)
    if compute in ("yes", "no", "abstain", "not_voting"):
        return Fraction(len(tally[compute])), members
    raise ValueError(f"{compute!r} is no figure of a vote")


def rounded(value: Fraction | float | None) -> float | None:
    """As rows show it: six decimals, and a whole number where it is one."""
    if value is None:
        return None
    number = round(float(value), 6)
    return int(number) if number.is_integer() else number


def _compute(query: Query, public: str, document: Mapping[str, Any]) -> Found:
    part = document if public == ALL else document.get("by", {}).get(public)
    questions = () if part is None else part["questions"]
    entry = next((each for each in questions if each["code"] == query.question), None)
    if entry is None:
        return HIDDEN
    return compute_entry(query.computation, entry, document.get("proposed", {}))


def compute_entry(of: Computation, entry: Mapping[str, Any], proposed: Mapping[str, Any]) -> Found:
    """(value, n) of one entry of published results.

    ``proposed``: question → dependency → how many proposed it (``proposed_pairs``).
    """
    answered: int | None = entry["answered"]
    counts: list[int | None] = [option["count"] for option in entry["options"]]
    match of.compute:
        case "answered":
            return (None if answered is None else Fraction(answered)), answered
        case "count" | "rest":
            number = _sum(counts, of.options)
            if number is None or answered is None:
                return HIDDEN
            return Fraction(number if of.compute == "count" else answered - number), answered
        case "share":
            part, whole = _sum(counts, of.options), _sum(counts, of.of) if of.of else answered
            return HIDDEN if part is None or not whole else (Fraction(part, whole), whole)
        case "place" | "points":
            return _of_sums(of, entry)
        case "proposed":
            return _of_proposed(of, entry, proposed)
        case "quantile" | "spread":
            return _in_every_case(of, answered, counts)
        case "mean" | "consensus" | "agreement" | "reached":
            steps = of.options or tuple(at for at, _ in of.values)
            whole = _sum(counts, steps)
            if not whole:
                return HIDDEN
            return _of_scale(of, [counts[at - 1] or 0 for at in steps]), whole
    raise ValueError(f"{of.compute!r} is no way to compute a figure")


def _of_scale(of: Computation, counts: Sequence[int]) -> Fraction | float | None:
    counted = [(value, count) for (_, value), count in zip(of.values, counts, strict=False)]
    match of.compute:
        case "mean":
            return mean(counted)
        case "consensus":
            return consensus(counted)
        case "agreement":
            return agreement(counts)
    close, alike = consensus(counted), agreement(counts)
    if close is None or alike is None or of.consensus_at is None or of.agreement_at is None:
        return None
    # Compared as they are shown, so that whoever recomputes finds the same.
    return Fraction(round(close, 6) >= of.consensus_at and round(alike, 6) >= of.agreement_at)


def possible_quantiles(
    of: Computation, answered: int | None, counts: Sequence[int | None]
) -> tuple[list[tuple[Fraction, ...]], int] | None:
    """Every value a quantile (or both of a spread) can have wherever the hidden people are, and n.

    That a quantile is y means F(y−) < share · n < F(y), both linear in the counts: so the values
    for putting all hidden people in one place, whichever, are the ends of what it can be; and it
    is y for every way to spread them if it is y for all of those. None where n is not known, that
    is where one of those outside the scale is hidden, or where nobody is on it.
    """
    steps = [at for at, _ in of.values]
    beside = _sum(counts, [at for at in range(1, len(counts) + 1) if at not in set(steps)])
    if answered is None or beside is None or answered == beside:
        return None
    hidden = [at for at in steps if counts[at - 1] is None]
    left = answered - sum(count or 0 for count in counts)
    shares = [of.at or Fraction(0)] if of.compute == "quantile" else [_QUARTER, 1 - _QUARTER]
    found = set()
    for place in hidden or [0]:
        counted = [(value, (counts[at - 1] or 0) + left * (at == place)) for at, value in of.values]
        values = [quantile(counted, share) for share in shares]
        found.add(tuple(value for value in values if value is not None))
    return sorted(found), answered - beside


def _in_every_case(of: Computation, answered: int | None, counts: Sequence[int | None]) -> Found:
    """A quantile, or a spread, that is the same wherever the hidden people are.

    Of a spread, both quartiles must be: their difference could be, with neither of them.
    """
    possible = possible_quantiles(of, answered, counts)
    if possible is None or len(possible[0]) > 1:
        return HIDDEN
    [values], n = possible
    return values[-1] - values[0] if of.compute == "spread" else values[0], n


def _of_sums(of: Computation, entry: Mapping[str, Any]) -> Found:
    """From what is published of points and places (``surveys.counting.figures``)."""
    figures, at = entry.get("figures") or {}, int(of.at or 0)
    listed = figures.get("share" if of.compute == "points" else "mean_places") or []
    if not 0 < at <= len(listed) or listed[at - 1] is None or not figures.get("n"):
        return HIDDEN
    value = Fraction(str(listed[at - 1]))
    if of.compute == "place":
        if len(listed) < 2:
            return HIDDEN
        value = (len(listed) - value) / (len(listed) - 1)
    return value, figures["n"]


def _of_proposed(of: Computation, entry: Mapping[str, Any], proposed: Mapping[str, Any]) -> Found:
    pairs = proposed.get(entry["code"], {})
    number, n = pairs.get(of.dependency), entry["options"][-1]["count"]
    return HIDDEN if number is None or n is None else (Fraction(number), n)


def _sum(counts: Sequence[int | None], options: Sequence[int]) -> int | None:
    """Σ of the counts of options numbered from 1; None where one is hidden or missing."""
    total = 0
    for at in options:
        count = counts[at - 1] if 0 < at <= len(counts) else None
        if count is None:
            return None
        total += count
    return total


def _listed(numbers: Sequence[int]) -> str:
    return ",".join(map(str, numbers))


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(",") if part)


def _fraction(text: str | None) -> Fraction | None:
    return None if text is None else Fraction(text)


def _written(pairs: Sequence[tuple[str, str]]) -> str:
    return urlencode(pairs, safe=":,/>.")
