"""What payments cost, and the accounts that everybody knows. Standard library alone."""

from __future__ import annotations

from qalqan.simulate.banks import BANKS

TENGE = 100
"""Tiyn."""
CASH = 0
"""Account number of cash."""
CASH_FEE_PPM = 10_000
"""Cash from another bank's machine costs one per cent."""
CASH_FEE_MOST = 100_000


def fee_account(bank: int) -> int:
    """Own account of an institution (an index): it takes fees and pays loans out."""
    return bank + 1


def fee_of(bank: int, amount: int, crosses: bool, cash: bool) -> int:
    """Fee in tiyn of one payment by an account at `bank` (an index), to another bank or in cash."""
    if cash:
        return min(amount * CASH_FEE_PPM // 1_000_000, CASH_FEE_MOST)
    if not crosses:
        return 0
    return min(amount * BANKS[bank].fee_ppm // 1_000_000, BANKS[bank].fee_most)
