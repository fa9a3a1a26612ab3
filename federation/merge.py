"""One result out of several instances' releases. Pure.

Only what each instance publishes by itself is added up, the hub's own figures included, in the
form in which they are public. So the merged result shows nothing that was not public before, and
the hub's total minus the nodes one sees never is the node one does not see: where a part is
hidden, the sum is "at least".
"""

from collections.abc import Sequence
from dataclasses import dataclass

from federation.release import GroupCounts, ReleaseBody


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum over instances: exact, or a lower bound when an instance hides its part."""

    count: int
    at_least: bool = False


@dataclass(frozen=True, slots=True)
class MergedQuestion:
    """``counts``: option code → people."""

    code: str
    answered: Sum
    counts: dict[str, Sum]


@dataclass(frozen=True, slots=True)
class MergedGroup:
    """One group of respondents over all instances."""

    responses: Sum
    questions: tuple[MergedQuestion, ...]


@dataclass(frozen=True, slots=True)
class Merged:
    """All respondents, and their split by respondent type."""

    all: MergedGroup
    by_respondent_type: dict[str, MergedGroup]


def merge(releases: Sequence[ReleaseBody]) -> Merged:
    """The sum of ``releases`` over one questionnaire; of none, no questions.

    A group that a release does not name gave no responses there. Raises ``ValueError`` for
    releases over different questionnaires.
    """
    if len({release.questionnaire_sha256 for release in releases}) > 1:
        raise ValueError("releases over different questionnaires do not add up")
    names = sorted({group for release in releases for group in release.by_respondent_type})
    return Merged(
        all=_merge_groups(releases),
        by_respondent_type={
            name: _merge_groups(
                [
                    release.by_respondent_type[name]
                    for release in releases
                    if name in release.by_respondent_type
                ]
            )
            for name in names
        },
    )


def _merge_groups(parts: Sequence[GroupCounts]) -> MergedGroup:
    questions = []
    for counted in zip(*(part.questions for part in parts), strict=True):
        first = counted[0]
        questions.append(
            MergedQuestion(
                code=first.code,
                answered=_add([question.answered for question in counted]),
                counts={
                    option: _add([question.counts[option] for question in counted])
                    for option in first.counts
                },
            )
        )
    return MergedGroup(_add([part.responses for part in parts]), tuple(questions))


def _add(counts: Sequence[int | None]) -> Sum:
    return Sum(sum(count for count in counts if count is not None), None in counts)
