"""`qalqan bulletin` and `qalqan figure`: statistics on the command line."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from qalqan import clock
from qalqan.cli import bulletin_check
from qalqan.cli.home import open_home
from qalqan.cli.out import answer, failing_clearly, language, people
from qalqan.cli.people import AsJson
from qalqan.model.period import Period, day_in_almaty, month_of, parse

app = typer.Typer(invoke_without_command=True, no_args_is_help=False)
app.command("check")(bulletin_check.check)

Lang = Annotated[str, typer.Option("--lang", help="kk, ru or en; the command's own if absent.")]
When = Annotated[str, typer.Option("--period", help="2024, 2024-01, 2024-01-01..2024-01-20.")]


@app.callback()
def bulletin(
    context: typer.Context,
    period: When = "",
    lang: Lang = "",
    form: Annotated[str, typer.Option("--format", help="html, pdf, docx or txt.")] = "pdf",
    kind: Annotated[
        str, typer.Option(help="month, year, region, press or minister; by the period if absent.")
    ] = "",
    region: Annotated[str, typer.Option(help="KZ-75: a regional page.")] = "",
    out: Annotated[Path | None, typer.Option(help="File or folder; here if absent.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write a bulletin of a period from the register, the lake and official figures."""
    if context.invoked_subcommand is not None:
        return
    with failing_clearly(as_json):
        # Charts and Typst are slow to import.
        from qalqan.bulletin.documents.compose import compose
        from qalqan.bulletin.documents.write import file_name, write
        from qalqan.bulletin.figures.book import open_book

        home, of = open_home(), parse(period) if period else _last_month()
        with open_book(home.database, home.settings) as book:
            body = compose(book, kind or _kind(of, region), of, region)
        spoken = lang or language()
        made = write(body, spoken, form)
        name = file_name(body, spoken, form)
        path = out if out and out.suffix and not out.is_dir() else (out or Path()) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(made)
        answer({"file": str(path), "bytes": len(made), "seal": body.seal}, as_json)


def figure(
    code: Annotated[str, typer.Argument(help="Such as thefts.reported; all if absent.")] = "",
    period: When = "",
    by: Annotated[str, typer.Option(help="A column: region, method, partner …")] = "",
    lang: Lang = "",
    as_json: AsJson = False,
) -> None:
    """Reckon a figure now, and say what it counts and by which query."""
    with failing_clearly(as_json):
        from qalqan.bulletin import shown
        from qalqan.bulletin.figures import tell
        from qalqan.bulletin.figures.book import open_book

        spoken = lang or language()
        if not code:
            answer({each: shown.name(each, spoken) for each in tell.codes()}, as_json)
            return
        home, of = open_home(), parse(period) if period else _last_month()
        with open_book(home.database, home.settings) as book:
            told = tell.tell(book, code, of, by, spoken)
        answer(told, as_json)
        if not as_json:
            people.print(tell.query_of(code, of, by), markup=False, soft_wrap=True)


def _last_month() -> Period:
    """The last month that is over."""
    today = day_in_almaty(clock.now_us())
    return month_of(today.replace(day=1) - timedelta(days=1))


def _kind(of: Period, region: str) -> str:
    if region:
        return "region"
    return of.kind if of.kind in ("month", "year") else "press"
