"""A drop that pays on is followed by itself, and who pays a drop now is listed (REQ-44, 90)."""

from __future__ import annotations

import pyarrow as pa
import pytest
from sqlalchemy import select, update

from qalqan.cases import warned, watch
from qalqan.clock import DAY, HOUR, MINUTE, SECOND
from qalqan.errors import Conflict, NotFound
from qalqan.lake.checked import Terms
from qalqan.lake.hand_in import Centre, HandIn
from qalqan.lake.intake import take
from qalqan.register import orm
from qalqan.settings import settings
from qalqan.trust.tokens import token

VICTIM, DROP, SECOND_DROP = "211:V1", "223:D1", "283:D2"
NEXT, SHOP = "211:V2", "211:S1"
SUM = 100_000_00


def told(centre, partner, bank, *lines, kind="payment"):
    """A bank streams facts; no job is done yet."""
    lake = Centre(centre.database, centre.keys, settings().lake_root)
    feed = HandIn(kind, partner, "feed", Terms({bank}))
    assert take(lake, feed, pa.Table.from_pylist(list(lines))).accepted == len(lines)


def listed(centre):
    with centre.database.session() as session:
        return list(session.scalars(select(orm.PayerToWarn).order_by(orm.PayerToWarn.id)))


@pytest.fixture
def held(centre):
    """A case whose money is held at the drop's bank."""
    case = centre.report().case
    centre.work()
    centre.confirm(centre.order("confirm"))
    centre.answer(centre.order("hold"), "held")
    return case


def paid_on(centre):
    """A case whose drop's bank could hold a fifth, and when the drop paid the rest on."""
    case = centre.report().case
    centre.work()
    centre.confirm(centre.order("confirm"))
    centre.answer(centre.order("hold"), "partial", amount=20_000_00)
    now = centre.clock.now_us()
    told(centre, "baiterek", "223", centre.line(DROP, SECOND_DROP, 80_000_00, now))
    centre.work()
    return case, now


def test_a_followed_account_that_pays_on_is_followed_within_seconds(centre):
    """What the drop pays on is held at the next bank at once."""
    case, before = paid_on(centre)
    (order,) = [o for o in centre.orders_of("hold") if o.partner == "kesek"]
    assert (order.case_id, order.amount, order.state) == (case, 80_000_00, "approved")
    assert order.created_us - before <= 5 * SECOND


def test_what_a_drop_pays_while_all_is_held_is_other_money(centre, held):
    """The bank holds the whole sum and lets the rest go: nobody else's money is held for it, and
    nothing that is held is let go."""
    at_us = centre.clock.now_us() + SECOND
    told(centre, "baiterek", "223", centre.line(DROP, SECOND_DROP, 80_000_00, at_us))
    centre.clock.set(at_us + MINUTE)
    centre.work()
    assert {o.partner for o in centre.orders_of("hold")} == {"baiterek"}
    assert centre.orders_of("release") == []


def test_only_the_cases_that_new_facts_name_are_pursued(centre, held):
    """Another case's trail stays as it was when nothing of it is named."""
    other = centre.report(payer_account="211:V9", payee_account="223:D9").case
    centre.work()
    question = centre.order("confirm", "approved")
    at_us = centre.clock.now_us() - 60 * MINUTE
    line = centre.line("211:V9", "223:D9", SUM, at_us, number="P9")
    centre.answer(question, "confirmed", payment=line)
    before = centre.trail(other)["as_of_us"]
    centre.clock.set(centre.clock.now_us() + MINUTE)
    told(centre, "baiterek", "223", centre.line(DROP, SECOND_DROP, 80_000_00, at_us))
    centre.work()
    assert centre.trail(other)["as_of_us"] == before
    assert centre.trail(held)["as_of_us"] > before


def test_who_pays_the_drop_now_is_listed_for_a_warning_once(centre, held):
    now = centre.clock.now_us()
    paid = centre.line(NEXT, DROP, 50_000_00, now, number="T1")
    told(centre, "altyn", "211", paid)
    centre.work()
    (one,) = listed(centre)
    assert (one.case_id, one.amount, one.why, one.payer_bank) == (held, 50_000_00, "held", "211")
    assert one.expires_us == one.listed_us + 3 * DAY
    seen = centre.line(NEXT, DROP, 50_000_00, now + MINUTE, side="payee", number="other side")
    told(centre, "baiterek", "223", seen)
    centre.work()
    assert len(listed(centre)) == 1


def test_who_has_reported_is_followed_or_paid_long_ago_is_not_listed(centre, held):
    now = centre.clock.now_us()
    told(
        centre, "altyn", "211",
        centre.line(VICTIM, DROP, 5_000_00, now, number="the victim again"),
        centre.line(NEXT, DROP, 5_000_00, now - 2 * DAY, number="long ago"),
        centre.line(SHOP, DROP, 5_000_00, now, instrument="salary", number="wages"),
        centre.line(NEXT, "223:D7", 5_000_00, now, number="to another"),
    )  # fmt: skip
    centre.work()
    assert listed(centre) == []


