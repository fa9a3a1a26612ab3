"""A list of people to invite, as a CSV file says it. Pure.

The first line holds the headings, in English or French (and the commonest of other languages), in
any case and order: name (or first name and surname), e-mail, organisation, language; every further
column becomes an attribute. Cells are separated by comma, semicolon or tab and may be quoted
(RFC 4180). The file is UTF-8, with or without a byte order mark, or else Windows-1252, and the
result says which one it was taken for.

Cells are text, also those that a spreadsheet would take for a formula; ``inviting.table_cells``
defuses them when a table is written again.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email

from core.errors import InvalidInput
from core.text import LANGUAGES, clean_text
from surveys.errors import InvalidInvitationList

MAXIMUM_LINES = 50_000
MAXIMUM_BYTES = 20_000_000
MAXIMUM_COLUMNS = 40
MAXIMUM_ATTRIBUTE = 500
MAXIMUM_HEADING = 60
# How many problems are kept: whoever has more has one cause for all of them.
MAXIMUM_PROBLEMS = 1_000

# A dot-atom (RFC 5322, 3.2.3): what stands before the @ without quotes.
_LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DELIMITERS = (",", ";", "\t")
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
# "Anna Schmit <anna@example.eu>" and "mailto:anna@example.eu", as mail programs copy addresses.
_MAIL_PROGRAM = re.compile(r"^(?:[^<>]*<(?:mailto:)?([^<>@\s]+@[^<>@\s]+)>|mailto:(\S+))$")
# Headings without case, accents and marks → what the column is.
_HEADINGS = {
    "name": "name", "fullname": "name", "participant": "name", "person": "name", "nom": "name",
    "nomcomplet": "name", "nometprenom": "name", "prenometnom": "name", "nomprenom": "name",
    "firstname": "first_name", "givenname": "first_name", "prenom": "first_name",
    "surname": "surname", "lastname": "surname", "familyname": "surname",
    "nomdefamille": "surname",
    "email": "email", "mail": "email", "emailaddress": "email", "mailaddress": "email",
    "courriel": "email", "mel": "email", "adressemail": "email", "adresseemail": "email",
    "adressecourriel": "email", "adresseelectronique": "email", "adressedecourriel": "email",
    "organisation": "organisation", "organization": "organisation", "company": "organisation",
    "institution": "organisation", "entity": "organisation", "organisme": "organisation",
    "entreprise": "organisation", "societe": "organisation", "entite": "organisation",
    "structure": "organisation",
    "language": "language", "lang": "language", "langue": "language",
    # As spreadsheets of other languages call them most often.
    "vorname": "first_name", "nachname": "surname", "emailadresse": "email",
    "firma": "organisation",
    "sprache": "language", "nombre": "first_name", "apellidos": "surname", "correo": "email",
    "correoelectronico": "email", "organizacion": "organisation", "idioma": "language",
    "nome": "first_name", "cognome": "surname", "indirizzoemail": "email", "lingua": "language",
    "organizzazione": "organisation",
}  # fmt: skip
_LANGUAGE_NAMES = {
    "bulgarian": "bg", "spanish": "es", "czech": "cs", "danish": "da", "german": "de",
    "estonian": "et", "greek": "el", "english": "en", "french": "fr", "irish": "ga",
    "croatian": "hr", "italian": "it", "latvian": "lv", "lithuanian": "lt", "hungarian": "hu",
    "maltese": "mt", "dutch": "nl", "polish": "pl", "portuguese": "pt", "romanian": "ro",
    "slovak": "sk", "slovenian": "sl", "finnish": "fi", "swedish": "sv",
    "bulgare": "bg", "espagnol": "es", "tcheque": "cs", "danois": "da", "allemand": "de",
    "estonien": "et", "grec": "el", "anglais": "en", "francais": "fr", "irlandais": "ga",
    "croate": "hr", "italien": "it", "letton": "lv", "lituanien": "lt", "hongrois": "hu",
    "maltais": "mt", "neerlandais": "nl", "polonais": "pl", "portugais": "pt", "roumain": "ro",
    "slovaque": "sk", "slovene": "sl", "finnois": "fi", "suedois": "sv",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Invitee:
    """One person to invite. ``line``: where the entry begins in the file, from 1."""

    line: int
    email: str
    name: str = ""
    organisation: str = ""
    language: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ListProblem:
    """What is wrong with one cell or line. ``column``: its heading, or empty for the whole line."""

    line: int
    column: str
    reason: str

    @property
    def place(self) -> str:
        return f"line {self.line}, {self.column}" if self.column else f"line {self.line}"


@dataclass(frozen=True, slots=True)
class InvitationList:
    """What a file says: who can be invited, and every problem with the rest.

    ``encoding`` is ``"UTF-8"`` or ``"Windows-1252"``; ``columns`` are (heading, what it was taken
    for: ``name``, ``first_name``, ``surname``, ``email``, ``organisation``, ``language`` or
    ``attribute``); ``lines`` counts entries, those with problems included.
    """

    invitees: tuple[Invitee, ...]
    problems: tuple[ListProblem, ...]
    encoding: str
    delimiter: str
    columns: tuple[tuple[str, str], ...]
    lines: int


def read_invitation_list(data: bytes) -> InvitationList:
    """Read a CSV file. Raises ``InvalidInvitationList`` where it cannot be read at all.

    An entry with a problem is not among the invitees; of several entries with one address the first
    counts.
    """
    text, encoding = _decode(data)
    text, delimiter = _delimiter_of(text)
    rows = _rows(text, delimiter)
    try:
        first_line, headings = next(rows)
    except StopIteration:
        raise InvalidInvitationList(summary="the file is empty") from None
    columns = _columns_of(headings, first_line)
    reader = _Reader(columns)
    for line, cells in rows:
        reader.take(line, cells)
    return InvitationList(
        tuple(reader.invitees), tuple(reader.problems), encoding, delimiter, tuple(columns),
        reader.lines,
    )  # fmt: skip


def clean_email(typed: str) -> str:
    """An address as it is stored. Raises ``InvalidInput`` saying what is expected."""
    local, _, domain = typed.strip().rpartition("@")
    known = _clean_domain(domain) if _LOCAL_PART.fullmatch(local) and len(local) <= 64 else None
    if known is None:
        raise InvalidInput(where="email", reason="expected an address such as name@example.eu")
    address = f"{local}@{known}"
    if len(address) > 254:
        raise InvalidInput(where="email", reason="is longer than 254 characters")
    return address


@lru_cache(maxsize=10_000)
def _clean_domain(domain: str) -> str | None:
    """A domain as mail servers read it, checked once for all who share it; None for none."""
    try:
        # Reserved names (example.org) are fine, and nothing is looked up.
        checked = validate_email(
            f"someone@{domain}", check_deliverability=False, test_environment=True,
            allow_smtputf8=False,
        )  # fmt: skip
    except EmailNotValidError:
        return None
    return checked.ascii_domain.lower()


def clean_language(typed: str) -> str | None:
    """The code for ``fr``, ``FR``, ``fr-BE``, ``French``, ``français``; None for anything else."""
    word = _key(typed)
    code = re.split(r"[-_]", typed.strip().lower(), maxsplit=1)[0]
    if code in LANGUAGES:
        return code
    own = {_key(name): code for code, name in LANGUAGES.items()}
    return own.get(word) or _LANGUAGE_NAMES.get(word)


class _Reader:
    """Turns lines into invitees and problems."""

    def __init__(self, columns: Sequence[tuple[str, str]]) -> None:
        self.columns = columns
        self.invitees: list[Invitee] = []
        self.problems: list[ListProblem] = []
        self.lines = 0
        self._first_line_of: dict[str, int] = {}
        self._heading_of = {kind: heading for heading, kind in columns}

    def refuse(self, line: int, column: str, reason: str) -> None:
        if len(self.problems) < MAXIMUM_PROBLEMS:
            self.problems.append(ListProblem(line, column, reason))

    def take(self, line: int, cells: Sequence[str]) -> None:
        if not any(cell.strip() for cell in cells):
            return
        self.lines += 1
        if self.lines > MAXIMUM_LINES:
            raise InvalidInvitationList(
                summary=f"the list has more than {MAXIMUM_LINES:,} entries; import it in parts"
            )
        if any(cell.strip() for cell in cells[len(self.columns) :]):
            self.refuse(
                line, "",
                f"has {len(cells)} cells, but there are {len(self.columns)} headings; is a cell "
                "with the separator in it not quoted?",
            )  # fmt: skip
            return
        known: dict[str, str] = {}
        attributes: dict[str, str] = {}
        sound = True
        for (heading, kind), cell in zip(self.columns, cells, strict=False):
            try:
                value = self._clean(cell, heading, kind)
            except InvalidInput as fault:
                self.refuse(line, heading, str(fault.params["reason"]))
                sound = False
                continue
            if kind == "attribute":
                if value:
                    attributes[heading] = value
            else:
                known[kind] = value
        if sound:
            self._add(line, known, attributes)

    def _add(self, line: int, known: Mapping[str, str], attributes: Mapping[str, str]) -> None:
        email = known.get("email", "")
        heading = self._heading_of["email"]
        if not email:
            self.refuse(line, heading, "is empty; everybody on the list needs an address")
            return
        first = self._first_line_of.setdefault(email.lower(), line)
        if first != line:
            self.refuse(line, heading, f"{email} is on line {first} already")
            return
        whole = [known.get("first_name", ""), known.get("name", ""), known.get("surname", "")]
        self.invitees.append(
            Invitee(
                line,
                email,
                " ".join(part for part in whole if part)[:200],
                known.get("organisation", ""),
                known.get("language") or None,
                dict(attributes),
            )
        )

    def _clean(self, cell: str, heading: str, kind: str) -> str:
        limits = {"organisation": 300, "attribute": MAXIMUM_ATTRIBUTE}
        value = clean_text(
            cell, where=heading, maximum=limits.get(kind, 200 if kind != "email" else 320)
        )
        value = value.strip()
        if kind != "attribute":
            # A line break within a cell (Alt+Enter) is a space there; what cannot be seen is left.
            value = " ".join(_UNSEEN.sub("", value).split())
        if kind == "email":
            value = _MAIL_PROGRAM.sub(lambda found: found[1] or found[2], value)
        if kind != "attribute" and any(unicodedata.category(c).startswith("C") for c in value):
            raise InvalidInput(where=heading, reason="contains a line break or control character")
        if kind == "email" and value:
            return clean_email(value)
        if kind == "language" and value:
            code = clean_language(value)
            if code is None:
                raise InvalidInput(
                    where=heading,
                    reason=f"“{value[:30]}” is not a language of the EU; expected a code such as "
                    "fr, or its name",
                )
            return code
        return value


def _decode(data: bytes) -> tuple[str, str]:
    if len(data) > MAXIMUM_BYTES:
        raise InvalidInvitationList(summary=f"the file is larger than {MAXIMUM_BYTES:,} bytes")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InvalidInvitationList(
            summary="the file is UTF-16; save it as “CSV UTF-8”, or as CSV in Windows-1252"
        )
    if data.startswith(b"PK\x03\x04"):
        raise InvalidInvitationList(summary="this is a spreadsheet; save it as “CSV UTF-8”")
    if b"\x00" in data:
        raise InvalidInvitationList(summary="the file holds NUL bytes, so it is not a CSV file")
    try:
        return data.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError:
        pass
    try:
        return data.decode("windows-1252"), "Windows-1252"
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InvalidInvitationList(
            summary=f"line {line}: neither UTF-8 nor Windows-1252; save the file as “CSV UTF-8”"
        ) from None


def _delimiter_of(text: str) -> tuple[str, str]:
    """The text without a line ``sep=;`` as Excel writes it, and the separator of its cells."""
    first, _, rest = text.partition("\n")
    named = re.fullmatch(r'"?sep=([,;\t])"?', first.strip("\r"))
    if named is not None:
        # An empty line instead: the numbers of the lines stay those of the file.
        return "\n" + rest, named[1]
    heading = next((line for line in text.splitlines() if line.strip()), "")

    def columns_known(delimiter: str) -> tuple[int, int]:
        cells = next(csv.reader([heading], delimiter=delimiter), [])
        return sum(_key(cell) in _HEADINGS for cell in cells), len(cells)

    return text, max(_DELIMITERS, key=columns_known)


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """(number of the line it begins on, cells) of each line that is not empty."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise InvalidInvitationList(
                summary=f"line {line}: a quotation mark is not closed, or stands in the middle of "
                "a cell; within a quoted cell it is written twice"
            ) from None
        if any(cell.strip() for cell in cells):
            yield line, cells
        line = reader.line_num + 1


