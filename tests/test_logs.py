"""A log line says what happened, and nothing about anybody."""

from __future__ import annotations

import io
import json
import logging
import sys
import threading
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qalqan import logs

IIN, PHONE, NAME = "990101300123", "+7 701 123 45 67", "Айгүл Сәрсенова"


@pytest.fixture(params=["json", "text"])
def lines(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """What the process writes to stderr once its logs are ours."""
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    hooks = sys.excepthook, threading.excepthook
    with logs.in_our_shape(request.param, "info"):
        yield written
    assert (sys.excepthook, threading.excepthook) == hooks


def failed(text: str) -> None:
    raise ValueError(text)


def test_personal_values_that_slip_are_masked(lines: io.StringIO) -> None:
    log = logging.getLogger("qalqan.web")
    logs.told(log, f"call {PHONE}", account="KZ92211A000010000000", iin=IIN, status=200)
    with logs.within(job=f"pursue {IIN}"):
        log.warning("of %s", PHONE)
    text = lines.getvalue()
    assert text.count("\n") == 2
    assert "200" in text
    for value in (IIN, PHONE, "7011234567", "KZ92211A000010000000"):
        assert value not in text


def test_an_error_is_told_by_kind_and_place(lines: io.StringIO) -> None:
    try:
        failed(f"no such person: {NAME}")
    except ValueError:
        logging.getLogger("qalqan.work").warning("a job failed", exc_info=True)
    text = lines.getvalue()
    assert NAME not in text
    assert "ValueError" in text
    assert "test_logs.py" in text
    assert text.count("\n") == 1


def test_strangers_templates_are_kept_and_what_fills_them_is_not(lines: io.StringIO) -> None:
    logging.getLogger("httpx").warning("HTTP Request: %s %s", "POST", f"/x?name={NAME}")
    logging.getLogger("asyncio").error(f"Task exception was never retrieved\nfuture: {NAME}")
    text = lines.getvalue()
    assert "HTTP Request" in text
    assert "never retrieved" in text
    assert NAME not in text


def test_an_error_that_nobody_caught_is_told_the_same_way(lines: io.StringIO) -> None:
    thread = threading.Thread(target=failed, args=(NAME,))
    thread.start()
    thread.join()
    try:
        failed(NAME)
    except ValueError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    text = lines.getvalue()
    assert text.count("nobody caught: ValueError at ") == 2
    assert text.count(" failed") == 2
    assert NAME not in text


def test_every_line_of_a_block_carries_its_fields(lines: io.StringIO) -> None:
    log = logging.getLogger("qalqan.web")
    with logs.within(request="r1"), logs.within(job="seal"):
        log.info("inside")
    log.info("outside")
    inside, outside = lines.getvalue().splitlines()
    for part in ("r1", "seal"):
        assert part in inside
        assert part not in outside


def test_a_line_of_json_is_one_object_whatever_is_in_it(lines: io.StringIO) -> None:
    logs.told(logging.getLogger("qalqan.web"), 'a "b"\nc\x1b[31m', field="x\r\ny" * 1000)
    (line,) = lines.getvalue().splitlines()
    assert "\x1b" not in line
    assert len(line) < 3 * logs.LONGEST
    if line.startswith("{"):
        assert json.loads(line)["level"] == "info"


def test_what_is_below_the_level_is_not_written(lines: io.StringIO) -> None:
    logging.getLogger("qalqan.web").debug("too much")
    logging.getLogger("sqlalchemy.engine").info("SELECT 1")
    assert lines.getvalue() == ""


@pytest.mark.parametrize(
    "given_",
    [
        str(uuid.UUID(int=2**127 + 5)),
        "0123456789abcdef0123456789ABCDEF",
        "01ARZ3NDEKTSV4RRFFQ69G5FAV",
    ],
)
def test_an_id_of_a_request_is_taken(given_: str) -> None:
    assert logs.request_id(given_) == given_


@pytest.mark.parametrize(
    "given_",
    [None, "", IIN, "77011234567", "4000 0000 0000 0002", NAME, "KZ92211A000010000000", "a" * 33,
     "0123456789abcdef0123456789abcdef\n", "../../etc/passwd"],
)  # fmt: skip
def test_what_may_be_a_person_is_no_id_of_a_request(given_: str | None) -> None:
    fresh = logs.request_id(given_)
    assert fresh != given_
    assert len(fresh) == 32


@given(st.text())
def test_any_text_makes_an_id(text: str) -> None:
    assert len(logs.request_id(text)) in (26, 32, 36)
