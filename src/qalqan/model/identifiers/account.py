"""Accounts: an IBAN, a bank's own number written BANK:NUMBER ("KZAML:C123"), or a crypto wallet
written CHAIN:ADDRESS ("BTC:bc1q…"; a bare address is recognised too)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from qalqan.errors import InputRejected
from qalqan.model.identifiers import iban, wallet
from qalqan.model.identifiers.given import given
from qalqan.text import fold

MOST = 128
_LOCAL = re.compile(r"([A-Z0-9]{2,11}):([A-Za-z0-9._-]{1,40})")


@dataclass(frozen=True, slots=True)
class Account:
    """An account; `bank_code` of a Kazakh IBAN or of a local number, for a wallet its chain; `kind`
    is iban, local or wallet."""

    text: str
    kind: str
    bank_code: str | None
    country: str | None
    folded: tuple[str, ...] = ()


def canonical(text: str, *, field: str = "account") -> Account:
    """An IBAN in capitals, or the bank's code in capitals, a colon and the number as it is.

    Raises:
        InputRejected: `account.shape`, as `iban` where there is no colon, as `wallet`, or as
            `given`.
    """
    stripped = given(text, field, MOST)
    if wallet.is_named(stripped) or wallet.shape_of(stripped) is not None:
        held = wallet.canonical(text, field=field)
        return Account(held.text, "wallet", held.chain, None, held.folded)
    if ":" not in stripped or stripped[:4].upper() == "IBAN":
        found = iban.canonical(text, field=field)
        return Account(found.text, "iban", found.bank_code, found.country, found.folded)
    bank, _, number = stripped.partition(":")
    folded_bank, folded_number = fold.latin(bank.strip().upper()), fold.latin(number.strip())
    local = f"{folded_bank.text}:{folded_number.text}"
    if _LOCAL.fullmatch(local) is None:
        raise InputRejected(field, text, "account.shape")
    letters = tuple(dict.fromkeys(folded_bank.letters + folded_number.letters))
    return Account(local, "local", folded_bank.text, None, letters)
