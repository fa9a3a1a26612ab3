"""Whoever acts for the institution leaves an event: every unsafe route that is not public.

Told from the code itself: from each view, whether ``core.audit.record_event`` can be reached by
following the functions it names. What leaves no event is listed here, with the reason.
"""

import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import pytest
from flask import Flask

from app import create_app
from app.access import PUBLIC
from app.config import Settings
from core import audit
from surveys import responses, withdrawal

OURS = ("app.", "core.", "stakeholders.", "surveys.", "voting.", "roadmap.", "federation.")
UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}

_A_DRAFT = "changes a draft nobody answers; every step is kept, and publishing is an event"
_ONES_OWN = "what somebody has seen of their own notices is nobody else's business"
WITHOUT_EVENT = {
    "notices_desk.see": _ONES_OWN,
    "notices_desk.see_all": _ONES_OWN,
    "questionnaire_preview.preview": "stores nothing",
    "roadmap_files.look": "changes nothing; taking the file over afterwards is an event",
    "translations_desk.bring_in": _A_DRAFT,
    "translations_desk.save": _A_DRAFT,
}


@pytest.fixture(scope="module")
def views(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Callable[..., Any]]:
    """The views of unsafe routes for people with a role, by endpoint."""
    folder: Path = tmp_path_factory.mktemp("instance")
    app: Flask = create_app(Settings(instance=folder), testing=True)
    found = {
        rule.endpoint: app.view_functions[rule.endpoint]
        for rule in app.url_map.iter_rules()
        if UNSAFE & (rule.methods or set())
    }
    return {name: view for name, view in found.items() if view.__access__ != PUBLIC}


def named_in(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from named_in(constant)


def can_reach(start: Callable[..., Any], goal: Callable[..., Any]) -> bool:
    waiting: list[Any] = [inspect.unwrap(start)]
    seen = set()
    while waiting:
        function = waiting.pop()
        if function is goal:
            return True
        if id(function) in seen or not isinstance(function, FunctionType):
            continue
        seen.add(id(function))
        names = set(named_in(function.__code__))
        for name in names:
            value = function.__globals__.get(name)
            found = [value]
            if isinstance(value, ModuleType) and value.__name__.startswith(OURS):
                found = [getattr(value, other) for other in names if hasattr(value, other)]
            waiting += [
                inspect.unwrap(each) for each in found
                if isinstance(each, FunctionType) and each.__module__.startswith(OURS)
            ]  # fmt: skip
    return False


def test_every_act_of_staff_and_delegates_leaves_an_event(
    views: dict[str, Callable[..., Any]],
) -> None:
    assert len(views) > 40
    silent = {
        name for name, view in views.items() if not can_reach(view, audit.record_event)
    }  # fmt: skip
    assert silent == set(WITHOUT_EVENT)


def test_what_people_answer_leaves_no_event_of_its_own() -> None:
    """Only a hash; an event would say when, and in which words."""
    source = inspect.getsource(responses) + inspect.getsource(withdrawal.withdraw_response)
    assert "record_event" not in source
    assert "record_leaf" in source
