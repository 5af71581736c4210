"""Operators tell who is abroad over HTTP, and the next question is decided by it (REQ-45)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from qalqan.clock import HOUR, wall_us
from qalqan.register import partner_keys
from qalqan.screening.call_policy import default_body
from qalqan.work import call_tables
from work.told_calls import OTHERS, OURS, away, write_lists

PLACES, WHOLE, PORTS = "/v1/calls/places", "/v1/calls/places/whole", "/v1/calls/ports"


def tables_of(web: Any, tmp_path: Path) -> Path:
    """The centre's tables under a live policy; `dala` gets a key for each scope of calls."""
    settings = web.http.app.state.settings
    with web.database.write() as session:
        call_tables.install(session, default_body(), ["a", "b"])
        for scope in ("tell", "follow", "port"):
            web.tokens[scope] = partner_keys.add_key(
                session, "dala", scope, "asel", scopes=[f"calls:{scope}"]
            )
    call_tables.make_of(web.database, web.keys, settings, write_lists(tmp_path / "lists"))
    return call_tables.tables_path(settings)


@pytest.fixture
def tables(web: Any, tmp_path: Path) -> Path:
    return tables_of(web, tmp_path)


def item(number: int, abroad: bool = True, **more: Any) -> dict[str, Any]:
    return {"number": f"+{number}", "abroad": abroad, "at_us": wall_us(), **more}


def asked(web: Any, number: int) -> tuple[str, str]:
    body = {"id": "c", "trunk": "abroad", "callee": "+77019999999", "network": f"+{number}"}
    said = web.post("/v1/screen/calls", "dala", json=body).json()
    return said["verdict"], said["rule"]


def test_the_next_call_is_decided_by_what_was_told(web: Any, tables: Path) -> None:
    assert asked(web, OURS) == ("label", "calls.place_unknown")
    body = {"places": [item(OURS)], "complete_us": wall_us()}
    said = web.post(PLACES, "tell", json=body)
    assert (said.status_code, said.json()["taken"]) == (200, 1)
    assert asked(web, OURS) == ("pass", "calls.roams")
    assert asked(web, OURS + 1) == ("refuse", "calls.mobile_at_home")
    web.post(PLACES, "tell", json={"places": [item(OURS, False)]})
    assert asked(web, OURS) == ("refuse", "calls.mobile_at_home")
    port = {"number": f"+{OURS}", "operator": "tau", "at_us": wall_us()}
    assert web.post(PORTS, "port", json={"ports": [port]}).json()["taken"] == 1
    assert asked(web, OURS) == ("label", "calls.place_unknown")  # tau told nothing


def test_what_is_refused_is_named_in_the_reader_s_language(web: Any, tables: Path) -> None:
    some = web.post(PLACES, "tell", json={"places": [item(OTHERS), item(OURS)]}, language="ru")
    assert some.status_code == 207
    (refusal,) = some.json()["refusals"]
    assert (refusal["place"], refusal["expected"]) == ("[1]", "calls.own")
    assert "выделенный вам" in refusal["message"]
    assert str(OTHERS) not in some.text
    none = web.post(PLACES, "tell", json={"places": [item(OTHERS), 5]})
    assert none.status_code == 422
    assert none.json()["error"]["code"] == "rejected"
    assert none.json()["refused"] == 2
    assert away(tables) == [OURS]
    for bad in (
        {"places": [], "complete_us": wall_us() + HOUR}, {"places": {}}, {"places": [], "x": 1},
        {"places": [], "complete_us": -1}, {"ports": []},
    ):  # fmt: skip
        assert web.post(PLACES, "tell", json=bad).status_code == 422, bad


def test_only_an_operator_of_the_lists_with_the_scope_tells(web: Any, tables: Path) -> None:
    body = {"places": [item(OURS)]}
    for who in ("altyn", "hotline", "follow", "port"):
        assert web.post(PLACES, who, json=body).status_code == 403
    assert web.post(PLACES, json=body).status_code == 401
    for who in ("dala", "tell"):  # usual for operators; ports and following are given by name
        assert web.post(PLACES, who, json=body).status_code == 200
        assert web.post(PORTS, who, json={"ports": []}).status_code == 403
        assert web.get("/v1/calls/tables", who).status_code == 403
    lists = call_tables.lists_path(web.http.app.state.settings) / "calls.toml"
    lists.write_text(lists.read_text().replace("dala", "dalan"))
    (lists.parent / "ported.csv").write_text("number,operator\n")
    call_tables.make_of(web.database, web.keys, web.http.app.state.settings, lists.parent)
    said = web.post(PLACES, "tell", json=body)
    assert said.status_code == 403
    assert "calls.toml" in said.json()["error"]["message"]


def test_without_tables_a_word_is_to_be_said_again(web: Any) -> None:
    said = web.post(PLACES, "dala", json={"places": [item(OURS)]})
    assert (said.status_code, said.headers["retry-after"]) == (503, "5")


def whole(web: Any, body: str, count: int, kind: str = "text/csv", **more: Any) -> Any:
    params = {"complete_us": wall_us(), "count": count, **more}
    return web.post(WHOLE, "tell", content=body, params=params, headers={"Content-Type": kind})


def test_a_whole_list_counts_whole_or_not_at_all(web: Any, tables: Path) -> None:
    assert whole(web, f"number\n+{OURS}\n{OURS + 1}\n", 2).json()["taken"] == 2
    assert away(tables) == [OURS, OURS + 1]
    assert asked(web, OURS + 2) == ("refuse", "calls.mobile_at_home")
    cut = whole(web, f"number\n+{OURS}\n", 2)
    assert (cut.status_code, cut.json()["error"]["field"]) == (422, "count")
    bad = whole(web, f"number\n+{OURS}\nx\n", 2)
    assert (bad.status_code, bad.json()["taken"]) == (422, 0)
    assert bad.json()["refusals"][0]["place"] == ":3"
    assert whole(web, "msisdn\n", 0).status_code == 422
    assert whole(web, "", 0, "application/json").status_code == 415
    assert away(tables) == [OURS, OURS + 1]
    lines = f'{{"number": "+{OURS + 5}"}}\n{{"number": "+{OTHERS}"}}\n'
    later = wall_us() + 2_000_000
    some = whole(web, lines, 2, "application/x-ndjson", complete_us=later)
    assert (some.status_code, some.json()["taken"], some.json()["complete_us"]) == (207, 1, later)
    assert away(tables) == [OURS + 5]


@pytest.mark.parametrize("operator", [{}, [], [[]], 5, True, 1.5, "x" * 1_000, "\u0000"])
def test_an_operator_that_is_no_code_is_refused(web: Any, tables: Path, operator: object) -> None:
    port = {"number": f"+{OURS}", "operator": operator, "at_us": wall_us()}
    good = {**port, "operator": "tau"}
    said = web.post(PORTS, "port", json={"ports": [port, good]})
    assert said.status_code in (207, 422)
    assert operator == "\u0000" or said.json()["taken"] == 1
