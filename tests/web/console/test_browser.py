"""The pages in Debian's Chromium as people use them: by keyboard, by passkey, without scripts."""

from __future__ import annotations

import re
from typing import Any

import pytest

import story
from browsers import Site

pytestmark = pytest.mark.browser
CHASE = "/cases/C-26-000002"


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


def test_orders_refresh_by_themselves_but_never_under_a_readers_hands(
    site: Site, console: Any
) -> None:
    page = site.page("en", "a.nurlanova")
    page.clock.install()
    site.visit(page, "/cases/C-26-000001")
    page.evaluate("document.querySelector('#orders').dataset.old = 'yes'")
    console.clock.set(story.at("15:30"))
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
