"""From what a file says, piece by piece, to a draft: the checks that all formats share. Pure.

A reader hands over values by field with the place they were found in; everything wrong is
collected, so that one correction round is enough.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.errors import InvalidInput
from core.text import LocalizedText
from roadmap import errors
from roadmap.draft import (
    Draft,
    DraftChapter,
    DraftDependency,
    DraftMilestone,
    DraftParagraph,
    Kpi,
)
from roadmap.draft_checks import (
    CHECKS,
    check_together,
    clean_code,
    clean_kind,
    clean_localized,
    clean_ruling,
    clean_support,
)
from roadmap.errors import InvalidDraft, Problem, UnreadableRoadmap
from roadmap.planning.network import Kind

# Some 2,700 years: enough for any plan, and no sum of days gets out of hand.
MAXIMUM_DAYS = 1_000_000
MOST_MILESTONES = 100_000
MOST_DEPENDENCIES = 300_000
_DAYS = ("duration_days", "optimistic_days", "likely_days", "pessimistic_days")


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was found; ``label`` turns the name of a field into a column or a key."""

    file: str
    line: int | None
    label: Callable[[str], str]

    @property
    def words(self) -> str:
        """As the end of a sentence: on line 3, in milestones.2."""
        return f"on line {self.line}" if self.line is not None else f"in {self.label('code')}"


class Assembly:
    """A draft in the making. ``home`` is what messages call the place of the milestones."""

    def __init__(self, *, home: str, problems: list[Problem] | None = None) -> None:
        self.home = home
        self.problems: list[Problem] = [] if problems is None else problems
        self.areas: dict[str, LocalizedText] = {}
        self._parents: dict[str, tuple[str, Place]] = {}
        self._milestones: dict[str, DraftMilestone] = {}
        self._seen: dict[str, Place] = {}
        self._dependencies: list[DraftDependency] = []
        self._chapters: list[DraftChapter] = []
        self._chapter_codes: dict[str, Place] = {}

    def refuse(
        self,
        place: Place,
        field: str,
        reason: str,
        kind: type[UnreadableRoadmap] = errors.InvalidCell,
    ) -> None:
        self.problems.append(Problem(kind.code, place.file, place.line, place.label(field), reason))

    def add_area(self, code: str, title: LocalizedText, parent: str, place: Place) -> None:
        """An area; its parent may come later."""
        try:
            if len(code) > 80:
                raise InvalidDraft(where="code", reason="expected at most 80 characters")
            if code in self.areas:
                raise InvalidDraft(where="code", reason=f"the area {code} is there twice")
            title = clean_localized("title", title, maximum=500)
            if not title:
                raise InvalidDraft(where="title", reason="expected a text in at least one language")
        except InvalidInput as error:
            self._refuse(place, error)
        if code:
            self.areas[code] = title or LocalizedText.of(code)
            if parent:
                self._parents[code] = (parent, place)

    def add_milestone(self, values: Mapping[str, Any], place: Place) -> None:
        """A milestone; fields that are not among ``values`` are as a new one has them."""
        clean: dict[str, Any] = {}
        for field, value in values.items():
            try:
                clean[field] = _MILESTONE_CHECKS[field](field, value)
            except InvalidDraft as error:
                negative = field == "duration_days" and type(value) is int and value < 0
                self._refuse(place, error, errors.NegativeDuration if negative else None)
            except InvalidInput as error:
                self._refuse(place, error)
        code = clean.get("code") or str(values.get("code", ""))
        if code in self._seen:
            reason = f"the code “{code[:40]}” is already used {self._seen[code].words}"
            self.refuse(place, "code", reason, errors.DuplicateCode)
            return
        if not code:
            return
        self._seen[code] = place
        area = clean.get("area", "")
        if area and self.areas and area not in self.areas:
            expected = ", ".join(list(self.areas)[:20])
            self.refuse(place, "area", f"expected one of {expected}, found “{area[:40]}”")
        defaults: dict[str, Any] = {
            "title": LocalizedText.of(code), "agenda": "SRIA", "area": "", "duration_days": 0,
        }  # fmt: skip
        milestone = DraftMilestone(**(defaults | clean | {"code": code}), line=place.line)
        try:
            check_together(milestone, start=None)
        except InvalidDraft as error:
            self._refuse(place, error)
        self._milestones[code] = milestone

    def add_dependency(self, values: Mapping[str, Any], place: Place) -> None:
        """A dependency: ``from``, ``to`` and the other fields; its ends must be known by now."""
        for end in ("from", "to"):
            code = values.get(end, "")
            # Without any milestone read, each would be unknown: the cause is named already.
            if code and self._seen and code not in self._seen:
                reason = f"there is no milestone “{str(code)[:40]}” in {self.home}"
                self.refuse(place, end, reason, errors.UnknownMilestone)
        clean: dict[str, Any] = {}
        for field, value in values.items():
            if check := _DEPENDENCY_CHECKS.get(field):
                try:
                    clean[field] = check(value)
                except InvalidInput as error:
                    self._refuse(place, error)
        if len(self._dependencies) < MOST_DEPENDENCIES:
            self._dependencies.append(
                DraftDependency(
                    values.get("from", ""), values.get("to", ""), clean.pop("kind", Kind.FS),
                    clean.pop("lag_days", 0), **clean,
                )
            )  # fmt: skip

    def add_chapter(
        self,
        code: str,
        title: LocalizedText,
        area: str,
        paragraphs: list[tuple[str, LocalizedText]],
        place: Place,
    ) -> None:
        """A chapter with its paragraphs; codes of both are names of their own."""
        try:
            self._new_chapter_code("code", code, place)
            title = clean_localized("title", title, maximum=300)
            if not title:
                raise InvalidDraft(where="title", reason="expected a title")
            if area and area not in self.areas:
                raise InvalidDraft(where="area", reason=f"there is no area “{area[:40]}”")
            for number, (name, _) in enumerate(paragraphs, start=1):
                self._new_chapter_code(f"paragraphs.{number}.code", name, place)
            read = tuple(
                DraftParagraph(
                    name, clean_localized(f"paragraphs.{number}.text", text, maximum=50_000)
                )
                for number, (name, text) in enumerate(paragraphs, start=1)
            )
        except InvalidInput as error:
            self._refuse(place, error)
            return
        self._chapters.append(DraftChapter(code, title, area, read))

    def finish(
        self,
        *,
        title: LocalizedText | None = None,
        start: date | None = None,
        language: str = "en",
        has_chapters: bool = False,
        silent: frozenset[str] = frozenset(),
        ignored: tuple[tuple[str, str], ...] = (),
    ) -> Draft:
        """The draft; raises ``UnreadableRoadmap`` with everything that is wrong."""
        self._check_parents()
        too_many = len(self._seen) > MOST_MILESTONES
        if too_many or len(self._dependencies) >= MOST_DEPENDENCIES:
            reason = (
                f"expected at most {MOST_MILESTONES:,} milestones and fewer than "
                f"{MOST_DEPENDENCIES:,} dependencies"
            )
            self.problems.append(Problem(errors.UnreadableFile.code, self.home, None, None, reason))
        if not self._seen and not self.problems:
            self.problems.append(
                Problem(errors.UnreadableFile.code, self.home, None, None, "holds no milestone")
            )
        if self.problems:
            raise errors.refuse(self.problems)
        milestones = tuple(self._milestones.values())
        areas = self.areas
        if not areas:
            silent |= {"areas"}
            areas = {each.area: LocalizedText.of(each.area, language) for each in milestones}
        return Draft(
            milestones=milestones,
            dependencies=tuple(self._dependencies),
            areas=areas,
            title=title,
            start=start,
            ignored=ignored,
            parents={code: parent for code, (parent, _) in self._parents.items()},
            chapters=tuple(self._chapters) if has_chapters else None,
            silent=silent,
        )

    def _refuse(
        self,
        place: Place,
        error: InvalidInput,
        kind: type[UnreadableRoadmap] | None = None,
    ) -> None:
        self.refuse(place, error.where, str(error.params["reason"]), kind or errors.InvalidCell)

    def _new_chapter_code(self, where: str, code: str, place: Place) -> None:
        clean_code(code, where=where)
        if code in self._chapter_codes:
            reason = f"the code “{code[:40]}” is already used {self._chapter_codes[code].words}"
            raise InvalidDraft(where=where, reason=reason)
        self._chapter_codes[code] = place

    def _check_parents(self) -> None:
        for code, (parent, place) in self._parents.items():
            if parent not in self.areas:
                self.refuse(place, "parent", f"there is no area “{parent[:40]}”")
                continue
            above = [code]
            while parent in self._parents and parent not in above:
                above.append(parent)
                parent = self._parents[parent][0]
            if parent == code:
                self.refuse(place, "parent", f"the area {code} would be a part of itself")


