"""A bulletin in one language: all that a writer of HTML, PDF, DOCX or text needs, as plain strings.

Whole sentences with named places come from the catalogue; a writer adds nothing. The same body in
three languages says the same figures.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from qalqan.bulletin import shown
from qalqan.bulletin.charts import draw
from qalqan.bulletin.claims.bound import Claim
from qalqan.bulletin.documents.parts import Body, Cell, Label, Picture, Section, Table, figures_of
from qalqan.bulletin.figures.book import OWN
from qalqan.bulletin.figures.definitions import definition
from qalqan.bulletin.figures.official import sources
from qalqan.cases.codes import regions
from qalqan.model.figure import Figure, Source
from qalqan.model.period import of_code
from qalqan.text import show
from qalqan.text.catalogue import say

PUBLISHED = "published"
SOURCE = "bulletin.column.source"
TIMES = 3
"""From three times on, a rise is told as so many times, not in percent."""


@dataclass(frozen=True)
class SpokenCell:
    """What stands in a cell, and which figure it is."""

    text: str
    is_number: bool = True
    code: str = ""
    period: str = ""
    part: str = ""


@dataclass(frozen=True)
class SpokenTable:
    """A table: what its rows are called, and their cells."""

    caption: str
    heads: tuple[str, ...]
    """The first is over the names of the rows."""
    rows: tuple[tuple[str, tuple[SpokenCell, ...]], ...]


@dataclass(frozen=True)
class SpokenPicture:
    """A chart."""

    title: str
    """Also its text for those who don't see it."""
    svg: str


@dataclass(frozen=True)
class SpokenSection:
    """One section."""

    title: str
    sentences: tuple[str, ...]
    picture: SpokenPicture | None
    table: SpokenTable | None
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Spoken:
    """A whole bulletin in one language."""

    language: str
    title: str
    subtitle: str
    mark: str
    """At the head of every page of what is not published; empty: it is out."""
    warnings: tuple[str, ...]
    """What a reader must know first: that its period still runs, that its figures are simulated."""
    words: tuple[str, ...]
    """An editor's paragraphs."""
    sections: tuple[SpokenSection, ...]
    methods: tuple[tuple[str, str], ...]
    """Name and population of each figure."""
    notes: tuple[str, ...]
    sources: tuple[str, ...]


def speak(body: Body, language: str, state: str = "drafted") -> Spoken:
    """The bulletin in `kk`, `ru` or `en`; in any state but `published` it says which."""
    voice = _Voice(body, language)
    words = body.words.get(language, "")
    return Spoken(
        language,
        voice.title(),
        voice.say("bulletin.as_of", when=show.when(body.as_of_us, language), seal=body.seal),
        "" if state == PUBLISHED else voice.say(f"bulletin.unpublished.{state}"),
        tuple(voice.warnings()),
        tuple(piece.strip() for piece in words.split("\n\n") if piece.strip()),
        tuple(voice.section(each) for each in body.sections),
        tuple(voice.definitions()),
        tuple(voice.say(f"bulletin.method.{key}") for key in ("rounding", "small", "revised")),
        tuple(voice.sources()),
    )


