"""`qalqan keys`: which keys the centre has, and newer ones for what it seals (REQ-18)."""

from __future__ import annotations

from typing import Annotated

import typer

from qalqan.cli.asked import one_of
from qalqan.cli.home import open_home
from qalqan.cli.out import answer, failing_clearly, progress, tell
from qalqan.cli.people import AsJson
from qalqan.trust.keys import CLASSES, Keys

app = typer.Typer(no_args_is_help=True, help="The keys that seal people's data, by class.")


@app.command()
def show(as_json: AsJson = False) -> None:
    """Show how many values of the vault each version of each class's key has sealed."""
    from qalqan.register import rekeying

    with failing_clearly(as_json):
        home = open_home()
        with home.database.session() as session:
            told = {
                klass: {
                    "newest": home.keys.box_key(klass).newest,
                    "boxes": rekeying.versions(session, klass),
                }
                for klass in CLASSES
            }
        answer(told, as_json)


@app.command()
def rotate(
    klass: Annotated[str, typer.Option("--class", help="Class of value; see `qalqan keys show`.")],
    as_json: AsJson = False,
) -> None:
    """Make a newer key for a class, and seal its values in the vault anew. The older key stays in
    the file, for backups and for what is sealed outside the vault. Take a copy of the key file
    afterwards."""
    from qalqan.register import audit, rekeying, vault_check

    with failing_clearly(as_json):
        home = open_home()
        one_of("class", klass, CLASSES)
        keys = Keys.rotate(home.settings.keys_file, klass)
        newest = keys.box_key(klass).newest
        with home.database.write() as session:
            audit.note(session, "register", "keys.rotate", "class", klass, version=newest)
        with home.database.session() as session:
            total = vault_check.count(session)
        with progress(as_json) as bar:
            task = bar.add_task("vault", total=total)
            sealed = rekeying.rekey(home.database, keys, klass, lambda n: bar.advance(task, n))
        tell("keys.rotated", file=str(home.settings.keys_file.absolute()))
        answer({"class": klass, "version": newest, "sealed": sealed}, as_json)
