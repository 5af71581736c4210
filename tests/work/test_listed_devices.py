"""What the registry of devices says of calls (REQ-47)."""

from __future__ import annotations

from typing import Any

import ibis
import pyarrow as pa
import pytest

from qalqan.clock import DAY
from qalqan.detectors.sentence import sentence, title
from qalqan.lake.schemas import SCHEMAS
from qalqan.model.finding import Finding
from qalqan.register.orm import Device, FindingRow, Seal
from qalqan.text.catalogue import LANGUAGES
from qalqan.work.detection import detect
from qalqan.work.listed_devices import CODE, LISTS, Listed, asked, listed
from qalqan.work.replay import replay_finding

NOON = 20_000 * DAY + DAY // 2


def call(number: int, device: str, caller: str = "tel_a", day: int = 0, **more: Any) -> Any:
    return {
        "id": str(number), "source": "dala", "at_us": NOON + day * DAY, "caller": caller,
        "callee": "tel_z", "imei": device, "trunk_class": "access", "duration_s": 1,
        "answered": True, **more,
    }  # fmt: skip


def lists(*rows: tuple[Any, ...]) -> Listed:
    told = [dict(zip(LISTS.names, row, strict=True)) for row in rows]
    return Listed(pa.Table.from_pylist(told, LISTS))


def seen(lake: Any, facts: list[Any], of: Listed) -> list[tuple[Any, ...]]:
    lake.write("call", facts)
    engine = lake.duck()
    found = [
        (one.subject, one.evidence["reasons"][0]["reason"], one.score, one.evidence["calls"],
         one.evidence["numbers"], one.window_from_us // DAY - 20_000)
        for one in of.found(engine, 1)[0]
    ]  # fmt: skip
    engine.close()
    return sorted(found)


def test_it_compiles_for_a_cluster() -> None:
    calls, lists_of = ibis.table(SCHEMAS["call"].ibis, "call"), ibis.memtable(LISTS.empty_table())
    assert ibis.to_sql(asked(calls, lists_of), dialect="databricks")


def test_black_at_first_sight_grey_after_its_term_white_only_elsewhere(duck_lake: Any) -> None:
    facts = [
        call(1, "dev_black"), call(2, "dev_black", "tel_b"), call(3, "dev_black", day=1),
        call(4, "dev_over"), call(5, "dev_grey"), call(6, "dev_stranger"),
        call(7, "dev_white", region="KZ-75"), call(8, "dev_white", region="KZ-10", day=1),
        call(9, "dev_white", day=2), call(10, "dev_late"),
        call(11, "dev_both"), call(12, None),
    ]  # fmt: skip
    far = 2**62
    of = lists(
        ("dev_black", "black", NOON, far, None), ("dev_over", "grey_over", NOON, far, None),
        ("dev_grey", "grey", 0, far, None), ("dev_white", "white", 0, far, "KZ-75"),
        ("dev_late", "black", NOON + 1, far, None), ("dev_gone", "black", 0, NOON, None),
        ("dev_both", "grey_over", 0, far, None), ("dev_both", "black", 0, far, None),
    )  # fmt: skip
    assert seen(duck_lake, facts, of) == [
        ("dev_black", "black", 1.0, 1, 1, 1), ("dev_black", "black", 1.0, 2, 2, 0),
        ("dev_both", "black", 1.0, 1, 1, 0), ("dev_over", "grey_over", 0.5, 1, 1, 0),
        ("dev_white", "white_elsewhere", 0.3, 1, 1, 1),
    ]  # fmt: skip


def test_the_register_tells_what_is_listed(database: Any) -> None:
    with database.write() as session:
        session.add_all([
            Device(device="dev_w", list="white", since_us=5, region="KZ-75", reference="L"),
            Device(device="dev_g", list="grey", since_us=1, until_us=9, reference=""),
            Device(device="dev_o", list="unlisted", since_us=9, grey_over_us=8, reference=""),
            Device(device="dev_u", list="unlisted", since_us=9, reference=""),
        ])  # fmt: skip
        session.flush()
        told = {(r["device"], r["list"], r["from_us"], r["until_us"]) for r in
                listed(session).to_pylist()}  # fmt: skip
    far = 2**62
    assert told == {
        ("dev_w", "white", 5, far), ("dev_g", "grey", 1, 9), ("dev_g", "grey_over", 9, far),
        ("dev_o", "grey_over", 8, far),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "subject", "first", "spared"),
    [
        ("device", "dev_w", 10, True), ("device", "dev_w", 0, False),
        ("device", "dev_b", 10, False), ("phone", "dev_w", 10, False),
    ],
)  # fmt: skip
def test_a_licensed_gateway_is_no_stranger(
    kind: str, subject: str, first: int, spared: bool
) -> None:
    of = lists(("dev_w", "white", 10, 20, None), ("dev_b", "black", 0, 20, None))
    one = Finding("calls.some_box", kind, subject, first, first + 5, 1.0, {}, "1", 1)
    assert of.spares(one) is spared


def test_detection_asks_the_lists_and_a_finding_replays(database: Any, duck_lake: Any) -> None:
    duck_lake.write("call", [call(1, "dev_black")])
    with database.write() as session:
        session.add(Seal(seal=1, kind="call", rows=1, version=1, at_us=1))
        session.add(Device(device="dev_black", list="black", since_us=NOON, reference=""))
    engine = duck_lake.duck()
    for new in (1, 0):
        assert detect(database, engine, [CODE]).new == new
    with database.session() as session:
        (row,) = session.query(FindingRow).all()
    again = replay_finding(database, engine, row.id)
    assert (again.same, again.same_version) == (True, True)
    engine.close()
    for language in LANGUAGES:
        assert title(CODE, language)
        assert sentence(CODE, row.evidence, language)
