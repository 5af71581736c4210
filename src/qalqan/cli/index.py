"""`qalqan index`: how the index of payments stands, and building it anew from the lake."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from qalqan.cli.home import open_home
from qalqan.cli.out import answer, failing_clearly, progress, word
from qalqan.cli.people import AsJson

if TYPE_CHECKING:
    from qalqan.cli.home import Home

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="The index that trails are walked over: how it stands, and building it anew (REQ-39).",
)


@app.command("status")
def status(as_json: AsJson = False) -> None:
    """Show the index's position, its files, and whether every byte is as it was written."""
    with failing_clearly(as_json):
        answer(_status(open_home()), as_json)


@app.command("rebuild")
def rebuild(as_json: AsJson = False) -> None:
    """Build the index anew from the lake; trails go on over the one before meanwhile. The first
    time on a machine, its loops are compiled, too, which takes most of a minute."""
    from qalqan.lake.engine import open_engine
    from qalqan.trail.index.compiled import mark
    from qalqan.trail.index.warm import compile_all
    from qalqan.work.agreement import check
    from qalqan.work.index import Indexing

    with failing_clearly(as_json):
        home = open_home()
        check(home.database, home.settings.lake_root)
        engine = open_engine(home.settings)
        try:
            with progress(as_json) as bar:
                if not mark().exists():
                    bar.add_task(word("index.compiling"), total=None)
                    compile_all()
                task = bar.add_task(word("index.building"), total=None)
                Indexing(home.database, engine, home.settings.home).rebuild(
                    lambda done, of: bar.update(task, completed=done, total=of)
                )
        finally:
            engine.close()
        answer(_status(home), as_json)


def _status(home: Home) -> dict[str, Any]:
    from qalqan.lake.sealing import newest_seal
    from qalqan.trail.index.runfile import Damaged
    from qalqan.trail.index.store import Index
    from qalqan.work.index import fits, folder_of

    with home.database.session() as session:
        newest = newest_seal(session)
        try:
            index = Index(folder_of(home.settings.home))
            index.check()
        except Damaged as damage:
            return {"seal": 0, "newest_seal": newest, "sound": False, "found": str(damage)}
        told = index.manifest
        return {
            "seal": told.seal,
            "newest_seal": newest,
            "sound": fits(session, told),
            "payments": {
                name: sum(run["rows"] for run in lines.runs)
                for name, lines in told.currencies.items()
            },
            "files": sum(len(lines.names) for lines in told.currencies.values()),
            "megabytes": sum(
                line["size"]
                for lines in told.currencies.values()
                for line in (*lines.runs, *lines.statements)
            )
            // 1_000_000,
        }
