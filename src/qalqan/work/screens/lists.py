"""The register's tables that a screen looks into; each is read again only when it has changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from qalqan.model.order import WAITING, Kind, State
from qalqan.register import indicators, policies
from qalqan.register.orm import Case, CaseAccount, FindingRow, IndicatorRow, Order, Root, Trail
from qalqan.screening.listed import Found, Held, Indicator, Listed
from qalqan.screening.policy import NAME, ScreenPolicy, of_body, unapproved

_ALL = ("indicators", "holds", "victims_payees", "followed", "found")
_HELD = (State.ANSWERED, State.APPEALED, *WAITING)
Mark = Mapping[str, tuple[Any, ...]]
"""Of each table a few counts, which change whenever it may have changed."""


def mark(session: Session) -> Mark:
    """The tables as they are now, told by a few counts, however long they are."""
    open_cases = select(func.count()).where(Case.state == "open").scalar_subquery()
    asked = {
        "indicators": select(
            func.count(), func.max(IndicatorRow.id), func.max(IndicatorRow.withdrawn_us)
        ),
        "holds": select(func.count(), func.sum(Order.version)).where(Order.kind == Kind.HOLD),
        "victims_payees": select(func.count(), func.max(Root.at_us)).select_from(Root),
        "followed": select(
            func.max(Trail.id), func.max(Trail.computed_us), func.count(), open_cases
        ),  # a table whose last row was replaced may give its number again
        "found": select(
            func.count(),
            func.max(FindingRow.updated_us),
            func.max(FindingRow.decided_us),
            func.sum(case((FindingRow.shadow, 1), else_=0)),
        ),
    }
    return {name: tuple(session.execute(one).one()) for name, one in asked.items()}


def read(
    session: Session, now_us: int, before: Listed | None = None, changed: Iterable[str] = _ALL
) -> Listed:
    """The tables as they are now; those that have not changed are taken from before."""
    found: dict[str, Any] = {}
    for name in changed:
        found |= _READ[name](session, now_us)
    return replace(before or Listed(), **found)


def policy(session: Session, now_us: int) -> ScreenPolicy:
    """The version in force; without one every rule is in shadow."""
    row = policies.in_force(session, NAME, now_us)
    return unapproved() if row is None else of_body(row.version, row.body)


def install(session: Session, body: dict[str, Any], approved_by: Sequence[str]) -> ScreenPolicy:
    """Put the next version in force from now on; earlier versions stay on record.

    Raises:
        NotAllowed: fewer than two different people.
        InputRejected: an unknown rule or threshold, or a value that does not fit.
    """
    policies.check_approved(approved_by)
    made = of_body(policies.next_version(session, NAME), body)
    policies.put_in_force(session, NAME, made.version, body, approved_by)
    return made


def _indicators(session: Session, now_us: int) -> dict[str, Any]:
    live = list(indicators.live(session, now_us))
    return {
        "indicators": {
            one.subject: Indicator(one.ground, one.from_us, one.until_us)
            for one in live
            if one.grade == indicators.BLOCK
        },
        "watched": frozenset(one.subject for one in live if one.grade == indicators.WATCH),
    }


def _followed() -> Any:
    return (
        select(CaseAccount.account)
        .join(Case, Case.id == CaseAccount.case_id)
        .where(CaseAccount.here, Case.state == "open")
    )


def _holds(session: Session) -> dict[str, tuple[Held, ...]]:
    """What banks hold by our orders, and what they are asked to and have not answered yet. Of a
    hold that prolongs another, the other one answers until it is answered itself."""
    orders = (Order.kind == Kind.HOLD, Order.account.is_not(None), Order.state.in_(_HELD))
    asked = select(
        Order.account, Order.state, Order.effect, Order.amount, Order.currency, Order.ground,
        Order.expires_us, Order.parent_id,
    ).where(*orders)  # fmt: skip
    found = defaultdict(list)
    for account, state, effect, amount, currency, ground, until_us, parent in session.execute(
        asked
    ):
        waits = State(state) in WAITING and parent is None
        held = effect or (amount if waits else 0)
        if held and account and currency:
            found[account].append(Held(held, currency, ground, until_us))
    return {account: tuple(orders) for account, orders in found.items()}


def _found(session: Session) -> dict[str, Found]:
    """The strongest live finding on each subject; what was dismissed or faded says nothing."""
    asked = select(FindingRow.subject, FindingRow.score, FindingRow.detector).where(
        FindingRow.shadow.is_(False), FindingRow.state.in_(("new", "confirmed"))
    )
    found: dict[str, Found] = {}
    for subject, score, detector in session.execute(asked):
        found[subject] = max(Found(score, detector), found.get(subject, Found(-1.0, "")))
    return found


_READ: Mapping[str, Callable[[Session, int], dict[str, Any]]] = {
    "indicators": _indicators,
    "holds": lambda session, _: {"holds": _holds(session)},
    "victims_payees": lambda session, _: {
        "victims_payees": frozenset(session.scalars(select(Root.payee_account)))
    },
    "followed": lambda session, _: {"followed": frozenset(session.scalars(_followed()))},
    "found": lambda session, _: {"found": _found(session)},
}
