"""The queue by keyboard in a real browser, on any layout; its list stays quiet under the hands."""

from __future__ import annotations

from typing import Any

import pytest

from browsers import Site

pytestmark = pytest.mark.browser
CHASE, RETURN = "C-26-000002", "C-26-000001"


def test_the_whole_queue_by_keyboard(site: Site) -> None:
    page = site.visit(site.page("ru"), "/queue")
    chosen = "[data-row][aria-current=true]"
    assert page.locator(chosen).get_attribute("data-row") == CHASE
    second = page.locator("[data-row]").nth(1).get_attribute("data-row")
    page.keyboard.press("KeyJ")
    page.wait_for_selector(f"#drawer >> text={second}")
    assert page.evaluate("document.activeElement.id") == f"row-{second}"
    page.keyboard.press("KeyX")
    assert page.locator(f"#mark-{second}").is_checked()
    assert page.locator("[data-marked]").inner_text() == "1"
    page.keyboard.press("KeyK")
    page.wait_for_selector(f"#drawer >> text={CHASE}")
    page.keyboard.press("Slash")
    page.keyboard.type("jjx")
    assert page.locator("#find").input_value() == "jjx"
    page.keyboard.press("Escape")
    with page.expect_navigation():
        page.keyboard.press("KeyA")
    assert page.locator(".notice").inner_text().startswith(f"Дело {CHASE} теперь у вас.")
    with page.expect_navigation():
        page.keyboard.press("KeyU")
    assert "шаг отменён" in page.locator(".notice").inner_text()
    page.keyboard.press("Shift+Slash")
    page.wait_for_selector("dialog.keys[open] .keys-list")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog.keys", state="detached")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url.endswith(f"/cases/{CHASE}")
    page.keyboard.press("KeyG")
    with page.expect_navigation():
        page.keyboard.press("KeyQ")
    assert page.url.endswith("/queue")
    assert page.said == []


def test_keys_can_be_switched_off(site: Site) -> None:
    page = site.visit(site.page("en"), "/keys")
    page.click("button[value='off']")
    site.visit(page, "/queue")
    page.keyboard.press("KeyJ")
    assert page.evaluate("document.activeElement.tagName") == "BODY"
    assert page.said == []


def test_the_list_follows_and_keeps_marks_and_focus(site: Site, console: Any) -> None:
    page = site.page("en", "a.nurlanova")
    page.clock.install()
    site.visit(page, "/queue")
    page.check(f"#mark-{RETURN}")
    page.focus(f"#row-{CHASE}")
    console.post("/queue/take", case=CHASE)
    with page.expect_response("**/queue/live?*") as answer:
        page.clock.fast_forward(6_000)
    assert answer.value.status == 200
    page.wait_for_selector(f"[data-row='{CHASE}'] .owner >> text=d.ospanov")
    assert page.locator(f"#mark-{RETURN}").is_checked()
    assert page.evaluate("document.activeElement.id") == f"row-{CHASE}"
    assert page.locator("#queue-told").inner_text() != ""
    page.select_option("#bulk-to", "d.ospanov")
    assert page.said == []
