"""The ledger of the accounts that matter, and which stolen unit each ring member means to do
what with: the ground truth (REQ-39).

Pure state in memory, moved only by `qalqan.simulate.moves`; `world` keeps it in SQLite between
the turns of the banks. Sums are tiyn. A *parcel* is a claim's money at one stage: `onward` is
still to be passed on, `kept` is what its holder has set aside for himself.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from dataclasses import dataclass, field

from qalqan.simulate.plan import Plan, Stage


@dataclass
class Parcel:
    """Units of one claim at one stage."""

    onward: int = 0
    kept: int = 0


@dataclass
class Hold:
    """Money of an account that may not leave, by an order of the centre."""

    order: str
    account: int
    amount: int
    until_us: int
    disputed: int
    """How much of it was stolen money when it was placed; the rest is the holder's own."""


@dataclass(order=True)
class Action:
    """Something a ring means to do at its time."""

    due_us: int
    number: int
    stage: int
    out: int
    """Index in the stage's outs; -1 is the victim's payment into the stage."""
    units: int = field(compare=False)


@dataclass(frozen=True)
class Made:
    """A payment that the script made, with the stolen units it was meant to carry."""

    at_us: int
    payer: int
    payee: int
    amount: int
    instrument: str
    purpose: str
    carried: dict[int, int]
    """claim → units."""


@dataclass
class Book:
    """Balances of the watched accounts, holds, parcels and due actions."""

    plan: Plan
    bank_of: dict[int, int]
    """Institution of every account that a ring or a hold touches."""
    balance: dict[int, int] = field(default_factory=dict)
    """Watched accounts only."""
    holds: dict[str, Hold] = field(default_factory=dict)
    parcels: dict[int, dict[int, Parcel]] = field(default_factory=dict)
    """account → stage → parcel."""
    gone: dict[tuple[int, str], int] = field(default_factory=lambda: defaultdict(int))
    """(claim, part) → units that left: cash, abroad, crypto, wallet, fees, spent, returned."""
    waiting: dict[int, dict[tuple[int, int], Action]] = field(default_factory=dict)
    """account → (stage, out) → what is still to be done there."""
    script: list[Action] = field(default_factory=list)
    """A heap of all of it; what `waiting` no longer has is done."""
    made: list[Made] = field(default_factory=list)
    """Payments of this turn."""
    declined: list[int] = field(default_factory=list)
    """Ordinary payments of this turn that did not go."""
    given_up: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    """claim → units whose way on a member gave up."""
    next_action: int = 0
    settled_us: int = 0

    def stage(self, number: int) -> Stage:
        return self.plan.stages[number]

    def schedule(self, due_us: int, stage: int, out: int, units: int) -> None:
        """Put one action on the script; units for the same way at hand join it."""
        here = self.waiting.setdefault(self.stage(stage).account, {})
        if (stage, out) in here:
            here[stage, out].units += units
            return
        self.put(Action(due_us, self.next_action, stage, out, units))
        self.next_action += 1

    def put(self, action: Action) -> None:
        """Put an action on the script as it is."""
        account = self.stage(action.stage).account
        self.waiting.setdefault(account, {})[action.stage, action.out] = action
        heapq.heappush(self.script, action)

    def next_due(self) -> Action | None:
        """The action that is due first."""
        while self.script and not self._waits(self.script[0]):
            heapq.heappop(self.script)
        return self.script[0] if self.script else None

    def _waits(self, action: Action) -> bool:
        here = self.waiting.get(self.stage(action.stage).account, {})
        return here.get((action.stage, action.out)) is action

    def take(self, action: Action) -> None:
        """Take an action off the script."""
        del self.waiting[self.stage(action.stage).account][action.stage, action.out]

    def actions(self) -> list[Action]:
        """Everything still to be done, in order."""
        return sorted(action for here in self.waiting.values() for action in here.values())

    def parcel(self, account: int, stage: int) -> Parcel:
        """Units of a stage at its account."""
        return self.parcels.setdefault(account, {}).setdefault(stage, Parcel())

    def parcels_at(self, account: int) -> list[tuple[int, Parcel]]:
        """(stage, parcel) of an account, by stage."""
        return sorted(self.parcels.get(account, {}).items())

    def disputed(self, account: int) -> int:
        """Stolen units at the account."""
        return sum(p.onward + p.kept for _, p in self.parcels_at(account))

    def held(self, account: int, at_us: int) -> int:
        """What holds keep at the account at this moment, never more than its balance."""
        asked = sum(
            hold.amount
            for hold in self.holds.values()
            if hold.account == account and hold.until_us > at_us
        )
        return min(asked, max(0, self.balance.get(account, 0)))

    def reserved(self, account: int, at_us: int) -> int:
        """Stolen units at the account that holds keep: they go nowhere."""
        return sum(
            min(hold.amount, hold.disputed)
            for hold in self.holds.values()
            if hold.account == account and hold.until_us > at_us
        )

    def available(self, account: int, at_us: int) -> int:
        """What may leave the account."""
        return self.balance.get(account, 0) - self.held(account, at_us)


@dataclass(frozen=True)
class Parts:
    """Where stolen money is by the rings' intent, tiyn; the parts add up to `stolen`."""

    stolen: int
    held: int
    returned: int
    traceable: int
    abroad: int
    cash: int
    crypto: int
    kept_by_drops: int
    fees: int
    unknown: int = 0

    def as_dict(self) -> dict[str, int]:
        """`{"stolen_tiyn": …}`, the names of the demo's answer."""
        return {f"{name}_tiyn": value for name, value in self.__dict__.items()}


def parts(book: Book, at_us: int, claims: frozenset[int]) -> Parts:
    """The parts of these claims' money at `at_us`, as `docs/reference/trail.md` section 10 says.

    A hold takes onward units first, then kept ones; kept units count as kept once nothing waits
    at the account to be passed on.
    """
    here = {"held": 0, "traceable": 0, "kept": 0}
    for account in book.parcels:
        left = book.held(account, at_us)
        mine = [(s, p) for s, p in book.parcels_at(account) if book.stage(s).claim in claims]
        for name, units in _in_order(mine):
            caught = min(left, units)
            left -= caught
            here["held"] += caught
            here[name] += units - caught
    out: dict[str, int] = defaultdict(int)
    for (claim, part), units in book.gone.items():
        out[part] += units if claim in claims else 0
    here["traceable"] += out["wallet"]
    here["kept"] += out["spent"]
    stolen = sum(here.values()) + sum(
        out[part] for part in ("returned", "abroad", "cash", "crypto", "fees")
    )
    return Parts(
        stolen, here["held"], out["returned"], here["traceable"], out["abroad"], out["cash"],
        out["crypto"], here["kept"], out["fees"],
    )  # fmt: skip


def _in_order(parcels: list[tuple[int, Parcel]]) -> list[tuple[str, int]]:
    waiting = [("traceable", parcel.onward) for _, parcel in parcels]
    name = "traceable" if any(units for _, units in waiting) else "kept"
    return waiting + [(name, parcel.kept) for _, parcel in parcels]
