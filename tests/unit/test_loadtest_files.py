"""The load test's own files: what it asks, how it adds up, and that it stands outside the house."""

import ast
import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from surveys.definition import parse_definition

LOADTESTS = Path(__file__).resolve().parents[2] / "loadtests"
PACKAGES = {
    "app", "core", "exports", "federation", "roadmap", "stakeholders", "surveys", "tests", "voting",
}  # fmt: skip


@pytest.fixture
def report() -> ModuleType:
    spec = importlib.util.spec_from_file_location("loadtest_report", LOADTESTS / "report.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_questionnaire_holds_thirty_questions_in_two_languages() -> None:
    document = json.loads((LOADTESTS / "questionnaire.json").read_text(encoding="utf-8"))
    questionnaire = parse_definition(document)
    assert len(questionnaire.questions) == 30
    assert questionnaire.languages == ("en", "fr")
    for question in questionnaire.questions:
        assert {"en", "fr"} <= set(question.title)


def test_it_imports_nothing_of_ours() -> None:
    for path in LOADTESTS.glob("*.py"):
        imported = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add((node.module or "").partition(".")[0])
        assert not imported & PACKAGES, path.name


@pytest.mark.parametrize(
    ("words", "status"), [(["--help"], 0), (["--seconds", "1"], 2), (["--users", "many"], 2)]
)
def test_the_command_says_how_it_is_used(words: list[str], status: int) -> None:
    outcome = subprocess.run(
        [sys.executable, str(LOADTESTS / "run.py"), *words],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert outcome.returncode == status
    assert "make load" in outcome.stdout + outcome.stderr


def test_a_percentile_is_a_value_that_was_measured(report: ModuleType) -> None:
    assert report.percentile([], 0.5) == 0
    assert report.percentile([7], 0.95) == 7
    assert report.percentile(range(1, 101), 0.95) == 95
    assert report.percentile([3, 1, 2], 0.5) == 2


def test_slices_are_added_up_by_time_and_not_averaged(report: ModuleType) -> None:
    def part(seconds: float, journeys: int, errors: dict[str, int]) -> dict[str, object]:
        return {
            "seconds": seconds, "cpu_seconds": 1.0, "application_seconds": 2.0,
            "database_seconds": 0.5, "journeys": {"citizen": [5.0] * journeys},
            "requests": {"GET landing": [(1.0, 100)] * journeys}, "errors": errors,
        }  # fmt: skip

    summary = report.add_up([part(1, 10, {}), part(3, 10, {"refused": 2})])
    assert summary["journeys_per_second"] == 5
    assert summary["application_cpu"] == 1
    assert summary["requests"]["GET landing"] == {"count": 20, "p50": 1, "p95": 1, "bytes": 100}
    assert summary["errors"] == {"refused": 2}
