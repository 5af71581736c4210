"""`qalqan backup` and `restore`: a centre's state kept elsewhere, and brought back."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qalqan.cli.asked import moments
from qalqan.cli.home import Home, open_home
from qalqan.cli.out import answer, failing_clearly, language, tell
from qalqan.cli.people import AsJson
from qalqan.settings import settings
from qalqan.text.show import when
from qalqan.trust.keys import Keys

if TYPE_CHECKING:
    from qalqan.backup.restoring import Restored

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
    verify: Annotated[
        bool, typer.Option("--verify", help="Only read every file again, and name what is hurt.")
    ] = False,
    keys: Annotated[
        Path | None, typer.Option(readable=False, help="With --verify: keys of another home.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Add a point to a backup: register, models and lake; of the lake only what is new (REQ-19)."""
    with failing_clearly(as_json):
        if show:
            _list(to, as_json)
        elif verify:
            _verify(to, keys, as_json)
        else:
            _take(to, with_keys, link, keep, as_json)


def _take(to: Path, with_keys: bool, link: bool, keep: int | None, as_json: bool) -> None:
    from qalqan.backup.taking import Manner, take

    home = open_home()
    how = Manner(with_keys, link, keep, _PATIENCE_S, lambda: tell("backup.waits"))
    taken = take(home.database, home.keys, home.settings, to, how)
    _warn(home, to, with_keys)
    point = taken.point
    answer(
        {
            "point": point.name, "seal": point.seal, "files": len(point.files),
            "copied": taken.copied, "bytes": taken.size, "forgotten": taken.forgotten,
        },
        as_json,
    )  # fmt: skip


def _list(to: Path, as_json: bool) -> None:
    from qalqan.backup import points

    answer({one.name: one.seal for one in points.points(to)}, as_json)


def _verify(to: Path, keys: Path | None, as_json: bool) -> None:
    """Every hurt file is named; then the exit status is 1."""
    from qalqan.backup.verifying import verify

    found = verify(to, Keys.load(keys or settings().keys_file))
    for one in found.hurt:
        tell(f"backup.{one.what}", file=str(to / one.path), points=", ".join(one.points))
    if not found.hurt:
        tell("backup.whole", points=found.points)
    hurt = [{"file": one.path, "what": one.what, "points": list(one.points)} for one in found.hurt]
    told = {"points": found.points, "files": found.files, "bytes": found.bytes}
    answer(told | {"hurt": hurt if as_json else len(hurt)}, as_json)
    if hurt:
        raise typer.Exit(1)


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
        typer.Option(
            help="The newest point not later than this moment, or than this seal; none: "
            "the newest. Between two points there is nothing to be had."
        ),
    ] = None,
    keys: Annotated[
        Path | None, typer.Option(readable=False, help="The keys, if the backup has none.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a home of a point of a backup: register and lake as they stood when it was taken.

    QALQAN_REGISTER may name an empty PostgreSQL. What facts were known at an older seal, any
    home tells without a restore: `qalqan detect --at-seal`, `qalqan lake history`.
    """
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
        _tell_restored(done, as_json)


def _tell_restored(done: Restored, as_json: bool) -> None:
    point, home = done.point, str(done.home)
    moment = when(point.at_us, language(), "minute")
    tell("restore.done", home=home, moment=moment, seal=point.seal)
    tell("restore.paused", home=home)
    answer(
        {
            "home": home, "point": point.name, "seal": point.seal,
            "at_us": point.at_us, "register": point.register, "delivery": "paused",
        },
        as_json,
    )  # fmt: skip
