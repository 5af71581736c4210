"""Which institutions take part, and how each is reached (REQ-19, 20)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from qalqan.errors import Conflict, InputRejected, NotFound
from qalqan.register import audit, partner_keys
from qalqan.register.orm import Partner

PARTNER_KINDS = (
    "bank", "wallet", "operator", "marketplace", "dns", "host", "channel", "volunteers",
)  # fmt: skip
_CODE = re.compile(r"[A-Za-z0-9._-]{1,32}")


def add_partner(
    session: Session,
    code: str,
    kind: str,
    names: Mapping[str, str],
    *,
    bank_code: str | None = None,
    delivery: str = "pull",
    endpoint: str | None = None,
    feeds: Sequence[str] = (),
    iso20022: bool = False,
    events_to: str | None = None,
    scopes: Sequence[str] = (),
) -> str:
    """Register a partner; answers its first key, which is shown this once, with the usual scopes
    of its kind unless told otherwise. `Conflict` if the code or the bank's code is taken,
    `InputRejected` for a code with other signs than letters, digits, dot, line."""
    if not _CODE.fullmatch(code):
        raise InputRejected("partner", code, "partner.shape", longest=32)
    if session.get(Partner, code) is not None:
        raise Conflict("partner", code, "registered", "add")
    if bank_code is not None and session.scalar(
        select(Partner.code).where(Partner.bank_code == bank_code)
    ):
        raise Conflict("bank", bank_code, "registered", "add")
    session.add(
        Partner(
            code=code,
            kind=kind,
            names=dict(names),
            bank_code=bank_code,
            delivery=delivery,
            endpoint=endpoint,
            feeds=list(feeds),
            iso20022=iso20022,
            events_to=events_to,
        )
    )
    session.flush()  # a key stands on its partner
    audit.note(session, "register", "add", "partner", code)
    return partner_keys.add_key(session, code, "first", "register", scopes=scopes)


def change(session: Session, code: str, actor: str, **values: Any) -> None:
    """Change how a partner is reached, or whether it takes part at all. `NotFound`."""
    one(session, code)
    session.execute(update(Partner).where(Partner.code == code).values(**values))
    told = {name: value for name, value in values.items() if name != "mail_certificate"}
    audit.note(session, actor, "change", "partner", code, **told)


def one(session: Session, code: str) -> Partner:
    """The partner of this code. `NotFound`."""
    found = session.get(Partner, code)
    if found is None:
        raise NotFound("partner", code)
    return found


def everybody(session: Session) -> list[Partner]:
    """All partners by their codes."""
    return list(session.scalars(select(Partner).order_by(Partner.code)))
