"""What shows that an edition is not what was published, and what does not."""

import json
import subprocess
import sys
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import rfc8785
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roadmap.editions.chain import chain_document
from roadmap.editions.verifying.canonical import canonical
from roadmap.editions.verifying.command import Verdict, main, verify
from roadmap.editions.verifying.standalone import standalone_script
from tests.second_edition import edition_pair, fingerprint

FIRST, SECOND = edition_pair()


def check(document: Any, *previous: Any, sha256: str | None = None) -> Verdict:
    files = [rfc8785.dumps(each) for each in previous]
    return verify(rfc8785.dumps(document), previous=files, sha256=sha256)[0]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value that is no container."""
    if isinstance(value, dict | list) and value:
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(inner, (*path, key))
    else:
        yield path


def changed(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    copy = deepcopy(document)
    inner = copy
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return copy


def test_what_was_published_is_valid_with_and_without_what_came_before() -> None:
    for document, before in ((FIRST, ()), (SECOND, (FIRST,)), (SECOND, ())):
        verdict = check(document, *before, sha256=fingerprint(document))
        assert verdict.valid, verdict.reason
    assert {change["kind"] for change in SECOND["changes"]} == {
        "added", "removed", "moved", "reworded", "dependency",
    }  # fmt: skip


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.sampled_from(sorted(places(SECOND), key=repr)), st.data())
def test_any_single_change_is_seen_when_the_hash_is_known(
    path: tuple[Any, ...], data: st.DataObject
) -> None:
    new = data.draw(
        st.one_of(st.none(), st.booleans(), st.integers(-5, 10**6), st.text(max_size=9))
    )
    copy = changed(SECOND, path, new)
    if rfc8785.dumps(copy) != rfc8785.dumps(SECOND):
        assert not check(copy, sha256=fingerprint(SECOND)).valid


@pytest.mark.parametrize(
    "path, value, named",
    [
        (("milestones", 1, "earliest_start"), 3, "milestones B.earliest_start"),
        (("milestones", 1, "duration_days"), 51, "milestones"),
        (("milestones", 0, "latest_finish"), 999, "milestones A.latest_finish"),
        (("milestones", 0, "free_slack"), 999, "milestones A.free_slack"),
        (("milestones", 0, "critical"), "yes", "milestones[0].critical"),
        (("milestones", 0, "area"), "x", "milestones A.area"),
        (("milestones", 0, "code"), "B", "milestones B: stands twice"),
        (("schedule", "makespan_days"), 1, "schedule.makespan_days"),
        (("dependencies", 0, "lag_days"), 400, "schedule.makespan_days"),
        (("dependencies", 0, "to"), "Z", "dependencies A>Z"),
        (("contradictions",), [], "suspended"),
        (("contradictions", 0, "cycle"), ["C", "B"], "contradictions C>A.cycle"),
        (("milestones", 0, "evidence", 0, "score"), "0.81", "Q1.score"),
        (("milestones", 0, "evidence", 0, "value"), "81/100", "milestones A.evidence Q1"),
        (("milestones", 0, "evidence", 0, "counts", 0, "count"), 11, "Q1.formula"),
        (("milestones", 0, "evidence", 1, "counts", 2, "count"), 71, "Q2.formula"),
        (("milestones", 0, "priority", "score"), "0.99", "milestones A.priority"),
        (("milestones", 0, "priority"), None, "milestones A.priority"),
        (("consultations", 0, "responses"), 5, "consultations ask.by_respondent_type"),
        (("milestones", 0, "optimistic_days"), 10**6, "milestones A.likely_days"),
        (("milestones", 0, "p80_finish"), 0, "milestones A.p80_finish"),
        (("milestones", 0, "criticality"), "1.5", "milestones A.criticality"),
        (("simulation", "p50"), 10**6, "simulation.p80"),
        (("votes", 0, "yes"), 3, "votes adopt.yes"),
        (("approvals",), [], "approvals"),
        (("published_on",), None, "published_on"),
        (("proposals", 0, "title"), {"en": "Less time"}, "approved_sha256"),
        (("schema",), "waymark/edition/9", "schema"),
        (("extra",), 1, "extra: is no member"),
        (("changes", 0, "after"), {"duration_days": 1}, "changes A"),
    ],
)  # fmt: skip
def test_what_contradicts_itself_is_seen_without_any_hash(
    path: tuple[Any, ...], value: Any, named: str
) -> None:
    verdict = check(changed(SECOND, path, value))
    assert not verdict.valid
    assert named in verdict.reason


def test_what_nobody_could_see_without_a_hash_is_seen_with_the_next_edition() -> None:
    forged = changed(FIRST, ("milestones", 0, "lead"), "Somebody else")
    assert check(forged).valid  # consistent in itself: only a hash tells
    verdict = check(SECOND, forged)
    assert not verdict.valid
    assert verdict.reason.startswith("previous.sha256")


def test_every_difference_has_to_be_listed() -> None:
    unapproved = SECOND | {"approved_sha256": None, "approvals": []}
    for at in range(len(SECOND["changes"])):
        copy = deepcopy(unapproved)
        gone = copy["changes"].pop(at)
        verdict = check(copy, FIRST)
        assert not verdict.valid, gone
        assert verdict.reason.startswith("changes")


@pytest.mark.parametrize(
    "content, named",
    [
        (b"", "line 1"),
        (b"\xff", "UTF-8"),
        (b"\xef\xbb\xbf{}", "line 1"),
        (b"[" * 100_000, "deeper"),
        (b"[" * 200 + b"]" * 200, "deeper"),
        (b'{"a":NaN}', "NaN"),
        (b'{"a":1e999}', "larger"),
        (b'{"a":' + b"9" * 5000 + b"}", "larger"),
        (b'{"a":9007199254740993}', "larger"),
        (b'{"a":1,"a":2}', "'a' stands twice"),
        (b"[]", "schema"),
        (b'"x"', "schema"),
        (b"{}", "schema"),
        (b'{"schema":"waymark/edition/2"}', "roadmap: is missing"),
        (b'{"schema":["waymark/edition/2"]}', "schema"),
        (b'{"schema":"waymark/chain/1"}', "editions"),
        (b'{"schema":"waymark/chain/1","editions":[1]}', "editions[0]"),
        (b'{"schema":"waymark/edition/2","x":"\\ud800"}', "half a character"),
        (rfc8785.dumps(FIRST) + b"\n", "canonical"),
        (json.dumps(FIRST).encode(), "canonical"),
    ],
)
def test_hostile_files_get_one_sentence(content: bytes, named: str) -> None:
    verdict, checked = verify(content)
    assert (verdict.valid, checked) == (False, ())
    assert named in verdict.reason


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.sampled_from(sorted(places(FIRST), key=repr)),
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
        max_leaves=4,
    ),
)
def test_wrong_types_anywhere_are_a_verdict_never_a_traceback(
    path: tuple[Any, ...], value: Any
) -> None:
    verdict = check(changed(FIRST, path, value), SECOND)
    assert isinstance(verdict.reason, str)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1)
        | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=6,
    )
)  # fmt: skip
def test_its_canonical_bytes_are_those_of_the_library(value: Any) -> None:
    try:
        expected = rfc8785.dumps(value)
    except UnicodeEncodeError:
        return
    assert canonical(value).encode() == expected


def bundle(*documents: Any) -> bytes:
    return chain_document(
        "smart",
        [
            SimpleNamespace(
                version=each["version"], sha256=fingerprint(each), withdrawal_reason="",
                document=rfc8785.dumps(each).decode(), withdrawn_at=None,
                published_at=datetime(2026, 3, 10, tzinfo=UTC),
            )
            for each in documents
        ],
    )  # fmt: skip


def test_a_chain_is_checked_link_by_link() -> None:
    verdict, checked = verify(bundle(FIRST, SECOND), sha256=fingerprint(SECOND))
    assert verdict.valid, verdict.reason
    assert [each.version for each in checked] == ["1.0", "1.1"]
    for wrong in ((SECOND, FIRST), (SECOND,), (FIRST, FIRST)):
        assert not verify(bundle(*wrong))[0].valid
    text = bundle(FIRST, SECOND).replace(b"Hand-over", b"Take-over")
    assert not verify(text)[0].valid


def test_a_large_positive_circle_is_refused_at_once() -> None:
    """Hostile dependencies must not make the check run for ever."""
    count = 400
    template = FIRST["milestones"][1] | {"area": "net", "not_before": None, "finish_by": None}
    edges = [(at, (at + 1) % count, 1) for at in range(count)]
    edges += [(at + 1, at, -1) for at in range(count - 1)]
    document = FIRST | {
        "milestones": [template | {"code": f"M{at}"} for at in range(count)],
        "dependencies": [
            FIRST["dependencies"][0]
            | {"from": f"M{a}", "to": f"M{b}", "kind": "SS", "lag_days": lag, "suspended": False}
            for a, b, lag in edges
        ],
        "contradictions": [],
    }
    verdict = check(document)
    assert not verdict.valid
    assert "contradict themselves" in verdict.reason


def test_the_script_needs_nothing_but_python(tmp_path: Path) -> None:
    script = tmp_path / "verify_edition.py"
    script.write_text(standalone_script())
    assert "roadmap.editions" not in script.read_text().replace("`flask roadmap", "")
    for name, content in (("1.0", rfc8785.dumps(FIRST)), ("1.1", rfc8785.dumps(SECOND)),
                          ("bad", rfc8785.dumps(SECOND | {"version": "1.2"}))):  # fmt: skip
        (tmp_path / name).write_bytes(content)

    def run(*arguments: str) -> tuple[int, Any]:
        done = subprocess.run(
            [sys.executable, "-I", "-S", str(script), *arguments, "--json"],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.stderr == ""
        return done.returncode, json.loads(done.stdout)

    assert run("1.1", "--previous", "1.0", "--sha256", fingerprint(SECOND))[0] == 0
    status, verdict = run("bad")
    assert (status, verdict["valid"]) == (1, False)
    assert "approved_sha256" in verdict["reason"]


def test_the_command_of_the_module_says_the_same(tmp_path: Path) -> None:
    file = tmp_path / "edition.json"
    file.write_bytes(rfc8785.dumps(FIRST))
    said: list[str] = []
    assert main([str(file)], out=said.append) == 0
    assert said[0].startswith("valid: edition 1.0 of “smart” agrees with itself")
