"""REQ-19: whatever is wrong with one value of any kind of fact, its record is refused with a
reason in the reader's language, and the records beside it go on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest

from lake.good_facts import AT, GOOD
from qalqan.lake.receipt import REFUSALS_SHOWN, Receipt
from qalqan.lake.schemas import KINDS, SCHEMAS, Column
from qalqan.text.catalogue import LANGUAGES
from qalqan.text.refusal import expectation

Give = Callable[..., Receipt]

FILLED_LATER = {("payment", "payer_bank"), ("statement", "bank"), ("statement", "at_us")}
"""Columns that follow from others when they are left out."""


OF_TYPE = {
    "int64": ("soon", 1.5, float("nan"), [1], True, 2**63, -(2**63) - 1, "9" * 40, 1e300),
    "bool": ("maybe", 2, [True]),
    "string": ("\x00", {"a": 1}),
}
MOMENTS = (0, -1, AT // 1_000_000, 4_102_444_800_000_000)
"""1970, before it, seconds taken for microseconds, 2100."""


def wrong_values(kind: str, column: Column) -> Iterator[Any]:
    """Values that can't stand in the column, whatever stands in the others."""
    yield from OF_TYPE[column.type]
    if column.required and (kind, column.name) not in FILLED_LATER:
        yield from (None, "  ")
    if column.time:
        yield from MOMENTS
    if column.minimum is not None and column.maximum is not None:
        yield from (column.minimum - 1, column.maximum + 1, str(column.maximum + 1))
    if column.enum is not None or column.identifier is not None:
        yield from ("?", 7, ["x"])
    if column.max_length is not None:
        yield "x" * (column.max_length + 1)


@pytest.mark.parametrize("kind", KINDS)
def test_every_wrong_value_of_every_column_is_refused_where_it_stands(
    kind: str, give: Give
) -> None:
    cases = [
        (column.name, value)
        for column in SCHEMAS[kind].given
        for value in wrong_values(kind, column)
    ]
    rows = [{"id": f"{n}", **GOOD[kind], name: value} for n, (name, value) in enumerate(cases)]
    receipt = give({"id": "first", **GOOD[kind]}, *rows, {"id": "last", **GOOD[kind]}, kind=kind)
    assert (receipt.accepted, receipt.quarantined) == (2, len(cases))
    assert len(receipt.refusals) == min(len(cases), REFUSALS_SHOWN)
    for place, case, refusal in zip(count(2), cases, receipt.refusals, strict=False):
        assert (refusal.place, refusal.field) == (f"[{place}]", case[0]), case
        said = {expectation(refusal.expected, lang, refusal.params) for lang in LANGUAGES}
        assert len(said) == len(LANGUAGES), refusal.expected


@pytest.mark.parametrize("kind", KINDS)
def test_a_column_that_nobody_sent_is_missed_in_every_record(kind: str, give: Give) -> None:
    needed = [c.name for c in SCHEMAS[kind].given if c.required]
    for name in needed:
        row = {"id": name, **GOOD[kind]}
        row.pop(name, None)
        receipt = give(row, kind=kind)
        if (kind, name) in FILLED_LATER:
            assert receipt.accepted == 1, name
        else:
            assert [(r.field, r.expected) for r in receipt.refusals] == [(name, "fact.missing")]


@pytest.mark.parametrize("kind", KINDS)
def test_another_content_under_a_taken_id_is_a_conflict(kind: str, give: Give) -> None:
    assert give({"id": "1", **GOOD[kind]}, kind=kind).accepted == 1
    later = {name: AT - 60_000_000 for name in ("at_us", "to_us") if name in GOOD[kind]}
    receipt = give({"id": "1", **GOOD[kind], **later}, {"id": "1", **GOOD[kind]}, kind=kind)
    assert (receipt.duplicate, receipt.refusals[0].expected) == (1, "fact.conflict")
