"""How fast a page of sixty questions is answered, beside a bare Flask template of the same size.

    .venv/bin/python -m benchmarks.bench_answering_page [REPETITIONS] [--json]

Both are called in this process as WSGI applications, in turn, so that noise of the machine hits
both alike. The bare page is a Jinja template that loops over as many questions with as many fields,
escapes every text and comes to the same number of bytes; it has no frame, languages, conditions,
sessions, headers, log or database. What is compared is the median of REPETITIONS (default 200).

Our page is asked for in three states: by a reader without a draft, with a draft that holds nothing
of this page yet (both are rendered once every few seconds, for everyone), and with every question
answered, which nobody else's page can serve. "Rendered anew" empties the cache of pages before each
request. Saving all answers is compared with showing the bare page, too, and with a bare view that
reads as many fields and updates one row of SQLite. Nothing is kept.
"""

import argparse
import io
import json
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Flask, redirect, render_template_string, request

from app import create_app
from app.config import Settings
from core import schema
from core.audit import OPERATOR
from core.db import Database
from core.text import LocalizedText
from surveys.consultations import (
    add_version,
    create_consultation,
    publish_version,
    schedule_consultation,
)

QUESTIONS = 60
SLUG = "sixty"
PAGE = f"/consultations/{SLUG}/answer/section/all"
BACKGROUND = f"/consultations/{SLUG}/answer/about-you"
# How often each kind of question comes in a dozen; the mix of a long public consultation.
DOZEN = (
    "single_choice", "rating", "dropdown", "multiple_choice", "matrix", "single_choice", "number",
    "date", "short_text", "long_text", "year", "matrix",
)  # fmt: skip


def text(words: str) -> dict[str, str]:
    return {"en": words, "fr": f"{words} (fr)", "de": f"{words} (de)"}


def definition() -> dict[str, Any]:
    """Sixty questions on one page, in three languages, five of them with a condition."""
    return {
        "schema": "waymark/questionnaire/1", "title": text("Sixty questions"),
        "languages": ["en", "fr", "de"],
        "sections": [{
            "code": "all", "title": text("Everything"),
            "questions": [_question(n, DOZEN[n % len(DOZEN)]) for n in range(QUESTIONS)],
        }],
    }  # fmt: skip


def _question(number: int, kind: str) -> dict[str, Any]:
    question: dict[str, Any] = {
        "code": f"Q{number}",
        "type": kind,
        "title": text(f"What do you think about subject number {number} of this consultation?"),
    }
    if number % 3 == 0:
        question["help"] = text("Answer as far as you can; leave out what you do not know.")
    if number % 12 == 11:
        question["show_if"] = "Q0 != 'o5'"
    options = [{"code": f"o{n}", "label": text(f"The possibility number {n}")} for n in range(6)]
    if kind in ("single_choice", "dropdown", "multiple_choice"):
        question["options"] = options
    if kind == "dropdown":
        question |= {"type": "single_choice", "display": "dropdown"}
    elif kind == "matrix":
        question |= {
            "cell": "single", "options": options[:5],
            "rows": [{"code": f"r{n}", "label": text(f"The aspect number {n}")} for n in range(4)],
        }  # fmt: skip
    elif kind == "number":
        question |= {"minimum": 0, "maximum": 5000}
    elif kind == "year":
        question |= {"minimum": 2000, "maximum": 2060}
    return question


