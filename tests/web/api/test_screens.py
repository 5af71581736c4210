"""Banks ask the screens over HTTP: a real owner beside real web processes, killed among it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from qalqan.clock import DAY
from qalqan.register import indicators
from qalqan.screening.policy import default_body
from qalqan.settings import Settings
from qalqan.trust.tokens import token
from qalqan.web.app import make_app
from qalqan.work.screens import again, lists, wire
from web.conftest import DROP, VICTIM, TestClient, Web

PAYMENTS, LOANS = "/v1/screen/payments", "/v1/screen/loans"
BORROWER, OTHER = "900101300017", "850505400018"


def payment(web: Web, number: str = "s-1", **more: Any) -> dict[str, Any]:
    """One payment about to be made."""
    return {
        "id": number, "at_us": web.clock.now_us(), "payer_account": VICTIM, "payee_account": DROP,
        "amount": 50_000_00, "currency": "KZT",
    } | more  # fmt: skip


def loan(web: Web, number: str = "l-1", **more: Any) -> dict[str, Any]:
    """One loan about to be granted."""
    return {
        "id": number, "at_us": web.clock.now_us(), "applicant": BORROWER, "amount": 300_000_00,
        "currency": "KZT",
    } | more  # fmt: skip


def home_of(web: Web) -> Path:
    settings: Settings = web.http.app.state.settings  # type: ignore[attr-defined]
    return settings.home


@contextmanager
def owner(web: Web) -> Iterator[subprocess.Popen[bytes]]:
    """The owner's process, once it is ready; ended with the block unless it is dead already."""
    child = subprocess.Popen(
        [sys.executable, "-m", "qalqan", "screen", "own"],
        env={**os.environ, "QALQAN_HOME": str(home_of(web)), "QALQAN_PARENT": ""},
        stderr=subprocess.DEVNULL,
    )
    try:
        until = time.monotonic() + 60
        while "no_state" in web.post(PAYMENTS, "altyn", json=payment(web, "probe")).json():
            assert time.monotonic() < until, "the owner does not get ready"
            assert child.poll() is None, "the owner ended"
            time.sleep(0.05)
        yield child
    finally:
        child.terminate()
        child.wait(timeout=30)


def approve(web: Web) -> None:
    with web.database.write() as session:
        lists.install(session, default_body(), ["asel", "daniyar"])


def put_on_list(web: Web, account: str = DROP) -> None:
    now_us = web.clock.now_us()
    entry = indicators.Entry(
        "account", token(web.keys, "account", account), indicators.BLOCK, "kz.payments.hold",
        "seen in three cases", "case", now_us + DAY,
    )  # fmt: skip
    with web.database.write() as session:
        indicators.put(session, entry, ["asel", "daniyar"])


def seen(web: Web) -> tuple[Any, float]:
    """The owner as `/ready` and `/metrics` tell it."""
    web.http.app.state.ready = None  # type: ignore[attr-defined]
    (told,) = [
        sample.value
        for family in text_string_to_metric_families(metrics_of(web))
        for sample in family.samples
        if sample.name == "qalqan_screen_ready"
    ]
    return web.get("/ready").json()["parts"]["screens"]["seen"], told


def metrics_of(web: Web) -> str:
    state = web.http.app.state  # type: ignore[attr-defined]
    state.settings = state.settings.model_copy(update={"metrics_token": SecretStr("t")})
    return web.get("/metrics", headers={"Authorization": "Bearer t"}).text


