"""Bulletins by kind: which sections each has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from sqlalchemy import select

from qalqan.bulletin.documents import sections, stated
from qalqan.bulletin.documents.frame import Frame
from qalqan.bulletin.documents.parts import Body, Section
from qalqan.bulletin.figures.book import Book
from qalqan.bulletin.figures.cells import WHOLE
from qalqan.cases.codes import regions
from qalqan.errors import InputRejected
from qalqan.model.period import Period
from qalqan.register import orm

Maker = Callable[[Frame], Section | None]
_OWN: tuple[Maker, ...] = (
    sections.summary, sections.methods, sections.regions, sections.delay, sections.work,
    sections.calls,
)  # fmt: skip
KINDS: Mapping[str, tuple[Maker, ...]] = {
    "month": (sections.summary, sections.days, *_OWN[1:], stated.official, stated.yearly),
    "year": (
        sections.summary, sections.months, *_OWN[1:], sections.abroad, stated.official,
        stated.yearly, stated.displacement, stated.without_period,
    ),
    "region": (sections.summary, sections.methods, sections.delay, stated.official),
    "press": (sections.summary, sections.methods, stated.official),
    "minister": (sections.summary, sections.banks, stated.official),
}  # fmt: skip
"""Kind → its sections. A section for which there is nothing is left out."""
INSIDE = frozenset({"minister"})
"""Kinds that are not for everybody: they show figures that are not public, banks by name."""
_PARTNER = "partner="
_LENGTHS = {"month": ("month",), "year": ("year",)}
"""Of all others: any whole period (`figures.cells`)."""


def compose(book: Book, kind: str, period: Period, region: str = "") -> Body:
    """The bulletin of a period, with every figure that it rests on.

    Raises:
        InputRejected: no such kind or region, or a period that this kind is not made of or that
            has not begun.
    """
    check_wanted(kind, period, region, book.as_of_us)
    frame = Frame(book, period, region, kind in INSIDE)
    is_counted = frame.has("thefts.reported")
    made = (make(frame) for make in KINDS[kind] if is_counted or make.__module__ == stated.__name__)
    found = tuple(section for section in made if section is not None and _says(section))
    if not is_counted:
        found = (Section("not_counted", notes=("bulletin.note.not_counted",)), *found)
    return Body(
        kind, period, region, found, book.as_of_us, book.seal, book.simulated and is_counted,
        names=_partners(book, found),
    )  # fmt: skip


def check_wanted(kind: str, period: Period, region: str, now_us: int) -> None:
    """Raise `InputRejected` unless there is such a bulletin, of a period that has begun; a region's
    page is of one that is over, since all of it is of a part."""
    if kind not in KINDS:
        raise InputRejected("kind", kind, "one_of", choices=", ".join(KINDS))
    if period.kind not in _LENGTHS.get(kind, WHOLE):
        raise InputRejected(
            "period", period.code, f"period.{kind if kind in _LENGTHS else 'whole'}"
        )
    if period.from_us > now_us:
        raise InputRejected("period", period.code, "period.begun")
    if region and period.to_us > now_us:
        raise InputRejected("period", period.code, "period.over")
    if (kind == "region") != bool(region):
        raise InputRejected("region", region, "bulletin.region")
    if region and region not in regions():
        raise InputRejected("region", region, "one_of", choices=", ".join(regions()))


def _says(section: Section) -> bool:
    """Whether there is anything in it."""
    rows = section.table.rows if section.table else ()
    told = (c.figure for _, cells in rows for c in cells if c.figure)
    return bool(section.claims or section.picture or any(f.value is not None for f in told))


def _partners(book: Book, sections: Iterable[Section]) -> dict[str, Mapping[str, str]]:
    """What the partners in the tables are called, for as long as the bulletin is kept."""
    labels = (of for s in sections if s.table for of, _ in s.table.rows if of.kind == "part")
    found = {of.code.removeprefix(_PARTNER) for of in labels if of.code.startswith(_PARTNER)}
    rows = book.session.scalars(select(orm.Partner).where(orm.Partner.code.in_(found)))
    return {row.code: row.names for row in rows}
