"""A call's verdict over mapped tables, and the same by columns (REQ-45)."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qalqan.screening import call_columns
from qalqan.screening.calls import keeper, lookup, rules
from qalqan.screening.calls.numbers import number
from qalqan.screening.calls.row import Trunk
from qalqan.screening.calls.screen import Screen, Tables, Verdict
from screening.calls.conftest import (
    AWAY,
    BANK,
    BEE,
    CELL,
    CITY,
    CONTRACT,
    FOREIGN,
    FOUND,
    HOME,
    LINE,
    LISTED,
    PORTED,
    UNTOLD,
    VISITOR,
)

ABROAD, PEER, CLOUD, AGREED = "10.0.0.2", "10.0.1.1", "10.0.2.1", "10.0.3.1"


@pytest.fixture
def screen(tables: Path) -> Screen:
    return Screen(tables)


def code(screen: Screen, *call: str | None) -> str:
    return Verdict(*screen.decide(*call, *([None] * (5 - len(call))))).code  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("network", "presented", "expected"),
    [
        (FOREIGN, FOREIGN, "nothing"),
        (CITY, CITY, "fixed_from_abroad"),
        (FOREIGN, CITY, "fixed_from_abroad"),
        (HOME, HOME, "mobile_at_home"),
        (AWAY, AWAY, "roams"),
        (UNTOLD, UNTOLD, "place_unknown"),
        (PORTED, PORTED, "place_unknown"),
        (BANK, BANK, "do_not_originate"),
        (FOREIGN, LISTED, "listed"),
        (FOUND, FOUND, "fraud_signs"),
        (None, "anonymous", "no_number"),
        (None, "alice", "malformed"),
        (None, "+77780000000", "unallocated"),
        (None, "+77031234567", "unallocated"),
        (None, "+71001234567", "nobodys_code"),
        (None, "+79161234567", "nothing"),
        (None, "1414", "short_from_abroad"),
        (None, "87272500001", "fixed_from_abroad"),
        (None, "+77511234567", "network_from_abroad"),
    ],
)
def test_calls_from_abroad(screen: Screen, network: Any, presented: str, expected: str) -> None:
    assert code(screen, ABROAD, network, presented, HOME) == f"calls.{expected}"


def test_a_russian_caller_is_no_kazakh_one(screen: Screen) -> None:
    """+7 is shared: a rule that tested for it would block a whole country."""
    for caller in ("+79161234567", "+74951234567", "+73822123456"):
        assert code(screen, ABROAD, caller, caller, HOME) == "calls.nothing"


def test_a_domestic_trunk_answers_for_its_numbers_and_a_voip_one_for_its_own(
    screen: Screen,
) -> None:
    assert code(screen, PEER, HOME, HOME, CITY) == "calls.nothing"
    assert code(screen, CLOUD, CITY, CITY, HOME) == "calls.nothing"
    assert code(screen, CLOUD, PORTED, PORTED, HOME) == "calls.nothing"
    for other in (HOME, FOREIGN, "alice"):
        assert code(screen, CLOUD, other, other, HOME) == "calls.not_your_number"
        assert code(screen, CLOUD, CITY, other, HOME) == "calls.not_your_number"
    assert code(screen, "10.9.9.9", CITY, CITY, HOME) == "calls.nothing"


def test_a_protected_number_comes_over_its_own_provider_s_trunk_alone(
    content: Any, tmp_path: Path
) -> None:
    keeper.write(tmp_path / "t", content(
        trunks=(
            keeper.Trunk("cloud", ("10.0.2.1",), Trunk.VOIP, LINE),
            keeper.Trunk("other", ("10.0.2.2",), Trunk.VOIP, BEE),
        ),
        ranges=(),
        values={int(BANK): lookup.IS_PROTECTED << 8, int(HOME): lookup.IS_PROTECTED << 8 | BEE},
    ))  # fmt: skip
    screen, refused = Screen(tmp_path / "t"), "calls.not_your_number"
    assert code(screen, CLOUD, BANK, BANK, AWAY) == "calls.nothing"
    assert code(screen, "10.0.2.2", BANK, BANK, AWAY) == refused
    assert code(screen, "10.0.2.2", HOME, HOME, AWAY) == "calls.nothing"  # ported there
    assert code(screen, CLOUD, HOME, HOME, AWAY) == refused


def test_contracts_loops_and_visitors(screen: Screen) -> None:
    assert code(screen, AGREED, CONTRACT, CONTRACT, HOME) == "calls.contract"
    assert code(screen, ABROAD, CONTRACT, CONTRACT, HOME) == "calls.fixed_from_abroad"
    assert code(screen, AGREED, CONTRACT, CITY, HOME) == "calls.fixed_from_abroad"
    assert code(screen, AGREED, "+77172666001", "+77172666001", HOME) == "calls.fixed_from_abroad"
    assert code(screen, AGREED, HOME, HOME, VISITOR) == "calls.visitor"
    assert code(screen, AGREED, HOME, HOME, CITY) == "calls.mobile_at_home"
    assert code(screen, AGREED, HOME, HOME, CITY, FOREIGN) == "calls.looped"
    assert code(screen, ABROAD, HOME, HOME, CITY, FOREIGN) == "calls.mobile_at_home"
    verdict = Verdict(*screen.decide(AGREED, CONTRACT, CONTRACT, HOME, None))
    assert screen.tables.about["contracts"][verdict.contract] == "K-1"


def test_a_verdict_tells_what_it_rests_on(screen: Screen) -> None:
    verdict = Verdict(*screen.decide(ABROAD, HOME, HOME, CITY, None))
    assert verdict.inputs == {
        "trunk": "international", "network": "at_home", "presented": "at_home", "callee": "city",
        "allowed": "not", "own": False,
    }  # fmt: skip
    assert 0 <= verdict.age_s < 900
    assert (verdict.network, verdict.presented, verdict.callee) == tuple(
        int(one) for one in (HOME, HOME, CITY)
    )


def test_an_old_place_is_no_place(content: Any, tmp_path: Path) -> None:
    keeper.write(tmp_path / "t", content(fed_s={CELL: int(time.time()) - 901}))
    assert code(Screen(tmp_path / "t"), ABROAD, HOME, HOME, CITY) == "calls.place_unknown"


def test_a_changed_number_counts_at_the_next_call(content: Any, tmp_path: Path) -> None:
    path = tmp_path / "t"
    keeper.write(path, content())
    screen = Screen(path)
    with keeper.Keeper(path) as own:
        own.set_abroad(int(HOME), True)
        assert code(screen, ABROAD, HOME, HOME, CITY) == "calls.roams"
        own.set_abroad(int(HOME), False)
        assert code(screen, ABROAD, HOME, HOME, CITY) == "calls.mobile_at_home"
        own.set_value(int(HOME), BEE)
        assert code(screen, ABROAD, HOME, HOME, CITY) == "calls.place_unknown"
        own.told(BEE, int(time.time()))
        assert code(screen, ABROAD, HOME, HOME, CITY) == "calls.mobile_at_home"
        own.set_value(int(FOREIGN), lookup.IS_LISTED << 8)
        assert code(screen, ABROAD, FOREIGN, FOREIGN, CITY) == "calls.listed"
        own.set_value(int(FOREIGN), 0)
        assert code(screen, ABROAD, FOREIGN, FOREIGN, CITY) == "calls.nothing"


def test_a_new_file_counts_at_the_next_call(content: Any, tmp_path: Path) -> None:
    path = tmp_path / "t"
    keeper.write(path, content())
    screen = Screen(path)
    assert code(screen, ABROAD, CITY, CITY, HOME) == "calls.fixed_from_abroad"
    for version in range(2, 5):
        live = () if version % 2 else rules.CODES
        keeper.write(path, content(live=live, version=version))
        expected = "calls.nothing" if version % 2 else "calls.fixed_from_abroad"
        assert code(screen, ABROAD, CITY, CITY, HOME) == expected
        assert screen.versions == (version, 1)
    assert [one.name for one in tmp_path.iterdir()] == ["t"]


def test_one_keeper_a_file_and_a_full_table_says_so(content: Any, tmp_path: Path) -> None:
    path = tmp_path / "t"
    keeper.write(path, content())
    with keeper.Keeper(path) as own:
        with pytest.raises(BlockingIOError):
            keeper.Keeper(path)
        with pytest.raises(keeper.Full):
            [own.set_value(10_000_000 + one, 1) for one in range(2_000)]
        for bad in (0, -1, 10**15):
            with pytest.raises(ValueError, match="no entry"):
                own.set_value(bad, 1)
        with pytest.raises(ValueError, match="no Kazakh mobile"):
            own.set_abroad(int(FOREIGN), True)


@pytest.mark.parametrize("cut", [0, 100, 65_536, 200_000, 20_000_000])
def test_a_damaged_file_is_an_error_and_no_signal(content: Any, tmp_path: Path, cut: int) -> None:
    path = tmp_path / "t"
    keeper.write(path, content())
    os.truncate(path, cut)
    with pytest.raises(ValueError, match="file of call tables"):
        Tables(path)


def test_junk_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "t").write_bytes(b"x" * 100_000)
    with pytest.raises(ValueError, match="not a file of call tables"):
        Tables(tmp_path / "t")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            {"trunks": (keeper.Trunk("a", ("1",), 0), keeper.Trunk("a", ("2",), 0)), "ranges": ()},
            "one name",
        ),
        (
            {"trunks": (keeper.Trunk("a", ("1",), 0), keeper.Trunk("b", ("1",), 0)), "ranges": ()},
            "one address",
        ),
        ({"ranges": (keeper.Range("nowhere", 1, 2, 1, 0, "x"),)}, "not there"),
        (
            {
                "ranges": (
                    keeper.Range("agreed", 1, 5, 1, 0, "x"),
                    keeper.Range("agreed", 5, 9, 1, 0, "y"),
                )
            },
            "overlap",
        ),
        ({"codes": b"1"}, "sizes"),
        ({"values": {10**15: 1}}, "no entry"),
    ],
)
def test_contents_that_do_not_fit_are_refused(
    content: Any, tmp_path: Path, change: dict[str, Any], says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        keeper.write(tmp_path / "t", content(**change))
    assert list(tmp_path.iterdir()) == []


NUMBERS = st.sampled_from(
    [FOREIGN, CITY, HOME, AWAY, UNTOLD, PORTED, BANK, LISTED, FOUND, CONTRACT, VISITOR, "", "alice",
     "112", "1414", "87011111111", "+77780000000", "+71001234567"]
) | st.integers(70_000_000_000, 79_999_999_999).map("+{}".format)  # fmt: skip
SOURCES = ["10.9.9.9", ABROAD, PEER, CLOUD, AGREED]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 4), NUMBERS, NUMBERS, NUMBERS, NUMBERS), min_size=1, max_size=40
    )
)
def test_columns_answer_as_calls_do_one_by_one(screen: Screen, calls: list[Any]) -> None:
    known = screen.tables.about["addresses"]
    rows = [(known.get(SOURCES[t], 0), *others) for t, *others in calls]
    abroad = [screen.tables.about["classes"][row[0]] == 0 for row in rows]

    def column(place: int) -> Any:
        return np.array([number(row[place], a) for row, a in zip(rows, abroad, strict=True)])

    called = np.array([number(row[3]) for row in rows])
    columns = call_columns.Columns(
        np.array([row[0] for row in rows]), column(1), column(2), called, column(4),
        np.full(len(rows), int(time.time())), np.zeros(len(rows), np.int64),
    )  # fmt: skip
    found = call_columns.decide(screen.tables, columns)
    for place, (trunk, *texts) in enumerate(calls):
        verdict = Verdict(*screen.decide(SOURCES[trunk], *texts))
        assert (verdict.rule, verdict.row) == (found.rule[place], found.row[place])


@given(st.lists(st.text(max_size=14) | NUMBERS | st.none(), max_size=30), st.booleans())
def test_columns_of_text_are_read_like_single_ones(texts: list[str | None], abroad: bool) -> None:
    column = pa.array(texts, pa.string())
    assert call_columns.numbers_of(column, abroad).tolist() == [number(t, abroad) for t in texts]


def test_the_table_of_numbers_finds_all_that_it_holds() -> None:
    """Runs of neighbours from several ranges, as ported numbers come, and foreign ones."""
    values = {77_010_000_000 + n: n % 250 + 1 for n in range(60_000)}
    values |= {77_470_000_000 + 2 * n: LINE for n in range(30_000)}
    values |= {442_000_000_000 + 7_919 * n: LINE for n in range(30_000)}
    words = keeper.hashed(values)
    size, step = len(words), lookup.step_of(len(words))
    assert size == 262_139
    for known, value in values.items():
        assert lookup.value_of(words, size, step, known) == value
    for unknown in range(77_050_000_000, 77_050_050_000):
        assert lookup.value_of(words, size, step, unknown) == 0
