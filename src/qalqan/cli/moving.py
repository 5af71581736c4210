"""`qalqan move-register`: from the home's SQLite file to the PostgreSQL that the settings name,
and back; `qalqan move-lake`: from a folder to a bucket, or back, or to another one."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from sqlalchemy import make_url

from qalqan.cli.home import MOVED, Home, check_folder, open_home
from qalqan.cli.out import answer, failing_clearly, progress, tell, word
from qalqan.cli.people import AsJson
from qalqan.errors import Conflict, ContractBroken, InputRejected, NotFound
from qalqan.register import vault
from qalqan.register.database import Database
from qalqan.settings import Settings, lake_address, settings
from qalqan.trust.keys import Keys

if TYPE_CHECKING:
    from qalqan.lake.moving import Moved, Progress

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


def move_lake(
    to: Annotated[str, typer.Argument(help="A folder, or s3://bucket/prefix; empty.")],
    ahead: Annotated[
        bool, typer.Option("--ahead", help="Only what never changes, while the centre works.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Copy the lake to another place and compare both; stop the centre first, but with --ahead.
    The old one stays as it is."""
    with failing_clearly(as_json):
        home = open_home()
        here, there = home.settings.lake_root.rstrip("/"), _elsewhere(home.settings, to)
        with progress(as_json) as bar:
            task = bar.add_task(word("move_lake.copying"), total=None)

            def told(done: int, whole: int) -> None:
                bar.update(task, completed=done, total=whole)

            moved = _copied(home, here, there, ahead, told)
        tell("move_lake.ahead" if ahead else "move_lake.done", to=there, old=here)
        said = {} if ahead else {"rows": moved.rows, "seals": moved.seals}
        answer({"to": there, "copied": moved.copied, "bytes": moved.size, **said}, as_json)


def _elsewhere(here: Settings, to: str) -> str:
    """The place as settings will name it; raises `InputRejected`."""
    try:
        found = lake_address(to)
    except ValueError:
        raise InputRejected("to", to.partition(":")[0], "setting.lake") from None
    there = found.rstrip("/") if "://" in found else str(Path(found).absolute())
    if _is_within(there, here.lake_root):
        raise Conflict("move_lake_to", there, "the same", "move")
    return there


def _is_within(place: str, other: str) -> bool:
    """Whether a place is another one or lies in it: who deletes the old lake would delete both."""
    inner, outer = (
        one.rstrip("/") if "://" in one else str(Path(one).resolve()) for one in (place, other)
    )
    return f"{inner}/".startswith(f"{outer}/")


def _copied(home: Home, here: str, there: str, ahead: bool, told: Progress) -> Moved:
    from qalqan.lake import moving
    from qalqan.work.agreement import check

    if ahead:
        return moving.copy_ahead(here, there, told)
    check(home.database, here)
    return moving.move(home.database, here, there, told)
