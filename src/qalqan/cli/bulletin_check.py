"""`qalqan bulletin check`: what is false or unsound in a finished text."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qalqan.cli.asked import one_of
from qalqan.cli.out import answer, failing_clearly, language, word
from qalqan.cli.people import AsJson
from qalqan.text.catalogue import LANGUAGES

if TYPE_CHECKING:
    from qalqan.bulletin.claims import Problem, Report

PROBLEMS = 1
"""Exit status where something is wrong with the text; an unreadable file is 2."""
_SHOWN = 100


def check(
    file: Annotated[Path, typer.Argument(help="The text: docx or txt.")],
    lang: Annotated[
        str | None, typer.Option(help="kk, ru or en; else guessed paragraph by paragraph.")
    ] = None,
    about: Annotated[
        str | None,
        typer.Option(help="The period it is about, such as 2024-01, if it does not say so."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Find what is false, unsound or careless in a finished text (REQ-79 to 87).

    Ends with 0 if nothing is, with 1 if something is, with 2 if the file can't be read.
    """
    with failing_clearly(as_json):
        report = _report(file, lang, about)
        if as_json:
            answer(_told(report), True)
        else:
            _show(report)
    raise typer.Exit(PROBLEMS if report.problems else 0)


def _report(file: Path, lang: str | None, about: str | None) -> Report:
    from qalqan.bulletin.claims import Block
    from qalqan.bulletin.claims import check as checked
    from qalqan.bulletin.figures.official import shipped
    from qalqan.exchange.document_text import read
    from qalqan.model.period import parse

    if lang is not None:
        one_of("lang", lang, LANGUAGES)
    period = parse(about, "about") if about is not None else None
    blocks = [Block(b.text, b.cells, b.table) for b in read(file.read_bytes(), file.name)]
    return checked(blocks, lang, known=shipped(), about=period)


def _told(report: Report) -> dict[str, Any]:
    """Everything, for a program: problems, and what was understood."""
    said = language()
    return {
        "problems": [
            {
                "code": p.code,
                "severity": p.severity,
                "req": list(p.req),
                "paragraph": p.paragraph + 1,
                "sentence": p.sentence + 1,
                "start": p.start,
                "end": p.end,
                "quote": p.quote,
                "language": p.language,
                "said": p.said(said),
            }
            for p in report.problems
        ],
        "counts": dict(report.counts),
        "numbers": len(report.numbers),
        "claims": len(report.claims),
        "untied": [{"text": n.text, "paragraph": n.paragraph + 1} for n in report.untied],
        "paragraphs": report.paragraphs,
        "sentences": report.sentences,
        "languages": list(report.languages),
    }


def _show(report: Report) -> None:
    """Problems by severity, each with its place, then what was read."""
    from rich.console import Console
    from rich.markup import escape

    screen = Console(highlight=False)
    severity = ""
    for problem in report.problems:
        if problem.severity != severity:
            severity = problem.severity
            head = word(f"bulletin.{severity}", n=report.counts[problem.severity])
            screen.print(f"\n[bold]{escape(head)}[/bold]", soft_wrap=True)
        screen.print(f"  {escape(_place(problem))}", soft_wrap=True)
        screen.print(f"    {escape(problem.said(language()))}", soft_wrap=True)
    if not report.problems:
        screen.print(word("bulletin.clean"), markup=False, soft_wrap=True)
    screen.print()
    screen.print(_read(report), markup=False, soft_wrap=True)


def _place(problem: Problem) -> str:
    quote = re.sub(r"\s+", " ", problem.quote)[:_SHOWN]
    return word("bulletin.place", paragraph=problem.paragraph + 1, quote=quote)


def _read(report: Report) -> str:
    return word(
        "bulletin.read",
        sentences=report.sentences,
        numbers=len(report.numbers),
        claims=len(report.claims),
        untied=len(report.untied),
    )
