"""Reading a "Have your say" export: records, faults with their line, profiles in our codes."""

import contextlib
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.errors import UnreadableFile
from surveys.formats import profile_labels
from surveys.formats.hys import PROFILE_COLUMNS, looks_like_hys, read_export

NAMED = "The feedback can be published with your personal information"
ANONYMOUS = "The feedback can be published in an anonymous way"


def record(reference, *answers, **profile):
    cells = {
        "Reference": reference, "Feedback date": "12.06.2020 10:15", "Language": "English",
        "User type": "EU Citizen", "Country": "Greece", "Publication privacy settings": NAMED,
    } | profile  # fmt: skip
    return ";".join([*(cells.get(column, "") for column in PROFILE_COLUMNS), *answers])


def export(*records, questions=('"Agree?\n"', '"Why?"')):
    header = ";".join([*PROFILE_COLUMNS, *questions])
    return ("\ufeff" + "\n".join([header, *records]) + "\n").encode()


def test_a_record_becomes_a_profile_and_answers():
    read = read_export(export(record("A1", "Yes", '"two\nlines; and ""quotes"""')))
    (response,) = read.responses
    assert response.day == date(2020, 6, 12)
    assert response.profile["country"] == "EL"
    assert response.profile["respondent_type"] == "eu_citizen"
    assert response.profile["language"] == "en"
    assert response.answers == {"Q1": "yes", "Q2": 'two\nlines; and "quotes"'}
    assert [question.title for question in read.questions] == ["Agree?", "Why?"]


def test_blank_profile_cells_are_unknown_not_refused():
    blank = dict.fromkeys(["Language", "User type", "Country", "Publication privacy settings"], "")
    (response,) = read_export(export(record("A1", "Yes", "", **blank))).responses
    assert response.profile["country"] is None
    assert response.profile["publication"] == "anonymous"
    assert response.answers == {"Q1": "yes"}


def test_names_are_kept_only_of_those_who_chose_to_be_named():
    person = {"First name": "Ada", "Surname": "L", "Organisation name": "Engines",
              "Transparency register number": "123456789012-34"}  # fmt: skip
    read = read_export(
        export(
            record("A1", "Yes", "", **person),
            record("A2", "No", "", **person, **{"Publication privacy settings": ANONYMOUS}),
        )
    )
    named, anonymous = (response.profile for response in read.responses)
    assert named["organisation_name"] == "Engines"
    for field in ("first_name", "surname", "organisation_name", "register_number"):
        assert anonymous[field] is None


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (record("B1", "Yes"), "has 13 columns; expected 14"),
        (record("B1", "Yes", "", ""), "has 15 columns; expected 14"),
        (record("B1", "Yes", "", **{"User type": "Martian"}), "User type"),
        (record("B1", "Yes", "", **{"Country": "Atlantis"}), "Country: “Atlantis” is not known"),
        (record("B1", "Yes", "", **{"Organisation size": "Huge"}), "Organisation size"),
        (record("B1", "Yes", "", **{"Language": "Klingonish"}), "Language"),
        (record("B1", "Yes", "", **{"Feedback date": "31.02.2020 10:00"}), "Feedback date"),
        (record("B1", "Yes", "", **{"Feedback date": "2020-06-12"}), "Feedback date"),
        (record("B1", "Yes", "", **{"Feedback date": ""}), "Feedback date"),
        (record("B1", "Yes", "a\x00b"), "Why?: contains a NUL character"),
        (record("B1", "Yes", "x" * 131_073), "a cell is longer than 131,072 characters"),
        (record("A1", "Yes", ""), "the reference A1 is on line 3 already"),
    ],
)
def test_a_broken_record_is_refused_with_its_line_and_the_others_are_read(broken, why):
    read = read_export(export(record("A1", "Yes", '"one\ntwo"'), broken, record("C1", "No", "")))
    assert read.read == 3
    assert len(read.responses) == 2
    (rejected,) = read.rejected
    assert rejected.line == 5
    assert why in rejected.why


