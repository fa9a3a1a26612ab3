"""A ledger that finds nothing wrong proves something only if it finds what is wrong."""

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from loadtests.ledger import Store, compare
from loadtests.respondent import Browser, Form, Respondent, proven
from surveys.proof_of_work import is_solution, issue_challenge, judge_proof

QUESTIONNAIRE = {"sections": [{"questions": [{"code": "Q1", "type": "short_text"}]}]}


class Remembered(Respondent):
    """Somebody whose pages hold ``held``; no server is asked."""

    held: dict[str, list[str]]

    def stored(self) -> dict[str, list[str]]:
        return self.held


def person(**remembers: Any) -> Remembered:
    somebody = Remembered(
        Browser("http://127.0.0.1:9"), consultation="c", questionnaire=QUESTIONNAIRE, seed=1
    )
    for name, value in remembers.items():
        setattr(somebody, name, value)
    return somebody


@pytest.fixture
def people() -> list[Remembered]:
    return [
        person(reference="AAAA-BBBB-CCCC", acknowledged={"Q1": "one", "Q2": None}),
        person(acknowledged={"Q1": "two"}, held={"Q1": ["two"]}),
    ]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """What is stored when all went well: one response with its leaf, one draft."""
    path = tmp_path / "stored.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE responses (id TEXT, reference TEXT, answers TEXT)")
        connection.execute("CREATE TABLE audit_entries (event TEXT)")
        connection.execute("CREATE TABLE drafts (code_hash TEXT)")
        answers = json.dumps({"Q1": "one"})
        connection.execute("INSERT INTO responses VALUES ('1', 'AAAA-BBBB-CCCC', ?)", (answers,))
        connection.execute("INSERT INTO audit_entries VALUES (NULL)")
        connection.execute("INSERT INTO drafts VALUES ('x')")
    connection.close()
    return Store(f"sqlite:///{path}", tmp_path)


def change(store: Store, statement: str) -> None:
    connection = sqlite3.connect(store._address.removeprefix("sqlite:///"))
    with connection:
        connection.execute(statement)
    connection.close()


def test_nothing_is_found_where_all_is_there(people: list[Remembered], store: Store) -> None:
    assert compare(people, store) == []


@pytest.mark.parametrize(
    ("loss", "words"),
    [
        ("DELETE FROM responses", "no response for the receipt"),
        ("INSERT INTO responses SELECT * FROM responses", "without a receipt"),
        ("UPDATE responses SET answers = '{}'", "holds other answers"),
        ("DELETE FROM audit_entries", "leaves in the audit log"),
        ("INSERT INTO audit_entries VALUES (NULL)", "leaves in the audit log"),
        ("DELETE FROM drafts", "drafts are stored"),
        ("INSERT INTO drafts VALUES ('y')", "drafts are stored"),
    ],
)
def test_a_loss_is_found(people: list[Remembered], store: Store, loss: str, words: str) -> None:
    change(store, loss)
    assert words in " ".join(compare(people, store))


def test_a_draft_may_hold_what_was_sent_and_not_confirmed_but_nothing_else(
    people: list[Remembered], store: Store
) -> None:
    people[1].sent = {"Q1": "three"}
    people[1].held = {"Q1": ["three"]}
    assert compare(people, store) == []
    people[1].held = {"Q1": ["an older answer"]}
    assert "a draft holds" in " ".join(compare(people, store))


def test_a_form_is_read_as_a_browser_would_send_it() -> None:
    form = Form("""
        <form method="post" action="/out"><input type="hidden" name="t" value="1"></form>
        <form method="post" action="/save"><input type="hidden" name="token" value="x&amp;y">
        <input type="radio" name="a" value="1"><input type="radio" name="a" value="2" checked>
        <input type="checkbox" name="b" value="1" checked><input type="text" name="c" value="">
        <select name="d"><option value="">?</option><option value="z" selected>Z</option></select>
        <textarea name="e">
two
lines</textarea><input type="file" name="f"><button name="action" value="next">Go</button></form>
    """)
    assert form.action == "/save"
    assert form.fields == [
        ("token", "x&y"), ("a", "2"), ("b", "1"), ("c", ""), ("d", "z"), ("e", "two\nlines"),
    ]  # fmt: skip
    sent = form.filled_in({"a": ["1"], "b": []})
    assert ("a", "1") in sent
    assert "b" not in dict(sent)
    assert sent[-1] == ("action", "next")


def test_the_proof_of_work_is_solved_as_the_platform_checks_it() -> None:
    now = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    challenge = issue_challenge(b"key", binding=b"draft", bits=8, now=now)
    given = proven({"csrf_token": "x", "proof_challenge": challenge, "proof_solution": ""})
    judged = judge_proof(
        b"key", challenge=challenge, solution=given["proof_solution"], binding=b"draft",
        wait_seconds=20, base_bits=8, now=now,
    )  # fmt: skip
    assert judged.challenge is not None
    assert is_solution(judged.challenge, given["proof_solution"])
    assert judged.fault is None
    assert proven({"csrf_token": "x"}) == {}
