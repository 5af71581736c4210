"""From a victim's report with its bank's confirmation to signed orders in the outbox.

A centre over a lake of simulated payments, its worker running and its index built. Each time a
victim reports a payment that the lake tells, the payer's bank confirms it, and the clock runs until
the holds and questions that follow from the trail are signed; every one is then checked against
its schema. The peer is the same centre, worker and transactions without tracing: money is taken to
lie where it was paid to.

`python bench/report_to_orders.py [DATA] [--payments N] [--reports N]`: DATA is not used; a million
payments and 150 reports unless told.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import duckdb
from jsonschema import Draft202012Validator
from sqlalchemy import select

from qalqan import clock
from qalqan.cases.answers import take_answer
from qalqan.cases.delivery import signed_text
from qalqan.cases.policy import install_default_policy
from qalqan.cases.reports import ReportIn, take_report
from qalqan.clock import DAY, HOUR, MINUTE
from qalqan.exchange.order_message import Answer
from qalqan.exchange.order_schema import schema
from qalqan.lake.files import take_file
from qalqan.lake.hand_in import Centre
from qalqan.register import jobs, orm, partners
from qalqan.register.database import Database
from qalqan.settings import Settings, settings
from qalqan.trail.index.warm import compile_all
from qalqan.trust import signing
from qalqan.trust.keys import Keys

BANKS = ("111", "222", "333", "444", "555", "666")
PEOPLE = 10
"""Payments an account."""
ORDERS = {"hold", "statement"}
SCHEMA = Draft202012Validator(schema("order"))
"""The published one: a test holds `docs/reference/schemas/order.json` to it."""
WARM = 10
TIMEOUT_S = 30.0

PAYMENTS = """
COPY (
WITH drawn AS (
  SELECT k,
    CAST(floor(pow(hash(k, 3) % 1000000007 / 1000000008.0, 2) * {accounts}) AS BIGINT) AS payer,
    CAST(floor(pow(hash(k, 4) % 1000000007 / 1000000008.0, 2) * {accounts}) AS BIGINT) AS payee
  FROM range({rows}) AS made(k)
), named AS (
  SELECT *, [{banks}][CAST(hash(payer, 9) % 6 + 1 AS BIGINT)] AS payer_bank,
    [{banks}][CAST(hash(payee, 9) % 6 + 1 AS BIGINT)] AS payee_bank
  FROM drawn WHERE payer <> payee
)
SELECT 'sim-' || k AS id, {start} + k * {step} AS at_us, 'both' AS side,
  payer_bank || ':' || lpad(payer::VARCHAR, 10, '0') AS payer_account, payer_bank,
  payee_bank || ':' || lpad(payee::VARCHAR, 10, '0') AS payee_account, payee_bank,
  CAST(100 * exp(8 + 5 * (hash(k, 5) % 1000000 / 1e6)) AS BIGINT) AS amount, 'KZT' AS currency,
  ['transfer', 'transfer', 'card', 'cash_out'][CAST(hash(k, 6) % 4 + 1 AS BIGINT)] AS instrument
FROM named ORDER BY k
) TO '{path}' (FORMAT parquet)
"""
VICTIMS = """
SELECT payer_account, payer_bank, payee_account, payee_bank, amount, at_us FROM '{path}'
WHERE instrument = 'transfer' AND at_us BETWEEN {first} AND {last} AND amount > 5000000
QUALIFY row_number() OVER (PARTITION BY payee_account ORDER BY hash(id, 11)) = 1
ORDER BY hash(id, 11) LIMIT {n}
"""


@dataclass(frozen=True)
class Payment:
    """A victim's payment that the lake tells."""

    payer_account: str
    payer_bank: str
    payee_account: str
    payee_bank: str
    amount: int
    at_us: int


