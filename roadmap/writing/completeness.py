"""How much of the draft's wording there is in each language. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.text import LANGUAGES
from roadmap.draft import DraftChapter, DraftMilestone
from roadmap.writing.history import Standing


@dataclass(frozen=True, slots=True)
class LanguageCount:
    """Texts there are in a language, each as (there, of so many); ``outdated`` paragraphs."""

    language: str
    titles: tuple[int, int]
    paragraphs: tuple[int, int]
    outdated: int
    milestone_titles: tuple[int, int]
    descriptions: tuple[int, int]

    @property
    def complete(self) -> bool:
        counts = (self.titles, self.paragraphs, self.milestone_titles, self.descriptions)
        return not self.outdated and all(there == whole for there, whole in counts)


def count_languages(
    chapters: Sequence[DraftChapter],
    milestones: Sequence[DraftMilestone],
    standings: Mapping[str, Mapping[str, Standing]],
) -> list[LanguageCount]:
    """The languages in which there is anything, in the order of the institutions."""
    paragraphs = [paragraph for chapter in chapters for paragraph in chapter.paragraphs]
    kinds: tuple[list[Mapping[str, str]], ...] = (
        [chapter.title for chapter in chapters],
        [paragraph.text for paragraph in paragraphs],
        [milestone.title for milestone in milestones],
        [each.description for each in milestones if any(each.description.values())],
    )
    counts = []
    for language in LANGUAGES:
        titles, texts, names, descriptions = (_count(kind, language) for kind in kinds)
        outdated = sum(
            standings[each.code][language].outdated
            for each in paragraphs
            if language in standings.get(each.code, {})
        )
        if titles[0] or texts[0] or names[0] or descriptions[0]:
            counts.append(LanguageCount(language, titles, texts, outdated, names, descriptions))
    return counts


def _count(texts: Iterable[Mapping[str, str]], language: str) -> tuple[int, int]:
    there = [bool(text.get(language)) for text in texts]
    return sum(there), len(there)