class Form(HTMLParser):
    """The fields of a page's forms: how many controls there are, and one answer to each name."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.controls = 0
        self.choices: dict[str, list[str]] = {}
        self.hidden: dict[str, str] = {}
        self._select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        field = {name: value or "" for name, value in attrs}
        name, kind = field.get("name", ""), field.get("type", "text")
        if tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            self.choices.setdefault(self._select, []).append(field.get("value", ""))
        elif tag == "input" and kind == "hidden":
            self.hidden[name] = field.get("value", "")
        elif tag == "textarea" or (tag == "input" and name):
            self.controls += 1
            given = {"radio": field.get("value", ""), "checkbox": field.get("value", ""),
                     "date": "2026-11-22"}.get(kind, "2028")  # fmt: skip
            self.choices.setdefault(name, []).append(given)

    def answers(self) -> dict[str, str]:
        """Something for every name: a choice made by chance, the same at every run."""
        chance = random.Random(5)
        return {
            name: chance.choice([value for value in values if value] or [""])
            for name, values in self.choices.items()
        }


class Caller:
    """Calls a WSGI application as a browser would, without a network; keeps cookies."""

    def __init__(self, application: Callable[..., Any]) -> None:
        self._application = application
        self.cookies: dict[str, str] = {}
        self.status = ""

    def __call__(self, path: str, fields: dict[str, str] | None = None) -> str:
        body = urlencode(fields).encode() if fields is not None else b""
        environ = {
            "REQUEST_METHOD": "GET" if fields is None else "POST", "SCRIPT_NAME": "",
            "PATH_INFO": path, "QUERY_STRING": "", "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "8000", "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "127.0.0.1:8000", "HTTP_ACCEPT_LANGUAGE": "en",
            "HTTP_ACCEPT": "text/html", "HTTP_SEC_FETCH_SITE": "same-origin",
            "HTTP_COOKIE": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "CONTENT_TYPE": "application/x-www-form-urlencoded", "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0), "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr, "wsgi.multithread": True, "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }  # fmt: skip
        answer = self._application(environ, self._start)
        try:
            return b"".join(answer).decode()
        finally:
            if hasattr(answer, "close"):
                answer.close()

    def _start(self, status: str, headers: list[tuple[str, str]], _error: Any = None) -> None:
        self.status = status
        for name, value in headers:
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]


def ours(folder: Path) -> Flask:
    """The application with the settings of production and the consultation open."""
    settings = Settings(
        instance=folder, submission_limit="1000000 per minute", log_level="ERROR"
    )  # fmt: skip
    now = datetime.now(UTC)
    database = Database(settings.effective_database_url)
    schema.upgrade(database.engine)
    with database.transaction() as session:
        consultation = create_consultation(
            session, slug=SLUG, title=LocalizedText(text("Sixty")), actor=OPERATOR, now=now
        )
        version = add_version(
            session, consultation=consultation, definition=definition(), actor=OPERATOR, now=now
        )
        publish_version(
            session, consultation=consultation, version=version, actor=OPERATOR, now=now
        )
        schedule_consultation(
            session, consultation=consultation, opens_at=now, closes_at=None, actor=OPERATOR,
            now=now,
        )  # fmt: skip
    database.close()
    return create_app(settings)


_BARE_TEMPLATE = """<!doctype html><html lang="en"><head><title>{{ title }}</title></head><body>
<form method="post">{% for q in questions %}
<fieldset id="{{ q.id }}"><legend>{{ q.title }}</legend>{% for field in q.fields %}
<div class="FILLER"><input id="{{ field.id }}" type="{{ field.type }}" name="{{ q.id }}"
 value="{{ field.value }}"{% if field.checked %} checked{% endif %}><label for="{{ field.id }}">
{{ field.label }}</label></div>{% endfor %}</fieldset>{% endfor %}
<button>Continue</button></form></body></html>"""


def bare(fields: int, size: int, folder: Path) -> Flask:
    """Flask and one template: ``fields`` fields in sixty questions, ``size`` bytes."""
    application = Flask("bare")
    shares = [fields // QUESTIONS + (n < fields % QUESTIONS) for n in range(QUESTIONS)]
    questions = [
        {
            "id": f"Q{n}", "title": f"What do you think about subject number {n}?",
            "fields": [
                {"id": f"Q{n}-{m}", "type": "radio", "value": f"o{m}", "checked": m == n % 5,
                 "label": f"The possibility number {m}"}
                for m in range(share)
            ],
        }
        for n, share in enumerate(shares)
    ]  # fmt: skip
    filler = 6
    template = _BARE_TEMPLATE
    database = sqlite3.connect(folder / "bare.sqlite", isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("CREATE TABLE draft (id INTEGER PRIMARY KEY, answers TEXT)")
    database.execute("INSERT INTO draft VALUES (1, '')")

    @application.get("/")
    def show() -> str:
        return render_template_string(template, title="Sixty questions", questions=questions)

    @application.post("/")
    def save() -> Any:
        answers = json.dumps(request.form.to_dict(flat=False))
        database.execute("UPDATE draft SET answers = ? WHERE id = 1", (answers,))
        return redirect("/", 303)

    with application.test_request_context():
        filler += (size - len(show().encode())) // fields
        template = _BARE_TEMPLATE.replace("FILLER", "x" * max(filler, 0))
    return application


def in_turn(calls: dict[str, Callable[[], Any]], repetitions: int) -> dict[str, float]:
    """The median of each in milliseconds; every round calls each once."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for round_number in range(repetitions + 5):
        for name, call in calls.items():
            started = time.perf_counter()
            call()
            if round_number >= 5:
                times[name].append((time.perf_counter() - started) * 1000)
    return {name: statistics.median(measured) for name, measured in times.items()}


