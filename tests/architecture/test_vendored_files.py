"""What others wrote is kept as they published it: checksum, licence, and nothing from elsewhere."""

import hashlib
import re
from pathlib import Path

import pytest

from tests.conftest import ROOT

STATIC = ROOT / "app" / "static"
VENDOR = STATIC / "vendor"
FOLDERS = sorted(folder for folder in VENDOR.iterdir() if folder.is_dir())


def read_checksums(folder: Path) -> dict[str, str]:
    """Path below the folder → SHA-256, as ``sha256sum`` writes them."""
    lines = (folder / "SHA256SUMS").read_text().splitlines()
    return {
        name.lstrip("*"): checksum for checksum, name in (line.split(None, 1) for line in lines)
    }


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_vendored_files_are_those_that_were_published(folder: Path) -> None:
    expected = read_checksums(folder)
    found = {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "SHA256SUMS"
    }
    assert found == expected


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_vendored_files_come_with_version_and_licence(folder: Path) -> None:
    assert re.search(r"-\d+\.\d+\.\d+$", folder.name)
    assert (folder / "LICENSE").stat().st_size > 0


@pytest.mark.parametrize("sheet", sorted(STATIC.rglob("*.css")), ids=lambda path: path.name)
def test_style_sheets_load_nothing_from_elsewhere(sheet: Path) -> None:
    text = sheet.read_text()
    targets = re.findall(r"url\(\s*[\"']?([^\"')\s]+)", text) + re.findall(
        r"@import\s+[\"']([^\"']+)", text
    )
    for target in targets:
        assert target.startswith("data:image/") or (sheet.parent / target).is_file()


def test_every_icon_a_template_asks_for_is_in_the_sprite() -> None:
    (sprite,) = VENDOR.glob("ecl-resources-icons-*/icons.svg")
    present = set(re.findall(r'id="([a-z0-9-]+)"', sprite.read_text()))
    asked: set[str] = set()
    for template in (ROOT / "app" / "templates").rglob("*.html"):
        asked |= set(re.findall(r'icon\("([a-z0-9-]+)"', template.read_text()))
    assert asked <= present


def test_templates_name_the_vendored_versions_that_are_there() -> None:
    named: set[str] = set()
    for template in (ROOT / "app" / "templates").rglob("*.html"):
        named |= set(re.findall(r"vendor/([a-z0-9.-]+)/", template.read_text()))
    assert named <= {folder.name for folder in FOLDERS}
