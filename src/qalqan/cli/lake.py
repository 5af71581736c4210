"""`qalqan lake`: what was known when, upkeep now, what must stay and how long the rest does."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from qalqan.cli import legal_holds
from qalqan.cli.asked import moments, one_of
from qalqan.cli.home import open_home
from qalqan.cli.out import answer, failing_clearly, language, word
from qalqan.cli.people import AsJson
from qalqan.cli.policy import body_of, check_person
from qalqan.lake.schemas import KINDS
from qalqan.lake.upkeep.history import Lost, Sealed
from qalqan.lake.upkeep.policy import RetentionPolicy
from qalqan.text.show import when

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="What was known when; compaction, retention and legal holds (REQ-19).",
)

app.command("hold")(legal_holds.hold)
app.command("lift")(legal_holds.lift)
app.command("holds")(legal_holds.holds)


@app.command("history")
def history(
    kind: Annotated[str | None, typer.Option(help="One kind of fact; none: all.")] = None,
    at: Annotated[
        str | None, typer.Option(help="What was known then: 2026-05-04 or 2026-05-04T14:05.")
    ] = None,
    most: Annotated[int, typer.Option(min=1, help="How many seals at most.")] = 30,
    as_json: AsJson = False,
) -> None:
    """Show the seals, newest first, and what retention has taken."""
    from qalqan.lake.sealing import newest_seal
    from qalqan.lake.upkeep.history import lost, newest_at, seals

    with failing_clearly(as_json):
        home = open_home()
        kinds = (one_of("kind", kind.removesuffix("s"), KINDS),) if kind else KINDS
        until = moments("at", at, 0)[1] if at else None
        with home.database.session() as session:
            known = newest_seal(session) if until is None else newest_at(session, until)
            found = seals(session, home.settings.lake_root, kinds, known, most)
            gone = lost(session, kinds, up_to=known)
        if as_json:
            body = {"seal": known, "seals": _plain(found), "lost": _plain(gone)}
            answer(body, True)
        else:
            _show(known, found, gone)


def _plain(rows: Iterable[Any]) -> list[dict[str, Any]]:
    return [
        {name: str(value) if isinstance(value, date) else value for name, value in one.items()}
        for one in map(asdict, rows)
    ]


def _show(known: int, found: Sequence[Sealed], gone: Sequence[Lost]) -> None:
    out = Console(highlight=False)
    out.print(word("lake.known", seal=known), markup=False)
    names = ("seal", "kind", "rows", "files", "sealed")
    table = Table(*(word(f"lake.column.{name}") for name in names), box=None)
    for one in found:
        mark = "*" if one.lost else ""
        moment = when(one.at_us, language(), "minute")
        table.add_row(f"{one.seal}{mark}", one.kind, str(one.rows), str(one.files), moment)
    out.print(table)
    for day in gone:
        told = {"kind": day.kind, "day": str(day.day), "rows": day.rows, "policy": day.policy}
        span = {"first": day.first_seal, "last": day.last_seal}
        out.print(word("lake.lost", **told, **span), markup=False, soft_wrap=True)


@app.command("keep")
def keep(as_json: AsJson = False) -> None:
    """Do all upkeep now, as the worker does nightly: retention, compaction, vacuum, checkpoints."""
    from qalqan.lake.upkeep.compaction import NOW
    from qalqan.work.upkeep import keep as run

    with failing_clearly(as_json):
        home = open_home()
        done = run(home.database, home.keys, home.settings, NOW)
        if as_json:
            sys.stdout.write(_json(done.as_dict()))
            return
        answer(_counts(done.as_dict()), False)


def _json(body: dict[str, Any]) -> str:
    import json

    return json.dumps(body, ensure_ascii=False, default=str) + "\n"


def _counts(done: dict[str, Any]) -> dict[str, Any]:
    """One line a step, in the reader's words."""
    totals = {
        "dropped": sum(one["rows"] for one in done["dropped"]),
        "held_back": len(done["held_back"]),
        "expired": sum(one["rows"] for one in done["expired"]),
        "compacted": sum(one["files"] for one in done["compacted"]),
        "folded": sum(one["rows"] for one in done["folded"]),
        "vacuumed": sum(one["files"] for one in done["vacuumed"]),
        "shortened": sum(one["entries"] for one in done["shortened"]),
    }
    return {word(f"lake.did.{name}"): number for name, number in totals.items()}


@app.command("retention")
def retention(
    file: Annotated[
        Path | None, typer.Option(readable=False, help="TOML file; none: the one that comes along.")
    ] = None,
    approved_by: Annotated[
        list[str] | None, typer.Option("--approved-by", help="A supervisor's login; give two.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show for how many days each kind is kept, and by what source; two supervisors put the policy
    that comes along, or a file's, in force."""
    from qalqan.lake.upkeep import policy

    with failing_clearly(as_json):
        home = open_home()
        body = policy.default_body() if file is None else body_of(file)
        shown = policy.of_body(0, body)  # refused before anyone types a password
        if approved_by:
            for login in approved_by:
                check_person(home, login, ("supervisor",), "approve policy")
            with home.database.write() as session:
                policy.install(session, body, approved_by)
        with home.database.session() as session:
            in_force = policy.current(session)
        if in_force is not None and (approved_by or file is None):
            shown = in_force
        _show_terms(shown, shown == in_force, as_json)


def _show_terms(shown: RetentionPolicy, in_force: bool, as_json: bool) -> None:
    """Each term with where it comes from."""
    head = {"version": shown.version, "in_force": in_force}
    if as_json:
        answer({**head, **shown.days, "sources": dict(shown.sources)}, True)
        return
    answer(head, False)
    table = Table(*(word(f"lake.column.{name}") for name in ("kind", "days", "source")), box=None)
    for kind, days in shown.days.items():
        table.add_row(kind, str(days), escape(shown.sources[kind]))
    Console(highlight=False).print(table)
