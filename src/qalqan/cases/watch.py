"""The watch: facts that name a followed account move its cases on, and whoever pays a drop now is
listed for a warning (REQ-44, 90).

Each seal is looked through once, by sets of accounts: only cases whose accounts it names are
pursued. A payer is listed where a hold of others' stolen money is ordered or officers confirmed a
finding, unless he has reported, is followed himself, or was listed for this payment before: a
payment that two banks tell is one. To be listed says nothing of the payee's guilt, and less of the
payer's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.cases import campaign_book, trails
from qalqan.cases.policy import PursuitPolicy, current
from qalqan.errors import NotAllowed
from qalqan.model.order import Kind, State
from qalqan.register import orm
from qalqan.trail.policy import default
from qalqan.trail.semantics import Transfer

BY = frozenset({"transfer", "wallet"})
"""Instruments by which victims pay drops; wages, benefits, refunds and card takings are not."""
_NO_HOLD = frozenset({State.DRAFTED, State.REFUSED, State.WITHDRAWN})
_PIECE = 500


class Paid(NamedTuple):
    """One payment into an account, as it is known."""

    account: str
    payer_account: str
    payer_bank: str
    amount: int
    currency: str
    at_us: int
    fact: str


def notice(session: Session, kind: str, facts: pa.Table) -> None:
    """Look through facts in the transaction that makes them count: pursue the cases whose
    accounts they name, list the payers of watched accounts, group refused calls."""
    if kind == "payment":
        told = [facts[name] for name in ("payer_account", "payee_account")]
        accounts = {account for column in told for account in pc.unique(column).to_pylist()}
        named = trails.followed(session, accounts)
        _pursue(session, trails.touched(session, named))
        _list_new(session, facts, named)
    elif kind == "statement":
        _pursue(session, trails.touched(session, set(facts["account"].to_pylist())))
        feeds = facts.filter(pc.is_null(facts["account"]))
        _pursue(session, trails.there(session, pc.unique(feeds["bank"]).to_pylist()))
    elif kind == "call":
        campaign_book.notice(session, facts)


def _pursue(session: Session, case_ids: Collection[str]) -> None:
    """Queue the open ones among these cases."""
    for piece in _pieces(case_ids):
        still = select(orm.Case.id).where(orm.Case.id.in_(piece), orm.Case.state == "open")
        trails.pursue_later(session, session.scalars(still))


def _list_new(session: Session, facts: pa.Table, named: Collection[str]) -> None:
    if not named:
        return
    now = clock.now_us()
    try:
        policy = current(session, now)
    except NotAllowed:
        return  # nothing is done by machine before two people have agreed to it
    wanted = pc.is_in(facts["instrument"], pa.array(sorted(BY)))
    wanted = pc.and_(wanted, pc.greater_equal(facts["at_us"], now - policy.watch_payment_us))
    fresh = facts.filter(pc.fill_null(wanted, False))
    accounts = {each for each in pc.unique(fresh["payee_account"]).to_pylist() if each in named}
    watched = _watched(session, accounts, policy, now)
    if watched:
        here = pc.is_in(fresh["payee_account"], pa.array(sorted(watched)))
        listed(session, _paid(fresh.filter(here)), watched, policy, now)


def _paid(facts: pa.Table) -> Iterator[Paid]:
    names = (
        "payee_account", "payer_account", "payer_bank", "amount", "currency", "at_us",
        "source", "id",
    )  # fmt: skip
    for row in facts.select(names).to_pylist():
        if row["payer_account"] is not None:
            *told, source, id = (row[name] for name in names)
            yield Paid._make((*told, f"{source}:{id}"))


def into(accounts: Collection[str], transfers: Iterable[Transfer], since_us: int) -> list[Paid]:
    """Payments into followed accounts since then; for accounts that were not yet watched when the
    payments were told."""
    return [
        Paid(x.payee, x.payer, x.payer_bank or "", x.amount, x.currency, x.at_us, x.facts[0])
        for x in transfers
        if x.payee is not None and x.payee in accounts and x.payer is not None
        if x.at_us >= since_us and x.instrument in BY and x.facts
    ]


def list_earlier(session: Session, paid: Collection[Paid], policy: PursuitPolicy, now: int) -> int:
    """List the payers of payments that were known before their account was watched."""
    fresh = [one for one in paid if one.at_us >= now - policy.watch_payment_us]
    watched = _watched(session, {one.account for one in fresh}, policy, now)
    return listed(session, (one for one in fresh if one.account in watched), watched, policy, now)


def _watched(
    session: Session, accounts: Collection[str], policy: PursuitPolicy, now: int
) -> dict[str, tuple[str, str]]:
    """Account → (case, why), of those where a hold is ordered or a finding confirmed."""
    cases: dict[str, str] = {}
    table = orm.CaseAccount
    for piece in _pieces(accounts):
        followed = (
            select(table.account, table.case_id)
            .join(orm.Case, orm.Case.id == table.case_id)
            .where(
                table.account.in_(piece),
                table.first_us >= now - policy.watch_account_us,
                orm.Case.state == "open",
            )
            .order_by(table.case_id.desc())
        )
        cases |= {account: case for account, case in session.execute(followed)}
    held, found = _held(session, cases), _found(session, cases)
    return {
        account: (case, "held" if account in held else "found")
        for account, case in cases.items()
        if account in held | found
    }


def _held(session: Session, accounts: Collection[str]) -> set[str]:
    """Where a hold has been ordered, whatever the bank then found there."""
    rows: set[str] = set()
    for piece in _pieces(accounts):
        ordered = select(orm.Order.account).where(
            orm.Order.account.in_(piece),
            orm.Order.kind == Kind.HOLD,
            orm.Order.state.not_in(_NO_HOLD),
        )
        rows |= {account for account in session.scalars(ordered) if account}
    return rows


def _found(session: Session, accounts: Collection[str]) -> set[str]:
    """Of which officers confirmed a finding."""
    rows: set[str] = set()
    for piece in _pieces(accounts):
        rows |= set(
            session.scalars(
                select(orm.FindingRow.subject).where(
                    orm.FindingRow.subject_kind == "account",
                    orm.FindingRow.subject.in_(piece),
                    orm.FindingRow.state == "confirmed",
                )
            )
        )
    return rows


def listed(
    session: Session,
    paid: Iterable[Paid],
    watched: Mapping[str, tuple[str, str]],
    policy: PursuitPolicy,
    now: int,
) -> int:
    """List these payments' payers, each payment once; returns how many are new."""
    asked = sorted(set(paid), key=lambda one: (one.at_us, one.fact))
    payers = {one.payer_account for one in asked}
    known = _reporters(session, payers) | trails.followed(session, payers)
    before = _listed_before(session, {one.account for one in asked})
    count = 0
    for one in asked:
        if one.payer_account in known or _is_told(one, before):
            continue
        before.setdefault((one.account, one.payer_account, one.amount), []).append(one.at_us)
        case, why = watched[one.account]
        expires = now + policy.warning_us
        session.add(
            orm.PayerToWarn(
                case_id=case, why=why, listed_us=now, expires_us=expires, **one._asdict()
            )
        )
        count += 1
    session.flush()
    return count


