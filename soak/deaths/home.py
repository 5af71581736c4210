"""The centre that is killed, and what its books say."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from sqlalchemy import select

from qalqan import clock
from qalqan.cases.policy import install_default_policy
from qalqan.lake import sealing
from qalqan.lake.engine import DuckEngine
from qalqan.register import partners
from qalqan.register.database import Database
from qalqan.register.orm import Batch, Seal
from qalqan.settings import Settings
from qalqan.trust.keys import Keys

AT = 1_767_225_600_000_000  # 2026-01-01


def payments(prefix: str, first: int, rows: int) -> pa.Table:
    """Numbered payments over three days."""
    numbers = range(first, first + rows)
    return pa.table(
        {
            "id": [f"{prefix}{n}" for n in numbers],
            "at_us": [AT + n % 3 * clock.DAY for n in numbers],
            "side": ["payer"] * rows,
            "payer_account": [f"AAA:{n % 97}" for n in numbers],
            "payee_account": [f"BBB:{n % 89}" for n in numbers],
            "amount": [100 + n for n in numbers],
            "currency": ["KZT"] * rows,
            "instrument": ["transfer"] * rows,
        }
    )


@dataclass(frozen=True)
class Home:
    """Where the campaign's centre lies; every child opens its own."""

    folder: Path

    @property
    def backup(self) -> Path:
        return self.folder.parent / "backup"

    @property
    def settings(self) -> Settings:
        return Settings(home=self.folder)

    def database(self) -> Database:
        return Database(self.settings.register_url)

    def keys(self) -> Keys:
        return Keys.load(self.settings.keys_file)


def prepare(home: Home, port: int) -> None:
    """A new centre with a bank that is pushed to and a hotline."""
    Keys.create(home.settings.keys_file)
    with closing(home.database()) as database:
        database.migrate()
        with database.write() as session:
            names = {"kk": "x", "ru": "x", "en": "x"}
            partners.add_partner(session, "altyn", "bank", names, bank_code="211",
                               endpoint=f"http://127.0.0.1:{port}", delivery="push")  # fmt: skip
            partners.add_partner(session, "hotline", "channel", names)
            install_default_policy(session, ["a", "b"])


def faults_of(home: Home) -> int:
    """In how many ways a home's books are wrong, once what was on its way is sealed."""
    with closing(home.database()) as database:
        sealing.seal(database, home.settings.lake_root)
        with database.session() as session:
            accepted = sum(session.scalars(select(Batch.accepted)))
            seals = session.scalars(select(Seal.seal).order_by(Seal.seal)).all()
    ids = ids_of(home)
    gaps = list(seals) != list(range(1, len(seals) + 1))
    return abs(accepted - len(ids)) + len(ids) - len(set(ids)) + gaps


def ids_of(home: Home) -> list[str]:
    """Of every payment in the lake."""
    engine = DuckEngine(home.settings.lake_root)
    found: list[str] = engine.run(engine.table("payment").select("id"))["id"].to_pylist()
    engine.close()
    return found
