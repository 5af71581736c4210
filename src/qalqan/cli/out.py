"""What the command line prints: words for people on stderr, one JSON object on stdout.

Progress, tables and errors are for a reader; with `--json` the answer is one line that a
program reads, and nothing else stands on stdout.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from qalqan.errors import InputRejected, QalqanError
from qalqan.settings import settings, spoken_here
from qalqan.text.catalogue import say
from qalqan.text.failure import failure

people = Console(stderr=True, highlight=False)
"""Everything for a reader goes here."""


def language() -> str:
    """The reader's, also where a setting is wrong and has to be told."""
    try:
        return settings().language
    except InputRejected:
        return spoken_here()


def word(key: str, **values: object) -> str:
    """A sentence of the command line in the reader's language."""
    return say(f"cli.{key}", language(), **values)


def tell(key: str, **values: object) -> None:
    """Print a sentence for the reader."""
    people.print(word(key, **values), markup=False, soft_wrap=True)


def answer(body: Mapping[str, Any], as_json: bool, title: str = "") -> None:
    """Print the command's answer: JSON on stdout, or a two-column table for a reader."""
    if as_json:
        sys.stdout.write(json.dumps(body, ensure_ascii=False) + "\n")
        sys.stdout.flush()
        return
    table = Table(title=title or None, show_header=False, box=None, title_justify="left")
    table.add_column()
    table.add_column(overflow="fold")  # a token or a header is copied from here, whole
    for name, value in body.items():
        table.add_row(
            name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        )
    Console(highlight=False).print(table)


@contextmanager
def progress(quiet: bool) -> Iterator[Progress]:
    """A progress bar on stderr; silent with `--json` or when stderr is no terminal."""
    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        console=people,
        disable=quiet or not people.is_terminal,
    )
    with bar:
        yield bar


@contextmanager
def failing_clearly(as_json: bool = False) -> Iterator[None]:
    """Turn an error raised on purpose, or by the system, into one sentence and exit status 2."""
    try:
        yield
    except BrokenPipeError:  # the reader has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(1) from None
    except (QalqanError, OSError) as error:
        sentence = failure(error, language())
        people.print(f"[red]{word('error')}[/red] {escape(sentence)}", soft_wrap=True)
        if as_json:
            answer({"error": sentence}, True)
        raise SystemExit(2) from error
