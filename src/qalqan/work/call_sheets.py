"""Rules and tables of calls as files for border controllers, with a manifest (REQ-45)."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from qalqan import clock
from qalqan.screening.call_export import SHEETS, Sheet
from qalqan.screening.calls.screen import Tables

MANIFEST = "manifest.json"


def export(tables: Tables, folder: Path) -> dict[str, Any]:
    """Write all sheets, each in its old one's place, and last the manifest that it returns: a
    reader who finds another hash than the manifest's came in between, and reads again.

    Raises:
        ValueError: the tables were made by another version. OSError: no room, no right.
    """
    bodies = {name: _body(sheet, tables) for name, sheet in SHEETS.items()}
    about, now_s = tables.about, clock.now_us() // clock.SECOND
    manifest = {
        "format": 1,
        "tables": about["version"],
        "policy": about["policy"],
        "oldest_place_s": about["oldest_s"],
        "made_at": datetime.fromtimestamp(now_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "files": {
            name: {"rows": body.count(b"\n") - 1, "sha256": hashlib.sha256(body).hexdigest()}
            for name, body in bodies.items()
        },
    }
    folder.mkdir(parents=True, exist_ok=True)
    told = json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"
    for name, body in (*bodies.items(), (MANIFEST, told.encode())):
        draft = folder / f".{name}"
        draft.touch(0o640)  # they hold numbers in clear
        draft.write_bytes(body)
        draft.replace(folder / name)
    return manifest


def _body(sheet: Sheet, tables: Tables) -> bytes:
    out = io.StringIO()
    lines = csv.writer(out, lineterminator="\n")
    lines.writerow(sheet.columns)
    lines.writerows(sheet.rows(tables))
    return out.getvalue().encode()
