"""Messages of a campaign: consent, quotas, quiet hours; each once, or nobody knows."""

from __future__ import annotations

from typing import Any

import pytest

from outreached import ANALYST, Outreach, number
from qalqan.bulletin.outreach import campaigns, consent, queue, running
from qalqan.bulletin.outreach.campaigns import Event
from qalqan.bulletin.outreach.queue import Claimed
from qalqan.clock import DAY, HOUR, MINUTE
from qalqan.errors import Conflict, InputRejected, NotFound
from qalqan.register import orm

ME, ANOTHER = "host:1:a", "host:2:b"


def claim(outreach: Outreach, owner: str = ME) -> Claimed | None:
    with outreach.database.write() as session:
        return queue.claim(session, owner)


def send(outreach: Outreach, name: str = "g") -> Claimed | None:
    claimed = claim(outreach)
    if claimed is not None:
        with outreach.database.write() as session:
            queue.accepted(session, claimed, ME, f"{name}{claimed.id}")
    return claimed


def states(outreach: Outreach, campaign: str) -> dict[str, int]:
    with outreach.database.session() as session:
        return queue.progress(session, campaign).states


def test_only_those_who_agreed_and_fit_are_written_to(outreach: Outreach) -> None:
    there = outreach.consents(3, language="ru", age="60+")
    outreach.consents(2, first=10, language="ru")
    outreach.consents(2, first=20, age="60+", region="KZ-71")
    campaign = outreach.running(region="KZ-75", segment={"age": "60+"})
    sent = [send(outreach) for _ in range(4)]
    assert [each.phone for each in sent if each] == there
    assert sent[3] is None
    assert sent[0] is not None
    assert sent[0].text.startswith("Банк и полиция не просят")
    with outreach.database.session() as session:
        found = queue.progress(session, campaign)
    assert (found.states, found.parts, found.cost) == ({"sent": 3}, 6, 6 * 12_00)


def test_everybody_who_agreed_is_written_to_whatever_the_policy_holds_out(
    outreach: Outreach,
) -> None:
    outreach.consents(40)
    assert states(outreach, outreach.running(held=200)) == {"queued": 40}


def test_nobody_is_written_to_at_night(outreach: Outreach) -> None:
    outreach.consents(1)
    outreach.running()
    outreach.at(21)
    assert claim(outreach) is None
    outreach.at(8)
    assert claim(outreach) is None
    outreach.at(9)
    assert claim(outreach) is not None


def test_a_person_is_not_written_to_too_often(outreach: Outreach) -> None:
    outreach.consents(1)
    for place in range(3):
        campaign = outreach.running(title=f"№ {place}")
        sent = send(outreach)
        assert (sent is None) == (place == 2)
    assert states(outreach, campaign) == {"dropped": 1}
    outreach.at(12, days=31)
    outreach.running()
    assert send(outreach) is not None


def test_a_campaign_has_its_hour(outreach: Outreach) -> None:
    outreach.consents(5)
    outreach.running()
    outreach.policy(campaign_hour=2)
    assert [send(outreach) is None for _ in range(3)] == [False, False, True]
    outreach.clock.set(outreach.clock.now_us() + HOUR + MINUTE)
    assert send(outreach) is not None


def test_whoever_took_his_consent_back_is_written_to_no_more(outreach: Outreach) -> None:
    outreach.consents(3)
    campaign = outreach.running()
    with outreach.database.write() as session:
        assert consent.replied(session, outreach.keys, number(0), " Тоқта. ")
        assert not consent.replied(session, outreach.keys, number(0), "STOP")
        assert not consent.replied(session, outreach.keys, number(1), "thank you")
        consent.withdraw(session, outreach.keys, ANALYST, "8 701 000 00 01")
        with pytest.raises(NotFound):
            consent.withdraw(session, outreach.keys, ANALYST, number(1))
    assert send(outreach) is not None
    assert send(outreach) is None
    assert states(outreach, campaign) == {"sent": 1, "dropped": 2}
    with outreach.database.session() as session:
        rows = session.query(orm.OutreachConsent).order_by(orm.OutreachConsent.id).all()
    assert [row.withdrawn_by for row in rows] == ["sms", "dina", None]


def test_consent_that_stands_is_given_once_and_may_be_given_again(outreach: Outreach) -> None:
    (first,) = outreach.consents(1)
    assert outreach.consents(1) == [first]
    with outreach.database.write() as session:
        consent.end(session, first, "dina")
    outreach.consents(1)
    with outreach.database.session() as session:
        assert session.query(orm.OutreachConsent).count() == 2
        assert consent.standing(session) == {"KZ-75": 1}


