"""The public pages of figures and bulletins: each number leads to its query."""

from __future__ import annotations

import csv
import io
import re
import warnings
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from lxml import html

from counted import REGIONS, Register, at, opened
from persons import Officer
from qalqan.bulletin import dashboard, desk
from qalqan.bulletin.figures.kept import by_of
from qalqan.bulletin.figures.official import number
from qalqan.clock import HOUR
from qalqan.model.period import parse
from qalqan.register import jobs
from qalqan.web.app import make_app
from qalqan.work.bulletins import keep_figures

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

ZERE, AIGUL = Officer("zere", "analyst"), Officer("aigul", "supervisor")


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Register, Any]]:
    """A centre with thirty reports of the last thirty days, counted, and its pages."""
    home: Path = tmp_path_factory.mktemp("public")
    with pytest.MonkeyPatch.context() as patch, opened(home) as register:
        patch.setenv("QALQAN_CLOCK", str(home / "clock"))
        for n in range(30):
            when = f"2026-11-{2 + n % 21:02d} {8 + n % 12:02d}:00"
            register.report(
                when, 70_000 * (n + 1), region=REGIONS[n % 2], methods=[("27", "28", "32")[n % 3]],
                crime_us=at(when) - (n % 9 + 1) * HOUR,
            )  # fmt: skip
        register.report("2026-11-03 10:00", 5_000, region="KZ-35", methods=["29"])
        register.calls("2026-12-01 10:00", 4321)
        register.clock.set(at("2026-12-02 09:00"))
        keep_figures(register.database, register.settings)
        app = make_app(register.settings)
        yield register, app
        app.state.database.close()


@pytest.fixture
def browser(centre: tuple[Register, Any]) -> Any:
    client = TestClient(centre[1], follow_redirects=False)
    client.headers.update({"accept": "text/html", "sec-fetch-site": "same-origin"})
    client.cookies.set("qalqan_language", "en")
    return client


def published(register: Register, bulletin: str) -> None:
    """Counted, agreed to and counted again."""
    for _ in range(2):
        while (job := jobs.lease(register.database, "test", [desk.JOB])) is not None:
            with register.book() as book:
                desk.count(register.database, job, book)
        with register.database.write() as session:
            row = desk.one(session, bulletin)
            if row.state == "drafted":
                desk.decide(session, AIGUL, bulletin, True, row.version)


def links(page: Any) -> list[str]:
    return [a.get("href") for a in page.iterfind(".//a[@class='figure']")]


def test_every_number_on_the_page_is_reckoned_again(browser: Any, centre: Any) -> None:
    page = html.fromstring(browser.get("/figures").text)
    found = links(page)
    assert len(found) > 70
    with centre[0].book() as book:
        for href in sorted(set(found)):
            code = urlsplit(href).path.removeprefix("/figures/")
            asked = {k: v[0] for k, v in parse_qs(urlsplit(href).query).items()}
            told = html.fromstring(browser.get(href).text)
            period = parse(asked["period"]) if "period" in asked else None
            if period is None:  # somebody else's figure, which gives no period
                assert "stated by" in told.text_content() or "stated" in told.text_content()
                continue
            exact = told.findtext(".//dd[@class='mono']")
            fresh = book.figure(code, period, by_of(asked.get("part", "")))
            assert number(exact) == fresh.value, href
            assert "SELECT" in told.findtext(".//pre/code")


def test_the_headline_is_what_the_figures_say(browser: Any, centre: Any) -> None:
    page = html.fromstring(browser.get("/figures").text)
    with centre[0].book() as book:
        share = book.figure("held.of_loss", parse("2026-11-02..2026-12-01")).value
    assert share == 0
    assert "0 were held" in page.findtext(".//h1")


def test_a_small_cell_is_nowhere(browser: Any) -> None:
    page = html.fromstring(browser.get("/figures").text)
    rows = {th.text: th.getparent().text_content() for th in page.iterfind(".//tbody//th")}
    assert "hidden" in rows["Investment offers, financial pyramids"]
    lines = list(csv.DictReader(io.StringIO(browser.get("/figures.csv").text.lstrip("\ufeff"))))
    small = [line for line in lines if line["part"] == "method=29"]
    assert small
    assert {line["value"] for line in small} == {"hidden"}
    told = browser.get("/figures/thefts.reported?period=2026-11&part=method=29").text
    assert "No figure is shown" in told
    assert "SELECT" in told


