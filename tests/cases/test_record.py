"""The record's search by person reads no report but his: both databases look into indices."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import event

from qalqan.cases import record
from qalqan.trust import tokens


@pytest.fixture
def server(either_server: str | None) -> str | None:
    return either_server


def plan(session: Any, statement: str, given: Any) -> str:
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)
        return "\n".join(row[3] for row in rows)
    # Few rows are read fastest as they lie: asked is whether there is another way.
    connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    return "\n".join(row[0] for row in connection.exec_driver_sql(f"EXPLAIN {statement}", given))


def test_it_scans_no_reports(centre: Any) -> None:
    case = centre.report(victim_name="Асқаров Дәурен").case
    person = tokens.token(centre.keys, "person", "900101300017")
    ran: list[tuple[str, Any]] = []

    def note(connection: Any, cursor: Any, statement: str, given: Any, *rest: Any) -> None:
        if "FROM reports" in statement:
            ran.append((statement, given))

    event.listen(centre.database.engine, "before_cursor_execute", note)
    try:
        with centre.database.session() as session:
            found = record.about(session, [person])
            assert case in found.right.value
            ((statement, given),) = ran
            told = plan(session, statement, given)
    finally:
        event.remove(centre.database.engine, "before_cursor_execute", note)
    assert not re.search(r"^\W*SCAN |Seq Scan", told, re.M), told
    for index in ("reports_victim", "reports_name", "reports_payer"):
        assert index in told