@pytest.mark.parametrize(
    "more", [{"phone": "102"}, {"phone": "+44 20 7946 0000"}, {"source": ""}, {"age": "old"},
             {"language": "fr"}, {"region": "KZ"}, {"purpose": "sales"}]
)  # fmt: skip
def test_a_consent_that_can_not_be(outreach: Outreach, more: dict[str, Any]) -> None:
    told = {"phone": number(1), "source": "form", "language": "kk", "region": "KZ-75"} | more
    with outreach.database.write() as session, pytest.raises(InputRejected):
        consent.give(session, outreach.keys, ANALYST, consent.Given(**told))


@pytest.mark.parametrize("word", ["STOP", "стоп", "Тоқта", "«Стоп»", "БАС ТАРТУ", "отписаться."])
def test_one_word_ends_it(word: str) -> None:
    assert consent.is_stop(word)
    assert not consent.is_stop(f"{word} or not")


# ── once, or nobody knows ──


def test_what_a_dead_sender_had_in_hand_is_unknown_and_never_sent_again(
    outreach: Outreach,
) -> None:
    outreach.consents(2)
    campaign = outreach.running()
    lost = claim(outreach, ANOTHER)
    with outreach.database.write() as session:
        assert queue.left_behind(session, ME) == 1
    sent = send(outreach)
    assert lost is not None
    assert sent is not None
    assert sent.id != lost.id
    assert send(outreach) is None
    assert states(outreach, campaign) == {"sent": 1, "unknown": 1}


def test_a_sender_that_was_only_slow_still_tells_what_it_knows(outreach: Outreach) -> None:
    outreach.consents(1)
    campaign = outreach.running()
    slow = claim(outreach, ANOTHER)
    assert slow is not None
    with outreach.database.write() as session:
        queue.left_behind(session, ME)
        queue.accepted(session, slow, ANOTHER, "x")
    assert states(outreach, campaign) == {"sent": 1}


def test_what_certainly_did_not_go_goes_later_and_not_for_ever(outreach: Outreach) -> None:
    outreach.consents(1)
    campaign = outreach.running()
    for _ in range(queue.TRIES):
        claimed = claim(outreach)
        assert claimed is not None
        with outreach.database.write() as session:
            queue.not_sent(session, claimed, ME, "connect")
        assert claim(outreach) is None  # not at once
        outreach.clock.set(outreach.clock.now_us() + 10 * MINUTE)
    assert claim(outreach) is None
    assert states(outreach, campaign) == {"refused": 1}


def test_a_receipt_tells_also_of_what_nobody_knew(outreach: Outreach) -> None:
    outreach.consents(2)
    campaign = outreach.running()
    one, other = send(outreach), claim(outreach)
    assert one is not None
    assert other is not None
    with outreach.database.write() as session:
        queue.unsure(session, other, ME, "ReadTimeout")
        assert queue.by_gateway(session, f"g{one.id}") == one.id
        queue.receipt(session, one.id, True)
        queue.receipt(session, one.id, False, "late")  # the first word counts
        queue.receipt(session, other.id, False, "expired")
        with pytest.raises(NotFound):
            queue.receipt(session, 999, True)
    assert states(outreach, campaign) == {"delivered": 1, "undelivered": 1}


def test_an_end_settles_what_it_came_to(outreach: Outreach) -> None:
    outreach.consents(3)
    campaign = outreach.running()
    send(outreach)
    with outreach.database.write() as session:
        version = campaigns.one(session, campaign).version
        told = campaigns.tell(session, ANALYST, campaign, None, 99_00, "Акт 7", version)
        row = running.stop(session, ANALYST, campaign, Event.END, told.version)
        assert (row.reach, row.cost) == (1, 99_00)  # what was told is not reckoned over
        with pytest.raises(Conflict):
            queue.fill(session, row)
    assert states(outreach, campaign) == {"sent": 1, "dropped": 2}
    assert claim(outreach) is None


@pytest.mark.parametrize("channel", ["sms", "operator_text"])
def test_time_ends_a_campaign(outreach: Outreach, channel: str) -> None:
    outreach.consents(1)
    campaign = outreach.running(channel=channel)
    outreach.at(12, days=31)
    assert claim(outreach) is None
    with outreach.database.write() as session:
        assert running.lapse(session) == 1
        assert campaigns.one(session, campaign).state == "ended"
        assert campaigns.steps(session, campaign)[-1].event == "end"
        assert running.lapse(session) == 0
    assert outreach.clock.now_us() > 30 * DAY
