"""What operators tell of their own subscribers (REQ-45)."""

from __future__ import annotations

import random
from array import array
from pathlib import Path
from typing import Any

import pytest

from qalqan import clock
from qalqan.clock import HOUR, SECOND
from qalqan.errors import InputRejected, NotAllowed, Unavailable
from qalqan.screening.calls.changes import Changing
from qalqan.screening.calls.screen import Tables
from qalqan.work import call_tables, call_tellings
from work.told_calls import OTHERS, OURS, PORTED, away, made, write_lists


@pytest.fixture
def server() -> None:
    """What stands in files does not depend on the register's server."""
    return


@pytest.fixture
def tables(database: Any, keys: Any, tmp_path: Path) -> Path:
    return made(database, keys, tmp_path)


def item(number: int | str, abroad: Any = True, at_us: Any = None) -> dict[str, Any]:
    text = f"+{number}" if isinstance(number, int) else number
    return {"number": text, "abroad": abroad, "at_us": now() if at_us is None else at_us}


def now() -> int:
    return clock.wall_us()


def tell(tables: Path, *items: Any, complete_us: int | None = None, who: str = "dala") -> Any:
    return call_tellings.places(tables, who, items, complete_us)


def whole(tables: Path, *numbers: int, at_us: int | None = None) -> Any:
    return call_tellings.whole(tables, "dala", array("q", numbers), at_us or now())


def fed(tables: Path, operator: int = 1) -> int:
    told_s: int = Tables(tables).parts["fed"][operator]
    return told_s


def test_own_numbers_count_and_each_other_is_refused_by_itself(tables: Path) -> None:
    taken = tell(
        tables, item(OURS), item(OTHERS), item(PORTED), item("8 701 222 33 44"),
        item("+442079460018"), item(77_780_000_000), complete_us=now(),
    )  # fmt: skip
    assert (taken.read, taken.taken, taken.refused) == (6, 3, 3)
    assert [one.place for one in taken.refusals] == ["[2]", "[5]", "[6]"]
    assert {one.expected for one in taken.refusals} == {"calls.own"}
    assert not any(str(OTHERS) in one.value_masked for one in taken.refusals)
    assert away(tables) == [OURS, 77_012_223_344, PORTED]
    assert taken.complete_us is not None  # others' numbers are nothing that is lacking
    assert fed(tables) == taken.complete_us // SECOND
    assert fed(tables, 2) == 0
    tell(tables, item(OURS, False))
    assert OURS not in away(tables)


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ("x", "item"), ({}, "number"), (item("+7701"), "number"), (item(OURS, "yes"), "abroad"),
        (item(OURS, None), "abroad"), (item(OURS, at_us="now"), "at_us"),
        (item(OURS, at_us=True), "at_us"), (item(OURS, at_us=-1), "at_us"),
        (item(OURS, at_us=clock.wall_us() + HOUR), "at_us"), ({**item(OURS), "x": 1}, "x"),
        ({**item(OURS), "number": None}, "number"),
    ],
)  # fmt: skip
def test_a_word_that_can_t_be_read_lets_the_rest_count_but_not_as_all(
    tables: Path, bad: Any, field: str
) -> None:
    taken = tell(tables, bad, item(OURS + 1), complete_us=now())
    assert [one.field for one in taken.refusals] == [field]
    assert (taken.taken, taken.complete_us, fed(tables)) == (1, None, 0)
    assert away(tables) == [OURS + 1]


def test_what_comes_late_or_twice_changes_nothing(tables: Path) -> None:
    old, new = now() - HOUR, now()
    tell(tables, item(OURS, True, old))
    tell(tables, item(OURS, False, new), complete_us=new)
    assert tell(tables, item(OURS, True, old)).taken == 1
    assert away(tables) == []
    tell(tables, item(OURS, True, new + SECOND), item(OURS, False, new), complete_us=old)
    assert away(tables) == [OURS]  # by their moments, not as they stand in the batch
    assert fed(tables) == new // SECOND
    before = Tables(tables).place[0]
    tell(tables, item(OURS, True, new + SECOND))
    assert Tables(tables).place[0] == before


def test_whom_the_lists_do_not_know_and_the_future_are_refused(
    tables: Path, tmp_path: Path
) -> None:
    with pytest.raises(NotAllowed):
        tell(tables, item(OURS), who="nobody")
    with pytest.raises(InputRejected):
        tell(tables, complete_us=now() + HOUR)
    with pytest.raises(InputRejected):
        whole(tables, at_us=now() + HOUR)
    with pytest.raises(Unavailable):
        tell(tmp_path / "none", item(OURS))


