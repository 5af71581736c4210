"""`qalqan standings`: where each case stands, made anew."""

from __future__ import annotations

from qalqan.cases import standing_sweep
from qalqan.cli.home import open_home
from qalqan.cli.out import answer, failing_clearly
from qalqan.cli.people import AsJson


def standings(as_json: AsJson = False) -> None:
    """Make the standing of every case anew, with their totals; the centre may run meanwhile."""
    with failing_clearly(as_json):
        answer({"cases": standing_sweep.rebuild(open_home().database)}, as_json)
