"""REQ-19, 44: an officer asks a partner for something himself, within the machine's bounds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cases.conftest import DROP, VICTIM
from persons import Officer
from qalqan.cases import by_hand, choices, delivery, drafting
from qalqan.cases.choices import Act
from qalqan.cases.drafting import ADDRESSEES, DRAFTERS, Wish
from qalqan.cases.grounds import grounds
from qalqan.clock import DAY, HOUR, MINUTE
from qalqan.errors import Conflict, InputRejected, NotAllowed
from qalqan.model.order import Kind, State
from qalqan.register import partners
from qalqan.register.rights import RIGHTS, Right
from qalqan.trust import signing

ALMAS = Officer("almas", "investigator", "KZ-75")
WHY = "Нөмірден жәбірленушілерге қоңырау шалынған"


@pytest.fixture
def case(centre):
    """A case whose payment is confirmed and held by machine; an operator and a host take part."""
    taken = centre.report()
    centre.work()
    centre.confirm(centre.order("confirm"))
    with centre.database.write() as session:
        for code, kind in (("dala", "operator"), ("bazar", "marketplace"), ("dns", "dns")):
            names = dict.fromkeys(("kk", "ru", "en"), code)
            partners.add_partner(session, code, kind, names)
    return taken.case


def wish(act, **more):
    legal = next(row.code for row in grounds() if act.kind in row.kinds)
    return Wish(act, more.pop("ground", legal), more.pop("words", WHY), **more)


def ask(centre, case, asked, person=ALMAS, key="k"):
    return drafting.draft(centre.database, centre.keys, person, case, asked, key)


def offered(centre, case, act):
    with centre.database.session() as session:
        return choices.offered(session, case, act, centre.clock.now_us())


def block(**more):
    told = {"partner": "dala", "subject_kind": "phone", "subject": "+7 701 123 45 67"}
    return wish(Act.BLOCK, **told | more)


def test_every_kind_has_drafters_addressees_and_only_roles_that_may_draft():
    assert set(ADDRESSEES) == set(Act)
    assert {act.kind for act in Act} == set(Kind)
    assert all(Right.DRAFT in RIGHTS[role] for role in DRAFTERS)
    assert Act.RETURN not in DRAFTERS["operative"]


def test_a_block_of_a_phone_takes_two_people_and_names_the_phone_to_its_operator_alone(
    centre, case
):
    order = ask(centre, case, block())
    assert (order.state, order.partner) == (State.DRAFTED, "dala")
    assert order.subject.startswith("tel_")
    assert order.expires_us == order.created_us + 72 * HOUR
    centre.agree(order, "asel")
    approved = centre.agree(order, "daniyar")
    assert approved.state is State.APPROVED
    (offer,) = delivery.offer(centre.database, centre.keys, "dala").orders
    told = signing.verify(offer.jws, centre.keys.verify_key_pem)
    assert (told["subject"], told["subject_kind"]) == ("+77011234567", "phone")


def test_the_same_key_is_the_same_order_and_another_wish_under_it_a_conflict(centre, case):
    order = ask(centre, case, block())
    assert ask(centre, case, block()).id == order.id
    with pytest.raises(Conflict):
        ask(centre, case, block(words="Мүлде басқа негіздеме жазылды"))
    with pytest.raises(Conflict, match="block again"):
        ask(centre, case, block(), key="other")


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"partner": "altyn"}, "partner"),
        ({"partner": "nobody"}, "partner"),
        ({"ground": "kz.payments.hold"}, "ground"),
        ({"words": "қысқа"}, "words"),
        ({"term_us": 31 * DAY}, "term"),
        ({"term_us": MINUTE}, "term"),
        ({"subject": "102"}, "subject"),
        ({"subject_kind": "domain", "subject": "egov.kz"}, "subject"),
        ({"subject_kind": "url", "subject": "https://my.gov.kz/a"}, "subject"),
        ({"subject_kind": "account", "subject": "x"}, "subject_kind"),
    ],
)
def test_what_does_not_fit_is_named_by_its_field(centre, case, more, field):
    with pytest.raises(InputRejected) as refused:
        ask(centre, case, block(**more))
    assert refused.value.field == field


def test_a_hold_is_bounded_by_what_is_traced_and_not_spoken_for(centre, case):
    (machine,) = centre.orders_of("hold")
    assert offered(centre, case, Act.HOLD) == ()  # the machine's hold answers for all of it
    centre.answer(machine, "partial", amount=60_000_00)
    centre.statement(
        centre.order("statement"), DROP,
        [centre.line(VICTIM, DROP, 100_000_00, centre.clock.now_us() - 60 * MINUTE, "payee")],
    )  # fmt: skip
    with_room = offered(centre, case, Act.HOLD)
    later = [o for o in centre.orders_of("hold") if o.id != machine.id]
    assert sum(c.most or 0 for c in with_room) + sum(o.amount or 0 for o in later) <= 40_000_00


def test_a_release_and_a_prolonging_come_out_of_a_living_hold(centre, case):
    (hold,) = centre.orders_of("hold")
    centre.answer(hold, "held")
    (choice,) = offered(centre, case, Act.RELEASE)
    assert (choice.key, choice.most) == (hold.id, hold.amount)
    with pytest.raises(InputRejected):
        ask(centre, case, wish(Act.RELEASE, target=hold.id, amount=(hold.amount or 0) + 1))
    release = ask(centre, case, wish(Act.RELEASE, target=hold.id, amount=40_000_00))
    assert (release.parent_id, release.account) == (hold.id, hold.account)
    (rest,) = offered(centre, case, Act.RELEASE)
    assert rest.most == (hold.amount or 0) - 40_000_00
    longer = ask(centre, case, wish(Act.PROLONG, target=hold.id, term_us=5 * DAY), key="p")
    assert (longer.kind, longer.parent_id, longer.provisional) == (Kind.HOLD, hold.id, False)
    assert offered(centre, case, Act.PROLONG) == ()


def test_what_people_let_go_the_machine_does_not_take_again(centre, case):
    (hold,) = centre.orders_of("hold")
    centre.answer(hold, "held")
    release = ask(centre, case, wish(Act.RELEASE, target=hold.id))
    centre.agree(release, "asel")
    centre.answer(centre.order("release"), "released")
    centre.later(2 * HOUR)
    assert [o.id for o in centre.orders_of("hold")] == [hold.id]
    assert centre.orders_of("hold")[0].state is State.CLOSED


def test_data_is_asked_of_an_account_or_of_what_is_written_and_says_what_is_wanted(centre, case):
    with pytest.raises(InputRejected) as refused:
        ask(centre, case, wish(Act.DATA, partner="bazar", subject_kind="url", subject="a.kz/1"))
    assert refused.value.field == "asked"
    about = wish(
        Act.DATA, partner="bazar", subject_kind="url", subject="bazar.kz/1", asked=("holder",)
    )
    assert ask(centre, case, about).subject == "https://bazar.kz/1"
    (account,) = offered(centre, case, Act.DATA)
    of_account = wish(Act.DATA, target=account.key, asked=("holder", "devices"))
    order = ask(centre, case, of_account, key="a")
    assert (order.partner, order.asked) == ("baiterek", ("holder", "devices"))


def test_another_regions_officer_and_one_without_the_right_draft_nothing(centre, case):
    for person in (replace(ALMAS, region="KZ-10"), Officer("p", "prosecutor")):
        with pytest.raises(NotAllowed):
            ask(centre, case, block(), person)
    with pytest.raises(NotAllowed):
        ask(centre, case, wish(Act.RETURN, target="x"), Officer("o", "operative"))


def test_its_drafter_or_a_supervisor_takes_a_draft_back(centre, case):
    order = ask(centre, case, block())
    with pytest.raises(NotAllowed):
        by_hand.withdraw(centre.database, order.id, Officer("other", "investigator"))
    moved = by_hand.withdraw(centre.database, order.id, ALMAS, order.version)
    assert moved.state is State.WITHDRAWN
    assert by_hand.withdraw(centre.database, order.id, ALMAS, order.version) == moved
    with pytest.raises(Conflict):
        by_hand.withdraw(centre.database, order.id, Officer("asel", "supervisor"))
    second = ask(centre, case, block(), key="2")
    with pytest.raises(Conflict):
        by_hand.withdraw(centre.database, second.id, ALMAS, version=9)
    assert by_hand.withdraw(centre.database, second.id, Officer("asel", "supervisor")).id


def test_a_partner_is_reminded_by_hand_and_not_twice_in_a_row(centre, case):
    (hold,) = centre.orders_of("hold")
    delivery.offer(centre.database, centre.keys, hold.partner)
    moved = by_hand.remind(centre.database, hold.id, ALMAS)
    assert (moved.escalated, moved.due_us) == (0, hold.due_us)
    assert by_hand.remind(centre.database, hold.id, ALMAS) == moved  # said twice, done once
    with pytest.raises(Conflict):
        by_hand.remind(centre.database, hold.id, Officer("asel", "supervisor"))
