"""Whole stories in Chromium, in three languages: each person signs in and works with a browser;
only the worker's rounds and the clock are played (REQ-18, 19, 44, 88)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import story
from browsers import Site, chromium, serving
from qalqan.clock import SECOND
from qalqan.register import orm, people
from qalqan.settings import Settings
from qalqan.text.catalogue import say
from qalqan.web.app import make_app
from story import FIRST, FOURTH, HELD, OTHER, VICTIM, Centre, at

__all__ = ["chromium"]
pytestmark = pytest.mark.browser
CASE = "C-26-000001"
BOSS, OTHER_BOSS, OFFICER, PROSECUTOR, AUDITOR = (
    "a.nurlanova", "b.seitkali", "d.ospanov", "e.kim", "g.audit",
)  # fmt: skip
STATEMENT = (
    f"ИИК:;{HELD}\nЗа период с 20.11.2026 по 21.11.2026\nВходящий остаток:;0\n"
    f"Дата;Дебет;Кредит;ИИК корреспондента\n21.11.2026 09:20;;960000,00;{OTHER}\n"
    "Исходящий остаток:;960000,00\n"
).encode()


@dataclass
class Day:
    """A centre, its console, and everybody's browser."""

    centre: Centre
    site: Site
    language: str
    pages: dict[str, Any] = field(default_factory=dict)

    def open(self, login: str, path: str) -> Any:
        """The page in this person's browser; whoever has none yet signs in first."""
        page = self.pages.get(login)
        if page is None:
            page = self.pages[login] = self.site.page(self.language, None)
            self.site.visit(page, "/sign-in")
            page.fill("#login", login)
            page.fill("#password", story.PASSWORD)
            with page.expect_navigation():
                page.keyboard.press("Enter")
        self.site.visit(page, path)
        assert page.answer.status == 200, (login, path)
        assert page.locator("html").get_attribute("lang") == self.language
        return page

    def send(self, page: Any, button: str) -> None:
        """Press the button, and see that the form was taken."""
        with page.expect_navigation():
            page.click(button)
        assert page.locator("[role=alert]").count() == 0, page.inner_text("main")

    def bank_answers(self, bank: str, kind: str, outcome: str, **fields: str) -> None:
        """The bank's clerk finds the order in his list, opens it and answers."""
        page = self.open(f"clerk.{bank}", "/partner")
        order = self.centre.order(kind, bank)
        with page.expect_navigation():
            page.click(f"a[href='/partner/orders/{order.id}']")
        page.check(f"input[name=outcome][value={outcome}]")
        for name, value in fields.items():
            page.fill(f"form.answer [name={name}]", value)
        self.send(page, "form.answer button.main")
        self.works()

    def agrees(self, login: str, kind: str) -> None:
        """Say yes to the draft of that kind, among what waits for this person."""
        page = self.open(login, "/approvals")
        with self.centre.database.session() as session:
            order = session.query(orm.Order).filter_by(kind=kind, state="drafted").one()
        page.fill(f"#note-{order.id}", "Қаралды")
        self.send(page, f"[id='{order.id}'] button[value=approve]")
        self.works()

    def works(self) -> None:
        """The worker does what is due, and a moment later what waited for more facts."""
        self.centre.work()
        self.centre.clock.set(self.centre.clock.now_us() + 2 * SECOND)
        self.centre.work()

    def quiet(self) -> None:
        """Nothing in any browser complained."""
        assert {login: page.said for login, page in self.pages.items() if page.said} == {}


@pytest.fixture(
    params=["kk", *(pytest.param(other, marks=pytest.mark.long) for other in ("ru", "en"))]
)
def day(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chromium: Any
) -> Iterator[Day]:
    home = tmp_path / "home"
    monkeypatch.setenv("QALQAN_CLOCK", str(home / "clock"))
    monkeypatch.setenv("QALQAN_HOME", str(home))
    centre = story.found(home)
    with centre.database.write() as session:
        for bank in story.BANKS:
            people.add_user(
                session, centre.keys, f"clerk.{bank}", bank, story.PASSWORD, "clerk", "KZ",
                partner=bank,
            )  # fmt: skip
    app = make_app(Settings(home=home))
    with closing(centre.books), serving(app, chromium, {}) as site:
        yield Day(centre, site, request.param)
    app.state.database.close()
    centre.database.close()


