"""The sections of our bulletins that rest on our own figures."""

from __future__ import annotations

from qalqan.bulletin.charts import Marks
from qalqan.bulletin.claims.bound import make
from qalqan.bulletin.documents.frame import Frame, against
from qalqan.bulletin.documents.parts import Cell, Label, Picture, Section, Table
from qalqan.bulletin.figures.splits import comparable
from qalqan.bulletin.inside import ABROAD
from qalqan.model.figure import Figure
from qalqan.model.period import Period

HEAD = (
    "thefts.reported", "loss.reported", "requested.sum", "held.sum", "returned.sum",
    "wrongly_held.sum",
)  # fmt: skip
RATES = ("held.of_loss", "held.of_requested", "returned.of_loss", "wrongly_held.share")
WORK = (
    "cases.opened", "orders.sent", "answers.late_share", "appeals.received", "appeals.granted",
    "appeals.median", "drops.seen", "payers.warned", "returned.victims",
)  # fmt: skip
DELAY = (
    "delay.median", "delay.quarter", "delay.three_quarters", "delay.within_hour",
    "first_order.median",
)  # fmt: skip
CALLS = ("calls.refused", "calls.seen", "calls.complained")
FACTS = ("facts.told", "payments.told", "calls.told", "subscriptions.activated")


def summary(frame: Frame) -> Section:
    """Damage, requested, held, returned, wrongly held, against the same period a year before."""
    codes = [*HEAD, *RATES]
    notes = ["bulletin.note.held_is_not_returned"]
    notes += ["bulletin.note.small"] if frame.region else []
    notes += [] if frame.is_same_land else ["bulletin.note.region_split"]
    return Section("summary", frame.claims(HEAD), None, frame.table(codes), tuple(notes))


def months(frame: Frame) -> Section:
    """The months of a year: those nobody counted stay empty."""
    parts = frame.period.parts("month")
    codes = ("thefts.reported", "loss.reported", "held.sum", "returned.sum")
    rows = tuple(
        (Label("period", month.code), tuple(_of_month(frame, code, month) for code in codes))
        for month in parts
    )
    table = Table(tuple(Label("figure", code) for code in codes), rows)
    shown = tuple(f for code in codes[1:] for f in _series(frame, code, parts))
    return Section("months", (), Picture("money", shown), table, ("bulletin.note.missing",))


def days(frame: Frame) -> Section:
    """The days of a month."""
    shown = [
        f
        for code in ("loss.reported", "held.sum", "returned.sum")
        for f in _series(frame, code, frame.period.parts("day"))
    ]
    picture = Picture("money", tuple(shown), frame.marks(shown))
    return Section("days", (), picture, None, ("bulletin.note.bars",))


def methods(frame: Frame) -> Section | None:
    """How it is done: each report once, by its main method."""
    return _by(frame, "methods", "method", "bars")


def regions(frame: Frame) -> Section | None:
    """Where people report."""
    return _by(frame, "regions", "region", "tiles")


def delay(frame: Frame) -> Section:
    """Speed decides: how late frauds are told, and what is held by how late."""
    is_split = frame.may_split and not frame.region
    curve = frame.parts("held.by_delay", "band") if is_split else []
    shown = sorted((f for f in curve if not frame.hidden(f)), key=lambda f: f.by["band"])
    picture = Picture("delay", tuple(shown)) if len(shown) > 1 else None
    table = frame.table(DELAY)
    return Section("delay", frame.claims(DELAY[:1]), picture, table, ("bulletin.note.delay",))


def banks(frame: Frame) -> Section:
    """Banks by how soon they answer a hold."""
    found = sorted(frame.parts("hold_answer.median", "partner"), key=lambda f: f.value or 0)
    codes = ("hold_answer.median", "hold_answer.nine_tenths", "answers.late_share", "answers.all")
    rows = tuple(
        (Label("part", f"partner={f.by['partner']}"), tuple(
            frame.cell(frame.book.figure(code, frame.period, f.by)) for code in codes
        ))
        for f in found
    )  # fmt: skip
    heads = tuple(Label("figure", code) for code in codes)
    return Section("banks", (), None, Table(heads, rows), ("bulletin.note.banks",))


def work(frame: Frame) -> Section:
    """What the centre did."""
    return Section("work", frame.claims(WORK[:2]), None, frame.table(WORK))


def abroad(frame: Frame) -> Section:
    """What other countries were asked, and how soon they answered."""
    return Section("abroad", frame.claims(ABROAD[:1]), None, frame.table(ABROAD))


def calls(frame: Frame) -> Section:
    """Calls refused at the border, and what partners told."""
    notes = ("bulletin.note.attempts",)
    return Section("calls", frame.claims(CALLS[:1]), None, frame.table([*CALLS, *FACTS]), notes)


def _by(frame: Frame, key: str, column: str, picture: str) -> Section | None:
    """Reports by a column: how many, which share, against the period before."""
    found = frame.parts("thefts.reported", column)
    hidden = [f for f in found if frame.hidden(f)]
    if not frame.may_split or len(found) == len(hidden):
        return None
    before = frame.period.before()
    old = {f.by[column]: f for f in frame.parts("thefts.reported", column, before)}
    rows = tuple(
        (Label("part", f"{column}={f.by[column]}"), _row(frame, f, old.get(f.by[column])))
        for f in found
    )
    share = () if frame.region else (Label("figure", "thefts.share"),)
    heads = (
        Label("figure", "thefts.reported"), *share, against(before),
        Label("figure", "loss.reported"),
    )  # fmt: skip
    marks = Marks(hidden=tuple(f.by[column] for f in hidden))
    open_ones = [f for f in found if f not in hidden]
    claims = (make("most", *open_ones),) if len(open_ones) > 1 else ()
    notes = ["bulletin.note.no_comparison_group"]
    notes += ["bulletin.note.small"] if hidden else []
    return Section(
        key, claims, Picture(picture, tuple(found), marks), Table(heads, rows), tuple(notes)
    )


def _row(frame: Frame, figure: Figure, before: Figure | None) -> tuple[Cell, ...]:
    """How many, which share of the country's (a region's page has none), the change, the loss."""
    book, period = frame.book, frame.period
    share = () if frame.region else (book.figure("thefts.share", period, figure.by),)
    loss = book.figure("loss.reported", period, figure.by)
    is_shown = not frame.hidden(figure) and before is not None and not frame.hidden(before)
    is_sound = frame.is_over and comparable(figure.by.get("region", ""), period, period.before())
    change = book.change(figure, before) if before and is_shown and is_sound else None
    return tuple(map(frame.cell, (figure, *share, change, loss)))


def _series(frame: Frame, code: str, periods: tuple[Period, ...]) -> list[Figure]:
    """A figure over periods; one for which there is none stays without a value."""
    wanted = sorted(frame.by)
    told = frame.book.figures(code, periods, wanted)
    found = {f.period: f for f in told if f.by == frame.by}
    return [found.get(p) or frame.figure(code, p) for p in periods]


def _of_month(frame: Frame, code: str, month: Period) -> Cell:
    figure = next(f for f in _series(frame, code, frame.period.parts("month")) if f.period == month)
    return frame.cell(figure)
