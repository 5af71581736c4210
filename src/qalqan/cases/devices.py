"""The registry of devices: which GSM gateways are on the white, grey and black list (REQ-47, 50).

White: an operator's own, with its licence or customs reference. Grey: seen, and to be accounted for
within the term of the law (`sim_law`), after which it leaves the list by itself. Black: no lawful
device. What puts a device on the black list or takes it off stops somebody's work, so it takes two
people; an operator may propose black and is then the first of them. A device is known by the token
of its IMEI; its history is only added to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.cases import codes, sim_law
from qalqan.clock import DAY
from qalqan.errors import Conflict, InputRejected, NotAllowed
from qalqan.model.identifiers import imei as imeis
from qalqan.register import audit, hands, orm, rights, vault
from qalqan.register.rights import Person, Right
from qalqan.text.mask import mask
from qalqan.trust.keys import Keys

WHITE, GREY, BLACK, UNLISTED = "white", "grey", "black", "unlisted"
LISTS = (WHITE, GREY, BLACK, UNLISTED)
LONGEST_REFERENCE, LONGEST_NOTE = 100, 400
MACHINE, PARTNER = "machine", "partner:"


@dataclass(frozen=True)
class Move:
    """To which list a device goes, and on what ground."""

    list: str
    holder: str | None = None
    """Code of the operator that answers for it; a white one has to have one."""
    reference: str = ""
    region: str | None = None
    until_us: int | None = None
    """When the licence ends; the grey term is the law's."""
    note: str = ""


def put(session: Session, keys: Keys, officer: Person, imei: str, move: Move) -> orm.Device:
    """Move a device, or say that a second person has to agree. What stands already stays as it is.

    Raises:
        NotAllowed: a role that may not. InputRejected: no IMEI, list, holder, region or reference.
        Conflict: another move of it waits.
    """
    rights.check(officer, Right.CASEWORK)
    checked = _checked(session, move)
    return _put(session, vault.keep(session, keys, "device", _text(imei)), officer.login, checked)


def move(session: Session, officer: Person, device: str, told: Move) -> orm.Device:
    """The same for a device that is known. Raises as `put`."""
    rights.check(officer, Right.CASEWORK)
    return _put(session, device, officer.login, _checked(session, told))


def tell(session: Session, keys: Keys, partner: str, imei: str, move: Move) -> orm.Device:
    """The same by an operator, for devices that it answers for; a person of the centre has to agree
    when it takes one off the grey list.

    Raises:
        InputRejected: also `device.others`: another operator answers for it, or it is on the black
            list, which people of the centre alone take it off; `device.operator_list`;
            `device.grey_over`: its grey term ran out.
    """
    if move.list == UNLISTED:
        raise InputRejected("list", move.list, "device.operator_list")
    checked = _checked(session, Move(**{**vars(move), "holder": partner}))
    token = vault.keep(session, keys, "device", _text(imei))
    row = session.get(orm.Device, token, with_for_update=True)
    if row is not None:
        held = row.holder not in (None, partner)
        if held or (row.list == BLACK and checked.list != BLACK):
            raise InputRejected("imei", imei, "device.others")
        if pending(session, token) is None and row.list == BLACK:
            return row  # it stands there, whoever proposed it
        if checked.list == GREY and _is_grey_over(row):
            raise InputRejected("list", GREY, "device.grey_over")
    return _put(session, token, f"{PARTNER}{partner}", checked)


def agree(session: Session, officer: Person, device: str, yes: bool) -> orm.Device:
    """The second person's yes or no.

    Raises:
        NotAllowed: he may not decide, or made the move himself. Conflict: nothing waits.
    """
    rights.check(officer, Right.DECIDE)
    row = session.get_one(orm.Device, device, with_for_update=True, populate_existing=True)
    step = pending(session, device)
    if step is None:
        raise Conflict("device", "", row.list, "agree", "nothing_waits")
    if step.by == officer.login:
        raise NotAllowed("agree", "second_person")
    if yes and not step.by.startswith(PARTNER):
        hands.check(session, officer.login, [step.by], "agree")
    step.pending, step.second = False, officer.login
    if yes:
        _apply(row, step)
    else:
        step.what = "refused"
    act = "device_agree" if yes else "device_refuse"
    audit.note(session, officer.login, act, "device", device, list=step.list)
    session.flush()
    return row


def expire(session: Session) -> int:
    """Let devices leave their lists whose term is over; how many. A write transaction."""
    now = clock.now_us()
    due = select(orm.Device).where(orm.Device.until_us <= now)
    found = session.scalars(due.limit(1000).with_for_update(skip_locked=True)).all()
    for row in found:
        over = sim_law.term(sim_law.GREY, row.since_us).then if row.list == GREY else UNLISTED
        step = _step(session, row, MACHINE, Move(over, row.holder, row.reference, row.region))
        step.what = "lapsed"
        grey = row.until_us if row.list == GREY else None
        _apply(row, step)
        row.grey_over_us = grey
        audit.note(session, MACHINE, "device_lapsed", "device", row.device)
    session.flush()
    return len(found)


