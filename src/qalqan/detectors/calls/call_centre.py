"""A number of this country calls almost only abroad: people of several countries, each once.

Four fraud call centres found in Astana called post-Soviet and European numbers alone, so that
nobody here would complain (REQ-34). Counted is a calendar month (UTC) of a number; a centre gives
its numbers up after days. Quiet on

- an importer: the same partners again and again, and they call in turn;
- a hotel or an agency: people from abroad call it, and it calls people here as well;
- a subscriber with relatives abroad: few numbers, mostly of one country, at all hours.

The score grows with the numbers called; it ranks and is no probability.
"""

from dataclasses import dataclass

from ibis import Table, _

from qalqan.detectors import calls_seen as seen
from qalqan.detectors.base import detector


@dataclass(frozen=True)
class Params:
    """Thresholds and where each comes from."""

    min_called: int = 40
    """Judgement: nobody has forty acquaintances abroad whom he rings once."""
    min_countries: int = 2
    """REQ-34: post-Soviet and European numbers, of several countries."""
    min_foreign_permille: int = 950
    """REQ-34: "only" foreign numbers; a few calls home are granted."""
    max_again_permille: int = 150
    """Judgement: an importer rings most partners again; a list is gone through once."""
    max_back_permille: int = 20
    """Judgement: partners call in turn; who was rung by a stranger from abroad does not."""
    working_hours: tuple[int, int] = (8, 20)
    """Judgement: from and until, by Almaty's clock; centres work shifts like an office."""
    min_working_permille: int = 800
    """Judgement: families talk in the evenings and on Sundays as well."""
    called_for_full_score: int = 400
    """Judgement: ten times what is noticed."""
    permitted: tuple[str, ...] = ()
    """Judgement: tokens of numbers whose trade with foreign clients is known."""


READS = (
    "at_us", "day", "edge", "caller", "callee", "caller_country", "callee_country", "trunk_class",
    "service", "answered",
)  # fmt: skip
EVIDENCE = (
    "called", "calls", "countries", "foreign", "answered", "called_back", "first_us", "last_us",
)  # fmt: skip
MONTHS = ("caller", "month")
OURS = ("voip", "domestic", "access")


@detector("calls.call_centre", reads={"call": READS}, params=Params(), shares=(seen,))
def call_centre(calls: Table, p: Params) -> Table:
    """Number and month with calls to many people of several countries, each once."""
    voice = seen.voice(calls)
    abroad = voice.filter(
        _.callee_country != seen.HOME,
        _.caller_country == seen.HOME,
        _.trunk_class.isin(OURS),
        _.caller.notin(("", *p.permitted)),
    ).mutate(month=seen.month(_.day))
    many = _once_each(abroad, p)
    theirs = voice.semi_join(many, "caller").mutate(month=seen.month(_.day))
    everything = theirs.group_by(*MONTHS).agg(calls=_.count())
    mostly = many.inner_join(everything, MONTHS).filter(
        _.foreign * 1000 >= _.calls * p.min_foreign_permille
    )
    found = seen.and_counts(mostly, _called_back(voice, abroad, mostly), MONTHS).filter(
        _.called_back * 1000 <= _.called * p.max_back_permille
    )
    scored = found.mutate(score=seen.of_full(_.called, p.called_for_full_score))
    return seen.monthly(scored, "phone", "caller", EVIDENCE)


def _once_each(abroad: Table, p: Params) -> Table:
    """Numbers and months with many callees abroad, hardly any of them twice, in working hours."""
    opens, closes = p.working_hours
    hour = (_.at_us + seen.ALMATY_US) // seen.HOUR_US % 24
    busy = abroad.mutate(works=(hour >= opens) & (hour < closes)).group_by(*MONTHS)
    return busy.agg(
        called=_.callee.nunique(),
        foreign=_.count(),
        countries=_.callee_country.nunique(),
        answered=_.answered.sum(),
        at_work=_.works.sum(),
        first_us=_.at_us.min(),
        last_us=_.at_us.max(),
    ).filter(
        _.called >= p.min_called,
        _.countries >= p.min_countries,
        (_.foreign - _.called) * 1000 <= _.foreign * p.max_again_permille,
        _.at_work * 1000 >= _.foreign * p.min_working_permille,
    )


def _called_back(voice: Table, abroad: Table, mostly: Table) -> Table:
    """How many of those who were called have ever called the number themselves."""
    rung = abroad.semi_join(mostly, MONTHS).select(*MONTHS, "callee").distinct()
    back = voice.filter(_.callee_country == seen.HOME, _.caller_country != seen.HOME)
    back = back.select(caller="callee", callee="caller")
    known = rung.semi_join(back, ["caller", "callee"])
    return known.group_by(*MONTHS).agg(called_back=_.count())
