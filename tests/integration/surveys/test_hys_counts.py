"""Imported exports give exactly the counts that a plain reader and a counter give."""

import csv
import io
from collections import Counter

import pytest
from sqlalchemy import func, select

from core.audit import OPERATOR
from surveys.consultations import Phase, get_consultation, phase_of
from surveys.counting.projection import bring_up_to_date
from surveys.errors import AlreadyImported
from surveys.formats import profile_labels
from surveys.imported_responses import import_have_your_say
from surveys.models import Response
from surveys.results import get_results

SPLITS = {
    "respondent_type": (3, profile_labels.find_respondent_type),
    "organisation_size": (9, profile_labels.find_organisation_size),
    "country": (10, profile_labels.find_country),
    "language": (2, profile_labels.find_language),
}


def import_file(session, data, now, slug="paper"):
    return import_have_your_say(session, data=data, slug=slug, actor=OPERATOR, now=now)


def plain_records(data):
    text = io.StringIO(data.decode("utf-8-sig"), newline="")
    return list(csv.reader(text, delimiter=";"))[1:]


def count_cells(records, column):
    return Counter(cell for record in records if (cell := record[column].strip()))


def check_questions(questions, records):
    assert len(questions) == len(records[0]) - 12
    for column, question in enumerate(questions, start=12):
        cells = count_cells(records, column)
        assert question["answered"] == cells.total(), question["title"]
        if question["options"]:
            counted = {option["label"]: option["count"] for option in question["options"]}
            assert Counter(counted) == cells, question["title"]
            assert cells.keys() <= counted.keys()


def test_the_commissions_608_responses_are_counted_exactly(session, shared_data, now, tmp_path):
    data = (shared_data / "ec" / "white-paper-ai-2020-pseudonymised.csv").read_bytes()
    records = plain_records(data)
    report = import_file(session, data, now)
    assert (report.questions, report.read, report.imported) == (35, 608, 608)
    assert report.rejected == ()
    consultation = get_consultation(session, slug="paper")
    assert phase_of(consultation, now=now) is Phase.CLOSED
    assert bring_up_to_date(session, directory=tmp_path, now=now) == 608
    exact = get_results(session, consultation=consultation)
    assert exact["responses"] == 608
    check_questions(exact["questions"], records)
    # Free text, scales, and the choices whose labels hold commas.
    assert {q["type"] for q in exact["questions"]} == {
        "matrix", "single_choice", "long_text", "short_text",
    }  # fmt: skip
    for name, (column, find) in SPLITS.items():
        split = get_results(session, consultation=consultation, by=name)["by"]
        groups: dict[str, list] = {}
        for record in records:
            value = find(record[column]) if record[column].strip() else "unknown"
            groups.setdefault(value, []).append(record)
        assert {v: g["responses"] for v, g in split.items()} == {
            v: len(g) for v, g in groups.items()
        }
        for value, members in groups.items():
            check_questions(split[value]["questions"], members)


def small_export():
    header = [
        "Reference", "Feedback date", "Language", "User type", "First name", "Surname", "Scope",
        "Organisation name", "Transparency register number", "Organisation size", "Country",
        "Publication privacy settings",
        "How good?\n: Roads", "How good?\n: Rails", "Which areas?", "Why?",
    ]  # fmt: skip
    energy = "Energy, grids and storage"
    areas = ["Health", energy, "Mobility", "Health, Mobility", f"Health, {energy}", "",
             f"{energy}, Mobility"]  # fmt: skip
    scale = ["1 - Bad", "2 - Good", "No opinion", ""]
    file = io.StringIO()
    writer = csv.writer(file, delimiter=";", lineterminator="\n")
    writer.writerow(header)
    for n in range(28):
        writer.writerow(
            [f"R{n}", "01.02.2024 08:30", "German", ["EU Citizen", "NGO", ""][n % 3], "", "", "",
             "", "", "", ["Austria", ""][n % 2], "anonymous", scale[n % 4], scale[n % 3],
             areas[n % 7], f"my reason {n}\nis; “long”" if n % 2 else ""]
        )  # fmt: skip
    return ("\ufeff" + file.getvalue()).encode()


def test_multiple_choices_count_people_per_option(session, now, tmp_path):
    data = small_export()
    report = import_file(session, data, now)
    assert (report.questions, report.imported) == (3, 28)
    bring_up_to_date(session, directory=tmp_path, now=now)
    questions = get_results(session, consultation=get_consultation(session, slug="paper"))[
        "questions"
    ]
    assert [q["code"] for q in questions] == ["Q1.r1", "Q1.r2", "Q2", "Q3"]
    areas = questions[2]
    assert (areas["type"], areas["answered"]) == ("multiple_choice", 24)
    assert {o["label"]: o["count"] for o in areas["options"]} == {
        "Health": 12, "Energy, grids and storage": 12, "Mobility": 12,
    }  # fmt: skip
    assert questions[0]["title"] == "How good?: Roads"
    assert questions[3] == {
        "code": "Q3", "title": "Why?", "type": "long_text", "answered": 14, "options": [],
    }  # fmt: skip


def test_importing_twice_is_refused_and_doubles_nothing(session, now):
    import_file(session, small_export(), now)
    with pytest.raises(AlreadyImported):
        import_file(session, small_export(), now, slug="Paper")
    assert session.scalar(select(func.count()).select_from(Response)) == 28
