"""What a bulletin is made of, before any language: sections with claims, tables of figures, charts.

A body is kept as JSON with the bulletin, so that what was published can be written again, in any
language and form, to the letter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any, Literal

from qalqan.bulletin.charts import Marks
from qalqan.bulletin.claims.bound import Claim
from qalqan.bulletin.figures.kept import by_of, part_of
from qalqan.bulletin.figures.official import number
from qalqan.model.figure import Figure, Source
from qalqan.model.period import Period, of_code

Head = Literal["figure", "part", "period", "value", "share", "change", "before", "source", "n"]


@dataclass(frozen=True)
class Cell:
    """One figure in a table; the reasons for which it is not simply shown."""

    figure: Figure | None
    """None: the cell is empty on purpose."""
    hidden: bool = False
    """Of a part of fewer than five, or beside one (`figures.cells`)."""
    revised: bool = False
    provisional: bool = False


@dataclass(frozen=True)
class Label:
    """The name of a row or column."""

    kind: Literal["figure", "part", "period", "against", "key"]
    code: str
    """Of a figure; `column=value` of a part; of a period, or of the one that changes are against;
    of a catalogue sentence."""


@dataclass(frozen=True)
class Table:
    """Rows of figures under column heads."""

    columns: tuple[Label, ...]
    rows: tuple[tuple[Label, tuple[Cell, ...]], ...]


@dataclass(frozen=True)
class Picture:
    """A chart: which (`bulletin.charts`), of which figures. The table beside it says the same."""

    kind: str
    figures: tuple[Figure, ...]
    marks: Marks = field(default_factory=Marks)


@dataclass(frozen=True)
class Section:
    """A heading, what is said, shown and explained under it."""

    key: str
    """`bulletin.section.<key>`"""
    claims: tuple[Claim, ...] = ()
    picture: Picture | None = None
    table: Table | None = None
    notes: tuple[str, ...] = ()
    """Catalogue keys."""


@dataclass(frozen=True)
class Body:
    """One bulletin."""

    kind: str
    """month, year, region, press, minister"""
    period: Period
    region: str
    sections: tuple[Section, ...]
    as_of_us: int
    seal: int
    simulated: bool
    words: Mapping[str, str] = field(default_factory=dict)
    """What an editor wrote, by language; checked before it is published."""
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """What the partners in its tables are called."""


def figures_of(body: Body) -> list[Figure]:
    """Every figure that the bulletin shows or rests on, each once."""
    found: dict[Any, Figure] = {}
    for section in body.sections:
        shown = [f for claim in section.claims for f in claim.figures]
        shown += section.picture.figures if section.picture else ()
        rows = section.table.rows if section.table else ()
        shown += [cell.figure for _, cells in rows for cell in cells if cell.figure]
        for figure in shown:
            found.setdefault((figure.key, figure.unit, figure.source.name), figure)
    return list(found.values())


def open_figures(body: Body) -> list[Figure]:
    """Our figures that the bulletin shows; neither those that it hides nor what it reckons of them
    (changes)."""
    hidden = {
        cell.figure.key
        for section in body.sections if section.table
        for _, cells in section.table.rows for cell in cells if cell.figure and cell.hidden
    }  # fmt: skip
    return [f for f in figures_of(body) if f.unit != "change" and f.key not in hidden]


def as_json(body: Body) -> dict[str, Any]:
    """The body as it is kept."""
    return {
        "kind": body.kind, "period": body.period.code, "region": body.region,
        "as_of_us": body.as_of_us, "seal": body.seal, "simulated": body.simulated,
        "words": dict(body.words), "names": dict(body.names),
        "sections": [_section(s) for s in body.sections],
    }  # fmt: skip


def of_json(told: Mapping[str, Any]) -> Body:
    """What `as_json` wrote."""
    return Body(
        told["kind"], of_code(told["period"]), told["region"],
        tuple(_section_of(s) for s in told["sections"]), told["as_of_us"], told["seal"],
        told["simulated"], told["words"], told["names"],
    )  # fmt: skip


def _section(section: Section) -> dict[str, Any]:
    picture, table = section.picture, section.table
    return {
        "key": section.key, "notes": list(section.notes),
        "claims": [[c.kind, c.word, [_figure(f) for f in c.figures]] for c in section.claims],
        "picture": picture and {
            "kind": picture.kind, "figures": [_figure(f) for f in picture.figures],
            "marks": [list(of) for of in vars(picture.marks).values()],
        },
        "table": table and {
            "columns": [_label(c) for c in table.columns],
            "rows": [[_label(of), [_cell(c) for c in cells]] for of, cells in table.rows],
        },
    }  # fmt: skip


def _section_of(told: Mapping[str, Any]) -> Section:
    picture, table = told["picture"], told["table"]
    return Section(
        told["key"],
        tuple(Claim(kind, word, _figures(of)) for kind, word, of in told["claims"]),
        picture and Picture(
            picture["kind"], _figures(picture["figures"]), Marks(*map(tuple, picture["marks"]))
        ),
        table and Table(
            tuple(Label(*c) for c in table["columns"]),
            tuple((Label(*of), tuple(_cell_of(c) for c in cells)) for of, cells in table["rows"]),
        ),
        tuple(told["notes"]),
    )  # fmt: skip


def _label(label: Label) -> list[str]:
    return [label.kind, label.code]


def _cell(cell: Cell) -> list[Any]:
    figure = _figure(cell.figure) if cell.figure else None
    return [figure, cell.hidden, cell.revised, cell.provisional]


def _cell_of(told: Sequence[Any]) -> Cell:
    return Cell(_figure_of(told[0]) if told[0] else None, *told[1:])


def _figure(figure: Figure) -> list[Any]:
    source = figure.source
    return [
        figure.code, figure.period.code if figure.period else None,
        _text(figure.value), figure.unit, part_of(figure.by),
        _text(figure.base), figure.n, figure.exactness,
        [source.name, source.stated.isoformat() if source.stated else None, source.place],
        figure.simulated, _text(figure.low), _text(figure.high),
    ]  # fmt: skip


def _figure_of(told: Sequence[Any]) -> Figure:
    code, period, value, unit, part, base, n, exactness, (name, stated, place), *rest = told
    simulated, low, high = rest
    return Figure(
        code, of_code(period) if period else None, _number(value), unit, by_of(part), _number(base),
        n, exactness, Source(name, date.fromisoformat(stated) if stated else None, place),
        simulated, _number(low), _number(high),
    )  # fmt: skip


def _text(of: int | Fraction | None) -> str | None:
    return None if of is None else str(of)


def _number(text: str | None) -> Any:
    return None if text is None else number(text)


def _figures(told: Sequence[Any]) -> tuple[Figure, ...]:
    return tuple(_figure_of(each) for each in told)
