"""The register of drops by API: what is in view, in tokens alone."""

from __future__ import annotations

from persons import Officer
from qalqan.cases import drops, seen

ASEL = Officer("asel", "supervisor")


def test_drops_are_read_by_officers_alone_and_show_tokens(web):
    case = web.report().json()["case"]
    with web.database.write() as session:
        (entity,) = [e for e in seen.of_case(session, case) if e.source == "report"]
        drops.open_drop(session, ASEL, case, seen.mark_of(entity.subject), "drop", "seen")
    web.sign_in()
    found = web.get("/v1/drops", "asel").json()
    assert [(each["id"], each["cases"]) for each in found["drops"]] == [("D-26-000001", 1)]
    assert found["figures"]["identified"] == 1
    one = web.get("/v1/drops/D-26-000001", "asel").json()
    assert one["accounts"] == [entity.subject]
    assert [(step["what"], step["value"]) for step in one["history"]] == [("role", "drop")]
    assert web.get("/v1/drops/D-26-000009", "asel").status_code == 404
    assert web.get("/v1/drops?role=king", "asel").status_code == 422
    assert web.get("/v1/drops").status_code == 401
    assert web.get("/v1/drops", "altyn").status_code in (401, 403)
