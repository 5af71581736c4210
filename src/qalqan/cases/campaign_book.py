"""Campaigns kept: refused calls join theirs as they are sealed, and each campaign has one case
(REQ-45, 49).

Calls are grouped in the transaction that makes them count, so that none is counted twice and none
is missed; whoever seals is alone. The case is opened by a job of its own: a fault there stops no
sealing, and the job is done once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.cases import campaigns, order_book, standing, traceback
from qalqan.cases.campaigns import Call, Group, Limits, Way
from qalqan.cases.policy import PursuitPolicy, current
from qalqan.errors import NotAllowed
from qalqan.register import audit, jobs, numbers, orm
from qalqan.register.rights import COUNTRY

CAMPAIGN = "campaign"
"""Kind of the job that opens a campaign's case; its key is the campaign."""
EVENT = "campaign"
"""How a case's history calls its beginning."""
_COLUMNS = ("source", "trunk", "rule", "caller_block", "at_us", "callee")


def limits(policy: PursuitPolicy) -> Limits:
    """What the policy says of campaigns."""
    return Limits(policy.campaign_calls, policy.campaign_spread, policy.campaign_gap_us)


def notice(session: Session, facts: pa.Table) -> None:
    """Group the refused calls among facts that are sealed now."""
    refused = facts.filter(pc.fill_null(pc.equal(facts["verdict"], "refuse"), False))
    if not len(refused):
        return
    try:
        bounds = limits(current(session, clock.now_us()))
    except NotAllowed:
        return  # nothing is done by machine before two people have agreed to it
    of_way: defaultdict[Way, list[Group]] = defaultdict(list)
    for group in campaigns.spells(_calls(refused), bounds.gap_us):
        of_way[group.way].append(group)
    for way, new in of_way.items():
        _join(session, way, new, bounds)
    first = min(g.first_us for some in of_way.values() for g in some)
    _forget(session, min(first, clock.now_us()), bounds)  # no operator's clock forgets for others


def _calls(facts: pa.Table) -> Iterable[Call]:
    for row in facts.select(_COLUMNS).to_pylist():
        source, trunk, rule, block, at_us, callee = (row[name] for name in _COLUMNS)
        pattern = (block or "")[: campaigns.MOST_PATTERN]
        yield Call(Way(source, trunk or "", rule or ""), pattern, at_us, callee)


def _join(session: Session, way: Way, new: Sequence[Group], bounds: Limits) -> None:
    table = orm.CallCampaign
    first = min(group.first_us for group in new) - bounds.gap_us
    last = max(group.last_us for group in new) + bounds.gap_us
    near = select(table).where(
        table.source == way.source, table.trunk == way.trunk, table.rule == way.rule,
        table.last_us >= first, table.first_us <= last,
    )  # fmt: skip
    rows = {row.id: row for row in session.scalars(near.order_by(table.id))}
    found = campaigns.settle([_group(row) for row in rows.values()], new, bounds)
    for group in found.groups:
        _keep(session, group, rows)
    for group in found.absorbed:
        session.delete(rows[group.row or 0])


def _group(row: orm.CallCampaign) -> Group:
    return Group(
        Way(row.source, row.trunk, row.rule), row.pattern, row.first_us, row.last_us, row.calls,
        row.sample_us, row.sample, row.is_opened, row.id,
    )  # fmt: skip


def _keep(session: Session, group: Group, rows: dict[int, orm.CallCampaign]) -> None:
    if group.row is None:
        row = orm.CallCampaign(**group.way._asdict(), pattern=group.pattern, is_opened=False)
        session.add(row)
    else:
        row = rows[group.row]
    is_new = group.is_opened and not row.is_opened
    for name in ("first_us", "last_us", "calls", "sample_us", "sample", "is_opened"):
        setattr(row, name, getattr(group, name))
    if is_new:
        session.flush()
        jobs.put(session, CAMPAIGN, str(row.id))


def _forget(session: Session, before_us: int, bounds: Limits) -> None:
    """What never became a campaign and can't any more: calls come late by as much as an edge was
    away from the centre, a day at most."""
    table = orm.CallCampaign
    old = table.last_us < before_us - bounds.gap_us - clock.DAY
    session.execute(delete(table).where(~table.is_opened, old))


def open_case(session: Session, campaign: int, simulated: bool = False) -> str | None:
    """Give a campaign its case: a new one, or that of the same pattern which is still worked on;
    whoever handed the calls over is asked where they came from. The case's number; None: no such
    campaign.

    Raises:
        NotAllowed: no policy in force that two people approved.
    """
    row = session.get(orm.CallCampaign, campaign, with_for_update=True)
    if row is None or row.case_id is not None:
        return None if row is None else row.case_id
    now = clock.now_us()
    policy = current(session, now)
    row.opened_us, row.case_id = now, _earlier(session, row, policy)
    if row.case_id is None:
        row.case_id = _new_case(session, row, now, simulated)
        session.flush()
        traceback.begin(session, row, policy, now)
    standing.refresh(session, [row.case_id])
    return row.case_id


def _earlier(session: Session, row: orm.CallCampaign, policy: PursuitPolicy) -> str | None:
    """The open case of a campaign of the same way and pattern that ended not long before."""
    table = orm.CallCampaign
    same = (
        select(table.case_id)
        .join(orm.Case, orm.Case.id == table.case_id)
        .where(
            table.source == row.source, table.trunk == row.trunk, table.rule == row.rule,
            table.pattern == row.pattern, table.id != row.id,
            table.last_us >= row.first_us - policy.campaign_again_us,
            table.first_us <= row.last_us + policy.campaign_again_us,
            orm.Case.state == "open",
        )
        .order_by(table.last_us.desc())
    )  # fmt: skip
    return session.scalars(same.limit(1)).first()


def _new_case(session: Session, row: orm.CallCampaign, now: int, simulated: bool) -> str:
    case = orm.Case(
        id=numbers.next_id(session, "C"), region=COUNTRY, opened_us=now, simulated=simulated
    )
    session.add(case)
    session.flush()
    session.add(orm.CaseEvent(case_id=case.id, at_us=now, by=order_book.MACHINE, event=EVENT))
    audit.note(
        session, order_book.MACHINE, "campaign.open", "case", case.id, campaign=row.id,
        source=row.source, rule=row.rule,
    )  # fmt: skip
    return case.id


def of_case(session: Session, case_id: str) -> list[orm.CallCampaign]:
    """A case's campaigns, the earliest first."""
    table = orm.CallCampaign
    return list(session.scalars(select(table).where(table.case_id == case_id).order_by(table.id)))
