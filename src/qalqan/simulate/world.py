"""The shared ledger of the simulated country: one SQLite file that all its banks turn.

Everything happens inside `turn`: one transaction that loads the `Book`, plays the script up to
a moment, lets the caller act (place a hold, pay back) and writes what changed. Payments that
touch nobody of interest go by themselves when their time comes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

from qalqan.simulate.book import Action, Book, Hold, Parcel
from qalqan.simulate.lines import End, Entry
from qalqan.simulate.moves import settle
from qalqan.simulate.plan_file import read_plan

_ENTRY = """
SELECT p.number, p.at_us, p.amount, p.instrument, p.purpose,
       a.text, a.bank, a.holder, b.text, b.bank, b.holder
FROM payments p JOIN accounts a ON a.number = p.payer JOIN accounts b ON b.number = p.payee
"""


class World:
    """An open world; one connection, to be used by one thread."""

    def __init__(self, path: Path) -> None:
        self._sql = sqlite3.connect(path, isolation_level=None, timeout=30)
        self._sql.execute("PRAGMA synchronous = NORMAL")
        self.plan = read_plan(self._meta("plan"))
        self._banks_known: dict[int, str | None] = {}
        self._bank_number = {
            code: number for number, code in enumerate(self._meta("banks").split())
        }

    @classmethod
    def create(cls, path: Path) -> sqlite3.Connection:
        """An empty world to be filled by `founding`; returns its connection."""
        sql = sqlite3.connect(path, isolation_level=None)
        sql.execute("PRAGMA journal_mode = WAL")
        sql.execute("PRAGMA synchronous = OFF")
        sql.executescript(files("qalqan.simulate").joinpath("world.sql").read_text("utf-8"))
        return sql

    def close(self) -> None:
        self._sql.close()

    def _meta(self, key: str) -> str:
        row = self._sql.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return str(row[0])

    @contextmanager
    def turn(self, now_us: int) -> Iterator[Book]:
        """Play the script up to `now_us`, then let the caller act; all or nothing is kept."""
        self._sql.execute("BEGIN IMMEDIATE")
        try:
            book = self._load()
            settle(book, self._usual(book, now_us), now_us)
            self.enter(book)
            yield book
            self.enter(book)
            save_state(self._sql, book)
        except BaseException:
            self._sql.execute("ROLLBACK")
            raise
        self._sql.execute("COMMIT")

    def _load(self) -> Book:
        sql = self._sql.execute
        watched = sql(
            "SELECT w.account, w.balance, a.bank FROM watched w JOIN accounts a"
            " ON a.number = w.account"
        ).fetchall()
        book = Book(
            self.plan,
            {account: self._bank_number[bank] for account, _, bank in watched},
            {account: balance for account, balance, _ in watched},
            {row[0]: Hold(*row) for row in sql("SELECT * FROM holds")},
            next_action=int(self._meta("next_action")),
            settled_us=int(self._meta("settled_us")),
        )
        book.gone.update({(c, part): units for c, part, units in sql("SELECT * FROM gone")})
        book.given_up.update(dict(sql("SELECT claim, units FROM given_up").fetchall()))
        for account, stage, onward, kept in sql("SELECT * FROM parcels"):
            book.parcels.setdefault(account, {})[stage] = Parcel(onward, kept)
        for row in sql("SELECT due_us, number, stage, out, units FROM actions"):
            book.put(Action(*row))
        return book

    def _usual(self, book: Book, until_us: int) -> list[tuple[int, int, int, int, int]]:
        rows = self._sql.execute(
            "SELECT at_us, number, payer, payee, amount FROM payments"
            " WHERE at_us > ? AND at_us <= ? AND NOT scripted ORDER BY at_us, number",
            (book.settled_us, until_us),
        )
        return [row for row in rows if row[2] in book.balance or row[3] in book.balance]

    def enter(self, book: Book) -> None:
        """Enter this turn's payments into the books that statements are read from."""
        number = int(self._meta("next_payment"))
        for made in book.made:
            self._sql.execute(
                "INSERT INTO payments VALUES (?, ?, ?, ?, ?, ?, ?, 1, 0)",
                (number, made.at_us, made.payer, made.payee, made.amount, made.instrument,
                 made.purpose),
            )  # fmt: skip
            self._sql.executemany(
                "INSERT INTO carried VALUES (?, ?, ?)",
                [(number, claim, units) for claim, units in made.carried.items()],
            )
            number += 1
        self._sql.executemany(
            "UPDATE payments SET declined = 1 WHERE number = ?", [(n,) for n in book.declined]
        )
        self._sql.execute("UPDATE meta SET value = ? WHERE key = 'next_payment'", (number,))
        book.made, book.declined = [], []

    def watch(self, book: Book, account: int) -> None:
        """Begin to follow an account that nobody had reason to look at."""
        if account in book.balance:
            return
        (balance,) = self._sql.execute(
            "SELECT opening"
            " + (SELECT coalesce(sum(amount), 0) FROM payments"
            "    WHERE payee = :a AND at_us <= :t AND NOT declined)"
            " - (SELECT coalesce(sum(amount), 0) FROM payments"
            "    WHERE payer = :a AND at_us <= :t AND NOT declined)"
            " FROM accounts WHERE number = :a",
            {"a": account, "t": book.settled_us},
        ).fetchone()
        (bank,) = self._sql.execute(
            "SELECT bank FROM accounts WHERE number = ?", (account,)
        ).fetchone()
        book.balance[account] = balance
        book.bank_of[account] = self._bank_number[bank]

    def account_number(self, text: str | None, bank: str | None = None) -> int | None:
        """Number of an account by its text, at `bank` if one is named."""
        row = self._sql.execute(
            "SELECT number FROM accounts WHERE text = ? AND (? IS NULL OR bank = ?)",
            (text, bank, bank),
        ).fetchone()
        return int(row[0]) if row else None

    def text_of(self, account: int) -> str | None:
        """The account as its bank writes it."""
        row = self._sql.execute("SELECT text FROM accounts WHERE number = ?", (account,)).fetchone()
        return row[0] if row else None

    def opening(self, account: int) -> int:
        """Balance of an account at the first moment, tiyn."""
        row = self._sql.execute(
            "SELECT opening FROM accounts WHERE number = ?", (account,)
        ).fetchone()
        return int(row[0])

    def entries_of(self, account: int, until_us: int) -> list[Entry]:
        """Everything that happened on an account up to a moment, by number and time."""
        mine = " WHERE p.{} = ? AND p.at_us <= ? AND NOT p.declined"
        sides = "".join((_ENTRY, mine.format("payer"), " UNION ", _ENTRY, mine.format("payee")))
        rows = self._sql.execute(sides, (account, until_us, account, until_us))
        return sorted((_entry(row) for row in rows), key=lambda e: (e.at_us, e.number))

    def entries_between(self, bank: str, first_us: int, last_us: int) -> list[Entry]:
        """Everything that touches an institution, after one moment and up to another."""
        rows = self._sql.execute(
            _ENTRY + " WHERE p.at_us > ? AND p.at_us <= ? AND NOT p.declined"
            " AND ? IN (a.bank, b.bank) ORDER BY p.at_us, p.number",
            (first_us, last_us, bank),
        )
        return [_entry(row) for row in rows]

    def touched_since(self, bank: str, told_us: int) -> int | None:
        """First moment after `told_us` at which the script moved or will move money there."""
        (done,) = self._sql.execute(
            "SELECT min(p.at_us) FROM payments p JOIN accounts a ON a.number = p.payer"
            " JOIN accounts b ON b.number = p.payee WHERE p.at_us > ? AND p.scripted"
            " AND ? IN (a.bank, b.bank)",
            (told_us, bank),
        ).fetchone()
        due = [
            when
            for when, stage, out in self._sql.execute("SELECT due_us, stage, out FROM actions")
            if bank in self._banks_of(stage, out)
        ]
        return min([*due, *([done] if done else [])], default=None)

    def _banks_of(self, stage: int, out: int) -> set[str | None]:
        """Institutions that a step of the script touches."""
        here = self.plan.stages[stage]
        accounts = {here.account}
        if out < 0:
            accounts.add(self.plan.claims[here.claim].payer)
        elif (onto := here.outs[out].stage) is not None:
            accounts.add(self.plan.stages[onto].account)
        return {self._bank_of(account) for account in accounts}

    def _bank_of(self, account: int) -> str | None:
        if account not in self._banks_known:
            row = self._sql.execute(
                "SELECT bank FROM accounts WHERE number = ?", (account,)
            ).fetchone()
            self._banks_known[account] = row[0]
        return self._banks_known[account]

    @property
    def sql(self) -> sqlite3.Connection:
        """The connection, for the desk's own tables (orders, streams)."""
        return self._sql


