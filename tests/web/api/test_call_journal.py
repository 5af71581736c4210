"""Edges tell their journals over the API, and whoever asks gets the counts (REQ-45, 46)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from edges.kamailio.journals import CITY, Written
from qalqan import clock
from qalqan.clock import DAY
from qalqan.edges.kamailio.ship import Shipping
from qalqan.lake.engine import DuckEngine
from qalqan.lake.sealing import seal
from qalqan.register import orm

SPOOFED, NAMELESS, UNKNOWN = (
    "calls.fixed_from_abroad", "calls.no_number", "calls.place_unknown",
)  # fmt: skip


class OverHttp:
    """What `ship.Centre` does, over the test's own connection; may lose answers."""

    def __init__(self, web: Any, who: str = "dala") -> None:
        self.web, self.who, self.loses, self.sent = web, who, False, 0

    def tell(self, body: dict[str, Any]) -> dict[str, Any]:
        self.sent += body["piece"] is not None
        answer = self.web.post("/v1/calls/journal", self.who, json=body)
        if self.loses:
            self.loses = False
            raise ConnectionResetError
        answer.raise_for_status()
        told: dict[str, Any] = answer.json()
        return told


@pytest.fixture
def edge(tmp_path: Path) -> Written:
    return Written(tmp_path / "edge")


def shipping(edge: Written, centre: Any) -> Shipping:
    return Shipping(edge.folder / "journal", edge.folder / "calls.tables", "almaty-1", centre)


@pytest.fixture
def told(web: Any, edge: Written) -> Iterator[Shipping]:
    found = shipping(edge, OverHttp(web))
    yield found
    found.close()


def all_told(found: Shipping) -> None:
    while found.round():
        pass


def calls(web: Any) -> list[dict[str, Any]]:
    settings = web.http.app.state.settings
    seal(web.database, settings.lake_root)
    engine = DuckEngine(settings.lake_root)
    try:
        rows: list[dict[str, Any]] = engine.run(engine.table("call").order_by("at_us")).to_pylist()
        return rows
    finally:
        engine.close()


def stats(web: Any, **asked: str) -> Any:
    return web.get("/v1/stats/calls", "dala", params=asked).json()


def test_verdicts_become_facts_and_all_calls_are_counted(
    web: Any, edge: Written, told: Shipping
) -> None:
    now = web.clock.now_us()
    edge.note(SPOOFED, now)
    edge.note(NAMELESS, now + 1, caller=0)
    edge.note(SPOOFED, now + 2, caller=999123456789)  # no country has such a code
    for _ in range(5):
        edge.note(None, now + 3, caller=442079460018)
    all_told(told)
    first, nameless, nobodys = calls(web)
    assert str(CITY) not in first["caller"]
    assert first["caller_block"] == f"+{CITY}"[:-4]
    assert (first["verdict"], first["rule"], first["edge"]) == ("refuse", SPOOFED, "almaty-1")
    assert (first["trunk"], first["source"], first["answered"]) == ("abroad", "dala", False)
    assert nameless["caller"] is nobodys["caller"] is None
    assert nameless["callee"] == first["callee"]
    said = stats(web)
    assert said["answers"] == {"refuse": 3, "withhold": 0, "label": 0, "pass": 5}
    assert {(row["rule"], row["n"]) for row in said["rules"]} == {
        (SPOOFED, 2), (NAMELESS, 1), ("calls.nothing", 5),
    }  # fmt: skip
    assert {row["edge"] for row in said["own"]} == {"almaty-1"}
    assert "people" in said["counts"]


def test_an_answer_that_is_lost_doubles_nothing(web: Any, edge: Written, told: Shipping) -> None:
    edge.note(SPOOFED, web.clock.now_us())
    told.centre.loses = True
    with pytest.raises(ConnectionResetError):
        told.round()
    all_told(told)
    assert told.centre.sent == 2
    assert len(calls(web)) == 1
    assert stats(web)["answers"]["refuse"] == 1


def test_whoever_lost_his_places_goes_on_where_the_centre_stands(
    web: Any, edge: Written, told: Shipping
) -> None:
    edge.note(SPOOFED, web.clock.now_us())
    all_told(told)
    (edge.folder / "journal" / "shipped.db").unlink()
    edge.note(SPOOFED, web.clock.now_us() + 1)
    again = shipping(edge, OverHttp(web))
    all_told(again)
    again.close()
    assert stats(web)["answers"]["refuse"] == 2
    assert len(calls(web)) == 2


def test_files_that_follow_each_other_are_all_told_and_then_left_alone(
    web: Any, tmp_path: Path
) -> None:
    edge = Written(tmp_path / "small", most_bytes=4_096)
    found = shipping(edge, OverHttp(web))
    for place in range(60):
        edge.note(SPOOFED if place % 3 else None, web.clock.now_us() + place)
    edge.journal.close()
    all_told(found)
    sent = found.centre.sent
    all_told(found)
    assert found.centre.sent == sent
    assert len(found.places.over()) == len([*(edge.folder / "journal").glob("*.events")]) > 2
    said = stats(web)
    assert (said["answers"]["refuse"], said["answers"]["pass"]) == (40, 20)
    found.close()


