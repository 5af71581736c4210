"""The trace that one fact leaves in the windows of hours, whether it is new or read again.

A function a kind, over the columns that `COLUMNS` names for it, in that order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from qalqan.screening.memory import key_of, pair_of
from qalqan.screening.remembered import Part
from qalqan.screening.state import State

FROM_PAYER = ("payer", "both")
"""Sides whose books tell a payment once; the payee's side tells it again."""


def _payment(
    state: State, now_us: int, at_us: int, source: str, id_: str, side: str, payer: str | None,
    payee: str | None, holder: str | None, amount: int, currency: str, instrument: str,
) -> None:  # fmt: skip
    """Who paid whom; a loan as it is paid out, whoever tells it."""
    for whose in (payee, holder) if instrument == "loan" else ():
        if whose is not None:
            state.recent.loans.put(key_of(whose), amount, at_us, amount, now_us)
    if payer is None or payee is None:
        return
    by, to = key_of(payer), key_of(payee)
    if state.share.has(to):
        state.recent.payers.put(to, by, at_us, None, now_us)
    if side in FROM_PAYER and state.share.has(by):
        entry = pair_of(key_of(source), key_of(id_))
        state.recent.parts.put(by, entry, at_us, Part(amount, currency, to), now_us)


def _session(
    state: State, now_us: int, at_us: int, id_: str, holder: str | None, account: str | None,
    remote: bool | None,
) -> None:  # fmt: skip
    for whose in (holder, account) if remote else ():
        if whose is not None:
            state.recent.remote.put(key_of(whose), key_of(id_), at_us, None, now_us)


def _call(
    state: State, now_us: int, at_us: int, caller: str | None, callee: str | None, answered: bool
) -> None:
    if answered and caller is not None and callee is not None:
        state.recent.calls.put(key_of(callee), key_of(caller), at_us, caller, now_us)


def _loan(
    state: State, now_us: int, at_us: int, source: str, applicant: str, amount: int,
    account: str | None, decision: str,
) -> None:  # fmt: skip
    lender, person = key_of(source), key_of(applicant)
    entry = pair_of(lender, amount)
    state.recent.applications.put(person, entry, at_us, lender, now_us)
    if decision == "granted":
        for whose in (person, *([key_of(account)] if account is not None else [])):
            state.recent.loans.put(whose, amount, at_us, amount, now_us)


COLUMNS: Mapping[str, tuple[str, ...]] = {
    "session": ("at_us", "id", "holder", "account", "remote_access"),
    "call": ("at_us", "caller", "callee", "answered"),
    "loan": ("at_us", "source", "applicant", "amount", "payout_account", "decision"),
    "payment": (
        "at_us", "source", "id", "side", "payer_account", "payee_account", "payee_holder",
        "amount", "currency", "instrument",
    ),
}  # fmt: skip
_NOTED: Mapping[str, Callable[..., None]] = {
    "session": _session, "call": _call, "loan": _loan, "payment": _payment,
}  # fmt: skip


def note(state: State, kind: str, now_us: int, row: tuple[Any, ...]) -> None:
    """Note one fact; what the windows that end now don't reach is left out."""
    _NOTED[kind](state, now_us, *row)
