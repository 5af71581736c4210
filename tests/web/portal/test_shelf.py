"""Documents that anybody may ask for, made once and a few at a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from qalqan.errors import Unavailable
from qalqan.web.portal.shelf import Shelf

KEY = ("digest", "kk", "pdf")


def test_many_who_ask_at_once_have_it_made_once():
    made = []
    shelf = Shelf(waiting=20)
    with ThreadPoolExecutor(20) as pool:
        got = list(pool.map(lambda _: shelf.get(KEY, lambda: made.append(1) or b"it"), range(20)))
    assert got == [b"it"] * 20
    assert made == [1]


def test_who_would_wait_too_long_is_told_and_what_is_made_is_given_all_the_same():
    shelf, begun, go_on = Shelf(waiting=1), Event(), Event()
    shelf.get(KEY, lambda: b"it")

    def slow() -> bytes:
        begun.set()
        assert go_on.wait(10)
        return b"slow"

    with ThreadPoolExecutor(1) as pool:
        waits = pool.submit(shelf.get, ("other", "kk", "pdf"), slow)
        assert begun.wait(10)
        with pytest.raises(Unavailable):
            shelf.get(("third", "kk", "pdf"), lambda: b"third")
        assert shelf.get(KEY, lambda: b"anew") == b"it"
        go_on.set()
        assert waits.result(10) == b"slow"


def test_a_failure_takes_no_place_and_is_not_kept():
    shelf = Shelf(waiting=1)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            shelf.get(KEY, lambda: b"%d" % (1 // 0))
    assert shelf.get(KEY, lambda: b"it") == b"it"


def test_the_oldest_makes_room():
    shelf = Shelf(kept=2)
    for name in "abc":
        shelf.get((name, "kk", "pdf"), name.encode)
    assert shelf.get(("c", "kk", "pdf"), lambda: b"anew") == b"c"
    assert shelf.get(("a", "kk", "pdf"), lambda: b"anew") == b"anew"
