"""Identifiers of cases, and in how many other cases each was seen."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from persons import Officer
from qalqan.cases import entities, seen, trails
from qalqan.cases.entities import CANONICAL, canonical
from qalqan.cases.reports import ReportIn, take_report
from qalqan.clock import MINUTE
from qalqan.errors import Conflict, InputRejected, NotAllowed, NotFound
from qalqan.model.identifiers import handle, imei
from qalqan.model.identifiers.card import luhn
from qalqan.register import orm

ASEL = Officer("asel", "supervisor")
PHONE = "+7 701 123 45 67"


def kept(centre, case):
    with centre.database.session() as session:
        return {(e.kind, e.source): e for e in seen.of_case(session, case)}


def test_a_report_brings_its_people_accounts_and_what_else_the_victim_names(centre):
    named = [
        {"kind": "phone", "value": "8 (701) 123-45-67"},
        {"kind": "handle", "value": "https://t.me/Qarjy_Kerek"},
        {"kind": "url", "value": "hxxps://kaspi-bonus[.]kz/login"},
    ]
    taken = centre.report(identifiers=named)
    found = kept(centre, taken.case)
    kinds = {"person", "account", "phone", "handle", "url", "domain"}
    assert {kind for kind, _ in found} == kinds
    assert found["handle", "report"].subject == "telegram:qarjy_kerek"
    assert found["phone", "report"].subject.startswith("tel_")
    assert found["phone", "report"].subject.endswith("_4567")
    assert found["account", "report"].others == 0


def test_the_same_report_again_is_the_same_and_with_other_identifiers_a_conflict(centre):
    now = centre.clock.now_us()
    body = {
        "methods": ["28"], "region": "KZ-75", "language": "kk", "victim_iin": "900101300017",
        "payer_account": "211:V1", "amount": 100, "crime_us": now - MINUTE,
        "discovered_us": now, "reported_us": now,
        "identifiers": [{"kind": "phone", "value": PHONE}],
    }  # fmt: skip

    def take(**more):
        told = ReportIn(**body | more)
        return take_report(centre.database, centre.keys, told, "hotline", "k-1")

    assert take() == take()
    with pytest.raises(Conflict):
        take(identifiers=[{"kind": "ip", "value": "203.0.113.47"}])


def test_a_bad_identifier_refuses_the_report_and_says_which(centre):
    with pytest.raises(InputRejected) as refused:
        centre.report(
            identifiers=[{"kind": "ip", "value": "8.8.8.8"}, {"kind": "ip", "value": "x"}]
        )
    assert (refused.value.field, refused.value.expected) == ("identifiers[1].value", "ip.shape")
    with centre.database.session() as session:
        assert session.query(orm.Case).count() == 0


def test_what_the_trail_reaches_is_an_identifier_and_joins_cases(centre):
    first, second = centre.report().case, centre.report(payee_account=None).case
    node = {"account": "acc_x_0001", "bank": "223", "first_us": 5, "here": True}
    with centre.database.write() as session:
        for case in (first, second):
            trails.reach(session, case, [node])
            trails.reach(session, case, [node | {"here": False}])
    found = kept(centre, first)["account", "trail"]
    assert (found.subject, found.first_us, found.others, found.told_by) == (
        "acc_x_0001", 5, 1, "machine",
    )  # fmt: skip


def test_by_hand_once_in_any_spelling_and_taken_back_by_officers_alone(centre):
    case = centre.report().case
    with centre.database.write() as session:
        for spelled in (PHONE, "8 701 1234567", "tel: 87011234567"):
            entities.add(session, centre.keys, ASEL, case, "phone", spelled, "called him")
        entities.add(session, centre.keys, ASEL, case, "url", "http://a.kaspi-bonus.kz/x", "")
    found = kept(centre, case)
    assert found["domain", "officer"].subject == "kaspi-bonus.kz"
    phone = found["phone", "officer"]
    with centre.database.write() as session:
        entities.remove(session, ASEL, case, seen.mark_of(phone.subject))
        with pytest.raises(NotFound):
            entities.remove(session, ASEL, case, seen.mark_of(phone.subject))
        own = seen.mark_of(found["person", "victim"].subject)
        with pytest.raises(NotAllowed):
            entities.remove(session, ASEL, case, own)


def test_cases_out_of_view_count_but_only_their_region_is_told(centre):
    mine = centre.report(region="KZ-75").case
    theirs, own = centre.report(region="KZ-35").case, centre.report(region="KZ-75").case
    almaty = Officer("b", "operative", "KZ-75")
    with centre.database.session() as session:
        (victim,) = [e for e in seen.of_case(session, mine) if e.kind == "person"]
        assert victim.others == 2
        found = seen.seen_in(session, almaty, mine, seen.mark_of(victim.subject))
        assert [case for case, _, _ in found.cases] == [own]
        assert found.hidden == (("KZ-35", 1),)
        with pytest.raises(NotAllowed):
            seen.seen_in(session, almaty, theirs, seen.mark_of(victim.subject))


@pytest.mark.parametrize("kind", [*CANONICAL, "name"])
def test_no_text_breaks_a_kind(kind):
    for hostile in ("", "\x00", "<script>", "\u202e1", "9" * 5000, "'; --"):
        with pytest.raises(InputRejected):
            canonical(kind, hostile)


@given(st.text("0123456789", min_size=14, max_size=14))
def test_a_device_has_one_number_however_it_is_told(fourteen):
    whole = imei.canonical(fourteen).text
    assert len(whole) == 15
    assert luhn(whole) == 0
    assert imei.canonical(whole).text == imei.canonical(f"{fourteen}77").text == whole


@settings(max_examples=30)
@given(st.from_regex(r"\A[a-z][a-z0-9_]{3,31}\Z"))
def test_a_handle_has_one_form(name):
    forms = [f"@{name}", f"t.me/{name}", f"https://t.me/{name.upper()}/12", f"telegram: {name}"]
    assert {handle.canonical(form).text for form in forms} == {f"telegram:{name}"}
