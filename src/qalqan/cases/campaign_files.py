"""The files of an evidence pack that tell of a campaign of calls (REQ-49).

The calls come from the lake, under tokens; each stands under the hash of its line in the edge's
journal, so that whoever gets the journal from its operator finds every line that was told, and
sees by the chain of hashes that none was changed or made up later.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.resources import files
from typing import Any

import pyarrow as pa
from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan.cases import campaign_book, traceback
from qalqan.cases.campaigns import MANY
from qalqan.cases.evidence_files import csv_of, json_of
from qalqan.clock import HOUR, SECOND
from qalqan.exchange.evidence_pack import Piece
from qalqan.lake.engine import open_engine
from qalqan.register import orm
from qalqan.register.database import Database
from qalqan.settings import settings

MOST_CALLS = 100_000
"""Of one campaign; the pack says how many more there are."""
_CALL = (
    "id", "source", "edge", "at_us", "trunk", "trunk_class", "caller", "presented", "callee",
    "caller_block", "caller_country", "verdict", "rule", "policy",
)  # fmt: skip
_CAMPAIGN = (
    "id", "source", "trunk", "rule", "pattern", "first_us", "last_us", "calls", "opened_us",
)  # fmt: skip
_HOP = ("campaign", "hop", "order", "partner", "asked_us", "due_us", "answered_us", "stand", "peer")
TOKENS = ("caller", "presented", "callee")


@dataclass(frozen=True)
class Calls:
    """A campaign with its calls as the lake has them."""

    campaign: orm.CallCampaign
    rows: pa.Table
    """Columns `_CALL`, by time; the first `MOST_CALLS`."""
    whole: int
    """How many there are."""


def read(database: Database, case_id: str) -> list[Calls]:
    """The campaigns of a case with their calls; empty for every other case."""
    with database.session() as session:
        found = campaign_book.of_case(session, case_id)
        others = {each.id: _beside(session, each) for each in found}
    if not found:
        return []
    engine = open_engine(settings())
    try:
        return [_read(engine, each, others[each.id]) for each in found]
    finally:
        engine.close()


def _beside(session: Session, campaign: orm.CallCampaign) -> list[orm.CallCampaign]:
    """Campaigns of one block over the same trunk, whose calls are not among those of many."""
    table = orm.CallCampaign
    same = select(table).where(
        table.source == campaign.source, table.trunk == campaign.trunk,
        table.rule == campaign.rule, table.is_opened, table.pattern != MANY,
        table.first_us <= campaign.last_us, table.last_us >= campaign.first_us,
    )  # fmt: skip
    return list(session.scalars(same)) if campaign.pattern == MANY else []


def _read(engine: Any, campaign: orm.CallCampaign, beside: Sequence[orm.CallCampaign]) -> Calls:
    calls = engine.table("call", _day(campaign.first_us), _day(campaign.last_us))
    mine = calls.filter(
        calls.source == campaign.source,
        calls.trunk.fill_null("") == campaign.trunk,
        calls.rule == campaign.rule,
        calls.verdict == "refuse",
        calls.at_us.between(campaign.first_us, campaign.last_us),
    )
    if campaign.pattern != MANY:
        mine = mine.filter(mine.caller_block.fill_null("") == campaign.pattern)
    for other in beside:
        theirs = mine.caller_block.fill_null("") == other.pattern
        mine = mine.filter(~(theirs & mine.at_us.between(other.first_us, other.last_us)))
    rows = engine.run(mine.select(*_CALL).order_by("at_us", "id"))
    return Calls(campaign, rows.slice(0, MOST_CALLS), len(rows))


def _day(at_us: int) -> date:
    return datetime.fromtimestamp(at_us // SECOND, UTC).date()


def tokens_of(found: Sequence[Calls]) -> set[str]:
    """Every number in these files, as a token."""
    return {
        token
        for calls in found
        for name in TOKENS
        for token in calls.rows[name].unique().to_pylist()
        if token
    }


def of_case(session: Session, found: Sequence[Calls]) -> Iterator[Piece]:
    """Campaigns, calls, counts, who was asked what, and how to check it."""
    if not found:
        return
    campaigns = [[getattr(each.campaign, name) for name in _CAMPAIGN] for each in found]
    yield Piece("calls/campaigns.csv", "register: call_campaigns", csv_of(_CAMPAIGN, campaigns))
    for each in found:
        rows = (tuple(row[name] for name in _CALL) for row in each.rows.to_pylist())
        name = f"calls/{each.campaign.id}-calls.csv"
        yield Piece(name, "lake: call", csv_of(_CALL, rows))
        yield Piece(f"calls/{each.campaign.id}-counts.json", "lake: call", json_of(_counts(each)))
    yield Piece("calls/traceback.csv", "register: orders", csv_of(_HOP, _hops(session, found)))
    text = (files("qalqan.cases") / "data" / "evidence_calls.txt").read_bytes()
    yield Piece("calls/README.txt", "qalqan", text)


def _counts(calls: Calls) -> Mapping[str, Any]:
    rows = calls.rows.to_pylist()

    def by(name: str) -> Mapping[str, int]:
        return dict(sorted(Counter(str(row[name] or "") for row in rows).items()))

    hours = Counter(row["at_us"] - row["at_us"] % HOUR for row in rows)
    return {
        "calls": calls.whole, "told": len(rows), "edges": by("edge"), "rules": by("rule"),
        "policies": by("policy"), "countries": by("caller_country"), "blocks": by("caller_block"),
        "callers": len({row["caller"] for row in rows}),
        "callees": len({row["callee"] for row in rows}),
        "hours_us": {str(hour): n for hour, n in sorted(hours.items())},
    }  # fmt: skip


def _hops(session: Session, found: Sequence[Calls]) -> Iterator[tuple[object, ...]]:
    for each in found:
        for number, hop in enumerate(traceback.hops(session, each.campaign.id)):
            order = hop.order
            yield (each.campaign.id, number, order.id, order.partner, order.created_us,
                   order.due_us, order.answered_us, hop.stand.value, hop.peer)  # fmt: skip
