"""A design and a series, made into what may be said (REQ-8, 77, 85, 93)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from qalqan.bulletin.effects import compared, many
from qalqan.bulletin.effects.design import Design
from qalqan.bulletin.effects.displacement import Displacement, Halves, displacement, quotient
from qalqan.bulletin.effects.interrupted import interrupted
from qalqan.bulletin.effects.rates import before_after
from qalqan.bulletin.effects.results import Effect, Verdict, unknown
from qalqan.bulletin.effects.series import Month, Row, Series
from qalqan.errors import ContractBroken
from qalqan.model.period import Period

Keep = Callable[[Row], bool]
Key = tuple[Period, str, tuple[str, ...]]


@dataclass(frozen=True)
class Evaluation:
    """All that a measure's page says."""

    design: Design
    alone: Effect
    """Before and after, without a comparison group."""
    main: Effect
    """The estimate that the design asks for: beside a group, else beside trend and season."""
    parallel: Effect | None
    """Whether both groups went alike before: the first half of the time before beside the second,
    which nothing has touched. None: there is no group."""
    displaced: Displacement | None
    """To other methods, beside the regions compared with, if any; None: all were aimed at."""
    moved: Displacement | None
    """To other regions; None: all were reached."""
    quotient: float | None
    """Weighted displacement quotient of the regions' neighbours, where regions are compared."""
    months: tuple[tuple[Month, Month, bool], ...]
    """(aimed at, compared or all others, after the start), oldest first."""
    missing: tuple[Period, ...]
    """Months of the design that nobody counted."""
    looked: int
    """How many of the months after the newest look, and with it every estimate, counts."""
    complete: bool
    """Whether the horizon is over."""
    simulated: bool

    @property
    def verdict(self) -> Verdict:
        """What may be said of the measure: nothing without a comparison group, since a bad year is
        followed by a better one by itself (`bench/effects.py`), nor where the groups did not go
        alike before; the net change where the rest rose while the aim fell."""
        if self.because in ("no_group", "not_parallel"):
            return Verdict.UNKNOWN
        return self.main.verdict if self._moves is None else self._moves.net.verdict

    @property
    def because(self) -> str:
        """Code of `effects.because.*`, where the verdict is not the main estimate's own."""
        if self.main.because:
            return self.main.because
        if not self.main.compared:
            return "no_group"
        if self.parallel is not None and self.parallel.verdict in (Verdict.FELL, Verdict.ROSE):
            return "not_parallel"
        return "" if self._moves is None else "displaced"

    @property
    def p(self) -> float | None:
        """Of the estimate that decides, times the looks (Bonferroni); None: nothing can be told."""
        deciding = self.main if self._moves is None else self._moves.net
        if self.verdict is Verdict.UNKNOWN or deciding.p is None:
            return None
        return min(1.0, deciding.p * self.design.looks)

    @property
    def overriding(self) -> Displacement:
        """The displacement whose net change is told instead.

        Raises:
            ContractBroken: there is none.
        """
        if self._moves is None:
            raise ContractBroken("nothing was displaced")
        return self._moves

    @property
    def _moves(self) -> Displacement | None:
        if self.main.verdict is not Verdict.FELL:
            return None
        found = (self.displaced, self.moved if self.design.against != "regions" else None)
        return next((each for each in found if each is not None and each.is_shown), None)


def evaluate(design: Design, series: Series) -> Evaluation:
    """What the series says of the design; months that nobody counted are left out, and those after
    the newest look are shown and not judged."""
    told, series = set(series.months), _folded(design, series)
    before = tuple(month for month in design.before if month in told)
    over = [at for at, month in enumerate(design.after, 1) if month in told]
    looked = design.looked(max(over, default=0))
    after = tuple(month for month in design.after[:looked] if month in told)
    level = many.level_of(design.looks)
    shown = (*before, *(month for month in design.after if month in told))
    aimed = series.monthly(shown, design.aims_at)
    other = series.monthly(shown, _beside(design))
    return Evaluation(
        design=design,
        alone=before_after(*_halves(series, before, after, design.aims_at), level=level),
        main=_main(design, series, before, after, level),
        parallel=_parallel(design, series, before, level),
        displaced=_displaced(design, series, before, after, level),
        moved=_moved(design, series, before, after, level),
        quotient=_quotient(design, series, before, after),
        months=tuple(
            (mine, its, mine.month.start >= design.start)
            for mine, its in zip(aimed, other, strict=True)
        ),
        missing=tuple(m for m in (*design.before, *design.after) if m not in told),
        looked=looked,
        complete=set(design.after) <= told,
        simulated=series.simulated,
    )


def _folded(design: Design, series: Series) -> Series:
    """The same crimes in fewer rows: months of the design, and of methods those that it names."""
    asked = {*design.methods, *(design.comparison if design.against == "methods" else ())}
    months, counts = {*design.before, *design.after}, defaultdict[Key, int](int)
    for row in series.rows:
        if row.month in months:
            named = tuple(code for code in row.methods if code in asked)
            counts[row.month, row.region, named] += row.count
    return replace(series, rows=tuple(Row(*key, count) for key, count in counts.items()))


