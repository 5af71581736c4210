"""The picture: true to scale, in its place, in words, and with nothing that a policy forbids."""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from qalqan.text.show import money
from qalqan.web.console.ladder.bars import FROM_PX, LEAST_PX, NOW_PX, Cap, chart
from qalqan.web.console.ladder.flow import Saved, Scene, flow
from qalqan.web.console.ladder.layout import layout
from qalqan.web.console.ladder.letters import width
from qalqan.web.console.ladder.picture import draw

SVG = "{http://www.w3.org/2000/svg}"
BANKS = {"4471": "TUL", "7710": "KER", "5512": "AQJ", "3308": "SAM", "0926": "SAM", "V001": "KOK"}


@pytest.fixture
def drawn(trails):
    """The case of the design: sums, times, holds and waiting orders."""
    at = trails.clock
    document = trails.document(
        [("R1", "V001", "4471", 3_000_000, at("14:02")),
         ("R1", "V001", "0926", 1_850_000, at("14:11"))],
        [("4471", "7710", 1_489_500, at("14:16")), ("0926", "abroad", 890_000, at("14:20")),
         ("4471", "cash", 600_000, at("14:23")), ("4471", "3308", 790_000, at("14:29")),
         ("7710", "5512", 424_500, at("14:38"))],
        kept={"4471"}, banks=BANKS,
    )  # fmt: skip
    account = trails.account
    scene = Scene(
        frozenset({"R1"}), at("14:54"), (at("14:47"),),
        saved={account("7710"): Saved(1_025_000_00, at("14:50")),
               account("0926"): Saved(895_000_00, at("14:51"))},
        awaited={account("3308"): at("15:17"), account("5512"): at("14:44")},
        banks={"SAM": "Самал <Банк> & Ко"},
    )  # fmt: skip
    return flow(document, scene), scene


def picture(drawn, language="kk"):
    return ElementTree.fromstring(draw(*drawn, "KZT", language)[0])


def test_it_is_well_formed_and_needs_no_style(drawn):
    svg, notes = draw(*drawn, "KZT", "ru")
    tree = ElementTree.fromstring(svg)
    assert not [e for e in tree.iter() if "style" in e.attrib or e.tag == f"{SVG}style"]
    assert "Самал &lt;Банк&gt; &amp; Ко" in svg
    assert not re.search(r"acc_", svg)
    assert notes == frozenset()


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_its_description_tells_every_sum(drawn, language):
    described = picture(drawn, language).find(f"{SVG}desc").text
    for tenge in (4_850_000, 1_920_000, 890_000, 600_000, 120_500):
        assert money(tenge * 100, "KZT", language) in described


def test_height_is_money(drawn):
    """A band's end goes from its upper corner `… y0H…` down to its lower one `V…y1`."""
    scales = []
    for band in picture(drawn).findall(f".//{SVG}path[@data-units]"):
        top, bottom = re.search(r" (-?[\d.]+)H[\d.]+V(-?[\d.]+)", band.get("d")).groups()
        scales.append((float(bottom) - float(top)) / int(band.get("data-units")))
    assert max(scales) / min(scales) < 1.1  # drawn to a tenth of a pixel


def test_place_is_time(drawn):
    whole, scene = drawn
    places = chart(whole, scene).axis.places
    keys = sorted(places)
    assert [places[key] for key in keys] == sorted(places.values())
    assert min(places.values()) == FROM_PX
    assert max(places.values()) == pytest.approx(NOW_PX)
    minutes = [(b[0] - a[0], places[b] - places[a]) for a, b in pairwise(keys)]
    speed = {round(px / us * 60_000_000, 1) for us, px in minutes if us and px > LEAST_PX}
    assert len(speed) == 1, "one minute is as long everywhere"


def test_rows_do_not_lie_on_each_other(drawn):
    whole, scene = drawn
    placed = layout(chart(whole, scene), lambda bar: 90.0)
    caps = [r for r in placed.ribbons if isinstance(r.link.target, Cap)]
    for one in caps:
        for other in caps:
            if one is not other and abs(one.x1 - other.x1) < 10:
                apart = one.y1 + one.height <= other.y1 or other.y1 + other.height <= one.y1
                assert apart


