"""Statements of an ISO 20022 file, taken in groups: each group is one transaction, so that a file
of a whole bank's statements takes the memory of its longest one, and goes on where it stopped.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO

from qalqan.lake.hand_in import Centre, HandIn
from qalqan.lake.receipt import Receipt
from qalqan.lake.statements import take_statement

if TYPE_CHECKING:
    from qalqan.exchange.iso20022.statements import Told

A_GROUP = 20_000
"""Lines after which a group of statements is taken."""

Finished = Callable[[str], Receipt | None]
"""The receipt of a batch that was taken before."""


def take_statements(
    centre: Centre,
    hand_in: HandIn,
    source: BinaryIO,
    finished: Finished,
    progress: Callable[[int], None] = lambda _: None,
) -> tuple[Receipt, Receipt]:
    """Take the statements of a camt.053 and their lines; the receipts of both. `progress` hears
    how many records have been read.

    Raises:
        InputRejected: no such message, or a torn one; what stood before stays taken.
    """
    from qalqan.exchange.iso20022 import statements

    told = (Receipt("", 0, 0, 0, 0), Receipt("", 0, 0, 0, 0))
    for number, group in enumerate(_groups(statements.read(source))):
        one = replace(hand_in, batch=_batch(hand_in.batch, number), key=_key(hand_in.key, number))
        taken = _taken(centre, one, group, finished)
        told = (_plus(told[0], taken[0]), _plus(told[1], taken[1]))
        progress(told[0].read + told[1].read)
    return told


def _taken(
    centre: Centre, hand_in: HandIn, group: Sequence[Told], finished: Finished
) -> tuple[Receipt, Receipt]:
    if hand_in.batch is not None:
        before = finished(hand_in.batch), finished(f"{hand_in.batch}-l")
        if before[0] is not None and before[1] is not None:
            return before[0], before[1]
    from qalqan.exchange.iso20022.records import together

    heads = together([told.head for told in group])
    lines = together([told.lines for told in group])
    return take_statement(centre, hand_in, heads, lines)


def _groups(told: Iterator[Told]) -> Iterator[list[Told]]:
    group: list[Told] = []
    size = 0
    for one in told:
        group.append(one)
        size += one.lines.read + 1
        if size > A_GROUP:
            yield group
            group, size = [], 0
    if group:
        yield group


def _batch(whole: str | None, number: int) -> str | None:
    if whole is None or number == 0:
        return whole
    return f"f-{hashlib.sha256(f'{whole}/{number}'.encode()).hexdigest()[:32]}"


def _key(key: str | None, number: int) -> str | None:
    return key if key is None or number == 0 else f"{key}/{number}"


def _plus(whole: Receipt, more: Receipt) -> Receipt:
    return whole.plus(more) if whole.batch else more