def _columns_of(headings: Sequence[str], line: int) -> list[tuple[str, str]]:
    """(heading, kind) of each column."""
    while headings and not headings[-1].strip():
        headings = headings[:-1]
    if len(headings) > MAXIMUM_COLUMNS:
        raise InvalidInvitationList(
            summary=f"line {line}: {len(headings)} columns; at most {MAXIMUM_COLUMNS} are accepted"
        )
    columns: list[tuple[str, str]] = []
    problems: list[ListProblem] = []
    seen: dict[str, int] = {}
    for number, typed in enumerate(headings, start=1):
        try:
            heading = clean_text(typed.strip(), where=f"column {number}", maximum=MAXIMUM_HEADING)
        except InvalidInput as fault:
            problems.append(ListProblem(line, f"column {number}", str(fault.params["reason"])))
            continue
        kind = _HEADINGS.get(_key(heading), "attribute")
        name = _key(heading) if kind == "attribute" else kind
        if not heading:
            problems.append(ListProblem(line, f"column {number}", "has no heading"))
        elif name in seen:
            problems.append(
                ListProblem(line, heading, f"means the same as the heading of column {seen[name]}")
            )
        seen[name] = number
        columns.append((heading, kind))
    if "email" not in seen and not problems:
        problems.append(
            ListProblem(
                line, "",
                "no heading for the e-mail address; expected a first line such as "
                "name,email,organisation,language",
            )
        )  # fmt: skip
    if problems:
        summary = "; ".join(f"{problem.place}: {problem.reason}" for problem in problems[:5])
        raise InvalidInvitationList(summary=summary)
    return columns


def _key(heading: str) -> str:
    """Without case, accents, spaces and marks."""
    decomposed = unicodedata.normalize("NFKD", heading.casefold())
    return "".join(c for c in decomposed if c.isalnum())
