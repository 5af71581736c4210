"""Orders on paper: a request to print and sign, and the answer that came back as a letter
(REQ-19, 44).

Paper is never earlier than consent: a request is made only of what people or a policy agreed to.
It names accounts and phones in clear, so making one is opening them, with a line in the audit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from qalqan import clock
from qalqan.cases import delivery, documents, order_book
from qalqan.cases.answers import expect, take_answer
from qalqan.cases.consent import POLICY
from qalqan.cases.documents import Upload
from qalqan.cases.grounds import ground
from qalqan.cases.order_text import sealed_in
from qalqan.cases.orders import Event
from qalqan.cases.reasons import sentence
from qalqan.errors import Conflict, InputRejected
from qalqan.exchange.order_message import Answer
from qalqan.exchange.request import Request, Row, Signer
from qalqan.model.order import OUTCOMES, WAITING, Kind, Order, Outcome, State
from qalqan.register import audit, orm, rights, vault
from qalqan.register.database import Database
from qalqan.register.rights import Person, Right
from qalqan.text import show
from qalqan.text.catalogue import say
from qalqan.trust.keys import Keys
from qalqan.trust.tokens import klass_of

NOT_ON_PAPER = frozenset({Outcome.CONFIRMED, Outcome.RETURNED, Outcome.STATEMENT})
"""Answers that are facts: a payment or a statement comes as a file, not as a sentence."""


def check_agreed(order: Order) -> None:
    """Raise `Conflict` if nobody has agreed to the order yet, or it was taken back."""
    if order.state in {State.DRAFTED, State.WITHDRAWN}:
        raise Conflict("order", order.id, order.state, "request on paper")


def request(
    database: Database, keys: Keys, person: Person, order_id: str, language: str
) -> Request:
    """The order as a request in a language.

    Raises:
        NotFound: no such order. NotAllowed: no right, a case out of view, or values that the role
            may not have opened. Conflict: nobody has agreed to it yet.
    """
    with database.write() as session:
        order = order_book.load(session, order_id)
        case = rights.check_case(session, person, Right.DRAFT, order.case_id)
        check_agreed(order)
        tokens = sealed_in(order)
        for token in tokens:
            rights.check_field(person, klass_of(token))
        purpose = f"{order.case_id}: request on paper {order.id}"
        clear = vault.reveal_many(session, keys, tokens, person.login, purpose)
        audit.note(session, person.login, "order.request", "order", order.id, purpose)
        partner = session.get_one(orm.Partner, order.partner).names[language]
        held = order_book.load(session, order.parent_id) if order.parent_id else None
    return _written(_Told(order, case, partner, clear, held, language))


@dataclass(frozen=True)
class _Told:
    order: Order
    case: orm.Case
    partner: str
    clear: dict[str, str]
    parent: Order | None
    language: str

    def say(self, key: str, **values: object) -> str:
        return say(f"request.{key}", self.language, **values)

    def when(self, us: int) -> str:
        return show.when(us, self.language)

    def value(self, text: str) -> str:
        return self.clear.get(text, text)


def _written(told: _Told) -> Request:
    order, case = told.order, told.case
    legal = ground(order.ground, order.kind, order.created_us)
    kind = "prolong" if order.kind is Kind.HOLD and order.parent_id else str(order.kind)
    return Request(
        language=told.language,
        to=told.say("to", partner=told.partner),
        title=say(f"orders.kind.{kind}", told.language),
        number=told.say("number", order=order.id, at=told.when(order.created_us)),
        rows=list(_rows(told, legal.names[told.language], legal.source)),
        body=[told.say("ask", kind=say(f"orders.kind.{kind}", told.language)),
              sentence(order.reason, told.language), *_harmless(told)],
        warning="" if legal.confirmed else told.say("unconfirmed"),
        agreed=told.say("agreed"),
        signers=[
            Signer(_actor(told, each.login, each.role), say(_role(each.role), told.language),
                   told.when(each.at_us))
            for each in order.approvals if each.approved
        ],
        foot=told.say("foot", order=order.id, case=case.id),
    )  # fmt: skip


def _actor(told: _Told, login: str, role: str) -> str:
    name = login.partition(":")[2]
    return told.say("policy", name=name) if role == POLICY else login


def _role(role: str) -> str:
    return "request.by_policy" if role == POLICY else f"console.role.{role}"


def _harmless(told: _Told) -> Iterator[str]:
    if told.order.kind is Kind.HOLD:
        yield told.say("rest_payable")


def _rows(told: _Told, legal: str, source: str) -> Iterator[Row]:
    yield from _what(told)
    order = told.order
    if order.from_us is not None:
        until = told.when(order.to_us) if order.to_us else told.say("until_answer")
        yield Row(
            told.say("period"), told.say("from_to", start=told.when(order.from_us), end=until)
        )
    if order.expires_us is not None:
        yield Row(told.say("until"), told.when(order.expires_us))
    if order.due_us is not None:
        yield Row(told.say("due"), told.when(order.due_us))
    yield Row(told.say("ground"), legal)
    yield Row(told.say("source"), source)
    number = told.case.register_number
    yield Row(told.say("register_number"), number or told.say("no_register_number"))
    yield Row(told.say("case"), told.case.id)


def _what(told: _Told) -> Iterator[Row]:
    order = told.order
    if order.account:
        yield Row(told.say("account"), told.value(order.account))
    if order.subject:
        yield Row(say(f"draft.subject.{order.subject_kind}", told.language),
                  told.value(order.subject))  # fmt: skip
    if order.asked:
        data = ", ".join(say(f"draft.data.{each}", told.language) for each in order.asked)
        yield Row(told.say("data"), data)
    if order.amount is not None and order.currency:
        yield Row(told.say("sum"), show.money(order.amount, order.currency, told.language))
    if order.beneficiary:
        yield Row(told.say("beneficiary"), told.value(order.beneficiary))
    if told.parent is not None:
        yield Row(told.say("parent"), told.parent.id)


def mark_sent(database: Database, keys: Keys, person: Person, order_id: str) -> Order:
    """Note that the request went by post or by hand; it is signed all the same.

    Raises:
        NotFound, NotAllowed: as `request`. Conflict: nobody has agreed to it, or it is answered.
    """
    with database.session() as session:
        order = order_book.load(session, order_id)
        rights.check_case(session, person, Right.DRAFT, order.case_id)
    if order.state is State.APPROVED:
        delivery.sign_waiting(database, keys, order.partner)
    with database.write() as session:
        order = order_book.load(session, order_id)
        event = Event.SEND if order.state is State.APPROVED else Event.NUDGE
        return order_book.step(
            session, order, event, person.login, clock.now_us(), detail={"paper": True}
        )


@dataclass(frozen=True)
class Letter:
    """An answer that came on paper, with its scan."""

    outcome: str
    amount: int | None
    """Minor units held or released, where the answer says so."""
    words: str
    scan: Upload
    peer: str = ""
    """Who handed calls over, where that was asked."""


def outcomes(order: Order) -> list[Outcome]:
    """What a letter may answer to this order."""
    return sorted(OUTCOMES[order.kind] - NOT_ON_PAPER)


def enter_answer(
    database: Database, keys: Keys, person: Person, order_id: str, letter: Letter
) -> Order:
    """Enter an answer for a partner, with its scan as evidence of the case.

    Raises:
        NotFound, NotAllowed: as `request`. Conflict: the order waits for no answer.
        InputRejected: an answer that the order can't have, or no scan.
    """
    with database.write() as session:
        order = order_book.load(session, order_id)
        rights.check_case(session, person, Right.DRAFT, order.case_id)
        if order.state not in WAITING:
            raise Conflict("order", order.id, order.state, Event.ANSWER)
        if letter.outcome not in outcomes(order):
            raise InputRejected("outcome", letter.outcome, "order.outcome",
                                allowed=", ".join(outcomes(order)))  # fmt: skip
        expect(keys, order, _answer(order, letter, None), clock.now_us())
        scan = documents.add(session, keys, person, order.case_id, letter.scan).id
    answer = _answer(order, letter, scan)
    return take_answer(database, keys, order.partner, answer, brought_by=person.login)


def _answer(order: Order, letter: Letter, scan: str | None) -> Answer:
    return Answer(
        order=order.id,
        outcome=Outcome(letter.outcome),
        amount=letter.amount,
        currency=order.currency,
        reason=letter.words[:400] or None,
        reference=scan,
        peer=letter.peer.strip()[:60] or None,
    )