def test_an_unclosed_quote_takes_no_other_record_with_it():
    read = read_export(
        export(
            record("A1", "Yes", "fine"),
            record("B1", '"Yes', "never closed\nsecond line"),
            record("C1", "No", '"quoted"'),
            record("D1", "No", '""'),
        )
    )
    assert read.read == 4
    assert [(rejected.line, rejected.why) for rejected in read.rejected] == [
        (4, "a quoted cell does not end")
    ]
    assert len(read.responses) == 3


def test_a_last_record_that_was_cut_off_is_refused():
    whole = export(record("A1", "Yes", "fine"), record("B1", "No", '"first line\nsecond line"'))
    read = read_export(whole[:-6])
    assert [(rejected.line, rejected.why) for rejected in read.rejected] == [
        (4, "a quoted cell does not end")
    ]
    assert len(read.responses) == 1


def test_a_quote_that_closes_in_the_next_record_is_noticed():
    # The quote opened in P is closed in Q, and the number of columns is right by chance.
    read = read_export(
        export(record("P", "Yes", '"open'), record("Q", "No", '"'), record("R", "No", ""))
    )
    assert [rejected.line for rejected in read.rejected] == [3, 4]
    assert {response.answers["Q1"] for response in read.responses} == {"no"}


def test_text_after_a_closing_quote_is_read_leniently():
    (response,) = read_export(export(record("A1", "Yes", '"so called" experts'))).responses
    assert response.answers["Q2"] == "so called experts"


def test_blank_lines_are_no_records_and_carriage_returns_do_not_matter():
    data = export(record("A1", "Yes", ""), "", record("B1", "No", "x y")).replace(b"\n", b"\r\n")
    read = read_export(data)
    assert (read.read, len(read.responses)) == (2, 2)


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff\xfe\x00", b"a;b;c\n1;2;3\n", ";".join(PROFILE_COLUMNS).encode(),
     "Reference;Feedback date;Zürich\n".encode("latin-1")],
)  # fmt: skip
def test_another_file_is_refused(data):
    with pytest.raises(UnreadableFile):
        read_export(data)


def test_the_format_is_recognised_by_its_first_columns():
    assert looks_like_hys(export())
    assert not looks_like_hys(b'{"schema": "waymark/questionnaire/1"}')


@pytest.mark.parametrize(
    ("name", "code"),
    [("Belgium", "BE"), ("Czech Republic", "CZ"), ("Côte d’Ivoire", "CI"), ("Turkey", "TR"),
     ("GR", "EL"), ("GB", "UK"), ("uk", "UK"), ("Hellas", None), ("Ελλάδα", "EL"),
     ("Korea, Republic of", "KR"), ("EU", None), ("XX", None), ("Kosovo", "XK")],
)  # fmt: skip
def test_countries_are_known_by_name_and_code(name, code):
    assert profile_labels.find_country(name) == code


@pytest.mark.parametrize(
    ("label", "code"),
    [("NGO (Non-governmental organisation)", "ngo"), ("Non-EU Citizen", "non_eu_citizen"),
     ("Academic/Research Institution", "academic_research_institution"),
     ("Company/Business organisation", "company_business"),
     ("Trade Union", "trade_union"), ("trade_union", "trade_union"), ("", None)],
)  # fmt: skip
def test_user_types_are_known_by_label(label, code):
    assert profile_labels.find_respondent_type(label) == code


@given(
    lines=st.lists(
        st.one_of(
            st.text(alphabet='R1;"\n\x00é,: ', max_size=60),
            st.builds(
                record, st.text(alphabet="AB", max_size=2), st.just("Yes"), st.text(max_size=9)
            ),
        ),
        max_size=8,
    )
)
@settings(max_examples=150, deadline=None)
def test_whatever_follows_the_header_every_record_is_imported_or_refused(lines):
    read = read_export(export(*(line.encode("utf-8", "ignore").decode() for line in lines)))
    assert read.read == len(read.responses) + len(read.rejected)
    numbers = [rejected.line for rejected in read.rejected]
    assert numbers == sorted(set(numbers))
    for response in read.responses:
        assert set(response.answers) <= {f"Q{n}" for n in range(1, len(read.questions) + 1)}


@given(data=st.binary(max_size=300))
@settings(max_examples=80, deadline=None)
def test_any_bytes_are_read_or_refused(data):
    with contextlib.suppress(UnreadableFile):
        read_export(data)
