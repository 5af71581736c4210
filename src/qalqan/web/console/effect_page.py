"""Did it work? One measure's estimates, with what may be said of them (REQ-8, 77, 85, 93)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from qalqan.bulletin import measured
from qalqan.bulletin.effects import chart, words
from qalqan.bulletin.effects.displacement import Displacement
from qalqan.bulletin.effects.evaluation import Evaluation
from qalqan.bulletin.effects.results import FEWEST, Effect
from qalqan.bulletin.shown import decimal
from qalqan.cases import measure_list, measure_words
from qalqan.text.catalogue import say
from qalqan.text.show import NBSP
from qalqan.web.access import ThePageOfficer, database_of, language_of
from qalqan.web.console.measures_page import MeasureId, check_reader, design_words
from qalqan.web.console.pages import is_simulated, page
from qalqan.web.console.reader import reader_of

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class Line:
    """One estimate as a row of the table."""

    of: Effect
    point: str
    low: str
    high: str
    before: str
    after: str


@router.get("/measures/{measure}/effect")
def show(request: Request, officer: ThePageOfficer, measure: MeasureId) -> Response:
    """The page."""
    check_reader(officer)
    language = language_of(request)
    with database_of(request).session() as session:
        reader = reader_of(session, language)
        view = measure_list.whole(session, measure)
        design = measured.design_of(view)
        found = (
            None
            if design is None
            else measured.judged(session, design, reader.now_us, is_simulated(request))
        )
    return page(
        request, "effect.html", officer, reader=reader, view=view, row=view.row, found=found,
        design=None if design is None else design_words(reader, design),
        named=measure_words.in_language, **({} if found is None else _shown(found, language)),
    )  # fmt: skip


def _shown(found: Evaluation, language: str) -> dict[str, Any]:
    told = [found.alone, found.main, *([found.parallel] if found.parallel else [])]
    judged = [found.main] if found.main.compared else [found.alone, found.main]
    used = dict.fromkeys(code for each in judged for code in each.assumptions)
    return {
        "says": words.concluded(found, language),
        "lines": [_line(each, language) for each in told],
        "moves": [
            (name, each, [_line(one, language) for one in (each.target, each.others, each.net)])
            for name, each in _moves(found)
        ],
        "assumed": list(used),
        "pictures": {
            name: chart.svg(found, language, width) for name, width in chart.WIDTHS.items()
        },
        "months": [
            (mine.month.code, _count(mine.count, language), _count(its.count, language), late)
            for mine, its, late in found.months
        ],
        "not_over": words.not_over(found, language),
        "quotient": (
            None if found.quotient is None else decimal(Fraction(found.quotient), 2, language)
        ),
    }  # fmt: skip


def _moves(found: Evaluation) -> list[tuple[str, Displacement]]:
    both = (("effects.displaced", found.displaced), ("effects.moved", found.moved))
    return [(name, each) for name, each in both if each is not None]


def _line(of: Effect, language: str) -> Line:
    low, point, high = (words.shown(of, value, language) for value in (of.low, of.point, of.high))
    before, after = of.counts.get("before"), of.counts.get("after")
    return Line(of, point, low, high, _count(before, language), _count(after, language))


def _count(count: int | None, language: str) -> str:
    """A count; one under five is not shown."""
    if count is None:
        return "–"
    if 0 < count < FEWEST:
        return say("effects.hidden", language)
    return f"{count:,}".replace(",", NBSP)
