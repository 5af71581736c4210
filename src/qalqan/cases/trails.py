"""Trails kept: the newest document of each case and currency, and which accounts it reached.

Older ones need no keeping: the lake tells what was known at any seal, and the walk repeats it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.cases import entities
from qalqan.clock import SECOND
from qalqan.register import jobs, orm
from qalqan.trail import Document
from qalqan.trail.semantics import Root

Figures = dict[str, dict[str, int]]
"""Rule → part → minor units."""
PURSUE = "pursue"
"""Kind of the job that follows a case's money; its key is the case."""
PAUSE_US = SECOND
"""Answers and facts rarely come alone: a pursuit waits this long for what comes with them."""


def newest(session: Session, case_id: str) -> list[Document]:
    """The case's trail documents, one a currency, by currency."""
    return newest_of(session, [case_id]).get(case_id, [])


def newest_of(session: Session, case_ids: Iterable[str]) -> dict[str, list[Document]]:
    """Case → its trail documents, one a currency, by currency."""
    rows = session.execute(
        select(orm.Trail.case_id, orm.Trail.body).where(orm.Trail.case_id.in_(list(case_ids)))
    )
    found: dict[str, list[Document]] = {}
    for case_id, body in rows:
        found.setdefault(case_id, []).append(body)
    for documents in found.values():
        documents.sort(key=lambda document: str(document["currency"]))
    return found


def figures_of(session: Session, case_ids: Iterable[str]) -> dict[str, dict[str, Figures | None]]:
    """Case → currency → the figures kept beside its trail; None where none were kept."""
    currency = orm.Trail.body["currency"].as_string()
    rows = session.execute(
        select(orm.Trail.case_id, currency, orm.Trail.figures).where(
            orm.Trail.case_id.in_(list(case_ids))
        )
    )
    found: dict[str, dict[str, Figures | None]] = {}
    for case_id, of, figures in rows:
        found.setdefault(case_id, {})[of] = figures
    return found


def keep(
    session: Session,
    case_id: str,
    documents: Iterable[Document],
    now_us: int,
    figures: Mapping[str, Figures] | None = None,
) -> None:
    """Replace the case's documents and note the accounts that its money has reached; `figures`
    (currency → rule → part → minor units) are kept beside them."""
    documents = list(documents)
    session.execute(delete(orm.Trail).where(orm.Trail.case_id == case_id))
    for document in documents:
        session.add(
            orm.Trail(
                case_id=case_id,
                seal=document["seal"],
                policy=document["policy"],
                computed_us=now_us,
                body=document,
                figures=(figures or {}).get(document["currency"]),
            )
        )
    reach(session, case_id, [node for document in documents for node in document["nodes"]])


def reach(session: Session, case_id: str, nodes: Iterable[Mapping[str, Any]]) -> None:
    """Note accounts (`account`, `bank`, `first_us`, `here`) as reached by a case's money."""
    table, of_case = orm.CaseAccount, orm.CaseAccount.case_id == case_id
    rows = session.execute(select(table.account, table.here).where(of_case))
    known = {account: here for account, here in rows}
    found = list(nodes)
    entities.reached(session, case_id, (node for node in found if node["account"] not in known))
    for node in found:
        account, here = node["account"], bool(node["here"])
        if account not in known:
            first_us, bank = node["first_us"] or 0, node["bank"]
            session.add(
                table(case_id=case_id, account=account, bank=bank, first_us=first_us, here=here)
            )
        elif known[account] != here:
            this = table.account == account
            session.execute(update(table).where(of_case, this).values(here=here))
        known[account] = here
    session.flush()


def joined(session: Session, case_ids: Iterable[str]) -> set[str]:
    """These cases and all that share a reached account with them, however many steps away:
    whoever shares a pool must be seen at once."""
    found: set[str] = set(case_ids)
    fresh = set(found)
    while fresh:
        fresh = touched(session, accounts_of(session, fresh)) - found
        found |= fresh
    return found


def draft_alone(session: Session, case_ids: Iterable[str]) -> None:
    """Whoever else drafts orders in any of these cases waits until this transaction ends: two who
    share out the same money at once would share it out twice."""
    wanted = select(orm.Case.id).where(orm.Case.id.in_(list(case_ids))).order_by(orm.Case.id)
    session.execute(wanted.with_for_update())


def accounts_of(session: Session, case_ids: Iterable[str]) -> set[str]:
    """Accounts that the money of these cases has reached."""
    of = orm.CaseAccount.case_id.in_(list(case_ids))
    return set(session.scalars(select(orm.CaseAccount.account).where(of)))


def touched(session: Session, accounts: Collection[str | None]) -> set[str]:
    """Cases whose money has reached any of these accounts."""
    wanted = sorted({account for account in accounts if account})
    found: set[str] = set()
    for start in range(0, len(wanted), 1000):
        piece = wanted[start : start + 1000]
        rows = session.scalars(
            select(orm.CaseAccount.case_id).where(orm.CaseAccount.account.in_(piece)).distinct()
        )
        found |= set(rows)
    return found


def there(session: Session, banks: Collection[str | None]) -> set[str]:
    """Cases of whose money some is at these banks, as far as is known."""
    at = orm.CaseAccount.bank.in_([bank for bank in banks if bank])
    return set(session.scalars(select(orm.CaseAccount.case_id).where(at, orm.CaseAccount.here)))


def followed(session: Session, accounts: Collection[str | None]) -> set[str]:
    """Those of these accounts that the money of any case has reached."""
    wanted = sorted({account for account in accounts if account})
    found: set[str] = set()
    for start in range(0, len(wanted), 1000):
        piece = wanted[start : start + 1000]
        rows = select(orm.CaseAccount.account).where(orm.CaseAccount.account.in_(piece))
        found |= set(session.scalars(rows))
    return found


def pursue_later(session: Session, case_ids: Iterable[str], pause_us: int = PAUSE_US) -> None:
    """Queue the job that follows these cases' money, after a moment in which more may come."""
    for case_id in sorted(set(case_ids)):
        jobs.put(session, PURSUE, case_id, clock.now_us() + pause_us)


def roots_of(session: Session, case_ids: Iterable[str]) -> dict[str, list[Root]]:
    """Case → its confirmed payments as the trail wants them; the claim is the report."""
    rows = session.scalars(
        select(orm.Root).where(orm.Root.case_id.in_(list(case_ids))).order_by(orm.Root.id)
    )
    found: dict[str, list[Root]] = {}
    for row in rows:
        found.setdefault(row.case_id, []).append(
            Root(
                id=row.id,
                claim=row.report_id,
                payer=row.payer_account,
                payee=row.payee_account,
                payee_bank=row.payee_bank,
                amount=row.amount,
                currency=row.currency,
                at_us=row.at_us,
                uetr=row.uetr,
                payer_bank=row.payer_bank,
            )
        )
    return found
