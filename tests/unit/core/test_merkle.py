"""Merkle trees agree with RFC 6962 and with its published example values."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import merkle

# The test data of RFC 6962's reference implementation (certificate-transparency, merkletree).
INPUTS = [bytes.fromhex(text) for text in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_of_the_reference_implementation(size: int) -> None:
    leaves = [merkle.leaf_hash(content) for content in INPUTS[:size]]
    assert merkle.root(leaves).hex() == ROOTS[size - 1]


def test_the_empty_tree_is_the_hash_of_nothing() -> None:
    assert merkle.root([]) == hashlib.sha256(b"").digest()


@given(st.lists(st.binary(max_size=8), min_size=1, max_size=40), st.data())
def test_every_leaf_proves_that_it_is_in_the_tree(
    contents: list[bytes], data: st.DataObject
) -> None:
    leaves = [merkle.leaf_hash(content) for content in contents]
    index = data.draw(st.integers(0, len(leaves) - 1))
    proof = merkle.inclusion_proof(leaves, index)
    root = merkle.root_from_proof(leaves[index], index, len(leaves), proof)
    assert root == merkle.root(leaves)


@given(st.lists(st.binary(max_size=8), min_size=2, max_size=20, unique=True), st.data())
def test_another_leaf_does_not_prove_with_that_path(
    contents: list[bytes], data: st.DataObject
) -> None:
    leaves = [merkle.leaf_hash(content) for content in contents]
    index = data.draw(st.integers(0, len(leaves) - 1))
    other = data.draw(st.sampled_from([leaf for leaf in leaves if leaf != leaves[index]]))
    proof = merkle.inclusion_proof(leaves, index)
    assert merkle.root_from_proof(other, index, len(leaves), proof) != merkle.root(leaves)


def test_a_proof_of_the_wrong_length_is_refused() -> None:
    leaf = merkle.leaf_hash(b"a")
    with pytest.raises(ValueError, match="too short"):
        merkle.root_from_proof(leaf, 0, 2, [])
    with pytest.raises(ValueError, match="empty proof"):
        merkle.root_from_proof(leaf, 0, 1, [leaf])
