"""Somebody who answers a consultation and remembers what was confirmed as saved.

Speaks HTTP as a browser without JavaScript does: reads the form on the page, fills it in, sends it,
follows the answer. When no answer comes, it sends the same again. What it remembers is the ledger
that ``ledger.py`` compares with what is stored; see ``Respondent``.
"""

import hashlib
import http.client
import itertools
import random
import re
import time
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

# As in the receipt: three groups of four.
_REFERENCE = re.compile(r"\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){2}\b")
# What a submission asks the browser to work on: surveys/proof_of_work.py describes it.
_CHALLENGE = re.compile(r"1\.\d+\.(\d+)\.[0-9a-f]{64}")
# What somebody whose server is being repaired is told; the same is sent again later.
_TRY_LATER = (503, 507)
_WORDS = ("networks", "that", "work", "everywhere", "and", "that", "people", "can", "afford")
_BACKGROUND = {"respondent_type": "eu_citizen", "country": "PT"}
# A way through has some ten pages; more means that it leads in a circle.
_MOST_PAGES = 60


class Unanswered(Exception):
    """The connection broke before the answer was there; whether it was heard nobody knows."""


class Broken(Exception):
    """The site did something it must not do."""


class Page(NamedTuple):
    """An answer: its status, the path asked for, its text, where it leads."""

    status: int
    path: str
    text: str
    location: str
    retry_after: str


class Browser:
    """One kept connection and its cookies; ``ask`` raises ``Unanswered``."""

    def __init__(self, address: str, timeout: float = 40) -> None:
        parts = urlsplit(address)
        self._host, self._port = parts.hostname or "", parts.port or 80
        self._timeout = timeout
        self._connection: http.client.HTTPConnection | None = None
        self.cookies: dict[str, tuple[str, str]] = {}  # name → (value, path)

    def ask(self, path: str, fields: list[tuple[str, str]] | None = None) -> Page:
        headers = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
        cookies = [f"{name}={value}" for name, (value, below) in self.cookies.items()
                   if path.startswith(below)]  # fmt: skip
        if cookies:
            headers["Cookie"] = "; ".join(cookies)
        body = None
        if fields is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            body = urlencode(fields).encode()
        kept = self._connection is not None
        try:
            if self._connection is None:
                self._connection = http.client.HTTPConnection(
                    self._host, self._port, timeout=self._timeout
                )
            method = "GET" if body is None else "POST"
            self._connection.request(method, path, body, headers)
            answer = self._connection.getresponse()
            text = answer.read().decode()
        except (OSError, http.client.HTTPException) as error:
            self.close()
            if kept and body is None:  # closed while it was idle: browsers just ask again
                return self.ask(path)
            raise Unanswered(repr(error)) from None
        if answer.will_close:
            self.close()
        for header in answer.headers.get_all("Set-Cookie", []):
            self._keep(header)
        location = urlsplit(answer.headers.get("Location", ""))
        return Page(
            answer.status, path, text,
            location.path + (f"?{location.query}" if location.query else ""),
            answer.headers.get("Retry-After", ""),
        )  # fmt: skip

    def _keep(self, header: str) -> None:
        pair, *attributes = (part.strip() for part in header.split(";"))
        name, _, value = pair.partition("=")
        below = next((a[5:] for a in attributes if a.lower().startswith("path=")), "/")
        self.cookies[name] = (value, below)
        if "max-age=0" in header.lower():
            del self.cookies[name]

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class Form(HTMLParser):
    """The form of a page: of those that are sent with POST, the one with the most fields.

    ``fields`` are what a browser would send untouched; ``names`` all that could be filled in;
    ``buttons`` what its buttons say.
    """

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action = ""
        self.fields: list[tuple[str, str]] = []
        self.names: set[str] = set()
        self.boxes: dict[str, list[str]] = {}  # name → values of its radio buttons or boxes
        self.buttons: list[tuple[str, str]] = []
        self.attributes: list[dict[str, str]] = []  # of the form and everything in it
        self._open: Form | None = None
        self._select = self._area = ""
        self._written: list[str] = []
        self._forms: list[Form] = []
        if page:
            self.feed(page)
            for form in sorted(self._forms, key=lambda form: len(form.names))[-1:]:
                self.action, self.fields, self.names = form.action, form.fields, form.names
                self.boxes, self.buttons = form.boxes, form.buttons
                self.attributes = form.attributes

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        field = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form("")
            self._open.action = field.get("action", "")
            if field.get("method", "").lower() == "post":
                self._forms.append(self._open)
        form = self._open
        if form is None:
            return
        form.attributes.append({"": tag, **field})
        name, value = field.get("name", ""), field.get("value", "")
        if tag == "button" and name:
            form.buttons.append((name, value))
        elif tag == "select":
            form.names.add(name)
            self._select = name
        elif tag == "option" and "selected" in field:
            form.fields.append((self._select, value))
        elif tag == "textarea":
            form.names.add(name)
            self._area, self._written = name, []
        elif tag == "input" and name and "disabled" not in field:
            kind = field.get("type", "text")
            if kind != "hidden":
                form.names.add(name)
            if kind in ("radio", "checkbox"):
                form.boxes.setdefault(name, []).append(value or "on")
            if kind not in ("radio", "checkbox", "submit", "file") or "checked" in field:
                form.fields.append((name, value or ("on" if kind == "checkbox" else "")))

    def handle_data(self, data: str) -> None:
        if self._area:
            self._written.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "textarea" and self._open is not None and self._area:
            # A line end right after the tag is not part of the text.
            written = "".join(self._written)
            self._open.fields.append((self._area, written.removeprefix("\n")))
            self._area = ""

    def filled_in(self, given: dict[str, list[str]]) -> list[tuple[str, str]]:
        """What is sent when ``given`` was filled in and the button to go on was pressed."""
        fields = [(name, value) for name, value in self.fields if name not in given]
        fields += [(name, value) for name, values in given.items() for value in values]
        if ("action", "next") in self.buttons:
            fields.append(("action", "next"))
        return fields

    def answers(self, names: set[str]) -> dict[str, list[str]]:
        """What the fields called ``names`` hold, the empty ones left out."""
        held: dict[str, list[str]] = {}
        for name, value in self.fields:
            if name in names and value:
                held.setdefault(name, []).append(value)
        return held


