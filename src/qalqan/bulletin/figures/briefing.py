"""The briefing's figures reproduced from what ships of it, each rounding stated (REQ-1 to 15).

What the source says stands beside what follows from its own numbers. A figure *agrees* if it is
what was reckoned, rounded to as many digits as the source gives.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from qalqan.bulletin import shown
from qalqan.bulletin.figures import official
from qalqan.model.figure import Figure

SOURCE = "mia_2024"
_SERIES, _SOLVED = "internet_fraud.registered", "internet_fraud.solved"


@dataclass(frozen=True)
class Reckoned:
    """One statement of the source and what its own numbers give."""

    req: int
    what: str
    """In English, for the reference page."""
    says: str
    """As the source words it."""
    value: Fraction
    unit: str
    said: Fraction | None
    """The number the source gives; None: a bound, or nothing."""
    step: Fraction
    """What the source rounds to."""
    holds: bool | None
    """Of a bound; None: it is no bound."""

    @property
    def agrees(self) -> bool:
        """Whether the source's number is the reckoned one, rounded as it rounds."""
        if self.holds is not None:
            return self.holds
        return self.said is None or abs(self.value - self.said) <= self.step / 2

    @property
    def rounded(self) -> str:
        """The reckoned value as this project writes it; so many times to two decimals, since there
        a bound is missed in the second."""
        if self.unit == "times":
            return shown.decimal(self.value, 2, "en")
        return shown.number(self.value, self.unit, "en")


_POINT, _PERCENT = Fraction(1, 1000), Fraction(1, 100)
"""A tenth of a percent, and a whole one."""


def statements() -> tuple[Reckoned, ...]:
    """All that can be reckoned, in the order of the requirements."""
    return tuple(_statements())


def _statements() -> Iterator[Reckoned]:
    yield from _series()
    yield from _year()
    yield from _methods()
    yield from _people()


def _series() -> Iterator[Reckoned]:
    year = {y: _told(_SERIES, str(y)) for y in range(2017, 2024)}
    for y, told in year.items():
        says = f"{int(told):,}" if y < 2023 else "left blank in the series"
        yield Reckoned(1, f"registered in {y}", says, told, "crimes", told, Fraction(1), None)
    times = [year[2023] / year[2017], year[2022] / year[2017]]
    yield _bound(2, "2023 against 2017", "more than 10 times", times[0], times[0] > 10)
    printed = "as the series is printed, to 2022"
    yield _bound(2, printed, "more than 10 times", times[1], times[1] > 10)
    for y in (2022, 2023):
        change = year[y] / year[y - 1] - 1
        yield _bound(3, f"{y} against {y - 1}", "rises every year", change, change > 0, "change")


def _year() -> Iterator[Reckoned]:
    whole, every = _told(_SERIES, "2023"), _told("fraud.registered", "2023")
    yield _share(4, "share of all fraud, 2023", "50 %", whole / every, Fraction(1, 2), _PERCENT)
    yield Reckoned(5, "base that 18.7 % of ordinary crimes implies", "not given",
                   whole / _told("internet_fraud.of_ordinary_crimes", "2023"), "crimes", None,
                   Fraction(1), None)  # fmt: skip
    yield Reckoned(6, "mean damage of a crime, 2023", "not given",
                   _told("damage.stated", "2023") / whole, "tiyn", None, Fraction(1),
                   None)  # fmt: skip
    january = _told(_SERIES, "2024-01") / _told(_SERIES, "2023-01") - 1
    what = "January 2024 against January 2023"
    yield _change(7, what, "+16.8 %", january, Fraction(168, 1000), _POINT)


def _methods() -> Iterator[Reckoned]:
    two = [_told(_SERIES, y, "28, 31") for y in ("2023", "2022")]
    rest = [_told(_SERIES, y) - part for y, part in zip(("2023", "2022"), two, strict=True)]
    yield _change(8, "two methods, 2023 against 2022", "-31 %", two[0] / two[1] - 1,
                  Fraction(-31, 100), _PERCENT)  # fmt: skip
    yield Reckoned(8, "all other methods, 2023 against 2022", "not told", rest[0] / rest[1] - 1,
                   "change", None, _POINT, None)  # fmt: skip
    ads = _told(_SERIES, "2023", "27")
    yield _bound(8, "the two methods against fake ads alone, 2023", "the two commonest methods",
                 two[0] / ads, two[0] > ads)  # fmt: skip
    grave = [_told(_SERIES, y, "grave") for y in ("2023", "2022")]
    yield _change(9, "grave and especially grave", "-18 %", grave[0] / grave[1] - 1,
                  Fraction(-18, 100), _PERCENT)  # fmt: skip
    for period in ("2024-01", "2023"):
        part = _told(_SERIES, period, "27") / _told(_SERIES, period)
        what = f"fake ads of all, {period}"
        yield Reckoned(10, what, "not given", part, "share", None, _POINT, None)
    january = _told(_SERIES, "2024-01")
    for req, what, means in ((11, "rented cabinets", "65"), (12, "SIP and SIM boxes", "47")):
        part = _told(_SERIES, "", means) / january
        yield Reckoned(req, f"{what}, if “this year” is January", "not given", part, "share", None,
                       _POINT, None)  # fmt: skip


def _people() -> Iterator[Reckoned]:
    for period in ("2023", "2024-01"):
        part = _told(_SOLVED, period) / _told(_SERIES, period)
        yield Reckoned(13, f"solved, {period}", "not given", part, "share", None, _POINT, None)
    group = "two_or_more_victims"
    repeat = _told("prosecuted.people", "", group)
    yield Reckoned(14, "with two or more victims, of the prosecuted", "not given",
                   repeat / _told("prosecuted.people", ""), "share", None, _POINT,
                   None)  # fmt: skip
    yield Reckoned(14, "frauds of each of them", "not given",
                   _told("prosecuted.frauds", "", group) / repeat, "times", None, _POINT,
                   None)  # fmt: skip
    yield Reckoned(15, "returned of the damage, if both are of one period", "not given",
                   _told("returned.stated", "") / _told("damage.stated", "2023"), "share", None,
                   _POINT, None)  # fmt: skip


def _told(code: str, period: str, part: str = "") -> Fraction:
    """The source's number for a period (empty: it gives none) and a part."""
    found = next(f for f in official.shipped() if _is(f, code, period, part))
    assert found.value is not None
    return Fraction(found.value)


def _is(figure: Figure, code: str, period: str, part: str) -> bool:
    when = figure.period.code if figure.period else ""
    parts = list(figure.by.values()) or [""]
    return (figure.source.name, figure.code, when, parts) == (SOURCE, code, period, [part])


def _share(
    req: int, what: str, says: str, value: Fraction, said: Fraction, step: Fraction
) -> Reckoned:
    return Reckoned(req, what, says, value, "share", said, step, None)


def _change(
    req: int, what: str, says: str, value: Fraction, said: Fraction, step: Fraction
) -> Reckoned:
    return Reckoned(req, what, says, value, "change", said, step, None)


def _bound(
    req: int, what: str, says: str, value: Fraction, holds: bool, unit: str = "times"
) -> Reckoned:
    return Reckoned(req, what, says, value, unit, None, Fraction(1), holds)
