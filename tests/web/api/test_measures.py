"""Measures by API: who may read them, who may keep them, and what is said of their effect."""

from __future__ import annotations

from typing import Any

import pytest

KEY = {"Idempotency-Key": "m-1"}
BODY = {"names": {"kk": "Қоңырауларды белгілеу"}, "owner": "ЦДИАӨМ", "due_day": "2030-01-01"}


@pytest.fixture
def boss(web: Any) -> Any:
    web.sign_in("asel")
    return web


def made(web: Any) -> str:
    answer = web.post("/v1/measures", "asel", json=BODY, headers=KEY)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["measure"])


def test_a_measure_is_kept_read_and_judged(boss: Any) -> None:
    number = made(boss)
    page = boss.get("/v1/measures", "asel").json()
    assert [each["measure"] for each in page["measures"]] == [number]
    assert boss.get("/v1/measures", "asel", params={"after": number}).json()["measures"] == []
    assert boss.get(f"/v1/measures/{number}/effect", "asel").status_code == 404
    body = {"start": "2029-01", "methods": ["28"], "against": "methods"}
    kept = boss.post(f"/v1/measures/{number}/designs", "asel", json=body)
    assert (kept.status_code, kept.json()["late"]) == (200, False)
    told = boss.get(f"/v1/measures/{number}/effect", "asel").json()
    assert (told["verdict"], told["because"]) == ("unknown", "not_yet")
    whole = boss.get(f"/v1/measures/{number}", "asel").json()
    assert whole["steps"][0]["event"] == "add"
    assert whole["designs"][0]["body"]["methods"] == ["28"]


@pytest.mark.parametrize(
    "body", [{}, {**BODY, "names": {}}, {**BODY, "due_day": "x"}, {**BODY, "more": 1}]
)
def test_what_is_no_measure_is_refused(boss: Any, body: Any) -> None:
    answer = boss.post("/v1/measures", "asel", json=body, headers=KEY)
    assert answer.status_code == 422


def test_who_may_not_is_refused(boss: Any) -> None:
    number = made(boss)
    boss.sign_in("marat")  # a prosecutor sees no figures
    for path in ("/v1/measures", "/v1/programmes", "/v1/plans", f"/v1/measures/{number}"):
        assert boss.get(path, "marat").status_code == 403
    move = boss.post(f"/v1/measures/{number}/moves", "marat", json={"event": "start"})
    assert move.status_code == 403


def test_the_second_person_is_another(boss: Any) -> None:
    path = f"/v1/measures/{made(boss)}"
    boss.post(f"{path}/evidence", "asel", json={"kind": "document", "reference": "Order 12"})
    for event in ("start", "claim"):
        boss.post(f"{path}/moves", "asel", json={"event": event}).raise_for_status()
    assert boss.post(f"{path}/moves", "asel", json={"event": "agree"}).status_code == 403
    boss.sign_in("daniyar")
    done = boss.post(f"{path}/moves", "daniyar", json={"event": "agree"})
    assert done.json()["state"] == "done"


def test_a_plan_is_asked_about_and_silence_is_recorded(boss: Any) -> None:
    body = {"title": "Кешенді жоспар", "bodies": ["Ұлттық банк", "Бас прокуратура"]}
    number = boss.post("/v1/plans", "asel", json=body, headers=KEY).json()["plan"]
    path = f"/v1/plans/{number}"
    text = {"language": "kk", "words": "1. Операторлар қоңырауларды белгілейді."}
    assert boss.post(f"{path}/rounds", "asel", json={"due_day": "2030-01-01"}).status_code == 409
    boss.post(f"{path}/versions", "asel", json=text).raise_for_status()
    boss.post(f"{path}/rounds", "asel", json={"due_day": "2030-01-01"}).raise_for_status()
    boss.post(f"{path}/comments", "asel", json={"body": "Ұлттық банк"}).raise_for_status()
    boss.post(f"{path}/close", "asel").raise_for_status()
    said = {each["body"]: each["state"] for each in boss.get(path, "asel").json()["comments"]}
    assert said == {"Ұлттық банк": "agreed", "Бас прокуратура": "silent"}
    assert [each["plan"] for each in boss.get("/v1/plans", "asel").json()["plans"]] == [number]
