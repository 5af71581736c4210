"""`qalqan init`, `user`: a centre's first hour."""

from __future__ import annotations

import getpass
import sys
from typing import Annotated

import typer

from qalqan import clock
from qalqan.cases.codes import check_region
from qalqan.cli.asked import one_of
from qalqan.cli.home import make_home, open_home
from qalqan.cli.out import answer, failing_clearly, tell, word
from qalqan.errors import InputRejected
from qalqan.register import people as register_people
from qalqan.register.rights import ROLES

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]


def init(as_json: AsJson = False) -> None:
    """Make the home: folder, keys, register."""
    with failing_clearly(as_json):
        home = make_home()
        answer({"home": str(home.settings.home.absolute())}, as_json)


def user(
    login: Annotated[str, typer.Argument(help="Sign-in name.")],
    name: Annotated[str, typer.Option(help="Full name; kept in the vault.")],
    role: Annotated[
        str,
        typer.Option(help="What the person may do: `operative`, `clerk` …; see register.rights."),
    ] = "operative",
    region: Annotated[
        str, typer.Option(help="Region code whose cases are in view, or KZ for all.")
    ] = "KZ",
    partner: Annotated[
        str | None, typer.Option(help="Whom a clerk works for: the partner's code.")
    ] = None,
    own: Annotated[
        bool, typer.Option("--own", help="The person types it himself, and need not change it.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Take an officer in, or a partner's clerk; asks for the password, which is good for three
    days and changed at the first sign-in unless the person chose it himself (REQ-18)."""
    with failing_clearly(as_json):
        home = open_home()
        one_of("role", role, ROLES)
        if region != "KZ":
            check_region(region)
        password = _password()
        with home.database.write() as session:
            register_people.add_user(
                session, home.keys, login, name=name, password=password, role=role, region=region,
                partner=partner, given_us=None if own else clock.wall_us(),
            )  # fmt: skip
        tell("user.added", login=login)
        answer({"user": login}, as_json)


def _password() -> str:
    """Typed unseen, so twice; a program gives it as one line on stdin."""
    if sys.stdin.isatty():
        typed = getpass.getpass(word("user.password"))
        if getpass.getpass(word("user.again")) != typed:
            raise InputRejected("password", "", "password.again")
        return typed
    return sys.stdin.readline().rstrip("\n")
