"""The worker keeps the centre's tables as people and policy want them (REQ-45)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qalqan import clock
from qalqan.clock import DAY
from qalqan.register import indicators, vault
from qalqan.register.orm import Audit, FindingRow, VaultEntry
from qalqan.screening.call_policy import default_body
from qalqan.screening.calls import changes, lookup
from qalqan.screening.calls.changes import Changing
from qalqan.screening.calls.screen import Tables
from qalqan.settings import Settings
from qalqan.trust.tokens import token
from qalqan.work import call_feed, call_tables, call_tellings
from qalqan.work.call_upkeep import CallUpkeep
from work.told_calls import OURS, away, write_lists

LISTED, FOUND = "+37120000000", "+37120000001"
Centre = tuple[Any, Any, Settings, CallUpkeep]


@pytest.fixture
def centre(database: Any, keys: Any, tmp_path: Path, stopped_clock: Any) -> Centre:
    settings = Settings(home=tmp_path / "home")
    call_tables.make_of(database, keys, settings, write_lists(tmp_path / "lists"))
    upkeep = CallUpkeep(database, keys, settings)
    upkeep.look()
    with database.write() as session:
        for number in (LISTED, FOUND):
            vault.keep(session, keys, "phone", number)
    return database, keys, settings, upkeep


def flags(settings: Settings, number: str) -> int:
    with Changing(call_tables.tables_path(settings)) as own:
        return own.value(int(number)) >> 8


def listed(centre: Centre, days: int = 1) -> int:
    database, keys, _, _ = centre
    with database.write() as session:
        entry = indicators.Entry("phone", token(keys, "phone", LISTED), "block", "kz.x", "r", "C-1",
                                 clock.now_us() + days * DAY)  # fmt: skip
        return indicators.put(session, entry, ["a", "b"])


def found(centre: Centre) -> None:
    database, keys, _, _ = centre
    with database.write() as session:
        session.add(
            FindingRow(
                detector="calls.rings_once", subject_kind="phone",
                subject=token(keys, "phone", FOUND), window_from_us=0, window_to_us=1, score=1.0,
                evidence={}, version="v", seal=1, shadow=False, state="new", first_us=0,
                updated_us=0,
            )
        )  # fmt: skip


def test_a_number_that_is_listed_or_found_changes_in_place_until_that_ends(
    centre: Centre, stopped_clock: Any
) -> None:
    database, _, settings, upkeep = centre
    tables = Tables(call_tables.tables_path(settings))
    number = listed(centre)
    found(centre)
    upkeep.look()
    assert (flags(settings, LISTED), flags(settings, FOUND)) == (lookup.IS_LISTED, lookup.IS_FOUND)
    assert (tables.retired[0], tables.place[0]) == (0, 2)
    CallUpkeep(*centre[:3]).look()  # another worker has nothing to do
    assert tables.place[0] == 2
    with database.write() as session:
        session.query(FindingRow).update({"state": "dismissed"})
    upkeep.look()
    assert flags(settings, FOUND) == 0
    with database.write() as session:
        indicators.withdraw(session, number, "a", "a mistake")
    upkeep.look()
    assert flags(settings, LISTED) == 0
    listed(centre)
    upkeep.look()
    assert flags(settings, LISTED) == lookup.IS_LISTED
    stopped_clock.set(clock.now_us() + 2 * DAY)
    upkeep.look()
    assert flags(settings, LISTED) == 0
    body = call_feed.told(call_tables.tables_path(settings), tables.about["version"], 0, 6)
    told = list(changes.unpacked(body, 0))
    assert [(one.number, one.value >> 8) for one in told[2:]] == [
        (int(FOUND), 0), (int(LISTED), 0), (int(LISTED), lookup.IS_LISTED),
        (int(LISTED), 0),
    ]  # fmt: skip
    with database.session() as session:
        opened = session.query(Audit).filter_by(action="reveal").count()
    assert opened == len(told)  # no value is opened but for its change


def test_a_flag_leaves_a_ported_number_ported_and_a_found_one_found(centre: Centre) -> None:
    database, keys, settings, upkeep = centre
    port = {"number": f"+{OURS}", "operator": "tau", "at_us": clock.wall_us()}
    call_tellings.ports(call_tables.tables_path(settings), [port])
    with database.write() as session:
        vault.keep(session, keys, "phone", f"+{OURS}")
        entry = indicators.Entry("phone", token(keys, "phone", f"+{OURS}"), "block", "kz.x", "r",
                                 "C-1", clock.now_us() + DAY)  # fmt: skip
        indicators.put(session, entry, ["a", "b"])
    upkeep.look()
    with Changing(call_tables.tables_path(settings)) as own:
        assert own.value(OURS) == lookup.IS_LISTED << 8 | 2


def test_a_policy_or_other_lists_make_the_tables_anew_once(centre: Centre) -> None:
    database, keys, settings, upkeep = centre
    path = call_tables.tables_path(settings)
    listed(centre)
    call_tellings.places(
        path, "dala", [{"number": f"+{OURS}", "abroad": True, "at_us": 1}], clock.wall_us()
    )
    with database.write() as session:
        call_tables.install(session, default_body(), ["a", "b"])
    upkeep.look()
    first = Tables(path)
    assert (first.about["policy"], away(path)) == (1, [OURS])
    assert flags(settings, LISTED) == lookup.IS_LISTED
    lists = call_tables.lists_path(settings)
    (lists / "ported.csv").write_text(f"number,operator\n+{OURS + 1},tau\n")
    upkeep.look()
    assert not first.retired[0]  # it may still be copied
    upkeep.look()
    assert first.retired[0]
    second = Tables(path)
    upkeep.look()
    CallUpkeep(database, keys, settings).look()
    assert not second.retired[0]
    assert [one.name for one in path.parent.glob("*.changes-*")] in (
        [], [call_feed.row_of(path, second.about["version"]).name]
    )  # fmt: skip


def test_lists_that_can_t_be_taken_leave_the_tables_and_are_told_once(
    centre: Centre, caplog: pytest.LogCaptureFixture
) -> None:
    _, _, settings, upkeep = centre
    before = Tables(call_tables.tables_path(settings))
    (call_tables.lists_path(settings) / "ported.csv").write_text(
        "number,operator\n+77011111111,other\n"
    )
    with caplog.at_level(logging.WARNING):
        for _ in range(4):
            upkeep.look()
    assert not before.retired[0]
    assert len(caplog.records) == 1
    assert "ported.csv:2 operator" in caplog.text
    found(centre)
    upkeep.look()
    assert flags(settings, FOUND) == lookup.IS_FOUND  # numbers go on changing in place
    write_lists(call_tables.lists_path(settings))
    upkeep.look()
    upkeep.look()
    assert before.retired[0]


def _drop_row(settings: Settings) -> None:
    path = call_tables.tables_path(settings)
    path.with_name(f"{path.name}.flags").unlink()


def _junk(settings: Settings) -> None:
    path = call_tables.tables_path(settings)
    path.with_name("junk").write_bytes(b"junk" * 20_000)
    path.with_name("junk").replace(path)


@pytest.mark.parametrize("harm", [_drop_row, _junk, lambda s: call_tables.tables_path(s).unlink()])
def test_what_is_lost_or_damaged_is_made_anew(
    centre: Centre, harm: Callable[[Settings], None]
) -> None:
    database, keys, settings, _ = centre
    harm(settings)
    listed(centre)
    upkeep = CallUpkeep(database, keys, settings)
    upkeep.look()
    upkeep.look()
    assert flags(settings, LISTED) == lookup.IS_LISTED


def test_a_number_that_retention_took_is_flagged_no_more(centre: Centre) -> None:
    database, _, settings, upkeep = centre
    number = listed(centre)
    upkeep.look()
    with database.write() as session:
        vault.drop(session, [one.token for one in session.query(VaultEntry)], "a term ended")
        indicators.withdraw(session, number, "a", "a mistake")
    upkeep.look()
    assert flags(settings, LISTED) == 0
    listed(centre)
    upkeep.look()  # nobody knows its number: nothing to flag, nothing fails
    assert flags(settings, LISTED) == 0


def test_without_lists_there_is_nothing_to_do(database: Any, keys: Any, tmp_path: Path) -> None:
    CallUpkeep(database, keys, Settings(home=tmp_path)).look()
    assert list(tmp_path.rglob("*.tables")) == []
