"""Documents are true: links lead somewhere, paths and commands exist, nothing names one machine."""

import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest

from app import create_app
from app.config import Settings
from tests.conftest import ROOT

VENDORED = ("app/static/vendor/", "exports/pdf/fonts/")
# Spelled in parts, so that this file does not hold what it looks for. The checkout's own folder
# counts, wherever it is; short ones ("/src") would be found in addresses, too.
PERSONAL = "|".join(["/roo" + "t/", "/ho" + "me/", "/Use" + "rs/", re.escape(f"{ROOT}/")])
OF_ONE_MACHINE = re.compile(rf"(?<![\w.~-])(?:{PERSONAL})[\w.-]")
REGISTRIES = (
    "py" + "pi.", "pytho" + "nhosted.", "regis" + "try.npm", "index-" + "url http",
    "--extra-ind" + "ex", "find-li" + "nks http",
)  # fmt: skip
# A word that stands for something the reader fills in.
PLACEHOLDER = re.compile(r"^[A-Z<\"'-]")


@cache
def tracked() -> tuple[Path, ...]:
    """Files of the repository that exist, without what others wrote."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listing.returncode:
        pytest.skip("not a git checkout")
    names = [name for name in listing.stdout.split("\0") if name]
    return tuple(
        ROOT / name for name in names if not name.startswith(VENDORED) and (ROOT / name).is_file()
    )


def pages() -> list[Path]:
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def without_blocks(text: str) -> str:
    """The text without fenced blocks, in which nothing is a link."""
    return re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)


def anchors_of(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub and GitLab make them."""
    headings = re.findall(r"^#+ +(.+?) *$", without_blocks(page.read_text()), re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", heading.replace("`", "")).strip().lower().replace(" ", "-")
        for heading in headings
    }


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", without_blocks(page.read_text())):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        there = page.parent / file if file else page
        assert there.exists(), f"{target} leads nowhere"
        if anchor:
            assert anchor in anchors_of(there), f"{target} names no heading"


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_every_path_in_backticks_exists(page: Path) -> None:
    """What begins with one of our folders, or is one of our files, is a path."""
    tops = {path.name for path in ROOT.iterdir() if path.is_dir() and path.name != "instance"}
    for span in re.findall(r"`([^`\n]+)`", without_blocks(page.read_text())):
        if not re.fullmatch(r"[\w.-]+(/[\w.<>-]+)*/?", span) or "<" in span:
            continue
        top = span.partition("/")[0]
        if "/" in span and top in tops - {".venv"}:
            assert (ROOT / span).exists(), f"`{span}` does not exist"
        elif re.fullmatch(r"[\w.-]+\.(py|toml|in|po)", span) and "/" not in span:
            assert any(path.name == span for path in tracked()), f"`{span}` does not exist"


def test_every_function_on_the_tour_is_in_its_file() -> None:
    """The walks write ``path/to/file.py``, then the function in backticks."""
    text = (ROOT / "docs" / "tour.md").read_text()
    found = re.findall(r"\*\*`([\w/]+\.py)`,\s+`(\w+)`", text)
    assert len(found) > 10
    for file, function in found:
        assert re.search(rf"^def {function}\(", (ROOT / file).read_text(), re.MULTILINE), function


def test_every_make_target_in_the_documents_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for page in pages():
        for named in re.findall(r"(?:^ {4}|`)make ([a-z-]+)", page.read_text(), re.MULTILINE):
            assert named in targets, f"{name_of(page)}: make {named}"


def test_make_help_lists_every_target_for_people() -> None:
    text = (ROOT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.+)$", text, re.MULTILINE)
    assert phony is not None
    listing = subprocess.run(
        ["make", "--no-print-directory", "help"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert set(re.findall(r"^  make ([a-z-]+) ", listing, re.MULTILINE)) <= set(
        phony.group(1).split()
    )
    for target in ("install", "demo", "demo-data", "test", "check", "load", "help"):
        assert f"make {target} " in listing


def commands_in(text: str) -> Iterator[tuple[str, list[str]]]:
    """(place, words) of every ``flask …`` in an indented block or in backticks."""
    blocks = re.findall(r"^ {4}(?:.*?[ ;/])?flask (.+)$", text, re.MULTILINE)
    spans = re.findall(r"`(?:[\w./]*/)?flask ([^`]+)`", text)
    for words in (*blocks, *spans):
        yield words, words.split()


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory) -> click.Group:
    """What `flask` offers here."""
    application = create_app(Settings(instance=tmp_path_factory.mktemp("instance")), testing=True)
    application.extensions["waymark.database"].close()
    return application.cli


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_every_flask_command_exists_with_its_options(page: Path, commands: click.Group) -> None:
    for place, words in commands_in(page.read_text()):
        command: click.Command = commands
        rest = list(words)
        if all(PLACEHOLDER.match(word) for word in rest[:2]):
            continue  # `flask GROUP VERB` itself
        while isinstance(command, click.Group) and rest and not PLACEHOLDER.match(rest[0]):
            word = rest.pop(0).rstrip(".,;:)'\"")
            assert word in command.commands, f"flask {place}: {word} is no command"
            command = command.commands[word]
        options = {option for parameter in command.params for option in parameter.opts}
        named = {word.strip("[]`'") for word in rest if re.match(r"\[?--?[a-z]", word)}
        assert named - {"--help"} <= options, f"flask {place}"


def readable(path: Path) -> str:
    try:
        return path.read_text()
    except UnicodeDecodeError:
        return ""


def test_no_file_names_a_folder_of_one_machine() -> None:
    found = {
        f"{name_of(path)}: {match.group()}"
        for path in tracked()
        for match in OF_ONE_MACHINE.finditer(readable(path))
    }
    assert found == set()


def test_no_file_names_a_package_registry() -> None:
    found = {
        f"{name_of(path)}: {word}"
        for path in tracked()
        for word in REGISTRIES
        if word in readable(path)
    }
    assert found == set()


def test_decisions_are_numbered_and_listed() -> None:
    folder = ROOT / "docs" / "adr"
    files = sorted(path.name for path in folder.glob("[0-9]*.md"))
    assert [name[:4] for name in files] == [f"{number:04}" for number in range(1, len(files) + 1)]
    index = (folder / "README.md").read_text()
    for name in files:
        text = (folder / name).read_text()
        title = text.splitlines()[0].removeprefix("# ")
        assert f"[{title}]({name})" in index
        assert all(f"## {part}" in text for part in ("Context", "Decision", "Consequences")), name
