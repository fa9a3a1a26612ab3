"""What is written in a format is read back the same, whatever the draft says."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.text import LANGUAGES, LocalizedText
from roadmap.draft import (
    LINK_KINDS,
    STAGES,
    BudgetSource,
    Draft,
    DraftChapter,
    DraftDependency,
    DraftMilestone,
    DraftParagraph,
    Kpi,
    Link,
)
from roadmap.draft_changes import filled
from roadmap.formats import json_schema
from roadmap.formats.folder import read_folder, write_folder
from roadmap.formats.graphml import read_graphml
from roadmap.formats.graphml_writing import write_graphml
from roadmap.formats.json_document import read_json, write_json
from roadmap.formats.msproject import read_msproject
from roadmap.formats.msproject_writing import write_msproject
from roadmap.formats.workbook import read_workbook
from roadmap.formats.workbook_writing import write_workbook
from roadmap.planning.network import Kind, Ruling

# Signs that tables and spreadsheets take for something else are likelier than in real texts.
LETTERS = st.one_of(
    st.sampled_from("aZé9 ;\\,\"'=+-@#<>:\n|"),
    st.characters(codec="utf-8", exclude_characters="\0\r"),
)
CODES = ("M1", "007", "a;b", "=X", "é x", "-1")
AREAS = ("radio", "cloud", "Über; all")


def words(most: int = 12, *, empty: bool = False) -> st.SearchStrategy[str]:
    import unicodedata

    text = st.text(LETTERS, max_size=most).map(
        lambda text: unicodedata.normalize("NFC", text).strip().replace("_x", "x")
    )
    return text if empty else text.filter(bool)


def lines() -> st.SearchStrategy[str]:
    return words().map(lambda text: " ".join(text.split()) or "x")


def localized(*, empty: bool = False) -> st.SearchStrategy[LocalizedText]:
    texts = st.dictionaries(
        st.sampled_from(["en", "fr", "de", "el"]), words(), min_size=0 if empty else 1, max_size=3
    )
    return texts.map(LocalizedText)


DECIMALS = st.from_regex(r"-?[0-9]{1,12}(\.[0-9]{1,6})?", fullmatch=True)
DATES = st.none() | st.dates(date(1800, 1, 1), date(9998, 12, 31))
NAMES = st.lists(lines(), max_size=3, unique=True).map(tuple)
KPIS = st.builds(
    Kpi,
    name=localized(),
    target=DECIMALS,
    baseline=st.just("") | DECIMALS,
    unit=st.just("") | lines(),
    due=st.sampled_from(["", "2028", "2028-Q4", "2028-12-31"]),
)
LINKS = st.builds(
    Link,
    kind=st.sampled_from(LINK_KINDS),
    name=lines(),
    url=st.sampled_from(["", "https://example.org/a;b", "http://example.org/?a=b&c=\\d"]),
)
BUDGETS = st.dictionaries(
    st.sampled_from(list(BudgetSource)),
    st.decimals(0, 10**12, places=2, allow_nan=False, allow_infinity=False),
)


@st.composite
def milestones(draw: st.DrawFn, code: str) -> DraftMilestone:
    days = sorted(draw(st.lists(st.integers(0, 10**6), min_size=3, max_size=3)))
    dates = sorted(draw(st.lists(st.dates(date(1800, 1, 1)), min_size=3, max_size=3)))
    given_days = [draw(st.sampled_from([None, each])) for each in days]
    given_dates = [draw(st.sampled_from([None, each])) for each in dates]
    levels = sorted(draw(st.lists(st.integers(1, 9), min_size=2, max_size=2)))
    return DraftMilestone(
        code=code, title=draw(localized()), agenda=draw(st.sampled_from(["SRIA", "SDA"])),
        area=draw(st.sampled_from(AREAS)), duration_days=draw(st.integers(0, 10**6)),
        description=draw(localized(empty=True)), lead=draw(st.just("") | lines()),
        optimistic_days=given_days[0], likely_days=given_days[1], pessimistic_days=given_days[2],
        not_before=given_dates[0], fixed_start=given_dates[1], finish_by=given_dates[2],
        trl_from=draw(st.sampled_from([None, levels[0]])),
        trl_to=draw(st.sampled_from([None, levels[1]])),
        stage=draw(st.sampled_from(["", *STAGES])), kpis=tuple(draw(st.lists(KPIS, max_size=2))),
        budget=draw(BUDGETS), participants=draw(NAMES), themes=draw(NAMES),
        links=tuple(draw(st.lists(LINKS, max_size=2))), standards=draw(NAMES), spectrum=draw(NAMES),
    )  # fmt: skip


@st.composite
def drafts(draw: st.DrawFn) -> Draft:
    codes = draw(st.lists(st.sampled_from(CODES), min_size=1, max_size=3, unique=True))
    dependencies = st.builds(
        DraftDependency,
        before=st.sampled_from(codes),
        after=st.sampled_from(codes),
        kind=st.sampled_from(list(Kind)),
        lag_days=st.integers(-(10**6), 10**6),
        support=st.decimals(0, 999_999_999, places=6),
        rationale=localized(empty=True),
        ruling=st.sampled_from(list(Ruling)),
    )
    chapters = st.lists(localized(), max_size=2).map(
        lambda titles: tuple(
            DraftChapter(
                f"C{number}", title, draw(st.sampled_from(["", "radio"])),
                tuple(
                    DraftParagraph(f"C{number}.{each}", draw(localized(empty=True)))
                    for each in range(draw(st.integers(0, 2)))
                ),
            )
            for number, title in enumerate(titles)
        )
    )  # fmt: skip
    return Draft(
        milestones=tuple(draw(milestones(code)) for code in codes),
        dependencies=tuple(draw(st.lists(dependencies, max_size=3))),
        areas={area: draw(localized()) for area in AREAS},
        title=draw(st.none() | localized()),
        start=draw(st.none() | st.dates(date(1800, 1, 1))),
        parents=draw(st.sampled_from([{}, {"cloud": "radio"}])),
        chapters=draw(st.none() | chapters),
    )


FEW = settings(max_examples=25, deadline=None)


@FEW
@given(drafts())
def test_csv_says_it_all(draft: Draft):
    with TemporaryDirectory() as folder:
        write_folder(draft, Path(folder))
        assert read_folder(Path(folder)) == draft


@FEW
@given(drafts())
def test_json_says_it_all(draft: Draft):
    content = write_json(draft)
    assert read_json(content, file="a.json") == draft
    VALIDATOR.validate(json.loads(content))


@settings(max_examples=15, deadline=None)
@given(drafts())
def test_a_workbook_says_it_all(draft: Draft):
    assert read_workbook(write_workbook(draft), file="a.xlsx") == draft


@settings(max_examples=15, deadline=None)
@given(drafts())
def test_graphml_says_it_all_but_for_control_characters(draft: Draft):
    once = read_graphml(write_graphml(draft), file="a.graphml")
    assert read_graphml(write_graphml(once), file="a.graphml") == once
    assert [each.code for each in once.milestones] == [each.code for each in draft.milestones]
    assert [each.budget for each in once.milestones] == [each.budget for each in draft.milestones]
    assert len(once.dependencies) == len(draft.dependencies)


@settings(max_examples=15, deadline=None)
@given(drafts())
def test_a_project_comes_back_with_its_tasks_links_and_dates(draft: Draft):
    content = write_msproject(draft)
    back = filled(read_msproject(content, file="a.xml"), draft)
    for code, milestone in draft.by_code.items():
        same = back.by_code[code]
        for name in ("agenda", "area", "duration_days", "optimistic_days", "likely_days", "trl_to",
                     "pessimistic_days", "not_before", "fixed_start", "finish_by", "trl_from",
                     "stage", "kpis", "budget", "links", "themes"):  # fmt: skip
            assert getattr(same, name) == getattr(milestone, name), name
    kept = [each for each in draft.dependencies if each.before != each.after]
    assert {(each.before, each.after, each.kind, each.lag_days) for each in kept} == {
        (each.before, each.after, each.kind, each.lag_days) for each in back.dependencies
    }


VALIDATOR = jsonschema_rs.Draft202012Validator(json_schema.schema())


def test_the_published_schema_is_the_one_that_is_meant():
    published = Path(__file__).parents[3] / "docs" / "schemas" / "waymark-roadmap-1.json"
    assert json.loads(published.read_text()) == json_schema.schema()


def test_a_file_that_is_silent_about_columns_is_so_again():
    table = "code,title,agenda,area,duration_days,description_fr\nA,Study,SRIA,radio,1,Étude\n"
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "milestones.csv").write_text(table)
        (folder / "dependencies.csv").write_text("from,to,kind,lag_days\n")
        draft = read_folder(folder)
        assert {"lead", "budget_eu", "kpis", "areas", "title_fr", "description_de"} < draft.silent
        assert not {"description", "description_fr", "title"} & draft.silent
        write_folder(draft, folder)
        assert read_folder(folder) == draft
    silent = draft.silent - {f"{field}_{code}" for field in ("title", "description", "rationale")
                             for code in LANGUAGES}  # fmt: skip
    read = read_json(write_json(draft), file="a.json")
    assert {each for each in silent if not each.startswith("budget_")} - {"support", "rationale",
        "ruling"} <= read.silent  # fmt: skip


@pytest.mark.parametrize("amount", ["0", "0.5", "1234567890123.45"])
def test_money_keeps_every_cent(amount: str):
    milestone = DraftMilestone(
        "A", LocalizedText.of("T"), "SDA", "x", 1, budget={BudgetSource.CEF: Decimal(amount)}
    )
    draft = Draft((milestone,), (), {"x": LocalizedText.of("X")})
    read = read_workbook(write_workbook(draft), file="a.xlsx")
    assert read.milestones[0].budget == {BudgetSource.CEF: Decimal(amount)}
