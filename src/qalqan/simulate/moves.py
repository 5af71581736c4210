"""How money moves in the ledger: usual payments, a ring's steps, holds, returns (REQ-39, 44).

The rules of intent, which `docs/reference/country.md` tells in words:
- what arrives at a stage splits at once into what its holder keeps and what goes on;
- the holder spends what he keeps before his own money, and never what goes on;
- a step for which too little is free sends what is left if that is at least a fifth and the
  holder is of that kind, else it is given up, and its money stays where it is;
- who finds a hold on his account stops spending from it;
- a hold takes the stolen units that are there first, then the holder's own money; a return
  takes the units of the paid victim first.
"""

from __future__ import annotations

from collections.abc import Iterable

from qalqan.clock import MINUTE, SECOND
from qalqan.model.money import apportion
from qalqan.simulate.book import Action, Book, Hold, Made
from qalqan.simulate.fees import CASH, TENGE, fee_account, fee_of
from qalqan.simulate.plan import Out

JOIN_WITHIN_US = 30 * MINUTE
"""Steps from one account to one target due within this time go as one payment."""
WORTH_SENDING_PPM = 200_000
"""Less than this share of what was meant is not sent at all."""
_PURPOSES = ("Аударым", "Перевод", "Возврат долга", "За товар")

Usual = tuple[int, int, int, int, int]
"""A usual payment: (at_us, number, payer, payee, amount)."""


def settle(book: Book, usual: Iterable[Usual], until_us: int) -> None:
    """Do all that falls due up to `until_us`, in order of time; usual payments go first."""
    waiting = iter(usual)
    payment = next(waiting, None)
    while True:
        action = book.next_due()
        if payment and (action is None or payment[0] <= action.due_us):
            _usual(book, payment)
            payment = next(waiting, None)
        elif action and action.due_us <= until_us:
            book.take(action)
            _act(book, action)
        else:
            break
    book.settled_us = max(book.settled_us, until_us)


def _usual(book: Book, payment: Usual) -> None:
    at_us, number, payer, payee, amount = payment
    if payer in book.balance:
        held = book.held(payer, at_us)
        shy = held > 0 and payer in book.plan.members
        if shy or book.balance[payer] - held < amount:
            book.declined.append(number)
            return
        _spend_kept(book, payer, amount, at_us, "spent")
        book.balance[payer] -= amount
    if payee in book.balance:
        book.balance[payee] += amount


def _spend_kept(book: Book, account: int, amount: int, at_us: int, part: str) -> int:
    """Take up to `amount` out of what the holder keeps and no hold covers; returns what it took."""
    entries = book.parcels_at(account)
    covered = book.reserved(account, at_us) - sum(parcel.onward for _, parcel in entries)
    left = amount
    for stage, parcel in entries:
        safe = min(parcel.kept, max(0, covered))
        covered -= safe
        taken = min(left, parcel.kept - safe)
        parcel.kept -= taken
        left -= taken
        book.gone[book.stage(stage).claim, part] += taken
    return amount - left


def _act(book: Book, action: Action) -> None:
    if action.out < 0:
        _steal(book, action)
        return
    group = [action, *_joining(book, action)]
    _send(book, group)


def _steal(book: Book, action: Action) -> None:
    """The victim pays into the first stage."""
    stage = book.stage(action.stage)
    claim = book.plan.claims[stage.claim]
    book.balance[claim.payer] = book.balance.get(claim.payer, 0) - action.units
    _pay(
        book, action.due_us, claim.payer, stage.account, action.units, {claim.number: action.units}
    )
    _arrive(book, action.stage, action.units, action.due_us)


def _target(book: Book, out: Out) -> tuple[str | None, int]:
    if out.stage is not None:
        return None, book.stage(out.stage).account
    return out.exit, CASH if out.account is None else out.account


