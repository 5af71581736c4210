"""Lists of numbers and trunks as operators tell them (REQ-45)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from qalqan.errors import InputRejected
from qalqan.exchange.call_lists import Allowed, Range, Trunk, numbers, read

GOOD = """
[operators]
cell = "Қала байланысы"
line = "Желі"
[[ranges]]
first = "8 701 000 00 00"
last = "+77019999999"
operator = "cell"
[[trunks]]
name = "abroad"
class = "international"
addresses = ["10.0.0.1", "10.0.0.2"]
[[trunks]]
name = "cloud"
class = "voip"
operator = "line"
addresses = []
[[allowed]]
trunk = "abroad"
first = "+77172555000"
last = "+77172555999"
kind = "contract"
contract = "K-1"
until = 2027-01-31
[places]
cell = 2026-11-26T12:00:00Z
[files]
ported = "ported.csv"
"""


def test_all_of_a_file_is_read() -> None:
    told = read(GOOD)
    assert told.operators == {"cell": "Қала байланысы", "line": "Желі"}
    assert told.ranges == (Range(77010000000, 77019999999, "cell"),)
    assert told.trunks == (
        Trunk("abroad", "international", "", ("10.0.0.1", "10.0.0.2")),
        Trunk("cloud", "voip", "line", ()),
    )
    until = int(datetime(2027, 1, 31, tzinfo=UTC).timestamp())
    assert told.allowed == (Allowed("abroad", 77172555000, 77172555999, "contract", "K-1", until),)
    assert told.places_s == {"cell": int(datetime(2026, 11, 26, 12, tzinfo=UTC).timestamp())}
    assert told.files == {"ported": "ported.csv"}
    assert read("").trunks == ()


@pytest.mark.parametrize(
    ("old", "new", "field", "expected"),
    [
        ("[operators]", "[operator]", "operator", "one_of"),
        ("8 701 000 00 00", "8 701 000 00 01", "ranges.1.first", "calls.thousands"),
        ("8 701 000 00 00", "nonsense", "ranges.1.first", "phone.shape"),
        ("8 701 000 00 00", "1414", "ranges.1.first", "phone.shape"),
        ('last = "+77019999999"', 'last = "+77009999999"', "ranges.1.last", "calls.ends"),
        ('operator = "cell"', 'operator = "nobody"', "ranges.1.operator", "one_of"),
        ('operator = "line"', "", "trunks.2.operator", "one_of"),
        ('class = "voip"', 'class = "cheap"', "trunks.2.class", "one_of"),
        ("addresses = []", 'addresses = "10.0.0.1"', "trunks.2.addresses", "fact.missing"),
        ('trunk = "abroad"', 'trunk = "other"', "allowed.1.trunk", "one_of"),
        ('kind = "contract"', 'kind = "friend"', "allowed.1.kind", "one_of"),
        ("until = 2027-01-31", 'until = "soon"', "allowed.1.until", "calls.moment"),
        ("cell = 2026-11-26T12:00:00Z", "cell = 12", "places.cell", "calls.moment"),
        ('ported = "ported.csv"', 'lost = "x.csv"', "files", "one_of"),
        ('[[ranges]]', "[[ranges", "file", "policy.shape"),
    ],
)  # fmt: skip
def test_what_can_t_be_taken_is_told_by_its_place(
    old: str, new: str, field: str, expected: str
) -> None:
    assert old in GOOD
    with pytest.raises(InputRejected) as refused:
        read(GOOD.replace(old, new, 1))
    assert (refused.value.field, refused.value.expected) == (field, expected)


def test_lists_of_numbers() -> None:
    lines = ["number,operator", "8 701 123 45 67,cell", "", "+442079460018,line"]
    told = list(numbers("ported", lines, ("cell", "line")))
    assert told == [(77011234567, "cell"), (442079460018, "line")]
    assert list(numbers("abroad", ["number", "+77011234567"], ())) == [(77011234567, "")]


@pytest.mark.parametrize(
    ("name", "lines", "field"),
    [
        ("ported", ["number", "+77011234567"], "ported.csv"),
        ("ported", ["number,operator", "+77011234567,x"], "ported.csv:2 operator"),
        ("ported", ["number,operator", "x,cell"], "ported.csv:2 number"),
        ("abroad", [], "abroad.csv"), ("protected", ["tel"], "protected.csv"),
        ("protected", ["number", "+7701"], "protected.csv:2 number"),
    ],
)  # fmt: skip
def test_bad_lines_are_told_by_file_and_line(name: str, lines: Any, field: str) -> None:
    with pytest.raises(InputRejected) as refused:
        list(numbers(name, lines, ("cell",)))
    assert refused.value.field == field
