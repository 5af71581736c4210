"""Where all stolen money is, counted from the trails and the orders (REQ-15, 39, 44).

stolen = held + returned + still traceable + abroad + cash + crypto + kept by drops + fees +
unknown, per currency, to the unit, under every rule. `docs/reference/trail.md` says what each
part is; what orders hold is taken out of what the trail shows at the account, never above it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.cases import order_book, trails
from qalqan.cases.orders import Event
from qalqan.cases.places import places
from qalqan.errors import ContractBroken
from qalqan.model.order import Kind, Order, held_now
from qalqan.register import orm
from qalqan.register.database import Database
from qalqan.trail import Document
from qalqan.trail.holds import share_return
from qalqan.trail.semantics import RULES, Root

Held = Mapping[tuple[str, str], Mapping[str, int]]
"""(account, currency) → claim → minor units that holds keep of what is there."""


@dataclass(frozen=True)
class Parts:
    """Stolen money by where it is, minor units of one currency."""

    stolen: int = 0
    held: int = 0
    returned: int = 0
    traceable: int = 0
    abroad: int = 0
    cash: int = 0
    crypto: int = 0
    kept_by_drops: int = 0
    fees: int = 0
    unknown: int = 0

    def __post_init__(self) -> None:
        told = sum(vars(self).values()) - self.stolen
        if told != self.stolen:
            raise ContractBroken(f"{self.stolen} units were stolen, {told} are accounted for")

    def as_dict(self) -> dict[str, int]:
        """The demo's names; tiyn, or the minor unit of another currency."""
        return {f"{name}_tiyn": units for name, units in vars(self).items()}

    def plus(self, other: Parts) -> Parts:
        """Both together."""
        mine, theirs = vars(self), vars(other)
        return Parts(**{name: mine[name] + theirs[name] for name in mine})

    def by_name(self) -> dict[str, int]:
        """Part → minor units."""
        return dict(vars(self))


def counts(database: Database) -> dict[str, int]:
    """How much came in and was done: facts, quarantined, findings, reports, cases, orders,
    answers."""
    with database.session() as session:
        batch = select(func.sum(orm.Batch.accepted), func.sum(orm.Batch.quarantined))
        facts, quarantined = session.execute(batch).one()
        found = {"facts": int(facts or 0), "quarantined": int(quarantined or 0)}
        tables = {
            "findings": orm.FindingRow, "reports": orm.Report, "cases": orm.Case,
            "orders": orm.Order,
        }  # fmt: skip
        for name, table in tables.items():
            found[name] = session.scalar(select(func.count()).select_from(table)) or 0
        answers = select(func.count()).where(orm.OrderEvent.event == Event.ANSWER)
        return {**found, "answers": session.scalar(answers) or 0}


def money(database: Database, rule: str) -> dict[str, Parts]:
    """Currency → where the money of all confirmed reports is, KZT always among them.

    Raises:
        ContractBroken: no such rule, or parts that don't add up.
    """
    with database.session() as session:
        each = of_each(session, session.scalars(select(orm.Root.case_id).distinct()), rule)
    return _whole(each)


def of_case(session: Session, case_id: str, rule: str) -> dict[str, Parts]:
    """Currency → where one case's money is; nothing if no payment is confirmed yet.

    Raises:
        ContractBroken: no such rule.
    """
    return of_each(session, [case_id], rule)[case_id]


@dataclass(frozen=True)
class Around:
    """A case with all that share accounts with it, read once for everything a page shows."""

    case: str
    documents: Mapping[str, list[Document]]
    orders: Sequence[Order]
    """Of all these cases."""
    roots: Sequence[Root]
    """Of the case itself."""
    now_us: int

    def held(self, rule: str) -> Held:
        """What holds keep wherever the case's money lies, shared among all victims there."""
        whole = [one for of in self.documents.values() for one in of]
        return _shared(whole, _sums(self.orders, self.now_us), rule)

    def parts(self, rule: str) -> dict[str, Parts]:
        """Currency → where the case's money is."""
        return _of_case(self.roots, self.documents.get(self.case, []), self.held(rule), rule)


def around(session: Session, case_id: str) -> Around:
    """The case with its neighbours as they stand."""
    cases = trails.joined(session, [case_id])
    return Around(
        case_id,
        trails.newest_of(session, cases),
        order_book.of_cases(session, cases),
        trails.roots_of(session, [case_id]).get(case_id, []),
        clock.now_us(),
    )


def of_each(session: Session, case_ids: Iterable[str], rule: str) -> dict[str, dict[str, Parts]]:
    """Case → currency → where its money is; what is held where several victims' money lies is
    shared among them.

    Raises:
        ContractBroken: no such rule.
    """
    if rule not in RULES:
        raise ContractBroken(f"no rule {rule!r}; there are {', '.join(RULES)}")
    wanted = sorted(set(case_ids))
    documents, held = _together(session, wanted, rule)
    roots = trails.roots_of(session, wanted)
    return {
        case: _of_case(roots.get(case, []), documents.get(case, []), held, rule) for case in wanted
    }


def held_of(session: Session, case_id: str, rule: str) -> Held:
    """What holds keep wherever the case's money lies, shared among all victims there."""
    return _together(session, [case_id], rule)[1]


