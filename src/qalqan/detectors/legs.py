"""Payments as each account sees them: money in, money out; what several detectors start from.

A payment has two legs, one for each account. An account is judged by its own bank's books on
days for which there are any, else by what other banks report of it: a transfer that both report
never counts twice.
"""

from __future__ import annotations

from ibis import Table, _, ifelse, literal, null

HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US

READS = (
    "id", "source", "at_us", "side", "payer_account", "payee_account", "amount", "currency",
    "instrument", "payee_country", "payer_holder", "payee_holder", "balance",
)  # fmt: skip
"""Columns of a payment that its legs are made of."""


def of(payments: Table, received_by: tuple[str, ...], passed_by: tuple[str, ...]) -> Table:
    """Every sound payment once from each account's view.

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
