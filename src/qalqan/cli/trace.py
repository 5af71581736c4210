"""`qalqan trace`: where did this payment's money go?"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qalqan.cli.asked import one_of
from qalqan.cli.home import Home, open_home
from qalqan.cli.out import answer, failing_clearly, language, people, progress, tell, word
from qalqan.cli.people import AsJson
from qalqan.clock import HOUR
from qalqan.errors import ContractBroken, InputRejected, Unavailable
from qalqan.text.failure import failure
from qalqan.trail.policy import default
from qalqan.trail.semantics import RULES, TrailPolicy

if TYPE_CHECKING:
    from qalqan.cli.followed import Asked, Followed

_CASE = re.compile(r"C-\d\d-\d+")
ENGINES = ("duckdb", "spark")


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
    engine: Annotated[str | None, typer.Option(help="Over the lake, by duckdb or spark.")] = None,
    picture: Annotated[Path | None, typer.Option(help="Write the ladder as this SVG.")] = None,
    as_json: AsJson = False,
) -> None:
    """Follow a payment, or show a case's newest trail (REQ-39, 44, 92).

    Money is followed over the index of payments where it holds all that is sealed, else, or with
    an engine named, over the lake.
    """
    from qalqan.cli.followed import Asked, of_case

    with failing_clearly(as_json):
        one_of("rule", rule, RULES)
        home = open_home()
        if start and _CASE.fullmatch(start[0]):
            _alone(start[1:], account, amount, at, as_of, hops, window_hours, engine)
            found = of_case(home, start[0], rule)
            _warn(home)
        else:
            asked = Asked(tuple(start or ()), account, amount, currency, at, as_of)
            found = [_anew(home, engine, asked, _policy(hops, window_hours), rule, as_json)]
        for number, followed in enumerate(found):
            _show(home, followed, as_json)
            if picture is not None:
                _draw(home, followed, _numbered(picture, number))


def _alone(others: list[str], *asked: object) -> None:
    """A case's trail is kept, not made anew: nothing else may be asked of it."""
    told = [*others, *(each for each in asked if each is not None)]
    if told:
        raise InputRejected("payment", told[0], "asked.case_alone")


def _warn(home: Home) -> None:
    """A case's trail stands in the register and is right as of its day; that no newer one can be
    made is told."""
    from qalqan.work.agreement import check

    try:
        check(home.database, home.settings.lake_root)
    except (ContractBroken, Unavailable) as error:
        people.print(failure(error, language()), markup=False, soft_wrap=True)


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


def _anew(
    home: Home, engine: str | None, asked: Asked, policy: TrailPolicy, rule: str, as_json: bool
) -> Followed:
    """Follow now, and say over what."""
    with progress(as_json) as bar:
        bar.add_task(word("trace.walking"), total=None)
        walked, by_index = _walked(home, engine, asked, policy, rule)
    if not as_json:
        tell("trace.over_index" if by_index else "trace.over_lake")
    return walked


def _walked(
    home: Home, engine_name: str | None, asked: Asked, policy: TrailPolicy, rule: str
) -> tuple[Followed, bool]:
    from qalqan.cli.followed import of_payments
    from qalqan.lake.engine import open_engine
    from qalqan.work.agreement import check

    check(home.database, home.settings.lake_root)
    chosen = home.settings
    if engine_name is not None:
        chosen = chosen.model_copy(update={"engine": one_of("engine", engine_name, ENGINES)})
    engine = open_engine(chosen)
    try:
        return of_payments(home, engine, asked, policy, rule, by_index=engine_name is None)
    finally:
        engine.close()


def _show(home: Home, followed: Followed, as_json: bool) -> None:
    from qalqan.cli.ladder import print_ladder

    document, scene = followed
    if as_json:
        answer(document, True)
    else:
        print_ladder(document, scene, home.settings.language)


def _draw(home: Home, followed: Followed, path: Path) -> None:
    from qalqan.cli.picture import picture

    path.write_text(picture(*followed, home.settings.language), encoding="utf-8")
    tell("trace.written", path=str(path))


def _numbered(path: Path, number: int) -> Path:
    """A case with money of several currencies has a picture of each."""
    return path if number == 0 else path.with_stem(f"{path.stem}-{number + 1}")
