"""The hash tree of an append-only log: RFC 9162, section 2.1, over SHA-256.

Whoever kept an old root can check that a newer tree only continues it (a consistency proof), and
that a row stands where it should (an inclusion proof), without seeing any other row. A tree is
read through `Node`: a function that knows the roots of whole, aligned subtrees, so that a proof
costs O(log n) looks however the tree is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256

Node = Callable[[int, int], bytes]
"""(level, place) → root of the whole subtree over leaves `place << level` and the 2^level - 1
after it; level 0 are the leaves."""

EMPTY = sha256().digest()
"""Root of a tree without leaves."""
_LEAF, _INNER = b"\x00", b"\x01"


def leaf_hash(data: bytes) -> bytes:
    """Hash of a leaf."""
    return sha256(_LEAF + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of two neighbours."""
    return sha256(_INNER + left + right).digest()


def root_of(hashes: Sequence[bytes]) -> bytes:
    """Root over leaf hashes, level by level; an odd one goes up as it is."""
    level = list(hashes)
    if not level:
        return EMPTY
    while len(level) > 1:
        pairs = len(level) // 2
        above = [node_hash(level[2 * i], level[2 * i + 1]) for i in range(pairs)]
        level = above + level[2 * pairs :]
    return level[0]


class Growing:
    """The root of leaves that come one by one; keeps one hash a level."""

    def __init__(self) -> None:
        self.size = 0
        self._whole: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        """One more leaf hash."""
        self.size += 1
        self._whole.append(leaf)
        low = self.size
        while low & 1 == 0:
            right = self._whole.pop()
            self._whole[-1] = node_hash(self._whole[-1], right)
            low >>= 1

    def root(self) -> bytes:
        """Root over all leaves so far."""
        if not self._whole:
            return EMPTY
        found = self._whole[-1]
        for left in reversed(self._whole[:-1]):
            found = node_hash(left, found)
        return found


def root(node: Node, size: int) -> bytes:
    """Root of the tree of the first `size` leaves."""
    return _range(node, 0, size) if size else EMPTY


def inclusion(node: Node, index: int, size: int) -> list[bytes]:
    """Proof that leaf `index` is in the tree of `size` leaves (2.1.3.1), from the leaf upwards."""
    if not 0 <= index < size:
        raise ValueError("no such leaf")
    path, start, end = list[bytes](), 0, size
    while end - start > 1:
        middle = start + _half(end - start)
        if index < middle:
            path.append(_range(node, middle, end))
            end = middle
        else:
            path.append(_range(node, start, middle))
            start = middle
    return path[::-1]


def consistency(node: Node, first: int, second: int) -> list[bytes]:
    """Proof that the tree of `second` leaves continues the one of `first` (2.1.4.1)."""
    if not 0 <= first <= second:
        raise ValueError("no such trees")
    if first in (0, second):
        return []
    path, start, end, known = list[bytes](), 0, second, True
    while first != end:
        middle = start + _half(end - start)
        if first <= middle:
            path.append(_range(node, middle, end))
            end = middle
        else:
            path.append(_range(node, start, middle))
            start, known = middle, False
    if not known:
        path.append(_range(node, start, end))
    return path[::-1]


def is_included(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether the proof leads from the leaf's hash to the root (2.1.3.2)."""
    if not 0 <= index < size:
        return False
    place, last, found = index, size - 1, leaf
    for other in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = node_hash(other, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, other)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


def is_continued(
    first: int, second: int, first_root: bytes, second_root: bytes, path: Sequence[bytes]
) -> bool:
    """Whether the proof shows that the second tree only continues the first (2.1.4.2)."""
    if not 0 <= first <= second:
        return False
    if first == second:
        return not path and first_root == second_root
    if first == 0:
        return not path and first_root == EMPTY
    steps = [first_root, *path] if first & (first - 1) == 0 else list(path)
    return bool(steps) and _climbed(first - 1, second - 1, steps) == (first_root, second_root)


def _climbed(place: int, last: int, steps: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """The roots of both trees that a consistency proof leads to."""
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = steps[0]
    for other in steps[1:]:
        if last == 0:
            return None
        if place & 1 or place == last:
            old, new = node_hash(other, old), node_hash(other, new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, other)
        place, last = place >> 1, last >> 1
    return (old, new) if last == 0 else None


def _half(leaves: int) -> int:
    """The largest power of two below the number of leaves."""
    return 1 << (leaves - 1).bit_length() - 1


def _range(node: Node, start: int, end: int) -> bytes:
    """Root over leaves from `start` to `end`, where `start` is aligned as the RFC splits."""
    leaves = end - start
    if leaves & (leaves - 1) == 0:
        level = leaves.bit_length() - 1
        return node(level, start >> level)
    middle = start + _half(leaves)
    return node_hash(_range(node, start, middle), _range(node, middle, end))
