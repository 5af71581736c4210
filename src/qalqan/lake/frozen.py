"""Which data files hold the facts of some days and seals, as the lake is now: read by whoever asks
an engine, and by those who follow the log without one."""

from __future__ import annotations

from datetime import date

from qalqan.lake.storage import storage
from qalqan.lake.table import at_newest, newest_mark


def table_address(lake_root: str, kind: str) -> str:
    """Where the Delta table of one kind lies: an address, percent-escaped if it is a path."""
    return storage(lake_root).address(kind)


def frozen_files(
    lake_root: str,
    kind: str,
    first_day: date | None = None,
    last_day: date | None = None,
    after_seal: int = 0,
) -> list[str]:
    """Data files of the table's newest version that may hold these days and seals; none if there
    is no table yet, as readers of files want them named."""
    address = table_address(lake_root, kind)
    table = at_newest(address)
    if table is None:
        return []
    bounds = [f"day >= '{first_day}'"] if first_day else []
    bounds += [f"day <= '{last_day}'"] if last_day else []
    bounds += [f"seal > {after_seal}"] if after_seal else []
    uris = table.file_uris(file_pruning_predicate=" AND ".join(bounds) or None)
    return sorted(storage(lake_root).readable(uri) for uri in uris)


def has_after(lake_root: str, kind: str, after_seal: int) -> bool:
    """Whether the table may hold facts sealed later: its log's mark tells without a look at the
    files; a table without one is looked through."""
    mark = newest_mark(table_address(lake_root, kind))
    return mark > after_seal if mark else bool(frozen_files(lake_root, kind, after_seal=after_seal))