def answer(question: dict[str, Any], chance: random.Random) -> Any:
    """An answer as the platform keeps it (docs/questionnaire-format.md), or None."""
    kind = question["type"]
    if not question.get("required") and chance.random() < 0.2:
        return None
    options = [option["code"] for option in question.get("options", ())]
    if kind == "single_choice":
        return chance.choice(options)
    if kind == "multiple_choice":
        chosen = chance.sample(options, question.get("max_choices") or 2)
        return [code for code in options if code in chosen]
    if kind == "matrix":
        return {row["code"]: chance.choice(options) for row in question["rows"]}
    if kind == "number":
        return chance.randint(question["minimum"], question["maximum"])
    if kind == "date":
        return question["minimum"][:8] + f"{chance.randint(1, 28):02}"
    return " ".join(chance.choices(_WORDS, k=5 if kind == "short_text" else 60))


def as_fields(question: dict[str, Any], given: Any) -> dict[str, list[str]]:
    """The form fields that say this answer; those of an open question are empty."""
    code = question["code"]
    if question["type"] == "matrix":
        rows = [row["code"] for row in question["rows"]]
        return {f"{code}.{row}": [given[row]] for row in rows if given and row in given}
    if question["type"] == "multiple_choice":
        return {code: given or []}
    return {code: [] if given is None else [str(given)]}


def proven(fields: dict[str, str]) -> dict[str, str]:
    """The proof of work that a form asks for, by the name of its field; empty if it asks none."""
    challenge = next((value for value in fields.values() if _CHALLENGE.fullmatch(value)), "")
    return {"proof_solution": _solution(challenge)} if challenge else {}


def _solution(challenge: str) -> str:
    """As the page's script finds it."""
    seed = hashlib.sha256(challenge.encode()).digest()
    shift = 32 - (int(challenge.split(".")[2]) - 3)

    def find(piece: int) -> int:
        begun = seed + piece.to_bytes(4, "big")
        for counter in itertools.count():
            digest = hashlib.sha256(begun + counter.to_bytes(4, "big")).digest()
            if int.from_bytes(digest[:4], "big") >> shift == 0:
                return counter
        raise AssertionError

    return ".".join(str(find(piece)) for piece in range(8))


