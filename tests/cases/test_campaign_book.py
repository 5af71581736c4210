"""A campaign gets its case, and its calls are traced back over providers (REQ-45, 49)."""

from __future__ import annotations

import csv
import io
import itertools
import json
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pytest

from persons import Officer
from qalqan.cases import campaign_book, traceback
from qalqan.cases.evidence import Asked, pack
from qalqan.cases.policy import default_body, install
from qalqan.cases.traceback import Stand
from qalqan.clock import DAY, HOUR, MINUTE
from qalqan.errors import InputRejected
from qalqan.exchange import evidence_pack
from qalqan.lake.hand_in import Centre as Into
from qalqan.lake.hand_in import HandIn
from qalqan.lake.intake import take
from qalqan.register import orm, partners
from qalqan.settings import settings

RULE = "calls.fixed_from_abroad"
NUMBERS = itertools.count(1)


class Calls:
    """What edges tell the centre."""

    def __init__(self, centre: Any) -> None:
        self.centre = centre

    def refused(
        self, callers: Sequence[str | None], trunk: str = "abroad", rule: str = RULE,
        ahead_us: int = 0,
    ) -> None:  # fmt: skip
        """Calls of a second each, which end now."""
        now = self.centre.clock.now_us() + ahead_us
        rows = [
            {
                "id": f"{next(NUMBERS):064x}", "at_us": now - place * 1_000_000, "trunk": trunk,
                "trunk_class": "international", "caller": caller, "callee": "+77011111111",
                "duration_s": 0, "answered": False, "verdict": "refuse", "rule": rule,
                "policy": 3, "edge": "almaty-1",
            }
            for place, caller in enumerate(callers)
        ]  # fmt: skip
        into = Into(self.centre.database, self.centre.keys, self.centre.books.settings.lake_root)
        receipt = take(into, HandIn("call", "dala", "journal"), pa.Table.from_pylist(rows))
        assert receipt.accepted == len(rows)
        self.centre.work()

    def campaigns(self) -> list[orm.CallCampaign]:
        with self.centre.database.session() as session:
            return list(session.query(orm.CallCampaign).order_by(orm.CallCampaign.id))

    def stands(self, campaign: int) -> list[tuple[str, Stand]]:
        with self.centre.database.session() as session:
            return [(h.order.partner, h.stand) for h in traceback.hops(session, campaign)]


def sequence(n: int, first: int = 77272500000) -> list[str]:
    return [f"+{first + place}" for place in range(n)]


@pytest.fixture
def told(centre: Any) -> Iterator[Calls]:
    with centre.database.write() as session:
        for code in ("dala", "tranzit", "kopir", "shet"):
            partners.add_partner(session, code, "operator", dict.fromkeys(("kk", "ru", "en"), code))
        session.add(orm.CallEdge(
            partner="dala", edge="almaty-1", heard_us=0, told={"trunks": {"abroad": "tranzit"}},
        ))  # fmt: skip
    settings.cache_clear()  # a pack opens the lake of this home
    yield Calls(centre)
    settings.cache_clear()


def test_a_campaign_has_one_case_and_its_provider_is_asked(told: Calls) -> None:
    told.refused(sequence(2))
    assert [one.case_id for one in told.campaigns()] == [None]
    told.refused(sequence(3))
    [one] = told.campaigns()
    assert (one.is_opened, one.calls, one.pattern) == (True, 5, "+7727250")
    told.refused(sequence(4))
    [again] = told.campaigns()
    assert (again.case_id, again.calls) == (one.case_id, 9)
    [order] = told.centre.orders()
    assert (order.partner, order.kind, order.asked) == ("tranzit", "data", ("origin",))
    assert order.by_policy
    assert order.due_us - told.centre.clock.now_us() <= DAY
    assert order.subject.startswith("pho_") or order.subject_kind == "phone"
    with told.centre.database.session() as session:
        assert session.get(orm.Case, one.case_id).region == "KZ"
        standing = session.get(orm.CaseStanding, one.case_id)
        assert (standing.reports, standing.awaited, standing.active) == (0, 1, True)


def test_one_refused_call_opens_a_case_only_where_the_policy_says_so(told: Calls) -> None:
    told.refused(sequence(1))
    assert told.centre.orders() == []
    body = default_body()
    body["campaigns"]["least_calls"] = 1
    with told.centre.database.write() as session:
        install(session, body, ["asel", "daniyar"])
    told.centre.later(2 * HOUR)
    told.refused(sequence(1, 77172500000))
    assert len(told.centre.orders()) == 1


def test_callers_without_numbers_are_a_campaign_of_their_rule(told: Calls) -> None:
    told.refused([None] * 5, rule="calls.no_number")
    [one] = told.campaigns()
    assert (one.pattern, one.is_opened) == ("", True)


def test_a_campaign_that_comes_back_goes_to_the_same_case(told: Calls) -> None:
    told.refused(sequence(5))
    told.centre.later(3 * HOUR)
    told.refused(sequence(5))
    first, second = told.campaigns()
    assert first.case_id == second.case_id
    assert len(told.centre.orders()) == 1
    told.centre.later(3 * DAY)
    told.refused(sequence(5))
    assert told.campaigns()[-1].case_id != first.case_id


