"""`qalqan policy`: two supervisors put a policy in force (REQ-44)."""

from __future__ import annotations

import getpass
import sys
import tomllib
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from qalqan.cases import policy as pursuit
from qalqan.cases import vault_retention
from qalqan.cli.home import Home, open_home
from qalqan.cli.out import answer, failing_clearly, word
from qalqan.cli.people import AsJson
from qalqan.errors import InputRejected, NotAllowed
from qalqan.register import people
from qalqan.register.sign_in import show_code

MAY_APPROVE = "supervisor"


class Name(StrEnum):
    """The policies that two people approve."""

    PURSUIT = "pursuit"
    SCREENING = "screening"
    CALLS = "calls"
    VAULT_RETENTION = "vault-retention"
    OUTREACH = "outreach"


def policy(
    approved_by: Annotated[
        list[str], typer.Option("--approved-by", help="A supervisor's login; give two.")
    ],
    file: Annotated[
        Path | None, typer.Option(help="TOML file; none: the policy that comes with the software.")
    ] = None,
    of: Annotated[Name, typer.Option(help="Which policy.")] = Name.PURSUIT,
    as_json: AsJson = False,
) -> None:
    """Put a policy in force from now on; two supervisors type their passwords (REQ-44)."""
    with failing_clearly(as_json):
        home = open_home()
        default, install = _of(of)
        body = default() if file is None else body_of(file)
        for login in approved_by:
            check_person(home, login, (MAY_APPROVE,), "approve policy")
        try:
            with home.database.write() as session:
                version = install(session, body, approved_by).version
        except (KeyError, TypeError, AttributeError) as error:
            raise InputRejected("file", str(error), "policy.shape") from None
        told = {"policy": of.value, "version": version, "approved_by": sorted(approved_by)}
        answer(told, as_json)


def _of(name: Name) -> tuple[Callable[[], dict[str, Any]], Callable[..., Any]]:
    """What comes with the software, and how a version is put in force."""
    if name is Name.PURSUIT:
        return pursuit.default_body, pursuit.install
    if name is Name.VAULT_RETENTION:
        return vault_retention.default_body, vault_retention.install
    if name is Name.OUTREACH:
        from qalqan.bulletin.outreach import policy as outreach

        return outreach.default_body, outreach.install
    if name is Name.CALLS:
        from qalqan.screening import call_policy
        from qalqan.work import call_tables

        return call_policy.default_body, call_tables.install
    from qalqan.screening.policy import default_body
    from qalqan.work.screens.lists import install

    return default_body, install


def body_of(file: Path) -> dict[str, Any]:
    """A policy's file, read.

    Raises:
        InputRejected: it is no TOML.
    """
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputRejected("file", str(error), "policy.shape") from None


def check_person(home: Home, login: str, roles: Sequence[str], action: str) -> None:
    """Whoever types this password, and a code if he has an app for them, is that person and has
    one of the roles.

    Raises:
        NotAllowed: a wrong password or code, too many of them, a one-time password, another role.
    """
    secret = people.sign_in(home.database, login, _typed("policy.password", login))
    person = people.signed_in(home.database, secret)
    if person.stage == "factor":
        code = _typed("policy.code", login)
        secret = show_code(home.database, home.keys, person, code)
        person = people.signed_in(home.database, secret)
    with home.database.write() as session:
        people.sign_out(session, secret)
    if person.stage is not None:
        raise NotAllowed("sign_in", person.stage)
    if person.role not in roles:
        raise NotAllowed(action, ", ".join(roles), "role")


def _typed(key: str, login: str) -> str:
    """Typed unseen; a program gives it as one line on stdin."""
    if sys.stdin.isatty():
        return getpass.getpass(word(key, login=login))
    return sys.stdin.readline().rstrip("\n")
