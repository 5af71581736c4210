"""Calls come over an international trunk under numbers of this country that can't be abroad.

City, VoIP, short and unassigned numbers never call from abroad; a mobile number may, if its home
network sees it there (REQ-45, rules R2 to R4 of the screen of calls). The number is forged and its
owner a victim, so the finding is about the trunk: one a trunk and UTC day. Quiet on

- roamers: their home network sees them abroad;
- mobile numbers of which nobody knows where they are: counted apart, never held against a trunk;
- a few calls, such as those of a traveller whose network has not noticed yet that he left;
- trunks that carry domestic traffic by contract, once they are on the list of permitted ones.

A domestic number may also be shown over a foreign network number; that counts as well, unless
what is shown is mobile, since nobody asked that number's network. The score grows with the calls;
it ranks and is no probability.
"""

from dataclasses import dataclass

from ibis import Table, _

from qalqan.detectors import calls_seen as seen
from qalqan.detectors.base import detector, listed


@dataclass(frozen=True)
class Params:
    """Thresholds and where each comes from."""

    may_travel: tuple[str, ...] = ("mobile", "network")
    """REQ-45: classes of numbers that may be abroad; satellite and data cards go like mobiles."""
    min_forged: int = 20
    """Judgement: below lie the answers of networks that have not noticed yet where somebody is."""
    forged_for_full_score: int = 500
    """Judgement: a campaign of a day."""
    permitted: tuple[str, ...] = listed("trunk")
    """Judgement: trunks, as "source:trunk", that carry domestic calls from abroad by contract."""
    max_subject: int = 80
    """Source and trunk are told in so many signs, at most."""


READS = (
    "source", "at_us", "caller", "callee", "presented", "caller_country", "caller_class",
    "callee_country", "presented_country", "presented_class", "caller_place", "trunk",
    "trunk_class", "direction", "service", "answered", "verdict",
)  # fmt: skip
EVIDENCE = (
    "forged", "cannot_travel", "at_home", "shown_only", "place_unknown", "numbers", "called",
    "answered", "refused", "first_us", "last_us",
)  # fmt: skip


@detector("calls.spoofed_domestic", reads={"call": READS}, params=Params(), shares=(seen,))
def spoofed_domestic(calls: Table, p: Params) -> Table:
    """Trunk and day with calls under domestic numbers that can't be abroad."""
    days = _marked(_into_the_country(calls, p), p).group_by("subject", "from_us")
    found = days.agg(
        forged=_.forged.sum(),
        cannot_travel=_.cannot_travel.sum(),
        at_home=_.at_home.sum(),
        shown_only=_.shown_only.sum(),
        place_unknown=_.place_unknown.sum(),
        numbers=_.number.nunique(where=_.forged),
        called=_.callee.nunique(where=_.forged),
        answered=(_.answered & _.forged).sum(),
        refused=((_.verdict == "refuse").fill_null(False) & _.forged).sum(),
        first_us=_.at_us.min(where=_.forged),
        last_us=_.at_us.max(where=_.forged),
    ).filter(_.forged >= p.min_forged)
    scored = found.mutate(score=seen.of_full(_.forged, p.forged_for_full_score))
    return seen.finding(scored, "trunk", "subject", seen.DAY_US, EVIDENCE)


def _into_the_country(calls: Table, p: Params) -> Table:
    """Calls that came from abroad under a number of this country, in either field."""
    came = calls.filter(
        _.trunk_class == "international",
        _.at_us.notnull(),
        seen.is_voice(calls),
        (_.direction != "out").fill_null(True),
        (_.callee_country == seen.HOME).fill_null(True),
    )
    ours = came.filter(
        (_.caller_country == seen.HOME).fill_null(False)
        | (_.presented_country == seen.HOME).fill_null(False)
    )
    name = _.source + ":" + _.trunk.fill_null("-")
    return ours.mutate(subject=name.left(p.max_subject)).filter(
        _.subject.notnull(), _.subject.notin(("", *p.permitted))
    )


def _marked(ours: Table, p: Params) -> Table:
    """Each call with what its numbers show."""
    domestic = (ours.caller_country == seen.HOME).fill_null(False)
    mobile = ours.caller_class.isin(p.may_travel).fill_null(False)
    shown_fixed = (ours.presented_country == seen.HOME).fill_null(
        False
    ) & ours.presented_class.notin(p.may_travel).fill_null(False)
    at_home = domestic & mobile & (ours.caller_place == "home").fill_null(False)
    cannot = domestic & ~mobile
    marked = ours.mutate(
        from_us=seen.day_us(ours.at_us),
        number=ours.caller.fill_null(ours.presented),
        cannot_travel=cannot,
        at_home=at_home,
        shown_only=~domestic & shown_fixed,
        place_unknown=domestic
        & mobile
        & (ours.caller_place.isnull() | (ours.caller_place == "unknown").fill_null(False)),
    )
    return marked.mutate(forged=_.cannot_travel | _.at_home | _.shown_only)
