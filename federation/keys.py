"""The instance's own key pair: a file that only the instance can read."""

import contextlib
import json
import os
import tempfile
from pathlib import Path

from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from federation.envelope import generate_key
from federation.errors import InvalidKey


def load_or_create_key(instance: Path) -> OKPKey:
    """The key in ``instance/federation/key.json`` (mode 0600), made at first use.

    Two processes that start at once end with the same key. Raises ``InvalidKey`` for a damaged
    file; it is never replaced silently, because the others know this instance by it.
    """
    folder = instance / "federation"
    path = folder / "key.json"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _create(path, json.dumps(generate_key().as_dict(private=True)))
    try:
        key = OKPKey.import_key(json.loads(path.read_text()))
    except (JoseError, ValueError) as error:
        raise InvalidKey(where=str(path), reason="the file is damaged") from error
    if not key.is_private or key.curve_name != "Ed25519":
        raise InvalidKey(where=str(path), reason="it holds no private Ed25519 key")
    return key


def _create(path: Path, content: str) -> None:
    """Write under another name first: the file is there whole or not at all."""
    descriptor, draft = tempfile.mkstemp(dir=path.parent)  # mode 0600
    with os.fdopen(descriptor, "w") as file:
        file.write(content + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        with contextlib.suppress(FileExistsError):  # another process was first: its key counts
            path.hardlink_to(draft)
    finally:
        Path(draft).unlink()
