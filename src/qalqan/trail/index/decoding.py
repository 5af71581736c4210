"""Facts of the index as values again, for what is written over values (REQ-39)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from qalqan.trail.index.facts import INSTRUMENTS, SIDES, Facts
from qalqan.trail.index.pool import View
from qalqan.trail.semantics import Fact


def decoded(view: View, facts: Facts) -> list[Fact]:
    """Facts as values again; references are told by their keys."""
    accounts = _Names(view.account_names)
    banks, countries = _Names(view.bank_names), _Names(view.country_names)
    octets = facts.ids.tobytes()
    columns = [column.tolist() for column in facts[:-1]]
    return [
        Fact(
            octets[first:last].decode(), at_us, SIDES[side], accounts[payer], banks[payer_bank],
            accounts[payee], banks[payee_bank], amount, INSTRUMENTS[instrument],
            _text(*uetr), _text(*end_to_end), countries[country],
            view.pool.currency,
        )
        for (at_us, side, payer, payee, payer_bank, payee_bank, amount, instrument, uetr,
             end_to_end, country, _, first, last) in zip(*columns, strict=True)
    ]  # fmt: skip


def _text(high: int, low: int) -> str | None:
    """References are only compared."""
    return f"{high:x}-{low:x}" if high or low else None


class _Names(dict[int, str | None]):
    """Names by number, looked up once."""

    def __init__(self, names: Callable[[Sequence[int]], Sequence[str]]) -> None:
        super().__init__()
        self._names = names

    def __missing__(self, code: int) -> str | None:
        self[code] = None if code < 0 else self._names([code])[0]
        return self[code]
