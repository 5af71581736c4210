"""The vault by the column, beside a plain loop; the cost of one password.

Prints one JSON object a line. The peer does what a careful programmer would write first: for each
row HMAC, Fernet and INSERT OR IGNORE, in one transaction of Python's sqlite3.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import sqlite3
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pyarrow as pa
from cryptography.fernet import Fernet

from qalqan.register import vault
from qalqan.register.database import Database
from qalqan.trust import passwords
from qalqan.trust.keys import Keys

PEER_ROWS = 50_000
KEYS = Keys.new()


def seconds(work: Callable[[], object]) -> float:
    """One run: a second one would find its values kept."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def ours(folder: Path, accounts: pa.Array) -> float:
    """Rows a second through `keep_many`, one transaction with its commit."""
    with closing(Database(f"sqlite:///{folder / f'{time.time_ns()}.db'}")) as database:
        database.migrate()

        def keep() -> None:
            with database.write() as session:
                vault.keep_many(session, KEYS, "account", accounts)

        return len(accounts) / seconds(keep)


def peer(folder: Path, accounts: list[str]) -> float:
    """Rows a second through the loop."""
    box = Fernet(base64.urlsafe_b64encode(KEYS.box_key("account").of(1)))
    key = KEYS.token_key("account")
    with closing(sqlite3.connect(folder / f"{time.time_ns()}.db")) as sql:
        sql.execute("PRAGMA journal_mode = WAL")
        sql.execute("CREATE TABLE vault (token TEXT PRIMARY KEY, box BLOB)")

        def keep() -> None:
            for account in accounts:
                token = hmac.digest(key, account.encode(), "sha256").hex()
                sealed = box.encrypt(account.encode())
                sql.execute("INSERT OR IGNORE INTO vault VALUES (?, ?)", (token, sealed))
            sql.commit()

        return len(accounts) / seconds(keep)


def show(
    name: str, unit: str, value: float, other: str, peer_value: float, n: int, notes: str
) -> None:
    """One line."""
    row = {
        "name": name,
        "unit": unit,
        "ours": round(value, 1),
        "peer": other,
        "peer_value": round(peer_value, 1),
        "ratio": round(value / peer_value, 2),
        "n": n,
        "notes": notes,
    }
    print(json.dumps(row, ensure_ascii=False), flush=True)


def column(rows: int, distinct: int) -> pa.Array:
    """`rows` account numbers of `distinct` accounts, in no order."""
    return pa.array([f"KZAML:{(n * 7_919) % distinct:08d}" for n in range(rows)])


def main() -> None:
    """Measure."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for rows, distinct in ((1_200_000, 10_000), (1_000_000, 1_000_000)):
            accounts = column(rows, distinct)
            loop = peer(folder, accounts.slice(0, PEER_ROWS).to_pylist())
            notes = f"{distinct} distinct; SQLite, empty vault, committed; peer on {PEER_ROWS} rows"
            name = f"vault, {distinct} distinct accounts"
            show(name, "rows a second", ours(folder, accounts), "loop", loop, rows, notes)
    known = passwords.hash_password("correct horse battery")
    argon = min(
        seconds(lambda: passwords.check_password("correct horse battery", known)) for _ in range(5)
    )
    scrypt = min(
        seconds(lambda: hashlib.scrypt(b"correct", salt=b"s" * 16, n=2**17, r=8, p=1, maxmem=2**28))
        for _ in range(5)
    )
    notes = "argon2id 64 MiB, 3 passes, 4 lanes; peer scrypt n=2^17, r=8, p=1 (128 MiB); best of 5"
    show("one password", "ms", argon * 1e3, "scrypt", scrypt * 1e3, 5, notes)


if __name__ == "__main__":
    main()
