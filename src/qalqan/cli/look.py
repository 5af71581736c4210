"""`qalqan detect`: questions to the lake."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from qalqan.cli.home import Home, open_home
from qalqan.cli.out import answer, failing_clearly, language, people, progress, word
from qalqan.cli.people import AsJson

if TYPE_CHECKING:
    from qalqan.detectors.reasons import Alert
    from qalqan.lake.upkeep.history import Lost
    from qalqan.model.finding import Finding


def detect(
    codes: Annotated[list[str] | None, typer.Argument(help="Detectors; none: all.")] = None,
    at_seal: Annotated[
        int | None, typer.Option(help="What they found as known at this seal; nothing is kept.")
    ] = None,
    finding: Annotated[
        int | None, typer.Option(help="Is this finding the same, run again at its seal?")
    ] = None,
    most: Annotated[
        int, typer.Option("--alerts", min=0, help="How many of the strongest alerts to show.")
    ] = 10,
    as_json: AsJson = False,
) -> None:
    """Run detectors over the lake; findings go to the register for review, and the strongest are
    shown with at most five reasons each (REQ-39, 50, 92)."""
    with failing_clearly(as_json):
        home = open_home()
        _check(home)
        if finding is not None:
            _again(home, finding, as_json)
        elif at_seal is not None:
            _replay(home, at_seal, codes, as_json)
        else:
            _run(home, codes, most, as_json)


def _check(home: Home) -> None:
    """Raise `ContractBroken` where lake and register don't fit: "nothing found" would be a lie."""
    from qalqan.work.agreement import check

    check(home.database, home.settings.lake_root)


def _run(home: Home, codes: Sequence[str] | None, most: int, as_json: bool) -> None:
    from qalqan.lake.engine import open_engine
    from qalqan.learning.model import FOLDER
    from qalqan.work.alerts import strongest
    from qalqan.work.detection import detect as run

    with progress(as_json) as bar:
        task = bar.add_task(word("detect.running"), total=None)
        summary = run(
            home.database,
            open_engine(home.settings),
            codes or None,
            progress=lambda done, whole: bar.update(task, completed=done, total=whole),
            models=home.settings.home / FOLDER,
        )
    found = strongest(home.database, most, home.settings.home / FOLDER)
    if as_json:
        answer({**summary.as_dict(), "alerts": [one.as_dict() for one in found]}, True)
        return
    answer(summary.as_dict(), False)
    _tell(found)


def _tell(found: Sequence[Alert]) -> None:
    """Each alert with its reasons, in the reader's language."""
    out = Console(highlight=False)
    for one in found:
        said = {"subject": f"{one.subject_kind} {one.subject}", "score": f"{one.score:.3f}"}
        out.print(word("detect.alert", n=one.findings, **said), markup=False, soft_wrap=True)
        for reason in one.reasons:
            out.print(f"  • {reason.sentence(language())}", markup=False, soft_wrap=True)


def _replay(home: Home, seal: int, codes: Sequence[str] | None, as_json: bool) -> None:
    from qalqan.lake.engine import open_engine
    from qalqan.learning.model import FOLDER
    from qalqan.work.replay import replay

    models = home.settings.home / FOLDER
    then = replay(home.database, open_engine(home.settings), seal, codes, models)
    _warn(then.lost)
    if as_json:
        found = [_plain(one) for one in then.findings]
        answer({"seal": seal, "findings": found, "lost": len(then.lost)}, True)
        return
    table = Table(*(word(f"detect.column.{name}") for name in ("detector", "subject", "score")))
    for one in then.findings:
        table.add_row(one.detector, f"{one.subject_kind} {one.subject}", f"{one.score:.3f}")
    Console(highlight=False).print(word("detect.replayed", seal=seal, n=len(then.findings)))
    if then.findings:
        Console(highlight=False).print(table)


def _again(home: Home, number: int, as_json: bool) -> None:
    """Exit status 1 if it comes out otherwise."""
    from qalqan.lake.engine import open_engine
    from qalqan.learning.model import FOLDER
    from qalqan.work.replay import replay_finding

    models = home.settings.home / FOLDER
    again = replay_finding(home.database, open_engine(home.settings), number, models)
    _warn(again.lost)
    if as_json:
        found = None if again.found is None else _plain(again.found)
        told = {"same": again.same, "same_version": again.same_version, "lost": len(again.lost)}
        answer({"recorded": again.recorded, "found": found, **told}, True)
    else:
        recorded = again.recorded
        key = "same" if again.same else "differs" if again.same_version else "version"
        said = {"finding": number, "detector": recorded["detector"], "seal": recorded["seal"]}
        people.print(word(f"detect.{key}", **said), markup=False, soft_wrap=True)
    if not again.same:
        raise SystemExit(1)


def _plain(one: Finding) -> dict[str, Any]:
    window = {"window_from_us": one.window_from_us, "window_to_us": one.window_to_us}
    subject = {"subject_kind": one.subject_kind, "subject": one.subject}
    evidence = {"score": one.score, "evidence": dict(one.evidence), "version": one.version}
    return {"detector": one.detector, **subject, **window, **evidence, "seal": one.seal}


def _warn(lost: Sequence[Lost]) -> None:
    for day in lost:
        told = {"kind": day.kind, "day": str(day.day), "rows": day.rows, "policy": day.policy}
        span = {"first": day.first_seal, "last": day.last_seal}
        people.print(word("lake.lost", **told, **span), markup=False, soft_wrap=True)
