"""Qalqan's way: confirm, hold at most what is traced, ask for the statement, follow, hold again.

The rules are those of `qalqan.cases` (holds, statements, releases), which stands above this
layer: what an open or answered order speaks for is not ordered again; what a bank could not hold
is not asked for again before its books are told up to that answer; what is held above the traced
sum is let go. With a feed nobody is asked for statements, and the trail moves when a followed
account pays.
"""

from __future__ import annotations

from collections import deque

from qalqan.clock import MINUTE, SECOND
from qalqan.simulate.replay.answers import CONFIRM, HOLD, RELEASE, STATEMENT, Answers
from qalqan.simulate.replay.play import Action, Play
from qalqan.simulate.replay.scenario import Scenario
from qalqan.simulate.replay.trace import Place, Trail, root_of
from qalqan.simulate.replay.world import Payment

TENGE = 100


class Ours:
    """One centre and one world."""

    def __init__(self, play: Play, s: Scenario, delay_us: int, factor: float, feed: bool) -> None:
        self.play = play
        self.s = s
        self.answers = Answers(play.world, s, factor)
        self.feed = feed
        self.trail = Trail(play.world, s["policies.ours.rule"])
        self.facts = self.trail.facts
        self.places: tuple[Place, ...] = ()
        self.watched: frozenset[int] = frozenset()
        n = len(play.world.kinds)
        self.open_holds, self.open_releases, self.short = [0] * n, [0] * n, [0] * n
        self.answered_us: list[int] = [0] * n
        self.asking = [False] * n
        self.streaming: deque[Payment] = deque()
        """What the feed has not told yet."""
        self.late_us = s["banks.feed_seconds"] * SECOND
        self.looks_us = 0
        """When the trail is looked at next because of the feed; 0: nothing waits."""
        if feed:
            play.seen = self.told
        for claim in play.world.claims:
            play.later(claim.at_us + delay_us, self.reported(claim.number))

    def reported(self, number: int) -> Action:
        """The payer's bank is asked; nothing is held before it has confirmed."""

        def act(at_us: int) -> None:
            payer = self.play.world.claims[number].payer
            self.play.later(at_us + self.answers.after_us(payer, CONFIRM), self.confirmed(number))

        return act

    def confirmed(self, number: int) -> Action:
        def act(at_us: int) -> None:
            self.trail.confirm(root_of(self.play.world, number))
            self.follow(at_us)

        return act

    def told(self, payment: Payment) -> None:
        """The feed tells a payment; one out of an account with stolen money moves the trail."""
        self.streaming.append(payment)
        if payment.payer in self.watched:
            self.look_soon(payment.at_us)

    def look_soon(self, at_us: int) -> None:
        """Look when the feed has told what is happening now."""
        if not self.looks_us:
            self.looks_us = at_us + self.late_us
            self.play.later(self.looks_us, self.look)

    def look(self, at_us: int) -> None:
        """What the feed told since; what happened meanwhile is looked at next time."""
        self.looks_us = 0
        self.follow(at_us)
        if any(payment.payer in self.watched for payment in self.streaming):
            self.look_soon(at_us)

    def follow(self, at_us: int) -> None:
        """Walk the trail again and do what follows from it."""
        while self.streaming and self.streaming[0].at_us <= at_us - self.late_us:
            self.facts.take(self.streaming.popleft(), "both")
        self.places = self.trail.places(at_us)
        self.watched = frozenset(place.account for place in self.places)
        self.act(at_us)

    def act(self, at_us: int) -> None:
        """Holds before statements before releases, as the machine's own order."""
        units = {place.account: place.units for place in self.places}
        for place in self.places:
            self.hold(at_us, place)
        if not self.feed:
            for place in self.places:
                self.ask(at_us, place)
        for account, held in enumerate(self.play.held):
            if held:
                self.let_go(
                    at_us, account, held - self.open_releases[account], units.get(account, 0)
                )

    def hold(self, at_us: int, place: Place) -> None:
        a = place.account
        spoken_for = (
            self.open_holds[a]
            + self.play.held[a]
            - self.open_releases[a]
            + self.fell_short(at_us, place)
        )
        missing = place.units - spoken_for
        if missing < self.s["policies.ours.least_tenge"] * TENGE:
            return
        self.open_holds[a] += missing
        self.play.later(at_us + self.answers.after_us(a, HOLD), self.held(a, missing))

    def fell_short(self, at_us: int, place: Place) -> int:
        """What the bank could not hold, until its books are told up to that answer."""
        covered = place.covered_us
        if self.feed:
            covered = at_us - self.late_us
        told = covered is not None and covered >= self.answered_us[place.account]
        return 0 if told else self.short[place.account]

    def held(self, account: int, amount: int) -> Action:
        """The bank's answer: it holds at most what is free."""

        def act(at_us: int) -> None:
            self.open_holds[account] -= amount
            got = self.play.hold(account, amount)
            self.short[account] = amount - got
            self.answered_us[account] = at_us
            if not self.feed:
                self.act(at_us)
            elif got < amount:
                self.look_soon(at_us)

        return act

    def ask(self, at_us: int, place: Place) -> None:
        """A statement, where the books are not told up to the last thing that happened."""
        a = place.account
        if self.asking[a] or place.units < self.s["policies.ours.least_tenge"] * TENGE:
            return
        covered, wanted = place.covered_us, max(place.last_us, self.answered_us[a])
        if covered is not None and covered >= wanted:
            return
        begin = covered
        if begin is None:
            before = self.s["policies.ours.statement_before_minutes"] * MINUTE
            begin = place.first_us - before
        self.asking[a] = True
        self.play.statements += 1
        self.play.later(at_us + self.answers.after_us(a, STATEMENT), self.stated(a, begin))

    def stated(self, account: int, begin_us: int) -> Action:
        """The bank tells all payments of the account from `begin_us` until now."""

        def act(at_us: int) -> None:
            self.asking[account] = False
            closing = opening = self.play.balance[account]
            for payment in self.play.log[account]:
                if payment.at_us >= begin_us:
                    pays = payment.payer == account
                    self.facts.take(payment, "payer" if pays else "payee")
                    opening += payment.amount if pays else -payment.amount
            self.facts.cover(account, (begin_us, at_us), opening, closing)
            self.follow(at_us)

        return act

    def let_go(self, at_us: int, account: int, held: int, units: int) -> None:
        over = held - units
        if over <= 0:
            return
        self.open_releases[account] += over
        self.play.later(
            at_us + self.answers.after_us(account, RELEASE), self.released(account, over)
        )

    def released(self, account: int, amount: int) -> Action:
        def act(_: int) -> None:
            self.open_releases[account] -= amount
            self.play.release(account, amount)

        return act
