"""A roadmap as a folder: milestones.csv, dependencies.csv and, if there is one, roadmap.json.

    milestones.csv     code,title,agenda,area,duration_days
                       optional: not_before,lead,trl_from,trl_to,description
    dependencies.csv   from,to,kind,lag_days; optional: support (1 where not given)
    roadmap.json       {"title": {"en": …}, "areas": {"code": {"en": …}}, "start": "2026-01-01"}

Titles and descriptions are in the first language of the roadmap's title, English without one.
"""

import json
import re
from datetime import date
from decimal import Decimal
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from core.errors import InvalidInput
from core.text import LANGUAGES, LocalizedText, clean_text
from roadmap import errors
from roadmap.draft import Draft, DraftDependency, DraftMilestone
from roadmap.errors import Problem
from roadmap.formats.tables import Cells, read_table, read_text, shorten, write_table
from roadmap.planning.network import Kind

AGENDAS = ("SRIA", "SDA")
# Some 2,700 years: enough for any plan, and no sum of days gets out of hand.
MAXIMUM_DAYS = 1_000_000
_MILESTONE_COLUMNS = ("code", "title", "agenda", "area", "duration_days")
_MILESTONE_OPTIONS = ("not_before", "lead", "trl_from", "trl_to", "description")
_DEPENDENCY_COLUMNS = ("from", "to", "kind", "lag_days")
_DEPENDENCY_OPTIONS = ("support",)
_FILES = ("milestones.csv", "dependencies.csv", "roadmap.json")
# A code is part of an address, and 15 digits are what every reader of JSON numbers keeps.
_CODE = re.compile(r"(?!\.+$)[^\x00-\x1f\x7f-\x9f\u2028\u2029/\\]{1,64}")
_SUPPORT = re.compile(r"\d{1,9}(\.\d{1,6})?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class _About(BaseModel):
    """roadmap.json."""

    model_config = ConfigDict(strict=True, extra="forbid")

    title: dict[str, str] | None = None
    areas: dict[str, dict[str, str]] | None = None
    start: str | None = None


def read_folder(folder: Path) -> Draft:
    """The roadmap in ``folder``; raises ``UnreadableRoadmap`` with everything that is wrong."""
    problems: list[Problem] = []
    about = _read_about(folder / "roadmap.json", problems)
    title = _localized(about.title, "title", problems) if about.title is not None else None
    language = title.fallback if title else "en"
    declared = {
        code: _localized(texts, f"areas.{code}", problems)
        for code, texts in (about.areas or {}).items()
    }
    start = None
    if about.start is not None and (start := _date(about.start)) is None:
        problems.append(_about_problem("start", "expected a date such as 2026-01-31"))
    milestones = _read_milestones(folder / "milestones.csv", language, declared, problems)
    codes = {milestone.code for milestone in milestones}
    dependencies = _read_dependencies(folder / "dependencies.csv", codes, problems)
    if problems:
        raise errors.refuse(problems)
    areas = declared or {
        milestone.area: LocalizedText.of(milestone.area, language) for milestone in milestones
    }
    ignored = sorted(
        (path.name, "only milestones.csv, dependencies.csv and roadmap.json are read")
        for path in folder.iterdir()
        if path.name not in _FILES
    )
    return Draft(tuple(milestones), tuple(dependencies), areas, title, start, tuple(ignored))


def write_folder(draft: Draft, folder: Path) -> None:
    """Write ``draft`` as files that ``read_folder`` reads back to the same draft."""
    start = draft.start.isoformat() if draft.start else None
    about = {
        "title": draft.title.as_dict() if draft.title else None,
        "areas": {code: title.as_dict() for code, title in draft.areas.items()},
        "start": start,
    }
    about_text = json.dumps(about, ensure_ascii=False, indent=2) + "\n"
    (folder / "roadmap.json").write_text(about_text, encoding="utf-8")
    milestones = write_table(
        _MILESTONE_COLUMNS + _MILESTONE_OPTIONS,
        (
            (
                each.code,
                each.title.in_language(each.title.fallback),
                each.agenda,
                each.area,
                each.duration_days,
                each.not_before or "",
                each.lead,
                each.trl_from or "",
                each.trl_to or "",
                each.description.in_language(each.description.fallback),
            )
            for each in draft.milestones
        ),
    )
    (folder / "milestones.csv").write_bytes(milestones)
    dependencies = write_table(
        _DEPENDENCY_COLUMNS + _DEPENDENCY_OPTIONS,
        (
            (each.before, each.after, each.kind.value, each.lag_days, format(each.support, "f"))
            for each in draft.dependencies
        ),
    )
    (folder / "dependencies.csv").write_bytes(dependencies)


def _read_about(path: Path, problems: list[Problem]) -> _About:
    if not path.exists():
        return _About()
    text = read_text(path, problems)
    if text is None:
        return _About()
    try:
        return _About.model_validate(json.loads(text))
    except json.JSONDecodeError as error:
        problems.append(
            Problem(
                errors.UnreadableFile.code,
                path.name,
                error.lineno,
                None,
                f"is not well-formed JSON: {error.msg}",
            )
        )
    except RecursionError:
        problems.append(_about_problem(None, "is nested too deeply"))
    except ValidationError as error:
        for each in error.errors():
            place = ".".join(map(str, each["loc"])) or None
            reason = "expected an object" if each["type"] == "model_type" else each["msg"]
            problems.append(_about_problem(place, reason))
    return _About()


def _about_problem(place: str | None, reason: str) -> Problem:
    return Problem(errors.InvalidCell.code, "roadmap.json", None, place, reason)


def _localized(texts: dict[str, str], place: str, problems: list[Problem]) -> LocalizedText:
    clean = {}
    for language, text in texts.items():
        if language not in LANGUAGES:
            reason = f"expected the code of an official EU language, found {shorten(language)}"
            problems.append(_about_problem(place, reason))
        elif not text.strip() or len(text) > 500:
            reason = "expected a text of 1 to 500 characters"
            problems.append(_about_problem(f"{place}.{language}", reason))
        else:
            try:
                clean[language] = clean_text(text.strip(), where=place)
            except InvalidInput as error:
                reason = str(error.params["reason"])
                problems.append(_about_problem(f"{place}.{language}", reason))
    if not texts:
        problems.append(_about_problem(place, "expected a text in at least one language"))
    return LocalizedText(clean)


def _date(value: str) -> date | None:
    try:
        return date.fromisoformat(value) if _DATE.fullmatch(value) else None
    except ValueError:
        return None


def _read_milestones(
    path: Path, language: str, areas: dict[str, LocalizedText], problems: list[Problem]
) -> list[DraftMilestone]:
    rows = read_table(
        path, required=_MILESTONE_COLUMNS, optional=_MILESTONE_OPTIONS, problems=problems
    )
    line_of: dict[str, int] = {}
    milestones = []
    for row in rows:
        cells = Cells(path.name, row, problems)
        code = cells.text("code", maximum=64, required=True)
        if code and not _CODE.fullmatch(code):
            cells.refuse("code", "expected a code without slashes and control characters")
        if code in line_of:
            reason = f"the code {shorten(code)} is already used on line {line_of[code]}"
            cells.refuse("code", reason, errors.DuplicateCode)
        if code:
            line_of.setdefault(code, row.line)
        area = cells.text("area", maximum=80, required=True)
        if area and areas and area not in areas:
            expected = ", ".join(list(areas)[:20])
            cells.refuse("area", f"expected one of {expected}, found {shorten(area)}")
        not_before = row.cells.get("not_before", "")
        if not_before and _date(not_before) is None:
            reason = f"expected a date such as 2026-01-31, found {shorten(not_before)}"
            cells.refuse("not_before", reason)
        trl_from, trl_to = (
            cells.whole_number(column, minimum=1, maximum=9, required=False)
            for column in ("trl_from", "trl_to")
        )
        if trl_from is not None and trl_to is not None and trl_from > trl_to:
            cells.refuse("trl_to", f"expected {trl_from} or more, the value of trl_from")
        duration = cells.whole_number(
            "duration_days", minimum=0, maximum=MAXIMUM_DAYS, below=errors.NegativeDuration
        )
        description = cells.text("description", maximum=20_000)
        milestones.append(
            DraftMilestone(
                code=code,
                title=LocalizedText.of(cells.text("title", maximum=500, required=True), language),
                agenda=cells.choice("agenda", AGENDAS),
                area=area,
                duration_days=duration or 0,
                not_before=_date(not_before),
                lead=cells.text("lead", maximum=200),
                trl_from=trl_from,
                trl_to=trl_to,
                description=LocalizedText({language: description} if description else {}),
                line=row.line,
            )
        )
    if not rows and not problems:
        problems.append(
            Problem(errors.UnreadableFile.code, path.name, None, None, "holds no milestone")
        )
    return milestones


def _read_dependencies(
    path: Path, codes: set[str], problems: list[Problem]
) -> list[DraftDependency]:
    dependencies = []
    rows = read_table(
        path, required=_DEPENDENCY_COLUMNS, optional=_DEPENDENCY_OPTIONS, problems=problems
    )
    for row in rows:
        cells = Cells(path.name, row, problems)
        ends = {}
        for column in ("from", "to"):
            ends[column] = cells.text(column, maximum=64, required=True)
            # Without any milestone read, each would be unknown: the cause is named already.
            if ends[column] and codes and ends[column] not in codes:
                reason = f"there is no milestone {shorten(ends[column])} in milestones.csv"
                cells.refuse(column, reason, errors.UnknownMilestone)
        support = row.cells.get("support", "") or "1"
        if not _SUPPORT.fullmatch(support):
            reason = "expected a number such as 2 or 0.5, zero or more, with at most 9 digits"
            cells.refuse("support", f"{reason} before the point and 6 after it")
            support = "1"
        lag = cells.whole_number("lag_days", minimum=-MAXIMUM_DAYS, maximum=MAXIMUM_DAYS)
        dependencies.append(
            DraftDependency(
                before=ends["from"],
                after=ends["to"],
                kind=Kind(cells.choice("kind", [kind.value for kind in Kind])),
                lag_days=lag or 0,
                support=Decimal(support),
            )
        )
    return dependencies
