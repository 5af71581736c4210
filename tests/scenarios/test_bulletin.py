"""The story of a bulletin: reports come in, the public page counts them, an analyst asks for the
month, writes a sentence that arithmetic refutes, corrects it; a second person agrees; a report that
came meanwhile sends it back; it comes out in three languages and four forms; what comes later
revises the figures and not the bulletin, which is replaced and taken back (REQ-74, 79 to 87).

The pages are the real ones; the worker's rounds and the clock are played.
"""

from __future__ import annotations

import csv
import io
import re
import warnings
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import story
from qalqan.bulletin.claims import check
from qalqan.bulletin.figures import kept
from qalqan.clock import DAY, MINUTE
from qalqan.register import jobs
from qalqan.settings import Settings
from qalqan.web.app import make_app
from qalqan.work.bulletins import Bulletins, keep_figures
from story import OTHER, Centre, at

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

ANALYST, BOSS = "z.akhmetova", "a.nurlanova"
MONTH = "2026-11"
FALSE = "Из 40 обращений 12 (50 %) поступили в течение часа."
TRUE = "Из 40 обращений 12 (30 %) поступили в течение часа."
LANGUAGES, FORMS = ("kk", "ru", "en"), {"html": b"<!doctype", "pdf": b"%PDF", "docx": b"PK"}


@dataclass
class Press:
    """A centre, its pages, and who looks at them."""

    centre: Centre
    settings: Settings
    app: Any

    def browser(self, login: str | None = None) -> TestClient:
        client = TestClient(self.app, client=("203.0.113.7", 50_000), follow_redirects=False)
        client.headers.update({"accept": "text/html", "sec-fetch-site": "same-origin"})
        client.cookies.set("qalqan_language", "en")
        if login is not None:
            client.cookies.set("qalqan_session", self.centre.sessions[login])
        return client

    def reports(self, tenge: list[int], day: int) -> None:
        """Reports of that day, one an hour; their cases are none of this story."""
        for hour, each in enumerate(tenge, 8):
            self.centre.clock.set(at(f"{hour:02d}:30", day))
            story.report(self.centre, OTHER, each, at(f"{hour:02d}:00", day), methods=["27"])

    def count(self) -> None:
        """The worker does what bulletins wait for, and counts what the dashboard shows."""
        worker = Bulletins(self.centre.database, self.settings)
        while (job := jobs.lease(self.centre.database, "test", worker.handlers)) is not None:
            worker.handlers[job.kind](job)
        keep_figures(self.centre.database, self.settings)

    def send(self, login: str, path: str, seen: str = "", **form: str) -> Any:
        """A form of the page `seen`, with the version that it shows."""
        client = self.browser(login)
        page = client.get(seen or path).text
        hidden = dict(re.findall(r'name="(csrf|version)" value="([^"]*)"', page))
        return client.post(path, data={**hidden, **form})

    def state(self, bulletin: str) -> str:
        page = self.browser(ANALYST).get(f"/bulletins/desk/{bulletin}").text
        return re.findall(r'class="chip[^"]*">([^<]+)<', page)[0]

    def text(self, bulletin: str, language: str) -> str:
        answer = self.browser().get(f"/bulletins/{bulletin}/{language}.txt")
        assert answer.status_code == 200
        return answer.text

    def on_the_page(self, code: str) -> int:
        """A public figure of the month, as its own page tells it."""
        told = self.browser().get(f"/figures/{code}?period={MONTH}").text
        return int(re.search(r'<dd class="mono">(\d+)', told)[1])

    def values(self) -> list[int]:
        """All values of the month that were shown as final or are shown now."""
        with self.centre.database.session() as session:
            past = kept.history(session, "thefts.reported", MONTH, "")
        return [int(each.figure.value) for each in past]