def _entry(row: tuple[int, int, int, str, str | None, *tuple[str | None, ...]]) -> Entry:
    number, at_us, amount, instrument, purpose, *ends = row
    return Entry(number, at_us, End(*ends[:3]), End(*ends[3:]), amount, instrument, purpose)


def save_state(sql: sqlite3.Connection, book: Book) -> None:
    """Replace the kept state of the book by what it is now."""
    tables: dict[str, list[tuple[object, ...]]] = {
        "watched": list(book.balance.items()),
        "parcels": [
            (account, stage, parcel.onward, parcel.kept)
            for account, here in book.parcels.items()
            for stage, parcel in here.items()
        ],
        "gone": [(claim, part, units) for (claim, part), units in book.gone.items()],
        "given_up": list(book.given_up.items()),
        "actions": [(a.number, a.due_us, a.stage, a.out, a.units) for a in book.actions()],
        "holds": [
            (h.order, h.account, h.amount, h.until_us, h.disputed) for h in book.holds.values()
        ],
    }
    for name, rows in tables.items():
        sql.execute(f"DELETE FROM {name}")
        if rows:
            places = ", ".join("?" * len(rows[0]))
            sql.executemany(f"INSERT INTO {name} VALUES ({places})", rows)
    sql.executemany(
        "INSERT OR REPLACE INTO meta VALUES (?, ?)",
        [
            ("settled_us", book.settled_us),
            ("next_action", book.next_action),
        ],
    )
