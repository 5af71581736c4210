"""One payment as one bank's books tell it; the same as `tables` over whole columns.

Standard library alone: bank processes need nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from qalqan.clock import SECOND
from qalqan.simulate.banks import BANKS, FOREIGN_BIC, FOREIGN_COUNTRY

LATER_S = 20
"""The payee's bank books a payment from another bank up to this many seconds later."""
UETR_SALT = 41
_WORD = 2**64


@dataclass(frozen=True)
class End:
    """One end of a payment; nothing is known of cash."""

    account: str | None
    bank: str | None
    holder: str | None


@dataclass(frozen=True)
class Entry:
    """A payment in the world's ledger."""

    number: int
    at_us: int
    payer: End
    payee: End
    amount: int
    instrument: str
    purpose: str | None

    @property
    def crosses(self) -> bool:
        """Between two institutions."""
        banks = (self.payer.bank, self.payee.bank)
        return None not in banks and banks[0] != banks[1]

    @property
    def payee_booked_us(self) -> int:
        """When the payee's bank books it."""
        return self.at_us + ((mix(self.number, 11) % LATER_S + 1) * SECOND if self.crosses else 0)


def mix(value: int, salt: int) -> int:
    """SplitMix64, as `identity.mix`."""
    word = (value + salt * 0x9E3779B97F4A7C15) % _WORD
    word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9 % _WORD
    word = (word ^ (word >> 27)) * 0x94D049BB133111EB % _WORD
    return word ^ (word >> 31)


def uetr(number: int) -> str:
    """The UETR of a payment, version 4 in shape."""
    text = f"{mix(number, UETR_SALT):016x}{mix(number, UETR_SALT + 1):016x}"
    variant = f"{8 + int(text[16], 16) % 4:x}"
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{variant}{text[17:20]}-{text[20:]}"


def line(entry: Entry, bank: str) -> dict[str, Any]:
    """The line of the institution with this code; empty fields left out."""
    index = next(i for i, known in enumerate(BANKS) if known.code == bank)
    nobody = entry.payee.account is None or entry.instrument == "fee"
    mine = entry.payer.bank == bank
    side = "payer" if nobody or entry.payee.bank != bank else "both"
    side = side if mine else "payee"
    given = entry.crosses and mix(entry.number, 100 + index) % 1_000 < int(
        BANKS[index].uetr_share * 1_000
    )
    fields = {
        "id": f"{bank}-{entry.number:09d}",
        "at_us": entry.at_us if mine else entry.payee_booked_us,
        "side": side,
        "payer_account": entry.payer.account,
        "payer_bank": entry.payer.bank or bank,
        "payee_account": None if nobody else entry.payee.account,
        "payee_bank": None if nobody else entry.payee.bank,
        "amount": entry.amount,
        "currency": "KZT",
        "instrument": entry.instrument,
        "uetr": uetr(entry.number) if given else None,
        "payee_country": FOREIGN_COUNTRY if entry.payee.bank == FOREIGN_BIC else None,
        "payer_holder": entry.payer.holder,
        "payee_holder": None if nobody else entry.payee.holder,
        "purpose": entry.purpose,
    }
    return {name: value for name, value in fields.items() if value is not None}
