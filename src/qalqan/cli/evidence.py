"""`qalqan evidence`: whether an evidence pack is what a centre signed (REQ-35)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from qalqan.cli.out import answer, failing_clearly, tell
from qalqan.cli.people import AsJson
from qalqan.exchange import evidence_pack

app = typer.Typer(no_args_is_help=True, help="Evidence packs: whether one is what was signed.")
MOST = 100
"""Differences shown."""


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="The pack, a zip file.", exists=True)],
    key: Annotated[
        Path,
        typer.Option(
            help="The centre's public key (PEM), got from the centre itself.", exists=True
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """Check every file of a pack against the signed manifest. Needs no home and asks nobody. Exit
    status 1 if anything differs."""
    with failing_clearly(as_json):
        with file.open("rb") as opened:
            found = evidence_pack.verify(opened, key.read_text(encoding="utf-8"))
        answer(_told(found), as_json)
        if found.holds:
            tell("evidence.holds", n=found.files)
            return
        for name, what in found.problems[:MOST]:
            tell(f"evidence.{what}", name=name)
        raise typer.Exit(1)


@app.callback()
def main() -> None:
    """Evidence packs: whether one is what was signed."""


def _told(found: evidence_pack.Verified) -> dict[str, Any]:
    names = ("case", "made_by", "made_us", "purpose")
    told = {name: found.manifest.get(name) for name in names}
    return {**told, "files": found.files, "holds": found.holds, "problems": list(found.problems)}
