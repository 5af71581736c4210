"""What the sender of a batch gets back: `read = accepted + duplicate + quarantined`, always."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

REFUSALS_SHOWN = 100


@dataclass(frozen=True)
class Refusal:
    """One record that was not taken: where it stood, which field, its value masked, and the
    catalogue code (after `expected.`) of what was expected, with what fills its sentence."""

    place: str
    field: str
    value_masked: str
    expected: str
    params: dict[str, Any] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True)
class Receipt:
    """What became of one batch."""

    batch: str
    read: int
    accepted: int
    duplicate: int
    quarantined: int
    refusals: tuple[Refusal, ...] = ()
    """The first hundred."""
    unknown: tuple[str, ...] = ()
    """Columns that came and that nobody asked for."""
    folded: dict[str, int] = dataclasses.field(default_factory=dict)
    """Columns in which look-alike letters were put right, and in how many rows."""

    def plus(self, other: Receipt) -> Receipt:
        """Both parts of one batch together."""
        names = {*self.folded, *other.folded}
        return Receipt(
            self.batch,
            self.read + other.read,
            self.accepted + other.accepted,
            self.duplicate + other.duplicate,
            self.quarantined + other.quarantined,
            (*self.refusals, *other.refusals)[:REFUSALS_SHOWN],
            tuple(dict.fromkeys((*self.unknown, *other.unknown))),
            {name: self.folded.get(name, 0) + other.folded.get(name, 0) for name in sorted(names)},
        )

    def to_json(self) -> dict[str, Any]:
        """As it stands in the register and in an API's answer."""
        return {**vars(self), "refusals": [dict(vars(one)) for one in self.refusals]}

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> Receipt:
        """The same, read back."""
        refusals = tuple(Refusal(**refusal) for refusal in body["refusals"])
        return cls(**{**body, "refusals": refusals, "unknown": tuple(body["unknown"])})
