"""Follow the money: the exercise as it unfolds from what the trainee did (REQ-39, 44).

Banks answer as in the replay of policies; what they have told is all that is seen. An order without
a confirmed payment is refused, as the law would have it; one above the traced sum, or of a whole
account, is carried out, since a bank does what it is told: that is what the score looks at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from qalqan.clock import DAY, MINUTE
from qalqan.simulate.replay.answers import CONFIRM, HOLD, RELEASE, STATEMENT, Answers
from qalqan.simulate.replay.play import Outcome, Play
from qalqan.simulate.training.drawn import Case, the_scenario
from qalqan.simulate.training.known import Told, name_of, number_of, root_of
from qalqan.simulate.training.rules import rule
from qalqan.trail.body import Document, document

ACTS = ("confirm", "hold", "statement", "release")
GROUNDS = ("confirmed", "word", "score")
"""Grounds of a hold: the payer's bank confirmed; the victim's word alone; a score alone."""
FAULTS = ("unconfirmed", "no_ground", "above_traced", "whole_account")
BEFORE_US = DAY
"""How far before it is asked a statement begins."""


class Act(NamedTuple):
    """What the trainee did at a step; tiyn."""

    step: int
    what: str
    account: int = -1
    amount: int | None = None
    """None: all that lies there."""
    ground: str = "confirmed"


class Event(NamedTuple):
    """What happened, as the trainee sees it."""

    at_us: int
    what: str
    """asked, confirmed, told, held, refused, released"""
    act: str
    account: int
    asked: int = 0
    got: int = 0


@dataclass
class Tried:
    """What the trainee's acts came to."""

    events: list[Event] = field(default_factory=list)
    faults: list[tuple[int, str]] = field(default_factory=list)
    """(step, fault)"""
    at_banks: list[int] = field(default_factory=list)
    """Stolen money still loose at banks at each step: the truth, for the debrief."""


def steps() -> int:
    """How many steps an exercise has."""
    return int(rule("follow.steps"))


def step_us(case: Case, step: int) -> int:
    """When a step begins."""
    return case.reported_us + step * int(rule("follow.step_minutes")) * MINUTE


