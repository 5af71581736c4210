"""`qalqan users`: accounts in the hands of the machine's administrator (REQ-18).

For a centre's first day and its worst one: who works at this machine's shell asks no supervisor.
Everything stands in the audit under `command line`.
"""

from __future__ import annotations

from typing import Annotated

import typer
from sqlalchemy.orm import Session

from qalqan.cases.codes import check_region
from qalqan.cli.asked import one_of
from qalqan.cli.home import open_home
from qalqan.cli.out import answer, failing_clearly, tell
from qalqan.cli.people import AsJson
from qalqan.errors import Conflict, NotFound
from qalqan.register import officers, sessions
from qalqan.register.officers import OneTime
from qalqan.register.orm import User
from qalqan.register.rights import COUNTRY, ROLES

ACTOR = "command line"

app = typer.Typer(no_args_is_help=True, help="List, lock and reset officers and clerks.")

Login = Annotated[str, typer.Argument(help="Sign-in name.")]


@app.command("list")
def listed(as_json: AsJson = False) -> None:
    """Everybody: role, region, state, second factor, open sessions."""
    with failing_clearly(as_json), open_home().database.session() as session:
        rows = {
            each.login: {
                "role": each.role,
                "region": each.region,
                "partner": each.partner,
                "active": each.active,
                "one_time_password": each.is_given,
                "second_factor": each.owned.any,
                "sessions": each.sessions,
            }
            for each in officers.everybody(session)
        }
    answer(rows, as_json)


@app.command("role")
def role(
    login: Login,
    role: Annotated[str, typer.Argument(help="What the person may do from now on.")],
    region: Annotated[str, typer.Option(help="Region code, or KZ for all.")] = COUNTRY,
    as_json: AsJson = False,
) -> None:
    """Give another role and region; sessions end."""
    with failing_clearly(as_json):
        one_of("role", role, ROLES)
        if region != COUNTRY:
            check_region(region)
        with open_home().database.write() as session:
            user = _found(session, login)
            if (role == "clerk") != (user.partner is not None):
                raise Conflict("user", login, user.role, role)
            officers.give_role(session, user, role, region, ACTOR)
        answer({"user": login, "role": role, "region": region}, as_json)


@app.command("lock")
def lock(login: Login, as_json: AsJson = False) -> None:
    """Let nobody sign in by this account; its sessions end."""
    with failing_clearly(as_json):
        with open_home().database.write() as session:
            officers.lock(session, _found(session, login), ACTOR)
        answer({"user": login, "active": False}, as_json)


@app.command("unlock")
def unlock(login: Login, as_json: AsJson = False) -> None:
    """Let the account serve again."""
    with failing_clearly(as_json):
        with open_home().database.write() as session:
            officers.unlock(session, _found(session, login), ACTOR)
        answer({"user": login, "active": True}, as_json)


@app.command("end-sessions")
def end_sessions(
    login: Annotated[str | None, typer.Argument(help="Whose; none: everybody's.")] = None,
    as_json: AsJson = False,
) -> None:
    """End all sessions of one person, or of everybody."""
    with failing_clearly(as_json):
        with open_home().database.write() as session:
            logins = [each.login for each in officers.everybody(session)]
            if login is not None:
                logins = [_found(session, login).login]
            ended = sum(sessions.end_all(session, each, ACTOR) for each in logins)
        answer({"ended": ended}, as_json)


@app.command("reset-password")
def reset_password(login: Login, as_json: AsJson = False) -> None:
    """Give a one-time password, printed this once; second factors stay."""
    with failing_clearly(as_json):
        given = OneTime.new()
        with open_home().database.write() as session:
            officers.reset_password(session, _found(session, login), given, ACTOR)
        _tell_once(login, given, as_json)


@app.command("reset-factors")
def reset_factors(login: Login, as_json: AsJson = False) -> None:
    """Take all second factors away and give a one-time password, printed this once."""
    with failing_clearly(as_json):
        given = OneTime.new()
        with open_home().database.write() as session:
            officers.reset_factors(session, _found(session, login), given, ACTOR)
        _tell_once(login, given, as_json)


def _tell_once(login: str, given: OneTime, as_json: bool) -> None:
    tell("users.once")
    answer({"user": login, "password": given.text}, as_json)


def _found(session: Session, login: str) -> User:
    user = session.get(User, login, with_for_update=True)
    if user is None:
        raise NotFound("user", login)
    return user
