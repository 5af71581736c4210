"""What the public dashboard says, ready for the page."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from urllib.parse import quote, urlencode

from sqlalchemy.orm import Session

from qalqan.bulletin import dashboard, shown
from qalqan.bulletin.charts import Marks, draw
from qalqan.bulletin.dashboard import Shown
from qalqan.bulletin.figures import official
from qalqan.bulletin.figures.kept import Kept, part_of
from qalqan.model.figure import Figure
from qalqan.model.period import Period
from qalqan.web.console.reader import Reader

MONEY = ("loss.reported", "held.sum", "returned.sum")
BAR = 188
"""Width of the longest bar of a table, units of SVG."""


@dataclass(frozen=True)
class Number:
    """A figure on the page: opens its definition."""

    text: str
    href: str = ""
    revised: bool = False
    hidden: bool = False


@dataclass(frozen=True)
class Row:
    """A part of the population."""

    name: str
    bar: int
    cells: tuple[Number, ...]


@dataclass(frozen=True)
class Picture:
    """A chart with its table."""

    svg: str
    heads: tuple[str, ...]
    rows: tuple[Row, ...]
    about: str = ""
    """Key of the sentence that says what its numbers are, where that varies."""


@dataclass(frozen=True)
class View:
    """The page."""

    is_empty: bool
    hundred: int | None
    """For every hundred tenge of loss that was reported so many were held in the same time, of
    thefts reported then or before; None: nothing to say it of."""
    is_yesterday: bool
    """Else of the last thirty days."""
    day: str
    lost: Number
    held: Number
    returned: Number
    reports: int
    asked: str
    orders: int
    people: int
    share: str
    strip: tuple[tuple[str, Number, str], ...]
    money: Picture | None
    delay: Picture | None
    median: Number
    within_hour: Number
    methods: tuple[Row, ...]
    regions: Picture | None
    main: str
    counted: str


def view(session: Session, reader: Reader) -> View:
    """The dashboard as it was counted last."""
    told = dashboard.show(session)
    language, of = reader.language, told.spans
    span = of.yesterday if told.value("loss.reported", of.yesterday) else of.rolling
    loss, held = told.value("loss.reported", span), told.value("held.sum", span)
    last = told.one("thefts.reported", of.rolling)
    return View(
        is_empty=told.is_empty,
        hundred=round(Fraction(held) * 100 / loss) if loss else None,
        is_yesterday=span == of.yesterday,
        day=shown.period(span, language),
        lost=_number(told, "loss.reported", span, language),
        held=_number(told, "held.sum", span, language),
        returned=_number(told, "returned.sum", span, language),
        reports=int(told.value("thefts.reported", span)),
        asked=shown.sum_of(int(told.value("requested.sum", span)), language),
        orders=int(told.value("requested.orders", span)),
        people=int(told.value("returned.victims", span)),
        share=shown.number(Fraction(held) / loss, "share", language) if loss else shown.DASH,
        strip=_strip(session, told, reader),
        money=_money(told, language),
        delay=_delay(told, language),
        median=_number(told, "delay.median", of.rolling, language),
        within_hour=_number(told, "delay.within_hour", of.rolling, language),
        methods=_methods(told, language),
        regions=_regions(told, language),
        main=shown.period(told.main, language),
        counted=reader.when(last.as_of_us) if last else "",
    )


def href(figure: Figure) -> str:
    """Where a figure's definition and query stand."""
    asked = {"period": figure.period.code if figure.period else "", "part": part_of(figure.by)}
    told = urlencode({k: v for k, v in asked.items() if v}, quote_via=quote)
    return f"/figures/{figure.code}" + (f"?{told}" if told else "")


def _number(told: Shown, code: str, period: Period, language: str) -> Number:
    found = told.one(code, period)
    if found is None or found.figure.value is None:
        return Number(shown.DASH)
    return Number(shown.value(found.figure, language), href(found.figure), found.revised)


def _strip(session: Session, told: Shown, reader: Reader) -> tuple[tuple[str, Number, str], ...]:
    """Four figures under the charts, each with what it is of."""
    language, of, say = reader.language, told.spans, reader.say
    blocked = [f for f in official.stated(session) if f.by == {"what": "blocked"}]
    links = Number(shown.value(blocked[0], language), href(blocked[0])) if blocked else Number("")
    holds = int(told.value("held.orders", of.quarter))
    return (
        ("wrongly", _number(told, "wrongly_held.share", of.quarter, language),
         say("dash.of_holds", n=holds)),
        ("first", _number(told, "first_order.median", of.rolling, language),
         say("dash.of_reports", n=int(told.value("thefts.reported", of.rolling)))),
        ("calls", _number(told, "calls.refused", of.yesterday, language), say("dash.yesterday")),
        ("links", links, say("dash.by_ministry")),
    )  # fmt: skip