def _joining(book: Book, first: Action) -> list[Action]:
    """Take from the script what the same account means to send to the same target by then."""
    stage = book.stage(first.stage)
    target = _target(book, stage.outs[first.out])
    if target[0] == "cash":
        return []
    joined = [
        other
        for other in book.waiting[stage.account].values()
        if other.out >= 0
        and other.due_us <= first.due_us + JOIN_WITHIN_US
        and _target(book, book.stage(other.stage).outs[other.out]) == target
    ]
    for other in joined:
        book.take(other)
    return sorted(joined)


def _send(book: Book, group: list[Action]) -> None:
    stage = book.stage(group[0].stage)
    account, at_us = stage.account, group[0].due_us
    exit_, target = _target(book, stage.outs[group[0].out])
    wanted = [min(action.units, book.parcel(account, action.stage).onward) for action in group]
    free = _free(book, account, at_us, target, exit_, sum(wanted))
    if free < sum(wanted) and (
        not stage.sends_rest or free * 1_000_000 < sum(wanted) * WORTH_SENDING_PPM
    ):
        free = 0
    amount = min(sum(wanted), free) // TENGE * TENGE
    units = apportion(amount, wanted)
    for action, sent, meant in zip(group, units, wanted, strict=True):
        book.parcel(account, action.stage).onward -= sent
        _leave_rest(book, account, action, meant - sent, gave_up=amount < sum(wanted) - TENGE)
    if amount > 0:
        _carry(book, group, units, target, exit_)


def _free(book: Book, account: int, at_us: int, target: int, exit_: str | None, wanted: int) -> int:
    """What of the stolen units at the account may leave it, its fee set aside."""
    fee = _fee(book, account, target, exit_, wanted)
    stolen = book.disputed(account) - book.reserved(account, at_us)
    return max(0, min(stolen, book.available(account, at_us) - fee))


def _fee(book: Book, account: int, target: int, exit_: str | None, amount: int) -> int:
    bank = book.bank_of[account]
    return fee_of(bank, amount, book.bank_of.get(target, -1) != bank, exit_ == "cash")


def _leave_rest(book: Book, account: int, action: Action, rest: int, gave_up: bool) -> None:
    """Odd tiyn stay with the holder; a payment given up leaves its units to be found."""
    if gave_up:
        book.given_up[book.stage(action.stage).claim] += rest
    else:
        parcel = book.parcel(account, action.stage)
        parcel.onward -= rest
        parcel.kept += rest


def _carry(
    book: Book, group: list[Action], units: list[int], target: int, exit_: str | None
) -> None:
    """Make the payment of a step, its fee, and what follows at the other end."""
    account, at_us, amount = book.stage(group[0].stage).account, group[0].due_us, sum(units)
    carried: dict[int, int] = {}
    for action, sent in zip(group, units, strict=True):
        claim = book.stage(action.stage).claim
        carried[claim] = carried.get(claim, 0) + sent
    book.balance[account] -= amount
    _pay(book, at_us, account, target, amount, carried, exit_)
    _charge(book, account, at_us, _fee(book, account, target, exit_, amount))
    if exit_ is not None:
        for claim, sent in carried.items():
            book.gone[claim, exit_] += sent
        return
    for action, sent in zip(group, units, strict=True):
        onto = book.stage(action.stage).outs[action.out].stage
        if onto is not None and sent > 0:
            _arrive(book, onto, sent, at_us)


def _charge(book: Book, account: int, at_us: int, fee: int) -> None:
    """The bank's fee comes out of what the holder keeps, then out of his own money."""
    fee = min(fee, book.available(account, at_us))
    if fee <= 0:
        return
    before = {stage: parcel.kept for stage, parcel in book.parcels_at(account)}
    _spend_kept(book, account, fee, at_us, "fees")
    carried: dict[int, int] = {}
    for stage, parcel in book.parcels_at(account):
        if before[stage] > parcel.kept:
            claim = book.stage(stage).claim
            carried[claim] = carried.get(claim, 0) + before[stage] - parcel.kept
    book.balance[account] -= fee
    payee = fee_account(book.bank_of[account])
    book.made.append(Made(at_us + SECOND, account, payee, fee, "fee", "Комиссия", carried))


