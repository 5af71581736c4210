"""An exercise in following money as its page shows it: what banks have told, what was done, and
after its end what was true (REQ-95)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from qalqan.errors import InputRejected
from qalqan.register import orm
from qalqan.simulate.banks import BANKS as INSTITUTIONS
from qalqan.simulate.replay.world import BANKS
from qalqan.simulate.training.drawn import Case, case_of
from qalqan.simulate.training.follow import (
    ACTS,
    GROUNDS,
    Act,
    Event,
    Follow,
    acts_of,
    label,
    step_us,
    steps,
)
from qalqan.simulate.training.follow_score import score
from qalqan.simulate.training.follow_truth import Truth, truth
from qalqan.simulate.training.known import name_of, number_of
from qalqan.simulate.training.rules import rule
from qalqan.trail.semantics import Fact
from qalqan.web.console.draft_page import amount_of
from qalqan.web.console.ladder.flow import Saved, Scene
from qalqan.web.console.ladder.picture import draw, trace
from qalqan.web.console.reader import Reader

GUIDED = "guided"
CLAIM = "R0"


@dataclass(frozen=True)
class Seen:
    """An account as the trainee sees it; tiyn."""

    account: int
    bank: str
    told_us: int | None
    """Until when its bank has told everything; None: it was not asked, or has not answered."""
    traced: int | None
    """None: the trail is not shown at this level."""
    asked: int
    held: int


@dataclass(frozen=True)
class FollowView:
    """A step of the exercise."""

    case: Case
    step: int
    steps: int
    now_us: int
    confirmed: bool
    seen: tuple[Seen, ...]
    lines: tuple[Fact, ...]
    events: tuple[Event, ...]
    done: tuple[Act, ...]
    """What was done in this step."""
    left: int
    """How many acts are left in it."""
    picture: str | None


@dataclass(frozen=True)
class Told:
    """One step in the debrief."""

    at_us: int
    acts: tuple[Act, ...]
    events: tuple[Event, ...]
    faults: tuple[str, ...]
    at_banks: int


@dataclass(frozen=True)
class FollowEnd:
    """The debrief."""

    case: Case
    parts: Mapping[str, Any]
    told: tuple[Told, ...]
    truth: Truth


def bank_name(place: int, language: str) -> str:
    """The invented bank's name."""
    names = {bank.code: bank.names[language] for bank in INSTITUTIONS}
    return names.get(BANKS[place], BANKS[place])


def step_of(row: orm.Exercise) -> int:
    """At which step a run is."""
    return int(row.acts.get("step", 0))


def acts(row: orm.Exercise) -> list[Act]:
    """What was done so far."""
    return acts_of(row.acts.get("acts", ()))


def view(reader: Reader, row: orm.Exercise) -> FollowView:
    """The step that a run is at."""
    case, step, done = case_of(row.seed), step_of(row), acts(row)
    now_us = step_us(case, step)
    played = Follow(case, done, now_us)
    guided = row.level == GUIDED
    traced = played.traced() if guided else {}
    told = {number_of(c.account): c.to_us for c in played.told.coverages if c.account}
    seen = tuple(
        Seen(
            account, bank_name(case.world.banks[account], reader.language), told.get(account),
            traced.get(account, 0) if guided else None,
            played.asked[account] - played.held[account], played.held[account],
        )
        for account in _offered(played, traced, told)
    )  # fmt: skip
    mine = tuple(act for act in done if act.step == step)
    return FollowView(
        case, step, steps(), now_us, bool(played.told.roots), seen, tuple(played.told.lines()),
        tuple(reversed(played.tried.events)), mine, rule("follow.acts_a_step") - len(mine),
        _picture(reader, case, played) if guided else None,
    )  # fmt: skip


def _offered(played: Follow, traced: Mapping[int, int], told: Mapping[int, int]) -> list[int]:
    """Accounts of the list: those with traced, held or told things first, then by number."""
    return sorted(
        played.accounts(),
        key=lambda a: (-traced.get(a, 0), a not in told, not played.asked[a], a),
    )


def _picture(reader: Reader, case: Case, played: Follow) -> str | None:
    document = played.document()
    if document is None:
        return None
    here = {
        node["account"]: sum(node["here"].get("taint_first", {}).values())
        for node in document["nodes"]
    }
    saved = {
        name_of(account): Saved(min(held, here.get(name_of(account), 0)), played.until_us)
        for account, held in played.held.items()
        if held > 0 and here.get(name_of(account), 0) > 0
    }
    names = {code: bank_name(place, reader.language) for place, code in enumerate(BANKS)}
    scene = Scene(frozenset({CLAIM}), played.until_us, (case.reported_us,), saved, {}, names)
    flow = trace(document, scene)
    return draw(flow, scene, "KZT", reader.language)[0] if flow else None


def add(row: orm.Exercise, given: Mapping[str, str]) -> dict[str, Any]:
    """The run's acts with one more.

    Raises:
        InputRejected: an act, account or sum that can't be, or too many in one step.
    """
    case, step, done = case_of(row.seed), step_of(row), acts(row)
    most = rule("follow.acts_a_step")
    if sum(act.step == step for act in done) >= most:
        raise InputRejected("act", given["act"], "training.acts", most=most)
    if given["act"] not in ACTS:
        raise InputRejected("act", given["act"], "one_of", choices=", ".join(ACTS))
    if given["act"] == "confirm":
        act = Act(step, "confirm")
    else:
        known = Follow(case, done, step_us(case, step)).accounts()
        act = _about(given, step, known)
    return {"step": step, "acts": [*row.acts.get("acts", ()), list(act)]}


def _about(given: Mapping[str, str], step: int, known: Sequence[int]) -> Act:
    text = given["account"]
    account = int(text) if text.isdecimal() and len(text) < 6 else -1
    if account not in known:
        raise InputRejected("account", text, "training.account")
    if given["act"] == "statement":
        return Act(step, "statement", account)
    amount = None if given["whole"] else amount_of(given["amount"].strip())
    if not given["whole"] and not amount:
        raise InputRejected("amount", given["amount"], "asked.amount")
    if given["act"] == "hold" and given["ground"] not in GROUNDS:
        raise InputRejected("ground", given["ground"], "one_of", choices=", ".join(GROUNDS))
    return Act(step, given["act"], account, amount, given["ground"] or GROUNDS[0])


def go_on(row: orm.Exercise) -> dict[str, Any]:
    """The run one step on."""
    return {"step": step_of(row) + 1, "acts": row.acts.get("acts", [])}


def is_last(row: orm.Exercise) -> bool:
    """Whether no step follows."""
    return step_of(row) + 1 >= steps()


def ended(row: orm.Exercise) -> tuple[int, dict[str, Any]]:
    """Points of a run, and what they are made of."""
    found = asdict(score(case_of(row.seed), acts(row)))
    return found.pop("points"), found


def debrief(row: orm.Exercise) -> FollowEnd:
    """What was seen, what was done and what was true, step by step."""
    case, done = case_of(row.seed), acts(row)
    played = Follow(case, done, case.end_us).tried
    told = []
    for step in range(steps()):
        begin, end = step_us(case, step), step_us(case, step + 1)
        if step == steps() - 1:
            end = case.end_us
        told.append(Told(
            begin, tuple(act for act in done if act.step == step),
            tuple(event for event in played.events
                  if begin <= event.at_us < end and event.what != "asked"),
            tuple(fault for at, fault in played.faults if at == step), played.at_banks[step],
        ))  # fmt: skip
    return FollowEnd(case, row.parts, tuple(told), truth(case))


def shown(account: int) -> str:
    """An account as pages write it."""
    return "…" + label(account)
