"""Files made to harm, in their real sizes: a line of a gigabyte, nine million rows and then damage,
ten million duplicates, two million wrong rows, pages and sheets that unpack to gigabytes.

    .venv/bin/python soak/hostile.py [--share 1.0]

Each file is made on the fly, handed in by a process of its own, and removed. Memory must stay
below a gigabyte, the answer must say what happened, and what is sound must be taken. `--share`
makes all sizes smaller. Prints one JSON object a file; ends with status 1 at a violation.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import func, select

AT = 1_767_225_600_000_000  # 2026-01-01
HEADER = "id,at_us,remote_access,outcome\n"
MOST_MB = 1024
SESSIONS = """
COPY (SELECT 's-' || {id} AS id, {at} + {id} AS at_us, 'false' AS remote_access,
  '{outcome}' AS outcome FROM range({rows}) AS made(k)) TO '{path}' (FORMAT parquet)
"""


@dataclass(frozen=True)
class Expected:
    """What must come of a file: the code it is refused with, or the counts of its receipt."""

    refused: str | None = None
    """After `file.`."""
    accepted: int | None = None
    quarantined: int | None = None
    rows_in_register: int = 2_000


ONE_BAD = Expected(None, 5, 1)
BAD = Expected(None, 0, rows_in_register=10_000)


def hand_in(home: Path, path: Path) -> dict[str, Any]:
    """What a process of its own says of one file."""
    command = [sys.executable, __file__, "--child", str(path), "--home", str(home)]
    run = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def child(home: Path, path: Path) -> None:
    """Hand one file in and print what became of it."""
    from qalqan.errors import InputRejected
    from qalqan.lake.files import take_file
    from qalqan.lake.hand_in import Centre
    from qalqan.register.database import Database
    from qalqan.register.orm import Base
    from qalqan.trust.keys import Keys

    secrets = home / "keys.json"
    keys = Keys.load(secrets) if secrets.exists() else Keys.create(secrets)
    with closing(Database(f"sqlite:///{home / 'register.db'}")) as database:
        database.migrate()
        centre = Centre(database, keys, str(home / "lake"))
        start = time.perf_counter()
        try:
            taken = take_file(centre, "session", path, source="a")
            found = {name: getattr(taken, name) for name in COUNTS}
        except InputRejected as error:
            found = {"refused": error.expected, **error.params}
        found["seconds"] = round(time.perf_counter() - start, 1)
        with database.session() as session:
            counts = (
                session.scalar(select(func.count()).select_from(one)) or 0
                for one in Base.metadata.sorted_tables
            )
            found["rows_in_register"] = sum(counts)
    status = Path("/proc/self/status").read_text().splitlines()
    (peak,) = (one for one in status if one.startswith("VmHWM"))
    print(json.dumps({**found, "peak_mb": int(peak.split()[1]) // 1024}))


COUNTS = ("read", "accepted", "duplicate", "quarantined")


def sessions(path: Path, rows: int, number: str = "k", outcome: str = "failed") -> None:
    """A Parquet file of sessions that nobody had."""
    terms = {"id": number, "at": AT, "rows": rows, "path": path, "outcome": outcome}
    duckdb.execute(SESSIONS.format(**terms))


def long_line(path: Path, size: int) -> None:
    """Five good records, the third of them behind one that never seems to end."""
    is_csv = path.suffix == ".csv"
    good = [
        f"s-{n},{AT},false,failed\n" if is_csv else json.dumps(
            {"id": f"s-{n}", "at_us": AT, "remote_access": False, "outcome": "failed"}) + "\n"
        for n in range(5)
    ]  # fmt: skip
    with path.open("w") as file:
        file.writelines([HEADER, *good[:2]] if is_csv else good[:2])
        file.write("" if is_csv else '{"id": "')
        for _ in range(size >> 20):
            file.write("x" * (1 << 20))
        file.write("\n")
        file.writelines(good[2:])


def torn(path: Path, rows: int) -> None:
    """Sound up to its last row group, whose pages are noughts."""
    sessions(path, rows)
    about = pq.read_metadata(path)
    column = about.row_group(about.num_row_groups - 1).column(0)
    start = column.dictionary_page_offset or column.data_page_offset
    with path.open("r+b") as file:
        file.seek(start)
        file.write(bytes(column.total_compressed_size))


def page_bomb(path: Path, size: int) -> None:
    """One value that unpacks to much more than the file."""
    table = pa.table({"id": ["0" * size], "at_us": [AT], "outcome": ["failed"]})
    pq.write_table(table.append_column("remote_access", pa.array(["false"])), path,
                   compression="zstd", write_statistics=False)  # fmt: skip


def sheet_bomb(path: Path, size: int) -> None:
    """A workbook whose one sheet unpacks to gigabytes of blanks."""
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed,
        packed.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet,
    ):
        sheet.write(b"<worksheet><sheetData>")
        for _ in range(size >> 20):
            sheet.write(b" " * (1 << 20))


def check(name: str, form: str, found: dict[str, Any], expected: Expected) -> bool:
    """Print what was found; whether it is as it must be."""
    must: dict[str, object] = {"accepted": expected.accepted, "quarantined": expected.quarantined}
    must["refused"] = expected.refused and f"file.{expected.refused}"
    wrong = [key for key, value in must.items() if value is not None and found.get(key) != value]
    wrong += ["memory"] if found["peak_mb"] > MOST_MB else []
    wrong += ["register"] if found["rows_in_register"] > expected.rows_in_register else []
    print(json.dumps({"file": f"{name} ({form})", **found, "violations": wrong}), flush=True)
    return not wrong


def campaign(share: float) -> bool:
    """All files in turn."""
    gigabyte, rows = int(share * (1 << 30)), int(share * 9_000_000)
    refused = {code: Expected(code) for code in ("unpacks", "unpacks_sheet", "parquet_part")}
    made: list[tuple[str, str, Callable[[Path], None], Expected]] = [
        ("a line of a gigabyte", "csv", lambda p: long_line(p, gigabyte), ONE_BAD),
        ("a line of a gigabyte", "jsonl", lambda p: long_line(p, gigabyte), ONE_BAD),
        ("a page that unpacks", "parquet", lambda p: page_bomb(p, 200 << 20), refused["unpacks"]),
        (
            "a sheet that unpacks",
            "xlsx",
            lambda p: sheet_bomb(p, max(4 * gigabyte, 300 << 20)),
            refused["unpacks_sheet"],
        ),
        (
            "one fact again and again",
            "parquet",
            lambda p: sessions(p, rows, "0"),
            Expected(None, 1),
        ),
        ("wrong from end to end", "parquet", lambda p: sessions(p, rows // 4, outcome="?"), BAD),
        ("damaged at its end", "parquet", lambda p: torn(p, rows), refused["parquet_part"]),
    ]
    sound = True
    for name, form, make, expected in made:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"hostile.{form}"
            make(path)
            found = hand_in(Path(folder), path)
            sound &= check(name, form, found, expected)
            if expected.refused == "parquet_part":
                sound &= mended(Path(folder), rows, found)
    return sound


def mended(home: Path, rows: int, torn_: dict[str, Any]) -> bool:
    """The sound file handed in after the damaged one: what was taken is known, the rest comes."""
    path = home / "mended.parquet"
    sessions(path, rows)
    before = torn_["row"] - 1
    found = hand_in(home, path)
    whole = found["duplicate"] == before and found["accepted"] == rows - before
    return check("the same, mended", "parquet", found, Expected(None, rows - before)) and whole


def main() -> None:
    """Ends with status 1 at a violation."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--share", type=float, default=1.0)
    asked.add_argument("--child", type=Path)
    asked.add_argument("--home", type=Path)
    given = asked.parse_args()
    if given.child:
        child(given.home, given.child)
    elif not campaign(given.share):
        sys.exit(1)


if __name__ == "__main__":
    main()
