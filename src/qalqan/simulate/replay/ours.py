"""Qalqan's way: confirm, hold at most what is traced, ask for the statement, follow, hold again.

The rules are those of `qalqan.cases` (holds, statements, releases), which stands above this
layer: what an open or answered order speaks for is not ordered again; what a bank could not hold
is not asked for again before its books are told up to that answer; what is held above the traced
sum is let go. With a feed nobody is asked for statements, and the trail moves when followed
accounts have paid on enough for an order.
"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import NormalDist

from qalqan.clock import DAY, MINUTE, SECOND
from qalqan.simulate.replay.answers import CONFIRM, HOLD, RELEASE, STATEMENT, Answers
from qalqan.simulate.replay.bounds import Own
from qalqan.simulate.replay.play import Action, Play
from qalqan.simulate.replay.scenario import Scenario
from qalqan.simulate.replay.trace import Facts, Place, Trail, root_of
from qalqan.simulate.replay.world import Payment
from qalqan.trail.restraint import BY

TENGE = 100
WARNED_DICE = 101  # where a world's dice say who confirms when he is warned


class Ours:
    """One centre and one world."""

    def __init__(
        self, play: Play, s: Scenario, delay_us: int, factor: float, feed: bool, setting: Own
    ) -> None:
        self.play = play
        self.s = s
        self.least = setting.least_tenge * TENGE
        self.setting = setting
        self.answers = Answers(play.world, s, factor, connected=feed)
        self.feed = feed
        self.now_us = 0
        self.facts = Facts(play.world, self.streamed if feed else None)
        self.trail = Trail(self.facts, setting.rule, setting.min_share_ppm)
        self.places: tuple[Place, ...] = ()
        n = len(play.world.kinds)
        self.open_holds, self.open_releases, self.short = [0] * n, [0] * n, [0] * n
        self.answered_us: list[int] = [0] * n
        self.asking = [False] * n
        self.told = [0] * n
        """Of each account's payments so many are told, from `begun_us` on."""
        self.told_us = [0] * n
        self.begun_us = [0 if feed else 2**62] * n
        self.victims: set[int] = set()
        self.warned: set[int] = set()
        self.warns = bool(s.get("policies.ours.warned_share"))
        self.late_us = s["banks.feed_seconds"] * SECOND
        self.loose: dict[int, int] = {}
        """Followed account → units that it may still pay on, where they are enough for an order."""
        self.paid: dict[int, int] = {}
        """Followed account → what it paid since the trail was looked at."""
        self.looks_us = 0
        """When the trail is looked at next because of the feed; 0: nothing waits."""
        if feed:
            play.seen = self.seen
        for claim in play.world.claims:
            play.later(claim.at_us + delay_us, self.reported(claim.number))

    def reported(self, number: int) -> Action:
        """The payer's bank is asked; nothing is held before it has confirmed."""

        def act(at_us: int) -> None:
            claim = self.play.world.claims[number]
            late_us = self.answers.after_us(claim.payer, CONFIRM, claim.notice_share)
            self.play.later(at_us + late_us, self.confirmed(number))

        return act

    def confirmed(self, number: int) -> Action:
        def act(at_us: int) -> None:
            if self.play.world.claims[number].payer in self.victims:
                return  # he was warned, and has confirmed already
            self.victims.add(self.play.world.claims[number].payer)
            self.trail.confirm(root_of(self.play.world, number))
            self.follow(at_us)

        return act

    def warn(self, at_us: int) -> None:
        """Who paid a followed account within a day is asked by his bank (REQ-90); some of those
        who were robbed say so. Who was not says no, and nothing follows."""
        for claim in self.play.world.claims:
            account = self.play.world.stages[claim.stage].account
            if (
                claim.number not in self.warned
                and account in self.trail.hops
                and max(self.begun_us[account], at_us - DAY) <= claim.at_us <= self.told_us[account]
            ):
                self.warned.add(claim.number)
                drawn = NormalDist().cdf(self.play.world.dice[WARNED_DICE + claim.number])
                if drawn < self.s["policies.ours.warned_share"]:
                    late_us = self.s["policies.ours.warned_minutes"] * MINUTE
                    self.play.later(at_us + late_us, self.confirmed(claim.number))

    def streamed(self, account: int) -> Iterator[Payment]:
        """Payments of an account that the feed has told since it was last asked."""
        log, until_us = self.play.log[account], self.now_us - self.late_us
        while self.told[account] < len(log) and log[self.told[account]].at_us <= until_us:
            yield log[self.told[account]]
            self.told[account] += 1
        self.told_us[account] = until_us

    def busier(self, at_us: int) -> bool:
        """Whether more accounts are seen to be busy than before."""
        most, hubs = self.setting.busy_payers, self.facts.hubs
        if most is None:
            return False
        ours = self.trail.hops.keys() | self.victims
        since_us = at_us - self.facts.policy.window_us
        found = {
            account
            for account, hop in self.trail.hops.items()
            if hop > 1 and account not in hubs
            if len(self.others(account, since_us) - ours) > most
        }
        hubs |= found
        return bool(found)

    def others(self, account: int, since_us: int) -> set[int]:
        """Who paid an account by transfer since then, as far as is told."""
        payers, since_us = set(), max(since_us, self.begun_us[account])
        for payment in reversed(self.play.log[account][: self.told[account]]):
            if payment.at_us < since_us:
                break
            if payment.payee == account and payment.instrument in BY:
                payers.add(payment.payer)
        return payers

    def seen(self, payment: Payment) -> None:
        """A payment out of an account with stolen money moves the trail, once worth an order."""
        loose = self.loose.get(payment.payer)
        if loose is not None:
            paid = self.paid[payment.payer] = self.paid.get(payment.payer, 0) + payment.amount
            if min(paid, loose) >= self.least:
                self.look_soon(payment.at_us)
        elif self.warns and payment.amount >= self.least and self.comes_new(payment):
            self.look_soon(payment.at_us)

    def comes_new(self, payment: Payment) -> bool:
        """Whether somebody who isn't followed pays a followed account that is not busy."""
        hops, payee = self.trail.hops, payment.payee
        return payee in hops and payee not in self.facts.hubs and payment.payer not in hops

    def look_soon(self, at_us: int) -> None:
        """Look when the feed has told what is happening now."""
        if not self.looks_us:
            self.looks_us = at_us + self.late_us
            self.play.later(self.looks_us, self.look)

    def look(self, at_us: int) -> None:
        """What the feed told since; what happened meanwhile is looked at next time."""
        self.looks_us = 0
        self.paid = {}
        self.follow(at_us)
        for account in self.loose:
            for payment in self.play.log[account][self.told[account] :]:
                if payment.payer == account:
                    self.seen(payment._replace(at_us=at_us))

    def follow(self, at_us: int) -> None:
        """Walk the trail again and do what follows from it."""
        self.now_us = at_us
        self.places = self.trail.places(at_us)
        while self.busier(at_us):
            self.places = self.trail.places(at_us)
        self.loose = {
            p.account: p.loose
            for p in self.places
            if p.loose >= self.least and p.account not in self.facts.hubs
        }
        if self.warns:
            self.warn(at_us)
        self.act(at_us)

    def act(self, at_us: int) -> None:
        """Holds before statements before releases, as the machine's own order."""
        hubs = self.facts.hubs
        units = {place.account: place.units for place in self.places}
        for place in self.places:
            if place.account not in hubs:
                self.hold(at_us, place)
        if not self.feed:
            for place in self.places:
                if place.account not in hubs:
                    self.ask(at_us, place)
        for account, held in enumerate(self.play.held):
            if held:
                self.let_go(
                    at_us, account, held - self.open_releases[account], units.get(account, 0)
                )

    def hold(self, at_us: int, place: Place) -> None:
        a = place.account
        if self.asks_first(at_us, place):
            return
        spoken_for = (
            self.open_holds[a]
            + self.play.held[a]
            - self.open_releases[a]
            + self.fell_short(at_us, place)
        )
        missing = place.units - spoken_for
        if missing < self.least:
            return
        self.open_holds[a] += missing
        self.play.later(at_us + self.answers.after_us(a, HOLD), self.held(a, missing))

    def asks_first(self, at_us: int, place: Place) -> bool:
        """Whether the books have to be told up to the last arrival before anything is held."""
        minutes = self.setting.ask_first_minutes
        if self.feed or minutes is None or at_us - place.last_us <= minutes * MINUTE:
            return False
        return place.covered_us is None or place.covered_us < place.last_us

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
            if self.setting.held_stays:
                self.facts.hold(at_us, account, got)
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
        if self.asking[a] or place.units < self.least:
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
            self.told[account] = len(self.play.log[account])
            self.told_us[account] = at_us
            self.begun_us[account] = min(begin_us, self.begun_us[account])
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
            if self.setting.held_stays:
                self.facts.unhold(account, amount)

        return act