class NoTrail:
    """The peer's tracing: none. Money lies where the victim paid it to."""

    def __init__(self, *_: Any) -> None:
        pass

    def follow(self, roots: Any, policy: Any, now: int, seal: int, home: Any) -> Any:
        from qalqan.trail.body import Trail
        from qalqan.trail.coverage import Covered
        from qalqan.trail.following import Known, banks_of, step

        hops = {root.payee: 1 for root in roots}
        told = step(Known([], []), roots, policy, hops, home)
        banks = banks_of(hops, roots, ())
        return Trail(policy, seal, now, roots[0].currency, tuple(roots), hops, banks,
                     told.payments, Covered([]), told.rules)  # fmt: skip

    def look(self) -> None:
        """Nothing to take in."""

    def around(self, trail: Any) -> Any:
        """Nothing else is told."""
        from qalqan.trail.around import NOTHING

        return NOTHING


def peopled(home: Path) -> tuple[Database, Keys]:
    """A centre with six banks and a hotline."""
    keys = Keys.create(home / "keys.json")
    database = Database(f"sqlite:///{home / 'register.db'}")
    database.migrate()
    with database.write() as session:
        for bank in BANKS:
            names = {"kk": bank, "ru": bank, "en": bank}
            partners.add_partner(session, f"bank{bank}", "bank", names, bank_code=bank)
        partners.add_partner(session, "hotline", "channel", {"kk": "h", "ru": "h", "en": "h"})
        install_default_policy(session, ["one", "other"])
    return database, keys


def filled(home: Path, database: Database, keys: Keys, rows: int, reports: int) -> list[Payment]:
    """Payments of 30 days up to now in the lake, and those that victims will report."""
    path, now = home / "payments.parquet", clock.now_us()
    start = now - 30 * DAY
    with duckdb.connect() as sql:
        sql.execute(PAYMENTS.format(
            rows=rows, accounts=rows // PEOPLE, path=path, start=start,
            step=(30 * DAY - MINUTE) // rows, banks=", ".join(f"'{bank}'" for bank in BANKS),
        ))  # fmt: skip
        victims = sql.execute(VICTIMS.format(
            path=path, first=now - 12 * HOUR, last=now - HOUR, n=reports
        )).fetchall()  # fmt: skip
    lake = settings().lake_root
    receipt = take_file(Centre(database, keys, lake), "payment", path, source="sim")
    print(f"{receipt.accepted:,} payments in the lake", file=sys.stderr)
    return [Payment(*row) for row in victims]


def orders_after(database: Database, keys: Keys, paid: Payment) -> tuple[float, list[str]]:
    """Seconds from a report to all its signed orders, and these."""
    now = clock.now_us()
    body = ReportIn(
        methods=["28"], region="KZ-75", language="kk", victim_iin="900101300017",
        payer_account=paid.payer_account, payee_account=paid.payee_account, amount=paid.amount,
        crime_us=paid.at_us, discovered_us=paid.at_us, reported_us=now,
    )  # fmt: skip
    begun = time.perf_counter()
    taken = take_report(database, keys, body, "hotline")
    with database.session() as session:
        asked = session.scalars(select(orm.Order).where(orm.Order.case_id == taken.case)).one()
    line = {
        "id": f"own {taken.report}", "at_us": paid.at_us, "side": "payer", "amount": paid.amount,
        "currency": "KZT", "instrument": "transfer", "payer_account": paid.payer_account,
        "payer_bank": paid.payer_bank, "payee_account": paid.payee_account,
        "payee_bank": paid.payee_bank,
    }  # fmt: skip
    told = {"order": asked.id, "outcome": "confirmed", "payment": line}
    take_answer(database, keys, asked.partner, Answer.model_validate(told))
    found = _signed(database, taken.case, begun)
    return time.perf_counter() - begun, found


def _signed(database: Database, case: str, begun: float) -> list[str]:
    """Wait until every order that the case wants is signed; it wants none where its accounts are
    held or asked about already for another victim."""
    wanted = select(orm.Order.id, orm.Order.jws).where(
        orm.Order.case_id == case, orm.Order.kind.in_(ORDERS)
    )
    while time.perf_counter() - begun < TIMEOUT_S:
        with database.session() as session:
            found = session.execute(wanted).all()
            kept = select(orm.Trail.id).where(orm.Trail.case_id == case)
            if not found and session.scalar(kept) is not None:
                return []
        if found and all(jws is not None for _, jws in found):
            return [order for order, _ in found]
        time.sleep(0.004)  # a quicker look would slow the worker beside it
    raise SystemExit("no orders came")


