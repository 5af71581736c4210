"""Every page of the console in Debian's Chromium: it can be read, reached and understood in three
languages, by day and by night, at 1440 and at 320 pixels (in Russian and English at 360)."""

from __future__ import annotations

import os
import re
from functools import partial
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from lived_in import Pages
from walked import paths

from browsers import OPEN_ALL, SIDEWAYS, Site

pytestmark = pytest.mark.browser
PARTS = {
    "/", "/calls/card", "/calls/live", "/queue/live", "/queue/drawer/{case_id}",
    "/rules/{code}/tests", "/cases/{case_id}/graph.json", "/partner/orders.xlsx",
    "/partner/numbers/{item}.csv", "/sign-in/factor", "/figures.csv",
    "/bulletins/{bulletin}/{language}.{form}", "/bulletins/desk/{bulletin}/{language}.{form}",
}  # fmt: skip
"""What answers with a piece of a page, a file or another address; and the one page that asks for
a code, which other tests go through."""

READ = """
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
"""Text of less than 4.5 to 1 (WCAG 2.2, 1.4.3) or under twelve pixels (design/README.md)."""

SMALL = """
() => [...document.querySelectorAll("button, .button, nav a, summary, input:not([type=hidden])")]
  .filter((part) => part.checkVisibility() && !part.closest(".crumbs"))
  .filter((part) => (part.closest("label") ?? part).getBoundingClientRect().height < 24)
  .map((part) => part.textContent)
"""
"""Targets under 24 pixels (WCAG 2.2, 2.5.8)."""

CUT_OFF = """
() => [...document.querySelectorAll("main *, header *")]
  .filter((part) => part.checkVisibility() && !part.closest("svg, .hidden, textarea, canvas"))
  .filter((part) => [...part.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))
  .filter((part) => {
    const box = part.getBoundingClientRect();
    if (!box.width) return false;
    for (let e = part; e && e !== document.body; e = e.parentElement) {
      const style = getComputedStyle(e), outer = e.getBoundingClientRect();
      if (/auto|scroll/.test(style.overflowX)) return false;
      if (!/hidden|clip/.test(style.overflowX)) continue;
      if (outer.width <= 1) return false; // only read aloud
      if (box.right > outer.right + 1 || box.left < outer.left - 1) return true;
      if (e === part && e.scrollWidth > e.clientWidth + 1) return true;
    }
    return box.right > innerWidth + 1 || box.left < -1;
  })
  .map((part) => part.className + ": " + part.textContent.trim().slice(0, 60))
"""
"""Text that nobody can see the whole of, nor scroll to."""

FOREIGN = """
(language) => {
  const wrong = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement, text = walker.currentNode.data.trim();
    if (!text || node.closest("bdi, q, code, pre, script, style, .mono, textarea")) continue;
    if (node.closest("[lang]").lang !== language) continue;
    wrong.push(text);
  }
  return wrong;
}
"""
"""Sentences that claim to be in the page's language; not what people wrote, nor identifiers."""
LATIN, CYRILLIC = re.compile(r"[a-z]{3,} [a-z]{3,}"), re.compile(r"[а-яёәғқңөұүһі]{3,}", re.I)
KEY = re.compile(r"\b[a-z_]+\.[a-z_]+\.[a-z_.]+\b")
WIDTHS = {"kk": (1440, 360, 320), "ru": (360,), "en": (360,)}
"""The whole range in the language of the longest words; the narrow one in all."""
NAMES = re.compile("Bank|Банк")  # a bank's name is spelled as its owner spells it

FOCUSED = """
() => {
  const part = document.activeElement;
  window.stops ??= new Map();
  if (!window.stops.has(part)) window.stops.set(part, window.stops.size);
  const seen = [part, part.closest("form")].some((each) => {
    const style = getComputedStyle(each ?? part);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  });
  return [part.tagName, window.stops.get(part), seen, part.outerHTML.slice(0, 80)];
}
"""
MOST_STOPS, IN_ONE = 400, 8
"""A field for date and time is one part of several stops."""


@pytest.fixture
def console(lived: Any) -> Any:
    return lived


