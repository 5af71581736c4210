"""Values of the trail: what goes in and what its words are (REQ-39, REQ-44).

The meaning of every field stands in `docs/reference/trail.md`. Sums are integer minor units,
times UTC microseconds; accounts are the lake's tokens.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from qalqan.clock import DAY

RULES = ("taint_first", "lifo", "pro_rata", "fifo")
"""Attribution rules, the default first."""

EXITS = ("cash", "abroad", "crypto", "wallet", "fees", "spent", "returned", "unknown")
"""Where a trail ends."""

PARTS = ("here", "kept", *EXITS)
"""A claim's units lie in exactly one of these."""

COVERAGE_JOIN_US = 1_000_000
"""Less than this between two periods is no gap."""

Disagreement = tuple[tuple[str, str | int | None, str | int | None], ...]
"""(field, what the payer's side says, what the payee's side says) for each that differs."""


class Fact(NamedTuple):
    """A payment as one bank's books tell it: the columns of the lake that trails read."""

    id: str
    """`source:id`."""
    at_us: int
    side: str
    """payer, payee or both."""
    payer: str | None
    payer_bank: str | None
    payee: str | None
    payee_bank: str | None
    amount: int
    instrument: str
    uetr: str | None = None
    end_to_end_id: str | None = None
    payee_country: str | None = None
    currency: str = "KZT"


class Coverage(NamedTuple):
    """A complete statement of an account, or a notice (`account` None) that a bank's feed tells
    every payment of the period. Both balances may be unknown."""

    account: str | None
    bank: str
    from_us: int
    to_us: int
    opening: int | None = None
    closing: int | None = None
    id: str = ""
    """`source:id`."""
    currency: str = "KZT"


class Transfer(NamedTuple):
    """One movement of money, joined from what one or two sides tell."""

    id: str
    at_us: int
    """When it left the payer."""
    payer: str | None
    payer_bank: str | None
    payee: str | None
    payee_bank: str | None
    amount: int
    currency: str
    instrument: str
    payee_country: str | None
    facts: tuple[str, ...]
    disagreement: Disagreement
    arrived_us: int
    """When it reached the payee, never before `at_us`."""
    told: str
    """By whose books: payer, payee or both."""
    uetr: str | None = None


@dataclass(frozen=True, slots=True)
class Root:
    """A victim's payment that the payer's bank has confirmed: where a trail starts."""

    id: str
    claim: str
    """The report's id."""
    payer: str
    payee: str
    payee_bank: str
    amount: int
    currency: str
    at_us: int
    uetr: str | None = None
    payer_bank: str = ""


class Sought(NamedTuple):
    """A sum at an account whose origin is asked for."""

    account: str
    at_us: int
    amount: int
    currency: str = "KZT"


class Match(NamedTuple):
    """An onward payment is like what arrived: in its sum, and soon after."""

    least_ppm: int = 850_000
    most_ppm: int = 1_005_000
    delay_us: int = DAY


@dataclass(frozen=True)
class TrailPolicy:
    """Bounds of a trail, as versioned data."""

    version: str
    window_us: int
    """A payment later than this after the last arrival of stolen money is not followed on."""
    max_hops: int
    """How many transfers from the victim an account may be; the victim's own payment is one."""
    min_share_ppm: int
    """An account is followed once it was paid this share of some claim."""
    match_window_us: int
    """Two sides without a common reference are one payment only if this near in time."""
    kept_ppm: int
    """What is left is kept if it is at most this share of what the account received."""
    rule: str = "taint_first"
    lookback_us: int = 7 * DAY
    """How long before the first root an opening balance may be."""
    stops: frozenset[str] = frozenset()
    """Accounts that reach does not pass through."""
    hub_payments: int = 0
    """Nor through accounts with more payments than this in the window; 0: no limit."""
    match: Match | None = None
    """Reach passes on only what is like that which arrived."""
