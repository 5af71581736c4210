"""Takes the pictures of the documents from a running demo, in a real browser.

`.venv/bin/python docs/screenshots/take.py HOME ADDRESS CASE [NAME …]`: the home that `qalqan demo`
made (its `secrets.json` has a login), the console's address, a case's number; names take only these
pictures. Everything shown is simulated.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).parent
HIGH = {1440: 1180, 360: 780}


@dataclass(frozen=True)
class Shot:
    """One picture: `{case}` in the path is the case's number."""

    name: str
    path: str
    language: str
    width: int = 1440
    theme: str = "light"


SHOTS = (
    Shot("case", "/cases/{case}", "en"),
    Shot("case-kk", "/cases/{case}", "kk"),
    Shot("queue", "/queue", "en"),
    Shot("queue-kk", "/queue", "kk"),
    Shot("queue-ru", "/queue", "ru"),
    Shot("queue-dark", "/queue", "en", theme="dark"),
    Shot("queue-phone", "/queue", "kk", width=360),
    Shot("cases", "/cases", "en"),
    Shot("workload", "/workload", "ru"),
    Shot("keys", "/keys", "en"),
)


def signed_in(browser: Browser, address: str, home: Path, shot: Shot) -> Page:
    """A page of an officer whose browser speaks the picture's language."""
    login, password = next(
        iter(json.loads((home / "secrets.json").read_text())["officers"].items())
    )
    size = {"width": shot.width, "height": HIGH[shot.width]}
    context = browser.new_context(
        locale=shot.language, viewport=size, color_scheme=shot.theme, device_scale_factor=1
    )
    page = context.new_page()
    page.goto(f"{address}/sign-in")
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)
    return page


def main(home: Path, address: str, case: str, names: Collection[str]) -> None:
    """Take all of them, or those that are named."""
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for shot in SHOTS:
            if names and shot.name not in names:
                continue
            page = signed_in(browser, address, home, shot)
            page.goto(address + shot.path.format(case=case))
            page.evaluate("document.fonts.ready")
            page.screenshot(path=HERE / f"{shot.name}.png")
            page.context.close()
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2].rstrip("/"), sys.argv[3], sys.argv[4:])
