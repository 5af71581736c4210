"""Trail documents written by hand, and a centre with a story as officers see it."""

from __future__ import annotations

import re
import sys
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from browsers import Site, chromium, serving
from homes import copied
from qalqan.clock import SharedClock
from qalqan.settings import Settings
from qalqan.web.app import make_app

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it would rather have httpx2, which we don't use elsewhere
    from starlette.testclient import TestClient

sys.path.append(str(Path(__file__).parent))
sys.path.append(str(Path(__file__).parents[2] / "trail"))

from lived_in import Pages, lived_in

import story

__all__ = ["chromium"]

RULES = ("taint_first", "lifo", "pro_rata", "fifo")
DAY_US = int(datetime(2026, 11, 23, tzinfo=UTC).timestamp()) * 10**6


def clock(text: str, day: int = 0) -> int:
    """ "14:02" in Almaty on 23 November 2026 (and `day` days on) as UTC microseconds."""
    hours, minutes = text.split(":")
    return DAY_US + ((int(hours) - 5) * 60 + int(minutes)) * 60_000_000 + day * 86_400_000_000


def account(last: str) -> str:
    return f"acc_{'a' * 24}_{last}"


def document(victims, payments, kept=(), banks=None, covered=()):
    """`victims`: (claim, payer, payee, tenge, at); `payments`: (payer, payee or exit, tenge, at);
    `kept`: accounts whose rest is the drop's."""
    banks = banks or {}
    received, here, first, units_at = Counter(), Counter(), {}, defaultdict(Counter)
    claims, legs = [], []
    for number, (claim, payer, payee, amount, at) in enumerate(victims):
        claims.append({
            "claim": claim, "root": f"root{number}", "amount": amount * 100, "at_us": at,
            "payer": account(payer), "payer_bank": banks.get(payer, "KOK"),
            "payee": account(payee), "payee_bank": banks.get(payee, ""),
        })  # fmt: skip
        received[payee] += amount * 100
        units_at[payee][claim] += amount * 100
        first.setdefault(payee, at)
    only = victims[0][0]
    for number, (payer, target, amount, at) in enumerate(payments):
        exit_kind = target if target in EXITS else None
        legs.append({
            "id": f"leg{number}", "at_us": at, "payer": account(payer),
            "payer_bank": banks.get(payer, ""), "payee": None if exit_kind else account(target),
            "payee_bank": None if exit_kind else banks.get(target, ""), "amount": amount * 100,
            "instrument": "transfer", "exit": exit_kind, "hop": 1,
            "units": {rule: {only: amount * 100} for rule in RULES},
            "facts": [f"bank:{number}"], "disagreement": None, "arrived_us": at,
        })  # fmt: skip
        units_at[payer][only] -= amount * 100
        if not exit_kind:
            received[target] += amount * 100
            units_at[target][only] += amount * 100
            first.setdefault(target, at)
    nodes = [
        {
            "account": account(name), "bank": banks.get(name, ""), "hop": 1,
            "first_us": first[name],
            "received": {rule: {only: received[name]} for rule in RULES},
            "here": {rule: dict(units_at[name]) for rule in RULES},
            "kept": {rule: {only: here[name]} for rule in RULES},
            "covered_to_us": first[name],
        }
        for name in received
    ]  # fmt: skip
    for node in nodes:
        name = node["account"][-4:]
        if name in kept:
            node["kept"] = node["here"]
    return {
        "policy": "1", "seal": 1, "as_of_us": 0, "currency": "KZT", "rules": list(RULES),
        "claims": claims, "nodes": nodes, "legs": legs, "frontier": [], "parts": {},
    }  # fmt: skip


EXITS = {"cash", "abroad", "crypto", "wallet", "fees", "spent", "unknown", "returned"}


class Trails:
    """What tests write trails with."""

    account = staticmethod(account)
    clock = staticmethod(clock)
    document = staticmethod(document)


@pytest.fixture(scope="session")
def trails() -> type[Trails]:
    return Trails


@dataclass
class Console:
    """The centre in a browser without scripts: one client an officer."""

    app: Any
    home: Path
    clock: SharedClock
    sessions: dict[str, str]
    language: str = "en"
    pages: Pages = field(default_factory=dict)
    """What shows all that has happened, in a busy home."""

    def browser(self, login: str | None = "d.ospanov", language: str | None = None) -> TestClient:
        """A browser, signed in unless `login` is None."""
        client = TestClient(self.app, client=("203.0.113.7", 50_000), follow_redirects=False)
        client.headers.update({"accept": "text/html", "sec-fetch-site": "same-origin"})
        client.cookies.set("qalqan_language", language or self.language)
        if login is not None:
            client.cookies.set("qalqan_session", self.sessions[login])
        return client

    def get(self, path: str, login: str | None = "d.ospanov", language: str | None = None) -> Any:
        return self.browser(login, language).get(path)

    def csrf(self, client: TestClient) -> str:
        """The secret that the pages of this browser's session carry."""
        found = re.search(r'name="csrf" value="([^"]+)"', client.get("/keys").text)
        assert found is not None
        return found[1]

    def post(self, path: str, login: str = "d.ospanov", **form: object) -> httpx.Response:
        """A form of ours, sent from our page."""
        client = self.browser(login)
        return client.post(path, data={"csrf": self.csrf(client), **form})


ALONE = pytest.mark.xdist_group("console")
"""The story is long to tell: one process tells it, for all."""


def pytest_itemcollected(item: pytest.Item) -> None:
    if "told" in getattr(item, "fixturenames", ()):
        item.add_marker(ALONE)


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A home with the whole story, and its officers' sessions; tests work on copies."""
    home = tmp_path_factory.mktemp("told")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QALQAN_CLOCK", str(home / "clock"))
        patch.setenv("QALQAN_HOME", str(home))
        centre = story.tell(home)
        centre.database.close()
    return home, centre.sessions


@pytest.fixture(scope="session")
def busy(
    told: tuple[Path, dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, str], Pages]:
    """A home in which everything has happened once, its sessions, and what shows it."""
    home = tmp_path_factory.mktemp("busy") / "home"
    with pytest.MonkeyPatch.context() as patch, _opened(*told, home, patch) as console:
        pages = lived_in(console)
    return home, console.sessions, pages


@pytest.fixture
def console(
    told: tuple[Path, dict[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Console]:
    """A copy of the told home, and its console."""
    with _opened(*told, tmp_path / "home", monkeypatch) as console:
        yield console


@pytest.fixture
def lived(
    busy: tuple[Path, dict[str, str], Pages], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Console]:
    """A copy of the busy home, and its console, which has `pages`."""
    home, sessions, pages = busy
    with _opened(home, sessions, tmp_path / "home", monkeypatch) as console:
        console.pages = pages
        yield console


@contextmanager
def _opened(
    of: Path, sessions: dict[str, str], home: Path, patch: pytest.MonkeyPatch
) -> Iterator[Console]:
    copied(of, home)
    patch.setenv("QALQAN_CLOCK", str(home / "clock"))
    app = make_app(Settings(home=home, language="kk"))
    yield Console(app, home, SharedClock(home / "clock"), dict(sessions))
    app.state.database.close()


@pytest.fixture
def site(console: Console, chromium: Any) -> Iterator[Site]:
    """The console served to a real browser."""
    with serving(console.app, chromium, console.sessions) as site:
        yield site
