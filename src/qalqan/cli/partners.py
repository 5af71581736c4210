"""`qalqan partner`: institutions that take part, and their keys (REQ-18, 19, 20)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from qalqan import clock
from qalqan.cli.asked import one_of
from qalqan.cli.home import open_home
from qalqan.cli.out import answer, failing_clearly
from qalqan.cli.people import AsJson
from qalqan.errors import InputRejected
from qalqan.lake.schemas import KINDS
from qalqan.model import identifiers
from qalqan.register import partner_keys
from qalqan.register import partners as register_partners
from qalqan.register.orm import PartnerKey

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Institutions that take part, and their keys (REQ-18, 19).",
)
ACTOR = "command line"
Code = Annotated[str, typer.Argument(help="Short name, such as ALTYN.")]
KeyId = Annotated[int, typer.Argument(help="Number of the key; `qalqan partner keys` tells it.")]
Scopes = Annotated[
    list[str] | None,
    typer.Option("--scope", help="What it opens; none: what is usual for its kind."),
]


@app.command("add")
def add(
    code: Code,
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
    events: Annotated[
        str | None, typer.Option(help="Where events are pushed; none: the partner asks for them.")
    ] = None,
    feed: Annotated[list[str] | None, typer.Option(help="A kind of fact it streams whole.")] = None,
    iso20022: Annotated[
        bool, typer.Option("--iso20022", help="Orders to hold or return bring a camt.056.")
    ] = False,
    scope: Scopes = None,
    as_json: AsJson = False,
) -> None:
    """Take a partner in; prints its first key once."""
    with failing_clearly(as_json):
        home = open_home()
        one_of("kind", kind, register_partners.PARTNER_KINDS)
        for fact in feed or ():
            one_of("feed", fact, KINDS)
        if bank_code is not None:
            bank_code = identifiers.KINDS["bank"](bank_code, field="bank-code").text
        with home.database.write() as session:
            token = register_partners.add_partner(
                session,
                code,
                kind,
                {"kk": kk or code, "ru": ru or code, "en": en or code},
                bank_code=bank_code,
                delivery="push" if endpoint else "pull",
                endpoint=_address("endpoint", endpoint),
                events_to=_address("events", events),
                feeds=feed or [],
                iso20022=iso20022,
                scopes=scope or (),
            )
        answer({"partner": code, "token": token}, as_json)


def _address(field: str, told: str | None) -> str | None:
    if told is not None and not told.startswith(("http://", "https://")):
        raise InputRejected(field, told, "url.scheme")
    return told


@app.command("list")
def listed(as_json: AsJson = False) -> None:
    """Show who takes part and how each is reached."""
    with failing_clearly(as_json), open_home().database.session() as session:
        found = register_partners.everybody(session)
        told = {one.code: f"{one.kind}, {one.delivery}" for one in found}
        answer({"partners": told} if as_json else told, as_json)


@app.command("change")
def change(
    code: Code,
    endpoint: Annotated[str | None, typer.Option(help="Where orders are pushed.")] = None,
    events: Annotated[str | None, typer.Option(help="Where events are pushed.")] = None,
    mail: Annotated[str | None, typer.Option(help="Where orders go by e-mail.")] = None,
    certificate: Annotated[
        Path | None, typer.Option(help="PEM file: mail is encrypted to it, answers signed by it.")
    ] = None,
    by: Annotated[str | None, typer.Option(help="push, pull, sheet or mail.")] = None,
    active: Annotated[
        bool | None, typer.Option("--active/--inactive", help="Whether it takes part.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Change how a partner is reached, or shut it out."""
    with failing_clearly(as_json):
        told: dict[str, Any] = {
            "endpoint": _address("endpoint", endpoint),
            "events_to": _address("events", events),
            "mail": mail,
            "mail_certificate": None if certificate is None else _certificate(certificate),
            "delivery": None if by is None else one_of("by", by, ("push", "pull", "sheet", "mail")),
            "active": active,
        }
        values = {name: value for name, value in told.items() if value is not None}
        with open_home().database.write() as session:
            register_partners.change(session, code, ACTOR, **values)
        answer({"partner": code, "changed": sorted(values)}, as_json)


def _certificate(path: Path) -> str:
    from qalqan.web.certificates import thumbprint_of_pem

    text = path.read_text(encoding="utf-8", errors="replace")
    try:
        thumbprint_of_pem(text)
    except ValueError:
        raise InputRejected("certificate", path.name, "key.certificate") from None
    return text


@app.command("keys")
def keys(code: Code, as_json: AsJson = False) -> None:
    """Show all keys of a partner, never their secrets."""
    with failing_clearly(as_json), open_home().database.session() as session:
        register_partners.one(session, code)
        found = [_told(key) for key in partner_keys.keys_of(session, code)]
        answer({"keys": found} if as_json else {str(each["id"]): each for each in found}, as_json)


def _told(key: PartnerKey) -> dict[str, Any]:
    return {
        "id": key.id, "label": key.label, "good": partner_keys.is_good(key), "scopes": key.scopes,
        "bound": key.thumbprint is not None, "until_us": key.until_us, "used_us": key.used_us,
    }  # fmt: skip


@app.command("key")
def key(
    code: Code,
    label: Annotated[str, typer.Option(help="What it is for.")],
    scope: Scopes = None,
    days: Annotated[int | None, typer.Option(min=1, max=3650, help="How long it is good.")] = None,
    certificate: Annotated[
        Path | None, typer.Option(help="PEM file of the certificate that must come with it.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a key; prints it once."""
    from qalqan.web.certificates import thumbprint_of_pem

    with failing_clearly(as_json):
        until = None if days is None else clock.wall_us() + days * clock.DAY
        bound = None if certificate is None else thumbprint_of_pem(_certificate(certificate))
        with open_home().database.write() as session:
            token = partner_keys.add_key(
                session, code, label, ACTOR,
                scopes=scope or (), until_us=until, thumbprint=bound,
            )  # fmt: skip
        answer({"partner": code, "token": token}, as_json)


@app.command("rotate")
def rotate(
    number: KeyId,
    keep_hours: Annotated[
        int, typer.Option(min=0, max=24 * 30, help="How long the old one stays good.")
    ] = 24,
    as_json: AsJson = False,
) -> None:
    """Make a key's successor; prints it once."""
    with failing_clearly(as_json), open_home().database.write() as session:
        token = partner_keys.rotate_key(session, number, ACTOR, keep_hours * clock.HOUR)
        answer({"key": number, "token": token}, as_json)


@app.command("revoke")
def revoke(number: KeyId, as_json: AsJson = False) -> None:
    """End a key now: every web process turns it away within a second."""
    with failing_clearly(as_json), open_home().database.write() as session:
        partner_keys.revoke_key(session, number, ACTOR)
        answer({"key": number, "revoked": True}, as_json)