def test_a_theft_from_the_call_to_the_money_at_home(day: Day) -> None:
    centre, language = day.centre, day.language
    centre.to("09:40", 21)
    story.report(centre, OTHER, 960_000, at("09:20", 21), HELD, methods=["29"])
    centre.work()
    centre.to("09:45", 21)
    day.bank_answers("kokjiek", "confirm", "confirmed", id="p-1", at="2026-11-21T09:20", payee=HELD)
    centre.to("09:50", 21)
    day.bank_answers("keruen", "hold", "held", reference="K-7781")

    centre.to("09:00", 22)  # a day's statement covers the day once it is over
    page = day.open(OFFICER, "/queue")
    assert page.locator("[data-row][aria-current=true]").get_attribute("data-row") == CASE
    with page.expect_navigation():
        page.keyboard.press("KeyA")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url.endswith(f"/cases/{CASE}")
    assert say("ladder.state.held", language) in page.inner_text("main")
    with page.expect_navigation():
        page.keyboard.press("KeyS")
    page.select_option("[name=partner]", "keruen")
    page.set_input_files("[name=file]", {
        "name": "statement.csv", "mimeType": "text/csv", "buffer": STATEMENT,
    })  # fmt: skip
    day.send(page, "main form button.main")
    assert "960 000" in page.inner_text("main").replace("\u00a0", " ")
    day.send(page, "button[name=take][value=answer]")
    day.works()

    for person in (BOSS, OTHER_BOSS, PROSECUTOR):
        day.agrees(person, "return")
    back = {"id": "p-2", "at": "2026-11-22T09:05", "amount": "960 000"}
    centre.to("09:10", 22)
    day.bank_answers("keruen", "return", "returned", **back)
    page = day.open(OFFICER, f"/cases/{CASE}")
    told = page.locator("main > section.card").first.inner_text().replace("\u00a0", " ")
    assert say("ladder.state.returned", language) in told
    assert told.count("960 000") == 2, "all that was stolen came back"

    looked = day.open(AUDITOR, f"/cases/{CASE}/looked").inner_text("main")
    assert OFFICER in looked
    day.quiet()


@pytest.mark.parametrize("day", ["ru"], indirect=True)
def test_money_that_ran_on_is_followed_while_the_officer_watches(day: Day) -> None:
    centre, language = day.centre, day.language
    centre.to("14:47")
    story.report(centre, VICTIM, 790_000, at("14:02"), FIRST, methods=["28"], words=story.WORDS)
    centre.work()
    day.bank_answers(
        "kokjiek", "confirm", "confirmed", id="p-1", at="2026-11-23T14:02", payee=FIRST
    )
    page = day.open(OFFICER, "/queue")
    with page.expect_navigation():
        page.keyboard.press("KeyA")
    page.clock.install()
    page = day.open(OFFICER, f"/cases/{CASE}")
    assert "…4471" in page.inner_text("#orders")
    day.bank_answers(
        "tulpar", "hold", "gone", to_account_1=FOURTH, to_at_1="2026-11-23T14:29",
        to_amount_1="790 000", to_id_1="p-2",
    )  # fmt: skip
    page.clock.fast_forward(16_000)
    page.wait_for_selector("#orders >> text=…3308")  # by itself
    day.bank_answers("samal", "hold", "partial", amount="500 000")
    page = day.open(OFFICER, f"/cases/{CASE}")
    told = page.locator("main > section.card").first.inner_text().replace("\u00a0", " ")
    assert say("ladder.state.held", language) in told
    assert "500 000" in told

    page.keyboard.press("KeyC")
    page.wait_for_url("**/tasks#words")
    page.wait_for_selector("#words:focus")
    page.keyboard.type("Банкке қоңырау шалдым")
    day.send(page, "#add-note button")
    day.send(page, "#notes .vault a")  # words open for a purpose, which is asked once
    page.check("input[name=code][value=stop_payment]")
    day.send(page, "main form button.main")
    assert "Банкке қоңырау шалдым" in page.inner_text("main")
    page = day.open(OFFICER, f"/cases/{CASE}/tasks")
    assert "Банкке қоңырау шалдым" in page.inner_text("main")
    day.quiet()
