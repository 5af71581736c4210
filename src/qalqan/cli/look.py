"""`qalqan detect`: questions to the lake."""

from __future__ import annotations

from typing import Annotated

import typer

from qalqan.cli.home import open_home
from qalqan.cli.out import answer, failing_clearly, progress, word
from qalqan.cli.people import AsJson


def detect(
    codes: Annotated[list[str] | None, typer.Argument(help="Detectors; none: all.")] = None,
    as_json: AsJson = False,
) -> None:
    """Run detectors over the lake; findings go to the register for review (REQ-39, 50)."""
    from qalqan.lake.engine import open_engine
    from qalqan.work.detection import detect as run

    with failing_clearly(as_json):
        home = open_home()
        with progress(as_json) as bar:
            task = bar.add_task(word("detect.running"), total=None)
            summary = run(
                home.database,
                open_engine(home.settings),
                codes or None,
                progress=lambda done, whole: bar.update(task, completed=done, total=whole),
            )
        answer(summary.as_dict(), as_json)
