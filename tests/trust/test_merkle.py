from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qalqan.trust import merkle
from qalqan.trust.merkle import Node

KNOWN = [
    ("", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
    ("00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
    ("10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
    ("2021", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"),
    ("3031", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"),
    ("40414243", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"),
    ("5051525354555657", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"),
    (
        "606162636465666768696a6b6c6d6e6f",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ),
]
"""Leaves, and the root after each: the example tree of the Certificate Transparency project
(google/certificate-transparency, `merkletree/merkle_tree_test.cc`)."""


def tree(leaves: Sequence[bytes]) -> Node:
    """Nodes over leaves' data, made anew each time, as the RFC's recursion says."""

    def node(level: int, place: int) -> bytes:
        return plain([*leaves[place << level : (place + 1) << level]])

    return node


def plain(leaves: Sequence[bytes]) -> bytes:
    """MTH of RFC 9162, section 2.1.1, word for word."""
    if not leaves:
        return merkle.EMPTY
    if len(leaves) == 1:
        return merkle.leaf_hash(leaves[0])
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return merkle.node_hash(plain(leaves[:k]), plain(leaves[k:]))


def plain_path(m: int, leaves: Sequence[bytes]) -> list[bytes]:
    """PATH of section 2.1.3.1."""
    if len(leaves) == 1:
        return []
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    if m < k:
        return [*plain_path(m, leaves[:k]), plain(leaves[k:])]
    return [*plain_path(m - k, leaves[k:]), plain(leaves[:k])]


def plain_proof(m: int, leaves: Sequence[bytes], known: bool = True) -> list[bytes]:
    """SUBPROOF of section 2.1.4.1."""
    if m == len(leaves):
        return [] if known else [plain(leaves)]
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    if m <= k:
        return [*plain_proof(m, leaves[:k], known), plain(leaves[k:])]
    return [*plain_proof(m - k, leaves[k:], False), plain(leaves[:k])]


def test_the_known_tree() -> None:
    leaves = [bytes.fromhex(leaf) for leaf, _ in KNOWN]
    for size, (_, root) in enumerate(KNOWN, 1):
        assert merkle.root(tree(leaves), size).hex() == root
        assert merkle.root_of([merkle.leaf_hash(leaf) for leaf in leaves[:size]]).hex() == root
    assert merkle.root(tree([]), 0) == merkle.root_of([]) == merkle.EMPTY
    proof = [step.hex() for step in merkle.inclusion(tree(leaves), 0, 8)]
    assert proof == [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]


def test_leaves_one_by_one_have_the_same_root() -> None:
    growing, leaves = merkle.Growing(), [bytes([i]) for i in range(70)]
    assert growing.root() == merkle.EMPTY
    for size, leaf in enumerate(leaves, 1):
        growing.add(merkle.leaf_hash(leaf))
        assert (growing.size, growing.root()) == (size, plain(leaves[:size]))


sizes = st.integers(1, 70).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n - 1)))


@given(sizes)
def test_inclusion_as_the_text_says_and_no_other_leaf_or_place(case: tuple[int, int]) -> None:
    size, index = case
    leaves = [bytes([i]) for i in range(size)]
    path, root = merkle.inclusion(tree(leaves), index, size), plain(leaves)
    assert path == plain_path(index, leaves)
    leaf = merkle.leaf_hash(leaves[index])
    assert merkle.is_included(leaf, index, size, path, root)
    assert not merkle.is_included(merkle.leaf_hash(b"other"), index, size, path, root)
    assert not merkle.is_included(leaf, size, size, path, root)
    assert not merkle.is_included(leaf, index, size, [*path, root], root)
    assert size == 1 or not merkle.is_included(leaf, index, size, path[:-1], root)
    assert size == 1 or not merkle.is_included(leaf, (index + 1) % size, size, path, root)


@given(st.integers(0, 70), st.integers(0, 70), st.data())
def test_consistency_as_the_text_says_and_no_other_history(
    first: int, more: int, data: st.DataObject
) -> None:
    second = first + more
    leaves = [bytes([i]) for i in range(second)]
    path = merkle.consistency(tree(leaves), first, second)
    if first:
        assert path == plain_proof(first, leaves)
    old, new = plain(leaves[:first]), plain(leaves)
    assert merkle.is_continued(first, second, old, new, path)
    if not first:
        return
    changed = [*leaves]
    changed[data.draw(st.integers(0, first - 1))] = b"changed"
    forged = merkle.consistency(tree(changed), first, second)
    assert not merkle.is_continued(first, second, old, plain(changed), forged)
    assert not merkle.is_continued(first, second, old, new, [*path, old])
    assert first == second or not merkle.is_continued(first, second, new, new, path)


def test_what_can_not_be_proved() -> None:
    node = tree([b"a", b"b"])
    with pytest.raises(ValueError, match="leaf"):
        merkle.inclusion(node, 2, 2)
    with pytest.raises(ValueError, match="trees"):
        merkle.consistency(node, 3, 2)
    assert not merkle.is_continued(3, 2, b"", b"", [])
    assert not merkle.is_continued(3, 4, b"", b"", [])
