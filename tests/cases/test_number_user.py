"""Who really uses a number: what ties whom, in which order, for whose eyes (REQ-50)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from persons import Officer
from qalqan.cases import drops, entities, number_user, seen
from qalqan.clock import DAY
from qalqan.errors import InputRejected, NotAllowed, NotFound, Overfull
from qalqan.register import orm, people, throttle
from qalqan.register.orm import NumberLink
from qalqan.register.purposes import Stated
from qalqan.trust import tokens

OFFICER = Officer()
NUMBER, WHY = "+77011234567", Stated("pretrial", "")
PASSWORD = "a long enough password"


def link(phone, kind, other, source="dala", last_us=DAY, **more):
    fact = more.pop("fact", f"{kind}-{other}")
    told = {"first_us": last_us, "last_us": last_us, "fact": fact, "detail": "", "dealer": ""}
    return NumberLink(phone=phone, kind=kind, other=other, source=source, **told | more)


@pytest.fixture
def phone(centre):
    return tokens.token(centre.keys, "phone", NUMBER)


@pytest.fixture
def keep(centre):
    def put(*links):
        with centre.database.write() as session:
            session.add_all(links)

    return put


@pytest.fixture
def signed_in(centre):
    """Officers signed in with their sessions."""

    def enter(login, role="investigator", region="KZ"):
        with centre.database.write() as session:
            people.add_user(session, centre.keys, login, login, PASSWORD, role, region)
        token = people.sign_in(centre.database, login, PASSWORD)
        return replace(people.signed_in(centre.database, token), stage=None)

    return enter


def test_nobody_copies_the_country_number_by_number(centre, signed_in, monkeypatch):
    officer = signed_in("d.ospanov")
    monkeypatch.setattr(throttle, "LOOK_UPS", 2)
    case = centre.report().case
    for _ in range(2):
        number_user.look_up(centre.database, centre.keys, officer, case, NUMBER, WHY)
    with pytest.raises(Overfull) as told:
        number_user.look_up(centre.database, centre.keys, officer, case, NUMBER, WHY)
    assert told.value.code == "look_ups"


def answered(centre, phone, officer=OFFICER):
    with centre.database.session() as session:
        return number_user.answer(session, officer, phone)


def test_more_institutions_come_first_then_the_stronger_kind_then_the_later(centre, phone, keep):
    keep(
        link(phone, "subscription", "per_dealer", detail="activated", dealer="d7", last_us=9 * DAY),
        link(phone, "session", "per_user", "altyn"),
        link(phone, "loan", "per_user", "baiterek", detail="applied"),
        link(phone, "listing", "per_seller", "bazar", last_us=3 * DAY),
        link(phone, "session", "per_new", "altyn", last_us=5 * DAY),
        link(phone, "session", "per_old", "altyn", last_us=4 * DAY),
        link("tel_else", "session", "per_else"),
    )
    found = answered(centre, phone)
    told = [(each.person, each.institutions, each.registrant) for each in found.candidates]
    assert told == [
        ("per_user", 2, False), ("per_new", 1, False), ("per_old", 1, False),
        ("per_seller", 1, False), ("per_dealer", 0, True),
    ]  # fmt: skip
    assert [basis.kind for basis in found.candidates[0].bases] == ["session", "loan"]
    assert found.candidates[-1].bases[0].dealer == "d7"


def test_nobody_holds_a_number_that_was_switched_off(centre, phone, keep):
    keep(
        link(phone, "subscription", "per_a", detail="activated", last_us=1),
        link(phone, "subscription", "per_b", detail="deactivated", last_us=2),
    )
    assert [each.registrant for each in answered(centre, phone).candidates] == [False, False]


def test_a_device_ties_its_other_numbers_holders_unless_it_is_a_gateway(centre, phone, keep):
    keep(
        link(phone, "call", "dev_1"), link("tel_2", "call", "dev_1"),
        link("tel_2", "subscription", "per_2", detail="activated"),
        link("tel_3", "call", "dev_1"),
        link("tel_3", "subscription", "per_3", detail="deactivated"),
    )  # fmt: skip
    found = answered(centre, phone)
    (one,) = found.candidates
    assert (one.person, one.bases[0].kind, one.bases[0].via) == ("per_2", "device", "tel_2")
    assert found.devices[0].numbers == 2
    most = number_user.MOST_NUMBERS
    keep(*(link(f"tel_x{n}", "call", "dev_1") for n in range(most)))
    found = answered(centre, phone)
    assert (found.candidates, found.devices[0].numbers) == ((), most + 1)


def test_the_register_ties_too_but_never_a_victim(centre, phone):
    case = centre.report().case
    officer = Officer()
    with centre.database.write() as session:
        entities.add(session, centre.keys, officer, case, "phone", NUMBER, "")
        person = entities.add(session, centre.keys, officer, case, "person", "850101300015", "")
        account = next(e for e in seen.of_case(session, case) if e.kind == "account"
                       and e.source != "victim")  # fmt: skip
        drop = drops.open_drop(session, officer, case, seen.mark_of(account.subject), "drop", "")
        drop.person = "per_drop"
        drops.add_channel(session, centre.keys, officer, drop, "phone", NUMBER)
        name = drop.id
    found = answered(centre, phone)
    assert [(c.person, c.bases[0].kind, c.bases[0].source) for c in found.candidates] == [
        (person, "case", case), ("per_drop", "drop", name),
    ]  # fmt: skip
    assert (found.cases, found.hidden) == ((case,), {})
    away = answered(centre, phone, Officer("x", "investigator", "KZ-10"))
    assert (away.candidates, away.cases, away.hidden) == ((), (), {"KZ-75": 1})


def test_a_look_up_is_on_record_with_its_purpose_before_it_is_answered(centre, phone, signed_in):
    case = centre.report().case
    officer = signed_in("dana")

    def look(who=officer, of=case, number=NUMBER, given=WHY):
        return number_user.look_up(centre.database, centre.keys, who, of, number, given)

    with pytest.raises(InputRejected):
        look(given=None)
    assert look().phone == phone
    assert look(given=None).phone == phone
    with centre.database.session() as session:
        rows = session.query(orm.Audit).filter_by(action=number_user.ACTION).all()
        assert [(r.actor, r.object, r.purpose) for r in rows] == [
            ("dana", phone, f"{case}: pretrial")
        ] * 2
        assert "1234567" not in repr([vars(row) for row in rows])
    with pytest.raises(InputRejected):
        look(number="12")
    with pytest.raises(NotFound):
        look(of="C-26-999999")
    with pytest.raises(NotAllowed):
        look(signed_in("away", region="KZ-10"))
    for role in ("operator", "auditor", "prosecutor", "expert"):
        with pytest.raises(NotAllowed):
            look(signed_in(f"a{role}", role))
    with centre.database.session() as session:
        assert session.query(orm.Audit).filter_by(action=number_user.ACTION).count() == 2
