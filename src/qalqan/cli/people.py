"""`qalqan init`, `partner`, `user`: a centre's first hour."""

from __future__ import annotations

import getpass
import sys
from typing import Annotated

import typer

from qalqan.cases.codes import check_region
from qalqan.cli.asked import one_of
from qalqan.cli.home import make_home, open_home
from qalqan.cli.out import answer, failing_clearly, tell, word
from qalqan.errors import InputRejected
from qalqan.lake.schemas import KINDS
from qalqan.model import identifiers
from qalqan.register import people as register_people
from qalqan.register.rights import ROLES

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]


def init(as_json: AsJson = False) -> None:
    """Make the home: folder, keys, register."""
    with failing_clearly(as_json):
        home = make_home()
        answer({"home": str(home.settings.home.absolute())}, as_json)


def partner(
    code: Annotated[str, typer.Argument(help="Short name, such as ALTYN.")],
    kind: Annotated[
        str, typer.Option(help="bank, wallet, operator, marketplace, channel or volunteers.")
    ] = "bank",
    kk: Annotated[str, typer.Option(help="Name in Kazakh.")] = "",
    ru: Annotated[str, typer.Option(help="Name in Russian.")] = "",
    en: Annotated[str, typer.Option(help="Name in English.")] = "",
    bank_code: Annotated[
        str | None, typer.Option(help="Three characters of its IBANs, or its BIC.")
    ] = None,
    endpoint: Annotated[
        str | None, typer.Option(help="Where orders are pushed; none: the partner pulls.")
    ] = None,
    feed: Annotated[list[str] | None, typer.Option(help="A kind of fact it streams whole.")] = None,
    iso20022: Annotated[
        bool, typer.Option("--iso20022", help="Orders to hold or return bring a camt.056.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Take a partner in; prints its token once (REQ-19, 20)."""
    with failing_clearly(as_json):
        home = open_home()
        one_of("kind", kind, register_people.PARTNER_KINDS)
        for fact in feed or ():
            one_of("feed", fact, KINDS)
        if endpoint is not None and not endpoint.startswith(("http://", "https://")):
            raise InputRejected("endpoint", endpoint, "url.scheme")
        if bank_code is not None:
            bank_code = identifiers.KINDS["bank"](bank_code, field="bank-code").text
        with home.database.write() as session:
            token = register_people.add_partner(
                session,
                code,
                kind,
                {"kk": kk or code, "ru": ru or code, "en": en or code},
                bank_code=bank_code,
                delivery="push" if endpoint else "pull",
                endpoint=endpoint,
                feeds=feed or [],
                iso20022=iso20022,
            )
        answer({"partner": code, "token": token}, as_json)


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
    as_json: AsJson = False,
) -> None:
    """Take an officer in, or a partner's clerk; asks for the password (REQ-18)."""
    with failing_clearly(as_json):
        home = open_home()
        one_of("role", role, ROLES)
        if region != "KZ":
            check_region(region)
        password = _password()
        with home.database.write() as session:
            register_people.add_user(
                session, home.keys, login, name=name, password=password, role=role, region=region,
                partner=partner,
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
