"""What was really going on: who each special actor is, and which calls were theirs.

All of it is simulated; numbers, devices and dealers are invented and likeness is chance.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from qalqan.simulate.identity import Ints


@dataclass(frozen=True)
class Actor:
    """Someone who is not an ordinary subscriber: an attacker or an innocent look-alike."""

    number: int
    kind: str
    """`sim_box.naive`, `courier` and so on."""
    guilty: bool
    allowed: bool
    """The operator or the centre has it on a list: a permitted gateway, a contracted loop."""
    forged: bool
    """The numbers belong to others: the calls are guilty, not their holders."""
    numbers: tuple[str, ...]
    imeis: tuple[str, ...]
    """Devices that its calls really showed."""
    dealer: str | None
    """Who sold most of its cards."""
    trunk: str | None
    """The trunk its calls come over, where it is one."""
    calls: int
    first_call: int | None
    """Index of its first call; None if it never called."""
    first_us: int | None


@dataclass(frozen=True)
class Moment:
    """What a fraud call led to: the victim pays, or lets somebody in."""

    actor: int
    victim: str
    call: int
    """Index of the call."""
    call_us: int
    at_us: int


@dataclass(frozen=True)
class CallTruth:
    """The truth beside the tables."""

    actors: tuple[Actor, ...]
    actor_of_call: Ints
    """Actor of each call, in the calls' order; -1 where people just call each other."""
    moments: tuple[Moment, ...]

    def of(self, kind: str) -> tuple[Actor, ...]:
        """Actors of that kind, or of all kinds under it: `sim_box` finds `sim_box.naive`."""
        return tuple(a for a in self.actors if a.kind == kind or a.kind.startswith(kind + "."))

    def numbers(self, *, guilty: bool) -> frozenset[str]:
        """Own numbers of all attackers, or of all innocent look-alikes."""
        chosen = [a for a in self.actors if a.guilty == guilty and not a.forged]
        return frozenset(number for actor in chosen for number in actor.numbers)

    def table(self) -> pa.Table:
        """The actors, a row each."""
        return pa.Table.from_pylist([vars(actor) for actor in self.actors], schema=SCHEMA)


SCHEMA = pa.schema(
    {
        "number": pa.int64(), "kind": pa.string(), "guilty": pa.bool_(), "allowed": pa.bool_(),
        "forged": pa.bool_(), "numbers": pa.list_(pa.string()), "imeis": pa.list_(pa.string()),
        "dealer": pa.string(), "trunk": pa.string(), "calls": pa.int64(),
        "first_call": pa.int64(), "first_us": pa.int64(),
    }
)  # fmt: skip
"""Columns of the truth table."""
