"""A register as large as a nation's: cases, reports, orders, trails, officers, straight into the
tables; what is counted (standings, figures) is counted by the product. Kept in `var/bench`."""

from __future__ import annotations

import hashlib
import json
import os
import random
import sqlite3
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import psycopg
from sqlalchemy import JSON, Table
from sqlalchemy.schema import CreateTable

from qalqan.cases import codes, figures, standing_sweep
from qalqan.cases.grounds import usual_ground
from qalqan.cases.policy import install_default_policy
from qalqan.clock import DAY, HOUR, MINUTE, SharedClock
from qalqan.model.order import Kind
from qalqan.register import log, orm, partners
from qalqan.register.database import Database
from qalqan.trail.semantics import PARTS, RULES
from qalqan.trust.keys import Keys

NOW_US = 1_795_600_000_000_000
"""25 November 2026, in the forenoon in Almaty: the moment the register stands at."""
HERE = Path(__file__).parent.parent / "var" / "bench"
BANKS = {f"bank{n}": f"4{n:02d}" for n in range(12)}
OFFICERS, AUDITOR = 60, 59
_PIECE = 5_000
_KINDS = (
    # share of cases, what is the matter with them
    (0.03, "moving"), (0.05, "held"), (0.02, "denied"), (0.30, "quiet"), (0.60, "closed"),
)  # fmt: skip


@dataclass(frozen=True)
class Country:
    """Where the register lies, and its keys."""

    register: str
    home: Path


def built(cases: int, reports_a_case: int = 10) -> Country:
    """The register in a file of SQLite, made once."""
    home = HERE / f"console-sqlite-{cases}"
    register = f"sqlite:///{home / 'register.db'}"
    done = home / "done"
    if not done.exists() or done.read_text() != _shape():
        home.mkdir(parents=True, exist_ok=True)
        (home / "register.db").unlink(missing_ok=True)
        if not (home / "keys.json").exists():
            Keys.create(home / "keys.json")
        stopped(home)
        _build(home, register, cases, reports_a_case)
        done.write_text(_shape())
    return Country(register, home)


def _shape() -> str:
    """Changes when any table or this module does: what was built otherwise is built anew."""
    own = Path(__file__).read_text(encoding="utf-8")
    told = (str(CreateTable(table)) + str(sorted(index.name or "" for index in table.indexes))
            for table in orm.Base.metadata.sorted_tables)  # fmt: skip
    return hashlib.sha256("".join((own, *told)).encode()).hexdigest()


def stopped(home: Path) -> None:
    """Stop this process's clock, and that of its children, at the register's moment."""
    SharedClock.create(home / "clock", NOW_US)
    os.environ["QALQAN_CLOCK"] = str(home / "clock")


def copied(country: Country, address: str) -> str:
    """The same register in a server of PostgreSQL; the address to use."""
    with closing(Database(address)) as database:
        database.migrate()
    path = country.register.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path)) as source, psycopg.connect(address) as target:
        target.execute("SET session_replication_role = replica")  # no order of foreign keys
        for table in orm.Base.metadata.sorted_tables:
            _copy(source, target, table)
        target.commit()
        target.autocommit = True
        target.execute("VACUUM ANALYZE")
    return address


def _copy(source: sqlite3.Connection, target: psycopg.Connection[Any], table: Table) -> None:
    names = [column.name for column in table.columns]
    listed = ", ".join(f'"{name}"' for name in names)
    flags = [n for n, c in enumerate(table.columns) if c.type.python_type is bool]
    rows = source.execute(f'SELECT {listed} FROM "{table.name}"')
    with target.cursor().copy(f'COPY "{table.name}" ({listed}) FROM STDIN') as copy:  # type: ignore[arg-type]
        for row in rows:
            told = list(row)
            for n in flags:
                told[n] = None if told[n] is None else bool(told[n])
            copy.write_row(told)
    if "id" in names and table.columns["id"].type.python_type is int:
        target.execute(
            f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'),"
            f' coalesce((SELECT max(id) FROM "{table.name}"), 1))'
        )


