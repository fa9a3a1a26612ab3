"""Merkle trees after RFC 6962 section 2.1: tree head, inclusion proof, and its check.

Leaves are given as their hashes (``leaf_hash``), 32 bytes each.
"""

import hashlib
from collections.abc import Sequence

EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(content: bytes) -> bytes:
    """SHA-256 of ``0x00 || content``."""
    return hashlib.sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256 of ``0x01 || left || right``; the prefix keeps nodes and leaves apart."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def _split(size: int) -> int:
    """The largest power of two smaller than ``size``."""
    return 1 << (size - 1).bit_length() - 1


def root(leaves: Sequence[bytes]) -> bytes:
    """The tree head over ``leaves`` in their order."""
    if not leaves:
        return EMPTY_ROOT
    level = list(leaves)
    # Pairing neighbours and carrying an odd one up gives the same tree as RFC 6962's recursion.
    while len(level) > 1:
        paired = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = paired + level[-1:] if len(level) % 2 else paired
    return level[0]


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The sibling hashes that lead from leaf ``index`` to the root, nearest first."""
    if not 0 <= index < len(leaves):
        raise IndexError(f"no leaf {index} in a tree of {len(leaves)}")
    if len(leaves) == 1:
        return []
    split = _split(len(leaves))
    if index < split:
        return [*inclusion_proof(leaves[:split], index), root(leaves[split:])]
    return [*inclusion_proof(leaves[split:], index - split), root(leaves[:split])]


def root_from_proof(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """The root that ``proof`` leads to; compare it with the published one.

    Raises ``ValueError`` when the proof cannot belong to a leaf at ``index`` of ``size`` leaves.
    """
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    if size == 1:
        if proof:
            raise ValueError("a tree of one leaf has an empty proof")
        return leaf
    if not proof:
        raise ValueError("the proof is too short")
    split = _split(size)
    sibling, rest = proof[-1], proof[:-1]
    if index < split:
        return node_hash(root_from_proof(leaf, index, split, rest), sibling)
    return node_hash(sibling, root_from_proof(leaf, index - split, size - split, rest))
