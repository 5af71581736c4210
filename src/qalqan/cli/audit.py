"""`qalqan audit`: the record of who did what, its checkpoints, and whether it still holds."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qalqan.cli.home import Home, open_home
from qalqan.cli.out import answer, failing_clearly, progress, tell
from qalqan.cli.people import AsJson
from qalqan.errors import ContractBroken, InputRejected, NotAllowed, NotFound
from qalqan.trust import checkpoints
from qalqan.trust.checkpoints import Checkpoint

if TYPE_CHECKING:
    from qalqan.register.log_check import Difference

app = typer.Typer(
    no_args_is_help=True, help="The record of who did what: its checkpoints, and whether it holds."
)
MOST = 100
"""Differences shown: the first is what matters."""


@app.command()
def checkpoint(as_json: AsJson = False) -> None:
    """Print the newest checkpoint, after logging what waits. Give it to whoever shall be able to
    check you."""
    from qalqan.register import log

    with failing_clearly(as_json):
        home = open_home()
        log.keep_up(home.database, home.keys)
        with home.database.session() as session:
            found = log.newest(session)
        if found is None:
            raise NotFound("log", "0")
        if as_json:
            answer(_shown(found), True)
        else:
            typer.echo(found.note, nl=False)


@app.command()
def key(as_json: AsJson = False) -> None:
    """Print the key that checkpoints are verified with; publish it where people will look."""
    with failing_clearly(as_json):
        told = _verifier(open_home())
        answer({"key": told}, True) if as_json else typer.echo(told)


@app.command()
def verify(
    kept: Annotated[
        Path | None, typer.Option("--checkpoints", help="File of checkpoints that you kept.")
    ] = None,
    url: Annotated[
        str | None,
        typer.Option(help="Ask a centre for proofs, as an outsider; none: read this home whole."),
    ] = None,
    verifier: Annotated[
        str | None, typer.Option("--key", help="Its key, as `qalqan audit key` prints it.")
    ] = None,
    add: Annotated[
        bool, typer.Option("--keep", help="Add the newest checkpoint to the file if all is well.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Compare the record with the checkpoints: every row of audit, orders and vault (at the
    centre), or that it only grew (from outside). Exit status 1 if anything differs."""
    with failing_clearly(as_json):
        newest, found = (
            _at_home(kept, as_json) if url is None else _from_outside(url, verifier, kept)
        )
        _tell(newest, found, as_json, "whole" if url is None else _outside_word(newest, kept))
        if found:
            raise typer.Exit(1)
        if add and kept is not None and newest is not None:
            _add(kept, newest)


def _from_outside(
    url: str, verifier: str | None, kept: Path | None
) -> tuple[Checkpoint, list[Difference]]:
    from qalqan.cli.witness import asking, watch

    if verifier is None:
        raise InputRejected("key", None, "log.key")
    known = _read(kept, verifier)
    with asking(url) as client:
        return watch(client, verifier, known)


def _outside_word(newest: Checkpoint | None, kept: Path | None) -> str:
    """What an outsider has seen: that the log only grew since his checkpoints, or, without an
    earlier one, no more than whose signature the newest bears."""
    earlier = kept is not None and kept.exists() and kept.read_text("utf-8").strip()
    return "grew" if earlier and newest else "signed"


def _at_home(kept: Path | None, as_json: bool) -> tuple[Checkpoint | None, list[Difference]]:
    from qalqan.register import log

    home = open_home()
    known = _read(kept, _verifier(home))
    newest = None
    try:
        log.keep_up(home.database, home.keys)
        with home.database.session() as session:
            newest = log.newest(session)
    except (ContractBroken, NotAllowed):  # a damaged checkpoint: which one is found below
        pass
    return newest, list(islice(_differences(home, known, as_json), MOST))


def _differences(home: Home, known: Sequence[Checkpoint], as_json: bool) -> Iterator[Difference]:
    """All that the register says otherwise than it once did, in one snapshot of it."""
    from qalqan.cases import order_check
    from qalqan.register import vault_check
    from qalqan.register.log_check import LogCheck

    with home.database.session() as session, progress(as_json) as bar:

        def told(what: str, total: int) -> Any:
            task = bar.add_task(what, total=total)
            return lambda n: bar.advance(task, n)

        check = LogCheck(session, home.keys, known)
        yield from check.differences(told("log", check.size))
        some = told("vault", vault_check.count(session))
        yield from vault_check.differences(session, home.keys, some)
        some = told("orders", order_check.count(session))
        yield from order_check.differences(session, home.keys, some)


def _read(kept: Path | None, verifier: str) -> list[Checkpoint]:
    """The file's checkpoints; each must be signed by the key."""
    if kept is None or not kept.exists():
        return []
    notes = checkpoints.read_many(kept.read_text("utf-8"))
    return [checkpoints.read(note, verifier) for note in notes]


def _add(kept: Path, newest: Checkpoint) -> None:
    there = kept.read_text("utf-8") if kept.exists() else ""
    if newest.note not in there:
        with kept.open("a", encoding="utf-8") as file:
            file.write(f"{newest.note}\n")


def _tell(newest: Checkpoint | None, found: Sequence[Difference], as_json: bool, well: str) -> None:
    for each in found:
        tell(f"audit.{each.kind}", what=each.what)
    if not found:
        tell(f"audit.{well}", n=newest.size if newest else 0)
    told = {"checkpoint": _shown(newest) if newest else None}
    differences = [{"kind": each.kind, "what": each.what} for each in found]
    if as_json:
        answer({**told, "differences": differences}, True)
    elif newest is not None:
        typer.echo(json.dumps({"size": newest.size, "root": newest.root.hex()}))


def _shown(found: Checkpoint) -> dict[str, Any]:
    return {
        "origin": found.origin, "size": found.size, "root": found.root.hex(),
        "at_us": found.at_us, "note": found.note,
    }  # fmt: skip


def _verifier(home: Home) -> str:
    return checkpoints.verify_key(home.keys.log_key.public_key())
