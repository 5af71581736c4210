"""Calls from listed devices: what the registry of devices says of them (REQ-47).

A black device raises a finding at its first call; one whose grey term ran out, at its first call
since; a white one that calls from another region than its licence names, if that was told. What
list a device is on stands in the register and not among facts, so this is no detector of tables
alone: it is asked beside them (`finders`). The same table lets a licensed gateway be: a finding
about a device that is white is none about a stranger.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
from ibis import _
from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan.cases.devices import BLACK, GREY, WHITE
from qalqan.clock import DAY
from qalqan.lake.engine import Engine
from qalqan.model.finding import Finding
from qalqan.register import orm

CODE = "calls.listed_device"
GREY_OVER, ELSEWHERE = "grey_over", "white_elsewhere"
SCORES = {BLACK: 1.0, GREY_OVER: 0.5, ELSEWHERE: 0.3}
"""Judgement: they rank findings beside others."""
MOST_NAMED = 40
_FOREVER_US = 2**62

LISTS = pa.schema(
    [
        ("device", pa.string()), ("list", pa.string()), ("from_us", pa.int64()),
        ("until_us", pa.int64()), ("region", pa.string()),
    ]
)  # fmt: skip
"""Columns of `listed`: the token of an IMEI and what it has been since when; half open."""


def listed(session: Session) -> pa.Table:
    """Devices on the white, grey and black list, and those whose grey term ran out: the table that
    detectors may join on the IMEI of a call."""
    rows = session.scalars(select(orm.Device))
    told = [span for row in rows for span in _spans(row)]
    return pa.Table.from_pylist(told, LISTS)


def _spans(row: orm.Device) -> Iterable[dict[str, object]]:
    until = _FOREVER_US if row.until_us is None else row.until_us
    one = {"device": row.device, "region": row.region}
    if row.list in (WHITE, GREY, BLACK):
        yield {**one, "list": row.list, "from_us": row.since_us, "until_us": until}
    over = row.grey_over_us or (row.until_us if row.list == GREY else None)
    if over is not None:
        yield {**one, "list": GREY_OVER, "from_us": over, "until_us": _FOREVER_US}


@dataclass(frozen=True)
class Listed:
    """Asks the lake for calls of listed devices, as `Finder` does."""

    lists: pa.Table
    code: str = CODE
    kinds: tuple[str, ...] = ("call",)

    @cached_property
    def version(self) -> str:
        """Of this code; the lists are data."""
        return hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:16]

    def found(self, engine: Engine, seal: int) -> tuple[list[Finding], int | None]:
        """A finding a device, reason and UTC day; none fades: what was seen under a list stays."""
        if not self.lists.num_rows:
            return [], None
        calls = engine.table("call", up_to_seal=seal)
        rows = engine.run(asked(calls, engine.memtable(self.lists))).to_pylist()
        return [_finding(row, self.version, seal) for row in rows], None

    def spares(self, finding: Finding) -> bool:
        """Whether a finding is about a device that was on the white list in its window."""
        if finding.subject_kind != "device" or finding.detector == CODE:
            return False
        return any(
            since < finding.window_to_us and finding.window_from_us < until
            for since, until in self._white.get(finding.subject, ())
        )

    @cached_property
    def _white(self) -> dict[str, list[tuple[int, int]]]:
        spans: dict[str, list[tuple[int, int]]] = {}
        for row in self.lists.to_pylist():
            if row["list"] == WHITE:
                spans.setdefault(row["device"], []).append((row["from_us"], row["until_us"]))
        return spans


def asked(calls: ibis.Table, lists: ibis.Table) -> ibis.Table:
    """Calls of devices whose list, or place, does not fit, by device, reason and day."""
    seen = calls.filter(_.imei.notnull(), _.caller.notnull()).select(
        "imei", "caller", "at_us", "day", place=_.region, fact=_.source + ":" + _.id
    )
    both = seen.inner_join(lists, seen.imei == lists.device)
    inside = both.filter(_.at_us >= _.from_us, _.at_us < _.until_us)
    away = (_.list == WHITE) & _.region.notnull() & _.place.notnull() & (_.region != _.place)
    why = inside.mutate(why=ibis.cases((away, ELSEWHERE), else_=inside.list))
    scored = why.mutate(
        score=ibis.cases(*((why.why == name, score) for name, score in SCORES.items()), else_=0.0)
    ).filter(_.score > 0)
    return scored.group_by("device", "day").agg(
        why=_.why.argmax(_.score), calls=_.fact.nunique(),
        numbers=_.caller.nunique(), first_us=_.at_us.min(), last_us=_.at_us.max(),
        listed_us=_.from_us.argmax(_.score),
        phones=_.caller.collect(distinct=True).sort()[:MOST_NAMED],
    )  # fmt: skip


def _finding(row: Mapping[str, Any], version: str, seal: int) -> Finding:
    first = row["first_us"] // DAY * DAY
    evidence = {name: row[name] for name in ("calls", "numbers", "first_us", "last_us", "phones")}
    evidence["reasons"] = [{"reason": row["why"], "listed_us": row["listed_us"]}]
    return Finding(
        detector=CODE, subject_kind="device", subject=row["device"], window_from_us=first,
        window_to_us=first + DAY, score=SCORES[row["why"]], evidence=evidence, version=version,
        seal=seal,
    )  # fmt: skip
