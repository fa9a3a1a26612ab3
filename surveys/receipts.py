"""What a receipt claims about the audit log, read from the JSON that a participant keeps."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.audit import commitment
from surveys.responses import hash_content


@dataclass(frozen=True, slots=True)
class AuditClaim:
    """A leaf and where it is said to be; ``fault``: what does not fit within the receipt itself.

    ``batch`` is None where it was not sealed yet.
    """

    leaf: bytes
    batch: int | None
    position: int
    size: int
    path: tuple[bytes, ...]
    fault: str


def audit_claim(document: Mapping[str, Any]) -> AuditClaim:
    """Raises ``KeyError``, ``TypeError`` or ``ValueError`` for what is no receipt."""
    said = document["audit"]
    content = hash_content(document["content"])
    leaf = commitment(bytes.fromhex(said["salt"]), content)
    fault = ""
    if content.hex() != document["content_sha256"]:
        fault = "the content does not have the hash that the receipt gives"
    elif leaf.hex() != said["leaf"]:
        fault = "salt and content do not give the leaf"
    elif any(document[name] != document["content"][name] for name in ("answers", "reference")):
        fault = "the answers shown are not those of the content"
    sealed = bool(said.get("sealed"))
    return AuditClaim(
        leaf=leaf,
        batch=int(said["batch"]) if sealed else None,
        position=int(said["position"]) if sealed else 0,
        size=int(said["size"]) if sealed else 0,
        path=tuple(bytes.fromhex(step) for step in said["path"]) if sealed else (),
        fault=fault,
    )
