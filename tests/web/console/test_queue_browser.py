"""The queue by keyboard in a real browser, on any layout; its list stays quiet under the hands."""

from __future__ import annotations

import pytest

from web.console.test_browser import CONTRAST, OPEN_ALL, SIDEWAYS, Site, chromium, site

__all__ = ["chromium", "site"]
pytestmark = pytest.mark.browser
CHASE, RETURN = "C-26-000002", "C-26-000001"
PAGES = ("/queue", "/queue?tab=mine", "/keys", "/workload")


@pytest.mark.parametrize(("language", "login"), [("kk", "d.ospanov"), ("ru", "a.nurlanova")])
def test_no_page_complains_or_is_cut_off(site: Site, language: str, login: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = site.page(language, login)
    for path in PAGES:
        site.visit(page, path)
        page.evaluate(OPEN_ALL.replace("'details'", "'main details'"))
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            assert page.evaluate(CONTRAST) == [], (path, theme)
        for width in (1440, 1100, 360, 320):
            site.widen(page, width)
            assert page.evaluate(SIDEWAYS) <= 0, (path, width)
        found = Axe().run(page)
        assert found.violations_count == 0, (path, found.generate_report())
        site.widen(page, 1440)
    assert page.said == []


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


def test_the_list_follows_and_keeps_marks_and_focus(site: Site) -> None:
    page = site.page("en", "a.nurlanova")
    page.clock.install()
    site.visit(page, "/queue")
    page.check(f"#mark-{RETURN}")
    page.focus(f"#row-{CHASE}")
    site.console.post("/queue/take", case=CHASE)
    with page.expect_response("**/queue/live?*") as answer:
        page.clock.fast_forward(6_000)
    assert answer.value.status == 200
    page.wait_for_selector(f"[data-row='{CHASE}'] .owner >> text=d.ospanov")
    assert page.locator(f"#mark-{RETURN}").is_checked()
    assert page.evaluate("document.activeElement.id") == f"row-{CHASE}"
    assert page.locator("#queue-told").inner_text() != ""
    page.select_option("#bulk-to", "d.ospanov")
    assert page.said == []
