"""Where a trail starts when no report names its payment: one payment found in the lake (REQ-39).

The claim of such a trail is the payment itself, under its own id `source:id`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from qalqan.trail.ledger import PAYMENT_COLUMNS, day_of, rows_of
from qalqan.trail.semantics import Fact, Root, Transfer
from qalqan.trail.transfers import joined

if TYPE_CHECKING:
    import ibis

    from qalqan.lake.engine import Engine


def by_ids(engine: Engine, names: Sequence[str]) -> dict[str, list[Fact]]:
    """Each name, `source:id` or `id` alone, and the payments that are called so."""
    payments = engine.table("payment")
    ids = {name.partition(":")[2] for name in names} | set(names)
    found = _facts(engine, payments.filter(payments.id.isin(sorted(ids))))
    return {name: [fact for fact in found if _is_called(fact, name)] for name in names}


def _is_called(fact: Fact, name: str) -> bool:
    return fact.id == name or fact.id.partition(":")[2] == name


def by_sum(
    engine: Engine, payer: str, amount: int, currency: str, between_us: tuple[int, int]
) -> list[Fact]:
    """Payments of `amount` minor units by the account `payer` (its token) in a closed period."""
    first_us, last_us = between_us
    payments = engine.table("payment", day_of(first_us), day_of(last_us))
    return _facts(
        engine,
        payments.filter(
            payments.payer_account == payer,
            payments.amount == amount,
            payments.currency == currency,
            payments.at_us.between(first_us, last_us),
        ),
    )


def roots(facts: list[Fact], match_window_us: int) -> list[Root]:
    """One root for each payment that the facts tell of and that reached an account."""
    found = sorted(joined(facts, match_window_us), key=lambda x: (x.at_us, x.id))
    return [_root(x) for x in found if x.payer is not None and x.payee is not None]


def _root(x: Transfer) -> Root:
    assert x.payer is not None
    assert x.payee is not None
    return Root(
        id=x.id, claim=x.id, payer=x.payer, payer_bank=x.payer_bank or "", payee=x.payee,
        payee_bank=x.payee_bank or "", amount=x.amount, currency=x.currency, at_us=x.at_us,
        uetr=x.uetr,
    )  # fmt: skip


def _facts(engine: Engine, payments: ibis.Table) -> list[Fact]:
    rows = engine.run(payments.select(*PAYMENT_COLUMNS, "currency"))
    return [Fact._make((f"{source}:{id}", *told)) for id, source, _, *told in rows_of(rows)]
