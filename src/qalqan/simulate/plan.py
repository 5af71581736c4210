"""What a ring means to do with each victim's money, as plain values (REQ-38, 39, 42).

A claim is one victim's loss. Its money runs through stages: a stage is one stay of that money
at one account, with the part its holder keeps and where the rest goes, when and in which
shares. One account may serve several stages, of one claim (a cycle) or of many.
"""

from __future__ import annotations

from dataclasses import dataclass

CASH, ABROAD, CRYPTO, WALLET = "cash", "abroad", "crypto", "wallet"
EXITS = (CASH, ABROAD, CRYPTO, WALLET)
"""Ways out of what the centre's partners see; WALLET is the operator that takes no part."""


@dataclass(frozen=True)
class Out:
    """One part of what goes on from a stage."""

    share_ppm: int
    after_us: int
    """Counted from the money's arrival."""
    stage: int | None = None
    exit: str | None = None
    account: int | None = None
    """Account of the exit; none for cash."""


@dataclass(frozen=True)
class Stage:
    """One stay of one victim's money at one account."""

    number: int
    claim: int
    account: int
    keep_ppm: int
    """What the holder keeps of what arrives, at most 100 000 (REQ-39)."""
    sends_rest: bool
    """With too little left, sends what is left; else gives this payment up."""
    outs: tuple[Out, ...]


@dataclass(frozen=True)
class Claim:
    """One victim's loss and how it is told (REQ-16, 27 to 33)."""

    number: int
    ring: int
    person: int
    payer: int
    """Account number that paid."""
    first_stage: int
    amount: int
    at_us: int
    methods: tuple[str, ...]
    discovered_us: int
    reported_us: int
    language: str
    region: str
    names_payee: bool
    """The victim can tell the recipient's account."""


@dataclass(frozen=True)
class Ring:
    """Who belongs to one ring, as account numbers."""

    number: int
    organiser: int
    drops: tuple[int, ...]
    """The first ones take victims' payments, the last ones cash out."""
    with_float: frozenset[int]
    """Drops that hold money of their own."""
    channel: str
    """Where it looks for couriers (REQ-38)."""


@dataclass(frozen=True)
class Plan:
    """Everything all rings mean to do."""

    rings: tuple[Ring, ...]
    claims: tuple[Claim, ...]
    stages: tuple[Stage, ...]

    @property
    def members(self) -> frozenset[int]:
        """Accounts of all drops and organisers."""
        return frozenset(a for ring in self.rings for a in (*ring.drops, ring.organiser))

    @property
    def involved(self) -> frozenset[int]:
        """Members' and victims' accounts: those whose balance the script depends on."""
        return self.members | {claim.payer for claim in self.claims}
