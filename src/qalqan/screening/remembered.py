"""What the screens remember: tables of weeks by key, windows of hours, and their thresholds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from qalqan.clock import DAY
from qalqan.screening.loans import LoanParams
from qalqan.screening.memory import Field, Memory, key_of, pair_of
from qalqan.screening.payments import PaymentParams
from qalqan.screening.windows import Window

MEMORY_US = 90 * DAY
"""How far back payees, usual sums and devices are remembered; as long as `device_memory_us`."""


class Screens(NamedTuple):
    """Thresholds of both screens."""

    payments: PaymentParams = PaymentParams()
    loans: LoanParams = LoanParams()


class Share(NamedTuple):
    """Which accounts an owner answers for: those whose key leaves `number` divided by `of`."""

    number: int = 0
    of: int = 1

    def has(self, key: int) -> bool:
        """Whether this key is in the share."""
        return key % self.of == self.number


class Part(NamedTuple):
    """A payment of a payer to a payee, in the window of sums in parts."""

    amount: int
    currency: str
    payee: int


def _pairs() -> Memory:
    return Memory((Field("first_h", "int32", "min"), Field("last_h", "int32", "max")))


def _payers() -> Memory:
    return Memory(
        (Field("n", "int32", "sum"), Field("ln", "float64", "sum"), Field("last_h", "int32", "max"))
    )


def _payees() -> Memory:
    return Memory((Field("payers", "int32", "sum"), Field("last_h", "int32", "max")))


def _holders() -> Memory:
    return Memory((Field("holder", "int64", "max"), Field("last_h", "int32", "max")))


@dataclass
class Remembered:
    """The memory of weeks. Hours are counted from 1970; sums as logarithms of minor units."""

    pairs: Memory = field(default_factory=_pairs)
    """Payer and payee."""
    payers: Memory = field(default_factory=_payers)
    """Payer and currency."""
    payees: Memory = field(default_factory=_payees)
    holders: Memory = field(default_factory=_holders)
    """Account → key of who holds it."""
    devices: Memory = field(default_factory=_pairs)
    """Person or account, and device."""
    owners: Memory = field(default_factory=_pairs)
    """Persons and accounts of which any device is known."""

    def tables(self) -> dict[str, Memory]:
        """All of them by name."""
        return {
            "pairs": self.pairs, "payers": self.payers, "payees": self.payees,
            "holders": self.holders, "devices": self.devices, "owners": self.owners,
        }  # fmt: skip


class Recent:
    """The windows of hours."""

    def __init__(self, p: Screens) -> None:
        self.payers: Window[None] = Window(p.payments.payers_window_us)
        """Payee → payers."""
        self.parts: Window[Part] = Window(p.payments.split_window_us)
        """Payer → payments."""
        self.remote: Window[None] = Window(
            max(p.payments.remote_before_us, p.loans.remote_before_us)
        )
        """Person or account → sessions under remote access."""
        self.calls: Window[str] = Window(p.payments.call_before_us)
        """Phone → callers, as tokens."""
        self.loans: Window[int] = Window(p.payments.loan_before_us)
        """Person or account → sums lent."""
        self.applications: Window[int] = Window(p.loans.window_us)
        """Person → applications; the value is the lender's key."""

    def lengths_us(self) -> tuple[int, ...]:
        """The length of each window."""
        return tuple(window.length_us for window in self.__dict__.values())


def payer_key(account: str, currency: str) -> int:
    """Where an account's usual sum in a currency is remembered."""
    return pair_of(key_of(account), key_of(currency))
