"""Whom an order may harm, said before anybody drafts it: the checks above the button (REQ-44;
DESIGN section 7, 2).

A check never forbids: what is forbidden is refused by `cases.drafting`. It says what stays as it
is, what ends by itself, and what is not known.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from qalqan.cases import choices, drafting
from qalqan.cases.choices import Act, Choice
from qalqan.cases.consent import Need, need
from qalqan.cases.drafting import Wish
from qalqan.cases.grounds import ground
from qalqan.cases.reasons import money, when
from qalqan.model.order import Kind, Order, SubjectKind
from qalqan.register import orm
from qalqan.register.database import Database
from qalqan.register.rights import Person
from qalqan.trust.keys import Keys


@dataclass(frozen=True)
class Check:
    """One thing to look at: a sentence `draft.harm.<code>`; values as those of a reason."""

    code: str
    is_fine: bool
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Preview:
    """An order as it would be drafted."""

    order: Order
    need: Need
    checks: tuple[Check, ...]


def preview(database: Database, keys: Keys, person: Person, case_id: str, wish: Wish) -> Preview:
    """Look at an order before it is drafted; nothing of it is kept. Raises as `drafting.draft`."""
    with database.write() as session:
        made = drafting.prepare(session, keys, person, case_id, wish, key="")
        choice = choices.chosen(session, case_id, wish.act, wish.target, made.created_us)
        case = session.get_one(orm.Case, case_id)
        told = tuple(checks(wish.act, made, choice, case.register_number))
        session.rollback()
    return Preview(made, need(made), told)


def checks(
    act: Act, order: Order, choice: Choice | None, register_number: str | None
) -> Iterator[Check]:
    """What to look at before asking for this order."""
    yield from _of_money(order, choice)
    yield from _of_subject(act, order)
    if order.expires_us is not None:
        yield Check("lapses", True, {"at": when(order.expires_us)})
    if act in _APPEALABLE:
        yield Check("appeal", True)
    if act in _WANT_NUMBER and not register_number:
        yield Check("no_register_number", False)
    if not ground(order.ground, order.kind, order.created_us).confirmed:
        yield Check("ground_unconfirmed", False)


_APPEALABLE = frozenset({Act.BLOCK, Act.TAKEDOWN, Act.HOLD, Act.PROLONG})
_WANT_NUMBER = frozenset({Act.DATA, Act.PRESERVATION, Act.BLOCK, Act.TAKEDOWN})


def _of_money(order: Order, choice: Choice | None) -> Iterator[Check]:
    currency = order.currency or ""
    if order.amount is not None and choice is not None and choice.most is not None:
        yield Check("within", True, {"most": money(choice.most, currency)})
    if order.kind is Kind.HOLD:
        yield Check("rest_payable", True)
    if order.kind is Kind.HOLD and choice is not None and choice.spared:
        yield Check("wages", True, {"spared": money(choice.spared, currency)})


def _of_subject(act: Act, order: Order) -> Iterator[Check]:
    if act is Act.BLOCK and order.subject_kind == SubjectKind.PHONE:
        yield Check("spoofed", False)
    elif act is Act.BLOCK:
        yield Check("whole_site", False, {"site": _site(order.subject or "")})
    if order.asked:
        yield Check("named_data", True, {"n": len(order.asked)})


def _site(subject: str) -> str:
    return subject.partition("://")[2].partition("/")[0] or subject
