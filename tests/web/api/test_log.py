"""The log as a witness sees it: without leave, without rows."""

from __future__ import annotations

import base64
import dataclasses
from typing import Any

import pytest
from sqlalchemy import delete

from qalqan.cli.witness import watch
from qalqan.errors import NotAllowed, Unavailable
from qalqan.register import audit, log
from qalqan.register.log_check import Difference
from qalqan.register.orm import LogCheckpoint
from qalqan.trust import checkpoints, merkle
from qalqan.trust.keys import Keys


def grow(web: Any) -> None:
    with web.database.write() as session:
        audit.note(session, "aigul", "view", "case", "C-26-000001")
    log.keep_up(web.database, web.keys)


def test_a_witness_follows_the_log_by_checkpoints_alone(web: Any) -> None:
    grow(web)
    verifier = web.get("/v1/log/key").text.strip()
    first, found = watch(web.http, verifier, [])
    assert found == []
    grow(web)
    second, found = watch(web.http, verifier, [first])
    assert (second.size, found) == (first.size + 1, [])
    told = web.get(f"/v1/log/inclusion?seq={first.size}&size={second.size}").json()
    leaf, *path = (base64.b64decode(step) for step in [told["leaf"], *told["path"]])
    assert merkle.is_included(leaf, first.size, second.size, path, second.root)
    # Another history: what was kept is of it.
    forged = dataclasses.replace(first, root=bytes(32))
    assert watch(web.http, verifier, [forged, second])[1] == [
        Difference("checkpoint.other", f"checkpoint {second.size}")
    ]
    twin = dataclasses.replace(second, root=bytes(32))
    assert [each.kind for each in watch(web.http, verifier, [twin])[1]] == ["checkpoint.other"]
    ahead = dataclasses.replace(second, size=99)
    assert watch(web.http, verifier, [ahead])[1] == [
        Difference("checkpoint.ahead", "checkpoint 99")
    ]
    other = checkpoints.verify_key(Keys.new().log_key.public_key())
    with pytest.raises(NotAllowed):
        watch(web.http, other, [first])


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("consistency?first=2&second=1", 404),
        ("consistency?first=0&second=100000", 404),
        ("consistency?first=-1&second=1", 422),
        ("consistency?first=0", 422),
        ("inclusion?seq=5&size=5", 404),
        ("inclusion?seq=x&size=5", 422),
        (f"inclusion?seq=0&size={2**62}", 422),
    ],
)
def test_what_can_not_be_proved_is_refused(web: Any, path: str, status: int) -> None:
    grow(web)
    assert web.get(f"/v1/log/{path}").status_code == status


def test_before_the_first_checkpoint_there_is_none(web: Any) -> None:
    with web.database.write() as session:
        session.execute(delete(LogCheckpoint))
    assert web.get("/v1/log/checkpoint").status_code == 404
    with pytest.raises(Unavailable):
        watch(web.http, checkpoints.verify_key(web.keys.log_key.public_key()), [])
