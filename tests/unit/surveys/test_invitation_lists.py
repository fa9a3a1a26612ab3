"""Lists of people to invite, as spreadsheets and people write them."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.errors import InvalidInvitationList
from surveys.inviting.invitation_lists import MAXIMUM_LINES, clean_language, read_invitation_list
from surveys.inviting.table_cells import defuse, write_csv

PLAIN = "name,email,organisation,language\nAda,ada@example.eu,Node,fr\nBo,bo@example.eu,,\n"


def test_the_columns_by_their_headings() -> None:
    found = read_invitation_list(PLAIN.encode())
    assert (found.encoding, found.delimiter, found.lines) == ("UTF-8", ",", 2)
    assert not found.problems
    first, second = found.invitees
    assert (first.name, first.email, first.organisation, first.language) == (
        "Ada", "ada@example.eu", "Node", "fr",
    )  # fmt: skip
    assert (second.line, second.organisation, second.language) == (3, "", None)


@pytest.mark.parametrize(
    "headings",
    ["NAME;E-Mail;Organization;LANG", "Nom;Courriel;Organisme;Langue",
     "Nom complet;Adresse électronique;Société;langue", "Full name;E-mail address;Company;Language",
     "participant;adresse e-mail;entreprise;language"],
)  # fmt: skip
def test_headings_in_two_languages_and_any_case(headings: str) -> None:
    found = read_invitation_list(f"{headings}\r\nÉva;eva@example.eu;Nœud;français\r\n".encode())
    (person,) = found.invitees
    assert (person.name, person.organisation, person.language) == ("Éva", "Nœud", "fr")
    assert [kind for _, kind in found.columns] == ["name", "email", "organisation", "language"]


def test_first_name_and_surname_make_the_name() -> None:
    found = read_invitation_list("Prénom\tNom\tMél\nÉva\tHorn\teva@example.eu\n".encode())
    assert found.delimiter == "\t"
    assert found.invitees[0].name == "Éva Horn"


def test_windows_1252_is_read_and_said() -> None:
    found = read_invitation_list("nom;courriel\nZoé Œuvre;zoe@example.eu\n".encode("cp1252"))
    assert found.encoding == "Windows-1252"
    assert found.invitees[0].name == "Zoé Œuvre"


def test_a_byte_order_mark_quotes_and_excels_first_line() -> None:
    text = 'sep=;\nname;"e-mail";region\n"Horn; ""Éva""";eva@example.eu;"North\nEast"\n'
    found = read_invitation_list(b"\xef\xbb\xbf" + text.encode())
    (person,) = found.invitees
    assert person.name == 'Horn; "Éva"'
    assert person.attributes == {"region": "North\nEast"}
    assert person.line == 3


def test_further_columns_are_attributes_and_formulas_stay_text() -> None:
    found = read_invitation_list(b"email,seat\na@example.eu,=HYPERLINK(1)\n")
    assert found.invitees[0].attributes == {"seat": "=HYPERLINK(1)"}


def test_every_bad_line_is_named_by_number_and_column() -> None:
    text = (
        "name,email,language\n"
        "A,not an address,fr\n"
        "B,b@example.eu,Klingon\n"
        "\n"
        "C,,en\n"
        "D,d@example.eu,en,too,many\n"
        "E,B2@example.eu,en\n"
        "F,b2@EXAMPLE.eu,en\n"
        "G\x07H,g@example.eu,en\n"
    )
    found = read_invitation_list(text.encode())
    assert [(p.line, p.column) for p in found.problems] == [
        (2, "email"), (3, "language"), (5, "email"), (6, ""), (8, "email"), (9, "name"),
    ]  # fmt: skip
    assert "on line 7 already" in found.problems[4].reason
    assert [person.name for person in found.invitees] == ["E"]
    assert found.lines == 7


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"name,organisation\nA,B\n", "no heading for the e-mail address"),
        (b"email,courriel\na@b.eu,c@d.eu\n", "means the same as the heading of column 1"),
        (b"email,,x\na@b.eu,1,2\n", "column 2: has no heading"),
        (b'email,name\na@b.eu,"open\n', "line 2: a quotation mark"),
        ("email\na@b.eu\n".encode("utf-16"), "UTF-16"),
        (b"PK\x03\x04rest", "spreadsheet"),
        (b"email\n\x00\n", "NUL"),
        (b"email\nx\x81@b.eu\xe9\n", "line 2: neither"),
        (b",".join(b"c%d" % n for n in range(60)), "at most 40"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(data: bytes, said: str) -> None:
    with pytest.raises(InvalidInvitationList, match=said):
        read_invitation_list(data)


def test_at_most_fifty_thousand_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    assert MAXIMUM_LINES == 50_000
    monkeypatch.setattr("surveys.inviting.invitation_lists.MAXIMUM_LINES", 2)
    with pytest.raises(InvalidInvitationList, match="more than 2 entries"):
        read_invitation_list(b"email\na@b.eu\nb@b.eu\nc@b.eu\n")


def test_addresses_in_other_alphabets_become_what_mail_servers_read() -> None:
    found = read_invitation_list("email\nada@bücher.example\nада@example.eu\n".encode())
    assert [person.email for person in found.invitees] == ["ada@xn--bcher-kva.example"]
    assert [problem.line for problem in found.problems] == [3]


@pytest.mark.parametrize(
    ("typed", "code"),
    [("fr", "fr"), ("FR-be", "fr"), ("de_AT", "de"), ("French", "fr"), ("Français", "fr"),
     ("Ελληνικά", "el"), ("grec", "el"), ("xx", None), ("", None)],
)  # fmt: skip
def test_languages_by_code_or_name(typed: str, code: str | None) -> None:
    assert clean_language(typed) == code


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "＝1"])
def test_what_a_spreadsheet_would_compute_is_defused(cell: str) -> None:
    assert defuse(cell) == "'" + cell
    table = write_csv(["email", cell], [["a@example.eu", cell]]).decode("utf-8-sig")
    assert next(csv.reader(io.StringIO(table)))[1] == "'" + cell
    assert defuse("Ada") == "Ada"


@settings(max_examples=150, deadline=None)
@given(data=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for start in (b"", b"email;name\n", b"name,email\n"):
        try:
            found = read_invitation_list(start + data)
        except InvalidInvitationList:
            continue
        assert all("@" in person.email for person in found.invitees)


def test_cells_are_read_as_spreadsheets_and_mail_programs_leave_them() -> None:
    text = (
        "\ufeffVorname;Nachname;E-Mail-Adresse;Firma;Sprache;;;\r\n"
        'Anna;"M\u00fcller";"Anna M\u00fcller <anna@example.eu>";"ACME\nGmbH";Deutsch;;;\r\n'
        "Bob;B;mailto:bob@example.eu;;fr;;;\r\n"
        "Cy;C;\u200bcy@example.eu\u00a0;;;;;\r\n"
        ";;;;;;;\r\n"
        "Cy;C;CY@example.eu;;;;;\r\n"
        "Dee;D;dee@@example.eu;;;;;\r\n"
    )
    found = read_invitation_list(text.encode())
    assert [invitee.email for invitee in found.invitees] == [
        "anna@example.eu", "bob@example.eu", "cy@example.eu",
    ]  # fmt: skip
    assert found.invitees[0].name == "Anna M\u00fcller"
    assert found.invitees[0].organisation == "ACME GmbH"
    assert found.invitees[0].language == "de"
    assert [problem.line for problem in found.problems] == [7, 8]
