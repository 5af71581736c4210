"""The program that makes legs, and the body that hands devices in, against a real centre
(REQ-47, 48, 49)."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from qalqan.register import orm
from qalqan.trust import legs

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "registry-of-devices-and-numbers.md"


def blocks(language: str) -> list[str]:
    text = PAGE.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def test_the_program_on_the_page_tells_legs(centre: Any) -> None:
    token, told = centre.partner("jol", "operator"), dict[str, Any]()
    exec(blocks("python")[0], told)
    assert len(blocks("python")[0].split("\n\n\n", 1)[1].strip().splitlines()) <= 15
    now = centre.clock.now_us()
    day = datetime.fromtimestamp(now // 10**6, UTC).date()
    caller, callee = "+77011234567", "+77272501234"
    call = {
        "id": "c-1", "at_us": now - 60_000_000, "caller": caller, "callee": callee,
        "direction": "out", "peer": "dala", "trunk_class": "domestic", "duration_s": 5,
        "answered": True,
    }  # fmt: skip
    receipt = told["tell"](centre.address, token, day, [call])
    assert receipt["accepted"] == 1, receipt
    assert call["leg"] == legs.leg(legs.day_key(centre.keys, day), caller, callee)
    assert "caller" not in call
    with centre.database.session() as session:
        noted = session.query(orm.Audit).filter_by(action="legs.key").one()
        assert noted.actor == "partner:jol"


def test_the_body_on_the_page_is_taken(centre: Any) -> None:
    token = centre.partner("jol", "operator")
    answer = httpx.post(
        f"{centre.address}/v1/devices", json=json.loads(blocks("json")[0]), trust_env=False,
        headers={"Authorization": f"Bearer {token}"},
    )  # fmt: skip
    assert [(each["list"], each["waits"]) for each in answer.json()["devices"]] == [
        ("white", False), ("unlisted", True),
    ]  # fmt: skip