def _main(
    design: Design, series: Series, before: Sequence[Period], after: Sequence[Period], level: float
) -> Effect:
    if not after:
        return unknown("compared" if design.against != "nothing" else "trend", "none", "not_yet")
    if design.against == "nothing":
        return interrupted(*_halves(series, before, after, design.aims_at), level)
    if not before:
        return unknown("compared", "none", "few_months", compared=True)
    return _beside_group(design, series, before, after, level)


def _beside_group(
    design: Design, series: Series, before: Sequence[Period], after: Sequence[Period],
    level: float, code: str = compared.CODE, of: Keep | None = None,
) -> Effect:  # fmt: skip
    """Regions are clusters; methods of the same regions are two series. `of`: what is counted in
    both groups of regions, if not the methods aimed at."""
    aim: Keep = design.aims_at if of is None else _both(design.is_region, of)
    group: Keep = design.compares if of is None else _both(design.is_beside, of)
    if design.against == "regions":
        reached = _clusters(series, before, after, aim)
        return compared.by_cluster(reached, _clusters(series, before, after, group), level, code)
    mine, theirs = _halves(series, before, after, aim), _halves(series, before, after, group)
    return compared.by_month(mine, theirs, level, code)


def _both(one: Keep, other: Keep) -> Keep:
    return lambda row: one(row) and other(row)


def _parallel(
    design: Design, series: Series, before: Sequence[Period], level: float
) -> Effect | None:
    """The same estimate in a time that nothing touched: it should show no difference."""
    if design.against == "nothing":
        return None
    middle = len(before) // 2
    if middle < 2:
        return unknown("parallel", "none", "few_months", compared=True)
    return _beside_group(design, series, before[:middle], before[middle:], level, "parallel")


def _displaced(
    design: Design, series: Series, before: Sequence[Period], after: Sequence[Period], level: float
) -> Displacement | None:
    """Of regions that are compared, what rises everywhere has not moved there from the target."""
    if not design.methods or not before or not after:
        return None

    def beside(code: str, of: Keep) -> Effect:
        return _beside_group(design, series, before, after, level, code, of)

    def rest(row: Row) -> bool:
        return not design.is_method(row)

    if design.against == "regions":
        return Displacement(
            beside("target", design.is_method), beside("others", rest),
            beside("net", lambda row: True),
        )  # fmt: skip
    others = _halves(series, before, after, _both(design.is_region, rest))
    return displacement(_halves(series, before, after, design.aims_at), others, level)


def _moved(
    design: Design, series: Series, before: Sequence[Period], after: Sequence[Period], level: float
) -> Displacement | None:
    if not design.regions or not before or not after:
        return None
    rest = _halves(
        series, before, after, lambda row: design.is_method(row) and not design.is_region(row)
    )
    return displacement(_halves(series, before, after, design.aims_at), rest, level)


def _quotient(
    design: Design, series: Series, before: Sequence[Period], after: Sequence[Period]
) -> float | None:
    """Neighbours are the compared regions that were named, far ones all the rest."""
    if design.against != "regions" or not design.comparison or not before or not after:
        return None
    near = set(design.comparison)

    def far(row: Row) -> bool:
        return design.is_method(row) and not design.is_region(row) and row.region not in near

    def counts(keep: Keep) -> tuple[int, int]:
        return series.total(before, keep), series.total(after, keep)

    return quotient(counts(design.aims_at), counts(design.compares), counts(far))


def _beside(design: Design) -> Keep:
    """What the picture draws beside the aim: the group, else all the rest."""
    if design.against != "nothing":
        return design.compares
    return lambda row: not design.aims_at(row)


def _halves(
    series: Series, before: Sequence[Period], after: Sequence[Period], keep: Keep
) -> Halves:
    return series.monthly(before, keep), series.monthly(after, keep)


def _clusters(
    series: Series, before: Sequence[Period], after: Sequence[Period], keep: Keep
) -> list[compared.Cluster]:
    """A cluster a region that has any."""
    by_region: dict[str, list[Row]] = defaultdict(list)
    for row in series.rows:
        if keep(row):
            by_region[row.region].append(row)
    found = []
    for region in sorted(by_region):
        own = replace(series, rows=tuple(by_region[region]))
        found.append(compared.cluster(*_halves(own, before, after, lambda row: True)))
    return [each for each in found if each.before or each.after]


def named(found: Mapping[str, Evaluation]) -> dict[str, Verdict]:
    """What may be said of each of many measures: those that don't stay at the rate of false
    discoveries say that no difference is shown."""
    kept = many.stay([each.p for each in found.values()])
    return {
        name: each.verdict
        if stays or each.verdict not in (Verdict.FELL, Verdict.ROSE)
        else Verdict.NO_DIFFERENCE
        for (name, each), stays in zip(found.items(), kept, strict=True)
    }
