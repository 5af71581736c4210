"""Accounts: an IBAN, or a bank's own number written BANK:NUMBER ("KZAML:C123")."""

from __future__ import annotations

import re
from dataclasses import dataclass

from qalqan.errors import InputRejected
from qalqan.model.identifiers import iban
from qalqan.model.identifiers.given import given
from qalqan.text import fold

MOST = 64
_LOCAL = re.compile(r"([A-Z0-9]{2,11}):([A-Za-z0-9._-]{1,40})")


@dataclass(frozen=True, slots=True)
class Account:
    """An account; `bank_code` of a Kazakh IBAN or of a local number; `kind` is iban or local."""

    text: str
    kind: str
    bank_code: str | None
    country: str | None
    folded: tuple[str, ...] = ()


def canonical(text: str, *, field: str = "account") -> Account:
    """An IBAN in capitals, or the bank's code in capitals, a colon and the number as it is.

    Raises:
        InputRejected: `account.shape`, as `iban` where there is no colon, or as `given`.
    """
    stripped = given(text, field, MOST)
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
