"""A real centre for the programs that documents show: its web server behind a socket, its worker's
jobs done when the test says so."""

from __future__ import annotations

import importlib
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest
import uvicorn
from fastapi import FastAPI

from persons import Officer
from qalqan.cases import order_book, trails
from qalqan.cases.approvals import decide
from qalqan.cases.policy import install_default_policy
from qalqan.clock import SharedClock
from qalqan.model.order import Order
from qalqan.register import jobs, orm, partners
from qalqan.register.database import Database, open_database
from qalqan.settings import Settings
from qalqan.trust.keys import Keys
from qalqan.web.app import make_app
from qalqan.work.bookkeeping import Books
from qalqan.work.delivery import Post

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial"
OFFICERS = {"aigul": "supervisor", "daniyar": "supervisor", "marina": "prosecutor"}


@dataclass
class Centre:
    """The centre, as a test and its partners see it."""

    address: str
    database: Database
    keys: Keys
    settings: Settings
    books: Books
    post: Post
    clock: SharedClock

    def partner(self, code: str, kind: str, bank_code: str | None = None) -> str:
        """Take a partner in; its token."""
        names = {"kk": code, "ru": code, "en": code}
        with self.database.write() as session:
            return partners.add_partner(session, code, kind, names, bank_code=bank_code)

    def work(self) -> None:
        """Do all jobs that are due, and those that wait a moment for more of their kind."""
        handlers = {**self.books.handlers, **self.post.handlers}
        for _ in range(2):
            self.clock.set(self.clock.now_us() + trails.PAUSE_US)
            while (job := jobs.lease(self.database, "test")) is not None:
                handlers[job.kind](job)

    def orders(self, kind: str) -> list[Order]:
        with self.database.session() as session:
            return order_book.find(session, orm.Order.kind == kind)

    def everybody_agrees(self) -> None:
        """Two supervisors and the prosecutor say yes to every return."""
        for order in self.orders("return"):
            for login, role in OFFICERS.items():
                decide(self.database, order.id, Officer(login, role), True)
        self.work()


@pytest.fixture
def centre(
    stopped_clock: SharedClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Centre]:
    """A centre with its officers and a policy, and no partner yet."""
    monkeypatch.setenv("QALQAN_HOME", str(tmp_path))
    settings = Settings(home=tmp_path)
    keys = Keys.create(settings.keys_file)
    with closing(open_database(settings)) as database:
        database.migrate()
        with database.write() as session:
            for login, role in OFFICERS.items():
                session.add(
                    orm.User(login=login, name="nam_x", password_hash="x", role=role, region="KZ")
                )
            install_default_policy(session, ["aigul", "daniyar"])
        with (
            served(make_app(settings)) as address,
            closing(Books(database, settings)) as books,
            closing(Post(database, keys)) as post,
        ):
            yield Centre(address, database, keys, settings, books, post, stopped_clock)


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The app behind a real socket; who calls before it is ready waits in the socket's queue."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", loop="asyncio"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [door]})
        thread.start()
        yield f"http://127.0.0.1:{door.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    """Loads a program of the tutorial by its name, as if run in its folder."""
    monkeypatch.syspath_prepend(str(TUTORIAL))

    def load(name: str) -> ModuleType:
        module = importlib.import_module(name)
        monkeypatch.delitem(sys.modules, name)
        return module

    return load
