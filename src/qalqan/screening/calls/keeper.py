"""Who writes the file of tables: one process a file, by its lock.

A whole file is made beside the old one and takes its place; a number changes in place. Writes go
through the file, never through the mapping: a full disk is then an error here, and no signal that
ends a process.
"""

from __future__ import annotations

import fcntl
import os
import struct
from array import array
from collections.abc import Iterable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple, Self

from . import layout
from .decisions import Decisions
from .layout import Place
from .lookup import BLOCKS, CODES, MOBILE_NUMBERS, MOBILES, MOST_PROBES, VALUE_BITS, step_of
from .numbers import LONGEST

_SIZES = (
    1_021, 4_093, 16_381, 65_521, 262_139, 1_048_573, 4_194_301, 16_777_213, 67_108_859,
)  # fmt: skip
"""Primes below powers of four: how many words a table may have."""


class Trunk(NamedTuple):
    """A trunk: the addresses of its peers, its class (`row.Trunk`), whose it is."""

    name: str
    addresses: tuple[str, ...]
    klass: int
    operator: int = 0


class Range(NamedTuple):
    """Numbers that may come over a trunk from abroad (R5), by what contract, until when."""

    trunk: str
    first: int
    last: int
    kind: int
    """An `Allowed`."""
    until_s: int
    contract: str


class Content(NamedTuple):
    """What a file holds at first."""

    version: int
    policy: int
    """Version of the policy under which `decisions` was compiled."""
    oldest_s: int
    codes: bytes
    blocks: bytes
    """By thousands of numbers; may be shorter than all of them."""
    decisions: Decisions
    operators: Mapping[str, int]
    """Code → number from 1 to 255."""
    trunks: tuple[Trunk, ...]
    ranges: tuple[Range, ...] = ()
    values: Mapping[int, int] = {}
    """Number → flags << 8 | operator it was ported to."""
    abroad: Iterable[int] = ()
    fed_s: Mapping[int, int] = {}
    """Operator → when it last told who is abroad."""
    more: Mapping[str, Any] = {}
    """Whatever else the head shall tell."""