def _pay(
    book: Book, at_us: int, payer: int, payee: int, amount: int,
    carried: dict[int, int], exit_: str | None = None,
) -> None:  # fmt: skip
    instrument = {"cash": "cash_out", "crypto": "crypto", "wallet": "wallet"}.get(exit_ or "")
    purpose = _PURPOSES[(at_us // SECOND + payer) % len(_PURPOSES)]
    book.made.append(Made(at_us, payer, payee, amount, instrument or "transfer", purpose, carried))


def _arrive(book: Book, number: int, units: int, at_us: int) -> None:
    """Money reaches a stage: split it, and put the ways on into the script."""
    stage = book.stage(number)
    kept = units * stage.keep_ppm // 1_000_000
    parcel = book.parcel(stage.account, number)
    parcel.kept += kept
    parcel.onward += units - kept
    book.balance[stage.account] = book.balance.get(stage.account, 0) + units
    shares = apportion(units - kept, [out.share_ppm for out in stage.outs])
    for index, (out, share) in enumerate(zip(stage.outs, shares, strict=True)):
        if share > 0:
            book.schedule(at_us + out.after_us, number, index, share)


def place_hold(book: Book, order: str, account: int, asked: int, at_us: int, until_us: int) -> int:
    """Hold up to `asked` of what is available; returns what is held (tiyn)."""
    granted = max(0, min(asked, book.available(account, at_us)))
    if granted > 0:
        free = max(0, book.disputed(account) - book.reserved(account, at_us))
        book.holds[order] = Hold(order, account, granted, until_us, min(granted, free))
    return granted


def prolong_hold(book: Book, old: str, amount: int, at_us: int, until_us: int) -> int:
    """Keep up to `amount` of what `old` still holds until `until_us`; returns what it keeps."""
    hold = book.holds.get(old)
    if hold is None or hold.until_us <= at_us:
        return 0
    hold.amount, hold.until_us = min(hold.amount, amount), max(hold.until_us, until_us)
    return hold.amount


def lower_hold(book: Book, order: str, amount: int, at_us: int) -> int:
    """Let `amount` of a hold go, the holder's own money first; returns what went."""
    hold = book.holds.get(order)
    if hold is None or hold.until_us <= at_us:
        return 0
    released = min(hold.amount, amount)
    hold.amount -= released
    return released


def pay_back(book: Book, order: str, amount: int, beneficiary: int, at_us: int) -> int:
    """Pay out of a hold to a victim; returns what was paid (tiyn)."""
    hold = book.holds.get(order)
    if hold is None or hold.until_us <= at_us:
        return 0
    paid = min(amount, hold.amount, book.held(hold.account, at_us))
    if paid <= 0:
        return 0
    hold.amount -= paid
    hold.disputed = max(0, hold.disputed - paid)
    carried = _take_units(book, hold.account, paid, beneficiary)
    book.balance[hold.account] -= paid
    if beneficiary in book.balance:
        book.balance[beneficiary] += paid
    book.made.append(Made(at_us, hold.account, beneficiary, paid, "return", "Қайтарым", carried))
    return paid


def _take_units(book: Book, account: int, paid: int, beneficiary: int) -> dict[int, int]:
    """Stolen units that a return carries: the paid victim's first, then the others'."""
    mine = {claim.number for claim in book.plan.claims if claim.payer == beneficiary}
    entries = book.parcels_at(account)
    entries.sort(key=lambda entry: book.stage(entry[0]).claim not in mine)
    carried: dict[int, int] = {}
    for stage, parcel in entries:
        onward = min(parcel.onward, paid)
        kept = min(parcel.kept, paid - onward)
        parcel.onward -= onward
        parcel.kept -= kept
        paid -= onward + kept
        claim = book.stage(stage).claim
        if onward + kept:
            carried[claim] = carried.get(claim, 0) + onward + kept
            book.gone[claim, "returned"] += onward + kept
    return carried
