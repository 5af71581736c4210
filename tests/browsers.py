"""Debian's Chromium, driven by Playwright, before a console that is really served."""

from __future__ import annotations

import os
import shutil
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import uvicorn

ARGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
OPEN_ALL = "document.querySelectorAll('details').forEach((part) => { part.open = true })"
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Chromium; a machine without it says so, and fails where everything must run."""
    path = shutil.which("chromium")
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail("these tests need chromium")
        pytest.skip("these tests need chromium: bash tests/peers/install")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGS))
        yield browser
        browser.close()


@dataclass
class Site:
    """A console at a loopback address, and officers' browsers."""

    app: Any
    chromium: Any
    address: str
    sessions: Mapping[str, str]

    def page(
        self, language: str = "kk", login: str | None = "d.ospanov", width: int = 1440, **more: Any
    ) -> Any:
        """A new window; whatever its console says is kept in `page.said`."""
        context = self.chromium.new_context(viewport={"width": width, "height": 900}, **more)
        cookies = {"qalqan_language": language}
        if login is not None:
            cookies["qalqan_session"] = self.sessions[login]
        context.add_cookies(
            [{"name": k, "value": v, "url": self.address} for k, v in cookies.items()]
        )
        page = context.new_page()
        page.said = []
        page.on("console", lambda message: _hear(page, message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        return page

    def visit(self, page: Any, path: str) -> Any:
        page.answer = page.goto(self.address + path)
        return page

    def widen(self, page: Any, width: int) -> None:
        """Another window for the same page: nothing of ours is made for one width."""
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("innerWidth") == width


def _hear(page: Any, text: str) -> None:
    if not text.startswith("Clear-Site-Data header"):  # said at each sign-out, as we asked
        page.said.append(text)


@contextmanager
def serving(app: Any, chromium: Any, sessions: Mapping[str, str]) -> Iterator[Site]:
    """The app served to real browsers while the block runs."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()  # whoever comes before the server is up waits in line
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        yield Site(app, chromium, address, sessions)
        for context in chromium.contexts:
            context.close()
        server.should_exit = True
        thread.join()