def of_documents(
    documents: Mapping[str, Sequence[Document]], orders: Iterable[Order], now_us: int
) -> dict[str, dict[str, dict[str, dict[str, int]]]]:
    """Case → currency → rule → part → minor units, of cases that were followed together: what is
    kept beside their trails."""
    sums, whole = _sums(orders, now_us), [one for of in documents.values() for one in of]
    found: dict[str, dict[str, dict[str, dict[str, int]]]] = {case: {} for case in documents}
    for rule in RULES:
        held = _shared(whole, sums, rule)
        for case, of in documents.items():
            for one in of:
                by_rule = found[case].setdefault(one["currency"], {})
                by_rule[rule] = _parts(one, held, rule).by_name()
    return found


def held_at(
    documents: Mapping[str, Sequence[Document]], orders: Iterable[Order], now_us: int, rule: str
) -> Held:
    """What holds keep wherever the money of cases that were followed together lies."""
    whole = [one for of in documents.values() for one in of]
    return _shared(whole, _sums(orders, now_us), rule)


def kept_of(
    session: Session, case_ids: Iterable[str], rules: Iterable[str] = RULES
) -> dict[str, dict[str, dict[str, Parts]]]:
    """Rule → case → currency → where its money was when it was last followed: for lists, which
    need not be right to the second."""
    wanted, rules = sorted(set(case_ids)), list(rules)
    roots, kept = trails.roots_of(session, wanted), trails.figures_of(session, wanted)
    old = [case for case, of in kept.items() if None in of.values()]
    found = {rule: of_each(session, old, rule) for rule in rules}  # followed before any were kept
    for rule in rules:
        for case in wanted:
            if case not in found[rule]:
                told = {c: Parts(**of[rule]) for c, of in kept.get(case, {}).items() if of}
                found[rule][case] = _with_fresh(roots.get(case, []), told)
    return found


def kept_money(session: Session) -> dict[str, dict[str, Parts]]:
    """Rule → currency → where all stolen money was when it was last followed, KZT among them."""
    cases = session.scalars(select(orm.Root.case_id).distinct())
    return {rule: _whole(each) for rule, each in kept_of(session, cases).items()}


def _whole(each: Mapping[str, Mapping[str, Parts]]) -> dict[str, Parts]:
    found = {"KZT": Parts()}
    for of in each.values():
        for currency, parts in of.items():
            found[currency] = found.get(currency, Parts()).plus(parts)
    return found


def _together(
    session: Session, case_ids: Iterable[str], rule: str
) -> tuple[dict[str, list[Document]], Held]:
    """The trails of these cases and of all that share accounts with them, and what is held."""
    around = trails.joined(session, case_ids)
    documents = trails.newest_of(session, around)
    sums = _sums(order_book.of_cases(session, around), clock.now_us())
    return documents, _shared([one for of in documents.values() for one in of], sums, rule)


def _shared(
    documents: Iterable[Document], sums: Mapping[tuple[str, str], int], rule: str
) -> dict[tuple[str, str], dict[str, int]]:
    return {
        key: share_return(sums.get(key, 0), place.traced)
        for key, place in places(documents, rule).items()
        if place.traced
    }


def _of_case(
    roots: Iterable[Root], documents: Iterable[Document], held: Held, rule: str
) -> dict[str, Parts]:
    return _with_fresh(roots, {d["currency"]: _parts(d, held, rule) for d in documents})


def _with_fresh(roots: Iterable[Root], found: dict[str, Parts]) -> dict[str, Parts]:
    """With what is confirmed and not followed yet."""
    stolen: defaultdict[str, int] = defaultdict(int)
    for root in roots:
        stolen[root.currency] += root.amount
    for currency, amount in sorted(stolen.items()):
        parts = found.get(currency, Parts())
        if fresh := amount - parts.stolen:
            parts = parts.plus(Parts(stolen=fresh, traceable=fresh))
        found[currency] = parts
    return found


def _sums(orders: Iterable[Order], now_us: int) -> Mapping[tuple[str, str], int]:
    """(account, currency) → minor units that these orders' holds hold now."""
    sums: defaultdict[tuple[str, str], int] = defaultdict(int)
    for order in orders:
        if order.kind is Kind.HOLD:
            sums[order.account or "", order.currency or ""] += held_now(order, now_us)
    return sums


def _parts(document: Document, held: Held, rule: str) -> Parts:
    """One case's document; what of it is held is taken out of what is there."""
    out: defaultdict[str, int] = defaultdict(int)
    for of in document["parts"][rule].values():
        for part, units in of.items():
            out[part] += units
    held_units = 0
    for node in document["nodes"]:
        kept = "kept" if node["kept"].get(rule) else "here"
        by_claim = held.get((node["account"], document["currency"]), {})
        for claim in node["here"].get(rule, {}):
            held_units += by_claim[claim]
            out[kept] -= by_claim[claim]
    return Parts(
        stolen=sum(claim["amount"] for claim in document["claims"]),
        held=held_units,
        returned=out["returned"],
        traceable=out["here"] + out["wallet"],
        abroad=out["abroad"],
        cash=out["cash"],
        crypto=out["crypto"],
        kept_by_drops=out["kept"] + out["spent"],
        fees=out["fees"],
        unknown=out["unknown"],
    )
