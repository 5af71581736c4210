"""Do orders still stand as their logged history left them? Each step keeps a digest of the row as
it was then, and the step that signed keeps the digests of what was signed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from qalqan.cases import delivery, order_book
from qalqan.cases.orders import Event
from qalqan.errors import ContractBroken
from qalqan.register import orm
from qalqan.register.log_check import Difference, Told
from qalqan.trust.keys import Keys

_PIECE = 1_000


def differences(session: Session, keys: Keys, told: Told = lambda _: None) -> Iterator[Difference]:
    """All that differs, order by order."""
    ids = session.execute(select(orm.Order.id).order_by(orm.Order.id))
    for piece in ids.partitions(_PIECE):
        yield from _of(session, keys, [row.id for row in piece])
        told(len(piece))
    yield from _lost(session)


def _of(session: Session, keys: Keys, piece: Sequence[str]) -> Iterator[Difference]:
    """These orders; where one of them can't be read, it is found by halves."""
    last, signed = aliased(orm.OrderEvent), aliased(orm.OrderEvent)
    asked = (
        select(orm.Order, last.digest, last.id, signed.detail)
        .select_from(orm.Order)
        .outerjoin(last, last.id == _place(None))
        .outerjoin(signed, signed.id == _place(Event.SIGN))
        .where(orm.Order.id.in_(piece))
        .order_by(orm.Order.id)
    )
    try:
        rows = session.execute(asked).all()
    except (ValueError, TypeError, LookupError, OverflowError):
        if len(piece) == 1:
            yield Difference("order.changed", f"order {piece[0]}")
            return
        half = len(piece) // 2
        yield from _of(session, keys, piece[:half])
        yield from _of(session, keys, piece[half:])
        return
    for order, digest, event, detail in rows:
        yield from _one(keys, order, digest, event, detail)
        session.expunge(order)


def _one(
    keys: Keys, order: orm.Order, digest: str | None, event: int | None,
    detail: Mapping[str, Any] | None,
) -> Iterator[Difference]:  # fmt: skip
    name = f"order {order.id}"
    columns = {column.key: getattr(order, column.key) for column in orm.Order.__table__.columns}
    if event is None:
        yield Difference("order.inserted", name)
    elif digest is not None and digest != _as_it_is(columns):
        yield Difference("order.changed", name)
    elif not _is_signed(keys, order, detail):
        yield Difference("order.changed", f"{name}, signed")


def _as_it_is(columns: Mapping[str, Any]) -> str:
    try:
        return order_book.digest_of(columns)
    except (ValueError, TypeError):  # a value of a kind that no order of ours has
        return ""


def count(session: Session) -> int:
    """How many orders there are to look at."""
    return session.scalar(select(func.count()).select_from(orm.Order)) or 0


def _place(event: Event | None) -> Any:
    """The last step of the order, or the last of a kind."""
    step = aliased(orm.OrderEvent)
    asked = select(func.max(step.id)).where(step.order_id == orm.Order.id)
    if event is not None:
        asked = asked.where(step.event == event)
    return asked.correlate(orm.Order).scalar_subquery()


def _is_signed(keys: Keys, order: orm.Order, told: Mapping[str, Any] | None) -> bool:
    """Whether what is kept is what was signed, nothing where no step did; of before the log
    nothing is told."""
    if told is None:
        return order.jws is None and order.recall is None
    if "jws" not in told:
        return True
    for name, bound in (("jws", order.id), ("recall", delivery.beside_of(order.id))):
        boxed = getattr(order, name)
        if (None if boxed is None else _digest(keys, bound, boxed)) != told.get(name):
            return False
    return True


def _digest(keys: Keys, bound: str, boxed: str) -> str:
    try:
        return sha256(delivery.opened(keys, bound, boxed).encode()).hexdigest()
    except (ContractBroken, ValueError):
        return ""


def _lost(session: Session) -> Iterator[Difference]:
    """Orders that have a history and are not there."""
    there = select(orm.Order.id).where(orm.Order.id == orm.OrderEvent.order_id).exists()
    lost = (
        select(orm.OrderEvent.order_id).where(~there).distinct().order_by(orm.OrderEvent.order_id)
    )
    yield from (Difference("order.missing", f"order {each}") for each in session.scalars(lost))
