"""Fraud by telephone without a SIM box: call centres that ring abroad, and spoofed numbers.

Call centres found in the country rang only post-Soviet and European numbers (REQ-34); spoofed
domestic numbers come over international trunks (REQ-45). All shares and rates are judgements; the
actors are invented and likeness to real ones is chance.
"""

from __future__ import annotations

import numpy as np

from qalqan.clock import DAY, HOUR, MINUTE
from qalqan.simulate.calls.drawing import Drawing
from qalqan.simulate.calls.hours import OFFICE, PEOPLE, between, moments, stay, whole
from qalqan.simulate.calls.numbers import (
    COUNTRIES,
    COUNTRY,
    POST_SOVIET_AND_EUROPE,
    UNALLOCATED,
    abroad,
    in_sequence,
)
from qalqan.simulate.calls.offices import lines_somewhere
from qalqan.simulate.calls.records import (
    ABROAD,
    DOMESTIC,
    HOME,
    INTERNATIONAL,
    NONE,
    PEERS,
    UNKNOWN,
    records,
)
from qalqan.simulate.calls.talks import Manner, talks
from qalqan.simulate.identity import Ints

CENTRE_CALLS = (150.0, 3_000.0)
"""Calls of a fraud call centre a day."""
CENTRE_LINES = (2.0, 25.0)
CENTRE_ANSWERED = (0.12, 0.5)
CENTRE_TALK_S, CENTRE_SPREAD = (60.0, 500.0), 1.4
"""Median of its talks, and their spread: some last hours."""
BY_SEQUENCE = 0.6
"""Share of centres that dial numbers in sequence; the others bought lists."""
INTERNET_LINES = 751_200_0000
"""First VoIP numbers of the country that centres rent."""
LINE_LASTS_DAYS = (0.5, 10.0)
"""How long a centre uses a number before it takes another."""
SPOOF_CALLS = (100.0, 5_000.0)
"""Calls of one spoofed campaign."""
SPOOF_ANSWERED = (0.2, 0.6)
SPOOF_EACH = (1.0, 300.0)
"""Calls under one spoofed number before the next is shown."""
SPOOF_KINDS = ("fixed", "mobile", "unallocated", "bank")
PRESENTED_ONLY = 0.3
"""Share of spoofed campaigns whose network number is foreign and only the shown one domestic."""
HOME_SILENT, CALLED_ABROAD = 0.08, 0.002
"""Shares of spoofed mobiles whose home network does not tell where they are, or who happen to be
abroad: those can't be told from roamers."""
SPOOF_BACK = 0.02
MOST_VICTIMS = 6
SOONEST_MOMENT, LATEST_MOMENT = 1 * MINUTE, 6 * HOUR


def frauds(drawing: Drawing) -> None:
    """Draw call centres and spoofed campaigns."""
    for _ in range(drawing.size.fraud_centres):
        _centre(drawing)
    for number in range(max(drawing.size.spoofers, len(SPOOF_KINDS))):
        _spoofer(drawing, SPOOF_KINDS[number % len(SPOOF_KINDS)])


