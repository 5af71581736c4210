"""What ours is compared with: today's paper, and a tracking graph as Pix MED 2.0 makes it.

The peer's public rules (Resolution BCB 493): a graph of at most so many payments and hops, each
within a window of the one before, none below a least sum; receivers block at once. The graph is
made once, at the notice, by a central directory that sees every transfer. What is not public,
above all which paths go first, is a stand-in that the scenario names.
"""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from heapq import heappop, heappush
from typing import NamedTuple

from qalqan.clock import HOUR, MINUTE
from qalqan.simulate.replay.answers import HOLD, Answers
from qalqan.simulate.replay.play import Action, Play
from qalqan.simulate.replay.scenario import Scenario
from qalqan.simulate.replay.world import Claim, Payment

TENGE = 100


class Setting(NamedTuple):
    """The peer's parameters."""

    least_tenge: int
    payments: int
    """How many besides the victim's own."""
    hops: int
    """Levels of accounts, the first one counts."""
    window_hours: int
    order: str
    """largest or earliest first."""
    capped: bool
    """All receivers together block no more than the contested sum."""
    again_minutes: int = 0
    """Make the graph anew this often for a day; 0 as the public rules have it."""
    keeps_blocking: bool = False
    """Receivers also block what arrives later, up to what was told."""
    answers: bool = False
    """Receivers take as long as they take to answer a hold of ours; else they block at once."""


def published(s: Scenario) -> Setting:
    """The peer with its public example parameters."""
    at = "policies.med."
    return Setting(
        s[at + "least_tenge"], s[at + "payments"], s[at + "hops"], s[at + "window_hours"],
        s[at + "order"], s[at + "capped"],
    )  # fmt: skip


def today(play: Play, s: Scenario, delay_us: int, factor: float) -> None:
    """Days after the report, a paper reaches the first account's bank."""
    wait = delay_us + int(s["policies.today.hold_hours"] * HOUR * factor)
    for claim in play.world.claims:
        account = play.world.stages[claim.stage].account
        play.later(claim.at_us + wait, _first(play, account, claim.amount))


def _first(play: Play, account: int, amount: int) -> Action:
    def act(_: int) -> None:
        play.hold(account, amount)

    return act


def tracking(play: Play, s: Scenario, delay_us: int, factor: float, setting: Setting) -> None:
    """A tracking graph for each victim, once his bank has opened the case."""
    least, most = s["policies.med.notice_minutes"]
    for claim in play.world.claims:
        notice = int((least + claim.notice_share * (most - least)) * MINUTE * factor)
        answers = Answers(play.world, s, factor)
        _Tracking(play, claim, setting, claim.at_us + delay_us + notice, answers)


class _Tracking:
    """One victim's case at the directory."""

    def __init__(
        self, play: Play, claim: Claim, setting: Setting, notice_us: int, answers: Answers
    ) -> None:
        self.play = play
        self.claim = claim
        self.setting = setting
        self.answers = answers
        self.blocked: defaultdict[int, int] = defaultdict(int)
        rounds = 24 * 60 // setting.again_minutes if setting.again_minutes else 0
        for number in range(rounds + 1):
            play.later(notice_us + number * setting.again_minutes * MINUTE, self.block)

    def block(self, at_us: int) -> None:
        """Make the graph; each receiver blocks what it has, up to what the graph paid in."""
        claim = self.claim
        paid_in: defaultdict[int, int] = defaultdict(int)
        paid_in[self.play.world.stages[claim.stage].account] += claim.amount
        for payment in self.graph():
            paid_in[payment.payee] += payment.amount
        for account, amount in paid_in.items():
            wanted = min(amount, claim.amount) - self.blocked[account]
            if self.setting.capped:
                wanted = min(wanted, claim.amount - sum(self.blocked.values()))
            if wanted <= 0:
                continue
            if self.setting.answers:
                late_us = self.answers.after_us(account, HOLD)
                self.play.later(at_us + late_us, partial(self.receive, account, wanted))
            else:
                self.receive(account, wanted, at_us)

    def receive(self, account: int, wanted: int, _: int) -> None:
        """One receiver blocks."""
        got = self.play.hold(account, wanted)
        self.blocked[account] += got
        if self.setting.keeps_blocking:
            self.play.standing[account] += wanted - got

    def graph(self) -> list[Payment]:
        """The payments of the graph besides the root, in the order they were chosen."""
        candidates: list[tuple[int, int, int, Payment]] = []
        known: set[int] = set()
        chosen: list[Payment] = []
        first = self.play.world.stages[self.claim.stage].account
        self.open(first, self.claim.at_us, 1, candidates, known)
        while candidates and len(chosen) < self.setting.payments:
            _, _, level, payment = heappop(candidates)
            chosen.append(payment)
            self.open(payment.payee, payment.at_us, level, candidates, known)
        return chosen

    def open(
        self,
        account: int,
        arrived_us: int,
        level: int,
        candidates: list[tuple[int, int, int, Payment]],
        known: set[int],
    ) -> None:
        """Offer the transfers that may continue the graph from an arrival."""
        if level >= self.setting.hops:
            return
        until = arrived_us + self.setting.window_hours * HOUR
        least = self.setting.least_tenge * TENGE
        for p in self.play.log[account]:
            if (
                p.payer != account
                or p.number in known
                or not arrived_us <= p.at_us <= until
                or p.amount < least
                or p.instrument != "transfer"
                or p.payee == self.play.world.outside
            ):
                continue
            known.add(p.number)
            rank = -p.amount if self.setting.order == "largest" else p.at_us
            heappush(candidates, (rank, p.number, level + 1, p))
