"""Devices as officers see them: the lists with their counts, one device with its history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.cases import devices
from qalqan.cases.devices import LISTS, UNLISTED
from qalqan.errors import NotFound
from qalqan.register import orm
from qalqan.register.orm import Device, DeviceStep

A_PAGE = 50


@dataclass(frozen=True)
class Listed:
    """A page of devices, and how many are on each list now."""

    rows: tuple[tuple[Device, str, bool], ...]
    """The device, the list in force, whether a move waits."""
    counts: Mapping[str, int]
    waiting: int
    total: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(1, -(-self.total // A_PAGE))


@dataclass(frozen=True)
class View:
    """One device: its list in force, all its moves, the one that waits, findings about it."""

    row: Device
    list: str
    steps: Sequence[DeviceStep]
    pending: DeviceStep | None
    findings: Sequence[orm.FindingRow]


def listed(session: Session, of: str = "", holder: str = "", page: int = 1) -> Listed:
    """A page of devices: `of` one list, `waiting` or all; the newest first."""
    now = clock.now_us()
    waits = select(DeviceStep.device).where(DeviceStep.pending)
    where: list[ColumnElement[bool]] = [Device.holder == holder] if holder else []
    where += [Device.device.in_(waits)] if of == "waiting" else []
    where += [_on(of, now)] if of in LISTS else []
    total = session.scalar(select(func.count()).select_from(Device).where(*where)) or 0
    found = session.scalars(
        select(Device).where(*where).order_by(Device.since_us.desc(), Device.device)
        .limit(A_PAGE).offset((page - 1) * A_PAGE)
    ).all()  # fmt: skip
    those = set(session.scalars(waits.where(DeviceStep.device.in_([row.device for row in found]))))
    rows = tuple((row, devices.in_force(row, now), row.device in those) for row in found)
    return Listed(rows, _counts(session, now), _waiting(session), total, page)


def one(session: Session, device: str) -> View:
    """All that is known of a device. Raises NotFound."""
    row = session.get(Device, device)
    if row is None:
        raise NotFound("device", device)
    found = select(orm.FindingRow).where(
        orm.FindingRow.subject == device, orm.FindingRow.state != "dismissed"
    )
    return View(
        row, devices.in_force(row, clock.now_us()), devices.history(session, device),
        devices.pending(session, device),
        session.scalars(found.order_by(orm.FindingRow.window_to_us.desc()).limit(20)).all(),
    )  # fmt: skip


def _on(of: str, now: int) -> ColumnElement[bool]:
    """The condition on devices that are on a list at this moment; who lapsed is on none."""
    lapsed = Device.until_us <= now
    living = or_(Device.until_us.is_(None), Device.until_us > now)
    return (
        or_(Device.list == UNLISTED, lapsed) if of == UNLISTED else and_(Device.list == of, living)
    )


def _counts(session: Session, now: int) -> Mapping[str, int]:
    asked = [func.count().filter(_on(of, now)) for of in LISTS]
    return dict(zip(LISTS, session.execute(select(*asked).select_from(Device)).one(), strict=True))


def _waiting(session: Session) -> int:
    return session.scalar(select(func.count()).where(DeviceStep.pending)) or 0
