"""A world on its way through time: who pays whom, what holds stop, and what is truly stolen.

Truth is what the ring means (`docs/reference/trail.md`, section 10): a hold takes the disputed
units first, what waits to be passed on before what the drop keeps; a member who finds a hold
passes on what is left and stops spending; own money is never stolen.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from qalqan.simulate.plan import Out, Stage
from qalqan.simulate.replay.world import (
    INNOCENT,
    MEMBER,
    RING_FROM,
    SELLER_EXIT,
    Payment,
    World,
)

SENDS_AT_LEAST = 5
"""Of what was planned, a fifth must be free, else a step is given up (country.md)."""
_INSTRUMENTS = {"cash": "cash_out", "crypto": "crypto", "wallet": "wallet", "card": "card"}
EXITS = ("cash", "abroad", "crypto", "wallet", "card")


class Outcome(NamedTuple):
    """What became of the stolen money of one world, and of other people's; tiyn and counts."""

    stolen: int
    stopped: int
    waiting: int
    kept: int
    cash: int
    abroad: int
    crypto: int
    wallet: int
    card: int
    held: int
    """All that was ever held: the sum of each account's highest hold."""
    innocent_held: int
    own_held: int
    """Members' own money that was ever held."""
    innocent_accounts: int
    innocent_at_end: int
    holds: int
    statements: int


Action = Callable[[int], None]


