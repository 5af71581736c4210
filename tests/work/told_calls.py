"""Tables of a small country, told of by two operators: `dala` has the code 701, `tau` 702."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qalqan.screening.calls.screen import Tables
from qalqan.work import call_places, call_tables

LISTS = """
[operators]
dala = "Dala"
tau = "Tau"
[[ranges]]
first = "+77010000000"
last = "+77019999999"
operator = "dala"
[[ranges]]
first = "+77020000000"
last = "+77029999999"
operator = "tau"
[[trunks]]
name = "abroad"
class = "international"
addresses = ["127.0.0.1"]
[files]
ported = "ported.csv"
abroad = "abroad.csv"
"""
OURS, OTHERS, PORTED = 77_011_111_111, 77_022_222_222, 77_023_333_333


def write_lists(folder: Path, more: str = "") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "calls.toml").write_text(LISTS + more)
    (folder / "ported.csv").write_text(f"number,operator\n+{PORTED},dala\n")
    (folder / "abroad.csv").write_text("number\n")
    return folder


def made(database: Any, keys: Any, folder: Path) -> Path:
    """The file of tables of those lists, in the same folder."""
    out = folder / "calls.tables"
    call_tables.make(database, keys, write_lists(folder / "lists"), out)
    return out


def away(path: Path) -> list[int]:
    return sorted(call_places.abroad(Tables(path)).tolist())
