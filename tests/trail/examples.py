"""The worked examples of `docs/reference/trail.md`, read from the page itself.

A block says what is told (`own`, `root`, payments as "time payer payee sum [instrument]") and
what follows from it ("rule place=units …"; a place is an account or a part, with its claim
where that matters). Times are seconds; `all` holds for rules that no later line restates.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trail_questions import START_US, Question

from qalqan.clock import SECOND
from qalqan.trail.semantics import RULES, Coverage, Fact, Root, TrailPolicy

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "trail.md"
POLICY = TrailPolicy(
    version="examples", window_us=1_000 * SECOND, max_hops=9, min_share_ppm=0, match_window_us=0,
    kept_ppm=0, lookback_us=100 * SECOND,
)  # fmt: skip
_BLOCK = re.compile(r"^```example\n(.*?)^```", re.MULTILINE | re.DOTALL)


@dataclass
class Example:
    """One block: its question, and place → units expected under each rule."""

    text: str
    number: int
    facts: list[Fact] = field(default_factory=list)
    coverages: list[Coverage] = field(default_factory=list)
    roots: list[Root] = field(default_factory=list)
    expected: dict[str, dict[str, int]] = field(default_factory=dict)

    @property
    def question(self) -> Question:
        after = START_US + 500 * SECOND
        return Question(self.facts, self.coverages, self.roots, POLICY, after, frozenset())

    def name(self, account: str) -> str:
        """Accounts of different examples are strangers, for they share a lake."""
        return f"acc_{self.number}_{account}"

    def take(self, line: str) -> None:
        first, *rest = line.split()
        if first in ("own", "root"):
            getattr(self, f"_{first}")(rest)
        elif first.isdigit():
            self._payment(int(first), *rest)
        else:
            told = {place: int(units) for place, units in (word.split("=") for word in rest)}
            for rule in RULES if first == "all" else (first,):
                self.expected[rule] = told

    def _own(self, words: list[str]) -> None:
        account, opening, _, first, _, last, *closing = words
        self.coverages.append(
            Coverage(
                self.name(account), "B", _us(first), _us(last), int(opening),
                int(closing[1]) if closing else None, f"bank:{self.number}s{len(self.coverages)}",
            )
        )  # fmt: skip

    def _root(self, words: list[str]) -> None:
        claim, payer, payee, amount, _, at = words
        self.roots.append(
            Root(f"root-{claim}", claim, self.name(payer), self.name(payee), "B", int(amount),
                 "KZT", _us(at), payer_bank="B")
        )  # fmt: skip

    def _payment(self, at: int, payer: str, payee: str, amount: str, instrument: str = "") -> None:
        cash = payee == "cash"
        self.facts.append(
            Fact(f"bank:{self.number}p{len(self.facts)}", _us(at), "both", self.name(payer), "B",
                 None if cash else self.name(payee), None if cash else "B", int(amount),
                 "cash_out" if cash else instrument or "transfer")
        )  # fmt: skip

    def found(self, document: dict[str, Any], rule: str) -> dict[str, int]:
        """Units at the expected places."""
        units: Counter[str] = Counter()
        for node in document["nodes"]:
            account = node["account"].rsplit("_", 1)[1]
            for claim, n in node["here"].get(rule, {}).items():
                units.update({account: n, f"{account}:{claim}": n})
        for claim, parts in document["parts"][rule].items():
            for part, n in parts.items():
                units.update({part: n, f"{part}:{claim}": n})
        return {place: units[place] for place in self.expected[rule]}


def _us(second: int | str) -> int:
    return START_US + int(second) * SECOND


def examples() -> Iterator[Example]:
    """Every example of the page, in its order."""
    for number, text in enumerate(_BLOCK.findall(PAGE.read_text(encoding="utf-8"))):
        example = Example(text, number)
        for line in text.splitlines():
            example.take(line)
        yield example
