"""How a worker follows money: over the index of payments, and over the lake until the index's
loops are compiled (REQ-44).

Compiling takes most of a minute, once on a machine; another process does it, so that nobody's
question waits. From then on a worker loads the loops in a second.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from qalqan.lake.engine import Engine
from qalqan.register.database import Database
from qalqan.trail import Trail, follow
from qalqan.trail.index.compiled import mark
from qalqan.trail.kept import KeptTrails, Trails
from qalqan.trail.semantics import Root, TrailPolicy

_WARM = "qalqan.trail.index.warm"


class Tracing:
    """The trails of one worker; not shared between threads."""

    def __init__(self, database: Database, engine: Engine, home: Path) -> None:
        self._database = database
        self._engine = engine
        self._home = home
        self._lake = KeptTrails(engine)
        self._index: Trails | None = None
        self._compiling: subprocess.Popen[bytes] | None = None

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
            Unavailable: the lake does not answer, or another process writes the index for minutes.
        """
        if self._index is None and self.is_compiled():
            self._index = self._indexed()
        return (self._index or self._lake).follow(roots, policy, as_of_us, up_to_seal, home_banks)

    def is_compiled(self) -> bool:
        """Whether the loops are; the first time one asks in vain, they begin to be."""
        if self._compiling is not None:
            return self._compiling.poll() == 0
        if mark().exists():
            return True
        command = ["nice", sys.executable, "-m", _WARM]
        self._compiling = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        return False

    def close(self) -> None:
        """End the compiling, if it still goes on."""
        if self._compiling is not None and self._compiling.poll() is None:
            self._compiling.terminate()
            self._compiling.wait()

    def _indexed(self) -> Trails:
        from qalqan.trail.index.trails import IndexedTrails
        from qalqan.work.index import Indexing

        indexing = Indexing(self._database, self._engine, self._home)
        plain = partial(follow, self._engine)
        return IndexedTrails(indexing.folder, indexing.refresh, indexing.rebuild, plain)
