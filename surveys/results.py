"""Results: what the responses to a consultation say, exact or fit for publication.

Read from the counts of the projection's segments, so a page never scans answers. Whoever shows
results to the minute calls ``surveys.counting.projection.bring_up_to_date`` first.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from surveys.consultations import get_published_version, get_questionnaire
from surveys.counting.disclosure import asked_after, suppress_results
from surveys.counting.entries import entries_of
from surveys.counting.figures import publish
from surveys.counting.projection import read_counts
from surveys.counting.tally import (
    DIMENSIONS,
    UNKNOWN,
    Counts,
    Entry,
    QuestionCount,
    Tally,
    tally_document,
)
from surveys.errors import UnknownSplit
from surveys.models import Consultation, ResultSegment
from surveys.profile import ORGANISATION_SIZES, RESPONDENT_TYPES, SCOPES
from surveys.statement_text import is_added
from surveys.statements import list_accepted

_ORDERS = {
    "respondent_type": RESPONDENT_TYPES,
    "organisation_size": ORGANISATION_SIZES,
    "scope": SCOPES,
}


@dataclass(frozen=True, slots=True)
class Results:
    """Everything counted in a consultation: what was asked, and the exact counts.

    ``asked_after``: which entries decide whether an entry is asked (``counting.disclosure``).
    ``withdrawn``: per question how many added statements moderators took out after people had
    judged them; the judgements are in the counts and not among the entries.
    """

    slug: str
    entries: tuple[Entry, ...]
    counts: Counts
    asked_after: Mapping[str, frozenset[str]] = field(default_factory=dict)
    withdrawn: Mapping[str, int] = field(default_factory=dict)

    def document(
        self,
        *,
        by: str | None = None,
        language: str | None = None,
        codes: Collection[str] | None = None,
    ) -> dict[str, Any]:
        """``{"slug", "responses", "questions": […], "by": {VALUE: {"responses", "questions"}}}``.

        ``questions`` as in ``counting.tally.tally_document``, only those with ``codes`` if given;
        ``by`` is one of ``DIMENSIONS`` (``UnknownSplit`` else), and empty without one. Where
        statements were withdrawn after people judged them, ``"withdrawn": {question: how many}``.
        """
        if by is not None and by not in DIMENSIONS:
            raise UnknownSplit(where="by", name=by, expected=", ".join(DIMENSIONS))
        groups = self._groups(by)
        entries = [entry for entry in self.entries if codes is None or entry.code in codes]
        return {
            "slug": self.slug,
            **tally_document(self.counts.total, entries, language=language),
            "by": {
                value: tally_document(tally, entries, language=language)
                for value, tally in groups.items()
            },
            **({"withdrawn": dict(self.withdrawn)} if self.withdrawn else {}),
        }

    def public_document(
        self,
        *,
        by: str | None = None,
        language: str | None = None,
        codes: Collection[str] | None = None,
    ) -> dict[str, Any]:
        """The same, fit for everyone: small counts, and what would give them away, are ``None``.

        What is hidden does not depend on which questions are asked for.
        """
        needed = None if codes is None else self._with_deciding(codes)
        document = suppress_results(
            self.document(by=by, language=language, codes=needed),
            several={entry.code for entry in self.entries if entry.many},
            asked_after=self.asked_after,
        )
        by_code = {entry.code: entry for entry in self.entries}
        parts = [(document, self.counts.total)]
        parts += [(document["by"][value], tally) for value, tally in self._groups(by).items()]
        for part, tally in parts:
            if codes is not None:
                part["questions"] = [q for q in part["questions"] if q["code"] in codes]
            for question in part["questions"]:
                if "figures" in question:
                    sums = tally.questions.get(question["code"], QuestionCount()).sums
                    counts = [option["count"] for option in question["options"]]
                    question["figures"] = publish(
                        by_code[question["code"]], question["answered"], counts, sums,
                        whole=part is document,
                    )  # fmt: skip
        return document

    def _groups(self, by: str | None) -> dict[str, Tally]:
        return self.groups(by) if by else {}

    def _with_deciding(self, codes: Collection[str]) -> set[str]:
        """``codes`` and all that decide, directly or not, whether these are asked."""
        found: set[str] = set()
        waiting = list(codes)
        while waiting:
            code = waiting.pop()
            if code not in found:
                found.add(code)
                waiting.extend(self.asked_after.get(code, ()))
        return found

    def groups(self, dimension: str) -> dict[str, Tally]:
        """The tallies by value, in the order the values are defined in, ``unknown`` last."""
        split = self.counts.by.get(dimension, {})
        order = _ORDERS.get(dimension, ())

        def place(value: str) -> tuple[bool, int, str]:
            return value == UNKNOWN, order.index(value) if value in order else len(order), value

        return {value: split[value] for value in sorted(split, key=place)}


def read_results(session: Session, *, consultation: Consultation) -> Results:
    """The exact results, of all versions of the questionnaire together.

    Raises ``NothingPublished`` while there is no published questionnaire.
    """
    current = get_published_version(session, consultation=consultation)
    older = session.scalars(
        select(ResultSegment.version_id)
        .where(
            ResultSegment.consultation_id == consultation.id,
            ResultSegment.version_id != current.id,
        )
        .distinct()
    )
    versions = [current.id, *sorted(older, reverse=True)]
    questionnaires = [get_questionnaire(session, version_id=version) for version in versions]
    accepted = list_accepted(session, consultation_id=consultation.id)
    after: dict[str, frozenset[str]] = {}
    parts = []
    for questionnaire in questionnaires:
        entries = entries_of(questionnaire, accepted)
        parts.append(entries)
        for code, others in asked_after(questionnaire, entries).items():
            after[code] = after.get(code, frozenset()) | others
    joined = _join_entries(parts)
    counts = read_counts(session, consultation_id=consultation.id)
    return Results(
        slug=consultation.slug,
        entries=joined,
        counts=counts,
        asked_after=after,
        withdrawn=_withdrawn(counts.total, {entry.code for entry in joined}),
    )


def _withdrawn(total: Tally, shown: Collection[str]) -> dict[str, int]:
    """By question, the added statements that people judged and that are not shown any more."""
    found: dict[str, int] = {}
    for code in sorted(total.questions.keys() - set(shown)):
        question, _, statement = code.partition(".")
        if is_added(statement):
            found[question] = found.get(question, 0) + 1
    return found


def get_results(
    session: Session,
    *,
    consultation: Consultation,
    by: str | None = None,
    language: str | None = None,
) -> dict[str, Any]:
    """Exact results (see ``Results.document``): for staff and the operator's commands only."""
    return read_results(session, consultation=consultation).document(by=by, language=language)


