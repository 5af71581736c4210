"""Moving a detector between shadow, live and retired, or changing its parameters (DESIGN 5).

What begins to be shown as work, or is found otherwise, takes two people: one proposes with a
reason, another agrees. Taking a detector off the officers' desks takes one. Every step is
recorded.

How good a detector is, officers' decisions tell: the share confirmed of all that were decided, in
the interval of Wilson (1927) at 95 %. Its **false-alarm bound** is what that interval leaves for
false alarms at worst; it is met when few enough are left and enough were decided to tell.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.detectors import registry
from qalqan.errors import Conflict, InputRejected, NotAllowed, NotFound
from qalqan.register import audit, hands, rights
from qalqan.register.database import Database
from qalqan.register.orm import Backtest, DetectorMode, FindingRow, RuleChange
from qalqan.register.rights import Person, Right
from qalqan.work import tuning
from qalqan.work.finders import BESIDE
from qalqan.work.findings import Mode, place

SHORTEST, LONGEST = 8, 200
"""Characters of a reason."""
MODES = ("live", "shadow", "retired")
BOUND_PERMILLE = 500
"""Judgement: an officer's look is worth while if at worst every second finding is wrong …"""
LEAST_DECIDED = 20
"""… judged on so many decisions at least: under them an interval says little."""
_Z = 1.959964
"""95 % of a normal distribution."""


@dataclass(frozen=True)
class Precision:
    """Share of right findings, permille, with its interval; of nothing decided it is unknown."""

    confirmed: int
    dismissed: int

    @property
    def decided(self) -> int:
        """How many officers have decided on."""
        return self.confirmed + self.dismissed

    @property
    def share(self) -> int:
        """Permille confirmed."""
        return round(1000 * self.confirmed / self.decided) if self.decided else 0

    @property
    def interval(self) -> tuple[int, int]:
        """Permille, lower and upper end."""
        low, high = wilson(self.confirmed, self.decided)
        return math.floor(1000 * low), math.ceil(1000 * high)

    @property
    def false_alarms(self) -> int:
        """Permille of false alarms at worst."""
        return 1000 - self.interval[0]

    @property
    def bound_met(self) -> bool:
        """Whether so few false alarms are left, and enough was decided to tell."""
        return self.decided >= LEAST_DECIDED and self.false_alarms <= BOUND_PERMILLE


@dataclass(frozen=True)
class Rule:
    """One detector as it stands."""

    code: str
    mode: str
    by: str
    since_us: int
    """Who put it there, and when; nobody: it began so."""
    states: Mapping[str, int]
    """State of a finding → how many."""
    waiting: int
    """Proposals that a second person has not decided on."""

    @property
    def precision(self) -> Precision:
        """By officers' decisions."""
        return Precision(self.states.get("confirmed", 0), self.states.get("dismissed", 0))


def wilson(right: int, whole: int) -> tuple[float, float]:
    """The interval of a share at 95 %; of nothing, everything is possible."""
    if not whole:
        return 0.0, 1.0
    share, z2 = right / whole, _Z * _Z
    middle = share + z2 / (2 * whole)
    half = _Z * math.sqrt(share * (1 - share) / whole + z2 / (4 * whole * whole))
    return max(0.0, (middle - half) / (1 + z2 / whole)), min(
        1.0, (middle + half) / (1 + z2 / whole)
    )


def rules(session: Session) -> list[Rule]:
    """Every detector, and what finds beside them where it has found anything."""
    states: dict[str, dict[str, int]] = {}
    counted = select(FindingRow.detector, FindingRow.state, func.count()).group_by(
        FindingRow.detector, FindingRow.state
    )
    for code, state, n in session.execute(counted):
        states.setdefault(code, {})[state] = n
    modes = {row.detector: row for row in session.scalars(select(DetectorMode))}
    open_ones = dict(
        session.execute(
            select(RuleChange.detector, func.count())
            .where(RuleChange.state == "proposed")
            .group_by(RuleChange.detector)
        ).all()
    )
    beside = [code for code in BESIDE if code in states or code in modes]
    codes = [*registry.all_detectors(), *beside]
    return [
        Rule(
            code,
            modes[code].mode if code in modes else "shadow",
            modes[code].decided_by if code in modes else "",
            modes[code].decided_us if code in modes else 0,
            states.get(code, {}),
            open_ones.get(code, 0),
        )
        for code in codes
    ]


def rule(session: Session, code: str) -> Rule:
    """One of them; raises NotFound."""
    found = next((one for one in rules(session) if one.code == code), None)
    if found is None:
        raise NotFound("detector", code)
    return found


