"""`qalqan train drops`: a model from the lake's payments and a list of confirmed ones."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import typer

from qalqan.cli.home import Home, open_home
from qalqan.cli.out import answer, failing_clearly, language, people, progress, word
from qalqan.cli.people import AsJson
from qalqan.errors import InputRejected

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Learn from the lake's facts; what is learnt orders findings, it never blocks money.",
)


@app.callback()
def train() -> None:
    """Learn from the lake's facts; what is learnt orders findings, it never blocks money."""


@app.command("drops")
def drops(
    labels: Annotated[
        Path | None,
        typer.Option(
            readable=False, help="CSV or Parquet: source and id of confirmed drops' payments."
        ),
    ] = None,
    confirmed: Annotated[
        bool, typer.Option("--confirmed", help="Also payments of findings that people confirmed.")
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="Same seed and facts, same model.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Train the model of drops' payments on the lake and store it with its card (REQ-39)."""
    with failing_clearly(as_json):
        home = open_home()
        body, page = _train(home, labels, confirmed, seed, as_json)
        answer(body, as_json)
        if not as_json:
            people.print(page, markup=False, soft_wrap=True)


def _train(
    home: Home, labels: Path | None, confirmed: bool, seed: int, as_json: bool
) -> tuple[dict[str, Any], str]:
    from qalqan.lake.engine import open_engine
    from qalqan.learning import drops as learning
    from qalqan.learning import labelled, model
    from qalqan.learning.card import page
    from qalqan.work.agreement import check
    from qalqan.work.confirmed import confirmed as confirmations

    check(home.database, home.settings.lake_root)
    if labels is None and not confirmed:
        raise InputRejected("labels", None, "labels.some")
    named = labelled.NO_LABELS if labels is None else labelled.read_labels(labels)
    spans = confirmations(home.database) if confirmed else []
    with closing(open_engine(home.settings)) as engine, progress(as_json) as bar:
        task = bar.add_task(word("train.features"), total=None)
        features = labelled.features_of(engine)
        bar.update(task, description=word("train.learning"))
        told = labelled.labels_of(features, named) | labelled.labels_of_accounts(features, spans)
        made = learning.train(
            features, told, seed=seed,
            progress=lambda done, of: bar.update(task, completed=done, total=of),
        )  # fmt: skip
    place = model.store(home.settings.home / model.FOLDER, made)
    model.use(place.parent, made.version)
    used = {"labels": named.num_rows, "confirmed": len(spans)}
    card = {name: made.card[name] for name in ("data", "figures", "without_artefacts", "threshold")}
    return {"model": made.version, "folder": str(place), **used, **card}, page(
        made.card, made.version, language()
    )