def test_a_broken_chain_is_told_up_to_there_and_the_centre_hears_of_it(
    web: Any, edge: Written, told: Shipping, capsys: pytest.CaptureFixture[str]
) -> None:
    for place in range(4):
        edge.note(SPOOFED, web.clock.now_us() + place)
    [path] = (edge.folder / "journal").glob("*.events")
    path.write_bytes(path.read_bytes().replace(b"id-3", b"id-x"))
    all_told(told)
    assert path.name in capsys.readouterr().err
    assert [*told.broken] == [path.name]
    assert stats(web)["answers"]["refuse"] == 2
    with web.database.session() as session:
        row = session.scalars(select(orm.CallEdge)).one()
        assert row.told["broken"] == [*told.broken.values()]
        assert row.told["trunks"]["abroad"] == "tranzit"
        assert [call[3] for call in row.newest] == ["refuse", "refuse"]
        assert "+7" not in str(row.newest)


def test_figures_are_of_whole_days_and_tell_what_was_lost(
    web: Any, edge: Written, told: Shipping
) -> None:
    now = web.clock.now_us()
    edge.note(SPOOFED, now)
    edge.note(SPOOFED, now - 2 * DAY)
    edge.journal.miss()
    edge.note(None, now)
    all_told(told)
    said = stats(web)
    assert (said["answers"]["refuse"], said["lost"]) == (1, 1)
    before = str(date.fromisoformat(said["since"]) - timedelta(days=2))
    both = stats(web, since=before, until=said["until"])
    assert both["answers"]["refuse"] == 2
    assert {row["day"] for row in both["own"]} == {before, said["since"]}
    assert stats(web, since="2026-01-02", until="2026-01-01")["error"]["field"] == "since"


def test_only_an_operator_tells_and_only_what_can_be(web: Any, edge: Written) -> None:
    body = {"edge": "a", "state": {}, "piece": None}
    assert web.post("/v1/calls/journal", "altyn", json=body).status_code == 403
    assert web.post("/v1/calls/journal", "dala", json=body).json() == {
        "file": None, "end": 0, "mark": "",
    }  # fmt: skip
    piece = {"file": "f", "begin": 0, "end": 0, "mark": "0" * 64, "verdicts": [], "counts": []}
    for bad in (
        body | {"edge": "<b>"}, body | {"piece": piece},
        body | {"piece": piece | {"end": 9, "counts": [[0, "", "refuse", "", 0]]}},
        body | {"piece": piece | {"end": 9, "counts": [[0, "", "guess", "", 1]]}},
        body | {"piece": piece | {"end": 9, "mark": "x"}},
    ):  # fmt: skip
        assert web.post("/v1/calls/journal", "dala", json=bad).status_code == 422
    behind = {"edge": "a", "state": {}, "piece": piece | {"begin": 7, "end": 9}}
    assert web.post("/v1/calls/journal", "dala", json=behind).json()["end"] == 0


def piece(**more: Any) -> dict[str, Any]:
    told = {"file": "f", "begin": 0, "end": 1_000, "mark": "0" * 64, "verdicts": [], "counts": []}
    return {**told, **more}


def told_of(web: Any, state: dict[str, Any] | None = None, **more: Any) -> Any:
    body = {"edge": "almaty-1", "state": state or {}, "piece": piece(**more)}
    return web.post("/v1/calls/journal", "dala", json=body)


def test_nobody_makes_up_more_calls_than_a_piece_has_room_for(web: Any) -> None:
    for bad in (
        {"counts": [[0, "t", "pass", "", 1_001]]},
        {"counts": [[0, "t", "lost", "", 2**40 - 1]] * 2},
        {"end": 2**22 + 1}, {"end": 2**61},
    ):  # fmt: skip
        assert told_of(web, **bad).status_code == 422, bad
    good = [[0, "t", "pass", "", 10], [0, "t", "lost", "", 2**39]]
    assert told_of(web, counts=good).status_code == 200
    assert told_of(web, {"tables": 2**61}).status_code == 422


@pytest.mark.parametrize("ahead_us", [2 * DAY, 2**61])
def test_a_call_of_the_far_future_does_not_stand_as_the_newest(web: Any, ahead_us: int) -> None:
    verdict = {
        "id": "a" * 64, "at_us": clock.now_us() + ahead_us, "trunk": "t", "verdict": "refuse",
        "trunk_class": "international", "rule": SPOOFED, "policy": 1,
    }  # fmt: skip
    now = {**verdict, "id": "b" * 64, "at_us": clock.now_us()}
    assert told_of(web, verdicts=[verdict, now]).status_code == 200
    with web.database.session() as session:
        row = session.get(orm.CallEdge, ("dala", "almaty-1"))
        assert [one[0] for one in row.newest] == [now["at_us"]]


def test_days_that_no_calendar_goes_behind_are_refused(web: Any) -> None:
    asked = {"since": "9999-12-31", "until": "9999-12-31"}
    answer = web.get("/v1/stats/calls", "dala", params=asked)
    assert answer.status_code == 422