class Loader:
    """Rows into tables, thousands at once; columns that are not given get their default."""

    def __init__(self, path: str) -> None:
        self.connection = sqlite3.connect(path)
        self.connection.execute("PRAGMA synchronous = OFF")

    def load(self, model: Any, rows: Iterable[Mapping[str, Any]]) -> int:
        table, count, piece = cast(Table, model.__table__), 0, []
        columns = [c for c in table.columns if not (c.name == "id" and c.autoincrement is True)]
        names = ", ".join(f'"{column.name}"' for column in columns)
        places = ", ".join("?" * len(columns))
        insert = f'INSERT INTO "{table.name}" ({names}) VALUES ({places})'
        for row in rows:
            piece.append([_plain(column, row) for column in columns])
            count += 1
            if len(piece) == _PIECE:
                self.connection.executemany(insert, piece)
                piece.clear()
        self.connection.executemany(insert, piece)
        self.connection.commit()
        return count


def _plain(column: Any, row: Mapping[str, Any]) -> Any:
    if column.name in row:
        value = row[column.name]
    elif column.default is not None and column.default.is_scalar:
        value = column.default.arg
    elif column.nullable:
        return None
    elif isinstance(column.type, JSON):
        value = {}
    elif column.server_default is not None:
        value = column.server_default.arg.text.strip("'")
    else:
        value = 0 if column.type.python_type is int else ""
    return json.dumps(value, ensure_ascii=False) if isinstance(column.type, JSON) else value


def _build(home: Path, register: str, cases: int, reports_a_case: int) -> None:
    began = time.monotonic()
    with closing(Database(register)) as database:
        database.migrate()
        with database.write() as session:
            for code, bank in BANKS.items():
                names = {"kk": f"{code} Банкі", "ru": f"Банк {code}", "en": f"Bank {code}"}
                partners.add_partner(session, code, "bank", names, bank_code=bank)
            portal = {"kk": "Портал", "ru": "Портал", "en": "Portal"}
            partners.add_partner(session, "portal", "channel", portal)
            for number in range(OFFICERS):
                session.add(_officer(number))
            session.flush()
            install_default_policy(session, ["officer0", "officer1"])
        loader = Loader(register.removeprefix("sqlite:///"))
        world = _World(cases, reports_a_case)
        for model, rows in world.tables():
            n = loader.load(model, rows)
            print(f"{model.__tablename__}: {n}, {time.monotonic() - began:.0f} s", file=sys.stderr)
        loader.connection.execute("ANALYZE")
        loader.connection.close()
        since = time.monotonic()
        n = standing_sweep.rebuild(database)
        print(f"standings: {n} in {time.monotonic() - since:.0f} s", file=sys.stderr)
        since = time.monotonic()
        n = log.keep_up(database, Keys.load(home / "keys.json"), 20_000_000)
        print(f"the log: {n} rows in {time.monotonic() - since:.0f} s", file=sys.stderr)


def _officer(number: int) -> orm.User:
    region = (
        "KZ"
        if number % 3 or number == AUDITOR
        else sorted(codes.regions())[number % len(codes.regions())]
    )
    role = "supervisor" if number < 6 else "auditor" if number == AUDITOR else "investigator"
    return orm.User(
        login=f"officer{number}", name="nam_x", password_hash="x", role=role, region=region
    )