def test_what_a_bar_gets_it_gives_or_keeps(drawn):
    whole, scene = drawn
    cut = chart(whole, scene)
    gives, gets = defaultdict(int), defaultdict(int)
    for link in cut.links:
        gives[link.source] += link.units
        if not isinstance(link.target, Cap):
            gets[link.target] += link.units
    for place, bar in cut.bars.items():
        last = (place[0], place[1] + 1) not in cut.bars
        kept = cut.kept.get(place[0], 0) if last else 0
        assert gives[place] + kept == bar.units
        assert gets[place] in {bar.units, 0}


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("kk", ["жауапқа 23 мин қалды", "жауап 10 мин кешікті", "Арыз 14:47", "қазір 14:54"]),
        ("ru", ["до ответа 23 мин", "ответ опаздывает на 10 мин", "Заявление 14:47"]),
        ("en", ["answer due in 23 min", "answer late by 10 min", "Report 14:47", "now 14:54"]),
    ],
)
def test_clocks_and_moments_are_told(drawn, language, words):
    text = " ".join("".join(e.itertext()) for e in picture(drawn, language).iter(f"{SVG}text"))
    text = text.replace("\u00a0", " ")
    for each in words:
        assert each in text


def test_long_empty_time_is_cut_out_and_said(trails):
    at = trails.clock
    document = trails.document(
        [("R1", "V001", "4471", 1000, at("14:02"))],
        [("4471", "0926", 300, at("14:05")), ("4471", "7710", 300, at("14:09")),
         ("0926", "cash", 200, at("14:30", day=4))],
    )  # fmt: skip
    scene = Scene(frozenset({"R1"}), at("15:00", day=4), (at("14:40"),))
    svg, notes = draw(flow(document, scene), scene, "KZT", "en")
    assert "break" in notes
    assert "axis-break" in svg
    assert "27 Nov" in svg


def test_money_of_a_split_second_is_pulled_apart_and_said(trails):
    at = trails.clock
    chain = ["4471", "0926", "7710", "5512"]
    document = trails.document(
        [("R1", "V001", "4471", 1000, at("14:02"))],
        [(payer, payee, 900, at("14:02") + n)
         for n, (payer, payee) in enumerate(pairwise(chain))],
    )  # fmt: skip
    scene = Scene(frozenset({"R1"}), at("18:00"))
    svg, notes = draw(flow(document, scene), scene, "KZT", "en")
    assert "stretched" in notes
    bars = ElementTree.fromstring(svg).findall(f".//{SVG}rect[@class='bar']")
    places = sorted(float(bar.get("x")) for bar in bars)
    assert min(b - a for a, b in pairwise(places)) > 10


@pytest.mark.parametrize("minute", range(12, 60, 4))
def test_sums_of_one_account_stand_apart(trails, minute):
    """Of three bars the second has no room for its sum; the third may have."""
    at = trails.clock
    document = trails.document(
        [("R1", "V001", "4471", 82_821, at("14:02")), ("R1", "V001", "4471", 20_711, at("14:10")),
         ("R1", "V001", "4471", 50_711, at(f"14:{minute}"))],
        [("4471", "7710", 40_000, at("15:10"))], banks=BANKS,
    )  # fmt: skip
    scene = Scene(frozenset({"R1"}), at("15:20"))
    tree = ElementTree.fromstring(draw(flow(document, scene), scene, "KZT", "ru")[0])
    ends = defaultdict(list)
    for label in tree.iter(f"{SVG}text"):
        if set((label.get("class") or "").split()) & {"label", "sum"}:
            ends[label.get("y")].append((float(label.get("x")), "".join(label.itertext())))
    for labels in ends.values():
        for (x, words), (after, _) in pairwise(sorted(labels)):
            assert x + width(words, 12.5) <= after
