"""The pages in Debian's Chromium: quiet, readable, by keyboard, on a phone, without scripts."""

from __future__ import annotations

import os
import re
import shutil
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import story
import uvicorn

from persons import Officer
from qalqan.clock import wall_us
from qalqan.register import break_glass, factors, orm, teams

pytestmark = pytest.mark.browser

ARGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
CHASE = "/cases/C-26-000002"
PAGES = (
    "/cases",
    "/cases?q=Tulpar",
    "/cases?q=zzz",
    CHASE,
    "/cases/C-26-000001",
    "/cases/C-26-000003",
    "/approvals",
    "/sign-in",
    "/cases/C-26-000002/loan-letter",
)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Debian's Chromium; a machine without it says so, and fails where everything must run."""
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


def _hear(page: Any, text: str) -> None:
    if not text.startswith("Clear-Site-Data header"):  # said at each sign-out, as we asked
        page.said.append(text)


@dataclass
class Site:
    """The console at a loopback address."""

    console: Any
    chromium: Any
    address: str

    def page(
        self, language: str = "kk", login: str | None = "d.ospanov", width: int = 1440, **more: Any
    ) -> Any:
        """A new window; whatever its console says is kept in `page.said`."""
        context = self.chromium.new_context(viewport={"width": width, "height": 900}, **more)
        cookies = {"qalqan_language": language}
        if login is not None:
            cookies["qalqan_session"] = self.console.sessions[login]
        context.add_cookies(
            [{"name": k, "value": v, "url": self.address} for k, v in cookies.items()]
        )
        page = context.new_page()
        page.said = []
        page.on("console", lambda message: _hear(page, message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        return page

    def visit(self, page: Any, path: str) -> Any:
        page.goto(self.address + path)
        return page

    def widen(self, page: Any, width: int) -> None:
        """Another window for the same page: nothing of ours is made for one width."""
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("innerWidth") == width


@pytest.fixture
def site(console: Any, chromium: Any) -> Iterator[Site]:
    """The console served to a real browser."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()  # whoever comes before the server is up waits in line
        config = uvicorn.Config(console.app, log_level="warning", lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield Site(console, chromium, f"http://127.0.0.1:{listening.getsockname()[1]}")
        for context in chromium.contexts:
            context.close()
        server.should_exit = True
        thread.join()


OPEN_ALL = "document.querySelectorAll('details').forEach((part) => { part.open = true })"
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_no_page_complains_or_scrolls_sideways(site: Site, language: str) -> None:
    page = site.page(language)
    for path in PAGES:
        site.visit(page, path)
        page.evaluate(OPEN_ALL)
        assert page.evaluate("document.fonts.ready.then(() => document.fonts.size)") > 0
        for width in (1440, 360, 320):
            site.widen(page, width)
            assert page.evaluate(SIDEWAYS) <= 0, (path, width)
    assert page.said == []


CONTRAST = """
() => {
  const parse = (text) => {
    const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number);
    return { rgb: [r, g, b], a };
  };
  const light = (rgb) => rgb
    .map((c) => c / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (node) => {
    const layers = [];
    for (let e = node; e; e = e.parentElement) {
      layers.push(parse(getComputedStyle(e).backgroundColor));
    }
    return layers.reverse().reduce(
      (under, over) => under.map((c, i) => over.rgb[i] * over.a + c * (1 - over.a)),
      [255, 255, 255],
    );
  };
  const poor = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !node.checkVisibility()) continue;
    if (node.closest("svg") || node.closest(".hidden")) continue;
    const style = getComputedStyle(node);
    const [a, b] = [light(parse(style.color).rgb), light(behind(node))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) poor.push(`${node.className} ${ratio.toFixed(2)} ${node.textContent.trim()}`);
    if (parseFloat(style.fontSize) < 12) poor.push(`${node.className} ${style.fontSize}`);
  }
  return poor;
}
"""


def test_text_can_be_read(site: Site) -> None:
    """WCAG 2.2, 1.4.3: 4.5 to 1 for all text, by day and by night, late clocks included."""
    site.console.clock.set(story.at("16:30"))
    for login in ("a.nurlanova", "d.ospanov"):
        page = site.page("kk", login)
        for path in PAGES:
            site.visit(page, path)
            page.evaluate(OPEN_ALL)
            for theme in ("light", "dark"):
                page.emulate_media(color_scheme=theme, reduced_motion="reduce")
                assert page.evaluate(CONTRAST) == [], (path, theme)


FOCUSED = """
() => {
  const part = document.activeElement;
  const style = getComputedStyle(part);
  const box = part.getBoundingClientRect();
  const seen = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  return { tag: part.tagName, name: part.className, seen, height: box.height, top: box.top };
}
"""


def test_everything_is_reached_by_keyboard_and_the_focus_is_seen(site: Site) -> None:
    page = site.visit(site.page("ru", "a.nurlanova"), "/cases/C-26-000001")
    page.keyboard.press("Tab")
    first = page.evaluate(FOCUSED)
    assert (first["name"], first["seen"]) == ("skip", True)
    assert first["top"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    reached = set()
    for _ in range(80):
        page.keyboard.press("Tab")
        part = page.evaluate(FOCUSED)
        if part["tag"] == "BODY":
            break
        assert part["seen"], part
        reached.add(part["tag"])
    assert {"A", "BUTTON", "TEXTAREA", "SUMMARY", "DIV"} <= reached


SMALL = """
() => [...document.querySelectorAll("button, .button, nav a, summary, input:not([type=hidden])")]
  .filter((part) => part.checkVisibility() && !part.closest(".crumbs"))
  .filter((part) => part.getBoundingClientRect().height < 24)
  .map((part) => part.textContent)
