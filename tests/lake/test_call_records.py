"""REQ-19, 49: operators' own call records, by the mapping files we ship."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lake.hostile_files import told
from qalqan.exchange import mapping
from qalqan.lake.files import take_file
from qalqan.lake.hand_in import Centre
from qalqan.lake.receipt import Receipt
from qalqan.lake.sealing import seal
from qalqan.trust.tokens import token

ROOT = Path(__file__).parents[2]
SAMPLES = Path(__file__).parent / "call_records"
MAPPINGS = ROOT / "docs" / "how-to" / "mappings"
NOON = 1_767_596_400_000_000  # 2026-01-05, noon in Almaty
MINUTE = 60_000_000
NAMES = sorted(path.stem for path in SAMPLES.glob("*.csv"))

Take = Callable[[str], Receipt]
Rows = Callable[[str], list[dict[str, Any]]]


@pytest.fixture
def take_sample(centre: Centre) -> Take:
    """Takes a sample by the mapping of its name; nothing of it is lost, every reason is told."""

    def taken(name: str) -> Receipt:
        ours = MAPPINGS / f"{name}.toml"
        receipt = take_file(centre, "call", SAMPLES / f"{name}.csv", source="dala", mapping=ours)
        assert receipt.read == receipt.accepted + receipt.duplicate + receipt.quarantined
        assert receipt.unknown == ()
        assert len(receipt.refusals) == receipt.quarantined
        told(*((one.expected, one.params) for one in receipt.refusals))
        return receipt

    return taken


@pytest.fixture
def sealed(take_sample: Take, centre: Centre, lake: Rows) -> Callable[[str], list[dict[str, Any]]]:
    """The facts of a sample by their ids."""

    def rows(name: str) -> list[dict[str, Any]]:
        take_sample(name)
        seal(centre.database, centre.lake_root)
        return sorted(lake("call"), key=lambda row: str(row["id"]))

    return rows


REFUSED = {
    "mobile-switch": [
        (":8", "duration_s", "number.range"),  # released before it was answered
        (":9", "duration_s", "call.unanswered"),
        (":10", "at_us", "fact.missing"),  # no offset from UTC
        (":11", "at_us", "number.whole"),  # nineteen hours from UTC
        (":12", "at_us", "number.whole"),  # a zone's name
        (":13", "at_us", "number.whole"),  # 31 February
        (":14", "duration_s", "number.range"),  # fifteen days
        (":15", "duration_s", "fact.missing"),  # answered, never released
        (":16", "caller", "phone.shape"),  # anonymous
        (":17", "caller", "fact.missing"),  # withheld
        (":18", "callee", "phone.shape"),  # a city number without its code
        (":19", "callee", "phone.length"),
        (":20", "trunk_class", "fact.word"),  # a trunk that nobody told of
        (":21", "answered", "fact.flag"),  # a cause that nobody told of
        (":22", "imei", "imei.check_digit"),
        (":23", "imsi", "imsi.shape"),
        (":24", "at_us", "time.range"),  # a clock that was never set
        (":25", "service", "fact.word"),
        (":26", "id", "fact.missing"),
        (":28", "id", "fact.conflict"),
        (":29", "record", "file.fields"),  # a line cut off
        (":30", "duration_s", "number.whole"),  # answered "yesterday"
    ],
    "asterisk": [
        (":5", "duration_s", "call.unanswered"),
        (":6", "duration_s", "number.range"),  # ended before it began
        (":7", "duration_s", "number.range"),  # eight days
        (":8", "caller", "phone.shape"),
        (":9", "caller", "phone.shape"),  # an address of SIP
        (":10", "callee", "phone.shape"),  # Asterisk's own extension
        (":11", "answered", "fact.flag"),
        (":12", "at_us", "number.whole"),
        (":13", "duration_s", "number.whole"),
        (":14", "ring_s", "number.range"),  # answered before it rang
    ],
    "freeswitch": [
        (":4", "duration_s", "call.unanswered"),
        (":5", "caller", "phone.shape"),
        (":6", "at_us", "fact.missing"),
        (":7", "duration_s", "number.range"),
    ],
    "interconnect": [
        (":5", "peer", "call.leg"),
        (":6", "direction", "call.leg"),
        (":7", "caller", "fact.missing"),  # neither numbers nor a leg
        (":8", "direction", "fact.word"),
        (":9", "trunk_class", "fact.word"),
        (":10", "duration_s", "number.range"),  # less than nothing, if by a millisecond
        (":11", "duration_s", "number.range"),  # a second over a week
        (":12", "duration_s", "number.whole"),
        (":13", "at_us", "number.whole"),  # 23 hours from UTC
        (":14", "leg", "text.too_long"),
        (":15", "duration_s", "fact.missing"),
        (":16", "at_us", "time.range"),
    ],
}


def test_every_sample_has_its_mapping_and_its_refusals() -> None:
    assert sorted(REFUSED) == NAMES
    assert all(
        mapping.load((MAPPINGS / f"{n}.toml").read_text("utf-8")).kind == "call" for n in NAMES
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_bad_record_is_refused_with_its_field_and_the_rest_goes_on(
    name: str, take_sample: Take
) -> None:
    receipt = take_sample(name)
    found = [(one.place, one.field, one.expected) for one in receipt.refusals]
    assert sorted(found) == sorted(REFUSED[name])
    again = take_sample(name)
    assert (again.accepted, again.quarantined) == (0, receipt.quarantined)


def test_a_mobile_switch(sealed: Any, keys: Any) -> None:
    rows = sealed("mobile-switch")
    first, missed, emergency, sms, hub, midnight = rows
    assert first["at_us"] == NOON
    assert first["caller"] == token(keys, "phone", "+77011234567")
    assert first["callee"] == token(keys, "phone", "+77272501234")
    assert (first["ring_s"], first["duration_s"], first["answered"]) == (8, 180, True)
    assert (first["trunk"], first["trunk_class"]) == (None, "access")
    assert first["imei"] == token(keys, "device", "356938035643809")
    assert first["imei"] == missed["imei"] == emergency["imei"]  # 14, 15 and 16 digits
    assert first["cell"] == "401-01-1200-31"
    assert missed["caller"] == hub["caller"] == token(keys, "phone", "+442079460018")
    assert (missed["trunk_class"], missed["answered"], missed["duration_s"]) == (
        "international", False, 0,
    )  # fmt: skip
    assert missed["ring_s"] is None
    assert emergency["callee"] == token(keys, "phone", "112")
    assert (sms["service"], sms["answered"], sms["duration_s"]) == ("sms", True, 0)
    assert hub["at_us"] == NOON + 40 * MINUTE  # told in UTC
    assert midnight["duration_s"] == 30


def test_asterisk(sealed: Any, keys: Any) -> None:
    first, onward, busy, failed = sealed("asterisk")
    assert (first["id"], onward["id"]) == ("1767596400.11 1", "1767596400.11 2")  # transferred
    assert (first["at_us"], first["duration_s"], first["ring_s"]) == (NOON, 60, 7)
    assert [row["answered"] for row in (first, onward, busy, failed)] == [True, False, False, False]
    assert {row["trunk_class"] for row in (first, onward, busy, failed)} == {"voip"}
    assert (first["trunk"], failed["trunk"]) == ("trunk-a", None)
    assert busy["callee"] == token(keys, "phone", "103")
    assert onward["callee"] == token(keys, "phone", "+77017654321")


def test_freeswitch(sealed: Any, keys: Any) -> None:
    first, cleared, given_up = sealed("freeswitch")
    assert (first["at_us"], first["duration_s"], first["ring_s"]) == (NOON, 60, 9)
    assert [row["answered"] for row in (first, cleared, given_up)] == [True, False, False]
    assert first["caller"] == cleared["caller"] == token(keys, "phone", "+77271112233")


def test_an_interconnection_without_numbers(sealed: Any) -> None:
    taken, handed, short = sealed("interconnect")
    assert taken["caller"] is taken["callee"] is None
    assert taken["leg"] == "0123456789abcdef0123456789abcdef01234567"
    assert (taken["direction"], taken["peer"], taken["trunk"]) == ("in", "tau", "TG-NAT-1")
    assert (taken["at_us"], taken["duration_s"]) == (NOON + 250_000, 61)
    assert (handed["direction"], handed["answered"]) == ("out", False)
    assert (handed["at_us"], short["at_us"]) == (NOON, NOON)  # with its offset; without: in UTC
    assert (short["answered"], short["duration_s"]) == (True, 0)
    assert short["trunk_class"] == "international"