def test_a_whole_list_takes_the_place_of_what_was_told(tables: Path) -> None:
    tell(tables, item(OURS), item(OURS + 1), item(PORTED))
    tell(tables, item(OTHERS), who="tau")
    at = now()
    taken = whole(tables, OURS + 1, OURS + 2, OTHERS + 1, 442_079_460_018, OURS + 2, at_us=at)
    assert (taken.read, taken.taken, taken.refused) == (5, 3, 2)
    assert [one.place for one in taken.refusals] == ["[3]", "[4]"]
    assert away(tables) == [OURS + 1, OURS + 2, OTHERS]
    assert fed(tables) == at // SECOND
    place = Tables(tables).place[0]
    tell(tables, item(OURS + 5, True, at + 2 * SECOND))
    assert whole(tables, OURS + 1, OURS + 2, at_us=at).taken == 2  # again: too late
    assert away(tables) == [OURS + 1, OURS + 2, OURS + 5, OTHERS]
    assert Tables(tables).place[0] == place + 1
    whole(tables, at_us=at + SECOND)
    assert away(tables) == [OTHERS]


def test_a_random_history_stands_as_a_dictionary_has_it(tables: Path) -> None:
    draw, stands = random.Random(7), set[int]()
    base = now() - HOUR
    for step in range(25):
        at = base + step * SECOND * 2
        if draw.random() < 0.2:
            stands = {OURS + draw.randrange(30) for _ in range(draw.randrange(20))}
            whole(tables, *stands, at_us=at)
            continue
        some = [(OURS + draw.randrange(30), draw.random() < 0.5) for _ in range(5)]
        tell(tables, *(item(number, abroad, at) for number, abroad in some))
        for number, abroad in some:
            (stands.add if abroad else stands.discard)(number)
        assert away(tables) == sorted(stands)


def test_what_was_told_by_machine_outlives_new_tables(
    database: Any, keys: Any, tables: Path, tmp_path: Path
) -> None:
    """By code, whatever number an operator has in other lists; unless the list is newer."""
    tell(tables, item(OURS), complete_us=now())
    tell(tables, item(OTHERS), who="tau")
    port = {"number": f"+{OTHERS}", "operator": "dala", "at_us": now()}
    assert call_tellings.ports(tables, [port]).taken == 1
    lists = write_lists(tmp_path / "lists")
    text = (lists / "calls.toml").read_text()
    (lists / "calls.toml").write_text(
        text.replace('dala = "Dala"\ntau = "Tau"', 'tau = "Tau"\ndala = "Dala"')
    )
    call_tables.make(database, keys, lists, tables)
    assert Tables(tables).about["codes"] == {"tau": 1, "dala": 2}
    assert away(tables) == [OURS, OTHERS]  # the ported one is dala's now, and dala told places
    assert (fed(tables, 1), fed(tables, 2) > 0) == (0, True)
    with Changing(tables) as own:
        assert own.operator(OTHERS) == 2
    (lists / "calls.toml").write_text(text + "[places]\ndala = 2099-01-01T00:00:00Z\n")
    (lists / "abroad.csv").write_text(f"number\n+{OURS + 3}\n")
    call_tables.make(database, keys, lists, tables)
    assert away(tables) == [OURS + 3]


def test_ported_numbers_follow_the_last_word(database: Any, keys: Any, tables: Path,
                                             tmp_path: Path) -> None:  # fmt: skip
    def owner(number: int) -> int:
        with Changing(tables) as own:
            return own.operator(number)

    later, at = now(), now() - HOUR
    taken = call_tellings.ports(
        tables,
        [
            {"number": f"+{OURS}", "operator": "tau", "at_us": later},
            {"number": f"+{OURS}", "operator": None, "at_us": at},
            {"number": f"+{PORTED}", "operator": None, "at_us": later},
            {"number": f"+{OTHERS}", "operator": "nobody", "at_us": at},
            {"number": "+442079460018", "operator": "tau", "at_us": at},
        ],
    )
    assert (taken.taken, [one.field for one in taken.refusals]) == (3, ["operator", "number"])
    assert (owner(OURS), owner(PORTED)) == (2, 2)
    assert call_tellings.ports(
        tables, [{"number": f"+{OURS}", "operator": None, "at_us": at}]
    ).taken == 1  # fmt: skip
    assert owner(OURS) == 2
    place = Tables(tables).place[0]
    lists = tmp_path / "lists"
    call_tables.make(database, keys, lists, tables)
    assert (owner(OURS), owner(PORTED)) == (2, 2)
    assert Tables(tables).place[0] == 0 < place
    text = (lists / "calls.toml").read_text()
    (lists / "calls.toml").write_text(f"ported_as_of = 2099-01-01\n{text}")
    call_tables.make(database, keys, lists, tables)
    assert (owner(OURS), owner(PORTED)) == (1, 1)
