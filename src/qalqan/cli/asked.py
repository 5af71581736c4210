"""What a person types on the command line, read: sums in tenge, moments of Almaty, accounts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal, DecimalException

from qalqan.clock import DAY
from qalqan.errors import InputRejected
from qalqan.model import identifiers
from qalqan.model.money import MAX_MINOR, MINOR_DIGITS
from qalqan.text.show import ALMATY
from qalqan.trust.keys import Keys
from qalqan.trust.tokens import token

_SPACES = str.maketrans("", "", " \u00a0\u202f'")


def one_of(field: str, value: str, choices: Iterable[str]) -> str:
    """The value, if it is one of the choices.

    Raises:
        InputRejected: it is not.
    """
    known = tuple(choices)
    if value not in known:
        raise InputRejected(field, value, "one_of", choices=", ".join(known))
    return value


def minor(text: str, currency: str) -> int:
    """A sum such as "1 850 000,50" in the currency's smallest unit, never rounded.

    Raises:
        InputRejected: no sum of this currency, or no such currency.
    """
    one_of("currency", currency, MINOR_DIGITS)
    try:
        units = Decimal(text.translate(_SPACES).replace(",", ".")).scaleb(MINOR_DIGITS[currency])
        if 0 < units <= MAX_MINOR and units == int(units):
            return int(units)
    except DecimalException:
        pass
    raise InputRejected("amount", text, "asked.amount")


def moments(field: str, text: str, around_us: int) -> tuple[int, int]:
    """The period that a moment stands for, UTC microseconds: a day is all of it, a time of day
    is `around_us` on both sides. Almaty's time unless the text names a zone.

    Raises:
        InputRejected: no moment.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
        local = moment if moment.tzinfo else moment.replace(tzinfo=ALMATY)
        at_us = (local - datetime.fromisoformat("1970-01-01T00:00Z")) // timedelta(microseconds=1)
    except (ValueError, OverflowError):
        raise InputRejected(field, text, "asked.moment") from None
    if at_us < 0:
        raise InputRejected(field, text, "asked.moment")
    if len(text.strip()) == len("2026-11-23"):
        return at_us, at_us + DAY - 1
    return at_us - around_us, at_us + around_us


def account(keys: Keys, text: str) -> str:
    """The token of an account as it is written, or the token itself.

    Raises:
        InputRejected: no account.
    """
    if text.startswith("acc_"):
        return text
    return token(keys, "account", identifiers.KINDS["account"](text).text)
