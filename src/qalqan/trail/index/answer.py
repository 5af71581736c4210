"""What the compiled walk found, as the trail that is stored, drawn and counted (REQ-39)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import numpy as np

from qalqan.trail.attribution import Attributed
from qalqan.trail.body import Trail
from qalqan.trail.coverage import Covered
from qalqan.trail.index.facts import INSTRUMENTS, Source
from qalqan.trail.index.kernels import outer
from qalqan.trail.index.moves import HERE, PAYEE_NO, PAYER_NO, ROW
from qalqan.trail.index.rows import (
    AMOUNT,
    AT,
    COUNTRY,
    ID_FROM,
    ID_TO,
    INSTRUMENT,
    PARTNER,
    PAYEE,
    PAYEE_BANK,
    PAYER,
    PAYER_BANK,
    ROWS,
    SECOND,
    SIDE,
    Gathered,
    ends_of,
    lent,
)
from qalqan.trail.index.walk import Walked
from qalqan.trail.semantics import EXITS, RULES, Coverage, Disagreement, TrailPolicy, Transfer

_SIDES = ("payer", "payee", "both")


@outer
def _banks(held: Gathered, n_roots: int, n_followed: int) -> Any:  # noqa: C901
    """(2, n): followed accounts and the banks told of them, each pair once."""
    held = lent(held)
    rows, followed = held.rows, held.followed
    first = np.empty(n_followed, np.int64)
    for account in range(n_followed):
        first[account] = -1
    room = 2 * n_followed + 8
    pairs, before, n = np.empty((2, room), np.int64), np.empty(room, np.int64), 0
    for row in range(n_roots, held.counts[ROWS]):
        other = rows[PARTNER, row]
        if other == SECOND:
            continue
        payer, payee = ends_of(rows, row)
        if payer == payee:
            continue
        for of_payee in range(2):
            account = payee if of_payee else payer
            account = followed[account] if account >= 0 else -1
            if account < 0:
                continue
            bank = rows[PAYEE_BANK if of_payee else PAYER_BANK, row]
            if other >= 0 and of_payee and rows[PAYEE_BANK, other] >= 0:
                bank = rows[PAYEE_BANK, other]
            elif other >= 0 and not of_payee and bank < 0:
                bank = rows[PAYER_BANK, other]
            known = first[account]
            while known >= 0 and pairs[1, known] != bank:
                known = before[known]
            if bank < 0 or known >= 0:
                continue
            if n == room:
                larger, links = np.empty((2, 2 * room), np.int64), np.empty(2 * room, np.int64)
                for i in range(n):
                    larger[0, i], larger[1, i], links[i] = pairs[0, i], pairs[1, i], before[i]
                pairs, before, room = larger, links, 2 * room
            pairs[0, n], pairs[1, n], before[n] = account, bank, first[account]
            first[account] = n
            n += 1
    return pairs[:, :n]


class Names:
    """Names of what the walk has numbered, looked up once for all."""

    def __init__(self, walked: Walked, source: Source) -> None:
        self._known = {root.payer: None for root in walked.roots} | {
            root.payee: None for root in walked.roots
        }
        self._walked = walked
        self._source = source
        self._accounts: dict[int, str | None] = {-1: None}
        self._banks: dict[int, str | None] = {-1: None}
        self._countries: dict[int, str | None] = {-1: None}
        for number, name in enumerate(self._known):
            self._accounts[number] = name

    def accounts(self, numbers: Iterable[int]) -> dict[int, str | None]:
        """Local accounts' names; all that are known by now."""
        if not numbers:
            return self._accounts
        new = sorted(set(numbers) - self._accounts.keys())
        codes = [int(code) for code in self._walked.held.codes[new]]
        self._accounts.update(zip(new, self._source.account_names(codes), strict=True))
        return self._accounts

    def banks(self, codes: Iterable[int]) -> dict[int, str | None]:
        """Banks' names."""
        if not codes:
            return self._banks
        new = sorted(set(codes) - self._banks.keys())
        self._banks.update(zip(new, self._source.bank_names(new), strict=True))
        return self._banks

    def countries(self, codes: Iterable[int]) -> dict[int, str | None]:
        """Countries' names."""
        if not codes:
            return self._countries
        new = sorted(set(codes) - self._countries.keys())
        self._countries.update(zip(new, self._source.country_names(new), strict=True))
        return self._countries


def trail_of(
    walked: Walked, source: Source, policy: TrailPolicy, as_of_us: int, seal: int
) -> Trail:
    """The trail; of its payments those that carried units."""
    names = Names(walked, source)
    followed = _followed(walked, names)
    transfers = _transfers(walked, names)
    first_us = min(root.at_us for root in walked.roots)
    notices = [c for c in source.notices() if first_us <= c.to_us <= as_of_us]
    return Trail(
        policy=policy,
        seal=seal,
        as_of_us=as_of_us,
        currency=walked.roots[0].currency,
        roots=walked.roots,
        hops=dict(zip(followed, walked.hops.tolist(), strict=True)),
        banks=_banks_of(walked, names, followed),
        payments={x.id: x for x in transfers.values()},
        covered=Covered([*walked.statements, *notices]),
        rules=_rules(walked, followed, transfers),
    )


def _followed(walked: Walked, names: Names) -> list[str]:
    held = walked.held
    places = held.followed[: held.counts[1]]
    local = np.empty(len(walked.hops), np.int64)
    local[places[places >= 0]] = np.flatnonzero(places >= 0)
    known = names.accounts(local.tolist())
    return [known[number] or "" for number in local.tolist()]


