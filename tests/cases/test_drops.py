"""The register of drops: parts, procedure, terms, two people for an organiser."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from persons import Officer
from qalqan.cases import articles, drop_place, drop_steps, drops, entities, seen
from qalqan.cases.codes import day_us
from qalqan.cases.drop_steps import NEXT, PROVEN, TERM_US, Assessed
from qalqan.clock import DAY, now_us
from qalqan.errors import Conflict, InputRejected, NotAllowed, NotFound
from qalqan.register import orm

ASEL, DANIYAR = Officer("asel", "supervisor"), Officer("daniyar", "supervisor")
NEW_LAW = day_us(date(2025, 9, 16))


def opened(centre, role="drop", case=None):
    """A drop seen in a case that has come one transfer far."""
    case = case or centre.report().case
    with centre.database.write() as session:
        (entity,) = [e for e in seen.of_case(session, case) if e.source == "report"]
        drop = drops.open_drop(session, ASEL, case, seen.mark_of(entity.subject), role, "seen")
    return case, drop.id


def test_one_account_is_one_drop_however_many_cases(centre):
    first, drop = opened(centre)
    second, again = opened(centre)
    assert drop == again
    with centre.database.session() as session:
        assert {row.case_id for row in session.query(orm.DropCase)} == {first, second}
        assert session.query(orm.DropStep).count() == 1


def test_a_victims_own_account_or_a_link_is_no_drop(centre):
    case = centre.report(identifiers=[{"kind": "ip", "value": "203.0.113.47"}]).case
    with centre.database.write() as session:
        found = seen.of_case(session, case)
        for entity in found:
            if entity.source == "victim" or entity.kind == "ip":
                with pytest.raises(InputRejected, match=r"drop\.subject"):
                    drops.open_drop(session, ASEL, case, seen.mark_of(entity.subject), "drop", "")


def test_an_organiser_takes_two_people_who_are_not_the_same(centre):
    _, number = opened(centre, "organiser")
    with centre.database.write() as session:
        drop = drops.check(session, ASEL, "casework", number)
        assert drop.role == "drop"
        with pytest.raises(NotAllowed):
            drop_steps.agree(session, ASEL, drop, True)
        with pytest.raises(Conflict):
            drop_steps.say_role(session, DANIYAR, drop, "organiser")
        drop_steps.agree(session, DANIYAR, drop, True)
        assert drop.role == "organiser"
        with pytest.raises(Conflict):
            drop_steps.agree(session, DANIYAR, drop, True)
        drop_steps.say_role(session, ASEL, drop, "recruiter")
        drop_steps.say_role(session, ASEL, drop, "organiser")
        assert drop_steps.agree(session, DANIYAR, drop, False).what == "refused"
        assert drop.role == "recruiter"


@given(st.sampled_from(sorted(NEXT)), st.sampled_from(sorted(NEXT)))
def test_statuses_go_only_where_the_procedure_lets_them(at, to):
    assert NEXT[at] <= NEXT.keys() - {"seen", at}
    if to in ("convicted", "acquitted") and to in NEXT[at]:
        assert at in PROVEN


def test_a_charge_names_an_article_of_its_day_and_stands_until_refuted(centre):
    _, number = opened(centre)
    with centre.database.write() as session:
        drop = drops.check(session, ASEL, "casework", number)
        assert drop.expires_us == drop.opened_us + TERM_US
        for day, article in ((NEW_LAW - DAY, "232-1"), (NEW_LAW, None), (NEW_LAW, "105")):
            with pytest.raises(InputRejected, match=r"drop\.article"):
                drop_steps.assess(session, ASEL, drop, Assessed("charged", day, article))
        with pytest.raises(InputRejected, match=r"drop\.day"):
            drop_steps.assess(session, ASEL, drop, Assessed("witness", now_us() + DAY))
        with pytest.raises(Conflict):
            drop_steps.assess(session, ASEL, drop, Assessed("convicted", NEW_LAW, "190"))
        drop_steps.assess(session, ASEL, drop, Assessed("witness", NEW_LAW))
        drop_steps.assess(session, ASEL, drop, Assessed("charged", NEW_LAW, "232-1"))
        assert drop.expires_us is None
        drop_steps.assess(session, ASEL, drop, Assessed("acquitted", NEW_LAW + DAY, "232-1"))
        assert drop.expired_us is not None
        told = [(s.value, s.article) for s in session.query(orm.DropStep).filter_by(what="status")]
        assert told == [("witness", None), ("charged", "232-1"), ("acquitted", "232-1")]


def test_an_unproven_label_lapses_after_its_term_unless_it_is_kept_on(centre):
    _, number = opened(centre)
    with centre.database.write() as session:
        assert drop_steps.expire(session) == 0
    centre.clock.set(centre.clock.now_us() + TERM_US)
    with centre.database.write() as session:
        assert drop_steps.expire(session) == 1
        assert drop_steps.expire(session) == 0
        drop = session.get(orm.Drop, number)
        assert drop.expired_us == centre.clock.now_us()
        with pytest.raises(InputRejected):
            drop_steps.keep_on(session, ASEL, drop, "  ")
        drop_steps.keep_on(session, ASEL, drop, "Seen again in Aqtau")
        assert (drop.expired_us, drop.expires_us) == (None, centre.clock.now_us() + TERM_US)


def test_drops_are_seen_by_region_or_by_a_case_in_view(centre):
    _, number = opened(centre, case=centre.report(region="KZ-35").case)
    away = Officer("x", "operative", "KZ-75")
    with centre.database.session() as session:
        with pytest.raises(NotAllowed):
            drops.check(session, away, "cases", number)
        with pytest.raises(NotFound):
            drops.check(session, away, "cases", "D-26-999999")
        assert drop_place.figures(session, away)["identified"] == 0
    opened(centre, case=centre.report(region="KZ-75").case)
    with centre.database.session() as session:
        assert drops.check(session, away, "cases", number).id == number


def test_channels_of_recruiters_are_kept_in_one_form(centre):
    _, number = opened(centre, "recruiter")
    with centre.database.write() as session:
        drop = drops.check(session, ASEL, "casework", number)
        for spelled in ("@Kuryer_Kerek", "https://t.me/kuryer_kerek"):
            drops.add_channel(session, centre.keys, ASEL, drop, "handle", spelled)
        drops.add_channel(session, centre.keys, ASEL, drop, "phone", "+77011234567")
        with pytest.raises(InputRejected):
            drops.add_channel(session, centre.keys, ASEL, drop, "card", "x")
        told = {(c.kind, c.subject[:9]) for c in session.query(orm.DropChannel)}
        assert {kind for kind, _ in told} == {"handle", "phone"}
        assert len(told) == 2


def test_its_place_is_how_deep_and_how_large_a_part_came(centre):
    _, number = opened(centre)
    centre.work()
    centre.confirm(centre.order("confirm"))
    with centre.database.write() as session:
        drop = session.get(orm.Drop, number)
        drop_place.place(session, drop)
        assert (drop.hop, drop.part) == (1, 1_000_000)
        told = drop_place.figures(session, ASEL)
        assert (told["identified"], told["assessed"], told["prosecuted"]) == (1, 0, 0)


def test_every_article_names_its_source_and_says_that_no_lawyer_stands_behind_it():
    for row in articles.articles():
        assert row.source
        assert not row.confirmed
    assert articles.article("190", NEW_LAW).code == "190"
    assert entities.CANONICAL["handle"]