def write(path: str | os.PathLike[str], content: Content) -> None:
    """Make the file anew, whole or not at all, and send readers of the old one to it.

    Raises:
        ValueError: the content does not fit the file. OSError: it could not be written.
    """
    goal = Path(path)
    words = hashed(content.values)
    parts = _parts(content, words)
    counts = {name: len(part) for name, part in parts.items() if layout.PARTS[name].items is None}
    found = layout.places(counts)
    draft = goal.with_name(f".{goal.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o640)
    try:
        _write_all(descriptor, layout.head(_about(content), counts), 0)
        for name, part in parts.items():
            _write_all(descriptor, bytes(part), found[name].at)
        os.ftruncate(descriptor, layout.length(found))
        _write_abroad(descriptor, found["abroad"], content.abroad)
        os.fsync(descriptor)
        take_place(draft, goal)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    finally:
        os.close(descriptor)


def take_place(draft: Path, goal: Path) -> None:
    """Put a whole file where another may be, and send that one's readers to it."""
    try:
        old = os.open(goal, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        draft.replace(goal)
        return
    try:
        draft.replace(goal)
        os.pwrite(old, struct.pack("q", 1), layout.RETIRED_AT)
    finally:
        os.close(old)


def _about(content: Content) -> dict[str, Any]:
    names = [trunk.name for trunk in content.trunks]
    addresses = {
        address: place
        for place, trunk in enumerate(content.trunks, start=1)
        for address in (*trunk.addresses, named(trunk.name))
    }
    if len(names) >= layout.TRUNKS or len(set(names)) < len(names):
        raise ValueError("too many trunks, or two of one name")
    if len(addresses) < sum(len(trunk.addresses) + 1 for trunk in content.trunks):
        raise ValueError("two trunks have one address")
    return {
        **content.more,
        "version": content.version,
        "policy": content.policy,
        "oldest_s": content.oldest_s,
        "trunks": ["", *names],
        "addresses": addresses,
        "classes": [3, *(trunk.klass for trunk in content.trunks)],
        "operators": [0, *(trunk.operator for trunk in content.trunks)],
        "codes": dict(content.operators),
        "contracts": [each.contract for each in _sorted(content)],
    }


def named(trunk: str) -> str:
    """What stands for an address where a trunk is asked about by its name."""
    return f"trunk:{trunk}"


def _sorted(content: Content) -> list[Range]:
    order = {trunk.name: place for place, trunk in enumerate(content.trunks, start=1)}
    if any(each.trunk not in order for each in content.ranges):
        raise ValueError("a range of a trunk that is not there")
    ranges = sorted(content.ranges, key=lambda each: (order[each.trunk], each.first))
    for one, next_ in pairwise(ranges):
        if one.trunk == next_.trunk and next_.first <= one.last:
            raise ValueError(f"ranges of trunk {one.trunk} overlap at {next_.first}")
    return ranges


def _parts(content: Content, words: array[int]) -> dict[str, Any]:
    if len(content.codes) != CODES or len(content.blocks) > BLOCKS:
        raise ValueError("codes and blocks have other sizes")
    ranges, fed = _sorted(content), array("q", bytes(8 * layout.OPERATORS))
    for operator, told_s in content.fed_s.items():
        fed[operator] = told_s
    names = [trunk.name for trunk in content.trunks]
    of_trunk = [sum(each.trunk == name for each in ranges) for name in ["", *names]]
    starts, so_far = array("q", bytes(8 * (layout.TRUNKS + 1))), 0
    for place in range(layout.TRUNKS + 1):
        starts[place] = so_far
        so_far += of_trunk[place] if place < len(of_trunk) else 0
    return {
        "codes": content.codes,
        "blocks": content.blocks,
        "fed": fed,
        "rule": content.decisions.rule,
        "shadow": content.decisions.shadow,
        "starts": starts,
        "first": array("q", (each.first for each in ranges)),
        "last": array("q", (each.last for each in ranges)),
        "kind": array("q", (each.kind for each in ranges)),
        "until": array("q", (each.until_s for each in ranges)),
        "words": words,
    }


def hashed(values: Mapping[int, int]) -> array[int]:
    """Words of these numbers in a table at most half full, each near its place."""
    for size in _SIZES:
        if size < 2 * len(values):
            continue
        words = array("q", bytes(8 * size))
        if all(_put(words, number, value) for number, value in values.items()):
            return words
    raise ValueError(f"{len(values)} numbers are too many for a table")


def _put(words: array[int], number: int, value: int) -> bool:
    """Set a number's word; false where there is no room near its place."""
    if not 0 < number < 10**LONGEST or not 0 <= value < 1 << VALUE_BITS:
        raise ValueError(f"{number} with {value} is no entry of the table")
    size = len(words)
    slot = number % size * step_of(size) % size
    for _ in range(MOST_PROBES):
        if words[slot] == 0 or words[slot] >> VALUE_BITS == number:
            words[slot] = number << VALUE_BITS | value
            return True
        slot = (slot + 1) % size
    return False


def _write_abroad(descriptor: int, place: Place, numbers: Iterable[int]) -> None:
    """Only the pages that have somebody on them: the part stays sparse."""
    pages: dict[int, bytearray] = {}
    for number in numbers:
        byte, bit = divmod(mobile(number), 8)
        page, at = divmod(byte, 4_096)
        pages.setdefault(page, bytearray(4_096))[at] |= 1 << bit
    for page, body in pages.items():
        most = place.size - page * 4_096
        _write_all(descriptor, bytes(body[:most]), place.at + page * 4_096)


def mobile(number: int) -> int:
    """Place of a Kazakh mobile number among all. Raises `ValueError` for any other."""
    if not MOBILES <= number < MOBILES + MOBILE_NUMBERS:
        raise ValueError(f"{number} is no Kazakh mobile number")
    return number - MOBILES


def _write_all(descriptor: int, body: bytes, at: int) -> None:
    done = 0
    while done < len(body):
        done += os.pwrite(descriptor, body[done : done + (1 << 30)], at + done)


class Full(Exception):
    """There is no room near a number's place: the file must be made anew."""


class Keeper:
    """Changes numbers in the newest file; its lock keeps others from doing so.

    Raises:
        BlockingIOError: another process keeps the file. ValueError: it is damaged.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.about, self._places = layout.read_head(os.pread(self._file, layout.HEAD, 0))
        except BaseException:
            os.close(self._file)
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._file)

    def set_abroad(self, number: int, abroad: bool) -> None:
        """The home network sees a subscriber abroad, or at home again."""
        byte, bit = divmod(mobile(number), 8)
        at = self._places["abroad"].at + byte
        held = os.pread(self._file, 1, at)[0]
        os.pwrite(self._file, bytes([held | 1 << bit if abroad else held & ~(1 << bit)]), at)

    def told(self, operator: int, at_s: int) -> None:
        """An operator has told who is abroad, as of a moment."""
        os.pwrite(self._file, struct.pack("q", at_s), self._places["fed"].at + 8 * operator)

    def set_value(self, number: int, value: int) -> None:
        """Flags << 8 | operator of a number; 0 forgets it.

        Raises:
            Full: the file must be made anew.
        """
        if not 0 < number < 10**LONGEST or not 0 <= value < 1 << VALUE_BITS:
            raise ValueError(f"{number} with {value} is no entry of the table")
        found = self._found(number)
        if found is None:
            raise Full(str(number))
        os.pwrite(self._file, struct.pack("q", number << VALUE_BITS | value), found[0])

    def _found(self, number: int) -> tuple[int, int] | None:
        """Where a number's word stands, or may stand, and the word; None: there is no room."""
        place = self._places["words"]
        size = place.size // 8
        slot = number % size * step_of(size) % size
        for _ in range(MOST_PROBES):
            word = self._word(at := place.at + 8 * slot)
            if word == 0 or word >> VALUE_BITS == number:
                return at, word
            slot = (slot + 1) % size
        return None

    def _word(self, at: int) -> int:
        (word,) = struct.unpack("q", os.pread(self._file, 8, at))
        return int(word)
