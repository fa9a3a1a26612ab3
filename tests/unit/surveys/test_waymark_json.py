"""Our own JSON from bytes."""

import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.errors import InvalidQuestionnaire, UnreadableFile
from surveys.formats.waymark_json import read_json
from surveys.schema import json_schema
from tests.questionnaires.build import document, question

ROOT = Path(__file__).parents[3]


def test_a_questionnaire_is_read_and_nothing_is_lost() -> None:
    path = ROOT / "tests" / "questionnaires" / "conditions.json"
    result = read_json(b"\xef\xbb\xbf" + path.read_bytes())
    assert result.report() == {
        "questions": 6,
        "languages": ["en"],
        "conditions": {"found": 7, "carried": 7},
        "lost": [],
    }


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"\xff\xfe{}",
        b'{"title": NaN}',
        b'{"title": {"en": "a", "en": "b"}}',
        b"[" * 100_000,
        b" " * (11 * 1024 * 1024),
    ],
    ids=range(7),
)
def test_what_is_not_json_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableFile):
        read_json(data)


@pytest.mark.parametrize("data", [b"null", b"[]", b"{}", b'"x"', b"1"])
def test_json_that_is_no_questionnaire_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidQuestionnaire):
        read_json(data)


@settings(deadline=None)
@given(st.integers(0, 400), st.binary(min_size=1, max_size=4))
def test_a_damaged_file_is_read_or_refused(at: int, junk: bytes) -> None:
    data = json.dumps(document(question("Q1", show_if="shown(Q1)"))).encode()
    with contextlib.suppress(UnreadableFile, InvalidQuestionnaire):
        read_json(data[:at] + junk + data[at + 1 :])


def test_the_published_schema_is_the_one_in_use() -> None:
    published = ROOT / "docs" / "questionnaire-1.schema.json"
    assert json.loads(published.read_text("utf-8")) == json_schema()
