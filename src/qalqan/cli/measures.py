"""`qalqan measures`: the register of measures on the command line (REQ-25, 93)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from qalqan.cli.home import Home, open_home
from qalqan.cli.out import answer, failing_clearly, language, tell, word
from qalqan.cli.people import AsJson
from qalqan.errors import InputRejected, NotFound

app = typer.Typer(no_args_is_help=True, help="Measures, programmes, and whether they helped.")

By = Annotated[str, typer.Option("--by", help="Login of the officer who does it.")]


@app.command("list")
def listed(
    shown: Annotated[
        str, typer.Option(help="open, late, claimed, done, dropped, judged or all.")
    ] = "open",
    as_json: AsJson = False,
) -> None:
    """Measures with owner, due day and state; what is due first (REQ-25)."""
    with failing_clearly(as_json):
        rows = _rows(open_home(), shown)
        if as_json:
            answer({"measures": rows}, True)
            return
        if not rows:
            tell("measures.none")
            return
        names = ("measure", "due", "state", "name")
        table = Table(*(word(f"measures.column.{name}") for name in names))
        for row in rows:
            text = row["names"].get(language()) or next(iter(row["names"].values()))
            table.add_row(row["measure"], row["due_day"], row["state"], text)
        Console(highlight=False).print(table)


@app.command("import")
def take(
    by: By,
    file: Annotated[Path | None, typer.Argument(help="A CSV file of measures.")] = None,
    briefing: Annotated[
        bool, typer.Option("--briefing", help="The programmes that the briefing names.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Take measures in from a CSV file, or the briefing's programmes (REQ-25, 26)."""
    from qalqan.bulletin.figures.definitions import definitions
    from qalqan.cases import measure_file
    from qalqan.text.refusal import refusal

    with failing_clearly(as_json):
        home, told = open_home(), dict[str, Any]()
        lines = list(measure_file.read(file.read_bytes())) if file is not None else []
        with home.database.write() as session:
            officer = _officer(session, by)
            if briefing:
                made = measure_file.take_briefing(session, officer)
                told["programmes"] = [row.id for row in made]
            became = measure_file.take(session, officer, lines, definitions()) if lines else []
        done = [each for each in became if each.error is None]
        told["measures"] = [each.measure for each in done if not each.stood]
        told["stood"] = [each.measure for each in done if each.stood]
        told["refused"] = [
            {"line": each.line, "why": refusal(each.error, language())}
            for each in became if isinstance(each.error, InputRejected)
        ]  # fmt: skip
        if as_json:
            answer(told, True)
            return
        if "programmes" in told:
            tell("measures.programmes", n=len(told["programmes"]))
        if file is not None:
            tell("measures.taken", n=len(told["measures"]))
        if told["stood"]:
            tell("measures.stood", n=len(told["stood"]))
        for each in told["refused"]:
            tell("measures.line", n=each["line"], why=each["why"])


@app.command("evaluate")
def evaluate(
    measure: Annotated[str, typer.Argument(help="Its number, such as MS-26-000001.")],
    as_json: AsJson = False,
) -> None:
    """Whether a measure helped, by what was written down before it began (REQ-85, 93)."""
    from qalqan import clock
    from qalqan.bulletin import measured
    from qalqan.bulletin.effects import plain, words
    from qalqan.cases import measure_list

    with failing_clearly(as_json):
        home = open_home()
        with home.database.session() as session:
            view = measure_list.whole(session, measure)
            design = measured.design_of(view)
            if design is None:
                raise NotFound("design", measure)
            found = measured.judged(session, design, clock.now_us(), home.settings.is_simulated)
        if as_json:
            answer({"measure": measure, **plain.evaluation(found)}, True)
            return
        out = Console(highlight=False)
        out.print(words.concluded(found, language()), markup=False, soft_wrap=True)
        for line in words.notes(found, bool(view.design and view.design.late), language()):
            out.print(f"  • {line}", markup=False, soft_wrap=True)


def _rows(home: Home, shown: str) -> list[dict[str, Any]]:
    from qalqan import clock
    from qalqan.cases import measure_list, measures
    from qalqan.cli.asked import one_of

    one_of("shown", shown, measure_list.SHOWN)
    now, found, page = clock.now_us(), list[dict[str, Any]](), 1
    with home.database.session() as session:
        while True:
            part = measure_list.listed(session, shown, now, page)
            found += [
                {"measure": row.id, "names": dict(row.names), "owner": row.owner,
                 "due_day": row.due_day, "state": measures.stands(row, now)}
                for row in part.rows
            ]  # fmt: skip
            if page >= part.pages:
                return found
            page += 1


def _officer(session: Any, login: str) -> Any:
    from qalqan.register.orm import User

    row = session.get(User, login)
    if row is None:
        raise NotFound("user", login)
    return row