def test_verdicts_survive_a_killed_owner_and_are_the_same_in_every_web_process(web):
    approve(web)
    put_on_list(web)
    with owner(web) as first:
        held = web.post(PAYMENTS, "altyn", json=payment(web)).json()
        assert (held["verdict"], held["policy"]) == ("hold", 1)
        assert [one["code"] for one in held["rules"]] == ["payments.payee_listed"]
        assert held["rules"][0]["customer"].keys() == {"kk", "ru", "en"}
        assert [one["code"] for one in held["grounds"]] == ["kz.payments.hold"]
        assert held["until_us"] == held["at_us"] + DAY

        assert seen(web) == (0, 1)

        again_ = web.post(PAYMENTS, "altyn", json=payment(web)).json()
        assert again_ == held
        other = web.post(PAYMENTS, "altyn", json=payment(web, amount=1))
        assert other.status_code == 409
        keyed = web.post(
            PAYMENTS, "altyn", json=payment(web, amount=1), headers={"Idempotency-Key": "k-9"}
        ).json()
        assert (keyed["id"], keyed["verdict"]) == ("k-9", "hold")

        remote = {"session": {"remote_access": True}}
        asked = payment(web, "s-2", payee_account="223:X7", **remote)
        challenged = web.post(PAYMENTS, "altyn", json=asked).json()
        assert (challenged["verdict"], challenged["challenge"]) == ("challenge", "biometric")
        quiet = web.post(PAYMENTS, "altyn", json=payment(web, "s-3", payee_account="223:X8"))
        assert (quiet.json()["verdict"], quiet.json()["rules"]) == ("pass", [])

        for lender, number in (("altyn", "l-1"), ("baiterek", "l-2")):
            body = loan(web, number, payout_account="223:B1", payout_holder=BORROWER)
            assert web.post(LOANS, lender, json=body).json()["verdict"] == "pass"

        with TestClient(make_app(Settings(home=home_of(web), language="ru"))) as http:
            second = Web(http, web.clock, web.tokens)
            assert second.post(PAYMENTS, "altyn", json=payment(web)).json() == held
        first.send_signal(signal.SIGKILL)
        first.wait()

    assert seen(web) == ("away", 0)
    assert wire.socket_of(home_of(web), 0).exists(), "the killed owner's socket is still there"
    gone = web.post(PAYMENTS, "altyn", json=payment(web, "s-9"))
    assert (gone.status_code, gone.json()["verdict"]) == (200, "pass")
    assert gone.json()["no_state"] is True
    assert gone.json()["until_us"] == gone.json()["at_us"]

    with owner(web):
        assert web.post(PAYMENTS, "altyn", json=payment(web)).json() == held
        other = web.post(PAYMENTS, "altyn", json=payment(web, amount=1))
        assert other.status_code == 409
        third = loan(web, "l-3", amount=200_000_00, payout_holder=OTHER)
        told = web.post(LOANS, "baiterek", json=third).json()
        assert told["verdict"] == "challenge"
        assert {one["code"] for one in told["rules"]} == {
            "loans.payout_to_other", "loans.several_lenders",
        }  # fmt: skip
        refused = loan(web, "l-4", refusal_registered=True)
        told = web.post(LOANS, "baiterek", json=refused).json()
        assert (told["verdict"], told["refusal_note"].keys()) == ("refuse", {"kk", "ru", "en"})
        assert [one["confirmed"] for one in told["grounds"]] == [False]

    settings = Settings(home=home_of(web), language="en")
    count, different = again.all_again(web.database, settings)
    assert (count >= 8, different) == (True, [])


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
@pytest.mark.parametrize(
    ("path", "change", "field"),
    [
        (PAYMENTS, {"amount": 0}, "amount"),
        (PAYMENTS, {"payer_account": "223:D5"}, "payer_account"),
        (PAYMENTS, {"payee_account": None}, "payee_account"),
        (PAYMENTS, {"currency": "???"}, "currency"),
        (PAYMENTS, {"at_us": 5}, "at_us"),
        (PAYMENTS, {"payee_country": "ZZ"}, "payee_country"),
        (LOANS, {"applicant": "123"}, "applicant"),
        (LOANS, {"surprise": 1}, "surprise"),
    ],
)
def test_a_question_that_does_not_fit_is_refused_in_the_readers_language(
    web, language, path, change, field
):
    body = (payment(web) if path == PAYMENTS else loan(web)) | change
    answer = web.post(path, "altyn", json=body, language=language)
    assert answer.status_code == 422
    assert field in answer.text
    said = web.post(path, "altyn", json=body, language="en" if language == "kk" else "kk")
    assert said.text != answer.text


@pytest.mark.parametrize(("who", "status"), [(None, 401), ("hotline", 403), ("dala", 403)])
def test_only_who_pays_or_lends_may_ask(web, who, status):
    assert web.post(PAYMENTS, who, json=payment(web)).status_code == status
    assert web.post(LOANS, who, json=loan(web)).status_code == status
