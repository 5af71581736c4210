"""The register of drops: parts, procedure, terms, two people for an organiser."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from persons import Officer
from qalqan.cases import articles, drop_place, drop_steps, drops, entities, finding, seen
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


def test_typing_an_account_opens_nobody_elses_drop(centre):
    _, number = opened(centre)
    far = Officer("marat", "operative", "KZ-10")
    case = centre.report(region="KZ-10", payee_account="223:D9").case
    with centre.database.write() as session:
        typed = entities.add(session, centre.keys, far, case, "account", "223:D1", "")
        with pytest.raises(NotAllowed, match="view"):
            drops.open_drop(session, far, case, seen.mark_of(typed), "drop", "seen")
        assert session.query(orm.DropCase).filter_by(case_id=case).count() == 0
        assert drops.open_drop(session, ASEL, case, seen.mark_of(typed), "drop", "").id == number


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


def named(centre, number, name):
    with centre.database.write() as session:
        drop = drops.check(session, ASEL, "casework", number)
        drops.call(session, centre.keys, ASEL, drop, name)
        return drop.name


def called(centre, asked, person=ASEL):
    """Number, why and cases of the drops that the search finds, and what is out of view."""
    found = finding.find(centre.database, centre.keys, asked, person)
    return [(hit.of, hit.why, hit.cases) for hit in found.of("drop")], found.hidden


def test_a_drop_is_found_by_the_name_that_somebody_gave_it(centre):
    case, number = opened(centre)
    assert called(centre, "Қасымов Ерлан") == ([], ())
    token = named(centre, number, "  Қасымов   Ерлан ")
    assert token.startswith("nam_")
    for asked, why in (("Қасымов Ерлан", "name.exact"), ("Kasymov Erlan", "name.exact"),
                       ("ерлан касымв", "name.almost")):  # fmt: skip
        assert called(centre, asked)[0] == [(number, why, (case,))], asked
    assert named(centre, number, "Әбенов Асан") != token
    assert called(centre, "Қасымов Ерлан")[0] == []
    assert called(centre, "Әбенов")[0] == [(number, "name.exact", (case,))]
    assert named(centre, number, " ") is None
    assert called(centre, "Әбенов")[0] == []
    with centre.database.session() as session:
        kept = [row.action for row in session.query(orm.Audit).filter_by(object=number)]
    assert kept.count("drop_name") == 3


def test_who_may_not_see_the_drop_does_not_find_it_by_name(centre):
    case, number = opened(centre, case=centre.report(region="KZ-35").case)
    named(centre, number, "Қасымов Ерлан")
    away, there = (Officer("x", "investigator", region) for region in ("KZ-75", "KZ-35"))
    assert called(centre, "Қасымов", away) == ([], (("KZ-35", 1),))
    assert called(centre, "Қасымов", there) == ([(number, "name.exact", (case,))], ())
    with centre.database.write() as session:
        session.query(orm.DropCase).delete()
    assert called(centre, "Қасымов", away) == ([], ())
    assert called(centre, number, away) == ([], ())
    assert called(centre, "Қасымов", there) == ([(number, "name.exact", ())], ())
    assert called(centre, number, there) == ([(number, "number", ())], ())


def test_a_drop_of_the_region_is_found_although_its_cases_are_elsewhere(centre):
    case, number = opened(centre, case=centre.report(region="KZ-35").case)
    named(centre, number, "Қасымов Ерлан")
    with centre.database.write() as session:
        session.get_one(orm.Drop, number).region = "KZ-75"
    there = Officer("x", "investigator", "KZ-75")
    for asked, why in (("Қасымов", "name.exact"), (number, "number")):
        assert called(centre, asked, there) == ([(number, why, ())], (("KZ-35", 1),))
    assert case


def test_nobody_is_found_as_a_drop_once_the_label_has_lapsed(centre):
    case, number = opened(centre)
    named(centre, number, "Қасымов Ерлан")
    with centre.database.write() as session:
        drop = session.get_one(orm.Drop, number)
        drop_steps.assess(session, ASEL, drop, Assessed("cleared", NEW_LAW))
    assert called(centre, "Қасымов") == ([], ())
    assert called(centre, number)[0] == [(number, "number", (case,))]
    with centre.database.write() as session:
        drop = session.get_one(orm.Drop, number)
        drop_steps.assess(session, ASEL, drop, Assessed("suspect", NEW_LAW))
    assert called(centre, "Қасымов")[0] == [(number, "name.exact", (case,))]


@pytest.mark.parametrize("name", ["7", "—", "я" * 201, "+77011234567"])
def test_what_is_no_name_is_refused(centre, name):
    _, number = opened(centre)
    with pytest.raises(InputRejected) as refused:
        named(centre, number, name)
    assert (refused.value.field, refused.value.expected) == ("name", "drop.name")


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
