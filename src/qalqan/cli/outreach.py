"""`qalqan outreach`: segments for advertising, and how the sending stands (REQ-76, 78)."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from qalqan.bulletin.outreach import campaigns, queue, segment_files
from qalqan.cli.asked import one_of
from qalqan.cli.home import open_home
from qalqan.cli.out import answer, failing_clearly
from qalqan.cli.people import AsJson
from qalqan.model.period import parse

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Warnings to many people: segments, and how the sending stands (REQ-76, 78).",
)
ACTOR = "command line"


@app.command("segments")
def segments(
    period: Annotated[str, typer.Argument(help="A month that is over, such as 2026-10.")],
    trait: Annotated[
        list[str] | None,
        typer.Option(help="region, age, method, hour, language or bank; one or two."),
    ] = None,
    kind: Annotated[str, typer.Option("--format", help="csv or json.")] = "csv",
) -> None:
    """Write segments to stdout: counts and shares, small groups left out; that they were taken
    stands in the record (REQ-78)."""
    with failing_clearly():
        one_of("format", kind, segment_files.KINDS)
        traits = tuple(trait or ("region", "age"))[:2]
        home = open_home()
        with home.database.write() as session:
            body = segment_files.file_of(
                session, ACTOR, parse(period), traits, kind, home.settings.is_simulated
            )
        sys.stdout.write(body.decode())


@app.command("people")
def people(
    share: Annotated[float, typer.Argument(help="Victims among people not warned, such as 0.002.")],
    ratio: Annotated[float, typer.Argument(help="What warning multiplies it by, such as 0.8.")],
    held_out: Annotated[
        float, typer.Option(help="People held out for each that is warned, such as 0.25.")
    ] = 1.0,
    as_json: AsJson = False,
) -> None:
    """How many people a comparison takes, warned and held out, to show such an effect in four
    cases of five (REQ-77)."""
    from qalqan.bulletin.effects.planning import people_needed

    with failing_clearly(as_json):
        warned, held = people_needed(share, ratio, held_out=held_out)
        answer({"warned": warned, "held_out": held}, as_json)


@app.command("sending")
def sending(as_json: AsJson = False) -> None:
    """How the messages of each campaign that runs stand: counts by state, parts, tiyn (REQ-76)."""
    with failing_clearly(as_json), open_home().database.session() as session:
        told: dict[str, Any] = {}
        for row in campaigns.listed(session, "running"):
            if row.channel == "sms":
                found = queue.progress(session, row.id)
                told[row.id] = {**found.states, "parts": found.parts, "cost_tiyn": found.cost}
        answer(told, as_json)
