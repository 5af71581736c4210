"""`qalqan move-register`: from the home's SQLite file to the PostgreSQL that the settings name."""

from __future__ import annotations

from contextlib import closing

from sqlalchemy import make_url

from qalqan.cli.home import MOVED, check_folder
from qalqan.cli.out import answer, failing_clearly, tell
from qalqan.cli.people import AsJson
from qalqan.errors import Conflict, NotFound
from qalqan.register import vault
from qalqan.register.database import Database
from qalqan.settings import settings
from qalqan.trust.keys import Keys


def move_register(as_json: AsJson = False) -> None:
    """Move the home's register.db to the empty PostgreSQL that QALQAN_REGISTER names; stop the
    centre first."""
    from qalqan.register.moving import move

    with failing_clearly(as_json):
        here = settings()
        check_folder(here.home)
        old = here.home.absolute() / "register.db"
        if make_url(here.register_url).get_backend_name() != "postgresql":
            raise Conflict("move_register_to", "", "not PostgreSQL", "move")
        if not old.exists():
            raise NotFound("move_register", str(old))
        with (
            closing(Database(f"sqlite:///{old}")) as source,
            closing(Database(here.register_url)) as target,
        ):
            with source.write() as session:
                vault.check_keys(session, Keys.load(here.keys_file))
            counts = move(source, target)
        aside = old.with_name(MOVED)
        old.rename(aside)  # nobody shall go on with it by leaving the variable out
        tell("move_register.done", file=str(aside))
        answer({"tables": len(counts), "rows": sum(counts.values())}, as_json)
