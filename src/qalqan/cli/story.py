"""How the demo's figures are told to a person: a table whose parts add up to the tiyn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.box import SIMPLE
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

from qalqan.cli.out import people, word
from qalqan.settings import settings
from qalqan.text.show import money, share

PARTS = (
    "returned_tiyn", "held_tiyn", "traceable_tiyn", "abroad_tiyn", "cash_tiyn", "crypto_tiyn",
    "kept_by_drops_tiyn", "fees_tiyn", "unknown_tiyn",
)  # fmt: skip
WIDE = 100
"""Columns of a terminal that holds a whole range in one line."""


def tell_story(body: Mapping[str, Any]) -> None:
    """Print what came in, what was done, where the money is, and the truth beside it."""
    console = Console(highlight=False)
    console.print()
    counts = word("story.counts", **{name: f"{body[name]:,}".replace(",", " ") for name in (
        "facts", "quarantined", "findings", "reports", "cases", "orders", "answers")})  # fmt: skip
    console.print(counts, soft_wrap=True)
    console.print(_table(body, console.width))
    difference = body["stolen_tiyn"] - sum(body[name] for name in PARTS)
    people.print(word("story.exact") if difference == 0 else word("story.differs", n=difference))


def _table(body: Mapping[str, Any], width: int) -> Table:
    """A sum never breaks inside: on a narrow terminal a range takes two lines."""
    table = Table(
        title=word("story.title"),
        caption=word("story.caption"),
        title_justify="left",
        caption_justify="left",
        box=SIMPLE,
        show_edge=False,
        pad_edge=False,
    )
    rows = [_row(body, name, " " if width >= WIDE else "\n") for name in (*PARTS, "stolen_tiyn")]
    table.add_column(word("story.where"))
    for place, column in enumerate(("ours", "share", "truth", "range"), 1):
        head = word(f"story.{column}")
        lines = [*head.split(), *(line for row in rows for line in row[place].split("\n"))]
        table.add_column(head, justify="right", width=max(map(cell_len, lines)))
    for row in rows:
        table.add_row(*row, end_section=row is rows[-2])
    return table


def _row(body: Mapping[str, Any], name: str, space: str) -> tuple[str, ...]:
    language = settings().language
    rules = [body, *body["other_rules"].values()]
    low, high = min(r[name] for r in rules), max(r[name] for r in rules)
    spread = f"{money(low, 'KZT', language)} –{space}{money(high, 'KZT', language)}"
    return (
        word(f"story.{name}"),
        money(body[name], "KZT", language),
        share(body[name], body["stolen_tiyn"], language),
        money(body["truth"][name], "KZT", language),
        "" if low == high else spread,
    )
