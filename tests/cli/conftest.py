"""The command line as a person meets it: a home of one's own, words in, words out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from homes import copied
from qalqan.cli.app import app
from qalqan.cli.home import open_home
from qalqan.register.orm import User
from qalqan.settings import settings
from qalqan.trust.passwords import hash_password

MAPPING = Path(__file__).parents[2] / "docs" / "how-to" / "mappings" / "amlsim.toml"

TRANSFERS = (
    # step, from, to, tenge: a victim, a drop who splits, a round, a bit that comes back
    (0, 1001, 2002, 1000.0),
    (1, 2002, 3003, 600.0),
    (1, 2002, 4004, 300.0),
    (2, 3003, 2002, 200.0),
    (3, 4004, 1001, 50.0),
    (4, 9009, 4004, 70.0),
    (40, 5005, 6006, 10.0),
    (40, 5005, 6006, 10.0),
)


def transfers(path: Path, rows: Any = TRANSFERS) -> Path:
    """A file as AMLSim writes them."""
    steps, payers, payees, amounts = zip(*rows, strict=True)
    pq.write_table(
        pa.table(
            {
                "step": pa.array(steps, pa.int64()),
                "type": ["TRANSFER"] * len(rows),
                "amount": pa.array(amounts, pa.float64()),
                "nameOrig": pa.array(payers, pa.int64()),
                "nameDest": pa.array(payees, pa.int64()),
                "newbalanceOrig": pa.array([0.0] * len(rows), pa.float64()),
            }
        ),
        path,
    )
    return path


@dataclass(frozen=True)
class Said:
    """What a command printed, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one object on stdout."""
        (line,) = self.out.splitlines()
        return json.loads(line)


@dataclass
class Terminal:
    """Runs commands in a home of its own."""

    home: Path
    patch: pytest.MonkeyPatch
    mapping = MAPPING
    password = "correct horse battery"
    """Of everybody that `people` takes in."""
    rows = TRANSFERS
    transfers = staticmethod(transfers)

    def set(self, **values: str) -> None:
        """Environment of the commands to come."""
        for name, value in values.items():
            self.patch.setenv(f"QALQAN_{name}", value)
        settings.cache_clear()

    def __call__(self, *words: str | Path, given: str = "") -> Said:
        settings.cache_clear()
        ended = CliRunner().invoke(app, [str(word) for word in words], input=given)
        if ended.exception is not None and not isinstance(ended.exception, SystemExit):
            raise ended.exception
        return Said(ended.exit_code, ended.stdout, ended.stderr)


@pytest.fixture
def qalqan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    """`qalqan("doctor", "--json")` runs the command; nothing is in its home yet."""
    for name in ("CLOCK", "REGISTER", "LAKE", "ENGINE", "PORT", "HOST"):
        monkeypatch.delenv(f"QALQAN_{name}", raising=False)
    terminal = Terminal(tmp_path / "home", monkeypatch)
    terminal.set(HOME=str(terminal.home), LANGUAGE="en")
    yield terminal
    settings.cache_clear()


@pytest.fixture(scope="session")
def filled_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose lake holds `TRANSFERS`, for commands that only read."""
    folder = tmp_path_factory.mktemp("filled")
    with pytest.MonkeyPatch.context() as patch:
        terminal = Terminal(folder / "home", patch)
        terminal.set(HOME=str(terminal.home), LANGUAGE="en")
        assert terminal("init").code == 0
        path = transfers(folder / "amlsim.parquet")
        taken = terminal("ingest", "payments", path, "--mapping", MAPPING, "--json")
    assert taken.json == {"read": 8, "accepted": 8, "duplicate": 0, "quarantined": 0}
    return terminal.home


@pytest.fixture
def filled(qalqan: Terminal, filled_home: Path) -> Terminal:
    """Commands that read the home with `TRANSFERS`."""
    qalqan.home = filled_home
    qalqan.set(HOME=str(filled_home))
    return qalqan


@pytest.fixture
def own(qalqan: Terminal, filled_home: Path) -> Terminal:
    """A copy of the filled home, to change."""
    copied(filled_home, qalqan.home)
    return qalqan


@pytest.fixture(scope="session")
def password_hash() -> str:
    return hash_password(Terminal.password)


@pytest.fixture
def people(own: Terminal, password_hash: str) -> Terminal:
    """The same, with two supervisors and an operative."""
    roles = {"aigul": "supervisor", "daniyar": "supervisor", "marat": "operative"}
    home = open_home()
    with home.database.write() as session:
        for login, role in roles.items():
            session.add(
                User(login=login, name="n", password_hash=password_hash, role=role, region="KZ")
            )
    home.database.close()
    return own