def test_another_cell_is_hidden_with_a_lone_one_on_its_own_page_too(browser: Any) -> None:
    lines = csv.DictReader(io.StringIO(browser.get("/figures.csv").text.lstrip("\ufeff")))
    hidden = {line["part"] for line in lines if line["value"] == "hidden"}
    by_column = {part.split("=")[0] for part in hidden}
    for column in by_column & {"method", "region"}:
        assert len({part for part in hidden if part.startswith(column)}) > 1
    for part in sorted(hidden):
        if part.startswith(("method", "region")):
            page = browser.get(f"/figures/thefts.reported?period=2026-11&part={part}").text
            assert "No figure is shown" in page, part


def test_parts_of_a_month_that_runs_are_nowhere(browser: Any, centre: Any) -> None:
    lines = list(csv.DictReader(io.StringIO(browser.get("/figures.csv").text.lstrip("\ufeff"))))
    periods = {line["period"] for line in lines if line["part"]}
    assert "2026-11" in periods
    assert all(parse(period).kind == "month" for period in periods)
    with centre[0].database.session() as session:
        earlier = dashboard.show(session, at("2026-11-30 09:00"))
    assert not any(k.figure.by for group in earlier.groups() for k in group)


def test_the_table_adds_up_to_the_whole(browser: Any) -> None:
    lines = list(csv.DictReader(io.StringIO(browser.get("/figures.csv").text.lstrip("\ufeff"))))
    days = [Fraction(line["value"] or 0) for line in lines
            if line["code"] == "loss.reported" and len(line["period"]) == 10]  # fmt: skip
    whole = next(Fraction(line["value"]) for line in lines if line["code"] == "loss.reported"
                 and line["period"] == "2026-11-02..2026-12-01")  # fmt: skip
    assert len(days) == 30
    assert sum(days) == whole


@pytest.mark.parametrize(
    "path",
    ["/figures/thefts.asked", "/figures/imagined", "/figures/loss.reported?period=yesterday",
     "/bulletins/B-26-000009/kk.pdf"],
)  # fmt: skip
def test_what_is_not_public_or_not_there(browser: Any, path: str) -> None:
    assert browser.get(path).status_code in (404, 422)


def test_the_minister_s_page_is_for_nobody_outside(browser: Any, centre: Any) -> None:
    register = centre[0]
    with register.database.write() as session:
        bulletin = desk.ask(session, ZERE, "minister", "2026-11").id
    published(register, bulletin)
    assert browser.get(f"/bulletins/{bulletin}/en.html").status_code == 404
    assert bulletin not in browser.get("/bulletins").text


@pytest.mark.parametrize("part", ["region", "region=KZ-75;x", "a=b;c=d;e=f", "region='; DROP--"])
def test_a_strange_part_is_no_figure(browser: Any, part: str) -> None:
    answer = browser.get("/figures/thefts.reported", params={"period": "2026-11", "part": part})
    assert answer.status_code in (200, 422)
    assert "SELECT" not in answer.text or "DROP" not in answer.text


def test_official_figures_name_their_sources(browser: Any) -> None:
    text = html.fromstring(browser.get("/figures/internet_fraud.solved").text).text_content()
    assert "over 3700" in text
    assert "over 3800" in text
    assert "Prosecutor General" in text


def test_a_bulletin_is_there_in_each_language_and_form(browser: Any, centre: Any) -> None:
    register = centre[0]
    with register.database.write() as session:
        bulletin = desk.ask(session, ZERE, "month", "2024-01").id
    assert browser.get(f"/bulletins/{bulletin}/kk.pdf").status_code == 404
    published(register, bulletin)
    page = browser.get("/bulletins").text
    found = re.findall(rf"/bulletins/{bulletin}/(\w\w)\.(\w+)", page)
    assert len(set(found)) == 12
    for language, form in found:
        answer = browser.get(f"/bulletins/{bulletin}/{language}.{form}")
        assert answer.status_code == 200
        assert len(answer.content) > 1000
        kept = answer.headers["content-disposition"] if form != "html" else ""
        policy = answer.headers["content-security-policy"]
        assert ("style-src 'unsafe-inline'" in policy) == (form == "html")
        assert "script-src" not in policy
        assert (f"qalqan-month-2024-01-{language}.{form}" in kept) == (form != "html")
    with register.database.write() as session:
        desk.withdraw(session, AIGUL, bulletin, "A wrong figure")
    assert browser.get(f"/bulletins/{bulletin}/kk.pdf").status_code == 404
    assert "A wrong figure" in browser.get("/bulletins").text


@pytest.mark.parametrize(
    "path", ["/figures", "/figures/method", "/bulletins", "/figures/loss.mean"]
)
@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_pages_need_no_session_and_no_script(browser: Any, path: str, language: str) -> None:
    browser.cookies.set("qalqan_language", language)
    answer = browser.get(path)
    assert answer.status_code == 200
    assert "<script" not in answer.text
    assert 'style="' not in answer.text.split("<svg")[0]
