"""A roadmap as a folder: milestones.csv, dependencies.csv and, if they are there, two more.

    milestones.csv     code,title,agenda,area,duration_days
                       optional: see ``columns.MILESTONE_OPTIONS``
    dependencies.csv   from,to,kind,lag_days; optional: support (1 where not given),
                       rationale,ruling
    kpis.csv           code,name,target; optional: baseline,unit,due
    roadmap.json       {"title": {"en": …}, "start": "2026-01-01", "areas": {"code": {"en": …}},
                        "parents": {"code": "code of the area it is a part of"}, "chapters": […]}

Texts without a language of their own are in the first language of the roadmap's title, English
without one. docs/roadmap-formats.md has every column.
"""

import json
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from core.errors import InvalidInput
from core.text import LANGUAGES, LocalizedText, clean_text
from roadmap import calendar, errors
from roadmap.draft import Draft, DraftChapter, Kpi
from roadmap.errors import Problem
from roadmap.formats import columns
from roadmap.formats.assembling import Assembly, Place, clean_kpi
from roadmap.formats.tables import Cells, Row, read_table, read_text, shorten, write_table

FILES = ("milestones.csv", "dependencies.csv", "kpis.csv", "roadmap.json")


class ParagraphFile(BaseModel):
    """A paragraph as files give it."""

    model_config = ConfigDict(strict=True, extra="forbid")

    code: str
    text: dict[str, str]


class ChapterFile(BaseModel):
    """A chapter as files give it."""

    model_config = ConfigDict(strict=True, extra="forbid")

    code: str
    title: dict[str, str]
    area: str = ""
    paragraphs: list[ParagraphFile] = []


class _About(BaseModel):
    """roadmap.json."""

    model_config = ConfigDict(strict=True, extra="forbid")

    title: dict[str, str] | None = None
    areas: dict[str, dict[str, str]] | None = None
    parents: dict[str, str] | None = None
    start: str | None = None
    chapters: list[ChapterFile] | None = None


def read_folder(folder: Path, *, language: str = "en") -> Draft:
    """The roadmap in ``folder``; raises ``UnreadableRoadmap`` with everything that is wrong."""
    problems: list[Problem] = []
    assembly = Assembly(home="milestones.csv", problems=problems)
    about = _read_about(folder / "roadmap.json", problems)
    title = _localized(about.title, "title", problems) if about.title is not None else None
    language = title.fallback if title else language
    _read_areas(about, assembly)
    start = None
    if about.start is not None and (start := calendar.read_date(about.start)) is None:
        problems.append(_about_problem("start", f"expected {calendar.EXPECTED}"))
    for number, chapter in enumerate(about.chapters or ()):
        add_chapter(assembly, chapter, "roadmap.json", f"chapters.{number}")
    kpis = _read_kpis(folder / "kpis.csv", language, problems)
    silent = _read_milestones(folder / "milestones.csv", language, kpis, assembly)
    silent |= _read_dependencies(folder / "dependencies.csv", language, assembly)
    ignored = [
        (path.name, f"only {', '.join(FILES[:-1])} and {FILES[-1]} are read")
        for path in folder.iterdir()
        if path.name not in FILES
    ]
    return assembly.finish(
        title=title,
        start=start,
        language=language,
        has_chapters=about.chapters is not None,
        silent=frozenset(
            silent
            | ({"kpis"} if kpis is None else set())
            | ({"parents"} if about.parents is None else set())
        ),
        ignored=tuple(sorted(ignored)),
    )


def write_folder(draft: Draft, folder: Path) -> None:
    """Write ``draft`` as files that ``read_folder`` reads back to the same draft."""
    for name, content in folder_files(draft).items():
        (folder / name).write_bytes(content)


def folder_files(draft: Draft) -> dict[str, bytes]:
    """The same, by name of the file."""
    language = draft.title.fallback if draft.title else "en"
    milestones = columns.milestone_writers(draft, language)
    dependencies = columns.dependency_writers(draft, language)
    files = {
        "milestones.csv": _write(milestones, draft.milestones),
        "dependencies.csv": _write(dependencies, draft.dependencies),
    }
    if "kpis" not in draft.silent:
        rows = columns.kpi_rows(draft)
        files["kpis.csv"] = _write(columns.kpi_writers(rows, language), rows)
    about: dict[str, object] = {}
    if draft.title is not None:
        about["title"] = draft.title.as_dict()
    if draft.start is not None:
        about["start"] = draft.start.isoformat()
    if "areas" not in draft.silent:
        about["areas"] = {code: title.as_dict() for code, title in draft.areas.items()}
    if "areas" not in draft.silent and "parents" not in draft.silent:
        about["parents"] = dict(draft.parents)
    if draft.chapters is not None:
        about["chapters"] = [chapter_document(chapter) for chapter in draft.chapters]
    text = json.dumps(about, ensure_ascii=False, indent=2) + "\n"
    return files | {"roadmap.json": text.encode()}


def chapter_document(chapter: DraftChapter) -> dict[str, object]:
    """A chapter as JSON values."""
    return {
        "code": chapter.code,
        "title": chapter.title.as_dict(),
        "area": chapter.area,
        "paragraphs": [
            {"code": each.code, "text": each.text.as_dict()} for each in chapter.paragraphs
        ],
    }


