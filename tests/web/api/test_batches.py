"""A partner counts the batches he handed in, and nobody else's (REQ-19)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import insert

from qalqan.lake.files import take_file
from qalqan.lake.hand_in import Centre
from qalqan.lake.upkeep.expiry import _add_up
from qalqan.register import orm

COUNTS = ("read", "accepted", "duplicate", "quarantined")


@pytest.fixture
def server(either_server: str | None) -> str | None:
    return either_server


def tell(web: Any, facts: list[Any], who: str = "altyn", key: str = "k-1") -> Any:
    headers = {"Idempotency-Key": key}
    return web.post("/v1/facts/payment", who, json={"facts": facts}, headers=headers).json()


def listed(web: Any, who: str = "altyn", **asked: Any) -> dict[str, Any]:
    answer = web.get("/v1/facts/batches", who, params=asked)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def test_nothing_came_yet(web: Any) -> None:
    assert listed(web) == {"batches": [], "next": ""}


def test_the_receipt_and_the_list_say_the_same(web: Any) -> None:
    receipt = tell(web, [web.payment("a"), web.payment("b", amount=-1), web.payment("a")])
    (one,) = listed(web)["batches"]
    assert {name: one[name] for name in COUNTS} == {name: receipt[name] for name in COUNTS}
    assert [one[name] for name in COUNTS] == [3, 1, 1, 1]
    assert (one["batch"], one["key"], one["kind"]) == (receipt["batch"], "k-1", "payment")
    assert (one["way"], one["of"], one["at_us"]) == ("post", None, web.clock.now_us())
    refused = web.get("/v1/facts/quarantine", "altyn", params={"batch": one["batch"]}).json()
    assert len(refused["refused"]) == one["quarantined"]


def test_only_ones_own(web: Any) -> None:
    tell(web, [web.payment("a")])
    tell(web, [web.payment("b", side="payee")], "baiterek")
    batches = {who: listed(web, who)["batches"] for who in ("altyn", "baiterek", "watch")}
    assert [len(each) for each in batches.values()] == [1, 1, 0]
    assert batches["altyn"][0]["batch"] != batches["baiterek"][0]["batch"]
    assert web.get("/v1/facts/batches").status_code == 401


def test_a_statement_and_its_lines_answers_and_files(web: Any, tmp_path: Any) -> None:
    message = web.asked()
    web.post(f"/v1/orders/{message.order}/answers", "altyn", json=web.confirmed(message))
    now = web.clock.now_us()
    statement = {
        "id": "s", "account": "211:V9", "bank": "211", "at_us": now, "from_us": now - 9,
        "to_us": now, "currency": "KZT", "opening": 0, "closing": 0, "complete": True, "lines": [],
    }  # fmt: skip
    told = web.post(
        "/v1/facts/statement", "altyn", json={"facts": [statement]},
        headers={"Idempotency-Key": "x/lines"},
    )  # fmt: skip
    assert told.status_code == 200, told.text
    path = tmp_path / "monday.jsonl"
    path.write_text(json.dumps(web.payment("f")) + "\n", "utf-8")
    take_file(
        Centre(web.database, web.keys, str(tmp_path / "lake")), "payment", path, source="altyn"
    )
    found = listed(web)["batches"]
    assert {(one["way"], one["of"], one["kind"], one["key"]) for one in found} == {
        ("answer", message.order, "payment", None), ("post", None, "statement", "x/lines"),
        ("post", None, "payment", "x/lines"), ("file", "monday.jsonl", "payment", None),
    }  # fmt: skip
    assert [one["kind"] for one in listed(web, kind="statement")["batches"]] == ["statement"]


def test_the_newest_first_page_after_page_though_more_come_meanwhile(web: Any) -> None:
    with web.database.write() as session:
        rows = [
            {
                "batch": f"b-{n:02}", "kind": "payment", "source": "altyn", "name": "C-26-000001 7",
                "read": 1, "accepted": 1, "duplicate": 0, "quarantined": 0, "receipt": {},
                "started_us": 1_000 + n // 3, "finished_us": 2_000,
            }
            for n in range(10)
        ]  # fmt: skip
        session.execute(insert(orm.Batch), rows)
    seen, after = [], ""
    for turn in range(9):
        page = listed(web, after=after, limit=3)
        assert {(one["way"], one["of"]) for one in page["batches"]} == {("paper", None)}
        seen += [one["batch"] for one in page["batches"]]
        tell(web, [web.payment(f"p-{turn}")], key=f"k-{turn}")
        if not (after := page["next"]):
            break
    assert seen == [f"b-{n:02}" for n in reversed(range(10))]


def test_what_retention_added_up_says_so(web: Any) -> None:
    tell(web, [web.payment("a"), web.payment("b")])
    with web.database.write() as session:
        gone = session.query(orm.Batch).all()
        _add_up(session, gone)
        session.query(orm.Batch).filter(orm.Batch.name != "dropped").delete()
    (one,) = listed(web)["batches"]
    assert (one["way"], one["read"], one["accepted"], one["key"]) == ("sum", 2, 2, None)


def test_the_newest_are_found_by_an_index(web: Any) -> None:
    with web.database.session() as session:
        found = plan(session, "source = 'altyn' AND (started_us, batch) < (9, 'b')")
    assert "batches_newest" in found
    assert "TEMP B-TREE" not in found.upper()
    assert "Sort" not in found


def plan(session: Any, where: str) -> str:
    """How the register means to find a page."""
    connection = session.connection()
    asked = f"SELECT read FROM batches WHERE {where} ORDER BY started_us DESC, batch DESC LIMIT 9"
    if connection.dialect.name == "sqlite":
        return "\n".join(r[3] for r in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}"))
    connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # few rows lie together anyway
    connection.exec_driver_sql("SET LOCAL enable_bitmapscan = off")
    return "\n".join(row[0] for row in connection.exec_driver_sql(f"EXPLAIN {asked}"))


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"after": "x"}, "after"), ({"after": "7"}, "after"), ({"after": "1.b\n"}, "after"),
        ({"after": f"{2**63}.b"}, "after"), ({"limit": 0}, "limit"), ({"limit": 1001}, "limit"),
        ({"kind": "rumour"}, "kind"), ({"after": "9" * 61}, "after"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_a_cursor_that_was_never_given_is_refused(
    web: Any, asked: dict[str, Any], field: str, language: str
) -> None:
    answer = web.get("/v1/facts/batches", "altyn", params=asked, language=language)
    assert answer.status_code == 422
    assert field in answer.json()["error"]["field"]
    assert answer.json()["error"]["message"]
