"""Identifiers as pages show them: what is personal by its last four, the rest as it is."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan.cases import seen
from qalqan.cases.entities import SEALED
from qalqan.cases.seen import Entity
from qalqan.register import orm
from qalqan.trust.tokens import last_four
from qalqan.web.console.reader import Reader

ICONS = {
    "account": "account", "phone": "phone", "card": "account", "person": "person",
    "domain": "link", "url": "link", "handle": "at", "ip": "abroad", "imei": "device",
    "wallet": "account", "device": "device", "trunk": "link", "dealer": "person",
    "provider": "bank",
}  # fmt: skip


@dataclass(frozen=True)
class EntityView:
    """One identifier."""

    entity: Entity
    mark: str
    icon: str
    shown: str
    """What may be seen of it by everybody who sees the case."""
    bank: str
    drop: str | None
    """Number in the register of drops, of a label that stands."""

    @property
    def is_sealed(self) -> bool:
        """Whether its value is opened by purpose alone."""
        return self.entity.kind in SEALED


def views(session: Session, reader: Reader, case_id: str) -> tuple[EntityView, ...]:
    """All identifiers of a case, those in most other cases first."""
    found = seen.of_case(session, case_id)
    banks = _banks(session, case_id)
    drops = drops_of(session, [entity.subject for entity in found if entity.kind in SEALED])
    return tuple(
        EntityView(
            entity=entity,
            mark=seen.mark_of(entity.subject),
            icon=ICONS[entity.kind],
            shown=shown(entity.kind, entity.subject),
            bank=reader.bank(banks[entity.subject]) if banks.get(entity.subject) else "",
            drop=drops.get(entity.subject),
        )
        for entity in found
    )


def shown(kind: str, subject: str) -> str:
    """A subject as it stands on a page: "…4471", a device by its ends, a link as it is."""
    if kind in SEALED:
        last = last_four(subject)
        return f"…{last}" if last else ""
    if kind == "imei":
        return f"{subject[:2]} ···· {subject[-6:-2]} {subject[-2:]}"
    return subject


def drops_of(session: Session, subjects: list[str]) -> dict[str, str]:
    """Subject → the drop it belongs to, where a label stands."""
    standing = orm.Drop.expired_us.is_(None)
    accounts = (
        select(orm.DropAccount.account, orm.Drop.id)
        .join(orm.Drop, orm.Drop.id == orm.DropAccount.drop_id)
        .where(orm.DropAccount.account.in_(subjects), standing)
    )
    people = select(orm.Drop.person, orm.Drop.id).where(orm.Drop.person.in_(subjects), standing)
    return {
        subject: drop
        for query in (accounts, people)
        for subject, drop in session.execute(query)
        if subject is not None
    }


def _banks(session: Session, case_id: str) -> dict[str, str]:
    reached = select(orm.CaseAccount.account, orm.CaseAccount.bank)
    paid = select(orm.Report.payer_account, orm.Report.payer_bank)
    found = {
        account: bank
        for account, bank in session.execute(paid.where(orm.Report.case_id == case_id))
    }
    rows = session.execute(reached.where(orm.CaseAccount.case_id == case_id))
    return found | {account: bank for account, bank in rows}
