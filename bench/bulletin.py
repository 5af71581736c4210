"""A yearly bulletin of a whole country, beside its bare queries in the same run.

Prints one JSON object a line. The register is `console_country`'s with 21 640 reports of 2 164
cases, in which the facts of `qalqan simulate --size country` (13 million, simulated) were ingested;
both are made once, in `var/bench`. Ours is what `qalqan bulletin` does: figures, claims, tables,
charts, PDF and DOCX in three languages. The peer is the same queries alone: the register's rows
read, the same SQL over them and over the lake. Cold is a process's first, with what it imports;
warm its second. Then a month's page for the minister, and what the dashboard is counted with.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import console_country
from console_country import HERE
from qalqan.bulletin import dashboard
from qalqan.bulletin.documents.compose import compose
from qalqan.bulletin.documents.write import write
from qalqan.bulletin.figures.book import Asked, open_book
from qalqan.bulletin.figures.definitions import definition
from qalqan.model.period import Period, parse
from qalqan.register.database import Database, open_database
from qalqan.settings import Settings
from qalqan.text.catalogue import LANGUAGES

CASES = 2_164
YEAR, MONTH = parse("2026"), parse("2026-10")
FACTS = ("payment", "call", "subscription")


def home() -> Path:
    """A home with the register and the lake, made once."""
    there = HERE / "bulletin"
    if (there / "told").exists():
        return there
    shutil.rmtree(there, ignore_errors=True)
    country = console_country.built(CASES)
    shutil.copytree(country.home, there)
    facts = HERE / "country-facts"
    if not facts.exists():
        _run("simulate", str(facts), "--size", "country")
    os.environ["QALQAN_HOME"] = str(there)
    for kind in FACTS:
        for path in sorted((facts / "facts" / kind).rglob("*.parquet")):
            _run("ingest", kind, str(path), "--source", path.stem)
    (there / "told").touch()
    return there


def _run(*command: str) -> None:
    print(f"qalqan {' '.join(command[:2])} …", file=sys.stderr)
    subprocess.run([sys.executable, "-m", "qalqan", *command], check=True, stdout=sys.stderr)


def bulletin(database: Database, settings: Settings, kind: str, period: Period) -> list[Asked]:
    """The bulletin in six files; the queries that it asked."""
    with open_book(database, settings) as book:
        body = compose(book, kind, period)
        asked = list(book.asked)
    for language in LANGUAGES:
        for form in ("pdf", "docx"):
            write(body, language, form)
    return asked


def queries(database: Database, settings: Settings, asked: list[Asked]) -> None:
    """The same queries, and nothing else."""
    with open_book(database, settings) as book:
        for code, periods, by in asked:
            if definition(code).kind == "counted":
                book.rows(definition(code), periods, by)


def board(database: Database, settings: Settings) -> None:
    """What the worker counts for the dashboard."""
    with open_book(database, settings) as book:
        dashboard.wanted(book)


def seconds(act: Callable[[], object]) -> float:
    """How long it takes."""
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def tell(name: str, ours: float, peer: float, n: int, notes: str) -> None:
    """One line."""
    print(json.dumps({
        "name": name, "unit": "s", "ours": round(ours, 2), "peer": "the bare queries",
        "peer_value": round(peer, 2), "ratio": round(ours / peer, 2), "n": n, "notes": notes,
    }), flush=True)  # fmt: skip


def measure(database: Database, settings: Settings, kind: str, period: Period) -> None:
    """A bulletin, cold and warm."""
    asked: list[Asked] = []
    cold = seconds(lambda: asked.extend(bulletin(database, settings, kind, period)))
    bare = seconds(lambda: queries(database, settings, asked))
    warm = min(seconds(lambda: bulletin(database, settings, kind, period)) for _ in range(3))
    again = min(seconds(lambda: queries(database, settings, asked)) for _ in range(3))
    said = "PDF and DOCX in three languages; simulated facts; target at most 3 times"
    tell(f"bulletin {kind}, warm", warm, again, len(asked), said)
    tell(f"bulletin {kind}, cold", cold, bare, len(asked), said)


def main() -> None:
    """Measure."""
    there = home()
    console_country.stopped(there)
    settings = Settings(home=there)
    database = open_database(settings)
    for kind, period in (("year", YEAR), ("minister", MONTH)):
        measure(database, settings, kind, period)
    took = seconds(lambda: board(database, settings))
    tell("figures of the dashboard", took, took, 1, "counted by the worker every two minutes")


if __name__ == "__main__":
    main()
