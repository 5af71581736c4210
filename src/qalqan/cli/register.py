"""`qalqan migrate` and `queues`: the register's tables, and the work that waits in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from qalqan import clock
from qalqan.cli.home import Home, open_home
from qalqan.cli.out import answer, failing_clearly, language, tell, word
from qalqan.cli.people import AsJson
from qalqan.register import queues as register_queues
from qalqan.register.queues import Entry, Queue
from qalqan.text.show import duration

ACTOR = "cli"
"""Who moved a job, in the audit: whoever may run commands on the centre's machine."""
_MOST = 100


def migrate(
    to: Annotated[
        str, typer.Option(help="A revision; head: the newest, base: no tables at all.")
    ] = "head",
    destroy: Annotated[
        bool, typer.Option("--destroy", help="Going down may delete what the tables hold.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Bring the register's tables to a revision, up or down; stop the centre first."""
    with failing_clearly(as_json):
        moved = open_home().database.move(to, destroy)
        answer({"before": moved.before, "after": moved.after, "lost": moved.lost}, as_json)


def queues(
    kind: Annotated[str | None, typer.Argument(help="One kind of job; none: all.")] = None,
    retry: Annotated[list[int] | None, typer.Option(help="Put this parked job back.")] = None,
    retry_all: Annotated[
        bool, typer.Option("--retry-all", help="Put all parked jobs (of the kind) back.")
    ] = False,
    drop: Annotated[list[int] | None, typer.Option(help="Take this parked job away.")] = None,
    reason: Annotated[str, typer.Option(help="Why it is dropped; kept in the audit.")] = "",
    as_json: AsJson = False,
) -> None:
    """Show each queue and what was given up; put parked jobs back, or drop them."""
    with failing_clearly(as_json):
        home = open_home()
        chosen = _parked_ids(home, kind) if retry_all else retry or []
        _move_parked(home, chosen, drop or [], reason)
        with home.database.session() as session:
            found = register_queues.queues(session)
            parked = register_queues.entries(session, None, _MOST)
        found = [one for one in found if kind in (None, one.kind)]
        parked = [one for one in parked if kind in (None, one.kind)]
        if as_json:
            shown: dict[str, Any] = {
                "queues": [asdict(each) for each in found],
                "parked": [asdict(each) for each in parked],
                "retried": chosen,
                "dropped": drop or [],
            }
            answer(shown, True)
        else:
            _show(found, parked)


def _move_parked(home: Home, back: Sequence[int], away: Sequence[int], reason: str) -> None:
    for job_id in back:
        with home.database.write() as session:
            register_queues.retry(session, job_id, ACTOR)
    for job_id in away:
        with home.database.write() as session:
            register_queues.drop(session, job_id, ACTOR, reason)


def _parked_ids(home: Home, kind: str | None) -> list[int]:
    with home.database.session() as session:
        found = register_queues.entries(session, None, 10_000)
    return [one.id for one in found if kind in (None, one.kind)]


def _show(found: list[Queue], parked: list[Entry]) -> None:
    out, now = Console(highlight=False), clock.now_us()
    if not found:
        tell("queues.empty")
        return
    counts = Table(box=None)
    for name in ("kind", "due", "oldest", "leased", "later", "parked"):
        counts.add_column(word(f"queues.{name}"), justify="left" if name == "kind" else "right")
    for one in found:
        oldest = "–" if one.oldest_us is None else duration(now - one.oldest_us, language())
        numbers = (one.due, oldest, one.leased, one.later, one.parked)
        counts.add_row(one.kind, *map(str, numbers))
    out.print(counts)
    for job in parked:
        told = word("queues.job", id=job.id, kind=job.kind, of=job.key, reason=job.error or "–")
        out.print(told, markup=False, soft_wrap=True)
