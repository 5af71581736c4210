"""How the demo's figures are told to a person: a table whose parts add up to the tiyn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from qalqan.cli.out import people, word
from qalqan.settings import settings
from qalqan.text.show import money, share

PARTS = (
    "returned_tiyn", "held_tiyn", "traceable_tiyn", "abroad_tiyn", "cash_tiyn", "crypto_tiyn",
    "kept_by_drops_tiyn", "fees_tiyn", "unknown_tiyn",
)  # fmt: skip


def tell_story(body: Mapping[str, Any]) -> None:
    """Print what came in, what was done, where the money is, and the truth beside it."""
    language = settings().language
    console = Console(highlight=False)
    console.print()
    console.print(word("story.counts", **{name: f"{body[name]:,}".replace(",", " ") for name in (
        "facts", "quarantined", "findings", "reports", "cases", "orders", "answers")}))  # fmt: skip
    table = Table(title=word("story.title"), caption=word("story.caption"), title_justify="left")
    table.add_column(word("story.where"))
    for column in ("ours", "share", "truth", "range"):
        table.add_column(word(f"story.{column}"), justify="right")
    rules = [body, *body["other_rules"].values()]
    for name in (*PARTS, "stolen_tiyn"):
        low, high = min(r[name] for r in rules), max(r[name] for r in rules)
        table.add_row(
            word(f"story.{name}"),
            money(body[name], "KZT", language),
            share(body[name], body["stolen_tiyn"], language),
            money(body["truth"][name], "KZT", language),
            ""
            if low == high
            else f"{money(low, 'KZT', language)} – {money(high, 'KZT', language)}",
            end_section=name == PARTS[-1],
        )
    console.print(table)
    difference = body["stolen_tiyn"] - sum(body[name] for name in PARTS)
    people.print(word("story.exact") if difference == 0 else word("story.differs", n=difference))
