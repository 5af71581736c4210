"""The centre's tables of calls: lists, policy and what people listed come together (REQ-45)."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from qalqan import clock
from qalqan.errors import InputRejected, NotAllowed, NotFound
from qalqan.register import indicators, vault
from qalqan.register.orm import Audit, FindingRow
from qalqan.screening.call_policy import default_body
from qalqan.screening.calls.screen import Screen, Tables
from qalqan.trust.tokens import token
from qalqan.work import call_replay, call_tables
from qalqan.work.call_verdict import asked, told

LISTS = """
[operators]
cell = "Cell"
[[trunks]]
name = "abroad"
class = "international"
addresses = ["10.0.0.1"]
[files]
protected = "protected.csv"
"""
CITY, BANK, LISTED, FOUND = "+77272500000", "+77273333333", "+37120000000", "+37120000001"


@pytest.fixture
def lists(tmp_path: Path) -> Path:
    folder = tmp_path / "lists"
    folder.mkdir()
    (folder / "calls.toml").write_text(LISTS)
    (folder / "protected.csv").write_text(f"number\n{BANK}\n")
    return folder


def approve(database: Any, **more: Any) -> None:
    with database.write() as session:
        call_tables.install(session, {**default_body(), **more}, ["a", "b"])


def verdict(path: Path, presented: str) -> dict[str, Any]:
    screen = Screen(path)
    return told(asked(screen, "abroad", None, presented, CITY, None), screen, "en")


def test_before_a_policy_everything_passes_in_shadow_and_then_it_counts(
    database: Any, keys: Any, lists: Path, tmp_path: Path
) -> None:
    out = tmp_path / "t"
    made = call_tables.make(database, keys, lists, out)
    assert (made.policy, made.trunks, made.operators, made.numbers) == (0, 1, 1, 1)
    said = verdict(out, CITY)
    assert said["verdict"] == "pass"
    assert said["shadow"] == ["calls.fixed_from_abroad"]
    with pytest.raises(NotAllowed), database.write() as session:
        call_tables.install(session, default_body(), ["a", "a"])
    approve(database)
    call_tables.make(database, keys, lists, out)
    assert verdict(out, CITY)["verdict"] == "refuse"
    assert verdict(out, BANK)["rule"] == "calls.do_not_originate"
    assert verdict(out, CITY)["policy"] == 1


def test_what_people_listed_is_refused_and_what_detectors_found_is_labelled(
    database: Any, keys: Any, lists: Path, tmp_path: Path
) -> None:
    approve(database)
    out, now = tmp_path / "t", clock.now_us()
    with database.write() as session:
        for number in (LISTED, FOUND):
            vault.keep(session, keys, "phone", number)
        entry = indicators.Entry("phone", token(keys, "phone", LISTED), "block", "kz.x", "r", "C-1",
                                 now + clock.DAY)  # fmt: skip
        indicator = indicators.put(session, entry, ["a", "b"])
        session.add(
            FindingRow(
                detector="calls.rings_once", subject_kind="phone",
                subject=token(keys, "phone", FOUND), window_from_us=0, window_to_us=1, score=1.0,
                evidence={}, version="v", seal=1, shadow=False, state="new", first_us=now,
                updated_us=now,
            )
        )  # fmt: skip
    call_tables.make(database, keys, lists, out)
    assert verdict(out, LISTED)["rule"] == "calls.listed"
    assert verdict(out, FOUND)["rule"] == "calls.fraud_signs_to_city"
    assert verdict(out, FOUND)["verdict"] == "label"
    with database.session() as session:
        opened = session.query(Audit).filter_by(action="reveal").all()
        assert len(opened) == 2
    with database.write() as session:
        indicators.withdraw(session, indicator, "a", "a mistake")
    call_tables.make(database, keys, lists, out)
    assert verdict(out, LISTED)["rule"] == "calls.nothing"


def test_lists_that_are_missing_or_contradict_are_told_and_the_old_tables_stay(
    database: Any, keys: Any, lists: Path, tmp_path: Path
) -> None:
    out = tmp_path / "t"
    call_tables.make(database, keys, lists, out)
    before = Tables(out).about
    (lists / "protected.csv").unlink()
    with pytest.raises(NotFound):
        call_tables.make(database, keys, lists, out)
    (lists / "calls.toml").write_text(LISTS.replace("[files]", "").replace(
        'protected = "protected.csv"', "") + '[[trunks]]\nname = "abroad"\nclass = "domestic"\n'
        'addresses = []\n')  # fmt: skip
    with pytest.raises(InputRejected) as refused:
        call_tables.make(database, keys, lists, out)
    assert refused.value.expected == "calls.lists"
    (lists / "calls.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(InputRejected):
        call_tables.make(database, keys, lists, out)
    assert Tables(out).about == before


def test_calls_of_the_past_are_decided_by_whole_files(
    database: Any, keys: Any, lists: Path, tmp_path: Path
) -> None:
    approve(database)
    out, file = tmp_path / "t", tmp_path / "cdr.csv"
    call_tables.make(database, keys, lists, out)
    rows = [
        ("abroad", "international", CITY, "", ""),
        ("abroad", "international", "+442079460018", CITY, ""),
        ("other", "international", "+77011111111", "", "home"),
        ("other", "international", "87011111111", "", "abroad"),
        ("other", "international", "+77011111111", "", "unknown"),
        ("", "domestic", CITY, "", ""), ("", "access", "+77011111111", "", ""),
        ("abroad", "international", "+442079460018", "", ""),
    ]  # fmt: skip
    with file.open("w", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(["id", "at_us", "trunk", "trunk_class", "caller", "presented",
                         "caller_place", "callee", "duration_s", "answered"])  # fmt: skip
        for number, (trunk, klass, caller, presented, place) in enumerate(rows):
            writer.writerow([number, 1_795_000_000_000_000, trunk, klass, caller, presented, place,
                             "+77012222222", 0, "false"])  # fmt: skip
    found = call_replay.of_file(Tables(out), file, None)
    assert found.calls == len(rows)
    assert found.verdicts == {"pass": 4, "refuse": 3, "withhold": 1}
    assert found.rules == {
        "calls.nothing": 3, "calls.fixed_from_abroad": 2, "calls.mobile_at_home": 1,
        "calls.roams": 1, "calls.place_unknown": 1,
    }  # fmt: skip