def _banks_of(walked: Walked, names: Names, followed: Sequence[str]) -> dict[str, str]:
    """As `following.banks_of`."""
    told = followed_banks(walked, names, range(len(followed)))
    return {account: told[place] for place, account in enumerate(followed)}


def followed_banks(walked: Walked, names: Names, wanted: Collection[int]) -> dict[int, str]:
    """The bank at which each of these followed accounts is kept."""
    pairs = _banks(walked.held, len(walked.roots), len(walked.hops))
    told_of = [(place, bank) for place, bank in pairs.T.tolist() if place in wanted]
    known = names.banks(bank for _, bank in told_of)
    told: defaultdict[int, set[str]] = defaultdict(set)
    for i, root in enumerate(walked.roots):
        told[int(walked.held.followed[walked.held.rows[PAYEE, i]])].add(root.payee_bank)
    for place, bank in told_of:
        told[place].add(known[bank] or "")
    return {place: min(told[place] - {""}, default="") for place in wanted}


def _rules(
    walked: Walked, followed: Sequence[str], transfers: dict[int, Transfer]
) -> dict[str, Attributed]:
    answers = {rule: Attributed() for rule in RULES}
    by_number = [answers[rule] for rule in RULES]
    claims = walked.claims
    for rule, move, ending, claim, units in walked.found.legs.T.tolist():
        key = (transfers[move].id, None if ending == HERE else EXITS[ending])
        by_number[rule].legs.setdefault(key, {})[claims[claim]] = units
    for rule, account, claim, units in walked.found.received.T.tolist():
        by_number[rule].received.setdefault(followed[account], {})[claims[claim]] = units
    for rule, account, claim, units in walked.found.here.T.tolist():
        by_number[rule].here.setdefault(followed[account], {})[claims[claim]] = units
    for rule, answer in enumerate(by_number):
        for account, name in enumerate(followed):
            if walked.found.first_us[rule, account] >= 0:
                answer.first_us[name] = int(walked.found.first_us[rule, account])
                answer.last_us[name] = int(walked.found.last_us[rule, account])
    return answers


def _transfers(walked: Walked, names: Names) -> dict[int, Transfer]:
    """The moves that carried units, by their numbers."""
    moves, held = walked.found.moves, walked.held
    numbers = np.unique(walked.found.legs[1]).tolist()
    names.accounts(int(a) for a in moves[[PAYER_NO, PAYEE_NO]][:, numbers].ravel())
    rows = [int(row) for row in moves[ROW, numbers] if row >= 0]
    rows += [int(row) for row in held.rows[PARTNER, rows] if row >= 0]
    names.accounts(int(a) for a in held.rows[[PAYER, PAYEE]][:, rows].ravel())
    names.banks(int(bank) for bank in held.rows[[PAYER_BANK, PAYEE_BANK]][:, rows].ravel())
    names.countries(int(country) for country in held.rows[COUNTRY, rows])
    return {
        number: _gap(walked, number) if moves[ROW, number] < 0 else _transfer(walked, names, number)
        for number in numbers
    }


def _gap(walked: Walked, move: int) -> Transfer:
    c: Coverage = walked.statements[-1 - int(walked.found.moves[ROW, move])]
    amount = int(walked.found.moves[4, move])
    return Transfer(
        f"gap:{c.id}", c.to_us, c.account, c.bank, None, None, amount, c.currency, "gap", None,
        (), (), c.to_us, "payer",
    )  # fmt: skip


def _transfer(walked: Walked, names: Names, move: int) -> Transfer:
    """As `transfers` makes it of one fact, or of two; its UETR is left out."""
    held, row = walked.held, int(walked.found.moves[ROW, move])
    p = held.rows[:, row].tolist()
    other = p[PARTNER]
    q = held.rows[:, other].tolist() if other >= 0 else p
    accounts, banks = names.accounts(()), names.banks(())
    ids = sorted({_text(held, p), _text(held, q)})
    return Transfer(
        id=_text(held, p),
        at_us=p[AT],
        payer=accounts[p[PAYER]] or accounts[q[PAYER]],
        payer_bank=banks[p[PAYER_BANK]] or banks[q[PAYER_BANK]],
        payee=accounts[q[PAYEE]] or accounts[p[PAYEE]],
        payee_bank=banks[q[PAYEE_BANK]] or banks[p[PAYEE_BANK]],
        amount=p[AMOUNT],
        currency=walked.roots[0].currency,
        instrument=INSTRUMENTS[p[INSTRUMENT]],
        payee_country=names.countries(())[p[COUNTRY] if p[COUNTRY] >= 0 else q[COUNTRY]],
        facts=tuple(ids),
        disagreement=_disagreement(p, q, accounts, walked.match_window_us),
        arrived_us=max(p[AT], q[AT]),
        told="both" if other >= 0 else _SIDES[p[SIDE]],
    )


def _text(held: Gathered, row: Sequence[int]) -> str:
    return bytes(held.ids[row[ID_FROM] : row[ID_TO]]).decode()


def _disagreement(
    p: Sequence[int], q: Sequence[int], accounts: dict[int, str | None], match_window_us: int
) -> Disagreement:
    told: list[tuple[str, str | int | None, str | int | None]] = [
        ("amount", p[AMOUNT], q[AMOUNT]),
        ("payer", accounts[p[PAYER]], accounts[q[PAYER]]),
        ("payee", accounts[p[PAYEE]], accounts[q[PAYEE]]),
        ("instrument", INSTRUMENTS[p[INSTRUMENT]], INSTRUMENTS[q[INSTRUMENT]]),
    ]
    differs = [d for d in told if None not in d[1:] and d[1] != d[2]]
    if abs(p[AT] - q[AT]) > match_window_us:
        differs.append(("at_us", p[AT], q[AT]))
    return tuple(differs)
