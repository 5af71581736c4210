"""`qalqan hazard`: how soon money leaves the accounts it reaches, as measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from qalqan.cli.home import Home, open_home
from qalqan.cli.out import answer, failing_clearly, language, progress, tell, word
from qalqan.cli.people import AsJson
from qalqan.clock import DAY, HOUR, MINUTE

if TYPE_CHECKING:
    from qalqan.trail.hazard import Hazard

_SHOWN_US = frozenset({5 * MINUTE, 30 * MINUTE, HOUR, 4 * HOUR, DAY})
"""Ages of the table; `--json` tells all."""


def hazard(
    measure: Annotated[
        bool, typer.Option("--measure", help="Measure anew first; every night does, too.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show how soon stolen money leaves an account, with samples and intervals (REQ-44, 90)."""
    from qalqan.cases import hazards

    with failing_clearly(as_json):
        home = open_home()
        if measure:
            with progress(as_json) as bar:
                bar.add_task(word("hazard.measuring"), total=None)
                found = _measured(home)
        else:
            with home.database.session() as session:
                found = hazards.current(session)
        _show(found, as_json)


def _measured(home: Home) -> Hazard:
    from qalqan.lake.engine import open_engine
    from qalqan.work.agreement import check
    from qalqan.work.hazard import measure

    check(home.database, home.settings.lake_root)
    engine = open_engine(home.settings)
    try:
        return measure(home.database, engine)
    finally:
        engine.close()


def _show(found: Hazard, as_json: bool) -> None:
    from rich.console import Console
    from rich.table import Table

    from qalqan.text.catalogue import say
    from qalqan.text.show import duration, share
    from qalqan.trail.hazard import AGES_US, MILLION, judged, to_body

    if as_json:
        answer(to_body(found), True)
        return
    if not found.curves:
        tell("hazard.none")
    table = Table(title=word("hazard.title", version=found.version), title_justify="left", box=None)
    table.add_column(word("hazard.cell"))
    table.add_column(word("hazard.arrivals"), justify="right")
    shown = [place for place, age_us in enumerate(AGES_US) if age_us in _SHOWN_US]
    for place in shown:
        table.add_column(duration(AGES_US[place], language()), justify="right")
    for cell, curve in (*found.curves.items(), ("judgement", judged())):
        there = (round(curve.survival[place] * MILLION) for place in shown)
        left = (share(MILLION - units, MILLION, language()) for units in there)
        table.add_row(
            say(f"hazard.of.{cell.replace('/', '_')}", language()), str(curve.arrivals), *left
        )
    Console(highlight=False).print(table)
