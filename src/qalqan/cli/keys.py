"""`qalqan keys`: which keys the centre has, and newer ones for what it seals (REQ-18)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from qalqan.cli.asked import one_of
from qalqan.cli.home import open_home
from qalqan.cli.out import answer, failing_clearly, progress, tell, word
from qalqan.cli.people import AsJson
from qalqan.trust.keys import CLASSES, Keys

app = typer.Typer(no_args_is_help=True, help="The keys that seal people's data, by class.")


@app.command()
def show(as_json: AsJson = False) -> None:
    """Show for each class its newest key, how many boxes each of its keys has sealed, column by
    column, and how many of them an older key still holds: in the vault, in documents, signed
    orders, quarantined records and second factors."""
    from qalqan.register import rekeying

    with failing_clearly(as_json):
        home = open_home()
        told: dict[str, dict[str, Any]] = {}
        with home.database.session() as session:
            for klass in CLASSES:
                counted = rekeying.versions(session, klass)
                told[klass] = {
                    "newest": home.keys.box_key(klass).newest,
                    "older": rekeying.older(home.keys, klass, counted),
                    "boxes": counted,
                }
        if as_json:
            answer(told, as_json)
        else:
            _table(told)


@app.command()
def rotate(
    klass: Annotated[str, typer.Option("--class", help="Class of value; see `qalqan keys show`.")],
    as_json: AsJson = False,
) -> None:
    """Make a newer key for a class, and seal anew all that its older ones have sealed, wherever
    it stands. They stay in the file, for backups. Take a copy of the key file afterwards."""
    from qalqan.register import audit, rekeying

    with failing_clearly(as_json):
        home = open_home()
        one_of("class", klass, CLASSES)
        keys = Keys.rotate(home.settings.keys_file, klass)
        newest = keys.box_key(klass).newest
        with home.database.write() as session:
            audit.note(session, "register", "keys.rotate", "class", klass, version=newest)
        with home.database.session() as session:
            total = rekeying.older(keys, klass, rekeying.versions(session, klass))
        with progress(as_json) as bar:
            task = bar.add_task(klass, total=total)
            sealed = rekeying.rekey(home.database, keys, klass, lambda n: bar.advance(task, n))
        with home.database.session() as session:
            left = rekeying.older(keys, klass, rekeying.versions(session, klass))
        tell("keys.rotated", file=str(home.settings.keys_file.absolute()))
        if left:
            tell("keys.left", rows=left)
        answer({"class": klass, "version": newest, "sealed": sealed, "older": left}, as_json)


def _table(told: Mapping[str, Mapping[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    names = ("class", "newest", "where", "boxes", "older")
    table = Table(*(word(f"keys.column.{name}") for name in names), box=None)
    for klass, of in told.items():
        for where, counted in of["boxes"].items():
            older = sum(rows for version, rows in counted.items() if version < of["newest"])
            boxes = sum(counted.values())
            table.add_row(klass, str(of["newest"]), where, str(boxes), str(older))
    Console(highlight=False).print(table)