def test_answers_lead_back_from_provider_to_provider(told: Calls) -> None:
    told.refused(sequence(5))
    [one], [first] = told.campaigns(), told.centre.orders()
    with pytest.raises(InputRejected, match="peer"):
        told.centre.answer(first, "done")
    told.centre.answer(first, "done", peer="kopir")
    second = told.centre.order("data", partner="kopir")
    assert second.subject == first.subject
    assert told.stands(one.id) == [("tranzit", Stand.NAMED), ("kopir", Stand.ASKED)]
    told.centre.answer(second, "not_found", reason="no logs")
    assert told.stands(one.id)[-1] == ("kopir", Stand.NO_LOGS)
    assert len(told.centre.orders()) == 2


@pytest.mark.parametrize(
    ("outcome", "more", "stand"),
    [
        ("refused", {"reason": "law"}, Stand.REFUSED), ("done", {"peer": "tranzit"}, Stand.STARTED),
        ("done", {"peer": "Nobody Telecom"}, Stand.NAMED),
        ("done", {"peer": " TRANZIT "}, Stand.STARTED),
    ],
)  # fmt: skip
def test_a_way_that_ends_is_told_as_it_ended(
    told: Calls, outcome: str, more: dict[str, str], stand: Stand
) -> None:
    told.refused(sequence(5))
    [one], [first] = told.campaigns(), told.centre.orders()
    told.centre.answer(first, outcome, **more)
    assert told.stands(one.id) == [("tranzit", stand)]


def test_two_who_name_each_other_are_asked_once_each(told: Calls) -> None:
    told.refused(sequence(5))
    told.centre.answer(told.centre.order("data", partner="tranzit"), "done", peer="kopir")
    told.centre.answer(told.centre.order("data", partner="kopir"), "done", peer="tranzit")
    assert len(told.centre.orders()) == 2


def test_who_stays_silent_is_reminded_and_the_ladder_is_climbed(told: Calls) -> None:
    told.refused(sequence(5))
    [one] = told.campaigns()
    told.centre.later(DAY + MINUTE)
    assert told.stands(one.id) == [("tranzit", Stand.SILENT)]
    told.centre.later(2 * HOUR)
    [order] = told.centre.orders()
    assert (order.state, order.escalated) == ("escalated", 2)


def test_a_trunk_of_no_partner_has_its_own_operator_asked(told: Calls) -> None:
    told.refused(sequence(5), trunk="other")
    [order] = told.centre.orders()
    assert order.partner == "dala"


def test_peer_belongs_to_no_other_answer(told: Calls, centre: Any) -> None:
    centre.report()
    with pytest.raises(InputRejected, match="peer"):
        centre.answer(centre.order("confirm"), "not_found", peer="kopir")


def test_the_pack_has_the_calls_under_the_hashes_of_their_lines(told: Calls) -> None:
    told.refused([*sequence(5), None])
    told.refused(sequence(3, 77172500000))
    [one] = [each for each in told.campaigns() if each.is_opened]
    asel = Officer("asel", "supervisor")
    body = b"".join(pack(told.centre.database, told.centre.keys, Asked(asel, one.case_id, "court")))
    checked = evidence_pack.verify(io.BytesIO(body), told.centre.keys.verify_key_pem)
    assert checked.holds
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        text = archive.read(f"calls/{one.id}-calls.csv").decode()
        rows = list(csv.DictReader(io.StringIO(text)))
        counts = json.loads(archive.read(f"calls/{one.id}-counts.json"))
        hops = archive.read("calls/traceback.csv").decode()
        values = archive.read("values.csv").decode()
        assert b"SHA-256" in archive.read("calls/README.txt")
    assert len(rows) == counts["calls"] == one.calls == 5
    assert {row["rule"] for row in rows} == {RULE}
    assert {row["policy"] for row in rows} == {"3"}
    assert all(len(row["id"]) == 64 for row in rows)
    assert "+7727250000" not in text
    assert "+77272500004" in values
    assert ",tranzit," in hops


def test_without_a_policy_nothing_is_grouped(told: Calls) -> None:
    with told.centre.database.write() as session:
        session.query(orm.Policy).delete()
    told.refused(sequence(9))
    assert told.campaigns() == []


def test_what_never_becomes_a_campaign_is_forgotten(told: Calls) -> None:
    told.refused(sequence(2))
    told.centre.later(2 * DAY)
    told.refused(sequence(2, 77172500000))
    assert [one.pattern for one in told.campaigns()] == ["+7717250"]


def test_a_clock_that_is_ahead_makes_nobody_s_calls_forgotten(told: Calls) -> None:
    told.refused(sequence(2))
    told.centre.later(2 * HOUR)
    told.refused(sequence(1, 77172500000), trunk="other", ahead_us=DAY - MINUTE)
    assert [one.pattern for one in told.campaigns()] == ["+7727250", "+7717250"]


def test_opening_twice_opens_one_case(told: Calls) -> None:
    told.refused(sequence(5))
    [one] = told.campaigns()
    with told.centre.database.write() as session:
        assert campaign_book.open_case(session, one.id) == one.case_id
        assert campaign_book.open_case(session, 999) is None
        assert session.query(orm.Case).count() == 1
