"""Takes the pictures of the documents from a running demo, in a real browser.

`.venv/bin/python docs/screenshots/take.py HOME ADDRESS [NAME …]`: the home that `qalqan demo` made
(its `secrets.json` has logins) and the console's address; names take only these pictures. The
cases are those of the demo's morning, so take them before its banks have answered everything.
Everything shown is simulated.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).parent
HIGH = {1440: 1180, 360: 780}
SUPERVISOR, AUDITOR, CLERK = "a.sarsenova", "g.nurpeis", "n.esimov"
LANGUAGES = ("kk", "ru", "en")
ROW = "[data-row]"


@dataclass(frozen=True)
class Shot:
    """One picture: `{case}` in the path is the number of the queue's first case."""

    name: str
    path: str
    language: str
    login: str = SUPERVISOR
    width: int = 1440
    theme: str = "light"


PAGES = {
    "queue": ("/queue", SUPERVISOR),
    "case": ("/cases/{case}", SUPERVISOR),
    "graph": ("/cases/{case}/graph", SUPERVISOR),
    "approvals": ("/approvals", SUPERVISOR),
    "search": ("/search?q={case}", SUPERVISOR),
    "record": ("/record?case={case}", AUDITOR),
    "partner": ("/partner", CLERK),
    "figures": ("/figures", SUPERVISOR),
}
"""Name → address and who looks: the main pages, taken in three languages."""
SHOTS = (
    *(
        Shot(f"{name}-{language}", path, language, login)
        for name, (path, login) in PAGES.items()
        for language in LANGUAGES
    ),
    Shot("queue-dark", "/queue", "en", theme="dark"),
    Shot("queue-phone", "/queue", "kk", width=360),
    Shot("case-phone", "/cases/{case}", "ru", width=360),
)


def signed_in(browser: Browser, address: str, home: Path, shot: Shot) -> Page:
    """A page of an officer whose browser speaks the picture's language."""
    password = json.loads((home / "secrets.json").read_text())["officers"][shot.login]
    size = {"width": shot.width, "height": HIGH[shot.width]}
    context = browser.new_context(
        locale=shot.language, viewport=size, color_scheme=shot.theme, device_scale_factor=1
    )
    page = context.new_page()
    page.goto(f"{address}/sign-in")
    page.fill("input[name=login]", shot.login)
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)
    return page


def taken(browser: Browser, home: Path, address: str, names: Collection[str]) -> Iterator[str]:
    """Take all of them, or those that are named; the names as they are done."""
    case = ""
    for shot in SHOTS:
        if names and shot.name not in names:
            continue
        page = signed_in(browser, address, home, shot)
        if not case and shot.login == SUPERVISOR:
            page.goto(f"{address}/queue")
            case = page.locator(ROW).first.get_attribute("data-row") or ""
        page.goto(address + shot.path.format(case=case))
        page.evaluate("document.fonts.ready")
        page.wait_for_timeout(600)  # the graph is drawn after the page
        page.screenshot(path=HERE / f"{shot.name}.png")
        page.context.close()
        yield shot.name


def main(home: Path, address: str, names: Collection[str]) -> None:
    """Take them, and say which."""
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for name in taken(browser, home, address, names):
            print(name)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2].rstrip("/"), sys.argv[3:])
