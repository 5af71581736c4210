"""How a worker follows money: over the index of payments, and over the lake while the index's
loops are not compiled, or the index is being built (REQ-44).

Compiling takes most of a minute, once on a machine; another process does it, so that nobody's
question waits, and not before the worker has had time for what waited when it began. From then on
a worker loads the loops in a second. Bookkeeping takes in what was sealed since; what takes
minutes, a build from the lake, is done by upkeep.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from qalqan.errors import ContractBroken, Unavailable
from qalqan.lake.engine import Engine, open_engine
from qalqan.register.database import Database
from qalqan.settings import Settings
from qalqan.trail import Trail, follow
from qalqan.trail.around import Around
from qalqan.trail.index.compiled import mark, may_run
from qalqan.trail.kept import KeptTrails, Trails
from qalqan.trail.semantics import Root, TrailPolicy
from qalqan.work.agreement import check

if TYPE_CHECKING:
    from qalqan.work.index import Indexing

log = logging.getLogger("qalqan.work")
T = TypeVar("T")

NEAR = 200_000
"""So many payments that the index lacks are taken in at once; more take a while."""
LOAD_AFTER_S, COMPILE_AFTER_S = 2.0, 240.0
"""So long after its start a worker first loads, or compiles, the loops."""
_REFRESH_S = 2.0
_BUSY_S = 1.0
"""So long bookkeeping waits for another process to have written the index; one that builds it anew
takes minutes."""
_AGAIN_S = 60.0
_WARM = "qalqan.trail.index.warm"
_loading = threading.Lock()


class Loops:
    """The index's compiled loops, for the lanes of one worker."""

    def __init__(
        self, load_after_s: float = LOAD_AFTER_S, compile_after_s: float = COMPILE_AFTER_S
    ) -> None:
        self.ready = False
        """They are loaded; any lane may use them."""
        self._load_s = time.monotonic() + load_after_s
        self._compile_s = time.monotonic() + compile_after_s
        self.compiling: subprocess.Popen[bytes] | None = None
        """The process that compiles them, while it does."""

    def look(self) -> None:
        """Load them once they are compiled; begin to compile them when it is time."""
        now_s = time.monotonic()
        if self.ready or now_s < self._load_s:
            return
        if not may_run():
            log.warning("this process may run no compiled loops: money is followed over the lake")
            self._load_s = float("inf")
            return
        if self.compiling is not None:
            self._ended(self.compiling.poll())
        elif mark().exists():
            self.load()
        elif now_s >= self._compile_s:
            log.info("compiling the index's loops; until then money is followed over the lake")
            command = [sys.executable, "-m", _WARM]
            self.compiling = subprocess.Popen(command, stdin=subprocess.DEVNULL)

    def load(self) -> None:
        """Load them now; whatever is not compiled yet is compiled here."""
        from qalqan.trail.index.warm import warm

        with _loading:
            warm()
        self.ready = True
        log.info("the index's loops are loaded: money is followed over the index")

    def close(self) -> None:
        """End the compiling, if it still goes on."""
        if self.compiling is not None and self.compiling.poll() is None:
            self.compiling.terminate()
            self.compiling.wait()

    def _ended(self, status: int | None) -> None:
        if status == 0:
            self.load()
        elif status is not None:  # a later worker tries again
            log.warning("the index's loops could not be compiled (status %s)", status)
            self.compiling, self._compile_s = None, float("inf")


