"""The table of settings in docs/operations.md says what app/config.py says."""

import re

import pytest

from app.config import Settings
from tests.conftest import ROOT

PAGE = ROOT / "docs" / "operations.md"
ROW = re.compile(r"^\| `([A-Z_]+)` \| (.+?) \| (.+) \|$", re.MULTILINE)


def variable_of(name: str) -> str:
    """The environment variable that sets a field."""
    field = Settings.model_fields[name]
    if isinstance(field.validation_alias, str):
        return field.validation_alias
    return f"{Settings.model_config['env_prefix']}{name}".upper()


def written(value: object) -> str:
    """A default as the table writes it."""
    if value == "":
        return "empty"
    if isinstance(value, tuple):
        value = ",".join(value)
    return f"`{value}`"


def documented() -> dict[str, tuple[str, str]]:
    """Variable → (default, meaning), as the table has them."""
    rows = ROW.findall(PAGE.read_text())
    found = {variable: (default, meaning) for variable, default, meaning in rows}
    assert len(found) == len(rows), "a setting stands in the table twice"
    return found


def test_every_setting_is_documented_with_its_default() -> None:
    expected = {
        variable_of(name): written(field.default) for name, field in Settings.model_fields.items()
    }
    assert {variable: default for variable, (default, _) in documented().items()} == expected


def test_every_setting_has_a_meaning() -> None:
    assert all(meaning.strip().endswith(".") for _, meaning in documented().values())


@pytest.mark.parametrize("variable", [variable_of(name) for name in Settings.model_fields])
def test_a_documented_variable_really_sets_something(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = next(name for name in Settings.model_fields if variable_of(name) == variable)
    default = getattr(Settings(), name)
    other = {
        int: lambda value: str(value + 1),
        str: lambda value: value + "x",
        tuple: lambda value: value[0],
    }.get(type(default), lambda value: f"{value}-elsewhere")
    monkeypatch.setenv(variable, other(default))
    assert getattr(Settings(), name) != default


def test_settings_named_anywhere_exist() -> None:
    known = {variable_of(name) for name in Settings.model_fields} | {"WAYMARK_NEW_PASSWORD"}
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    named = {name for page in pages for name in re.findall(r"WAYMARK_[A-Z_]+", page.read_text())}
    assert named <= known
