"""`qalqan trace`: where did this payment's money go?"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qalqan import clock
from qalqan.cli.asked import account as account_token
from qalqan.cli.asked import minor, moments, one_of
from qalqan.cli.home import Home, open_home
from qalqan.cli.out import answer, failing_clearly, progress, tell, word
from qalqan.cli.people import AsJson
from qalqan.clock import HOUR
from qalqan.errors import InputRejected, NotFound
from qalqan.trail import starts
from qalqan.trail.policy import default
from qalqan.trail.semantics import RULES, Fact, Root, TrailPolicy

if TYPE_CHECKING:
    from qalqan.lake.engine import Engine

_CASE = re.compile(r"C-\d\d-\d+")
ENGINES = ("duckdb", "spark")


@dataclass(frozen=True)
class Asked:
    """How payments were described: by their ids, or by who paid how much when."""

    names: tuple[str, ...]
    account: str | None
    amount: str | None
    currency: str
    at: str | None


def trace(
    start: Annotated[
        list[str] | None,
        typer.Argument(help="Payments (source:id), followed together; or a case (C-26-000123)."),
    ] = None,
    account: Annotated[str | None, typer.Option(help="Or: the account that paid …")] = None,
    amount: Annotated[str | None, typer.Option(help="… this sum, such as 150000.50 …")] = None,
    at: Annotated[str | None, typer.Option(help="… on this day or at this time.")] = None,
    currency: Annotated[str, typer.Option(help="Of the sum.")] = "KZT",
    rule: Annotated[str, typer.Option(help=f"One of {', '.join(RULES)}.")] = RULES[0],
    hops: Annotated[int | None, typer.Option(help="How many transfers away at most.")] = None,
    window_hours: Annotated[
        int | None, typer.Option(help="How long after its arrival money is followed on.")
    ] = None,
    as_of: Annotated[str | None, typer.Option(help="Known until then; else until now.")] = None,
    engine: Annotated[str | None, typer.Option(help="duckdb or spark; else as set.")] = None,
    picture: Annotated[Path | None, typer.Option(help="Write the ladder as this SVG.")] = None,
    as_json: AsJson = False,
) -> None:
    """Follow a payment in the lake, or show a case's newest trail (REQ-39, 44, 92)."""
    with failing_clearly(as_json):
        one_of("rule", rule, RULES)
        home = open_home()
        if start and _CASE.fullmatch(start[0]):
            documents = _of_case(home, start[0])
        else:
            policy = _policy(hops, window_hours)
            asked = Asked(tuple(start or ()), account, amount, currency, at)
            with progress(as_json) as bar:
                bar.add_task(word("trace.walking"), total=None)
                documents = [_walked(home, engine, asked, policy, as_of)]
        for number, document in enumerate(documents):
            _show(home, document, rule, as_json)
            if picture is not None:
                _draw(home, document, rule, _numbered(picture, number))


def _policy(hops: int | None, window_hours: int | None) -> TrailPolicy:
    """The default, or what the caller made of it; the version says so."""
    policy = default()
    for field, value in (("hops", hops), ("window-hours", window_hours)):
        if value is not None and not 0 < value < 100_000:
            raise InputRejected(field, value, "number.range", least=1, most=99_999)
    if hops is not None:
        policy = replace(policy, max_hops=hops, version=f"{policy.version} hops={hops}")
    if window_hours is not None:
        version = f"{policy.version} window={window_hours}h"
        policy = replace(policy, window_us=window_hours * HOUR, version=version)
    return policy


def _walked(
    home: Home, engine_name: str | None, asked: Asked, policy: TrailPolicy, as_of: str | None
) -> dict[str, Any]:
    from qalqan.lake.engine import open_engine
    from qalqan.trail import document, follow

    chosen = home.settings
    if engine_name is not None:
        chosen = chosen.model_copy(update={"engine": one_of("engine", engine_name, ENGINES)})
    until = clock.now_us() if as_of is None else moments("as-of", as_of, 0)[1]
    engine = open_engine(chosen)
    try:
        roots = _roots(home, engine, asked, policy.match_window_us)
        if until < min(root.at_us for root in roots):
            raise InputRejected("as-of", as_of, "asked.later")
        trail = follow(engine, roots, policy, until, home_banks=_home_banks(home))
        return document(trail)
    finally:
        engine.close()


def _roots(home: Home, engine: Engine, asked: Asked, around_us: int) -> list[Root]:
    """The payments that were meant, of one currency.

    Raises:
        InputRejected: not enough said, several fit, or one reached no account.
        NotFound: none fits.
    """
    if asked.names:
        told = list(starts.by_ids(engine, asked.names).items())
    elif asked.account and asked.amount and asked.at:
        payer = account_token(home.keys, asked.account)
        units = minor(asked.amount, asked.currency)
        period = moments("at", asked.at, around_us)
        told = [(asked.amount, starts.by_sum(engine, payer, units, asked.currency, period))]
    else:
        raise InputRejected("payment", None, "asked.payment")
    roots = [_one(name, facts, around_us) for name, facts in told]
    if len({root.currency for root in roots}) > 1:
        raise InputRejected("payment", len(roots), "asked.one_currency")
    return roots


def _one(name: str, facts: list[Fact], around_us: int) -> Root:
    if not facts:
        raise NotFound("payment", name)
    roots = starts.roots(facts, around_us)
    if len(roots) > 1:
        names = ", ".join(root.id for root in roots[:10])
        raise InputRejected("payment", name, "asked.one_payment", names=names)
    if not roots:
        raise InputRejected("payment", name, "asked.to_account")
    return roots[0]


def _home_banks(home: Home) -> frozenset[str]:
    from sqlalchemy import select

    from qalqan.register.orm import Partner

    with home.database.session() as session:
        codes = session.scalars(select(Partner.bank_code).where(Partner.active))
        return frozenset(code for code in codes if code)


def _of_case(home: Home, case_id: str) -> list[dict[str, Any]]:
    from qalqan.cases.trails import newest

    with home.database.session() as session:
        documents = list(newest(session, case_id))
    if not documents:
        raise NotFound("trail", case_id)
    return documents


def _bank_names(home: Home, language: str) -> dict[str, str]:
    from sqlalchemy import select

    from qalqan.register.orm import Partner

    with home.database.session() as session:
        partners = session.scalars(select(Partner).where(Partner.bank_code.is_not(None)))
        return {p.bank_code or "": p.names.get(language, p.code) for p in partners}


def _show(home: Home, document: dict[str, Any], rule: str, as_json: bool) -> None:
    if as_json:
        answer(document, True)
        return
    from qalqan.cli.ladder import print_ladder

    language = home.settings.language
    print_ladder(document, rule, language, _bank_names(home, language))


def _draw(home: Home, document: dict[str, Any], rule: str, path: Path) -> None:
    from qalqan.cli.picture import picture

    language = home.settings.language
    path.write_text(picture(document, rule, language, _bank_names(home, language)), "utf-8")
    tell("trace.written", path=str(path))


def _numbered(path: Path, number: int) -> Path:
    """A case with money of several currencies has a picture of each."""
    return path if number == 0 else path.with_stem(f"{path.stem}-{number + 1}")