"""


def test_targets_are_large_enough(site: Site) -> None:
    """WCAG 2.2, 2.5.8: 24 pixels."""
    page = site.page("kk", "a.nurlanova")
    for path in PAGES:
        site.visit(page, path)
        for width in (1440, 360):
            site.widen(page, width)
            assert page.evaluate(SMALL) == [], (path, width)


def test_orders_refresh_by_themselves_but_never_under_a_readers_hands(site: Site) -> None:
    page = site.page("en", "a.nurlanova")
    page.clock.install()
    site.visit(page, "/cases/C-26-000001")
    page.evaluate("document.querySelector('#orders').dataset.old = 'yes'")
    site.console.clock.set(story.at("15:30"))
    with page.expect_response("**/orders?seen=*") as answer:
        page.clock.fast_forward(16_000)
    assert answer.value.status == 200
    page.wait_for_selector("#orders:not([data-old])")
    assert page.locator("#orders-summary").inner_text().startswith("Orders whose answer")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.locator("textarea").first.fill("half a sentence")
    page.clock.fast_forward(40_000)
    assert page.locator("textarea").first.input_value() == "half a sentence"
    assert asked == []
    assert page.said == []


def test_the_picture_scrolls_in_its_own_box(site: Site) -> None:
    page = site.visit(site.page("kk", width=360), CHASE)
    box = page.locator(".ladder-box")
    assert box.evaluate("(part) => part.scrollWidth > part.clientWidth")
    assert page.locator("svg.ladder").get_attribute("role") == "img"


def test_without_scripts_an_officer_does_the_whole_job(site: Site) -> None:
    page = site.page("ru", None, java_script_enabled=False)
    page.goto(f"{site.address}{CHASE}")
    page.fill("#login", "d.ospanov")
    page.fill("#password", story.PASSWORD)
    page.click("form[action='/sign-in'] button")
    assert page.url == f"{site.address}{CHASE}"

    page.click(".ladder-table > summary")
    assert page.locator(".ladder-table table").first.is_visible()
    page.click("text=пропорционально")
    assert page.url.endswith("?rule=pro_rata")

    page.click(".vault a >> nth=0")
    page.check("input[name='code'] >> nth=0")
    page.fill("#words", "позвонить потерпевшему")
    page.click("form[action*='/sealed/'] button")
    assert page.locator(".revealed").inner_text() == story.IIN

    page.click(".sections a[href='/approvals']")
    page.fill("textarea >> nth=0", "проверено")
    page.click("button[value='approve'] >> nth=0")
    page.wait_for_selector(".notice")
    assert "?decided=" in page.url

    page.click(".languages button[value='kk']")
    assert page.locator("html").get_attribute("lang") == "kk"
    page.click("details:has(form[action='/sign-out']) > summary")
    page.click("form[action='/sign-out'] button")
    assert page.url.endswith("/sign-in")
    assert page.said == []


def test_nothing_comes_from_elsewhere(site: Site) -> None:
    page, asked = site.page(), []
    page.on("request", lambda request: asked.append(request.url))
    for path in PAGES:
        site.visit(page, path)
    assert all(url.startswith((site.address, "data:")) for url in asked)


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_queues_fit_every_window(site: Site, language: str) -> None:
    with site.console.app.state.database.write() as session:
        for key, error in (("altyn", "Unavailable"), ("C-26-000002", "ArrowInvalid")):
            kind = "pursue" if key.startswith("C") else "deliver"
            row = orm.Job(kind=kind, key=key, payload={}, state="parked", due_us=0, attempts=8)
            row.last_error, row.created_us = error, site.console.clock.now_us()
            session.add(row)
    page = site.page(language, "a.nurlanova")
    for path in ("/work", "/work/deliver"):
        site.visit(page, path)
        page.evaluate(OPEN_ALL)
        for width in (1280, 360, 320):
            site.widen(page, width)
            assert page.evaluate(SIDEWAYS) <= 0, (path, width)
            if shots := os.environ.get("QALQAN_SHOTS"):
                page.screenshot(
                    path=f"{shots}/{path[1:].replace('/', '-')}-{language}-{width}.png",
                    full_page=True,
                )
    assert page.said == []


AUTHENTICATOR = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
    "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


def test_a_passkey_is_made_and_then_signs_in_alone_and_as_a_second_factor(site: Site) -> None:
    """WebAuthn in Chromium, with a virtual authenticator; passkeys need a name, not an address."""
    site.address = site.address.replace("127.0.0.1", "localhost")
    page = site.page("en", None)
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    key = devices.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})

    def password() -> None:
        site.visit(page, "/sign-in")
        page.fill("#login", "d.ospanov")
        page.fill("#password", story.PASSWORD)
        page.click("form[action='/sign-in'] button")

    password()
    site.visit(page, "/account/factors")
    page.fill("#passkey-name", "Work <b>computer</b>")
    page.click("form[action='/account/passkeys'] button")
    page.wait_for_url("**/account?done=passkey")
    assert page.locator(".keys b").inner_text() == "Work <b>computer</b>"

    def leave() -> None:
        site.visit(page, "/account")
        page.locator("form[action='/sign-out']").evaluate("(form) => form.submit()")
        page.wait_for_url("**/sign-in")

    leave()
    page.click("form[action='/sign-in/passkey'] button")
    page.wait_for_url(f"{site.address}/queue")
    assert "passkey" in site.visit(page, "/account").locator("tbody tr").first.inner_text()

    leave()
    password()
    page.wait_for_url(re.compile("/sign-in/factor"))
    answers = []
    page.on("request", lambda request: answers.append(request.post_data))
    page.click("form[action='/sign-in/factor/passkey'] button")
    page.wait_for_url(f"{site.address}/queue")

    leave()
    replayed = next(each for each in answers if each and "answer=%7B" in each)
    password()
    page.wait_for_url(re.compile("/sign-in/factor"))
    form = dict(part.split("=", 1) for part in replayed.split("&"))
    script = """([csrf, answer]) => fetch("/sign-in/factor/passkey", {
      method: "POST", body: new URLSearchParams({csrf, answer: decodeURIComponent(answer)}),
    }).then((response) => response.status)"""
    csrf = page.locator("input[name=csrf]").first.input_value()
    assert page.evaluate(script, [csrf, form["answer"].replace("+", " ")]) == 401, "asked once"
    owner = {"authenticatorId": key["authenticatorId"], "isUserVerified": False}
    devices.send("WebAuthn.setUserVerified", owner)
    page.click("form[action='/sign-in/factor/passkey'] button")
    page.wait_for_selector("[data-passkey-problem]:not([hidden])")
    assert [line for line in page.said if "401" not in line] == []


BOSS = Officer("a.nurlanova", "supervisor")
ACCOUNTS = (
    "/account", "/account/password", "/account/factors", "/account/proof", "/people",
    "/people/d.ospanov", "/teams", "/glass",
)  # fmt: skip


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_accounts_fit_every_window_and_can_be_read(site: Site, language: str) -> None:
    site.address = site.address.replace("127.0.0.1", "localhost")  # passkeys are offered by name
    state, reason = site.console.app.state, "The same drop pays out here"
    with state.database.write() as session:
        session.query(orm.Session).update({"proved_us": wall_us()})
        number = teams.make(session, BOSS, "Астана – Алматы: ұзын атауы бар топ", 30)
        teams.add_person(session, BOSS, number, "d.ospanov")
        teams.add_case(session, BOSS, number, "C-26-000002")
        break_glass.open_for(session, Officer("d.ospanov"), "C-26-000002", reason)
        factors.begin_totp(session, state.keys, "a.nurlanova")
        name = "Өте ұзын атауы бар кілт: кеңседегі ескі компьютер"
        key = {"id": "0" * 64, "login": "a.nurlanova", "name": name, "count": 0}
        session.add(orm.Passkey(credential=b"", public_key=b"", created_us=wall_us(), **key))
    page = site.page(language, "a.nurlanova")
    for path in ACCOUNTS:
        site.visit(page, path)
        page.evaluate(OPEN_ALL)
        assert page.locator("h1").count() == 1, path
        for width in (1440, 360, 320):
            site.widen(page, width)
            assert page.evaluate(SIDEWAYS) <= 0, (path, width)
            if shots := os.environ.get("QALQAN_SHOTS"):
                name = f"{path[1:].replace('/', '-')}-{language}-{width}.png"
                page.screenshot(path=f"{shots}/{name}", full_page=True)
        assert page.evaluate(SMALL) == [], path
        assert page.evaluate(CONTRAST) == [], path
    assert page.said == []