def test_nobody_is_listed_for_an_account_where_nothing_was_held(centre):
    centre.report()
    centre.work()
    centre.confirm(centre.order("confirm"))
    centre.answer(centre.order("hold"), "refused")
    told(centre, "altyn", "211", centre.line(NEXT, DROP, 50_000_00, centre.clock.now_us()))
    centre.work()
    assert listed(centre) == []


def test_who_paid_before_the_account_was_known_is_listed_when_it_is(centre):
    """A bank that streams had told the payment an hour before the victim reported."""
    told(centre, "altyn", "211", centre.line(NEXT, DROP, 50_000_00, centre.clock.now_us() - HOUR))
    centre.work()
    assert listed(centre) == []
    centre.report()
    centre.work()
    centre.confirm(centre.order("confirm"))
    assert [one.amount for one in listed(centre)] == [50_000_00]


def test_a_bank_fetches_its_own_customers_alone_and_says_whom_it_warned(centre, held):
    now = centre.clock.now_us()
    told(centre, "altyn", "211", centre.line(NEXT, DROP, 50_000_00, now, number="T1"))
    told(
        centre, "baiterek", "223",
        centre.line("283:X1", DROP, 7_000_00, now, side="payee", number="T2"),
    )  # fmt: skip
    centre.work()
    page = warned.fetch(centre.database, "altyn")
    (mine,) = page.warnings
    assert (mine["amount"], mine["payment"], mine["payee_last"]) == (50_000_00, "T1", "1")
    assert "223:D1" not in str(mine)
    assert warned.fetch(centre.database, "altyn", page.next).warnings == ()
    (theirs,) = warned.fetch(centre.database, "kesek").warnings
    assert theirs["payment"] is None  # another bank told of it
    warned.mark(centre.database, mine["id"], "partner:altyn", bank="altyn")
    warned.mark(centre.database, mine["id"], "partner:altyn", bank="altyn")
    assert listed(centre)[0].warned_by == "partner:altyn"
    with pytest.raises(Conflict):
        warned.mark(centre.database, mine["id"], "asel")
    with pytest.raises(NotFound):
        warned.mark(centre.database, mine["id"], "partner:kesek", bank="kesek")
    with centre.database.session() as session:
        acts = [a.action for a in session.scalars(select(orm.Audit))]
    assert acts.count("warnings.fetch") == 2  # nothing was read by the call that found nothing
    assert acts.count("payer.warned") == 1


def test_a_name_is_forgotten_when_its_time_is_over(centre, held):
    told(centre, "altyn", "211", centre.line(NEXT, DROP, 50_000_00, centre.clock.now_us()))
    centre.work()
    (one,) = listed(centre)
    centre.clock.set(one.expires_us)
    assert warned.fetch(centre.database, "altyn").warnings == ()
    assert [row.id for row in listed(centre)] == [one.id]  # no job has taken it off yet
    with pytest.raises(NotFound):
        warned.mark(centre.database, one.id, "asel")
    with centre.database.write() as session:
        watch.forget(session, centre.clock.now_us())
    assert listed(centre) == []


def test_a_followed_account_that_pays_another_is_not_warned(centre):
    _, now = paid_on(centre)
    back = centre.line(SECOND_DROP, DROP, 5_000_00, now + SECOND)
    told(centre, "kesek", "283", back, centre.line("283:X1", DROP, 7_000_00, now + SECOND))
    centre.work()
    assert [one.amount for one in listed(centre)] == [7_000_00]


@pytest.mark.parametrize(
    "changed",
    [
        update(orm.Case).values(state="closed"),
        update(orm.Order).where(orm.Order.kind == "hold").values(state="withdrawn"),
        update(orm.CaseAccount).values(first_us=orm.CaseAccount.first_us - 31 * DAY),
    ],
    ids=["the case is closed", "the hold is withdrawn", "the money came a month ago"],
)
def test_an_account_that_is_no_longer_watched_lists_nobody(centre, held, changed):
    with centre.database.write() as session:
        session.execute(changed)
    told(centre, "altyn", "211", centre.line(NEXT, DROP, 50_000_00, centre.clock.now_us()))
    centre.work()
    assert listed(centre) == []


@pytest.mark.parametrize(("state", "why"), [("new", []), ("confirmed", ["found"])])
def test_a_finding_lists_payers_only_once_an_officer_has_confirmed_it(centre, state, why):
    centre.report()
    centre.work()
    centre.confirm(centre.order("confirm"))
    centre.answer(centre.order("hold"), "refused")
    now = centre.clock.now_us()
    with centre.database.write() as session:
        session.add(
            orm.FindingRow(
                detector="payments.passes_through", subject_kind="account",
                subject=token(centre.keys, "account", DROP),
                window_from_us=now - DAY, window_to_us=now, score=0.9, evidence={}, version="1",
                seal=1, shadow=False, state=state, first_us=now, updated_us=now,
            )
        )  # fmt: skip
    told(centre, "altyn", "211", centre.line(NEXT, DROP, 50_000_00, now))
    centre.work()
    assert [one.why for one in listed(centre)] == why