class Play:
    """One world under one policy."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.balance = list(world.opening)
        n = len(world.kinds)
        self.held, self.waiting, self.kept = [0] * n, [0] * n, [0] * n
        self.highest, self.own_highest = [0] * n, [0] * n
        self.gone = dict.fromkeys(EXITS, 0)
        self.spent_of_kept = 0
        self.stolen = 0
        self.member = [kind == MEMBER for kind in world.kinds]
        self.log: list[list[Payment]] = [[] for _ in range(n)]
        self.payments = RING_FROM
        self.holds = self.statements = 0
        self.standing = [0] * n
        """What a bank still blocks of what comes later, where a policy has it do so."""
        self.seen: Callable[[Payment], None] | None = None
        """Told of every payment, if a policy listens."""
        self._queue: list[tuple[int, int, Action]] = []
        self._tick = 0
        for claim in world.claims:
            self.later(claim.at_us, self._theft(claim.number))

    def later(self, at_us: int, action: Action) -> None:
        """Do it then; at one instant, in the order of asking."""
        self._tick += 1
        heappush(self._queue, (at_us, self._tick, action))

    def run(self, until_us: int) -> None:
        """Everything until then, in the exact order of time; own payments of an instant first."""
        heapify(self._queue)
        ordinary, queue = self.world.ordinary, self._queue
        place, n = 0, len(ordinary)
        while True:
            next_us = queue[0][0] if queue else until_us + 1
            while place < n and ordinary[place].at_us <= min(next_us, until_us):
                self._usual(ordinary[place])
                place += 1
            if next_us > until_us:
                return
            at_us, _, action = heappop(queue)
            action(at_us)

    def pay(
        self, at_us: int, payer: int, payee: int, amount: int, instrument: str, abroad: bool = False
    ) -> None:
        """The ring or a victim pays; the payer has it."""
        self.payments += 1
        self._move(Payment(at_us, payer, payee, amount, instrument, abroad, self.payments))

    def _move(self, told: Payment) -> None:
        payer, payee, amount = told.payer, told.payee, told.amount
        self.balance[payer] -= amount
        self.balance[payee] += amount
        self.log[payer].append(told)
        if payee != self.world.outside:
            self.log[payee].append(told)
        if self.standing[payee]:
            self.standing[payee] -= self.hold(payee, min(amount, self.standing[payee]))
        if self.seen is not None:
            self.seen(told)

    def free(self, account: int) -> int:
        """What no hold holds."""
        return self.balance[account] - self.held[account]

    def hold(self, account: int, amount: int) -> int:
        """Hold at most what is free; how much was held."""
        got = max(0, min(amount, self.free(account)))
        held = self.held[account] = self.held[account] + got
        self.holds += 1
        self.highest[account] = max(self.highest[account], held)
        if self.member[account]:
            own = held - self.waiting[account] - self.kept[account]
            self.own_highest[account] = max(self.own_highest[account], own)
        return got

    def release(self, account: int, amount: int) -> None:
        """Let go what is held, at most all of it."""
        self.held[account] -= min(amount, self.held[account])

    def _usual(self, payment: Payment) -> None:
        """Somebody pays of his own money, if he has it free."""
        _, payer, _, amount, *_ = payment
        if self.member[payer]:
            if self.held[payer] or amount > self.balance[payer] - self.waiting[payer]:
                return
            of_kept = min(amount, self.kept[payer])
            self.kept[payer] -= of_kept
            self.spent_of_kept += of_kept
        elif amount > self.balance[payer] - self.held[payer] and payer != self.world.outside:
            return
        self._move(payment)

    def _theft(self, number: int) -> Action:
        claim = self.world.claims[number]

        def act(at_us: int) -> None:
            self.stolen += claim.amount
            stage = self.world.stages[claim.stage]
            self._arrive(at_us, stage, claim.amount)
            self.pay(at_us, claim.payer, stage.account, claim.amount, "transfer")

        return act

    def _arrive(self, at_us: int, stage: Stage, amount: int) -> None:
        """What arrives splits at once: what its holder keeps, and what goes on."""
        keep = amount * stage.keep_ppm // 1_000_000
        self.kept[stage.account] += keep
        self.waiting[stage.account] += amount - keep
        left = amount - keep
        for number, out in enumerate(stage.outs, 1):
            last = number == len(stage.outs)
            planned = left if last else (amount - keep) * out.share_ppm // 1_000_000
            left -= planned
            self.later(at_us + out.after_us, self._step(stage, out, planned))

    def _step(self, stage: Stage, out: Out, planned: int) -> Action:
        def act(at_us: int) -> None:
            waiting = self.waiting[stage.account]
            sendable = waiting - min(self.held[stage.account], waiting)
            amount = min(planned, sendable)
            gives_up = not stage.sends_rest or amount * SENDS_AT_LEAST < planned
            if amount <= 0 or (amount < planned and gives_up):
                return
            self.waiting[stage.account] -= amount
            self._send(at_us, stage, out, amount)

        return act

    def _send(self, at_us: int, stage: Stage, out: Out, amount: int) -> None:
        payer, outside = stage.account, self.world.outside
        if out.stage is not None:
            onto = self.world.stages[out.stage]
            self._arrive(at_us, onto, amount)
            self.pay(at_us, payer, onto.account, amount, "transfer")
        elif out.exit == SELLER_EXIT and out.account is not None:
            self.gone["crypto"] += amount
            self.pay(at_us, payer, out.account, amount, "transfer")
        else:
            name = out.exit or "cash"
            self.gone[name] += amount
            instrument = _INSTRUMENTS.get(name, "transfer")
            self.pay(at_us, payer, outside, amount, instrument, abroad=name == "abroad")

    def outcome(self) -> Outcome:
        """How it ended: stolen = stopped + waiting + kept + all exits."""
        stopped = waiting = kept = 0
        innocent = innocent_at_end = accounts = 0
        for account, kind in enumerate(self.world.kinds):
            held = self.held[account]
            caught = min(held, self.waiting[account])
            of_kept = min(held - caught, self.kept[account])
            stopped += caught + of_kept
            waiting += self.waiting[account] - caught
            kept += self.kept[account] - of_kept
            if kind in INNOCENT:
                innocent += self.highest[account]
                innocent_at_end += held
                accounts += self.highest[account] > 0
        return Outcome(
            self.stolen, stopped, waiting, kept + self.spent_of_kept,
            self.gone["cash"], self.gone["abroad"], self.gone["crypto"], self.gone["wallet"],
            self.gone["card"], sum(self.highest), innocent, sum(self.own_highest), accounts,
            innocent_at_end, self.holds, self.statements,
        )  # fmt: skip