def forget(session: Session, now: int) -> None:
    """Take what has expired off the list: such flags are short-lived (DESIGN section 7, 5)."""
    session.execute(delete(orm.PayerToWarn).where(orm.PayerToWarn.expires_us <= now))


def _reporters(session: Session, payers: Collection[str]) -> set[str]:
    """Payers who have reported already, whatever payment."""
    found: set[str] = set()
    for piece in _pieces(payers):
        told = select(orm.Report.payer_account).where(orm.Report.payer_account.in_(piece))
        found |= set(session.scalars(told))
    return found


_Before = dict[tuple[str, str, int], list[int]]
"""(account, payer, sum) → when."""


def _listed_before(session: Session, accounts: Collection[str]) -> _Before:
    table, found = orm.PayerToWarn, _Before()
    for piece in _pieces(accounts):
        columns = select(table.account, table.payer_account, table.amount, table.at_us)
        for account, payer, amount, at_us in session.execute(
            columns.where(table.account.in_(piece))
        ):
            found.setdefault((account, payer, amount), []).append(at_us)
    return found


def _is_told(one: Paid, before: _Before) -> bool:
    """Whether it is a payment that was listed, told by the other bank or again."""
    window = default().match_window_us
    moments = before.get((one.account, one.payer_account, one.amount), ())
    return any(abs(at_us - one.at_us) <= window for at_us in moments)


def _pieces(names: Collection[str]) -> Iterator[list[str]]:
    ordered = sorted(names)
    return (ordered[start : start + _PIECE] for start in range(0, len(ordered), _PIECE))
