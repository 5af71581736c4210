"""Operators hand their devices in, each judged by itself (REQ-47)."""

from __future__ import annotations

from typing import Any

import pytest

from qalqan.register import orm

IMEI, OTHER = "490154203237518", "356938035643809"
WHITE = {"imei": IMEI, "list": "white", "reference": "Licence 12/2025"}


def told(web: Any, *devices: Any, who: str | None = "dala", language: str = "en") -> Any:
    return web.post("/v1/devices", who, json={"devices": list(devices)}, language=language)


def test_each_device_is_judged_by_itself(web: Any) -> None:
    answer = told(
        web, WHITE, {"imei": OTHER, "list": "black", "note": "Not ours"},
        {"imei": "490154203237519", "list": "white", "reference": "L"},
        {"imei": "353918051234567", "list": "blue"}, {**WHITE, "reference": ""},
        {**WHITE, "until": "soon"},
    )  # fmt: skip
    assert answer.status_code == 207
    first, second, *wrong = answer.json()["devices"]
    assert first == {"place": 0, "list": "white", "waits": False}
    assert second == {"place": 1, "list": "unlisted", "waits": True}
    assert [(each["place"], each["error"]["field"]) for each in wrong] == [
        (2, "imei"), (3, "list"), (4, "reference"), (5, "until"),
    ]  # fmt: skip
    with web.database.session() as session:
        assert session.query(orm.Device).count() == 2
        noted = session.query(orm.Audit).filter_by(action="device_put").all()
        assert {row.actor for row in noted} == {"partner:dala"}
        assert IMEI not in repr([vars(row) for row in session.query(orm.Audit)])


def test_all_refused_is_an_error(web: Any) -> None:
    answer = told(web, {"imei": "12", "list": "white"}, language="kk")
    assert answer.status_code == 422
    assert answer.json()["error"] == answer.json()["devices"][0]["error"]


@pytest.mark.parametrize(
    "body", [{}, {"devices": []}, {"devices": [{}]}, {"devices": [{**WHITE, "holder": "jol"}]}]
)
def test_a_body_that_is_none_is_refused(web: Any, body: Any) -> None:
    assert web.post("/v1/devices", "dala", json=body).status_code == 422


def test_only_operators_tell_devices(web: Any) -> None:
    for who, status in (("altyn", 403), ("hotline", 403), (None, 401)):
        assert told(web, WHITE, who=who).status_code == status
