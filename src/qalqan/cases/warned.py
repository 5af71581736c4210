"""The list of payers to warn: fetched by their own bank, marked when somebody has warned them
(REQ-90).

A bank sees its own customers alone, a page at a time, by tokens and last four characters; it knows
them by the number that it gave the payment itself, else by time, sum and last four. Each page that
brings anything stands in the audit. What has expired is as good as gone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.errors import Conflict, NotAllowed, NotFound
from qalqan.register import audit, orm, rights
from qalqan.register.database import Database
from qalqan.register.rights import Person, Right
from qalqan.trust.tokens import last_four

A_PAGE = 50
"""A bank has few customers who pay drops at any moment; the list is never given as a whole."""


@dataclass(frozen=True)
class Page:
    """Some of a bank's customers to be warned, and the cursor of the next ones."""

    warnings: tuple[dict[str, Any], ...]
    next: str


def fetch(database: Database, partner: str, after: str = "") -> Page:
    """Customers of this bank or e-wallet to be warned, after the cursor.

    Raises:
        NotAllowed: a partner that keeps no accounts.
    """
    now, table = clock.now_us(), orm.PayerToWarn
    place = int(after) if after.isdecimal() and len(after) < 19 else 0
    with database.write() as session:
        bank = session.get_one(orm.Partner, partner).bank_code
        if bank is None:
            raise NotAllowed("warnings", "a bank or e-wallet", "a_bank_or_an_e_wallet")
        mine = select(table).where(
            table.payer_bank == bank,
            table.id > place,
            table.expires_us > now,
            table.warned_us.is_(None),
        )
        rows = list(session.scalars(mine.order_by(table.id).limit(A_PAGE)))
        if rows:
            new = [row.id for row in rows if row.fetched_us is None]
            session.execute(update(table).where(table.id.in_(new)).values(fetched_us=now))
            audit.note(
                session, f"partner:{partner}", "warnings.fetch", "partner", partner,
                ids=[row.id for row in rows],
            )  # fmt: skip
        shown = tuple(_shown(row, partner) for row in rows)
    return Page(shown, str(max((row["id"] for row in shown), default=place)))


def _shown(row: orm.PayerToWarn, partner: str) -> dict[str, Any]:
    source, _, name = row.fact.partition(":")
    return {
        "id": row.id,
        "payment": name if source == partner else None,
        "payer": row.payer_account,
        "payer_last": last_four(row.payer_account),
        "payee_last": last_four(row.account),
        "amount": row.amount,
        "currency": row.currency,
        "at_us": row.at_us,
        "expires_us": row.expires_us,
    }


def to_warn(session: Session, now_us: int, most: int) -> Sequence[orm.PayerToWarn]:
    """Who is on the list: not warned yet first, the newest payment first."""
    table = orm.PayerToWarn
    living = select(table).where(table.expires_us > now_us)
    order = (table.warned_us.is_not(None), table.at_us.desc(), table.id.desc())
    return list(session.scalars(living.order_by(*order).limit(most)))


def waiting(session: Session) -> int:
    """How many payers nobody has warned yet."""
    table = orm.PayerToWarn
    living = (table.expires_us > clock.now_us(), table.warned_us.is_(None))
    return session.scalar(select(func.count()).select_from(table).where(*living)) or 0


def look(database: Database, person: Person, most: int) -> Sequence[orm.PayerToWarn]:
    """The list as an officer sees it; that he looked stands in the audit.

    Raises:
        NotAllowed: a role that may not.
    """
    rights.check(person, Right.WARN)
    with database.write() as session:
        found = to_warn(session, clock.now_us(), most)
        if found:
            audit.note(
                session, person.login, "warnings.look", "list", "payers_to_warn", n=len(found)
            )
        return found


def mark(
    database: Database, warning: int, actor: str, bank: str | None = None, by: str = ""
) -> None:
    """Somebody has warned the payer: an officer, or his own bank (`bank`: the partner's code, `by`:
    its clerk).
    The same actor saying it again changes nothing.

    Raises:
        NotFound: no such warning (of this bank), or it has expired.
        Conflict: somebody else has warned him.
    """
    now = clock.now_us()
    with database.write() as session:
        row = session.get(orm.PayerToWarn, warning, with_for_update=True)
        if row is None or row.expires_us <= now or not _is_of(session, row, bank):
            raise NotFound("warning", str(warning))
        if row.warned_by == actor:
            return
        if row.warned_by is not None:
            raise Conflict("warning", str(warning), "warned", "warn")
        row.warned_us, row.warned_by = now, actor
        told = {"case": row.case_id} | ({"by": by} if by else {})
        audit.note(session, actor, "payer.warned", "warning", str(warning), **told)


def _is_of(session: Session, row: orm.PayerToWarn, bank: str | None) -> bool:
    return bank is None or session.get_one(orm.Partner, bank).bank_code == row.payer_bank
