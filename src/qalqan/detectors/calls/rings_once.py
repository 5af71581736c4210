"""One caller lets many telephones ring for a moment, so that people ring a dear number back.

A call counts if it was given up before anybody could answer. What is seen of a caller must be
nearly all of that kind. Quiet on

- call centres: they let it ring, and some of their calls are answered;
- a misdialled or nagging caller: the same few numbers again and again.

Confirmation of a telephone by a short ring looks the same, but nobody rings back: such callers
keep a score of a half at most, and belong on the list of permitted ones. The window is the UTC
day. Half of the score grows with the numbers rung, half with the share of those who rang back; it
ranks and is no probability.
"""

from dataclasses import dataclass

from ibis import Table, _, ifelse

from qalqan.detectors import calls_seen as seen
from qalqan.detectors.base import detector


@dataclass(frozen=True)
class Params:
    """Thresholds and where each comes from."""

    max_ring_s: int = 3
    """Judgement: in less nobody takes a telephone out of a pocket."""
    min_called: int = 20
    """Judgement: nobody misdials twenty numbers a day; campaigns show several numbers in turn."""
    min_brief_permille: int = 900
    """Judgement: a caller who waits for answers lets most telephones ring."""
    called_for_full_score: int = 200
    """Judgement: ten times what is noticed."""
    back_for_full_permille: int = 20
    """Judgement: one in fifty rings a strange number back, as campaigns count on."""
    back_within_us: int = seen.DAY_US
    """Judgement: a missed call is answered within a day or not at all."""
    permitted: tuple[str, ...] = ()
    """Judgement: tokens of numbers that confirm telephones by a short ring, agreed beforehand."""


READS = ("at_us", "caller", "callee", "service", "answered", "duration_s", "ring_s", "edge")
EVIDENCE = ("called", "brief", "calls", "rang_back", "first_us", "last_us")
DAYS = ("caller", "from_us")


@detector("calls.rings_once", reads={"call": READS}, params=Params(), shares=(seen,))
def rings_once(calls: Table, p: Params) -> Table:
    """Caller and day with many calls given up at once."""
    voice = seen.voice(calls).filter(_.caller.notin(("", *p.permitted)))
    rung_for_s = ifelse(_.ring_s.notnull(), _.ring_s, _.duration_s)
    rings = voice.filter(~_.answered, rung_for_s < p.max_ring_s)
    rings = rings.mutate(from_us=seen.day_us(_.at_us))
    many = (
        rings.group_by(*DAYS)
        .agg(
            called=_.callee.nunique(),
            brief=_.count(),
            first_us=_.at_us.min(),
            last_us=_.at_us.max(),
        )
        .filter(_.called >= p.min_called)
    )
    mostly = many.inner_join(_all_calls(voice, many), DAYS).filter(
        _.brief * 1000 >= _.calls * p.min_brief_permille
    )
    found = seen.and_counts(mostly, _rang_back(voice, rings, mostly, p), DAYS)
    numbers = seen.of_full(found.called, p.called_for_full_score)
    back = seen.share(found.rang_back * 1000, found.called * p.back_for_full_permille)
    scored = found.mutate(score=(numbers + back) / 2)
    return seen.finding(scored, "phone", "caller", seen.DAY_US, EVIDENCE)


def _all_calls(voice: Table, many: Table) -> Table:
    """All calls of those callers and days, of whatever length."""
    theirs = voice.semi_join(many, "caller").mutate(from_us=seen.day_us(_.at_us))
    return theirs.group_by(*DAYS).agg(calls=_.count())


def _rang_back(voice: Table, rings: Table, mostly: Table, p: Params) -> Table:
    """How many of those who were rung rang the number back in time."""
    rung = rings.semi_join(mostly, DAYS).group_by(*DAYS, "callee").agg(rung_us=_.at_us.min())
    back = voice.select(caller="callee", callee="caller", back_us="at_us")
    later = rung.inner_join(back, ["caller", "callee"]).filter(
        _.back_us > _.rung_us, _.back_us - _.rung_us <= p.back_within_us
    )
    return later.group_by(*DAYS).agg(rang_back=_.callee.nunique())
