"""What a bank reads out of its books: statements, one payment, where money went on.

Each of them gives a payment the same line, its balance included, so that the fact counts once.
"""

from __future__ import annotations

from dataclasses import dataclass

from qalqan.exchange.order_message import PaymentLine, StatementBody
from qalqan.simulate.banks import Bank
from qalqan.simulate.lines import Entry, line
from qalqan.simulate.world import World

FORWARDED_MOST = 20
"""Lines of a quick word about where money went; the statement has all of them."""


@dataclass(frozen=True)
class Booked:
    """A payment in the books of one account."""

    at_us: int
    """When the account's bank booked it."""
    entry: Entry
    leaves: bool
    balance: int
    """After it, tiyn."""

    def line(self, bank: Bank) -> PaymentLine:
        """As the bank tells it."""
        told = line(self.entry, bank.code)
        if bank.tells_balance and told["side"] != "both":
            told["balance"] = self.balance
        return PaymentLine(**told)


def booked_on(world: World, account: int, until_us: int) -> list[Booked]:
    """Everything booked on the account up to a moment, in order."""
    text, balance = world.text_of(account), world.opening(account)
    rows = []
    for entry in world.entries_of(account, until_us):
        leaves = entry.payer.account == text
        rows.append((entry.at_us if leaves else entry.payee_booked_us, entry, leaves))
    rows.sort(key=lambda row: (row[0], row[1].number))
    books = []
    for at_us, entry, leaves in rows:
        if at_us <= until_us:
            balance += -entry.amount if leaves else entry.amount
            books.append(Booked(at_us, entry, leaves, balance))
    return books


def statement_of(
    world: World, bank: Bank, account: int, order: str, from_us: int, to_us: int
) -> StatementBody:
    """Everything booked on the account from `from_us` to `to_us`, both included."""
    books = booked_on(world, account, to_us)
    before = [booked for booked in books if booked.at_us < from_us]
    opening = before[-1].balance if before else world.opening(account)
    return StatementBody(
        id=f"{bank.code}-S-{order}", account=world.text_of(account) or "", from_us=from_us,
        to_us=to_us, opening=opening, closing=books[-1].balance if books else opening,
        lines=[booked.line(bank) for booked in books[len(before) :]],
    )  # fmt: skip


def payment_that(
    world: World, account: int, amount: int, payee: str | None, from_us: int, to_us: int
) -> Booked | None:
    """The payment of this sum out of the account, to `payee` if one is named; the latest."""
    found = [
        booked
        for booked in booked_on(world, account, to_us)
        if booked.leaves
        and booked.at_us >= from_us
        and booked.entry.amount == amount
        and payee in {None, booked.entry.payee.account}
    ]
    return found[-1] if found else None


def went_on(world: World, bank: Bank, account: int, from_us: int, to_us: int) -> list[PaymentLine]:
    """Lines of what left the account since a moment, the largest ones if they are many."""
    out = [b for b in booked_on(world, account, to_us) if b.leaves and b.at_us >= from_us]
    largest = sorted(out, key=lambda booked: -booked.entry.amount)[:FORWARDED_MOST]
    return [booked.line(bank) for booked in sorted(largest, key=lambda b: b.entry.number)]
