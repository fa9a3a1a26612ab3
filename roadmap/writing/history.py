"""What the versions of a text say about its languages. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class VersionKind(StrEnum):
    """How a version of a paragraph came to be."""

    WRITTEN = "written"
    CORRECTED = "corrected"  # a slip of the pen: translations stay right
    CHECKED = "checked"  # nothing changed: a language was found to say what the others say
    MERGED = "merged"  # written while somebody else was, too
    SUGGESTION = "suggestion"
    RESTORED = "restored"  # an earlier version again, or the whole paragraph
    REMOVED = "removed"
    IMPORTED = "imported"


@dataclass(frozen=True, slots=True)
class WordingVersion:
    """A version by its number; ``checked`` is the language that a ``CHECKED`` one is about."""

    number: int
    kind: VersionKind
    texts: Mapping[str, str]
    checked: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a language is: the version of its text, and whether others have gone on since."""

    version: int
    outdated: bool


def standings(versions: Iterable[WordingVersion]) -> dict[str, Standing]:
    """How far each language of the newest version is; ``versions`` are in order.

    Who changes a language that was up to date says something new, and every other language is
    outdated until it is changed, too, or checked. Adding a language, catching up with one, and
    correcting a slip say nothing new.
    """
    texts: Mapping[str, str] = {}
    changed_in: dict[str, int] = {}
    outdated: set[str] = set()
    for version in versions:
        changed = {
            language
            for language in {*texts, *version.texts}
            if texts.get(language, "") != version.texts.get(language, "")
        }
        says_something_new = version.kind is not VersionKind.CORRECTED and any(
            texts.get(language) and version.texts.get(language) and language not in outdated
            for language in changed
        )
        if says_something_new:
            outdated |= {language for language, text in version.texts.items() if text}
        if version.kind is not VersionKind.CORRECTED:
            outdated -= changed
        outdated.discard(version.checked)
        for language in changed:
            changed_in[language] = version.number
        texts = version.texts
    return {
        language: Standing(changed_in[language], language in outdated)
        for language, text in texts.items()
        if text
    }