class Follow:
    """One case under a trainee's acts, played until a moment."""

    def __init__(self, case: Case, acts: Iterable[Act], until_us: int) -> None:
        self.case, self.until_us = case, until_us
        self.play, self.told, self.tried = Play(case.world), Told(case.world), Tried()
        self.answers = Answers(case.world, the_scenario(), 1.0)
        self.asked: Counter[int] = Counter()
        """Account → what open and answered holds speak for."""
        self.held: Counter[int] = Counter()
        for number in range(steps()):
            at_us = step_us(case, number)
            if at_us <= until_us:
                self.play.later(at_us, self._look)
                for act in acts:
                    if act.step == number:
                        self.play.later(at_us, self._doing(act))
        self.play.run(until_us)

    def outcome(self) -> Outcome:
        """How it ended, by the truth."""
        return self.play.outcome()

    def document(self) -> Document | None:
        """The trail by what is known; None before the payment is confirmed."""
        trail = self.told.walk(self.until_us, holds=False)
        return document(trail) if trail else None

    def accounts(self) -> list[int]:
        """Accounts that the trainee knows of: the named one, and those in what banks told."""
        world = self.case.world
        known = {world.stages[self.case.claim.stage].account}
        for line in self.told.lines():
            known |= {number_of(name) for name in (line.payer, line.payee) if name}
        return sorted(known - {world.outside, self.case.claim.payer})

    def traced(self) -> dict[int, int]:
        """Account → stolen tiyn that the trail finds there, held ones included."""
        return {spot.account: spot.units for spot in self.told.spots(self.until_us)}

    def _look(self, at_us: int) -> None:
        held = self.play.outcome().stopped
        self.tried.at_banks.append(sum(self.play.waiting) + sum(self.play.kept) - held)

    def _doing(self, act: Act) -> Callable[[int], None]:
        return {
            "confirm": self._confirm, "hold": self._hold, "statement": self._statement,
            "release": self._release,
        }[act.what](act)  # fmt: skip

    def _confirm(self, act: Act) -> Callable[[int], None]:
        def ask(at_us: int) -> None:
            late = self.answers.after_us(self.case.claim.payer, CONFIRM)
            self._say(at_us, "asked", act)
            self.play.later(at_us + late, answer)

        def answer(at_us: int) -> None:
            if not self.told.roots:
                self.told.confirm(root_of(self.case.world, 0))
            self._say(at_us, "confirmed", act, got=self.case.claim.amount)

        return ask

    def _hold(self, act: Act) -> Callable[[int], None]:
        def ask(at_us: int) -> None:
            amount = self._judged(act, at_us)
            if amount is None:
                self._say(at_us, "refused", act)
                return
            self.asked[act.account] += amount
            self._say(at_us, "asked", act, asked=amount)
            late = self.answers.after_us(act.account, HOLD)
            self.play.later(at_us + late, lambda then: answer(then, amount))

        def answer(at_us: int, amount: int) -> None:
            got = self.play.hold(act.account, amount)
            self.held[act.account] += got
            self.asked[act.account] -= amount - got
            self.told.hold(at_us, act.account, got)
            self._say(at_us, "held", act, asked=amount, got=got)

        return ask

    def _judged(self, act: Act, at_us: int) -> int | None:
        """The sum that the bank is told to hold; None: the order does not go out. Faults are noted
        as of what is known now."""
        if not self.told.roots:
            self.tried.faults.append((act.step, "unconfirmed"))
            return None
        if act.ground != GROUNDS[0]:
            self.tried.faults.append((act.step, "no_ground"))
        if act.amount is None:
            self.tried.faults.append((act.step, "whole_account"))
            return self.play.free(act.account)
        spots = {spot.account: spot.units for spot in self.told.spots(at_us)}
        if act.amount > spots.get(act.account, 0) - self.asked[act.account]:
            self.tried.faults.append((act.step, "above_traced"))
        return act.amount

    def _statement(self, act: Act) -> Callable[[int], None]:
        account = act.account

        def ask(at_us: int) -> None:
            self.play.statements += 1
            self._say(at_us, "asked", act)
            late = self.answers.after_us(account, STATEMENT)
            self.play.later(at_us + late, answer)

        def answer(at_us: int) -> None:
            begin = self.case.claim.at_us - BEFORE_US
            closing = opening = self.play.balance[account]
            for payment in self.play.log[account]:
                if payment.at_us >= begin:
                    pays = payment.payer == account
                    self.told.take(payment, "payer" if pays else "payee")
                    opening += payment.amount if pays else -payment.amount
            self.told.cover(account, (begin, at_us), opening, closing)
            self._say(at_us, "told", act, got=closing)

        return ask

    def _release(self, act: Act) -> Callable[[int], None]:
        account = act.account

        def ask(at_us: int) -> None:
            self._say(at_us, "asked", act, asked=act.amount or 0)
            late = self.answers.after_us(account, RELEASE)
            self.play.later(at_us + late, answer)

        def answer(at_us: int) -> None:
            amount = min(self.held[account], act.amount or self.held[account])
            self.play.release(account, amount)
            self.told.unhold(account, amount)
            self.held[account] -= amount
            self.asked[account] -= amount
            self._say(at_us, "released", act, asked=act.amount or 0, got=amount)

        return ask

    def _say(self, at_us: int, what: str, act: Act, asked: int = 0, got: int = 0) -> None:
        self.tried.events.append(Event(at_us, what, act.what, act.account, asked, got))


def label(account: int) -> str:
    """How people see an account: its last four."""
    return name_of(account)[-4:]


def acts_of(told: Sequence[Sequence[object]]) -> list[Act]:
    """Acts as they were kept."""
    return [Act(*each) for each in told]  # type: ignore[arg-type]