def add_chapter(assembly: Assembly, chapter: ChapterFile, file: str, key: str) -> None:
    """Hand a chapter that was read from JSON to ``assembly``."""
    assembly.add_chapter(
        chapter.code,
        LocalizedText(chapter.title),
        chapter.area,
        [(each.code, LocalizedText(each.text)) for each in chapter.paragraphs],
        Place(file, None, lambda field: f"{key}.{field}"),
    )


def _write(writers: dict[str, columns.Writer], rows: object) -> bytes:
    cells = columns.table_rows(writers, rows)  # type: ignore[arg-type]
    texts = ([columns.as_text(cell) for cell in row] for row in cells)
    return write_table(list(writers), texts)


def _read_about(path: Path, problems: list[Problem]) -> _About:
    if not path.exists():
        return _About()
    text = read_text(path, problems)
    if text is None:
        return _About()
    try:
        return _About.model_validate(json.loads(text))
    except json.JSONDecodeError as error:
        reason = f"is not well-formed JSON: {error.msg}"
        problems.append(Problem(errors.UnreadableFile.code, path.name, error.lineno, None, reason))
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


def _read_areas(about: _About, assembly: Assembly) -> None:
    parents = dict(about.parents or {})
    for code, texts in (about.areas or {}).items():
        title = _localized(texts, f"areas.{code}", assembly.problems)
        if title or not texts:
            key = f"areas.{code}"
            place = Place("roadmap.json", None, lambda field, key=key: f"{key}.{field}")  # type: ignore[misc]
            assembly.add_area(code, title or LocalizedText.of(code), parents.pop(code, ""), place)
        else:
            assembly.areas[code] = LocalizedText.of(code)
    for code in parents:
        assembly.problems.append(_about_problem(f"parents.{code}", "there is no such area"))


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


def _read_milestones(
    path: Path, language: str, kpis: dict[str, list[Kpi]] | None, assembly: Assembly
) -> set[str]:
    texts = ("title", "description")
    header, rows = read_table(
        path,
        required=columns.MILESTONE_REQUIRED,
        optional=columns.MILESTONE_OPTIONS,
        also=columns.translations(*texts),
        problems=assembly.problems,
    )
    add_milestones(assembly, path.name, rows, language, kpis or {})
    known = {row.cells["code"] for row in rows}
    for code in kpis or {}:
        if rows and code not in known:
            reason = f"there is no milestone {shorten(code)} in {assembly.home}"
            problem = Problem(errors.UnknownMilestone.code, "kpis.csv", None, "code", reason)
            assembly.problems.append(problem)
    return columns.silent_fields(header, columns.MILESTONE_OPTIONS, texts)


def add_milestones(
    assembly: Assembly, file: str, rows: list[Row], language: str, kpis: dict[str, list[Kpi]]
) -> None:
    """Hand the rows of a table of milestones to ``assembly``."""
    for row in rows:
        values = columns.read_milestone(Cells(file, row, assembly.problems), language)
        if measured := kpis.get(values.get("code", "")):
            values["kpis"] = measured
        assembly.add_milestone(values, _place(file, row))


def _read_kpis(path: Path, language: str, problems: list[Problem]) -> dict[str, list[Kpi]] | None:
    """The measures by milestone; ``None`` where there is no such file."""
    if not path.exists():
        return None
    _, rows = read_table(
        path,
        required=columns.KPI_REQUIRED,
        optional=columns.KPI_OPTIONS,
        also=columns.translations("name"),
        problems=problems,
    )
    return gather_kpis(path.name, rows, language, problems)


def gather_kpis(
    file: str, rows: list[Row], language: str, problems: list[Problem]
) -> dict[str, list[Kpi]]:
    """The rows of a table of measures, by milestone."""
    kpis: dict[str, list[Kpi]] = {}
    for row in rows:
        cells = Cells(file, row, problems)
        count = len(problems)
        code, kpi = columns.read_kpi(cells, language)
        if len(problems) > count:
            continue
        try:
            kpis.setdefault(code, []).append(clean_kpi(kpi))
        except InvalidInput as error:
            cells.refuse(columns.column_of(error.where), str(error.params["reason"]))
    return kpis


def _read_dependencies(path: Path, language: str, assembly: Assembly) -> set[str]:
    header, rows = read_table(
        path,
        required=columns.DEPENDENCY_REQUIRED,
        optional=columns.DEPENDENCY_OPTIONS,
        also=columns.translations("rationale"),
        problems=assembly.problems,
    )
    add_dependencies(assembly, path.name, rows, language)
    return columns.silent_fields(header, columns.DEPENDENCY_OPTIONS, ("rationale",))


def add_dependencies(assembly: Assembly, file: str, rows: list[Row], language: str) -> None:
    """Hand the rows of a table of dependencies to ``assembly``; its milestones come first."""
    for row in rows:
        values = columns.read_dependency(Cells(file, row, assembly.problems), language)
        assembly.add_dependency(values, _place(file, row))


def _place(file: str, row: Row) -> Place:
    return Place(file, row.line, lambda field: row.label(columns.column_of(field)))