class Tracing:
    """The trails of one worker; not shared between threads."""

    def __init__(
        self, database: Database, engine: Engine, home: Path, loops: Loops | None = None
    ) -> None:
        self._database = database
        self._engine = engine
        self._home = home
        self._loops = loops
        self._lake = KeptTrails(engine)
        self._indexing: Indexing | None = None
        self._index: Trails | None = None
        self._looked_s = float("-inf")

    def follow(
        self,
        roots: Sequence[Root],
        policy: TrailPolicy,
        as_of_us: int,
        up_to_seal: int,
        home_banks: frozenset[str],
    ) -> Trail:
        """As `lake_walk.follow`.

        Raises:
            ValueError: no roots, or roots of several currencies.
            Unavailable: the lake does not answer.
        """
        question = roots, policy, as_of_us, up_to_seal, home_banks
        return self._of(up_to_seal, lambda trails: trails.follow(*question))

    def around(self, trail: Trail) -> Around:
        """All that is told of the accounts that a trail follows, as known at its seal.

        Raises:
            Unavailable: as above.
        """
        return self._of(trail.seal, lambda trails: trails.around(trail))

    def _of(self, up_to_seal: int, asked: Callable[[Trails], T]) -> T:
        """Ask the index, or the lake while there is none to use."""
        if self._loops is None or not self._loops.ready:
            return asked(self._lake)
        from qalqan.trail.index.runfile import Damaged
        from qalqan.work.index import lag

        indexing, index = self._opened()
        if not _is_near(lag(self._database, indexing.folder, up_to_seal)):
            return asked(self._lake)
        try:
            return asked(index)
        except Unavailable as busy:
            if busy.code != "index.busy":
                raise
        except Damaged as damage:
            log.warning("the index is damaged and will be built anew: %s", damage)
            with suppress(Unavailable):  # whoever writes it now puts another in its place
                indexing.discard()
            self._index = self._indexing = None
        return asked(self._lake)

    def look(self) -> None:
        """When idle: take in what was sealed since, so that the next question finds it there."""
        now_s = time.monotonic()
        if now_s - self._looked_s < _REFRESH_S:
            return
        self._looked_s = now_s
        from qalqan.work.index import lag

        indexing, _ = self._opened()
        if _is_near(lag(self._database, indexing.folder)):
            with suppress(Unavailable):  # who asks the lake next is told why
                indexing.refresh()

    def _opened(self) -> tuple[Indexing, Trails]:
        if self._indexing is None or self._index is None:
            from qalqan.trail.index.trails import IndexedTrails
            from qalqan.work.index import Indexing

            self._indexing = Indexing(self._database, self._engine, self._home, _BUSY_S)
            plain = partial(follow, self._engine)
            self._index = IndexedTrails(self._indexing.folder, self._indexing.refresh, plain)
        return self._indexing, self._index


class Building:
    """What takes minutes: the index built from the lake, by the thread that keeps the lake."""

    def __init__(self, database: Database, settings: Settings, loops: Loops) -> None:
        self._database = database
        self._settings = settings
        self._loops = loops
        self._again_s = float("-inf")

    def look(self) -> None:
        """When idle: compile or load the loops; build the index where none is near the log."""
        self._loops.look()
        now_s = time.monotonic()
        if not self._loops.ready or now_s < self._again_s:
            return
        from qalqan.work.index import folder_of, lag

        if not _is_near(lag(self._database, folder_of(self._settings.home))):
            try:
                self._built()
            except (ContractBroken, Unavailable) as error:
                log.warning("the index was not built: %s", error)
                self._again_s = now_s + _AGAIN_S

    def _built(self) -> None:
        from qalqan.work.index import Indexing

        check(self._database, self._settings.lake_root)
        with closing(open_engine(self._settings)) as engine:
            Indexing(self._database, engine, self._settings.home).refresh()

    def close(self) -> None:
        """End what goes on beside the worker."""
        self._loops.close()


def indexed(
    database: Database,
    home: Path,
    roots: Sequence[Root],
    policy: TrailPolicy,
    as_of_us: int,
    home_banks: frozenset[str],
) -> Trail | None:
    """The trail over a home's index, as `lake_walk.follow`. None if there is no index, it lacks
    what was sealed since, is damaged, or its loops are not compiled: the lake has to be asked.

    Raises:
        ValueError: no roots, or roots of several currencies.
    """
    from qalqan.work.index import folder_of, lag

    folder = folder_of(home)
    if lag(database, folder) != 0 or not mark().exists():
        return None
    from qalqan.trail.index.runfile import Damaged
    from qalqan.trail.index.store import Index
    from qalqan.trail.index.trails import followed
    from qalqan.trail.index.walk import TooMuchMoney

    try:
        index = Index(folder)
        return followed(index, roots, policy, as_of_us, index.seal, home_banks)
    except (Damaged, TooMuchMoney):
        return None


def _is_near(lag: int | None) -> bool:
    return lag is not None and lag <= NEAR
