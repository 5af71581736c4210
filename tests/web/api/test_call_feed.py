"""The tables whole and their changes, for those who follow them (REQ-45)."""

from __future__ import annotations

import io
import threading
from pathlib import Path
from typing import Any

import pytest

from qalqan.clock import wall_us
from qalqan.register.orm import Audit
from qalqan.screening.calls import changes, sending
from qalqan.screening.calls.changes import ABROAD, TOLD, Change
from qalqan.screening.calls.screen import Tables
from qalqan.work import call_feed, call_tables, call_tellings
from web.api.test_call_tellings import tables_of
from work.told_calls import OURS


@pytest.fixture
def tables(web: Any, tmp_path: Path) -> Path:
    return tables_of(web, tmp_path)


def tell(tables: Path, number: int = OURS, **more: Any) -> None:
    item = {"number": f"+{number}", "abroad": True, "at_us": wall_us()}
    call_tellings.places(tables, "dala", [item], more.get("complete_us"))


def ask(web: Any, version: int, after: int, wait_s: int = 0) -> Any:
    params = {"version": version, "after": after, "wait_s": wait_s}
    return web.get("/v1/calls/changes", "follow", params=params)


def test_changes_are_told_from_a_place_on(web: Any, tables: Path) -> None:
    version = Tables(tables).about["version"]
    assert ask(web, version, 0).content == b""
    at = wall_us()
    tell(tables, complete_us=at)
    body = ask(web, version, 0).content
    made = [Change(ABROAD, OURS, 1), Change(TOLD, 1, at // 1_000_000)]
    assert list(changes.unpacked(body, 0)) == made
    assert list(changes.unpacked(ask(web, version, 1).content, 1)) == made[1:]
    assert ask(web, version, 2).content == b""


def test_who_waits_is_answered_at_the_change(web: Any, tables: Path) -> None:
    version = Tables(tables).about["version"]
    ask(web, version, 0)
    later = threading.Timer(0.3, tell, (tables,))
    later.start()
    body = ask(web, version, 0, wait_s=20).content  # a test would hang for as long, and fail
    later.join()
    assert list(changes.unpacked(body, 0)) == [Change(ABROAD, OURS, 1)]


def test_where_the_row_does_not_go_on_the_file_has_to_be_fetched(web: Any, tables: Path) -> None:
    version = Tables(tables).about["version"]
    tell(tables)
    for other, after in ((version + 1, 0), (version - 1, 0), (version, 2)):
        said = ask(web, other, after)
        assert said.status_code == 409
        assert said.json()["error"]["state"] == "made anew"
        assert "whole" in said.json()["error"]["message"]
    call_feed.row_of(tables, version).unlink()
    assert ask(web, version, 0).status_code == 409
    call_tables.make_of(
        web.database, web.keys, web.http.app.state.settings, tables.parent / "lists"
    )
    assert ask(web, version, 1).status_code == 409
    assert ask(web, Tables(tables).about["version"], 0).status_code == 200


def test_the_file_comes_whole_and_again_only_if_it_changed(
    web: Any, tables: Path, tmp_path: Path
) -> None:
    tell(tables)
    got = web.get("/v1/calls/tables", "follow")
    assert got.headers["etag"] == f'"{Tables(tables).about["version"]}-1"'
    with (tmp_path / "came").open("w+b") as file:
        sending.received(io.BytesIO(got.content).read, file.fileno())
    came, here = Tables(tmp_path / "came"), Tables(tables)
    assert all(part == came.parts[name] for name, part in here.parts.items())
    known = {"If-None-Match": got.headers["etag"]}
    assert web.get("/v1/calls/tables", "follow", headers=known).status_code == 304
    tell(tables, OURS + 1)
    assert web.get("/v1/calls/tables", "follow", headers=known).status_code == 200
    with web.database.session() as session:
        noted = session.query(Audit).filter_by(action="calls.tables").all()
    assert (noted[0].actor, noted[0].purpose) == ("dala", known["If-None-Match"])
    assert len(noted) == 2


def test_without_tables_or_the_scope_nothing_is_told(web: Any, tables: Path) -> None:
    for who in ("dala", "tell", "altyn"):
        assert web.get("/v1/calls/tables", who).status_code == 403
        params = {"version": 1, "after": 0}
        assert web.get("/v1/calls/changes", who, params=params).status_code == 403
    assert ask(web, -1, 0).status_code == 422
    junk = tables.with_name("junk")
    junk.write_bytes(b"junk" * 20_000)
    junk.replace(tables)
    assert web.get("/v1/calls/tables", "follow").status_code == 404
    tables.unlink()
    assert web.get("/v1/calls/tables", "follow").status_code == 404
