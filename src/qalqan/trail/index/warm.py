"""All compiled loops run once over a handful of facts, so that nobody's question waits for them.

The first time on a machine they are compiled, and kept beside the code; later they are loaded.
"""

from __future__ import annotations

import contextlib
import gc
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from qalqan.trail.index import statements
from qalqan.trail.index.columns import ROWS
from qalqan.trail.index.compiled import mark
from qalqan.trail.index.reach import origins, reach
from qalqan.trail.index.store import Index
from qalqan.trail.index.trails import followed
from qalqan.trail.index.writing import Writer, writing
from qalqan.trail.policy import default
from qalqan.trail.semantics import Root, Sought

_TEXTS = ("source", "id", "side", "payer_account", "payee_account", "payer_bank", "payee_bank",
          "instrument", "uetr", "end_to_end_id", "payee_country", "currency")  # fmt: skip
_EFFORT = "NUMBA_OPT"
_UETR = "9b1f6a4e-0000-4000-8000-000000000001"
_FACTS = (
    ("w", "1", "both", "a", "b", "X", "X", "transfer", _UETR, None, "KZ", "KZT", 10),
    ("w", "2", "both", "b", "c", "X", "X", "transfer", None, None, None, "KZT", 20),
    ("w", "3", "payer", "c", "d", "X", "Y", "transfer", None, "e", None, "KZT", 30),
    ("v", "4", "payee", "c", "d", "X", "Y", "transfer", None, "e", None, "KZT", 30),
    ("w", "5", "both", "d", None, "Y", None, "cash_out", None, None, None, "KZT", 40),
)
_STATEMENT = ("1", "w", 1, "b", "X", 0, 50, 0, 5, "KZT")
_ROOT = Root("w:1", "R", "a", "b", "X", 5, "KZT", 10, _UETR)
_NUMBERS = ("seal", "from_us", "to_us", "opening", "closing")


def warm() -> None:
    """Compile or load everything that trails over the index are made with."""
    with _compiled_soon():
        _asked_once()


@contextlib.contextmanager
def _compiled_soon() -> Iterator[None]:
    """Compile in less time what runs as fast.

    The compiler makes millions of objects that all stay: looking for garbage among them again and
    again is a tenth of its time. Another tenth it gives to optimising what these loops, which wait
    for memory, don't gain by; it reads how much it should do before each function.
    """
    told, was_on = os.environ.get(_EFFORT), gc.isenabled()
    os.environ.setdefault(_EFFORT, "1")
    gc.disable()
    try:
        yield
    finally:
        if told is None:
            os.environ.pop(_EFFORT, None)
        if was_on:
            gc.enable()


def _asked_once() -> None:
    with tempfile.TemporaryDirectory(prefix="qalqan-warm-") as name:
        folder = Path(name)
        _write(folder)
        index = Index(folder)
        followed(index, [_ROOT], default(), 100, 1, frozenset({"X"}))
        view = index.view("KZT", 0, 100, 1)
        reach(view, [_ROOT], default(), frozenset({"X"}))
        origins(view, [Sought("d", 50, 5)], default(), frozenset({"X"}))


def _write(folder: Path) -> None:
    told = dict(zip(_TEXTS, zip(*_FACTS, strict=True), strict=False))  # the last are times
    numbers = {
        "seal": [1] * len(_FACTS),
        "at_us": [fact[-1] for fact in _FACTS],
        "amount": [5] * len(_FACTS),
    }
    rows = {
        name: pa.array(told[name], pa.string()) if name in told else pa.array(numbers[name])
        for name in ROWS
    }
    statement = {
        name: pa.array([value], pa.int64() if name in _NUMBERS else pa.string())
        for name, value in zip(statements.COLUMNS, _STATEMENT, strict=True)
    }
    writer = Writer(folder)
    with writing(folder):
        writer.begin()
        writer.take(pa.table(rows))
        writer.take_statements(pa.table(statement))
        writer.publish(1, {})


def compile_all() -> None:
    """Compile what is not compiled yet, and leave a mark that says so."""
    warm()
    with contextlib.suppress(OSError):  # a folder that we may not write to keeps nothing
        mark().touch()


if __name__ == "__main__":
    os.nice(15)  # nobody waits for it
    compile_all()