class Respondent:
    """One person's way through, and the ledger of it.

    ``acknowledged``: by question code, what the site last confirmed as saved. ``sent``: what was
    sent after that and never confirmed, because the person gave up; the site may hold either.
    ``receipt``: the address of the receipt, if one was given. ``reference``: what it shows.
    ``forgotten``: how many drafts may exist of which the person never learnt, because the answer to
    the very first page did not arrive.
    """

    def __init__(
        self, browser: Browser, *, consultation: str, questionnaire: dict[str, Any], seed: int,
        submits: bool = True, patience: Callable[[], bool] = lambda: True,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:  # fmt: skip
        self.browser = browser
        self.base = f"/consultations/{consultation}"
        self.questions = {
            question["code"]: question
            for section in questionnaire["sections"] for question in section["questions"]
        }  # fmt: skip
        self.seed, self.submits = seed, submits
        self.chance = random.Random(seed)
        self.patience, self.pause = patience, pause
        self.acknowledged: dict[str, Any] = {}
        self.sent: dict[str, Any] = {}
        self.pages: dict[str, list[str]] = {}  # path → the questions it asked
        self.receipt = self.reference = ""
        self.forgotten = self.resent = self.told_to_wait = 0
        self.without_retry_after = 0
        self.times: list[tuple[str, float]] = []

    def go(self) -> None:
        """From the consultation's page to the receipt, or to where somebody leaves it for later.

        Raises ``Broken``; ``Unanswered`` when patience has come to its end.
        """
        self._get(self.base)
        page = self._follow(f"{self.base}/answer")
        for _ in range(_MOST_PAGES):
            going_on = self._fill_in(page)
            if going_on is None:
                self.browser.close()
                return
            page = going_on
        raise Broken(f"the way through leads in a circle, for {self.seed}")

    def _fill_in(self, page: Page) -> Page | None:
        form = Form(page.text)
        if self._asked(form):
            location = self._save(page.path, form)
            if self.chance.random() < 0.2:
                location = self.change(page.path)
            return self._follow(location)
        if _BACKGROUND.keys() & form.names:
            begun = any(name.startswith("draft_") for name in self.browser.cookies)
            lost = self.resent
            given = {name: [value] for name, value in _BACKGROUND.items() if name in form.names}
            location = self._send("background", form, page.path, given)
            self.forgotten += 0 if begun else self.resent - lost
            return self._follow(location)
        if not self.submits:
            return None
        self.submit(page, form)
        return None

    def change(self, path: str) -> str:
        """Go back to a page and answer everything on it anew; returns where that leads."""
        return self._save(path, Form(self._get(path).text))

    def _asked(self, form: Form) -> list[str]:
        return [code for code in self.questions if self._fields_of(code) & form.names]

    def _fields_of(self, code: str) -> set[str]:
        question = self.questions[code]
        return {code, *(f"{code}.{row['code']}" for row in question.get("rows", ()))}

    def _save(self, path: str, form: Form) -> str:
        given = {code: answer(self.questions[code], self.chance) for code in self._asked(form)}
        fields: dict[str, list[str]] = {}
        for code, value in given.items():
            empty = {name: list[str]() for name in self._fields_of(code) & form.names}
            fields |= empty | as_fields(self.questions[code], value)
        self.pages[path] = list(given)
        self.sent = given
        location = self._send("section", form, path, fields)
        self.acknowledged |= given
        self.sent = {}
        return location

    def submit(self, page: Page, form: Form) -> None:
        """Press the last button, until there is a receipt."""
        given = {
            name: [values[0]] for name, values in form.boxes.items() if name.startswith("consent")
        }
        if "publication" in form.boxes:
            given["publication"] = ["anonymous"]
        given |= {name: [value] for name, value in proven(dict(form.fields)).items()}
        self.receipt = self._send("submission", form, page.path, given)
        shown = _REFERENCE.search(self._get(self.receipt, "receipt").text)
        if shown is None:
            raise Broken(f"{self.receipt} shows no reference")
        self.reference = shown.group(0)

    def stored(self) -> dict[str, list[str]]:
        """What the pages answered so far hold now, by field name."""
        held: dict[str, list[str]] = {}
        for path, codes in self.pages.items():
            names = {name for code in codes for name in self._fields_of(code)}
            held |= Form(self._get(path).text).answers(names)
        self.browser.close()
        return held

    def expected(self, given: dict[str, Any]) -> dict[str, list[str]]:
        """The form fields that ``given`` comes to, by name."""
        fields: dict[str, list[str]] = {}
        for code, value in given.items():
            fields |= as_fields(self.questions[code], value)
        return {name: values for name, values in fields.items() if values}

    def _follow(self, location: str) -> Page:
        for _ in range(5):
            page = self._answered(location, None, "page")
            if page.status == 200:
                return page
            if page.status not in (302, 303) or not page.location:
                break
            location = page.location
        raise Broken(f"GET {location}: {page.status}")

    def _get(self, path: str, kind: str = "page") -> Page:
        page = self._answered(path, None, kind)
        if page.status != 200:
            raise Broken(f"GET {path}: {page.status}")
        return page

    def _send(self, kind: str, form: Form, path: str, given: dict[str, list[str]]) -> str:
        page = self._answered(form.action or path, form.filled_in(given), kind)
        if page.status not in (302, 303):
            raise Broken(f"POST {path}: {page.status} {_words(page.text)}")
        return page.location

    def _answered(self, path: str, fields: list[tuple[str, str]] | None, kind: str) -> Page:
        """Ask until there is an answer other than "try again later"."""
        while True:
            started = time.perf_counter()
            try:
                page = self.browser.ask(path, fields)
            except Unanswered:
                if not self.patience():
                    raise
                self.resent += 1
                self.pause(0.05)
                continue
            if page.status not in _TRY_LATER:
                self.times.append((kind, time.perf_counter() - started))
                return page
            self.told_to_wait += 1
            self.without_retry_after += not page.retry_after
            if not self.patience():
                raise Unanswered(f"{path}: {page.status}")
            self.pause(0.1)


def _words(page: str) -> str:
    """The beginning of what a page says, for a report."""
    main = page.partition("<main")[2] or page
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", main))[:300]
