"""Ten million simulated call records through the rules of calls: who is refused, and who is not.

The records are a simulated country's (`simulate.calls`), with its truth: numbers forged over
trunks from abroad, and people who rightly come from there. A record tells where the home network
saw the caller; the country's networks are sometimes late or silent, so each line is given with
what they told, and with what a question to them at the moment of the call would have told
(the slow path). The peer is the plainest rule, that every Kazakh number from abroad is refused.
`python bench/calls_replay.py [SUBSCRIBERS [DAYS]]`.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qalqan.geo.number_columns import number_classes
from qalqan.screening import call_columns, call_plan
from qalqan.screening.calls import decisions, keeper, lookup
from qalqan.screening.calls.decisions import ANSWERS
from qalqan.screening.calls.row import Allowed, Trunk
from qalqan.screening.calls.rules import CODES, Answer
from qalqan.screening.calls.screen import Tables
from qalqan.simulate.calls.country import CallCountry, make, sized
from qalqan.work.call_replay import columns

LOOPS = ("intl-7", "intl-8")
"""Trunks that carry looped calls by contract, and nothing else."""
FAR_FUTURE = 2**40


def tables(path: Path, country: CallCountry) -> Tables:
    """The numbers of the country's banks are protected; two trunks may bring calls back; each
    provider of SIP has the numbers that were given or ported to it."""
    actors = country.truth.actors
    peers = sorted({one.trunk for one in actors if one.trunk and one.trunk.startswith("voip")})
    values = {int(number): peers.index(one.trunk) + 1
              for one in actors if one.trunk in peers for number in one.numbers}  # fmt: skip
    for one in actors:
        if one.kind == "call_centre.bank":
            for number in map(int, one.numbers):
                values[number] = values.get(number, 0) | lookup.IS_PROTECTED << 8
    keeper.write(path, keeper.Content(
        1, 1, 900, call_plan.codes(), call_plan.blocks(), decisions.compiled(CODES), {},
        (*(keeper.Trunk(name, (), Trunk.INTERNATIONAL) for name in LOOPS),
         *(keeper.Trunk(name, (), Trunk.VOIP, place) for place, name in enumerate(peers, 1))),
        ranges=tuple(keeper.Range(name, lookup.PLUS_7, lookup.PLUS_7 + lookup.SPAN - 1,
                                  Allowed.LOOPED, FAR_FUTURE, "loops") for name in LOOPS),
        values=values,
    ))  # fmt: skip
    return Tables(path)


def answers(found: Tables, asked: call_columns.Columns) -> Any:
    return np.frombuffer(ANSWERS, np.uint8)[call_columns.decide(found, asked).rule]


def kinds(country: CallCountry) -> Any:
    """What each call is, by the truth; ordinary people's are empty."""
    names = np.array([one.kind for one in country.truth.actors] + [""])
    return names[country.truth.actor_of_call]


def plainly(calls: pa.Table) -> Any:
    """The peer: refuse whatever shows a Kazakh number and comes from abroad."""
    shown = pc.coalesce(calls["presented"], calls["caller"]).combine_chunks()
    kazakh = np.asarray(pc.fill_null(pc.equal(number_classes(shown)[0], "KZ"), False))
    return kazakh & np.asarray(pc.equal(calls["trunk_class"], "international"))


def line(name: str, unit: str, ours: float, theirs: float, n: int, notes: str) -> None:
    print(json.dumps({
        "name": name, "unit": unit, "ours": round(ours, 4), "peer": "refuse every Kazakh number",
        "peer_value": round(theirs, 4), "ratio": "", "n": n, "notes": f"simulated; {notes}",
    }, ensure_ascii=False))  # fmt: skip


def main(subscribers: int = 470_000, days: int = 7) -> None:
    country = make(5, sized(subscribers, days=days))
    kind, peer = kinds(country), plainly(country.calls)
    with tempfile.TemporaryDirectory() as folder:
        found = tables(Path(folder) / "calls.tables", country)
        begun = time.perf_counter()
        asked = columns(found, country.calls)
        asked = asked._replace(diverting=np.ones(len(kind), np.int64))
        read_s = time.perf_counter() - begun
        call_columns.decide(found, call_columns.Columns(*(each[:100] for each in asked)))
        begun = time.perf_counter()
        told = answers(found, asked)
        decide_s = time.perf_counter() - begun
        roams = np.isin(kind, ["roamer"])
        place = np.where(roams, call_columns.ABROAD_TOLD, asked.place)
        silent = np.isin(asked.place, (call_columns.UNKNOWN_TOLD, call_columns.UNTOLD))
        place = np.where(silent & ~roams, call_columns.HOME_TOLD, place)
        at_once = answers(found, asked._replace(place=place))
    for each in ("spoofed.fixed", "spoofed.bank", "spoofed.unallocated", "spoofed.mobile"):
        of = kind == each
        for said, given in (("as networks told", told), ("asked at once", at_once)):
            refused = 100 * (given[of] == Answer.REFUSE).mean()
            hidden = 100 * (given[of] == Answer.WITHHOLD).mean()
            line(f"{each} refused, {said}", "%", refused, 100 * peer[of].mean(), int(of.sum()),
                 f"{hidden:.2f} % more pass without their number")  # fmt: skip
    for each in ("roamer", "loop", "ported.mobile", "ported.line", "foreign_desk"):
        of = kind == each
        for said, given in (("as networks told", told), ("asked at once", at_once)):
            wrong = 1e5 * (given[of] == Answer.REFUSE).mean()
            hidden = 100 * (given[of] == Answer.WITHHOLD).mean()
            line(f"{each} refused, {said}", "of 100,000", wrong, 1e5 * peer[of].mean(),
                 int(of.sum()), f"{hidden:.2f} % pass without their number")  # fmt: skip
    ordinary = kind == ""
    line("ordinary calls refused", "of 100,000", 1e5 * (told[ordinary] == Answer.REFUSE).mean(),
         1e5 * peer[ordinary].mean(), int(ordinary.sum()), "all other people's calls")  # fmt: skip
    print(json.dumps({
        "name": "calls decided by columns", "unit": "M a second",
        "ours": round(len(kind) / decide_s / 1e6, 2), "peer": "reading the same columns as numbers",
        "peer_value": round(len(kind) / read_s / 1e6, 2), "ratio": round(read_s / decide_s, 2),
        "n": len(kind), "notes": "simulated; warm, all cores",
    }))  # fmt: skip


if __name__ == "__main__":
    main(*(int(one) for one in sys.argv[1:3] if one.isdigit()))
