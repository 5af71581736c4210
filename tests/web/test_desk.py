"""Facts left at the desk: too much at once is answered with a date, long bodies wait apart."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest

from qalqan.errors import Overfull
from qalqan.lake.sealing import seal
from qalqan.lake.waiting import Bounds
from qalqan.web.api.facts import SHORT_FACTS
from qalqan.web.desk import LONG_OF_ALL, LONG_OF_ONE, Desk

LONG_S = 60
"""Only a hanging test waits as long."""


def tell(web, count=1, **more):
    facts = [web.payment(f"p-{n}") for n in range(count)]
    return web.post("/v1/facts/payment", "altyn", json={"facts": facts}, **more)


def behind(web):
    """A centre whose sealing has fallen behind."""
    web.http.app.state.desk.close()
    web.http.app.state.desk = Desk(web.http.app.state.desk.centre, Bounds(unsealed=0))
    end = time.monotonic() + LONG_S
    while (answer := tell(web)).status_code != 429:
        assert time.monotonic() < end
        time.sleep(0.02)
    return answer


@pytest.mark.parametrize(
    ("language", "word"), [("kk", "қайталаңыз"), ("ru", "Повторите"), ("en", "Try again")]
)
def test_too_much_is_answered_with_a_date(web, language, word):
    assert behind(web).json()["error"]["of"] == "behind"
    answer = tell(web, language=language)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (429, "overfull")
    assert word in error["message"]
    when = parsedate_to_datetime(answer.headers["retry-after"])
    assert when.timestamp() * 1_000_000 == error["retry_at_us"]
    assert datetime.now(UTC) - timedelta(seconds=1) < when < datetime.now(UTC) + timedelta(hours=1)


def test_long_bodies_are_turned_away_as_well_and_all_come_again(web):
    behind(web)
    assert tell(web, SHORT_FACTS + 1).status_code == 429
    desk = web.http.app.state.desk
    seal(web.database, desk.centre.lake_root)
    end = time.monotonic() + LONG_S
    while tell(web).status_code != 200:
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_partner_has_few_long_bodies_in_hand(web):
    desk = web.http.app.state.desk
    with pytest.raises(Overfull), open_rooms(desk, ["altyn"] * (LONG_OF_ONE + 1)):
        pass
    with open_rooms(desk, ["altyn"] * LONG_OF_ONE):
        assert tell(web, SHORT_FACTS + 1).json()["error"]["of"] == "long"
        assert tell(web).status_code == 200
    assert tell(web, SHORT_FACTS + 1).status_code == 200


def test_all_together_have_few_long_bodies_in_hand(web):
    desk = web.http.app.state.desk
    partners = [f"bank-{n}" for n in range(LONG_OF_ALL)]
    with open_rooms(desk, partners), pytest.raises(Overfull):
        desk.long_of("altyn").__enter__()


@contextmanager
def open_rooms(desk, partners):
    """Takes room for long bodies of these partners."""
    with ExitStack() as rooms:
        for partner in partners:
            rooms.enter_context(desk.long_of(partner))
        yield


def test_long_and_short_bodies_share_keys(web):
    headers = {"Idempotency-Key": "k"}
    first = tell(web, SHORT_FACTS + 1, headers=headers)
    assert tell(web, SHORT_FACTS + 1, headers=headers).json() == first.json()
    assert tell(web, 1, headers=headers).status_code == 409


def test_a_server_that_stops_answers_what_it_took(web):
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(tell(web))) for _ in range(8)]
    for thread in threads:
        thread.start()
    web.http.app.state.desk.close()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} <= {200, 503}
    assert tell(web).status_code == 503
