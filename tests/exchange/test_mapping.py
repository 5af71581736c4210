"""REQ-19: partners' own columns turned into ours."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from qalqan.errors import InputRejected
from qalqan.exchange import mapping
from qalqan.exchange.given import Given, Places
from qalqan.lake.schemas import SCHEMAS

MAPPINGS = Path(__file__).parents[2] / "docs" / "how-to" / "mappings"


def turned(columns: str, table: dict[str, Any], **more: Any) -> Given:
    ours = mapping.load(f'kind = "payment"\n{more.pop("top", "")}\n[columns]\n{columns}')
    return mapping.apply(ours, Given(pa.table(table), Places()), **more)


def column(source: str, values: list[Any]) -> list[Any]:
    return list(turned(f"x = {source}", {"a": values}).table["x"].to_pylist())


@pytest.mark.parametrize(
    ("source", "values", "found"),
    [
        ('"a"', [1, None], [1, None]),
        ('{ from = ["b", " A: "] }', ["z"], ["z"]),
        ('{ constant = "KZT" }', [1, 2], ["KZT", "KZT"]),
        ("{ constant = true }", [1], [True]),
        ('{ row = "n-{row}-x" }', [5, 5], ["n-1-x", "n-2-x"]),
        ('{ from = "a", values = { "Счёт" = "transfer" } }', ["СЧЁТ ", "?"], ["transfer", "?"]),
        ('{ from = "a", values = { true = "y" } }', ["\x00true", "n"], ["y", "n"]),
        ('{ from = "a", values = { 0 = 1 }, otherwise = 2 }', [0, 7, None], ["1", "2", None]),
        ('{ from = "a", otherwise = true, default = false }', ["x", " "], ["true", "false"]),
        ('{ from = "a", unit = "milliseconds" }', [61_999, 500], [61, 0]),
        ('{ from = "a", default = "KZ" }', [None, " ", "RU"], ["KZ", "KZ", "RU"]),
        ('{ from = "a", local = "AAA:C{}" }', [12, None], ["AAA:C12", None]),
        ('{ from = "a", local = "AAA:{}" }', ["KZ75125KZT2069100100"], ["KZ75125KZT2069100100"]),
        ('{ from = "a", days_since = 1970-01-02 }', [0, 2], [86_400_000_000, 259_200_000_000]),
        ('{ from = "a", time = "%d.%m.%Y" }', ["01.01.1970"], [-21_600_000_000]),
        ('{ from = "a", time = "iso" }', ["1970-01-01T00:00:01Z"], [1_000_000]),
        ('{ from = "a", time = "iso", zone = "UTC" }', [datetime(1970, 1, 2)], [86_400_000_000]),
    ],
)  # fmt: skip
def test_where_a_column_comes_from(source: str, values: list[Any], found: list[Any]) -> None:
    assert column(source, values) == found


def test_two_columns_make_one() -> None:
    source = 'x = { from = "day", then = "hour", time = "%d.%m.%Y %H:%M", zone = "UTC" }'
    given = turned(source, {"day": ["02.01.1970"], "hour": ["01:00"]})
    assert given.table["x"].to_pylist() == [90_000_000_000]


def test_a_length_is_what_lies_between_two_columns() -> None:
    source = (
        'x = { from = "day", then = "hour", until = "end", time = "%d.%m.%Y %H:%M", default = 0 }'
    )
    table = {"day": ["02.01.1970", None, "02.01.1970"], "hour": ["01:00", None, "01:00"]}
    given = turned(source, {**table, "end": ["02.01.1970 01:02", None, "31.02.1970 00:00"]})
    assert given.table["x"].to_pylist() == ["120", "0", "31.02.1970 00:00"]
    assert given.unknown == ()


def test_what_can_t_be_turned_stays_as_it_stood_beside_what_can() -> None:
    assert column('{ from = "a", unit = "major" }', ["1", "много"]) == ["100", "много"]
    dates = ["31.02.2026", "02.01.1970"]
    source = '{ from = "a", time = "%d.%m.%Y", zone = "UTC" }'
    assert column(source, dates) == ["31.02.2026", "86400000000"]
    assert column('{ from = "a", days_since = 2020-01-01 }', ["soon"]) == ["soon"]


def test_unused_columns_are_named_unless_ignored() -> None:
    given = turned('x = "a"', {"a": [1], "b": [1], "c": [1]}, top='ignore = ["C"]')
    assert given.unknown == ("b",)
    assert given.table.column_names == ["x"]


def test_numbers_of_rows_go_on_over_batches() -> None:
    given = turned('x = { row = "{row}" }', {"a": [1, 2]}, first_row=101)
    assert given.table["x"].to_pylist() == ["101", "102"]


def test_a_missing_column_is_named() -> None:
    with pytest.raises(InputRejected) as caught:
        turned('x = { from = ["Сумма", "Сома"] }', {"a": [1]})
    assert caught.value.params["column"] == "Сумма / Сома"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("kind = ", "mapping.toml"),
        ("[columns]", "mapping.entry"),
        ('kind = "call"\n[columns]\nx = {}', "mapping.entry"),
        ('kind = "call"\n[columns]\nx = { from = "a", constant = 1 }', "mapping.entry"),
        ('kind = "call"\n[columns]\nx = { from = "a", zone = "Mars/Base" }', "mapping.entry"),
        ('kind = "call"\n[columns]\nx = { from = "a", until = "b" }', "mapping.entry"),
        ('kind = "call"\n[columns]\nx = { from = "a", unit = "hours" }', "mapping.entry"),
        ('kind = "call"\ncolour = 1', "mapping.entry"),
    ],
)
def test_a_wrong_mapping_is_refused_with_its_place(text: str, expected: str) -> None:
    with pytest.raises(InputRejected) as caught:
        mapping.load(text)
    assert caught.value.expected == expected


@pytest.mark.parametrize("path", sorted(MAPPINGS.glob("*.toml")), ids=lambda path: path.stem)
def test_the_mappings_we_ship_name_our_columns(path: Path) -> None:
    ours = mapping.load(path.read_text("utf-8"))
    given = {one.name for one in SCHEMAS[ours.kind].given}
    assert set(ours.columns) <= given
    assert set(ours.minimum) <= given
