"""`qalqan calls`: tables of numbers by which calls are decided, and journals of what was. Edges and
signatures have files of their own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qalqan.cli import call_edges, call_signatures
from qalqan.cli.home import open_home
from qalqan.cli.out import answer, failing_clearly, language, word
from qalqan.cli.people import AsJson
from qalqan.errors import ContractBroken, NotFound

if TYPE_CHECKING:
    from qalqan.screening.calls.screen import Tables

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="Calls: tables of numbers, and what an edge needs.",
)
app.command("edge")(call_edges.edge)
app.command("follow")(call_edges.follow)
app.command("ship")(call_edges.ship)
app.command("card")(call_signatures.card)
app.command("sign")(call_signatures.sign)

TablesFile = Annotated[
    Path | None, typer.Option("--tables", readable=False, help="Tables; none: the centre's own.")
]


@app.command("tables")
def tables(
    lists: Annotated[
        Path | None,
        typer.Argument(help="Folder with calls.toml and its lists; none: those kept in the home."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="File to write; none: the centre's own tables.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make the tables of numbers out of lists, the policy in force and what people listed. For the
    centre's own tables the lists are kept, and the worker makes them anew whenever need be."""
    from qalqan.work import call_tables

    with failing_clearly(as_json):
        home = open_home()
        source = lists or call_tables.lists_path(home.settings)
        if out is None:
            made = call_tables.make_of(home.database, home.keys, home.settings, source)
        else:
            made = call_tables.make(home.database, home.keys, source, out)
        written = out or call_tables.tables_path(home.settings)
        answer({"tables": str(written), **made._asdict()}, as_json)


@app.command("export")
def export(
    folder: Annotated[Path, typer.Argument(help="Folder to write; files in it are replaced.")],
    tables_file: TablesFile = None,
    as_json: AsJson = False,
) -> None:
    """Write the rules and tables as CSV, for border controllers that run no edge (REQ-45)."""
    from qalqan.work import call_sheets

    with failing_clearly(as_json):
        tables = _opened(tables_file)
        try:
            made = call_sheets.export(tables, folder)
        except ValueError as error:
            path = str(tables_file or "calls.tables")
            raise ContractBroken(str(error), "calls.tables", path=path) from None
        files = {name: one["rows"] for name, one in made.pop("files").items()}
        answer({"folder": str(folder), **made, **files}, as_json)


@app.command("journal")
def journal(
    folder: Annotated[Path, typer.Argument(help="An edge's folder of journals.")],
    tables_file: TablesFile = None,
    as_json: AsJson = False,
) -> None:
    """Count what an edge's journals tell, and check their chains of hashes (REQ-45)."""
    from qalqan.edges.kamailio.counted import count

    with failing_clearly(as_json):
        told = count(folder, _opened(tables_file))
        answer(told._asdict(), as_json)
        if told.broken or told.differing:
            raise SystemExit(1)


def _opened(tables_file: Path | None) -> Tables:
    """The tables of a file, or the centre's own.

    Raises:
        NotFound: there are none. ContractBroken: they are damaged.
    """
    from qalqan.screening.calls.screen import Tables
    from qalqan.work.call_tables import tables_path

    path = tables_file or tables_path(open_home().settings)
    try:
        return Tables(path)
    except FileNotFoundError:
        raise NotFound("file", str(path)) from None
    except ValueError as error:
        raise ContractBroken(str(error), "calls.tables", path=str(path)) from None


def decided(
    callee: str, trunk: str, network: str | None, presented: str | None, diverting: str | None,
    tables_file: Path | None,
) -> dict[str, Any]:  # fmt: skip
    """One call's verdict, as `qalqan screen call` shows it.

    Raises:
        NotFound: there are no tables, or no such trunk. ContractBroken: they are damaged.
    """
    from qalqan.screening.calls.screen import Screen
    from qalqan.work import call_tables
    from qalqan.work.call_verdict import asked, told

    _opened(tables_file)
    screen = Screen(tables_file or call_tables.tables_path(open_home().settings))
    return told(asked(screen, trunk, network, presented, callee, diverting), screen, language())


def replayed(file: Path, mapping: Path | None, tables_file: Path | None) -> dict[str, Any]:
    """What would have become of a file's calls, as `qalqan replay calls` shows it."""
    from qalqan.work import call_replay

    found = _opened(tables_file)
    return {**call_replay.of_file(found, file, mapping)._asdict(), "say": word("calls.replayed")}
