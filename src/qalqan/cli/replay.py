"""`qalqan replay`: policies against fraud, played in one simulated world and compared; and
calls of the past through the rules of today."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qalqan.cli.calls import TablesFile, replayed
from qalqan.cli.out import answer, failing_clearly, language, people, progress
from qalqan.cli.people import AsJson

if TYPE_CHECKING:
    from qalqan.simulate.replay.campaign import Result


app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    invoke_without_command=True,
    help="Compare how much stolen money four policies stop, simulated (REQ-44); or replay calls.",
)


@app.callback()
def replay(
    context: typer.Context,
    victims: Annotated[
        int, typer.Option(min=1, max=1_000_000, help="Made-up victims, five a ring.")
    ] = 10_000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same result.")] = 3,
    sensitivity: Annotated[
        bool,
        typer.Option(help="Also play other bank delays, assumptions and settings of the peer."),
    ] = True,
    version: Annotated[
        int, typer.Option("--scenario", min=1, max=2, help="Version of the scenario.")
    ] = 2,
    processes: Annotated[int, typer.Option(min=0, help="Processes that play; 0: one a core.")] = 0,
    chart: Annotated[
        Path | None, typer.Option(dir_okay=False, help="Draw the result into this SVG file.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compare how much stolen money four policies stop; everything is simulated (REQ-44)."""
    if context.invoked_subcommand is not None:
        return
    from qalqan.simulate.replay.campaign import campaign, result
    from qalqan.simulate.replay.scenario import scenario
    from qalqan.text.catalogue import say

    with failing_clearly(as_json):
        plan = campaign(victims, scenario(version), sensitivity)
        with progress(as_json) as bar:
            named = say("replay.playing", language(), n=victims)
            task = bar.add_task(named, total=plan.work)
            cores = processes or os.cpu_count() or 1
            found = result(plan, seed, cores, lambda n: bar.advance(task, n), version)
        if chart is not None:
            _draw(found, chart)
        if as_json:
            answer(found, True)
        else:
            _show(found)


def _draw(found: Result, path: Path) -> None:
    from qalqan.simulate.replay.chart import svg
    from qalqan.text.catalogue import say

    path.write_text(svg(found, language()), encoding="utf-8")
    people.print(say("replay.written", language(), path=path), markup=False, soft_wrap=True)


def _show(found: Result) -> None:
    """A row a delay, a column a policy: stopped, in brackets what was held from bystanders."""
    from rich.console import Console
    from rich.table import Table

    from qalqan.simulate.replay.compare import POLICIES
    from qalqan.simulate.replay.delays import delay
    from qalqan.text.catalogue import say

    spoken = language()
    table = Table(title=say("replay.title", spoken), title_justify="left")
    table.add_column(say("replay.axis.delay", spoken))
    for policy in POLICIES:
        table.add_column(say(f"replay.policy.{policy}", spoken), justify="right")
    rows = {(row["policy"], row["delay_minutes"]): row for row in found["main"]}
    for minutes in found["delays_minutes"]:
        cells = (_cell(rows[policy, minutes]) for policy in POLICIES)
        table.add_row(delay(minutes, spoken), *cells)
    out = Console(highlight=False)
    out.print(table)
    out.print(say("replay.note", spoken), soft_wrap=True)
    for row in found["equal_innocent"]:
        if row["counted"] == "others" and row["fits"]:
            said = say(f"replay.equal.{row['policy']}", spoken, ratio=row["ratio"])
            out.print(said, soft_wrap=True)


def _cell(row: dict[str, Any]) -> str:
    stopped = 100 * row["stopped"] / max(1, row["stolen"])
    innocent = 100 * row["innocent_held"] / max(1, row["held"])
    return f"{stopped:.1f} ({innocent:.1f})"


@app.command("calls")
def of_calls(
    file: Annotated[Path, typer.Argument(readable=False, help="Call records: CSV, Parquet, JSON.")],
    mapping: Annotated[
        Path | None, typer.Option(readable=False, help="TOML file: the file's columns to ours.")
    ] = None,
    tables: TablesFile = None,
    as_json: AsJson = False,
) -> None:
    """Decide calls of the past by today's rules and tables; nothing is kept (REQ-45)."""
    with failing_clearly(as_json):
        answer(replayed(file, mapping, tables), as_json)