@dataclass(frozen=True)
class _Voice:
    body: Body
    language: str

    def say(self, key: str, **values: object) -> str:
        return say(key, self.language, **values)

    def title(self) -> str:
        period = shown.period(self.body.period, self.language)
        if self.body.region:
            region = regions()[self.body.region][self.language]
            return self.say("bulletin.title.region", period=period, region=region)
        return self.say(f"bulletin.title.{self.body.kind}", period=period)

    def warnings(self) -> Iterator[str]:
        if self.body.as_of_us < self.body.period.to_us:
            until = show.when(self.body.as_of_us, self.language)
            yield self.say("bulletin.running", when=until)
        if self.body.simulated:
            yield self.say("bulletin.simulated")

    def section(self, section: Section) -> SpokenSection:
        title = self.say(f"bulletin.section.{section.key}")
        return SpokenSection(
            title,
            tuple(self.sentence(claim) for claim in section.claims),
            self.picture(section.picture) if section.picture else None,
            self.table(section.table, title) if section.table else None,
            tuple(self.say(key) for key in section.notes),
        )

    def sentence(self, claim: Claim) -> str:
        """A claim in words."""
        if claim.kind == "change":
            return self._change(claim.word, *claim.figures)
        if claim.kind == "share":
            part, whole = claim.figures
            return self.say(
                "bulletin.says.share", name=self.name(part), part=self.value(part),
                whole=self.value(whole),
                share=shown.number(_ratio(part, whole), "share", self.language),
            )  # fmt: skip
        if claim.kind == "most":
            return self._most(claim)
        if claim.kind == "series":
            ends = claim.figures[0], claim.figures[-1]
            first, last = (shown.period(f.period, self.language) for f in ends)
            name = shown.name(ends[0].code, self.language)
            return self.say(f"bulletin.says.{claim.word}", name=name, first=first, last=last)
        figure = claim.figures[0]
        return self.say("bulletin.says.value", name=self.name(figure), value=self.value(figure))

    def _change(self, word: str, now: Figure, then: Figure) -> str:
        ratio = _ratio(now, then)
        if ratio >= TIMES:
            times = shown.number(ratio, "times", self.language)
            return self.say(
                "bulletin.says.times", name=self.name(now), value=self.value(now),
                then=self.value(then), against=shown.period(then.period, self.language),
                times=times,
            )  # fmt: skip
        change = ratio - 1
        return self.say(
            f"bulletin.says.{word}", name=self.name(now), value=self.value(now),
            then=self.value(then), against=shown.period(then.period, self.language),
            change=shown.number(abs(change), "change", self.language).lstrip("+"),
        )  # fmt: skip

    def _most(self, claim: Claim) -> str:
        top = [f for f in claim.figures if next(iter(f.by.values())) in claim.word.split(",")]
        names = ", ".join(self.part(f"{c}={v}") for f in top for c, v in list(f.by.items())[:1])
        return self.say(
            "bulletin.says.most", name=shown.name(top[0].code, self.language), part=names,
            value=self.value(top[0]),
        )  # fmt: skip

    def table(self, table: Table, caption: str) -> SpokenTable:
        heads = ("", *(self.label(c) for c in table.columns))
        columns = [c.code for c in table.columns]
        rows = tuple(
            (self.label(of), tuple(self.cell(c, of) for c, of in zip(cells, columns, strict=True)))
            for of, cells in table.rows
        )
        return SpokenTable(caption, heads, rows)

    def cell(self, cell: Cell, column: str) -> SpokenCell:
        figure = cell.figure
        if figure is None:
            return SpokenCell("")
        if column == SOURCE:
            return SpokenCell(f"[{self.order().index(figure.source.name) + 1}]", is_number=False)
        period = figure.period.code if figure.period else ""
        part = ";".join(f"{k}={v}" for k, v in sorted(figure.by.items()))
        code = figure.code if figure.unit != "change" else ""
        if cell.hidden:
            return SpokenCell(self.say("bulletin.hidden"), True, code, period, part)
        text = self.value(figure)
        text += f" {self.say('bulletin.mark.revised')}" if cell.revised else ""
        text += f" {self.say('bulletin.mark.provisional')}" if cell.provisional else ""
        return SpokenCell(text, True, code, period, part)

    def picture(self, picture: Picture) -> SpokenPicture:
        title = self.say(f"bulletin.picture.{picture.kind}")
        svg = draw(picture.kind, picture.figures, picture.marks, self.language)
        return SpokenPicture(title, svg)

    def value(self, figure: Figure) -> str:
        return shown.value(figure, self.language)

    def name(self, figure: Figure) -> str:
        """The figure's name, with the part that it is of, and its period if that is not the
        bulletin's own."""
        name = shown.name(figure.code, self.language)
        parts = [f"{c}={v}" for c, v in figure.by.items() if (c, v) != ("region", self.body.region)]
        named = ": ".join([name, *(self.part(each) for each in parts)])
        if figure.period in (self.body.period, None):
            return named
        return f"{named} ({shown.period(figure.period, self.language)})"

    def label(self, label: Label) -> str:
        if label.kind == "figure":
            return shown.name(label.code, self.language)
        if label.kind == "period":
            return shown.period(of_code(label.code), self.language)
        if label.kind == "against":
            period = shown.period(of_code(label.code), self.language)
            return self.say("bulletin.column.against", period=period)
        return self.say(label.code) if label.kind == "key" else self.part(label.code)

    def part(self, code: str) -> str:
        """`column=value`, or `figure|column=value`: what it is called."""
        figure, bar, rest = code.rpartition("|")
        column, _, value = rest.partition("=")
        if column == "partner" and value in self.body.names:
            return self.body.names[value][self.language]
        name = shown.part(column, value, self.language)
        return f"{shown.name(figure, self.language)}: {name}" if bar else name

    def definitions(self) -> Iterable[tuple[str, str]]:
        """What each figure is, in the order of their appearance; what ratios rest on, too."""
        seen: dict[str, None] = {}
        for figure in figures_of(self.body):
            of = definition(figure.code)
            seen |= dict.fromkeys(code for code in (of.code, of.part, of.whole) if code)
        return [
            (shown.name(code, self.language), shown.counts(code, self.language)) for code in seen
        ]

    def sources(self) -> Iterable[str]:
        """Whom the figures are from, in the order of their numbers."""
        found = {f.source.name: f.source for f in figures_of(self.body)}
        return [f"[{i}] {self.source(found[name])}" for i, name in enumerate(self.order(), 1)]

    def order(self) -> list[str]:
        """Names of the sources as they are numbered: our own first."""
        return sorted({f.source.name for f in figures_of(self.body)}, key=lambda n: (n != OWN, n))

    def source(self, source: Source) -> str:
        """Who says so; where in the source, if that is told."""
        if source.name == OWN:
            return self.say("bulletin.source.own")
        known = sources().get(source.name)
        if known:
            return str(known[self.language])
        day = show.day(source.stated, self.language) if source.stated else ""
        return self.say("bulletin.source.entered", name=source.name, day=day)


def _ratio(part: Figure, whole: Figure) -> Fraction:
    assert part.value is not None
    assert whole.value
    return Fraction(part.value) / whole.value