def checked(database: Database, keys: Keys, orders: Sequence[str]) -> None:
    """Every order is signed by us and is what the published JSON Schema says."""
    with database.session() as session:
        for order in orders:
            text = signing.verify(signed_text(session, keys, order), keys.verify_key_pem)
            SCHEMA.validate(text)


@contextmanager
def working(database: Database, keys: Keys, chosen: Settings, traced: bool) -> Iterator[None]:
    """The worker in threads of this process, with or without tracing."""
    from qalqan.work import bookkeeping, loop

    books, stop = bookkeeping.Books, threading.Event()
    before = books.__dict__["kept"]
    if not traced:
        books.kept = NoTrail()  # type: ignore[assignment]
    worker = threading.Thread(target=loop.run, args=(database, keys, chosen, stop))
    worker.start()
    try:
        yield
    finally:
        stop.set()
        worker.join()
        books.kept = before  # type: ignore[assignment]


def measured(
    database: Database, keys: Keys, chosen: Settings, victims: Sequence[Payment], traced: bool
) -> tuple[list[float], int]:
    """Milliseconds of each report after the first few, and how many orders were given."""
    times, count = [], 0
    with working(database, keys, chosen, traced):
        _settled(database)
        if traced:
            _indexed(database, chosen)
        for paid in victims:
            seconds, orders = orders_after(database, keys, paid)
            checked(database, keys, orders)
            times.append(1_000 * seconds)
            count += len(orders)
            _settled(database)
    return times[WARM:], count


def _settled(database: Database) -> None:
    """Wait until the worker has done all that is due."""
    until = time.perf_counter() + TIMEOUT_S
    while time.perf_counter() < until:
        with database.session() as session:
            left = jobs.pending(session)
        if not left.due and not left.leased and not left.landing:
            return
        time.sleep(0.01)


def _indexed(database: Database, chosen: Settings) -> None:
    """Wait until the worker has built its index, as one that has run for a while has."""
    from qalqan.work.index import folder_of, lag

    until = time.perf_counter() + 20 * TIMEOUT_S
    while lag(database, folder_of(chosen.home)) != 0:
        if time.perf_counter() > until:
            raise SystemExit("no index was built")
        time.sleep(0.1)


def main() -> None:
    """Print one line a percentile."""
    parser = argparse.ArgumentParser()
    parser.add_argument("data", nargs="?")
    parser.add_argument("--payments", type=int, default=1_000_000)
    parser.add_argument("--reports", type=int, default=150)
    given = parser.parse_args()
    compile_all()
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        os.environ["QALQAN_HOME"] = name
        settings.cache_clear()
        database, keys = peopled(home)
        with closing(database):
            victims = filled(home, database, keys, given.payments, 2 * given.reports)
            half, chosen = len(victims) // 2, Settings(home=home)
            peer, _ = measured(database, keys, chosen, victims[:half], traced=False)
            ours, orders = measured(database, keys, chosen, victims[half:], traced=True)
    _print(ours, peer, orders / max(1, len(victims) - half), given.payments)


def _print(ours: list[float], peer: list[float], orders: float, payments: int) -> None:
    notes = (
        f"{payments:,} simulated payments in the lake, {orders:.1f} signed orders a report (of"
        " payments older than two hours the books are asked for before a hold), a worker with its"
        " usual rests; SQLite on local disk, every commit synced; target p95 ≤ 250 ms"
    )
    for label, of in (("p50", median), ("p95", lambda ms: quantiles(ms, n=20)[-1])):
        mine, theirs = round(of(ours), 1), round(of(peer), 1)
        print(json.dumps({
            "name": f"report with confirmation to signed orders, {label}", "unit": "ms",
            "ours": mine, "peer": "the same without tracing", "peer_value": theirs,
            "ratio": round(theirs / mine, 2), "n": len(ours), "notes": notes,
        }, ensure_ascii=False))  # fmt: skip


if __name__ == "__main__":
    main()
