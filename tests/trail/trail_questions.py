"""Random questions about random payments: what a national lake throws at a trail, in small.

Cycles, equal timestamps, payments to oneself, two-sided, one-sided and contradicting reports,
refunds and returns, several victims, hubs, drops with a float, other currencies, statements that
lack lines, feeds, accounts that nobody tells of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random
from typing import Any

from deltalake import write_deltalake

from qalqan.clock import DAY, SECOND
from qalqan.lake.engine import table_address
from qalqan.trail.following import Known, banks_of, joining, step
from qalqan.trail.semantics import Coverage, Fact, Root, TrailPolicy

START_US = 20_000 * DAY + 5 * 3_600 * SECOND
INSTRUMENTS = ("transfer",) * 12 + (
    "card", "cash_out", "cash_out", "fee", "crypto", "wallet", "wallet", "loan", "salary",
    "benefit", "refund", "refund", "return",
)  # fmt: skip


@dataclass(frozen=True)
class Question:
    """A trail's question, and all that is told."""

    facts: list[Fact]
    coverages: list[Coverage]
    """Complete ones."""
    roots: list[Root]
    policy: TrailPolicy
    as_of_us: int
    home_banks: frozenset[str]
    incomplete: list[Coverage] = field(default_factory=list)

    @property
    def rest(self) -> tuple[Any, ...]:
        return self.roots, self.policy, self.as_of_us, self.home_banks

    def payment_rows(self) -> list[dict[str, Any]]:
        """Facts as rows of the lake."""
        return [
            {
                "id": f.id.split(":", 1)[1], "source": f.id.split(":", 1)[0], "at_us": f.at_us,
                "side": f.side, "payer_account": f.payer, "payer_bank": f.payer_bank,
                "payee_account": f.payee, "payee_bank": f.payee_bank, "amount": f.amount,
                "currency": f.currency, "instrument": f.instrument, "uetr": f.uetr,
                "end_to_end_id": f.end_to_end_id, "payee_country": f.payee_country,
            }
            for f in self.facts
        ]  # fmt: skip

    def statement_rows(self) -> list[dict[str, Any]]:
        """Statements and notices as rows of the lake."""
        return [
            {
                "id": c.id.split(":", 1)[1], "source": c.id.split(":", 1)[0], "at_us": c.to_us,
                "account": c.account, "bank": c.bank, "from_us": c.from_us, "to_us": c.to_us,
                "opening": c.opening, "closing": c.closing, "currency": c.currency,
                "complete": c not in self.incomplete, "lines": 0,
            }
            for c in [*self.coverages, *self.incomplete]
        ]  # fmt: skip


