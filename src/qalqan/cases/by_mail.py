"""Orders by e-mail, for partners who work so or whose API is down, and their answers back
(REQ-19, 44).

The workbook goes encrypted to the partner's own certificate; no personal value stands outside it.
An answer counts if the partner's key signed it, as often as it comes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qalqan.cases import delivery, messages
from qalqan.cases.answers import take_answer
from qalqan.errors import Conflict, InputRejected, NotAllowed, NotFound, QalqanError
from qalqan.exchange import mail, order_sheet
from qalqan.exchange.order_message import OrderMessage
from qalqan.exchange.order_sheet import CSV, XLSX
from qalqan.register import audit, orm
from qalqan.register.database import Database
from qalqan.text.catalogue import say
from qalqan.trust import signing
from qalqan.trust.keys import Keys

Send = Callable[[str, bytes], None]
"""Hands a message for an address to a mail server; raises `Unavailable`."""
_KINDS = {".xlsx": XLSX, ".csv": CSV}


@dataclass(frozen=True)
class Took:
    """What became of one answer: where its order stands, or the error."""

    order: str
    state: str | None
    error: QalqanError | None = None


def may(row: orm.Partner) -> bool:
    """Whether orders can go to this partner by mail."""
    return row.mail is not None and row.mail_certificate is not None


def send_waiting(
    database: Database, keys: Keys, partner: str, sender: str, language: str, send: Send
) -> int:
    """Mail a partner's signed orders that it has not got; returns how many went.

    Raises:
        Unavailable: the mail server does not take it; nothing counts as sent then.
    """
    with database.session() as session:
        row = session.get_one(orm.Partner, partner)
        unsent = delivery.unsent(session, partner)
        texts = [delivery.signed_text(session, keys, order.id) for order in unsent]
    if not unsent or row.mail is None or row.mail_certificate is None:
        return 0
    told = [
        OrderMessage.model_validate(signing.verify(each, keys.verify_key_pem)) for each in texts
    ]
    text = say("mail.orders", language, n=len(told))
    inside = mail.with_book(text, order_sheet.write(told, language), "orders.xlsx")
    subject = say("mail.subject", language)
    send(row.mail, mail.encrypted(inside, row.mail_certificate, sender, row.mail, subject))
    delivery.mark_sent(database, [order.id for order in unsent])
    with database.write() as session:
        audit.note(session, "machine", "orders.mail", "partner", partner, orders=len(unsent))
    return len(unsent)


def take(
    database: Database, keys: Keys, raw: bytes, own: tuple[Any, Any] = (None, None)
) -> list[Took]:
    """Take the answers in a message; `own` is the certificate and key it may be encrypted to.

    Raises:
        NotAllowed: it is from no partner who mails, or his key did not sign it.
        InputRejected: no message, or one without a file that is read.
    """
    with database.session() as session:
        row = _by_address(session, mail.sender(raw))
    entity = mail.signed_part(mail.decrypted(raw, *own), row.mail_certificate or "")
    found = [
        (name, body) for name, body in mail.files(entity) if _ending(name) in (*_KINDS, ".xml")
    ]
    if not found:
        raise InputRejected("mail", "", "mail.file")
    took = [one for name, body in found for one in _file(database, keys, row.code, name, body)]
    with database.write() as session:
        audit.note(session, f"partner:{row.code}", "answers.mail", "partner", row.code, n=len(took))
    return took


def _by_address(session: Session, address: str) -> orm.Partner:
    wanted = select(orm.Partner).where(func.lower(orm.Partner.mail) == address, orm.Partner.active)
    row = session.scalar(wanted)
    if row is None or not address or not may(row):
        raise NotAllowed("mail", "partner")
    return row


def _ending(name: str) -> str:
    return "." + name.rpartition(".")[2]


def _file(database: Database, keys: Keys, partner: str, name: str, body: bytes) -> list[Took]:
    if _ending(name) == ".xml":
        return [_part(database, keys, partner, part) for part in messages.parts(body)]
    read = order_sheet.read(body, _KINDS[_ending(name)])
    refused = [
        Took(
            each.order or each.place,
            None,
            InputRejected(each.field, each.value, each.expected, **each.params),
        )
        for each in read.refused
    ]
    return refused + [
        _one(answer.order, lambda answer=answer: take_answer(database, keys, partner, answer))  # type: ignore[misc]
        for answer in read.answers
    ]


def _part(database: Database, keys: Keys, partner: str, part: messages.Part) -> Took:
    order = messages.order_of(part)

    def taken() -> Any:
        try:
            answer = messages.answer_of(database, keys, partner, part, order)
        except ValidationError:
            raise InputRejected("Document", "", "api.json") from None
        if answer is None:
            return delivery.receive(database, partner, order)
        return take_answer(database, keys, partner, answer)

    return _one(order, taken)


def _one(order: str, taking: Callable[[], Any]) -> Took:
    try:
        return Took(order, taking().state)
    except (InputRejected, NotFound, Conflict, NotAllowed) as error:
        return Took(order, None, error)
