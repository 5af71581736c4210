"""A trail as tables for a terminal: who paid whom, where the money is, what to ask next."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby

from rich.console import Console
from rich.table import Table
from rich.text import Text

from qalqan.cli.out import word
from qalqan.text.catalogue import say
from qalqan.text.show import money, share, when
from qalqan.trail import Document
from qalqan.trail.timeline import levels
from qalqan.trust.tokens import last_four
from qalqan.web.console.ladder.flow import Scene
from qalqan.web.console.ladder.picture import ORDER, state_sums, trace

MOST_ROWS = 60
"""Payments shown; the largest ones, if there are more."""
WIDE = 150
"""Columns of a page that is no terminal: nothing is folded there."""
_COLOURS = {
    "cash": "red", "abroad": "red", "crypto": "red", "moving": "yellow", "wallet": "yellow",
    "held": "cyan", "returned": "green",
}  # fmt: skip


@dataclass
class Speaker:
    """How this reader is told of sums, times and accounts."""

    document: Document
    rule: str
    language: str
    banks: Mapping[str, str]
    _numbers: dict[str, int] = field(default_factory=dict)

    def money(self, units: int) -> str:
        return money(units, self.document["currency"], self.language)

    def when(self, us: int) -> str:
        return when(us, self.language)

    def account(self, account: str, bank: str | None) -> str:
        """Such as "3 …4471 Altyn": numbered as they appear, for last characters can be equal."""
        number = self._numbers.setdefault(account, len(self._numbers) + 1)
        tail, name = last_four(account), self.banks.get(bank or "", bank or "")
        return " ".join(filter(None, (str(number), tail and f"…{tail}", name)))

    def state(self, state: str) -> Text:
        return Text(say(f"ladder.state.{state}", self.language), _COLOURS.get(state, ""))

    def units(self, by_rule: Mapping[str, Mapping[str, int]]) -> tuple[int, int, int]:
        """Under the rule; least and most over all rules."""
        found = [sum(by_rule.get(rule, {}).values()) for rule in self.document["rules"]]
        return sum(by_rule.get(self.rule, {}).values()), min(found), max(found)

    def between(self, least: int, most: int) -> str:
        return "" if least == most else f"{self.money(least)} – {self.money(most)}"


def print_ladder(document: Document, scene: Scene, language: str) -> None:
    """Print a trail document on stdout as `scene` looks at it, with the range over all rules."""
    width = None if sys.stdout.isatty() else WIDE
    console = Console(highlight=False, width=width)
    speaker = Speaker(document, scene.rule, language, scene.banks)
    console.print(_payments(speaker))
    if left_out := len(document["legs"]) - len(_shown(speaker)):
        console.print(word("trace.left_out", n=left_out), soft_wrap=True)
    console.print()
    table, exact = _parts(speaker, scene)
    console.print(table)
    console.print(exact, soft_wrap=True)
    if any(asked["units"][scene.rule] for asked in document["frontier"]):
        console.print()
        console.print(_frontier(speaker))


def _payments(speaker: Speaker) -> Table:
    document = speaker.document
    claims = document["claims"]
    title = word(
        "trace.title",
        amount=speaker.money(sum(claim["amount"] for claim in claims)),
        when=speaker.when(min(claim["at_us"] for claim in claims)),
        rule=word(f"trace.rule.{speaker.rule}"),
    )
    table = _table(title, ("time", "from", "to"), ("amount", "followed", "range"))
    rows = [*_claim_rows(speaker), *_leg_rows(speaker, _shown(speaker))]
    for _, cells in sorted(rows, key=lambda row: row[0]):
        table.add_row(*cells)
    return table


def _table(title: str, left: Iterable[str], right: Iterable[str]) -> Table:
    table = Table(
        title=title, title_justify="left", title_style="bold", header_style="bold", box=None,
        pad_edge=False,
    )  # fmt: skip
    for name in left:
        table.add_column(word(f"trace.{name}"))
    for name in right:
        table.add_column(word(f"trace.{name}"), justify="right", no_wrap=True)
    return table


def _shown(speaker: Speaker) -> list[Document]:
    """Payments that carry stolen money under the rule, the largest ones if they are many."""
    legs = [leg for leg in speaker.document["legs"] if speaker.units(leg["units"])[0]]
    legs.sort(key=lambda leg: -speaker.units(leg["units"])[0])
    return legs[:MOST_ROWS]


Row = tuple[tuple[int, int], tuple[str | Text, ...]]
"""(time, turn within the instant) and the cells."""


def _claim_rows(speaker: Speaker) -> Iterator[Row]:
    for claim in speaker.document["claims"]:
        victim = say("ladder.victim", speaker.language)
        amount = speaker.money(claim["amount"])
        yield (
            (claim["at_us"], 0),
            (
                speaker.when(claim["at_us"]),
                f"{victim} {speaker.account(claim['payer'], claim['payer_bank'])}",
                speaker.account(claim["payee"], claim["payee_bank"]),
                amount, amount, "",
            ),
        )  # fmt: skip


def _leg_rows(speaker: Speaker, legs: Iterable[Document]) -> Iterator[Row]:
    """In the trail's own order: within an instant a payer waits for what still comes to him."""
    ordered = sorted(legs, key=lambda leg: (leg["at_us"], leg["id"]))
    for at_us, group in groupby(ordered, key=lambda leg: int(leg["at_us"])):
        instant = list(group)
        turns = levels((leg["payer"], leg["payee"]) for leg in instant if not leg["exit"])
        turns = {account: turn + 1 for account, turn in turns.items()}
        for leg in sorted(instant, key=lambda leg: (turns.get(leg["payer"], 1), leg["hop"])):
            yield (at_us, turns.get(leg["payer"], 1)), _leg_cells(speaker, leg)