@dataclass
class _World:
    random: Random
    seed: int
    accounts: list[str]
    bank_of: dict[str, str]
    unit: int
    """Times are whole multiples of it, so that many are equal."""
    span: int
    large: bool
    number: int = 0

    def at(self) -> int:
        return START_US + self.random.randrange(self.span) * self.unit

    def amount(self) -> int:
        top = 10**14 if self.large else 60
        return self.random.choice((self.random.randint(1, top), top // 2, top // 3 or 1))

    def some(self, chance: float) -> bool:
        return self.random.random() < chance

    def name(self, prefix: str) -> str:
        self.number += 1
        return f"{prefix}{self.seed}n{self.random.randrange(100):02d}n{self.number}"


def question(seed: int) -> Question:
    """The question of this seed; its accounts and banks are no other's."""
    random = Random(seed)
    n = random.choice((2, 3, 4, 6, 9, 14))
    banks = [f"{seed}b{i}" for i in range(random.randint(1, 4))]
    accounts = [f"acc_{seed}_{i}" for i in range(n)]
    world = _World(
        random, seed, accounts, {a: random.choice(banks) for a in accounts},
        random.choice((SECOND, 3_600 * SECOND)), random.choice((1, 4, 12, 60)),
        random.random() < 0.2,
    )  # fmt: skip
    paid = [_payment(world) for _ in range(random.choice((0, 3, 8, 20, 40)))]
    paid += [_back(world, random.choice(paid)) for _ in range(random.randint(0, 4)) if paid]
    roots, told = _roots(world)
    facts = [fact for one in paid + told for fact in _told(world, one)]
    random.shuffle(facts)
    coverages = _coverages(world, facts, banks)
    incomplete = [c for c in coverages if world.some(0.1)]
    return Question(
        facts=facts,
        coverages=[c for c in coverages if c not in incomplete],
        incomplete=incomplete,
        roots=roots,
        policy=_policy(world),
        as_of_us=START_US
        + random.choice((world.span, world.span // 2 + 1)) * world.unit
        + DAY // 100,
        home_banks=frozenset(bank for bank in banks if world.some(0.7)),
    )


def _policy(world: _World) -> TrailPolicy:
    random = world.random
    return TrailPolicy(
        version="1",
        window_us=random.choice((0, 2, 10, 1_000)) * world.unit,
        max_hops=random.choice((1, 2, 3, 6, 6, 9)),
        min_share_ppm=random.choice((0, 0, 1_000, 100_000)),
        match_window_us=random.choice((0, 1, 5)) * SECOND,
        kept_ppm=random.choice((0, 100_000, 500_000)),
        lookback_us=random.choice((0, 3, 100)) * world.unit,
    )


def _payment(world: _World) -> Fact:
    """As it was; sides tell it afterwards."""
    random = world.random
    hub = world.accounts[0]
    payer, payee = random.choice(world.accounts), random.choice(world.accounts)
    if world.some(0.15):
        payer, payee = random.choice(((payer, hub), (hub, payee)))
    instrument = random.choice(INSTRUMENTS)
    if world.some(0.03):
        instrument, payer = "cash_in", None  # type: ignore[assignment]
    nobody = (instrument in ("cash_out", "fee") and world.some(0.8)) or world.some(0.03)
    return Fact(
        id=world.name("p"), at_us=world.at(), side="both", payer=payer,
        payer_bank=world.bank_of.get(payer, world.bank_of[hub]),
        payee=None if nobody else payee, payee_bank=None if nobody else world.bank_of[payee],
        amount=world.amount(), currency="USD" if world.some(0.04) else "KZT",
        instrument=instrument, uetr=world.name("u") if world.some(0.5) else None,
        end_to_end_id=random.choice((None, "NOTPROVIDED", "e1", "e2")),
        payee_country=random.choice((None,) * 8 + ("KZ",) * 3 + ("AE",)),
    )  # fmt: skip


def _back(world: _World, paid: Fact) -> Fact:
    """A refund or return of a payment, with the same UETR now and then."""
    if paid.payer is None or paid.payee is None:
        return _payment(world)
    return paid._replace(
        id=world.name("p"), at_us=paid.at_us + world.random.randrange(4) * world.unit,
        payer=paid.payee, payer_bank=paid.payee_bank, payee=paid.payer, payee_bank=paid.payer_bank,
        instrument=world.random.choice(("refund", "return", "transfer")),
        amount=world.random.choice((paid.amount, world.amount())),
        uetr=world.random.choice((paid.uetr, None)), payee_country=None,
    )  # fmt: skip


def _told(world: _World, paid: Fact) -> list[Fact]:
    """What banks tell of a payment: both, one, or nobody; they may contradict each other."""
    if paid.payer_bank == paid.payee_bank and world.some(0.5):
        return [paid._replace(id=f"s{paid.payer_bank}:{paid.id}")]
    later = world.random.choice((0, 0, 0, SECOND, world.unit))
    p = paid._replace(id=f"s{paid.payer_bank}:{paid.id}x", side="payer")
    q = paid._replace(id=f"s{paid.payee_bank}:{paid.id}y", side="payee", at_us=paid.at_us + later)
    if world.some(0.2):
        p = p._replace(uetr=None)
    if world.some(0.2):
        q = q._replace(uetr=None)
    if world.some(0.06):
        q = q._replace(amount=world.amount())
    if world.some(0.04):
        p = p._replace(payee=world.random.choice([*world.accounts, None]))
    if world.some(0.04):
        q = q._replace(instrument=world.random.choice(INSTRUMENTS), payee_country=None)
    if paid.payee is None or paid.payer is None:
        return [p] if paid.payer is not None else [q]
    return [fact for fact in (p, q) if world.some(0.75)]


def _roots(world: _World) -> tuple[list[Root], list[Fact]]:
    """Confirmed payments of one to three claims, and what else is told of them."""
    random = world.random
    roots, told = [], []
    for number in range(random.choice((1, 1, 2, 3, 5))):
        inside = world.some(0.25)
        payer = random.choice(world.accounts) if inside else f"acc_{world.seed}_v{number % 2}"
        payee = random.choice([a for a in world.accounts if a != payer])
        bank = world.bank_of.setdefault(payer, f"{world.seed}v")
        root = Root(
            id=f"root{world.seed}-{random.randrange(100):02d}-{number}",
            claim=f"R-{world.seed}-{random.randrange(3)}", payer=payer, payee=payee,
            payee_bank=world.bank_of[payee], amount=world.amount(), currency="KZT",
            at_us=world.at(), uetr=world.name("u") if world.some(0.6) else None, payer_bank=bank,
        )  # fmt: skip
        roots.append(root)
        if world.some(0.7):
            told.append(
                Fact(
                    world.name("p"),
                    root.at_us,
                    "both",
                    payer,
                    bank,
                    payee,
                    root.payee_bank,
                    root.amount if world.some(0.9) else world.amount(),
                    "transfer",
                    root.uetr,
                )
            )
    return roots, told


def _coverages(world: _World, facts: list[Fact], banks: list[str]) -> list[Coverage]:
    random = world.random
    found = []
    for account in world.accounts:
        for _ in range(random.choice((0, 0, 1, 1, 2))):
            at = sorted((world.at() - random.randrange(3) * world.unit, world.at() + world.unit))
            bank = world.bank_of[account]
            c = Coverage(account, bank, at[0], at[1], id=f"s{bank}:{world.name('st')}")
            if world.some(0.8):
                opening = random.choice((0, world.amount()))
                closing = random.choice(
                    (None, world.amount(), _closing(account, c, opening, facts))
                )
                c = c._replace(opening=opening, closing=closing)
            found.append(c._replace(currency="USD" if world.some(0.05) else "KZT"))
    for bank in banks:
        if world.some(0.25):
            middle = world.at()
            ends = (START_US - world.unit, middle, START_US + world.span * world.unit)
            found += [
                Coverage(None, bank, first + random.choice((0, 1, 0, SECOND)), last,
                         id=f"s{bank}:{world.name('feed')}")
                for first, last in pairwise(ends) if world.some(0.8)
            ]  # fmt: skip
    return found


def _closing(account: str, c: Coverage, opening: int, facts: list[Fact]) -> int:
    """What the account's own lines say."""
    for fact in facts:
        if (
            fact.currency == "KZT"
            and c.from_us <= fact.at_us <= c.to_us
            and fact.payer != fact.payee
        ):
            opening += fact.amount * (fact.payee == account and fact.side != "payer")
            opening -= fact.amount * (fact.payer == account and fact.side != "payee")
    return opening


def answered(asked: Question) -> Any:
    """The trail by the walk's own parts, over a list instead of a lake."""
    from qalqan.trail.body import Trail
    from qalqan.trail.coverage import Covered

    policy, first = asked.policy, min(root.at_us for root in asked.roots)
    floor = first - policy.lookback_us
    facts = [f for f in asked.facts if f.currency == "KZT" and floor <= f.at_us <= asked.as_of_us]
    coverages = [
        c for c in asked.coverages if c.currency == "KZT" and first <= c.to_us <= asked.as_of_us
    ]
    hops = {root.payee: 1 for root in asked.roots}
    while True:
        known = Known([f for f in facts if f.payer in hops or f.payee in hops], coverages)
        told = step(known, asked.roots, policy, hops, asked.home_banks)
        further = joining(told.rules, hops, asked.roots, policy)
        if not further:
            banks = banks_of(hops, asked.roots, told.payments.values())
            return Trail(
                policy, 0, asked.as_of_us, "KZT", tuple(asked.roots), hops, banks, told.payments,
                Covered(coverages), told.rules,
            )  # fmt: skip
        hops |= further


def write_lake(root: str, questions: Iterable[Question], make_facts: Callable[..., Any]) -> None:
    """All facts of all questions in one lake."""
    asked = list(questions)
    rows = {
        "payment": [row for one in asked for row in one.payment_rows()],
        "statement": [row for one in asked for row in one.statement_rows()],
    }
    for seal, kind in enumerate(rows, start=7):
        table = make_facts(kind, rows[kind], seal)
        write_deltalake(table_address(root, kind), table, partition_by=["day"])
