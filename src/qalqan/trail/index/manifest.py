"""Which runs an index is made of, and what position of the log they hold (REQ-39).

The manifest is replaced by an atomic rename, so a reader sees the runs of one moment whatever
happens to the writer; what no manifest names is rubbish and swept by the next writer.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from qalqan.lake.storage import sync
from qalqan.trail.index.runfile import Damaged

FORMAT = 2
NAME = "manifest.json"


@dataclass
class Lines:
    """One currency: its runs and files of statements, oldest first, and its lists of names."""

    runs: list[dict[str, Any]] = field(default_factory=list)
    statements: list[dict[str, Any]] = field(default_factory=list)
    banks: list[str] = field(default_factory=list)
    countries: list[str] = field(default_factory=list)

    @property
    def names(self) -> set[str]:
        """Files that are in use."""
        return {str(line["name"]) for line in (*self.runs, *self.statements)}


@dataclass
class Manifest:
    """The whole index."""

    seal: int = 0
    """Every fact with this seal or a smaller one is in the index."""
    fits: dict[str, Any] = field(default_factory=dict)
    """What tells that it is an index of this lake; whoever refreshes it compares."""
    next: int = 1
    """Number of the next file."""
    currencies: dict[str, Lines] = field(default_factory=dict)


def read(folder: Path) -> Manifest | None:
    """The manifest of this moment; None where there is no index.

    Raises:
        Damaged: it is none of ours.
    """
    try:
        told = json.loads((folder / NAME).read_text("utf-8"))
    except FileNotFoundError:
        return None
    except (ValueError, OSError) as error:
        raise Damaged(f"{NAME} can't be read") from error
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise Damaged(f"{NAME} has another format")
    currencies = {name: Lines(**lines) for name, lines in told["currencies"].items()}
    return Manifest(told["seal"], told["fits"], told["next"], currencies)


def replace(folder: Path, manifest: Manifest) -> None:
    """Put this manifest in the place of the one before, all or nothing."""
    passing = folder / f"{NAME}.part"
    passing.write_text(json.dumps({"format": FORMAT, **asdict(manifest)}), encoding="utf-8")
    sync([passing])
    passing.rename(folder / NAME)
    sync([folder])


def remove(folder: Path) -> None:
    """From now on there is no index; the next writer sweeps its files."""
    (folder / NAME).unlink(missing_ok=True)
    sync([folder])


def stamp(folder: Path) -> tuple[int, int, int] | None:
    """Changes whenever the manifest is replaced; None while there is none."""
    try:
        told = os.stat(folder / NAME)
    except FileNotFoundError:
        return None
    return told.st_ino, told.st_mtime_ns, told.st_size
