"""Crowds: how long, and in how much memory, money is followed through far too many (REQ-44).

    .venv/bin/python soak/crowds.py [--most 1000000]

Each shape is followed at three sizes, a tenth of the next, each in a process of its own: a hub of
that many payments, all of them in one microsecond, as many accounts that pay each other in a chain
or a ring within one instant, payments of one shop told by both banks, hundreds of victims in one
pool. Prints one line each; ends with status 1 if a unit is lost or made, or if ten times as many
payments take more than `MOST_GROWTH` times as long.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from qalqan.clock import DAY, HOUR, SECOND
from qalqan.trail.index.facts import Facts, Listed
from qalqan.trail.index.moves import HERE
from qalqan.trail.index.walk import walk
from qalqan.trail.policy import default
from qalqan.trail.semantics import Root

START_US = 20_000 * DAY
HUB = "a0"
VICTIMS = 300
MOST_GROWTH = 25
LEAST_S = 0.02
"""Below this the machine's own noise is measured."""


def told(columns: dict[str, Any], n: int) -> Listed:
    """So many payments as an index tells them; account i is called `a<i>`."""
    width = len(str(n))
    ids = "".join(f"s:{i:0{width}}" for i in range(n)).encode()
    ends = np.arange(1, n + 1, dtype=np.int64) * (width + 2)
    none = np.zeros((n, 2), np.uint64)
    facts = Facts(
        at_us=columns["at_us"], side=columns.get("side", np.full(n, 2, np.uint8)),
        payer=columns["payer"], payee=columns["payee"],
        payer_bank=np.zeros(n, np.int32), payee_bank=np.zeros(n, np.int32),
        amount=columns["amount"], instrument=np.zeros(n, np.uint8), uetr=none, end_to_end=none,
        country=np.zeros(n, np.int16), seal=np.zeros(n, np.int64), id_from=ends - width - 2,
        id_to=ends, ids=np.frombuffer(ids, np.uint8),
    )  # fmt: skip
    accounts = int(max(facts.payer.max(), facts.payee.max())) + 1
    return Listed(facts, [f"a{i}" for i in range(accounts)], ["X"], ["KZ"])


def roots(claims: int, amount: int) -> list[Root]:
    """So many victims who pay the hub, none of whose payments an index tells."""
    return [
        Root(f"r:{i:04}", f"R{i:04}", f"v{i}", HUB, "X", amount, "KZT", START_US)
        for i in range(claims)
    ]


def hub(n: int, apart_us: int, claims: int) -> tuple[Listed, list[Root]]:
    """Half of the payments come to one account, half leave it for a hundred others."""
    half = n // 2
    others = np.arange(half, dtype=np.int64)
    columns = {
        "at_us": START_US + 1 + np.arange(n, dtype=np.int64) * apart_us,
        "payer": np.where(np.arange(n) % 2, 0, np.repeat(others, 2)[:n] % 5_000 + 101),
        "payee": np.where(np.arange(n) % 2, np.repeat(others, 2)[:n] % 100 + 1, 0),
        "amount": 40 + np.arange(n, dtype=np.int64) % 97,
    }
    return told(columns, n), roots(claims, 1_000_000 // claims)


def chain(n: int, closed: bool) -> tuple[Listed, list[Root]]:
    """The hub pays half as many accounts, and each of them the next one, all in one instant; the
    last one the first, if closed."""
    half = n // 2
    accounts = np.random.default_rng(5).permutation(half).astype(np.int64)
    columns = {
        "at_us": np.full(2 * half, START_US + SECOND),
        "payer": np.concatenate((np.zeros(half, np.int64), accounts + 1)),
        "payee": np.concatenate(
            (accounts + 1, ((accounts + 1) % half if closed else accounts + 1) + 1)
        ),
        "amount": np.full(2 * half, 50, np.int64),
    }
    return told(columns, 2 * half), roots(2, 25 * half)


def shop(n: int) -> tuple[Listed, list[Root]]:
    """One sum, again and again, to one shop, told by both banks, whose clocks differ."""
    half = n // 2
    at_us = START_US + HOUR + np.arange(half, dtype=np.int64) * 1_000
    drift = np.random.default_rng(6).integers(0, SECOND, half)
    columns = {
        "at_us": np.concatenate((at_us, at_us + drift)),
        "side": np.repeat(np.array([0, 1], np.uint8), half),
        "payer": np.zeros(2 * half, np.int64),
        "payee": np.ones(2 * half, np.int64),
        "amount": np.full(2 * half, 100, np.int64),
    }
    return told(columns, 2 * half), roots(2, 50_000)


SHAPES: dict[str, tuple[Callable[[int], tuple[Listed, list[Root]]], int]] = {
    "a hub over a day": (lambda n: hub(n, max(1, 20 * HOUR // n), 3), 1),
    "a hub in one microsecond": (lambda n: hub(n, 0, 3), 1),
    f"{VICTIMS} victims in one hub": (lambda n: hub(n, max(1, 20 * HOUR // n), VICTIMS), 10),
    "a chain in one instant": (lambda n: chain(n, False), 1),
    "a ring in one instant": (lambda n: chain(n, True), 1),
    "a shop told by two banks": (shop, 1),
}
"""Each shape, and how many times fewer payments it gets than the others."""


def followed(shape: str, n: int) -> tuple[int, float, float, str]:
    """Facts, seconds, MB of memory that it took at most, and what is wrong, if anything."""
    source, asked = SHAPES[shape][0](n)
    policy = replace(default(), min_share_ppm=1, max_hops=2)
    small, few = SHAPES[shape][0](100)
    walk(small, few, policy, START_US + DAY, ["X"])  # loads what is compiled
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    found = walk(source, asked, policy, START_US + DAY, ["X"])
    spent = time.perf_counter() - began
    more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    stolen, wrong = sum(root.amount for root in asked), ""
    for rule in range(4):
        legs, here = found.found.legs, found.found.here
        left = legs[4, (legs[0] == rule) & (legs[2] != HERE)].sum()
        if left + here[3, here[0] == rule].sum() != stolen:
            wrong = f"rule {rule}: units are lost or made"
    return len(source.facts.at_us), spent, more, wrong


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=1_000_000)
    most, broken = parser.parse_args().most, False
    for shape, (_, fewer) in SHAPES.items():
        before: float | None = None
        for n in (most // 100 // fewer, most // 10 // fewer, most // fewer):
            with multiprocessing.get_context("spawn").Pool(1) as alone:
                facts, spent, more, wrong = alone.apply(followed, (shape, n))
            growth = spent / max(before, LEAST_S) if before is not None else None
            slow = growth is not None and growth > MOST_GROWTH
            broken |= bool(wrong) or slow
            told = {"shape": shape, "facts": facts, "ms": round(spent * 1e3, 1),
                    "more_memory_mb": round(more), "growth": growth and round(growth, 1),
                    "wrong": wrong or ("too slow" if slow else "")}  # fmt: skip
            print(json.dumps(told), flush=True)
            before = spent
    if broken:
        sys.exit(1)


if __name__ == "__main__":
    main()