def _leg_cells(speaker: Speaker, leg: Document) -> tuple[str | Text, ...]:
    ours, least, most = speaker.units(leg["units"])
    return (
        speaker.when(leg["at_us"]),
        "  " * (leg["hop"] - 1) + speaker.account(leg["payer"], leg["payer_bank"]),
        _payee(speaker, leg),
        speaker.money(leg["amount"]),
        speaker.money(ours),
        speaker.between(least, most),
    )


def _payee(speaker: Speaker, leg: Document) -> str | Text:
    """Who got it, or how it left; of money that is lost sight of also to whom it went."""
    if not leg["exit"]:
        return speaker.account(leg["payee"], leg["payee_bank"])
    state = speaker.state(leg["exit"])
    if leg["payee"] is None:
        return state
    return state.append(f" · {speaker.account(leg['payee'], leg['payee_bank'])}", "default")


def _parts(speaker: Speaker, scene: Scene) -> tuple[Table, str]:
    """Where the money is, and whether the parts together are what was stolen."""
    document, rules = speaker.document, speaker.document["rules"]
    stolen = sum(claim["amount"] for claim in document["claims"])
    flows = {rule: trace(document, replace(scene, rule=rule)) for rule in rules}
    sums = {rule: state_sums(flow) for rule, flow in flows.items() if flow is not None}
    ours = sums[speaker.rule]
    table = _table(word("trace.parts"), ("where",), ("followed", "share", "range"))
    for state in ORDER:
        found = [of[state] for of in sums.values()]
        if max(found):
            table.add_row(
                speaker.state(state),
                speaker.money(ours[state]),
                share(ours[state], stolen, speaker.language),
                speaker.between(min(found), max(found)),
            )
    table.add_row(word("story.stolen_tiyn"), speaker.money(ours.total()), "", "", style="bold")
    key = "story.exact" if ours.total() == stolen else "story.differs"
    return table, word(key, n=ours.total() - stolen)


def _frontier(speaker: Speaker) -> Table:
    table = _table(word("trace.frontier"), ("account", "since"), ("here", "range"))
    asked = [a for a in speaker.document["frontier"] if a["units"][speaker.rule]]
    asked.sort(key=lambda a: -a["units"][speaker.rule])
    for a in asked[:MOST_ROWS]:
        units = a["units"]
        table.add_row(
            speaker.account(a["account"], a["bank"]),
            speaker.when(a["from_us"]),
            speaker.money(units[speaker.rule]),
            speaker.between(min(units.values()), max(units.values())),
        )
    return table
