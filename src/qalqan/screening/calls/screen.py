"""A call → its verdict, over mapped tables: microseconds, no system call but the clock's.

`Screen` opens the next file of tables by itself when its own was replaced, at the very next call.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Callable
from time import time
from typing import Any, NamedTuple

from . import layout
from .decisions import ANSWERS, NONE, code_of, codes_in
from .lookup import allowed, callee_of, standing, step_of
from .numbers import number
from .row import Allowed, Callee, Standing, Trunk, unpack

Decided = tuple[int, int, int, int, int, int, int, int, int]
"""A verdict as plain numbers, in the order of `Verdict`: making names costs a call more than
looking its numbers up."""
_Peer = tuple[int, int, bool, bool, int]
"""Number of a trunk, its class where it stands in a row, whether it comes from abroad and has
ranges, the operator whose numbers alone may come over it (-1: any)."""
Decide = Callable[[str, str | None, str | None, str | None, str | None], Decided]
"""Address of the peer, P-Asserted-Identity (RFC 3325), user part of From, called number, newest
Diversion (RFC 5806) or History-Info (RFC 7044) → the verdict; texts as they stand in headers."""


class Verdict(NamedTuple):
    """A decision with all that it rests on."""

    answer: int
    """A `rules.Answer`."""
    rule: int
    """Place of the deciding rule, `decisions.NONE` for none."""
    row: int
    """What was known (`row`); with the policy's version it replays to the same answer."""
    trunk: int
    """Number of the trunk; 0: an address that no trunk has."""
    network: int
    """As `numbers.number` reads it …"""
    presented: int
    callee: int
    age_s: int
    """Seconds since the home network told where the caller is; 0 where that was not asked."""
    contract: int
    """Place of the range by which the number may come from abroad; -1: none."""

    @property
    def code(self) -> str:
        """The deciding rule's code."""
        return code_of(self.rule)

    @property
    def inputs(self) -> dict[str, str | bool]:
        """The values of the row, by name."""
        row = unpack(self.row)
        return {
            "trunk": Trunk(row.trunk).name.lower(),
            "network": Standing(row.network).name.lower(),
            "presented": Standing(row.presented).name.lower(),
            "callee": Callee(row.callee).name.lower(),
            "allowed": Allowed(row.allowed).name.lower(),
            "own": bool(row.own),
        }


INTERNATIONAL, VOIP = int(Trunk.INTERNATIONAL), int(Trunk.VOIP)
_OUTCOMES = tuple(zip(ANSWERS, range(256), strict=True))
"""Answer and place, by a rule's place."""
PASSED = Verdict(0, NONE, 0, 0, 0, 0, 0, 0, -1)
"""What becomes of a call when nothing can be decided (DESIGN section 7: fails open)."""


class Tables:
    """One file of tables, mapped and never written here.

    Raises:
        OSError, ValueError: there is no such file, or it is damaged.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            size = os.fstat(descriptor).st_size
            self.about, places = layout.read_head(os.pread(descriptor, layout.HEAD, 0))
            if size < layout.length(places):
                raise ValueError("a file of call tables that is cut short")
            whole = memoryview(mmap.mmap(descriptor, size, prot=mmap.PROT_READ))
        finally:
            os.close(descriptor)
        self.parts: dict[str, memoryview] = {
            name: whole[place.at : place.at + place.size].cast(layout.PARTS[name].item)  # type: ignore[call-overload]
            for name, place in places.items()
        }
        self.retired: memoryview = whole[layout.RETIRED_AT : layout.RETIRED_AT + 8].cast("q")
        self.place: memoryview = whole[layout.PLACE_AT : layout.PLACE_AT + 8].cast("q")

    def shadows(self, row: int) -> tuple[str, ...]:
        """Codes of rules that hold there and don't count yet."""
        return codes_in(self.parts["shadow"][row])


class Screen:
    """Decides calls by the newest file at a path; `decide` raises what a damaged file raises."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = path
        self.reopen()

    def reopen(self) -> None:
        """Go over to the file that is there now."""
        self.tables = Tables(self._path)
        about, starts = self.tables.about, self.tables.parts["starts"]
        self.versions: tuple[int, int] = about["version"], about["policy"]
        self.divert = frozenset(
            source for source, trunk in about["addresses"].items()
            if starts[trunk] != starts[trunk + 1]
        )  # fmt: skip
        """Addresses whose calls are worth asking who diverted them."""
        self.decide = deciding(self.tables, self._elsewhere)

    def _elsewhere(self, *call: str | None) -> Decided:
        self.reopen()
        return self.decide(*call)  # type: ignore[arg-type]


def deciding(tables: Tables, elsewhere: Decide) -> Decide:
    """The decision function over one file, which asks `elsewhere` once the file was replaced. It
    keeps the views in its closure: a name looked up in an object costs a call as much as a number
    looked up in a table."""
    part, about = tables.parts, tables.about
    # What never changes in place is copied: looking into a tuple or list costs a quarter of looking
    # into a view.
    codes, outcomes = tuple(part["codes"]), [_OUTCOMES[place] for place in part["rule"]]
    blocks, words, abroad, fed = part["blocks"], part["words"], part["abroad"], part["fed"]
    ranges = tuple(part[name] for name in ("starts", "first", "last", "kind", "until"))
    size, retired, step = len(words), tables.retired, step_of(len(words))
    known = _peers(about, part["starts"])
    unknown: _Peer = (0, about["classes"][0] << 13, False, False, -1)
    oldest_s = int(about["oldest_s"])

    def decide(
        source: str, network_text: str | None, presented_text: str | None,
        callee_text: str | None, diverting_text: str | None = None,
    ) -> Decided:  # fmt: skip
        if retired[0]:
            return elsewhere(source, network_text, presented_text, callee_text, diverting_text)
        trunk, row, from_abroad, ranged, operator = known.get(source, unknown)
        now_s, contract = time(), -1
        presented = network = number(network_text, from_abroad)
        callee = number(callee_text)
        told = standing(
            network, from_abroad, now_s, codes, blocks, words, size, step, abroad, fed, oldest_s
        )
        shown, age_s = told, told >> 12
        if presented_text != network_text:
            presented = number(presented_text, from_abroad)
            if presented != network:
                shown = standing(presented, from_abroad, now_s, codes, blocks, words, size, step,
                                 abroad, fed, oldest_s)  # fmt: skip
                age_s = age_s or shown >> 12
        row |= (told & 15) << 9 | (shown & 15) << 5 | callee_of(callee, codes) << 3
        if ranged:
            may = allowed(trunk, network, presented, callee, number(diverting_text, from_abroad),
                          now_s, *ranges)  # fmt: skip
            if may:
                row, contract = row | (may & 3) << 1, may >> 2
        if operator >= 0:
            row |= is_own(operator, network, told, presented, shown)
        answer, place = outcomes[row]
        return (answer, place, row, trunk, network, presented, callee, age_s, contract)

    return decide


def _peers(about: dict[str, Any], starts: memoryview) -> dict[str, _Peer]:
    """What a call's source tells."""
    found = {}
    for source, trunk in about["addresses"].items():
        klass, ranged = about["classes"][trunk], starts[trunk] != starts[trunk + 1]
        operator = about["operators"][trunk] if klass == VOIP else -1
        found[source] = (trunk, klass << 13, klass == INTERNATIONAL, ranged, operator)
    return found


def is_own(operator: int, network: int, told: int, presented: int, shown: int) -> int:
    """1: both numbers, as far as they are told, are this operator's."""
    theirs = network == 0 or told >> 4 & 255 == operator
    return int(theirs and (presented == 0 or shown >> 4 & 255 == operator))
