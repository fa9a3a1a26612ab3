"""The instance's key is made once, stays, and is nobody else's to read."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.errors import WaymarkError
from federation.envelope import thumbprint
from federation.keys import load_or_create_key


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    first = load_or_create_key(tmp_path)
    assert first.is_private
    path = tmp_path / "federation" / "key.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert thumbprint(load_or_create_key(tmp_path)) == thumbprint(first)
    assert [entry.name for entry in path.parent.iterdir()] == ["key.json"]


def test_two_that_start_at_once_have_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: thumbprint(load_or_create_key(tmp_path)), range(8)))
    assert len(set(keys)) == 1


@pytest.mark.parametrize("content", ["", "{}", "nonsense", '{"kty": "OKP", "crv": "Ed25519"}'])
def test_a_damaged_key_is_reported_and_never_replaced(tmp_path: Path, content: str) -> None:
    load_or_create_key(tmp_path)
    path = tmp_path / "federation" / "key.json"
    path.write_text(content)
    with pytest.raises(WaymarkError) as caught:
        load_or_create_key(tmp_path)
    assert caught.value.code == "federation.invalid_key"
    assert path.read_text() == content
