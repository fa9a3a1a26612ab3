"""What people read of a refusal says the same as the package that refuses."""

import importlib
from collections.abc import Iterator
from string import Formatter

import pytest
from flask import Flask
from flask_babel import force_locale

from app.error_texts import ERROR_TEXTS
from app.errors import describe, status_of
from core.errors import WaymarkError
from tests.conftest import import_all_models
from voting.errors import AlreadyVoted

for package in ("stakeholders", "surveys", "voting", "roadmap", "federation"):
    importlib.import_module(f"{package}.errors")


def every_error(kind: type[WaymarkError] = WaymarkError) -> Iterator[type[WaymarkError]]:
    for subclass in kind.__subclasses__():
        yield subclass
        yield from every_error(subclass)


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


@pytest.mark.parametrize("code", ERROR_TEXTS)
def test_the_table_names_errors_that_exist_and_their_parameters(app: Flask, code: str) -> None:
    import_all_models()
    kinds = [kind for kind in every_error() if kind.code == code]
    assert kinds, f"no error has the code {code}"
    with app.test_request_context("/"):
        message, advice = (str(text) for text in ERROR_TEXTS[code])
        assert fields(message) <= fields(kinds[0].template)
        assert fields(advice) <= fields(kinds[0].template) | fields(kinds[0].remedy)


def test_codes_are_unique_to_one_error() -> None:
    codes = [kind.code for kind in every_error() if kind.__module__.split(".")[0] != "tests"]
    own = [
        kind
        for kind in every_error()
        if "code" in vars(kind) and kind.__module__.split(".")[0] != "tests"
    ]
    assert len({kind.code for kind in own}) == len(own), sorted(codes)


def test_a_refusal_reads_in_french(app: Flask) -> None:
    with app.test_request_context("/"), force_locale("fr"):
        message, advice = describe(AlreadyVoted(delegation="FR"))
    assert message.startswith("FR")
    assert "already" not in message + advice
    assert status_of(AlreadyVoted(delegation="FR")) == 409