@pytest.fixture
def pages(lived: Any) -> Pages:
    return lived.pages


def test_no_page_is_forgotten(console: Any, pages: Pages) -> None:
    known = PARTS | {path for found in pages.values() for path in found}
    programs = ("/v1", "/static", "/health", "/ready", "/metrics")
    served = {path for path in paths(console.app, "GET") if not path.startswith(programs)}
    assert known == served


@pytest.mark.parametrize(
    "language", ["kk", *(pytest.param(other, marks=pytest.mark.long) for other in ("ru", "en"))]
)
def test_every_page_is_quiet_whole_and_in_its_language(
    site: Site, pages: Pages, language: str
) -> None:
    site.address = site.address.replace("127.0.0.1", "localhost")  # passkeys are offered by name
    wrong: list[object] = []
    for login, found in pages.items():
        page = site.page(language, login)
        page.on("request", partial(_elsewhere, site.address, wrong))
        for path in (address for several in found.values() for address in several):
            site.visit(page, path)
            if page.answer.status != 200:
                wrong.append((path, page.answer.status))
                continue
            wrong += [(path, each) for each in _seen(site, page, language, path)]
        wrong += page.said
    assert not wrong, "\n".join(map(str, wrong))


def _elsewhere(address: str, wrong: list[object], request: Any) -> None:
    if not request.url.startswith((address, "data:")):
        wrong.append(request.url)


def _seen(site: Site, page: Any, language: str, path: str) -> list[object]:
    page.evaluate(OPEN_ALL.replace("'details'", "'main details'"))
    wrong: list[object] = []
    if page.locator("h1").count() != 1 or page.locator("html").get_attribute("lang") != language:
        wrong.append("headings or language")
    texts = page.evaluate(FOREIGN, language)
    alien = CYRILLIC if language == "en" else LATIN
    wrong += [each for each in texts if alien.search(each) and not NAMES.search(each)]
    wrong += [each for each in texts if KEY.search(each)]
    if language == "kk":  # the same parts in any language
        found = Axe().run(page).response["violations"]
        wrong += [(each["id"], each["nodes"][0]["html"]) for each in found]
        for theme in ("dark", "light"):
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            wrong += [(theme, each) for each in page.evaluate(READ)]
    for width in WIDTHS[language]:
        site.widen(page, width)
        if page.evaluate(SIDEWAYS) > 0:
            wrong.append((width, "scrolls sideways"))
        wrong += [(width, "small", each) for each in page.evaluate(SMALL)]
        wrong += [(width, "cut off", each) for each in page.evaluate(CUT_OFF)]
        if shots := os.environ.get("QALQAN_SHOTS"):
            name = re.sub(r"[^a-zA-Z0-9]+", "-", path).strip("-")
            page.screenshot(path=f"{shots}/{name}-{language}-{width}.png", full_page=True)
    site.widen(page, 1440)
    return wrong


@pytest.mark.long
def test_the_keyboard_comes_through_every_page_and_the_focus_is_seen(
    site: Site, pages: Pages
) -> None:
    """WCAG 2.2, 2.1.2 and 2.4.7."""
    wrong: list[object] = []
    headed: set[str | None] = set()
    for login, found in pages.items():
        page = site.page("ru", login)
        for path in (several[0] for several in found.values()):
            site.visit(page, path)
            page.evaluate(OPEN_ALL.replace("'details'", "'main details'"))
            if login in headed:  # the header is the same on all of one's pages
                page.evaluate("document.querySelector('#content').focus()")
            headed.add(login)
            wrong += [(path, each) for each in _walked(page)]
    assert not wrong, "\n".join(map(str, wrong))


def _walked(page: Any) -> list[object]:
    stops: list[int] = []
    wrong: list[object] = []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        tag, stop, seen, html = page.evaluate(FOCUSED)
        if tag == "BODY":
            return wrong
        if not seen and stop not in stops:  # a date's inner stops are the browser's own
            wrong.append(("focus unseen", html))
        stops.append(stop)
        if stops[-IN_ONE:] == [stop] * IN_ONE:
            return [*wrong, ("trapped", html)]
    return [*wrong, "no end"]