def _centre(drawing: Drawing) -> None:
    """A call centre: foreign callees only, long talks, working hours."""
    generator = drawing.generator
    first_us, last_us = stay(generator, drawing.size.days, 0.4)
    days = (last_us - first_us) / DAY
    n = max(20, int(between(generator, *CENTRE_CALLS) * drawing.size.scale * days * 5 / 7))
    at = np.sort(moments(generator, n, OFFICE, first_us, last_us))
    lines = _rented(drawing)
    used = max(1, len(lines) // 3)
    change = (at - first_us) // int(between(generator, *LINE_LASTS_DAYS) * DAY)
    line = lines[(change * used + generator.integers(0, used, n)) % len(lines)]
    manner = Manner(
        float(generator.uniform(*CENTRE_ANSWERED)),
        between(generator, *CENTRE_TALK_S),
        CENTRE_SPREAD,
    )
    peers = PEERS if generator.random() < 0.7 else DOMESTIC
    trunk = int(generator.choice(peers))
    drawn = talks(generator, n, manner)
    calls = records(at, line, _targets(generator, n), trunk=trunk, **drawn)
    drawing.act("fraud_centre", [calls], guilty=True, numbers=np.unique(line), trunk=trunk)


def _rented(drawing: Drawing) -> Ints:
    """City or VoIP numbers; VoIP ones in a row or anywhere."""
    generator = drawing.generator
    if generator.random() < 0.5:
        return lines_somewhere(drawing, *CENTRE_LINES)
    n = whole(generator, *CENTRE_LINES)
    first = COUNTRY + INTERNET_LINES + int(generator.integers(900_000))
    return first + generator.choice(max(n, 2_000), n, replace=False)


def _targets(generator: np.random.Generator, n: int) -> Ints:
    """Foreign numbers: dialled in sequence within a few prefixes, or from lists."""
    names = [
        str(name)
        for name in generator.choice(POST_SOVIET_AND_EUROPE, int(generator.integers(1, 6)), False)
    ]
    if generator.random() > BY_SEQUENCE:
        return abroad(generator, n, dict.fromkeys(names, 1))
    runs = np.array_split(np.arange(n), min(n, len(names) * whole(generator, 1, 5)))
    step, slips = int(generator.integers(1, 8)), float(generator.uniform(0, 0.3))
    walked = [
        in_sequence(
            generator,
            int(abroad(generator, 1, {names[i % len(names)]: 1})[0]),
            len(run),
            step,
            slips,
        )
        for i, run in enumerate(runs)
    ]
    return np.concatenate(walked)


def _spoofer(drawing: Drawing, kind: str) -> None:
    """A campaign from abroad under domestic numbers."""
    generator, people = drawing.generator, drawing.people
    first_us, last_us = stay(generator, drawing.size.days, 0.05)
    n = max(20, int(between(generator, *SPOOF_CALLS) * drawing.size.scale))
    at = np.sort(moments(generator, n, PEOPLE if generator.random() < 0.3 else OFFICE,
                         first_us, last_us))  # fmt: skip
    each = whole(generator, *SPOOF_EACH)
    shown = _shown(drawing, kind, n // each + 1)[np.arange(n) // each]
    victim = drawing.anybody(n)
    behind = generator.random() < PRESENTED_ONLY
    origin = abroad(generator, 1, {str(generator.choice(list(COUNTRIES))): 1})[0]
    place = generator.choice(
        [HOME, UNKNOWN, ABROAD], n, p=[1 - HOME_SILENT - CALLED_ABROAD, HOME_SILENT, CALLED_ABROAD]
    )
    manner = Manner(float(generator.uniform(*SPOOF_ANSWERED)), between(generator, 20, 200), 1.2)
    calls = records(
        at, np.where(behind, origin, shown), people.number[victim],
        presented=np.where(behind, shown, NONE), trunk=int(generator.choice(INTERNATIONAL)),
        place=np.where(kind == "mobile" and not behind, place, NONE), **talks(generator, n, manner),
    )  # fmt: skip
    back = drawing.call_back(calls, victim, SPOOF_BACK, 2 * HOUR, Manner(0.5, 20, 0.8))
    actor = drawing.act(
        f"spoofed.{kind}", [calls], guilty=True, numbers=shown, forged=True, echo=back,
    )  # fmt: skip
    count = int(generator.integers(1, MOST_VICTIMS))
    drawing.foretell(actor, calls, count, SOONEST_MOMENT, LATEST_MOMENT)


def _shown(drawing: Drawing, kind: str, n: int) -> Ints:
    """Numbers that a campaign shows."""
    generator, people = drawing.generator, drawing.people
    if kind == "fixed":
        return generator.choice(people.fixed, n)
    if kind == "mobile":
        return people.number[drawing.anybody(n)]
    if kind == "unallocated":
        code = generator.choice(np.array(UNALLOCATED), n)
        return COUNTRY + code * 10**7 + generator.integers(1_000_000, 9_999_999, n)
    banks = [s.numbers for s in drawing.sketches if s.kind == "call_centre.bank"]
    return generator.choice(np.concatenate(banks), n)
