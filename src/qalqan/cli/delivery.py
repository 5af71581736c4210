"""`qalqan delivery`: orders stand still, or go on, by a supervisor's word."""

from __future__ import annotations

from typing import Annotated

import typer

from qalqan.cli.asked import one_of
from qalqan.cli.home import open_home
from qalqan.cli.out import answer, failing_clearly
from qalqan.cli.people import AsJson
from qalqan.cli.policy import check_person
from qalqan.errors import InputRejected

_LATER = "resume"


def delivery(
    state: Annotated[str, typer.Argument(help="show, pause or resume.")] = "show",
    by: Annotated[str, typer.Option("--by", help="A supervisor's login.")] = "",
    reason: Annotated[str, typer.Option(help="Why; stands in the audit.")] = "",
    as_json: AsJson = False,
) -> None:
    """Let delivery of orders stand still or go on; asks for the password (REQ-44)."""
    from qalqan.register import pauses

    with failing_clearly(as_json):
        one_of("state", state, ("show", "pause", _LATER))
        home = open_home()
        if state != "show":
            if not reason.strip() or len(reason) > 200:
                raise InputRejected("reason", reason, "hold.reason", most=200)
            check_person(home, by, ("supervisor",), f"{state} delivery")
            act = pauses.resume if state == _LATER else pauses.pause
            with home.database.write() as session:
                act(session, pauses.DELIVERY, by, reason)
        with home.database.session() as session:
            row = pauses.paused(session, pauses.DELIVERY)
        told = {"since_us": row.since_us, "by": row.by, "reason": row.reason} if row else {}
        answer({"delivery": "paused" if row else "on", **told}, as_json)