def get_public_results(
    session: Session,
    *,
    consultation: Consultation,
    by: str | None = None,
    language: str | None = None,
) -> dict[str, Any]:
    """Results fit for everyone: small counts, and what would give them away, are ``None``."""
    results = read_results(session, consultation=consultation)
    return results.public_document(by=by, language=language)


def _join_entries(versions: Iterable[tuple[Entry, ...]]) -> tuple[Entry, ...]:
    """The entries of the first version, and what only later ones of ``versions`` have.

    An option that a version no longer offers is still shown, with those who chose it.
    """
    joined: dict[str, Entry] = {}
    for entries in versions:
        for entry in entries:
            known = joined.get(entry.code)
            joined[entry.code] = entry if known is None else _with_options_of(known, entry)
    return tuple(joined.values())


def _with_options_of(entry: Entry, other: Entry) -> Entry:
    missing = tuple(o for o in other.options if o.code not in {p.code for p in entry.options})
    if not missing or not entry.options:
        return entry
    # "Other" stays at the end, and so does what lies beside a scale.
    last = [o for o in entry.options if o.no_opinion or o.code == _other_of(entry)]
    listed = [o for o in entry.options if o not in last]
    return replace(entry, options=(*listed, *missing, *last))


def _other_of(entry: Entry) -> str | None:
    return entry.question.other.code if entry.question.other is not None else None
