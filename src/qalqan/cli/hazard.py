"""`qalqan hazard`: how soon money leaves the accounts it reaches, as measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from qalqan.cli.home import Home, open_home
from qalqan.cli.out import answer, failing_clearly, language, progress, tell, word
from qalqan.cli.people import AsJson

if TYPE_CHECKING:
    from qalqan.trail.hazard import Hazard


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

    from qalqan.text.show import duration, share
    from qalqan.trail.hazard import AGES_US, MILLION, judged, to_body

    if as_json:
        answer(to_body(found), True)
        return
    if not found.curves:
        tell("hazard.none")
    table = Table(title=word("hazard.title", version=found.version), title_justify="left")
    table.add_column(word("hazard.cell"))
    table.add_column(word("hazard.arrivals"), justify="right")
    for age_us in AGES_US:
        table.add_column(duration(age_us, language()), justify="right")
    for cell, curve in (*found.curves.items(), ("judgement", judged())):
        left = (share(MILLION - round(s * MILLION), MILLION, language()) for s in curve.survival)
        table.add_row(word(f"hazard.of.{cell.replace('/', '_')}"), str(curve.arrivals), *left)
    Console(highlight=False).print(table)