def changes(session: Session, code: str) -> list[RuleChange]:
    """What was proposed for a detector, the newest first."""
    of = select(RuleChange).where(RuleChange.detector == code).order_by(RuleChange.id.desc())
    return list(session.scalars(of.limit(50)))


def move(database: Database, person: Person, code: str, mode: str, reason: str) -> RuleChange:
    """Move a detector: at once off the desks (shadow, retired), and to `live` once a second
    person agrees.

    Raises:
        NotAllowed: a role that may not. NotFound: no such detector.
        InputRejected: no such mode, or a reason too short or too long.
        Conflict: it is there already, or the same is proposed.
    """
    if mode not in MODES:
        raise InputRejected("mode", mode, "rules.mode")
    return _propose(database, person, RuleChange(detector=code, what=mode), reason)


def adopt(database: Database, person: Person, backtest: int, reason: str) -> RuleChange:
    """Propose the parameters that a back-test has tried.

    Raises:
        As `move`; NotFound: no such back-test; Conflict: it is not done.
    """
    with database.session() as session:
        tried = session.get(Backtest, backtest)
    if tried is None:
        raise NotFound("backtest", str(backtest))
    if tried.state != "done":
        raise Conflict("backtest", str(backtest), tried.state, "adopt")
    row = RuleChange(
        detector=tried.detector, what="params", params=dict(tried.params), backtest=backtest
    )
    return _propose(database, person, row, reason)


def _propose(database: Database, person: Person, row: RuleChange, reason: str) -> RuleChange:
    rights.check(person, Right.RULES)
    row.reason, row.by, row.at_us = _reason(reason), person.login, clock.now_us()
    row.state, row.note = "proposed", ""
    with database.write() as session:
        if row.what != "params" and rule(session, row.detector).mode == row.what:
            raise Conflict("detector", row.detector, row.what, row.what)
        same = select(RuleChange.id).where(
            RuleChange.detector == row.detector, RuleChange.what == row.what,
            RuleChange.state == "proposed",
        )  # fmt: skip
        if session.scalar(same) is not None:
            raise Conflict("detector", row.detector, "proposed", row.what)
        if row.what in ("shadow", "retired"):
            row.state = "agreed"
            place(session, row.detector, _mode(row.what), person.login, row.reason)
        session.add(row)
        session.flush()
        if row.state == "proposed":
            audit.note(
                session, person.login, f"rule.{row.what}", "detector", row.detector, row.reason,
                change=row.id, params=row.params,
            )  # fmt: skip
    return row


def settle(
    database: Database, person: Person, change: int, agreed: bool, note: str = ""
) -> RuleChange:
    """A second person's yes or no; whoever proposed may take it back.

    Raises:
        NotAllowed: a role that may not, or yes to one's own proposal.
        NotFound: no such proposal. Conflict: somebody has decided on it.
    """
    rights.check(person, Right.RULES)
    with database.write() as session:
        row = session.get(RuleChange, change, with_for_update=True)
        if row is None:
            raise NotFound("change", str(change))
        if row.state != "proposed":
            raise Conflict("change", str(change), row.state, "decide")
        own = row.by == person.login
        if own and agreed:
            raise NotAllowed("agree", "a second person", "second_person")
        if agreed:
            hands.check(session, person.login, [row.by], "agree")
        row.state = "agreed" if agreed else "withdrawn" if own else "refused"
        row.second, row.second_us, row.note = person.login, clock.now_us(), note[:LONGEST]
        if agreed:
            _carry_out(session, row, person.login)
        else:
            audit.note(session, person.login, f"rule.{row.state}", "detector", row.detector,
                       row.note, change=row.id)  # fmt: skip
    return row


def _carry_out(session: Session, row: RuleChange, second: str) -> None:
    if row.what == "params":
        version = tuning.adopt(session, row.detector, row.params or {}, [row.by, second])
        audit.note(session, second, "rule.params", "detector", row.detector, row.reason,
                   change=row.id, policy=version, with_=row.by)  # fmt: skip
        return
    place(session, row.detector, _mode(row.what), second, row.reason, proposed_by=row.by)


def _mode(what: str) -> Mode:
    return "live" if what == "live" else "retired" if what == "retired" else "shadow"


def _reason(reason: str) -> str:
    reason = " ".join(reason.split())
    if not SHORTEST <= len(reason) <= LONGEST:
        raise InputRejected("reason", "", "rules.reason", shortest=SHORTEST, longest=LONGEST)
    return reason
