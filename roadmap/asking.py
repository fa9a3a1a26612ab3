"""What a questionnaire can ask about a draft roadmap: its milestones, dependencies, paragraphs."""

import re
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy.orm import Session

from roadmap.models import Milestone, Paragraph, Roadmap
from roadmap.writing.reading import list_chapters

# As surveys.question_checks.OPTION_CODE; a milestone with another code cannot be an option.
_OPTION_CODE = re.compile(r"[A-Za-z0-9_.\-]{1,64}")

ABOUT_MILESTONES = (
    "single_choice", "multiple_choice", "ranking", "points", "milestone_priorities",
    "milestone_years", "dependencies",
)  # fmt: skip
"""Types of question whose options can be milestones."""
ABOUT_PARAGRAPHS = ("paragraph_comments",)
"""Types of question whose options are paragraphs."""


def choose_milestones(
    roadmap: Roadmap, *, area: str = "", agenda: str = "", codes: Collection[str] = ()
) -> list[Milestone]:
    """Milestones of an area, of an agenda, with given codes: of each where it is said, in order."""
    return [
        milestone
        for milestone in roadmap.milestones
        if (not area or milestone.area.code == area)
        and (not agenda or milestone.agenda == agenda)
        and (not codes or milestone.code in codes)
        and _OPTION_CODE.fullmatch(milestone.code)
    ]


def choose_paragraphs(
    session: Session, roadmap: Roadmap, *, chapter: str = "", codes: Collection[str] = ()
) -> list[Paragraph]:
    """Paragraphs of the draft's chapters: of one, with given codes, in order."""
    return [
        paragraph
        for each, paragraphs in list_chapters(session, roadmap=roadmap)
        for paragraph in paragraphs
        if (not chapter or each.code == chapter)
        and (not codes or paragraph.code in codes)
        and _OPTION_CODE.fullmatch(paragraph.code)
    ]


def question_fields(
    roadmap: Roadmap,
    *,
    kind: str,
    milestones: Sequence[Milestone],
    languages: Sequence[str],
    paragraphs: Sequence[Paragraph] = (),
) -> dict[str, Any]:
    """The fields of a question of type ``kind`` about ``milestones``, as in a document.

    A question about paragraphs has ``paragraphs`` and the descriptions of ``milestones``. Texts
    are in those of ``languages`` that the draft has, and in the first of them in any case.
    """
    if kind in ABOUT_PARAGRAPHS:
        return {
            "options": [
                {"code": paragraph.code, "label": _texts(paragraph.text, languages)}
                for paragraph in paragraphs
            ]
            + [
                {"code": milestone.code, "label": _texts(milestone.description, languages)}
                for milestone in milestones
                if any(milestone.description.values())
            ]
        }
    fields: dict[str, Any] = {
        "options": [
            {"code": milestone.code, "label": _texts(milestone.title, languages)}
            for milestone in milestones
        ]
    }
    if kind == "dependencies":
        among = {milestone.id for milestone in milestones}
        seen: set[tuple[str, str]] = set()
        fields["dependencies"] = []
        for dependency in roadmap.dependencies:
            ends = (dependency.from_milestone.code, dependency.to_milestone.code)
            if {dependency.from_id, dependency.to_id} <= among and ends not in seen:
                seen.add(ends)  # a question names each pair once
                fields["dependencies"].append(
                    {"from": ends[0], "to": ends[1], "kind": dependency.kind}
                )
    return fields


def _texts(text: Any, languages: Sequence[str]) -> dict[str, str]:
    texts = {code: text[code] for code in languages if text.get(code)}
    return texts if languages[0] in texts else {languages[0]: text.in_language("")} | texts
