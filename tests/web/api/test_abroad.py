"""Requests abroad by API (REQ-70)."""

from __future__ import annotations

from typing import Any

from qalqan.clock import DAY
from web.api.test_repeated import KEY, WISH


def drafted(web: Any, **more: Any) -> Any:
    case = web.report().json()["case"]
    for login in ("asel", "daniyar"):
        web.sign_in(login)
    return web.post(f"/v1/cases/{case}/abroad", "asel", json={**WISH, **more}, headers=KEY)


def test_a_request_goes_from_draft_to_answer(web: Any) -> None:
    made = drafted(web).json()
    path = f"/v1/abroad/{made['id']}"
    assert web.post(f"{path}/approvals", "asel", json={"approved": True}).status_code == 403
    web.post(f"{path}/approvals", "daniyar", json={"approved": True}).raise_for_status()
    sent = web.post(f"{path}/steps", "asel", json={"event": "send"}).json()
    assert (sent["state"], sent["due_us"]) == ("sent", web.clock.now_us() + 3 * DAY)
    (line,) = web.get("/v1/abroad", "asel").json()["requests"]
    assert (line["id"], line["left_us"]) == (made["id"], 3 * DAY)
    told = {"event": "answer", "outcome": "full", "reference": "GE 17"}
    web.post(f"{path}/steps", "asel", json=told).raise_for_status()
    one = web.get(path, "asel").json()
    assert [step["event"] for step in one["history"]] == ["draft", "approve", "send", "answer"]
    assert (one["outcome"], one["reference"], one["words"]) == ("full", "GE 17", WISH["words"])


def test_what_can_not_be_is_told(web: Any) -> None:
    refused = drafted(web, kind="freeze", country="AE")
    assert refused.status_code == 422
    assert "register has none" in refused.json()["error"]["message"]
    assert web.get("/v1/abroad/X-26-000009", "asel").status_code == 404
    assert web.get("/v1/abroad").status_code == 401
    assert web.get("/v1/abroad", "altyn").status_code in (401, 403)
    assert web.get("/v1/abroad", "asel").json()["requests"] == []
