"""`qalqan move-register`: from the home's SQLite file to the PostgreSQL that the settings name,
and back."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import make_url

from qalqan.cli.home import MOVED, check_folder
from qalqan.cli.out import answer, failing_clearly, tell
from qalqan.cli.people import AsJson
from qalqan.errors import Conflict, ContractBroken, NotFound
from qalqan.register import vault
from qalqan.register.database import Database
from qalqan.settings import Settings, settings
from qalqan.trust.keys import Keys

_COMING = "register.db.coming"
_BEFORE = "register.db.before"
"""The file of before the move away, once its rows have come back in a newer one."""


def move_register(
    back: Annotated[
        bool, typer.Option("--back", help="From that PostgreSQL to a new register.db of the home.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Move the home's register.db to the empty PostgreSQL that QALQAN_REGISTER names, or back;
    stop the centre first."""
    with failing_clearly(as_json):
        here = settings()
        check_folder(here.home)
        if make_url(here.register_url).get_backend_name() != "postgresql":
            raise Conflict("move_register_to", "", "not PostgreSQL", "move")
        counts = _come_back(here) if back else _go(here)
        answer({"tables": len(counts), "rows": sum(counts.values()), "of": counts}, as_json)


def _go(here: Settings) -> dict[str, int]:
    """From the file to the server; once that is done, say so again."""
    old = here.home.absolute() / "register.db"
    aside = old.with_name(MOVED)
    if not old.exists() and aside.exists():
        return _gone_before(here, aside)
    if not old.exists():
        raise NotFound("move_register", str(old))
    counts = _moved(here, f"sqlite:///{old}", here.register_url)
    old.rename(aside)  # nobody shall go on with it by leaving the variable out
    tell("move_register.done", file=str(aside))
    return counts


def _gone_before(here: Settings, aside: Path) -> dict[str, int]:
    """Rows that are there now.

    Raises:
        ContractBroken: the settings name another database than the one it has moved to.
    """
    from qalqan.register.moving import rows

    with closing(Database(here.register_url)) as target, target.session() as session:
        counts = rows(session)
        if not counts or not vault.keys_fit(session, Keys.load(here.keys_file)):
            raise ContractBroken("the register has moved", "register.moved", file=str(aside))
    tell("move_register.before", to=_shown(here), file=str(aside))
    return counts


def _come_back(here: Settings) -> dict[str, int]:
    """From the server to a file, which gets its name when all of it is there."""
    file = here.home.absolute() / "register.db"
    if file.exists():
        raise Conflict("move_register_back", str(file), "in use", "move back")
    coming = file.with_name(_COMING)
    for left in file.parent.glob(f"{_COMING}*"):  # of a move that was cut off
        left.unlink()
    counts = _moved(here, here.register_url, f"sqlite:///{coming}")
    coming.rename(file)
    aside = file.with_name(MOVED)
    if aside.exists():
        aside.rename(file.with_name(_BEFORE))
    tell("move_register.back", file=str(file), database=_shown(here))
    return counts


def _moved(here: Settings, source_url: str, target_url: str) -> dict[str, int]:
    from qalqan.register.moving import move

    with closing(Database(source_url)) as source, closing(Database(target_url)) as target:
        with source.write() as session:
            vault.check_keys(session, Keys.load(here.keys_file))
        return dict(move(source, target))


def _shown(here: Settings) -> str:
    """The database's address as it may be told."""
    return make_url(here.register_url).render_as_string(hide_password=True)
