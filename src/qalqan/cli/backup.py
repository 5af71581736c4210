"""`qalqan backup`, `restore` and `delivery`: a centre's state kept elsewhere, and brought back."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from qalqan.cli.asked import moments
from qalqan.cli.home import Home, open_home
from qalqan.cli.out import answer, failing_clearly, language, tell
from qalqan.cli.people import AsJson
from qalqan.cli.policy import check_person
from qalqan.errors import InputRejected
from qalqan.settings import settings
from qalqan.text.show import when

_LATER = "resume"
_PATIENCE_S = 3_600.0
"""A night's upkeep leaves off after half an hour of compaction; then it is the backup's turn."""


def backup(
    to: Annotated[Path, typer.Argument(readable=False, help="Folder of the backup, made if new.")],
    with_keys: Annotated[
        bool, typer.Option("--with-keys", help="The keys too: whoever reads the backup reads all.")
    ] = False,
    link: Annotated[
        bool, typer.Option("--link", help="Hard links instead of copies, on one disk.")
    ] = False,
    keep: Annotated[
        int | None, typer.Option(min=1, help="Then forget all points but so many.")
    ] = None,
    show: Annotated[bool, typer.Option("--list", help="Only show the points there are.")] = False,
    as_json: AsJson = False,
) -> None:
    """Add a point to a backup: register and lake; of the lake only what is new (REQ-19)."""
    from qalqan.backup import points
    from qalqan.backup.taking import take

    with failing_clearly(as_json):
        if show:
            found = points.points(to)
            answer({one.name: one.seal for one in found}, as_json)
            return
        home = open_home()
        taken = take(
            home.database, home.keys, home.settings, to, with_keys=with_keys, link=link, keep=keep,
            patience_s=_PATIENCE_S, waits=lambda: tell("backup.waits"),
        )  # fmt: skip
        _warn(home, to, with_keys)
        point = taken.point
        answer(
            {
                "point": point.name, "seal": point.seal, "files": len(point.files),
                "copied": taken.copied, "bytes": taken.size, "forgotten": taken.forgotten,
            },
            as_json,
        )  # fmt: skip


def _warn(home: Home, to: Path, with_keys: bool) -> None:
    if os.stat(to).st_dev == os.stat(home.settings.home).st_dev:
        tell("backup.same_disk", folder=str(to))
    if with_keys:
        tell("backup.with_keys", folder=str(to))
    else:
        tell("backup.keys_apart", file=str(home.settings.keys_file.absolute()))


def restore(
    source: Annotated[Path, typer.Argument(readable=False, help="Folder of the backup.")],
    to_home: Annotated[Path, typer.Argument(readable=False, help="The new home: not there yet.")],
    at: Annotated[
        str | None,
        typer.Option(help="The newest point not later than this moment, or than this seal."),
    ] = None,
    keys: Annotated[
        Path | None, typer.Option(readable=False, help="The keys, if the backup has none.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a home of a point of a backup; QALQAN_REGISTER may name an empty PostgreSQL."""
    from qalqan.backup.restoring import restore as restored

    with failing_clearly(as_json):
        seal = int(at) if at and at.isdecimal() and len(at) <= 18 else None
        at_us = moments("at", at, 0)[1] if at and seal is None else None
        done = restored(
            source,
            to_home,
            at_us=at_us,
            seal=seal,
            keys_file=keys,
            register_url=settings().register_address,
        )
        point = done.point
        moment = when(point.at_us, language(), "minute")
        tell("restore.done", home=str(done.home), moment=moment, seal=point.seal)
        tell("restore.paused", home=str(done.home))
        answer(
            {
                "home": str(done.home), "point": point.name, "seal": point.seal,
                "at_us": point.at_us, "register": point.register, "delivery": "paused",
            },
            as_json,
        )  # fmt: skip


def delivery(
    state: Annotated[str, typer.Argument(help="show, pause or resume.")] = "show",
    by: Annotated[str, typer.Option("--by", help="A supervisor's login.")] = "",
    reason: Annotated[str, typer.Option(help="Why; stands in the audit.")] = "",
    as_json: AsJson = False,
) -> None:
    """Let delivery of orders stand still or go on; asks for the password (REQ-44)."""
    from qalqan.cli.asked import one_of
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
