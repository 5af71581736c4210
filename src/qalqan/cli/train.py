"""`qalqan train drops`: a model from the lake's payments and a list of confirmed ones."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from qalqan.cli.home import Home, open_home
from qalqan.cli.out import answer, failing_clearly, language, people, progress, word
from qalqan.cli.people import AsJson

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
        Path,
        typer.Option(
            readable=False, help="CSV or Parquet: source and id of confirmed drops' payments."
        ),
    ],
    seed: Annotated[int, typer.Option(min=0, help="Same seed and facts, same model.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Train the model of drops' payments on the lake and store it with its card (REQ-38, 92)."""
    with failing_clearly(as_json):
        home = open_home()
        body, page = _train(home, labels, seed, as_json)
        answer(body, as_json)
        if not as_json:
            people.print(page, markup=False, soft_wrap=True)


def _train(home: Home, labels: Path, seed: int, as_json: bool) -> tuple[dict[str, Any], str]:
    from qalqan.lake.engine import open_engine
    from qalqan.learning import drops as learning
    from qalqan.learning import labelled, model
    from qalqan.learning.card import page
    from qalqan.work.agreement import check

    check(home.database, home.settings.lake_root)
    named = labelled.read_labels(labels)
    engine = open_engine(home.settings)
    try:
        with progress(as_json) as bar:
            task = bar.add_task(word("train.features"), total=None)
            features = labelled.features_of(engine)
            bar.update(task, description=word("train.learning"))
            made = learning.train(
                features,
                labelled.labels_of(features, named),
                seed=seed,
                progress=lambda done, of: bar.update(task, completed=done, total=of),
            )
    finally:
        engine.close()
    place = model.store(home.settings.home / model.FOLDER, made)
    model.use(place.parent, made.version)
    told = {"model": made.version, "folder": str(place), "labels": named.num_rows}
    card = {name: made.card[name] for name in ("data", "figures", "without_artefacts", "threshold")}
    return {**told, **card}, page(made.card, made.version, language())
