"""Payments as each account sees them: money in, money out; what several detectors start from.

A payment has two legs, one for each account. An account is judged by its own bank's books on
days for which there are any, else by what other banks report of it: a transfer that both report
never counts twice.
"""

from __future__ import annotations

import ibis
from ibis import Table, _, ifelse, literal, null

HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US

READS = (
    "id", "source", "at_us", "side", "payer_account", "payee_account", "amount", "currency",
    "instrument", "payee_country", "payer_holder", "payee_holder", "balance",
)  # fmt: skip
"""Columns of a payment that its legs are made of."""


def of(
    payments: Table,
    received_by: tuple[str, ...],
    passed_by: tuple[str, ...],
    accounts: Table | None = None,
) -> Table:
    """Every sound payment once from each account's view; of these `accounts` alone, if given.

    `counts` tells whether its instrument is one of those that count on that side; `way` is the
    instrument of money out, "abroad" where it left the country, and "in" for money in.
    """
    sound = payments.filter(_.amount > 0, _.at_us.notnull(), _.currency.notnull())
    shared = {name: sound[name] for name in ("id", "source", "at_us", "amount", "currency")}
    into = sound.select(
        **shared,
        account=_.payee_account,
        other=_.payer_account,
        holder=_.payee_holder,
        other_holder=_.payer_holder,
        inward=literal(True),
        own=(_.side != "payer").fill_null(False),
        counts=_.instrument.isin(received_by) & (_.payer_holder != _.payee_holder).fill_null(True),
        instrument=_.instrument,
        way=literal("in"),
        balance=ifelse(_.side == "payee", _.balance, null("int64")),
    )
    out = sound.select(
        **shared,
        account=_.payer_account,
        other=_.payee_account,
        holder=_.payer_holder,
        other_holder=_.payee_holder,
        inward=literal(False),
        own=(_.side != "payee").fill_null(False),
        counts=_.instrument.isin(passed_by),
        instrument=_.instrument,
        way=ifelse((_.payee_country != "KZ").fill_null(False), "abroad", _.instrument),
        balance=ifelse(_.side == "payer", _.balance, null("int64")),
    )
    legs = into.union(out)
    if accounts is not None:
        legs = legs.semi_join(accounts, "account")
    return _own_books(legs.filter(_.account.notnull(), (_.account != _.other).fill_null(True)))


def _own_books(legs: Table) -> Table:
    """Legs that the account's own bank reports; others' word only on days without any."""
    day = _.at_us - _.at_us % DAY_US
    legs = legs.mutate(day_us=day)
    return legs.mutate(booked=_.own.cast("int8").max().over(group_by=["account", "day_us"])).filter(
        _.own | (_.booked == 0)
    )


def met(legs: Table) -> Table:
    """The same with `met`: when account and counterparty first had to do with each other."""
    return legs.mutate(met=_.at_us.min().over(group_by=["account", "other"]))


def strangers(legs: Table, known_after_us: int) -> Table:
    """Legs that count, between accounts that did not know each other so long before."""
    known = _.other.notnull() & (_.at_us - _.met >= known_after_us)
    return met(legs).filter(_.counts & ~known)


def after_receipts(moves: Table, within_us: int) -> Table:
    """Receipts, and what left within hours of one; `came_us` and the day `from_us` are those of
    the latest receipt."""
    recent = ibis.window(group_by=["account", "currency"], order_by="at_us", range=(-within_us, 0))
    came = ifelse(_.inward, _.at_us, _.at_us.max(where=_.inward).over(recent))
    return (
        moves.mutate(came_us=came)
        .filter(_.came_us.notnull())
        .mutate(from_us=_.came_us - _.came_us % DAY_US)
    )


def calm(moves: Table, most: int) -> Table:
    """Legs of accounts and days with at most so many of them."""
    busy = moves.group_by("account", "day_us").agg(n=_.count()).filter(_.n > most)
    return moves.anti_join(busy, ["account", "day_us"])


def relays(moves: Table, within_us: int) -> Table:
    """Each receipt (from `scattering`, `came` at `came_us`) with each payment of the account that
    followed it in so much time (to `gathering`, `amount` at `left_us`).

    Both carry the number of their span of time, so that the join is one of equals.
    """
    span = _.at_us // within_us
    came = moves.filter(_.inward).select(
        "account", "currency", scattering="other", came_us="at_us", came="amount", span=span
    )
    came = came.union(came.mutate(span=_.span + 1))
    left = moves.filter(~_.inward).select(
        "account", "currency", "amount", gathering="other", left_us="at_us", span=span
    )
    both = came.inner_join(left, ["account", "currency", "span"])
    return both.filter(_.left_us >= _.came_us, _.left_us - _.came_us <= within_us)


def named(moves: Table, found: Table, keys: tuple[str, ...], most: int) -> Table:
    """`found` with `facts`: source and id of its payments, at most so many."""
    facts = moves.semi_join(found, keys).group_by(*keys)
    listed = facts.agg(facts=(_.source + ":" + _.id).collect().sort()[:most])
    return found.inner_join(listed, keys)


def best(found: Table, *keys: str) -> Table:
    """One row for each of `keys`: the highest score, then the first currency."""
    place = ibis.row_number().over(group_by=list(keys), order_by=[_.score.desc(), _.currency])
    return found.mutate(place=place).filter(_.place == 0)


def finding(found: Table, span_us: int, evidence: tuple[str, ...]) -> Table:
    """Rows of `account`, `score` and `from_us` as findings with these columns as evidence."""
    return found.select(
        subject_kind=literal("account"),
        subject=_.account,
        score=_.score,
        window_from_us=_.from_us,
        window_to_us=_.from_us + span_us,
        evidence=ibis.struct({name: found[name] for name in evidence}),
    )


def share(part: ibis.Value, whole: ibis.Value) -> ibis.Value:
    """`part` of `whole` as a double from 0 to 1; nothing of nothing is 0."""
    return ibis.least(1.0, part.cast("float64") / whole.nullif(0)).fill_null(0.0)


def at_least(part: ibis.Value, whole: ibis.Value, permille: int) -> ibis.Value:
    """Whether `part` is at least so much of `whole`; exact beyond a double."""
    return part.cast("decimal(38,0)") * 1000 >= whole.cast("decimal(38,0)") * permille