class _World:
    """Everything by a seed."""

    def __init__(self, cases: int, reports_a_case: int) -> None:
        self.random, self.cases, self.each = random.Random(5), cases, reports_a_case
        self.regions = [code for code in sorted(codes.regions()) if code != "KZ"]
        book = codes.code_book(NOW_US)
        self.version = book.version
        self.methods = [c for c, m in book.methods.items() if m["part"] == codes.METHOD]
        self.banks = list(BANKS.items())

    def tables(self) -> Iterator[tuple[Any, Iterator[dict[str, Any]]]]:
        made = [self._case(number) for number in range(1, self.cases + 1)]
        yield orm.Case, (one["case"] for one in made)
        yield orm.Report, self._reports(made)
        orders: list[dict[str, Any]] = []
        yield orm.Root, self._roots(made)
        yield orm.Order, self._orders(made, orders)
        yield orm.OrderEvent, self._events(orders)
        yield orm.CaseAccount, self._accounts(made)
        yield orm.Trail, self._trails(made)
        yield orm.CaseEntity, self._entities(made)
        yield orm.CaseTask, self._tasks(made)
        yield orm.FindingRow, self._findings(made)
        yield orm.Drop, self._drops()
        yield orm.AppealRow, self._appeals(orders)
        yield orm.Audit, self._looks(made)
        yield (
            orm.Number,
            iter({"name": f"{letter}-26", "last": 5_000_000} for letter in "CROAD"),
        )

    def _case(self, number: int) -> dict[str, Any]:
        chance, draw = self.random.random(), 0.0
        for share, kind in _KINDS:  # noqa: B007 - the last one counts
            draw += share
            if chance < draw:
                break
        age = int(self.random.expovariate(1 / 3) * HOUR) if kind == "moving" else int(
            (1 + self.random.random() * 40) * DAY if kind == "held" else
            (2 + self.random.random() * 300) * DAY
        )  # fmt: skip
        owner = f"officer{self.random.randrange(OFFICERS)}" if self.random.random() < 0.7 else None
        case = {
            "id": f"C-26-{number:06d}", "state": "closed" if kind == "closed" else "open",
            "region": self.random.choice(self.regions), "owner": owner, "opened_us": NOW_US - age,
        }  # fmt: skip
        few = min(400, 1 + int(self.random.expovariate(1 / max(0.01, self.each - 1))))
        amount = int(self.random.lognormvariate(13.5, 1.2)) // 1000 * 1000 * 100 + 100_000
        return {"case": case, "kind": kind, "reports": few, "number": number, "amount": amount,
                "bank": self.random.choice(self.banks), "next": self.random.choice(self.banks),
                "method": self.random.choice(self.methods)}  # fmt: skip

    def _reports(self, made: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        number = 0
        for one in made:
            for n in range(one["reports"]):
                number += 1
                one.setdefault("first_report", f"R-26-{number:07d}")
                at_us = one["case"]["opened_us"] + n * MINUTE
                yield {
                    "id": f"R-26-{number:07d}", "case_id": one["case"]["id"], "channel": "portal",
                    "receipt_hash": f"{number:064x}", "methods": [one["method"]],
                    "methods_version": self.version, "region": one["case"]["region"],
                    "language": "kk", "victim": f"per_{number % 900_001:032x}",
                    "payer_account": f"acc_{number:028x}_{number % 10_000:04d}",
                    "payer_bank": self.banks[number % 12][1],
                    "payee_account": self.account(one, 0), "amount": one["amount"],
                    "currency": "KZT", "crime_us": at_us - 40 * MINUTE,
                    "discovered_us": at_us - 20 * MINUTE, "reported_us": min(at_us, NOW_US),
                }  # fmt: skip

    @staticmethod
    def account(one: Mapping[str, Any], hop: int) -> str:
        number = one["number"] * 10 + hop
        return f"acc_{number:028x}_{number % 10_000:04d}"

    def _confirmed(self, made: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        return (one for one in made if one["kind"] != "denied")

    def _roots(self, made: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        for one in self._confirmed(made):
            yield {
                "id": f"bank:{one['number']}", "case_id": one["case"]["id"],
                "report_id": one["first_report"], "payer_account": f"acc_{one['number']:033d}",
                "payer_bank": "400", "payee_account": self.account(one, 0),
                "payee_bank": one["bank"][1], "amount": one["amount"], "currency": "KZT",
                "at_us": self.arrived(one, 0),
            }  # fmt: skip

    @staticmethod
    def arrived(one: Mapping[str, Any], hop: int) -> int:
        return int(one["case"]["opened_us"]) - 40 * MINUTE + hop * 7 * MINUTE

    def _orders(
        self, made: list[dict[str, Any]], kept: list[dict[str, Any]]
    ) -> Iterator[dict[str, Any]]:
        number = 0
        for one in made:
            for order in self._of_case(one):
                number += 1
                order |= {
                    "id": f"O-26-{number:07d}", "case_id": one["case"]["id"],
                    "report_id": one["first_report"], "idempotency_key": f"k{number}",
                    "drafted_by": "policy:pursuit/1", "reason": {},
                    "clock_us": order["expires_us"] if order.get("effect") else order.get("due_us"),
                    "ground": usual_ground(Kind(order["kind"]), order["created_us"]).code,
                }  # fmt: skip
                kept.append({name: order.get(name) for name in (
                    "id", "kind", "state", "created_us", "answered_us", "effect", "partner",
                    "case_id",
                )})  # fmt: skip
                yield order

    def _of_case(self, one: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        at_us, kind = one["case"]["opened_us"], one["kind"]
        (first, _), (second, _) = one["bank"], one["next"]
        asked = {"created_us": at_us, "sent_us": at_us + MINUTE, "answered_us": at_us + 5 * MINUTE}
        yield {"kind": "confirm", "partner": "bank0", "state": "closed", **asked}
        yield {"kind": "statement", "partner": first, "state": "closed",
               "account": self.account(one, 0), **asked}  # fmt: skip
        yield self._hold(one, first, 0, "expired")
        if kind == "moving":
            yield self._waits(one, second)
            if self.random.random() < 0.25:
                yield self._draft(one, second)
        elif kind != "denied":
            yield self._hold(one, second, 1, "answered" if kind == "held" else "closed")
            yield {"kind": "statement", "partner": second, "state": "closed",
                   "account": self.account(one, 1), **asked}  # fmt: skip

    def _hold(self, one: Mapping[str, Any], bank: str, hop: int, state: str) -> dict[str, Any]:
        at_us = one["case"]["opened_us"] + 6 * MINUTE
        alive = state == "answered"
        ends = NOW_US + int(self.random.random() * 60 * DAY) if alive else at_us + 3 * DAY
        return {
            "kind": "hold", "partner": bank, "state": state, "account": self.account(one, hop),
            "amount": one["amount"], "currency": "KZT", "created_us": at_us,
            "sent_us": at_us + MINUTE, "answered_us": at_us + MINUTE * self.random.randint(2, 20),
            "expires_us": ends, "effect": one["amount"] // 2 if alive else 0, "provisional": True,
        }  # fmt: skip

    def _waits(self, one: Mapping[str, Any], bank: str) -> dict[str, Any]:
        due = NOW_US + int((self.random.random() * 3 - 0.4) * HOUR)
        state = "escalated" if due < NOW_US else self.random.choice(["sent", "received"])
        return {
            "kind": "hold", "partner": bank, "state": state, "account": self.account(one, 1),
            "amount": one["amount"] // 2, "currency": "KZT", "created_us": due - HOUR,
            "sent_us": due - HOUR, "due_us": due, "expires_us": due + 3 * DAY, "provisional": True,
        }  # fmt: skip

    def _draft(self, one: Mapping[str, Any], bank: str) -> dict[str, Any]:
        return {
            "kind": "hold", "partner": bank, "state": "drafted", "account": self.account(one, 1),
            "amount": one["amount"] // 4, "currency": "KZT", "created_us": NOW_US - HOUR,
            "expires_us": NOW_US + 20 * DAY,
        }  # fmt: skip

    @staticmethod
    def _events(orders: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        for order in orders:
            of = {"order_id": order["id"], "at_us": order["created_us"]}
            policy = "policy:pursuit/1"
            yield {**of, "actor": policy, "event": "draft", "from_state": "drafted",
                   "to_state": "drafted", "detail": {}}  # fmt: skip
            if order["state"] != "drafted":
                yield {**of, "actor": policy, "event": "approve", "from_state": "drafted",
                       "to_state": "approved",
                       "detail": {"role": "policy", "note": ""}}  # fmt: skip
            if order["answered_us"]:
                outcome = {"confirm": "confirmed", "statement": "statement"}.get(
                    order["kind"], "held"
                )
                yield {"order_id": order["id"], "at_us": order["answered_us"],
                       "actor": f"partner:{order['partner']}", "event": "answer",
                       "from_state": "received", "to_state": "answered", "detail": {
                           "outcome": outcome, "amount": order["effect"], "digest": "x",
                       }}  # fmt: skip

    def _accounts(self, made: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        for one in self._confirmed(made):
            for hop, bank in enumerate((one["bank"][1], one["next"][1])):
                yield {"case_id": one["case"]["id"], "account": self.account(one, hop),
                       "bank": bank, "first_us": self.arrived(one, hop), "here": True}  # fmt: skip

    def _trails(self, made: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        for one in self._confirmed(made):
            document = self.document(one)
            found = figures.of_documents({"": [document]}, [], NOW_US)
            yield {"case_id": one["case"]["id"], "seal": 1, "policy": "1", "computed_us": NOW_US,
                   "body": document, "figures": self._figures(one, found[""]["KZT"])}  # fmt: skip

    def _entities(self, made: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Each case's accounts, a telephone that several share, a link that is often seen."""
        shared = max(1, self.cases // 3)
        for one in made:
            number = one["number"]
            subjects = [("account", self.account(one, hop)) for hop in (0, 1)]
            subjects += [
                ("phone", f"pho_{number % shared:028x}_{number % 10_000:04d}"),
                ("domain", f"shop-{number % 2_000}.example"),
                ("person", f"per_{number % 900_001:032x}"),
            ]
            for kind, subject in subjects:
                yield {"case_id": one["case"]["id"], "kind": kind, "subject": subject,
                       "source": "report", "told_by": "portal",
                       "first_us": self.arrived(one, 0)}  # fmt: skip

    def _tasks(self, made: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        for one in made[::3]:
            case = one["case"]
            yield {"case_id": case["id"], "kind": "examination", "title": "Экспертиза",
                   "owner": case["owner"], "due_us": NOW_US + DAY, "made_by": "officer0",
                   "state": "done" if case["state"] == "closed" else "open",
                   "made_us": case["opened_us"]}  # fmt: skip

    def _findings(self, made: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        seen = {
            "currency": "KZT", "received_minor": 10_000_00, "passed_minor": 9_000_00,
            "quick_minor": 1, "cash_minor": 0, "wallet_minor": 0, "crypto_minor": 0,
            "abroad_minor": 0, "payers": 2, "payees": 1, "first_us": DAY, "last_us": DAY + 1,
            "facts": ["bank:1"],
        }  # fmt: skip
        for one in made[::2]:
            yield {"detector": "payments.passes_through", "subject_kind": "account",
                   "subject": self.account(one, 0), "window_from_us": DAY,
                   "window_to_us": 2 * DAY, "score": self.random.random(), "evidence": seen,
                   "version": "1", "seal": 1, "shadow": self.random.random() < 0.3,
                   "state": self.random.choice(["new", "new", "dismissed", "confirmed"]),
                   "first_us": NOW_US, "updated_us": NOW_US}  # fmt: skip

    def _drops(self) -> Iterator[dict[str, Any]]:
        for number in range(1, self.cases // 20 + 1):
            yield {"id": f"D-26-{number:06d}", "region": self.random.choice(self.regions),
                   "role": self.random.choice(["drop", "drop", "recruiter"]), "status": "seen",
                   "hop": 1, "part": 100_000, "opened_by": "officer0",
                   "opened_us": NOW_US - number * MINUTE,
                   "expires_us": NOW_US + 60 * DAY}  # fmt: skip

    def _appeals(self, orders: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        holds = [order for order in orders if order["kind"] == "hold" and order["effect"]]
        for number, order in enumerate(holds[:: max(1, len(holds) // (self.cases // 100))], 1):
            over = number % 5
            yield {"id": f"A-26-{number:06d}", "order_id": order["id"],
                   "case_id": order["case_id"], "channel": "phone", "words": f"wrd_{number:032x}",
                   "handed_by": "officer0", "idempotency_key": f"a{number}",
                   "received_us": NOW_US - HOUR, "state": "dismissed" if over else "open",
                   "due_us": None if over else NOW_US + HOUR}  # fmt: skip

    def _looks(self, made: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Ten looks a case."""
        for one in made:
            for n in range(10):
                yield {"at_us": one["case"]["opened_us"] + n * HOUR, "object_kind": "case",
                       "actor": f"officer{self.random.randrange(OFFICERS)}", "action": "view",
                       "object": one["case"]["id"], "purpose": "investigation"}  # fmt: skip

    @staticmethod
    def _figures(one: Mapping[str, Any], told: dict[str, dict[str, int]]) -> dict[str, Any]:
        if one["kind"] == "held":
            for parts in told.values():
                parts["held"], parts["traceable"] = parts["traceable"], 0
        return told

    def document(self, one: Mapping[str, Any]) -> dict[str, Any]:
        """Victim → first account → second account and cash: half of it is still there, or none."""
        claim, whole = one["first_report"], one["amount"]
        accounts = [self.account(one, 0), self.account(one, 1)]
        banks, at_us = (one["bank"][1], one["next"][1]), [self.arrived(one, hop) for hop in (0, 1)]
        there = whole // 2 if one["kind"] in ("moving", "held") else 0

        def units(n: int) -> dict[str, dict[str, int]]:
            return {rule: {claim: n} for rule in RULES if n}

        def leg(number: int, hop: int, n: int, ending: str | None) -> dict[str, Any]:
            payee = None if ending else accounts[hop + 1]
            return {
                "id": f"{one['number']}-{number}", "at_us": at_us[1] + number,
                "payer": accounts[hop], "payer_bank": banks[hop], "payee": payee, "amount": n,
                "instrument": "transfer",
                "payee_bank": None if ending else banks[hop + 1], "payee_country": None,
                "exit": ending, "hop": hop + 1, "units": units(n),
                "facts": [f"{banks[hop]}:{number}"],
                "disagreement": None, "arrived_us": at_us[1] + number,
            }  # fmt: skip

        nodes = [
            {"account": accounts[hop], "bank": banks[hop], "hop": hop + 1, "first_us": at_us[hop],
             "received": units(whole), "here": units(there if hop else 0), "kept": {},
             "covered_to_us": at_us[hop] + HOUR}
            for hop in (0, 1)
        ]  # fmt: skip
        parts = {part: 0 for part in PARTS} | {"here": there, "cash": whole - there}
        return {
            "policy": "1", "seal": 1, "as_of_us": NOW_US, "currency": "KZT", "rules": list(RULES),
            "claims": [{
                "claim": claim, "root": f"bank:{one['number']}", "amount": whole, "at_us": at_us[0],
                "payer": f"acc_{one['number']:033d}", "payer_bank": "400", "payee": accounts[0],
                "payee_bank": banks[0],
            }],
            "nodes": nodes,
            "legs": [leg(1, 0, whole, None), *([leg(2, 1, whole - there, "cash")])],
            "frontier": [],
            "parts": {rule: {claim: dict(parts)} for rule in RULES},
            "standings": {},
        }  # fmt: skip


if __name__ == "__main__":
    print(built(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
