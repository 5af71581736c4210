"""The real application over a fresh register: tests call it as partners and officers do."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import make_url

from homes import copied
from qalqan.cases import delivery
from qalqan.cases.policy import install_default_policy
from qalqan.clock import MINUTE, SharedClock
from qalqan.exchange.order_message import OrderMessage
from qalqan.register import partners, people
from qalqan.register.database import Database
from qalqan.settings import Settings
from qalqan.trust import signing
from qalqan.trust.keys import Keys
from qalqan.web.app import make_app

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it would rather have httpx2, which we don't use elsewhere
    from starlette.testclient import TestClient

PARTNERS = {
    "altyn": ("bank", "211"),
    "baiterek": ("bank", "223"),
    "hotline": ("channel", None),
    "dala": ("operator", None),
    "watch": ("volunteers", None),
}
OFFICERS = {"asel": "supervisor", "daniyar": "supervisor", "marat": "prosecutor"}
PASSWORD = "a long enough password"
YESTERDAY_US = 1_767_164_400_000_000
VICTIM, DROP, AMOUNT = "211:V1", "223:D1", 100_000_00


@dataclass
class Web:
    """The centre as seen over HTTP."""

    http: TestClient
    clock: SharedClock
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def database(self) -> Database:
        return self.http.app.state.database  # type: ignore[attr-defined]

    @property
    def keys(self) -> Keys:
        return self.http.app.state.keys  # type: ignore[attr-defined]

    def call(
        self, method: str, path: str, who: str | None = None, language: str = "en", **more: Any
    ) -> httpx.Response:
        """One request, as a partner or as an officer who has signed in."""
        headers = {"Accept-Language": language, **more.pop("headers", {})}
        if who is not None:
            headers["Authorization"] = f"Bearer {self.tokens[who]}"
        return self.http.request(method, path, headers=headers, **more)

    def get(self, path: str, who: str | None = None, **more: Any) -> httpx.Response:
        return self.call("GET", path, who, **more)

    def post(self, path: str, who: str | None = None, **more: Any) -> httpx.Response:
        return self.call("POST", path, who, **more)

    def sign_in(self, login: str = "asel") -> str:
        answer = self.post("/v1/sign-in", json={"login": login, "password": PASSWORD})
        self.tokens[login] = answer.json()["token"]
        return self.tokens[login]

    def victim(self, **more: Any) -> dict[str, Any]:
        """A report of a payment an hour ago."""
        now = self.clock.now_us()
        return {
            "methods": ["28"], "region": "KZ-75", "language": "kk", "victim_iin": "900101300017",
            "payer_account": VICTIM, "payee_account": DROP, "amount": AMOUNT,
            "crime_us": now - 60 * MINUTE, "discovered_us": now - 50 * MINUTE, "reported_us": now,
        } | more  # fmt: skip

    def report(self, key: str = "r-1", **more: Any) -> httpx.Response:
        return self.post(
            "/v1/reports", "hotline", json=self.victim(**more), headers={"Idempotency-Key": key}
        )

    def signed(self, partner: str) -> list[OrderMessage]:
        """What a partner that fetches its orders reads in them."""
        delivery.sign_waiting(self.database, self.keys, partner)
        orders = self.get("/v1/orders", partner).json()["orders"]
        key = self.get("/v1/key").json()["key"]
        return [OrderMessage.model_validate(signing.verify(one["order"], key)) for one in orders]

    def asked(self) -> OrderMessage:
        """The question that a fresh report puts to the payer's bank."""
        self.report().raise_for_status()
        (message,) = self.signed("altyn")
        return message

    def payment(self, number: str = "p-1", **more: Any) -> dict[str, Any]:
        """A payment as the victim's bank books it."""
        return {
            "id": number, "at_us": self.clock.now_us() - 60 * MINUTE, "side": "payer",
            "payer_account": VICTIM, "payer_bank": "211", "payee_account": DROP,
            "payee_bank": "223", "amount": AMOUNT, "currency": "KZT", "instrument": "transfer",
        } | more  # fmt: skip

    def confirmed(self, message: OrderMessage) -> dict[str, Any]:
        """The bank's yes to such a question."""
        return {"order": message.order, "outcome": "confirmed", "payment": self.payment()}


@dataclass(frozen=True)
class Peopled:
    """A home with two banks, a hotline, an operator, volunteers and three officers, and its
    register; tests work on copies."""

    home: Path
    register: str
    tokens: dict[str, str]


def _people(home: Path, register: str) -> Peopled:
    keys, tokens = Keys.create(home / "keys.json"), {}
    SharedClock.create(home / "clock", YESTERDAY_US)
    with (
        pytest.MonkeyPatch.context() as patch,
        closing(Database(register)) as database,
        database.write() as session,
    ):
        patch.setenv("QALQAN_CLOCK", str(home / "clock"))
        for code, (kind, bank) in PARTNERS.items():
            names = {"kk": code, "ru": code, "en": code}
            tokens[code] = partners.add_partner(session, code, kind, names, bank_code=bank)
        for login, role in OFFICERS.items():
            people.add_user(session, keys, login, login, PASSWORD, role, "KZ")
        install_default_policy(session, approved_by=["asel", "daniyar"])
    return Peopled(home, register, tokens)


@pytest.fixture(scope="session")
def peopled(
    registers: Any, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str | None], Peopled]:
    """`peopled(server)` is the home whose register lives there."""

    @cache
    def made(server: str | None) -> Peopled:
        return _people(tmp_path_factory.mktemp("home"), registers.migrated(server))

    return made


@pytest.fixture
def web(
    peopled: Callable[[str | None], Peopled],
    registers: Any,
    server: str | None,
    stopped_clock: SharedClock,
    tmp_path: Path,
) -> Iterator[Web]:
    """A centre of this test; its register is in its home unless the room names a server."""
    template = peopled(server)
    home = copied(template.home, tmp_path / "home")
    address = registers.empty(server, template.register)
    if server is None:
        Path(str(make_url(address).database)).rename(home / "register.db")
    told = {} if server is None else {"QALQAN_REGISTER": address}
    app = make_app(Settings(home=home, language="kk", **told))
    with TestClient(app, client=("203.0.113.7", 50_000)) as http:
        yield Web(http, stopped_clock, dict(template.tokens))
    if server is not None:
        registers.drop(server, address)