def clean_kpi(kpi: Kpi) -> Kpi:
    """One measure. Raises ``InvalidInput`` that names its field."""
    try:
        (clean,) = CHECKS["kpis"]("kpi", [kpi])
    except InvalidInput as error:
        where = error.where.removeprefix("kpi.1.")
        raise InvalidDraft(where=where, reason=error.params["reason"]) from None
    return clean  # type: ignore[no-any-return]


def _days(field: str, value: Any) -> int | None:
    if value is None and field != "duration_days":
        return None
    if type(value) is not int or not 0 <= value <= MAXIMUM_DAYS:
        reason = f"expected a whole number of days from 0 to {MAXIMUM_DAYS:,}"
        raise InvalidDraft(where=field, reason=reason)
    return value


def _title(field: str, value: Mapping[str, str]) -> LocalizedText:
    title = clean_localized(field, value, maximum=500)
    if not title:
        raise InvalidDraft(where=field, reason="expected a title in at least one language")
    return title


def _lag(value: Any) -> int:
    if type(value) is not int or abs(value) > MAXIMUM_DAYS:
        reason = f"expected a whole number of days from -{MAXIMUM_DAYS:,} to {MAXIMUM_DAYS:,}"
        raise InvalidDraft(where="lag_days", reason=reason)
    return value


# What forms take, but for titles and durations: files were always allowed longer ones.
_MILESTONE_CHECKS: Mapping[str, Callable[[str, Any], Any]] = {
    **CHECKS,
    "code": lambda field, value: clean_code(value, where=field),
    "title": _title,
    **dict.fromkeys(_DAYS, _days),
}
_DEPENDENCY_CHECKS: Mapping[str, Callable[[Any], Any]] = {
    "kind": clean_kind,
    "lag_days": _lag,
    "support": clean_support,
    "rationale": lambda value: clean_localized("rationale", value, maximum=2000),
    "ruling": clean_ruling,
}