def _money(told: Shown, language: str) -> Picture | None:
    days = {code: [k for k in told.daily(code) if k] for code in MONEY}
    figures = [k.figure for of in days.values() for k in of]
    if not any(f.value for f in figures):
        return None
    losses = days["loss.reported"]
    marks = Marks(
        provisional=tuple(_code(k) for k in losses if not k.is_final),
        revised=tuple(_code(k) for k in losses if k.revised),
    )
    rows = tuple(
        Row(shown.period(day, language), 0, tuple(_number(told, c, day, language) for c in MONEY))
        for day in reversed(told.spans.days)
    )
    heads = tuple(shown.name(code, language) for code in MONEY)
    return Picture(draw("money", figures, marks, language), heads, rows)


def _delay(told: Shown, language: str) -> Picture | None:
    found = told.parts("held.by_delay", "band", told.main)
    figures = [k.figure for k in found if not told.is_hidden(k)]
    figures.sort(key=lambda f: f.by["band"])
    if len(figures) < 2:
        return None
    rows = tuple(
        Row(shown.part("band", f.by["band"], language), 0, (
            Number(shown.value(f, language), href(f)), Number(str(f.n)),
        ))
        for f in figures
    )  # fmt: skip
    heads = shown.name("held.by_delay", language), "n"
    return Picture(draw("delay", figures, Marks(), language), heads, rows)


def _methods(told: Shown, language: str) -> tuple[Row, ...]:
    found = told.parts("thefts.reported", "method", told.main)
    before = {
        k.figure.by["method"]: k.figure
        for k in told.parts("thefts.reported", "method", told.main.before())
        if not told.is_hidden(k) and told.main != told.spans.months[0]  # which still runs
    }
    shares = {
        k.figure.by["method"]: k.figure for k in told.parts("thefts.share", "method", told.main)
    }
    most = max((int(k.figure.value or 0) for k in found), default=1)
    rows = []
    for k in found:
        code, figure = k.figure.by["method"], k.figure
        name = shown.part("method", code, language)
        if told.is_hidden(k):
            rows.append(Row(name, 0, (Number("", hidden=True),) * 3))
            continue
        then = before.get(code)
        change = _change(figure, then, language)
        share = Number(shown.value(shares[code], language)) if code in shares else Number("")
        number = Number(shown.value(figure, language), href(figure), k.revised)
        rows.append(
            Row(name, BAR * int(figure.value or 0) // max(1, most), (number, share, change))
        )
    return tuple(rows)


def _change(now: Figure, then: Figure | None, language: str) -> Number:
    if then is None or not then.value or now.value is None:
        return Number("")
    return Number(shown.change(Fraction(now.value) / then.value - 1, language))


def _regions(told: Shown, language: str) -> Picture | None:
    """Rates where the population of every region is known, else numbers: never some of each."""
    found = told.parts("thefts.reported", "region", told.main)
    if not found:
        return None
    rates = {
        k.figure.by["region"]: k.figure for k in told.parts("thefts.rate", "region", told.main)
    }
    marks = Marks(hidden=tuple(k.figure.by["region"] for k in found if told.is_hidden(k)))
    each = [rates.get(k.figure.by["region"]) for k in found]
    known = [f for f in each if f is not None and f.value is not None]
    by_rate = len(known) == len(found)
    figures = known if by_rate else [k.figure for k in found]
    rows = tuple(_region(k, rates, told.is_hidden(k), language) for k in found)
    heads = shown.name("thefts.reported", language), shown.name("thefts.rate", language)
    about = "dash.regions_by_rate" if by_rate else "dash.regions_by_count"
    return Picture(draw("tiles", figures, marks, language), heads, rows, about)


def _region(k: Kept, rates: dict[str, Figure], is_hidden: bool, language: str) -> Row:
    code = k.figure.by["region"]
    name = shown.part("region", code, language)
    if is_hidden:
        return Row(name, 0, (Number("", hidden=True),) * 2)
    rate = rates.get(code)
    return Row(name, 0, (
        Number(shown.value(k.figure, language), href(k.figure), k.revised),
        Number(shown.value(rate, language), href(rate)) if rate else Number(""),
    ))  # fmt: skip


def _code(of: Kept) -> str:
    return of.figure.period.code if of.figure.period else ""