def measure(repetitions: int) -> dict[str, Any]:
    """Everything the module's description names, as a document."""
    with tempfile.TemporaryDirectory(prefix="waymark-bench-") as scratch:
        folder = Path(scratch)
        application = ours(folder)
        pages = application.extensions["waymark.pages"]
        reader, begun, answered = (Caller(application.wsgi_app) for _ in range(3))
        for person in (begun, answered):
            person(BACKGROUND)
            person(BACKGROUND, {"respondent_type": "eu_citizen", "country": "PT", "action": "next"})
        form = Form(answered(PAGE))
        given = form.hidden | form.answers() | {"Q0": "o1", "action": "later"}
        answered(PAGE, given)
        if not answered.status.startswith("303"):
            raise SystemExit(f"saving the page was answered with {answered.status}")
        page = answered(PAGE)
        controls = Form(page).controls
        plain = bare(controls, len(page.encode()), folder)
        anyone = Caller(plain.wsgi_app)

        def unshared(person: Caller) -> Callable[[], str]:
            def call() -> str:
                pages.clear()
                return person(PAGE)

            return call

        times = in_turn(
            {
                "bare, shown": lambda: anyone("/"),
                "no draft": lambda: reader(PAGE),
                "draft without answers here": lambda: begun(PAGE),
                "draft with every answer": lambda: answered(PAGE),
                "bare, saved": lambda: anyone("/", given),
                "saved": lambda: answered(PAGE, given),
            },
            repetitions,
        )
        anew = in_turn(
            {
                "bare, shown": lambda: anyone("/"),
                "rendered anew, no draft": unshared(reader),
                "rendered anew, draft": unshared(begun),
            },
            repetitions,
        )
        sizes = {"ours": len(page.encode()), "bare": len(anyone("/").encode())}
        application.extensions["waymark.database"].close()
    ratios = {
        name: round(taken / group["bare, shown"], 2)
        for group in (times, anew)
        for name, taken in group.items()
        if not name.startswith("bare")
    }
    return {
        "questions": QUESTIONS, "fields": controls, "bytes": sizes,
        "milliseconds": {name: round(taken, 2) for name, taken in (anew | times).items()},
        "ratios": ratios,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("repetitions", type=int, nargs="?", default=200)
    parser.add_argument("--json", action="store_true", help="the figures for machines")
    options = parser.parse_args()
    figures = measure(options.repetitions)
    if options.json:
        print(json.dumps(figures, indent=1))
        return
    print(
        f"{figures['questions']} questions, {figures['fields']} fields,"
        f" {figures['bytes']['ours']:,} bytes (bare: {figures['bytes']['bare']:,})"
    )
    for name, taken in figures["milliseconds"].items():
        ratio = figures["ratios"].get(name)
        print(f"{name:30}{taken:8.2f} ms" + (f"{ratio:8.2f} times the bare page" if ratio else ""))


if __name__ == "__main__":
    main()
