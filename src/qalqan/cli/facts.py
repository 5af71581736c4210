"""`qalqan ingest` and `simulate`: facts in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from qalqan.cli.asked import one_of
from qalqan.cli.home import Home, open_home
from qalqan.cli.out import answer, failing_clearly, people, progress, word
from qalqan.cli.people import AsJson
from qalqan.lake.receipt import Receipt
from qalqan.lake.schemas import KINDS
from qalqan.settings import settings
from qalqan.text.refusal import expectation

SHOWN = 10
"""Refused records of a file that are shown; quarantine keeps all of them."""


def ingest(
    kind: Annotated[str, typer.Argument(help="payment, statement, call, subscription, …")],
    files: Annotated[
        list[Path],
        typer.Argument(readable=False, help="CSV, JSON Lines, Parquet, xlsx, ISO 20022 XML."),
    ],
    source: Annotated[str, typer.Option(help="Partner whose facts these are.")] = "",
    mapping: Annotated[
        Path | None, typer.Option(readable=False, help="TOML file: the partner's columns to ours.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Take files of facts, sealed when it ends: tables, sheets, ISO 20022 messages (REQ-19)."""
    from qalqan.cases import watch
    from qalqan.lake.sealing import seal

    with failing_clearly(as_json):
        home = open_home()
        known = one_of("kind", kind.removesuffix("s"), KINDS)
        total = {"read": 0, "accepted": 0, "duplicate": 0, "quarantined": 0}
        with progress(as_json) as bar:
            for path in files:
                receipt = _take(home, bar, known, path, source, mapping)
                for name in total:
                    total[name] += getattr(receipt, name)
                _show_refusals(path.name, receipt)
            # Nobody need run a worker: what comes next, a trace or a detector, sees these facts.
            seal(home.database, home.settings.lake_root, watch.notice)
        answer(total, as_json)
        if total["accepted"] + total["duplicate"] == 0 and total["quarantined"]:
            raise SystemExit(1)


def _take(
    home: Home, bar: Progress, kind: str, path: Path, source: str, mapping: Path | None
) -> Receipt:
    from qalqan.lake.files import take_file

    task = bar.add_task(word("ingest.file", name=path.name), total=None)

    def shown(done: int, whole: int | None) -> None:
        bar.update(task, completed=done, total=whole)

    return take_file(
        home.centre,
        kind,
        path,
        source=source or None,
        mapping=mapping,
        keeps=_keeps(home, source),
        progress=shown,
    )


def _keeps(home: Home, source: str) -> frozenset[str]:
    """The bank whose books a partner keeps; a source that is no partner's keeps none we know."""
    from qalqan.register import orm

    with home.database.session() as session:
        partner = session.get(orm.Partner, source)
        code = partner.bank_code if partner is not None else None
    return frozenset({code} if code else ())


def _show_refusals(name: str, receipt: Receipt) -> None:
    for refusal in receipt.refusals[:SHOWN]:
        expected = expectation(refusal.expected, settings().language, refusal.params)
        seen = f"{refusal.field}={refusal.value_masked}"
        people.print(f"{name} {refusal.place} {seen}: {expected}", markup=False, soft_wrap=True)


def simulate(
    folder: Annotated[
        Path, typer.Argument(readable=False, help="Where the country's facts and truth go.")
    ],
    size: Annotated[str, typer.Option(help="town, region or country.")] = "town",
    seed: Annotated[int, typer.Option(help="Same seed, same facts, same truth.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Make a small country: facts as files, and the truth beside them. All of it simulated.

    The folder must be new or empty. A `country` is more than thirteen million facts, half a
    gigabyte: it takes a minute or so."""
    from qalqan import simulate as country
    from qalqan.simulate.files import check_empty

    with failing_clearly(as_json), progress(as_json) as bar:
        check_empty(folder)
        task = bar.add_task(word("simulate.making", size=size), total=None)
        made = country.make(size, seed)
        rows = country.write(made, folder)
        bar.update(task, completed=1, total=1)
        answer(
            {"folder": str(folder), "size": size, "seed": seed, "simulated": True, **rows}, as_json
        )
