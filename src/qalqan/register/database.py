"""The register's database: reads see one snapshot, a write is one transaction.

What was acknowledged survives a crash: SQLite runs in WAL mode with `synchronous = FULL`,
PostgreSQL as its administrator set it (`synchronous_commit` on by default).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from threading import Lock, get_ident
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import DBAPIError, TimeoutError
from sqlalchemy.orm import Session, sessionmaker

from qalqan.errors import ContractBroken, Unavailable
from qalqan.register import dialect
from qalqan.settings import Settings

if TYPE_CHECKING:
    from qalqan.register.migrations import Moved


class Database:
    """One register; share one object a process and between threads."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = dialect.make_engine(url)
        self._read = sessionmaker(dialect.reading(self.engine), expire_on_commit=False)
        self._write = sessionmaker(dialect.writing(self.engine), expire_on_commit=False)
        self._turn = Lock() if dialect.is_sqlite(self.engine) else None
        self._writers: set[int] = set()

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Read: one snapshot; an attempt to write fails. Raises `Unavailable`."""
        with _translated(), self._read() as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Write: commits at the end, rolls back on any error. Raises `Unavailable` after 30 s
        of waiting or on a deadlock, `ContractBroken` inside another write of this thread,
        which would wait for itself."""
        thread = get_ident()
        if thread in self._writers:
            raise ContractBroken("a write inside a write")
        self._writers.add(thread)
        try:
            with self._in_turn(), _translated(), self._write.begin() as session:
                session.connection()  # begin at once, not at the first statement
                yield session
        finally:
            self._writers.discard(thread)

    def migrate(self) -> None:
        """Bring the tables to the newest shape; safe to run from several processes at once."""
        from qalqan.register.migrations import upgrade  # Alembic is slow to import

        with self.write() as session:
            connection = session.connection()
            dialect.lock_migrations(connection)
            upgrade(connection)

    def move(self, to: str, destroy: bool = False) -> Moved:
        """Bring the tables to another revision; `migrations.move` says what it raises. If
        anything is raised, nothing has changed."""
        from qalqan.register.migrations import move

        with self.write() as session:
            connection = session.connection()
            dialect.lock_migrations(connection)
            return move(connection, to, destroy)

    def is_locked(self, seconds: float) -> bool:
        """Whether somebody has kept all others from writing for so long and done nothing, which a
        busy register's own writers don't: each of them commits soon."""
        return dialect.is_locked(self.engine, seconds)

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    def _in_turn(self) -> Any:
        """Threads queue here for SQLite's one writer: its own waiting is by polling."""
        return nullcontext() if self._turn is None else _held(self._turn)


@contextmanager
def _held(lock: Lock) -> Iterator[None]:
    if not lock.acquire(timeout=dialect.WAIT_S):
        raise Unavailable("the register is busy", "register.lost")
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise Unavailable("the register has no connection free", "register.lost") from error
    except DBAPIError as error:
        if dialect.full(error):
            raise Unavailable("no room on the register's disk", "os.full") from error
        if code := dialect.unfit(error):
            raise ContractBroken(f"the register: {code}", f"register.{code}") from error
        if dialect.lost(error):
            raise Unavailable("the register does not answer", "register.lost") from error
        raise


def open_database(settings: Settings) -> Database:
    """The register that the settings name; `migrate()` it before first use."""
    return Database(settings.register_url)