@pytest.fixture
def press(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Press]:
    home = tmp_path / "home"
    monkeypatch.setenv("QALQAN_CLOCK", str(home / "clock"))
    monkeypatch.setenv("QALQAN_HOME", str(home))
    centre = story.found(home)
    app = make_app(Settings(home=home))
    with closing(centre.books):
        yield Press(centre, Settings(home=home), app)
    app.state.database.close()
    centre.database.close()


def asked(press: Press, **more: str) -> str:
    answer = press.send(ANALYST, "/bulletins/desk", kind="month", period=MONTH, **more)
    assert answer.status_code == 303, answer.text
    press.count()
    return answer.headers["location"].rpartition("/")[2]


def test_from_reports_to_a_bulletin_that_is_replaced(press: Press) -> None:
    press.reports([100_000 * n for n in range(1, 8)], 21)
    press.centre.clock.set(at("09:00", 22))
    press.count()
    assert press.on_the_page("thefts.reported") == 7
    public = press.browser().get("/figures.csv").text.lstrip("\ufeff")
    sums = [int(row["value"]) for row in csv.DictReader(io.StringIO(public))
            if row["code"] == "loss.reported" and row["period"] == "2026-11-21"]  # fmt: skip
    assert sums == [2_800_000_00]

    number = asked(press)
    desk = f"/bulletins/desk/{number}"
    assert press.browser().get(f"/bulletins/{number}/kk.txt").status_code == 404, "a draft"
    assert press.send(ANALYST, f"{desk}/words", desk, ru=FALSE).status_code == 303
    refused = press.send(BOSS, f"{desk}/decision", desk, decision="approve")
    assert refused.status_code == 422
    assert press.state(number) == "draft"
    assert press.send(ANALYST, f"{desk}/words", desk, ru=TRUE).status_code == 303
    own = press.send(ANALYST, f"{desk}/decision", desk, decision="approve", version="3")
    assert own.status_code == 403

    assert press.send(BOSS, f"{desk}/decision", desk, decision="approve").status_code == 303
    press.reports([700_000], 22)  # before the worker counts again
    press.count()
    assert press.state(number) == "draft", "its figures moved"
    assert press.send(BOSS, f"{desk}/decision", desk, decision="approve").status_code == 303
    press.count()

    for language in LANGUAGES:
        told = press.text(number, language)
        assert re.search(r"3[,.]50\s(млн|M)", told), told[:400]
        assert [p for p in check(told, language).problems if p.severity == "false"] == []
        for form, head in FORMS.items():
            made = press.browser().get(f"/bulletins/{number}/{language}.{form}")
            assert made.content.lower().startswith(head.lower()), (language, form)
    assert TRUE in press.text(number, "ru")

    before = press.text(number, "kk")
    press.reports([50_000, 50_000], 23)
    press.count()
    assert press.text(number, "kk") == before, "what is out never changes"
    assert press.on_the_page("thefts.reported") == 10
    assert press.values() == [10], "a month that runs has one value"

    newer = asked(press, replaces=number)
    desk = f"/bulletins/desk/{newer}"
    assert press.send(BOSS, f"{desk}/decision", desk, decision="approve").status_code == 303
    press.count()
    why = "Кеш келген арыздар қосылды"
    old = f"/bulletins/desk/{number}"
    assert press.send(BOSS, f"{old}/withdrawal", old, why=why).status_code == 303
    assert press.browser().get(f"/bulletins/{number}/kk.pdf").status_code == 404
    shelf = press.browser().get("/bulletins").text
    assert why in shelf
    assert newer in shelf
    assert press.text(newer, "en") != press.text(newer, "ru")

    press.centre.clock.set(at("09:00", 30) + 5 * DAY)
    press.count()
    late = at("18:00", 23)  # from a bank that was slow to say so
    story.report(press.centre, OTHER, 80_000, late, methods=["27"], reported_us=late + 30 * MINUTE)
    press.count()
    assert press.values() == [11, 10], "the newest first"
    assert press.on_the_page("thefts.reported") == 11