def in_force(row: orm.Device, now_us: int) -> str:
    """The list that a device is on at a moment, whether or not the machine has noted its end."""
    if row.until_us is None or now_us < row.until_us:
        return row.list
    return sim_law.term(sim_law.GREY, row.since_us).then if row.list == GREY else UNLISTED


def pending(session: Session, device: str) -> orm.DeviceStep | None:
    """The move that waits for a second person."""
    of = select(orm.DeviceStep).where(orm.DeviceStep.device == device, orm.DeviceStep.pending)
    return session.scalar(of)


def history(session: Session, device: str) -> Sequence[orm.DeviceStep]:
    """All its moves, the newest first."""
    of = select(orm.DeviceStep).where(orm.DeviceStep.device == device)
    return session.scalars(of.order_by(orm.DeviceStep.id.desc())).all()


def _text(imei: str) -> str:
    return imeis.canonical(imei, field="imei").text


def _checked(session: Session, move: Move) -> Move:
    if move.list not in LISTS:
        raise InputRejected("list", move.list, "one_of", choices=", ".join(LISTS))
    holder = (move.holder or "").strip() or None
    partner = session.get(orm.Partner, holder) if holder else None
    if holder and (partner is None or partner.kind != "operator"):
        raise InputRejected("holder", holder, "device.holder")
    reference = _fits("reference", " ".join(move.reference.split()), LONGEST_REFERENCE)
    if move.list == WHITE and not (holder and reference):
        raise InputRejected("reference" if holder else "holder", "", "device.white")
    region = (move.region or "").strip() or None
    if region is not None and region not in codes.regions():
        raise InputRejected("region", region, "device.region")
    now = clock.now_us()
    until = move.until_us if move.list == WHITE else None
    if until is not None and until <= now:
        raise InputRejected("until", until, "device.until")
    if move.list == GREY:
        until = now + sim_law.term(sim_law.GREY, now).days * DAY
    note = _fits("note", mask(" ".join(move.note.split())), LONGEST_NOTE)
    return Move(move.list, holder, reference, region, until, note)


def _fits(field: str, text: str, most: int) -> str:
    if len(text) > most:
        raise InputRejected(field, text, "text.too_long", most=most)
    return text


def _is_grey_over(row: orm.Device) -> bool:
    """Whether its grey term has run out, noted by the machine or not yet."""
    return row.grey_over_us is not None or (row.list == GREY and _has_lapsed(row))


def _has_lapsed(row: orm.Device) -> bool:
    return row.until_us is not None and row.until_us <= clock.now_us()


def _put(session: Session, token: str, by: str, move: Move) -> orm.Device:
    row = session.get(orm.Device, token, with_for_update=True, populate_existing=True)
    if row is None:
        row = orm.Device(device=token, list=UNLISTED, since_us=clock.now_us(), reference="")
        session.add(row)
        session.flush()
    elif _stands(row, move):
        return row
    if (waits := pending(session, token)) is not None:
        if (waits.by, waits.list, waits.reference) == (by, move.list, move.reference):
            return row
        raise Conflict("device", "", "waits for a second person", move.list)
    step = _step(session, row, by, move)
    if row.list == move.list == GREY and not _has_lapsed(row):
        step.until_us = row.until_us  # the law's term runs once
    by_holder = by.startswith(PARTNER)
    step.pending = BLACK in (row.list, move.list) or (by_holder and row.list == GREY != move.list)
    if not step.pending:
        _apply(row, step)
    audit.note(session, by, "device_put", "device", token, list=move.list, waits=step.pending)
    session.flush()
    return row


def _stands(row: orm.Device, move: Move) -> bool:
    same = row.list == move.list and row.holder == move.holder and row.region == move.region
    return (
        same
        and row.reference == move.reference
        and (move.list != WHITE or row.until_us == move.until_us)
    )


def _step(session: Session, row: orm.Device, by: str, move: Move) -> orm.DeviceStep:
    step = orm.DeviceStep(
        device=row.device, at_us=clock.now_us(), by=by, what="put", was=row.list, list=move.list,
        holder=move.holder, reference=move.reference, region=move.region, until_us=move.until_us,
        note=move.note, pending=False,
    )  # fmt: skip
    session.add(step)
    return step


def _apply(row: orm.Device, step: orm.DeviceStep) -> None:
    if (row.list, row.until_us) != (GREY, step.until_us):  # else its grey term goes on
        row.since_us = clock.now_us()
    row.list, row.until_us = step.list, step.until_us
    row.holder, row.reference, row.region = step.holder, step.reference, step.region
    row.grey_over_us = None
