"""Takes the pictures of the documents from a running demo, in a real browser.

`.venv/bin/python docs/screenshots/take.py HOME ADDRESS CASE`: the home that `qalqan demo` made (its
`secrets.json` has a login), the console's address, a case's number. Everything shown is simulated.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).parent
WIDE = {"width": 1440, "height": 1180}


def signed_in(browser: Browser, address: str, home: Path, language: str) -> Page:
    """A page of an officer whose browser speaks `language`."""
    login, password = next(
        iter(json.loads((home / "secrets.json").read_text())["officers"].items())
    )
    context = browser.new_context(locale=language, viewport=WIDE, device_scale_factor=1)
    page = context.new_page()
    page.goto(f"{address}/sign-in")
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"{address}/cases")
    return page


def main(home: Path, address: str, case: str) -> None:
    """Take all of them."""
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        english = signed_in(browser, address, home, "en")
        english.goto(f"{address}/cases/{case}")
        english.screenshot(path=HERE / "case.png")
        kazakh = signed_in(browser, address, home, "kk")
        kazakh.goto(f"{address}/cases/{case}")
        kazakh.screenshot(path=HERE / "case-kk.png")
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2].rstrip("/"), sys.argv[3])
