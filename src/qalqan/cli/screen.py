"""`qalqan screen`: own the screens' state, ask by hand, list a subject, decide all anew."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Annotated, Any

import typer

from qalqan.cli.asked import one_of
from qalqan.cli.calls import TablesFile, decided
from qalqan.cli.home import open_home
from qalqan.cli.out import answer, failing_clearly, language, word
from qalqan.cli.people import AsJson
from qalqan.cli.watched import watched
from qalqan.errors import Conflict, NotFound
from qalqan.parent import end_with_parent

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="Screens: may this payment go out, this loan be granted, this call pass?",
)
MAY_LIST = "supervisor"

ApprovedBy = Annotated[
    list[str], typer.Option("--approved-by", help="A supervisor's login; give two.")
]


@app.command("own")
def own(
    shard: Annotated[int, typer.Option(min=0, help="Which share of the accounts.")] = 0,
) -> None:
    """Keep the state of one shard and answer for it, until told to stop; `serve` starts it."""
    from qalqan.work.screens import process

    end_with_parent()
    with failing_clearly():
        home = open_home()
        if shard >= home.settings.screen_shards:
            raise NotFound("shard", str(shard))
        with watched(home.settings):
            process.own(home.database, home.settings, shard)


@app.command("payment")
def payment(
    body: Annotated[str, typer.Argument(help="The question as JSON, as the API takes it.")],
    bank: Annotated[str, typer.Option(help="Code of the bank that would ask.")],
    as_json: AsJson = False,
) -> None:
    """Decide one payment by hand, as known in the lake at its own moment; nothing is kept."""
    from qalqan.cli import screen_by_hand

    with failing_clearly(as_json):
        answer(screen_by_hand.payment(open_home(), body, bank, language()), as_json)


@app.command("loan")
def loan(
    body: Annotated[str, typer.Argument(help="The question as JSON, as the API takes it.")],
    bank: Annotated[str, typer.Option(help="Code of the lender that would ask.")],
    as_json: AsJson = False,
) -> None:
    """Decide one loan by hand, as known in the lake at its own moment; nothing is kept."""
    from qalqan.cli import screen_by_hand

    with failing_clearly(as_json):
        answer(screen_by_hand.loan(open_home(), body, bank, language()), as_json)


@app.command("call")
def call(
    callee: Annotated[str, typer.Argument(help="The called number.")],
    trunk: Annotated[str, typer.Option(help="Name of the trunk, or address of the peer.")],
    network: Annotated[str | None, typer.Option(help="P-Asserted-Identity: number or URI.")] = None,
    presented: Annotated[str | None, typer.Option(help="From: number or URI.")] = None,
    diverting: Annotated[str | None, typer.Option(help="Newest Diversion.")] = None,
    tables: TablesFile = None,
    as_json: AsJson = False,
) -> None:
    """Decide one call by hand, by the tables as they are now; nothing is kept (REQ-45)."""
    with failing_clearly(as_json):
        answer(decided(callee, trunk, network, presented, diverting, tables), as_json)


@app.command("past")
def past(
    kind: Annotated[str, typer.Argument(help="payments or loans")],
    file: Annotated[
        Path | None, typer.Option(readable=False, help="A file of them; none: all of the lake.")
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option(readable=False, help="TOML file: the file's columns to ours.")
    ] = None,
    source: Annotated[str, typer.Option(help="Partner whose facts the file has.")] = "",
    into: Annotated[
        Path | None, typer.Option(help="Where each verdict goes that is not `pass`: JSON Lines.")
    ] = None,
    with_lists: Annotated[
        bool, typer.Option(help="With today's lists, holds and findings, which knew more.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Ask the screens about facts of the past in order of their time, each as known at its own
    moment; nothing is kept."""
    from qalqan.cli.screen_past import Asking

    with failing_clearly(as_json):
        of = one_of("kind", kind.removesuffix("s"), ("payment", "loan"))
        asking = Asking(open_home(), of, with_lists)
        told = asking.of_file(file, source or None, mapping) if file else asking.of_lake()
        answer(asking.run(told, into), as_json)


@app.command("list")
def list_subject(
    kind: Annotated[str, typer.Argument(help="account, person or phone")],
    value: Annotated[str, typer.Argument(help="The account, IIN or BIN, or telephone number.")],
    reason: Annotated[str, typer.Option(help="Why; without anybody's data.")],
    source: Annotated[str, typer.Option(help="Case, partner or list it comes from.")],
    approved_by: ApprovedBy,
    grade: Annotated[str, typer.Option(help="block or watch")] = "block",
    ground: Annotated[str, typer.Option(help="Legal ground.")] = "kz.payments.hold",
    days: Annotated[int, typer.Option(min=1, max=366, help="For how long.")] = 30,
    as_json: AsJson = False,
) -> None:
    """List a subject for action; two supervisors type their passwords (REQ-44)."""
    from qalqan import clock
    from qalqan.cases.grounds import ground as in_force
    from qalqan.cli.policy import check_person
    from qalqan.model.identifiers import KINDS
    from qalqan.model.order import Kind
    from qalqan.register import indicators
    from qalqan.text.mask import mask
    from qalqan.trust.tokens import token

    with failing_clearly(as_json):
        home = open_home()
        now_us = clock.now_us()
        legal = in_force(ground, Kind.HOLD, now_us)
        indicators.check_kind(kind)
        subject = token(home.keys, kind, KINDS[kind](value, field="value").text)
        for login in approved_by:
            check_person(home, login, (MAY_LIST,), "list")
        entry = indicators.Entry(
            kind, subject, grade, legal.code, mask(reason), source, now_us + days * clock.DAY
        )
        with home.database.write() as session:
            number = indicators.put(session, entry, approved_by)
        answer({"indicator": number, "subject": subject, "until_us": entry.until_us}, as_json)


@app.command("unlist")
def unlist(
    number: Annotated[int, typer.Argument(help="The indicator's number.")],
    by: Annotated[str, typer.Option(help="A supervisor's login.")],
    reason: Annotated[str, typer.Option(help="Why; without anybody's data.")],
    as_json: AsJson = False,
) -> None:
    """Take a subject off the list at once; one supervisor is enough."""
    from qalqan.cli.policy import check_person
    from qalqan.register import indicators
    from qalqan.text.mask import mask

    with failing_clearly(as_json):
        home = open_home()
        check_person(home, by, (MAY_LIST,), "unlist")
        with home.database.write() as session:
            indicators.withdraw(session, number, by, mask(reason))
        answer({"indicator": number, "withdrawn": True}, as_json)


@app.command("replay")
def replay(as_json: AsJson = False) -> None:
    """Decide every question of the journals anew; each must come to the same verdict."""
    from qalqan.work.screens import again

    with failing_clearly(as_json):
        home = open_home()
        count, different = again.all_again(home.database, home.settings)
        body: dict[str, Any] = {"questions": count, "different": len(different)}
        answer(body, as_json)
        if different:
            raise Conflict("screen", different[0].asked.id, "decided otherwise", "replay")


@app.command("status")
def status(as_json: AsJson = False) -> None:
    """How each owner is: ready or loading, up to which seal, under which policy."""
    from qalqan.work.screens.client import statuses

    with failing_clearly(as_json):
        settings = open_home().settings
        found = asyncio.run(statuses(settings.home, settings.screen_shards))
        shown = [json.dumps(one) if one else word("screen.away") for one in found]
        body: dict[str, Any] = {str(n): one for n, one in enumerate(found if as_json else shown)}
        answer(body, as_json)
        if not all(found):
            raise SystemExit(1)
