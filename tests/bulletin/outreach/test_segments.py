"""Whom methods hit: counted, hidden, ranked; and nobody in it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from outreached import ANALYST, CLERK, Outreach, us
from qalqan.bulletin.outreach import segment_files, segments
from qalqan.bulletin.outreach.segments import Victim
from qalqan.cases.codes import regions
from qalqan.errors import InputRejected, NotAllowed
from qalqan.model.period import parse
from qalqan.register import orm

PERIOD = parse("2026-10")
TRAITS = {
    "region": "KZ-75", "age": "60+", "method": "28", "hour": "morning", "language": "kk",
    "bank": "211",
}  # fmt: skip


def victims(count: int, loss: int = 100, **more: str) -> list[Victim]:
    return [Victim({**TRAITS, **more}, loss)] * count


def report(outreach: Outreach, person: int, **more: Any) -> None:
    """A report as it stands in the register."""
    with outreach.database.write() as session:
        place = session.query(orm.Report).count()
        case = orm.Case(id=f"C-{place}", region="KZ-75", opened_us=0)
        session.add(case)
        session.flush()
        told = {
            "methods": ["28", "47"], "region": "KZ-75", "language": "kk", "amount": 100_00,
            "currency": "KZT", "crime_us": us(2026, 10, 5, 8), "reported_us": us(2026, 10, 6),
            "age": "60+", "payer_bank": "211",
        } | more  # fmt: skip
        session.add(orm.Report(
            id=f"R-{place}", case_id=case.id, channel="c", receipt_hash=str(place),
            methods_version="1", victim=f"per_{person:024}", payer_account=f"acc_{person:024}_1111",
            discovered_us=told["crime_us"], **told,
        ))  # fmt: skip


def test_a_person_counts_once_where_he_lost_most(outreach: Outreach) -> None:
    report(outreach, 1, amount=100_00)
    report(outreach, 1, amount=900_00, region="KZ-71", crime_us=us(2026, 10, 5, 23))
    report(outreach, 2, reported_us=us(2026, 9, 30))
    report(outreach, 3, amount=5, currency="USD", age=None)
    with outreach.database.session() as session:
        found = segments.victims(session, PERIOD)
    assert [each.loss for each in found] == [1000_00, 0]
    assert found[0].traits["region"] == "KZ-71"
    assert (found[0].traits["hour"], found[0].traits["method"]) == ("evening", "28")
    assert found[1].traits["age"] == segments.UNKNOWN


def test_groups_are_ranked_by_loss_growth_or_number() -> None:
    now = victims(10, 1_000) + victims(20, 10, region="KZ-71") + victims(4, 10**6, region="KZ-79")
    now += victims(3, region="KZ-10")  # with one small group alone another goes with it
    before = victims(10) + victims(5, region="KZ-71")

    def first(by: segments.Order) -> str:
        return segments.ranked(now, before, ("region",), by)[0].traits["region"]

    assert (first("loss"), first("people"), first("growth")) == ("KZ-75", "KZ-71", "KZ-71")
    assert all(each.people >= 5 for each in segments.ranked(now, before, ("region",)))
    assert segments.ranked(now, before, ("region",))[0].growth == 0


def test_losses_are_told_to_two_places() -> None:
    assert segments.rounded(123_456) == 120_000
    assert segments.rounded(125_000) == 130_000
    assert segments.rounded(7) == 7
    assert segments.rounded(0) == 0


def test_a_table_shows_others_together_and_hides_small_cells() -> None:
    people = victims(20) + victims(3, age="30-44") + victims(9, age="30-44", region="KZ-71")
    people += victims(11, region="KZ-71") + victims(2, region="KZ-10")
    found = segments.table(people, "region", "age")
    assert found is not None
    assert ("KZ-75", "30-44") in found.counts.hidden
    assert "KZ-10" not in found.counts.rows
    assert set(found.losses) <= set(found.counts.cells)


@pytest.mark.parametrize(
    "period", ["2026-10-05", "2026-10-01..2026-10-20", "2026-Q3", "2025", "2026-11"]
)
def test_months_that_are_over_alone_are_told_of(period: str) -> None:
    now = us(2026, 11, 20)
    assert segments.check_period(parse("2026-10"), now) == parse("2026-10")
    with pytest.raises(InputRejected):
        segments.check_period(parse(period), now)


def test_traits_are_known_and_named_once() -> None:
    for wrong in (("region", "region"), ("sex", "age")):
        with pytest.raises(InputRejected):
            segments.check_traits(wrong)


@pytest.mark.parametrize("kind", segment_files.KINDS)
def test_a_file_of_segments_holds_counts_and_shares_and_nobody(
    outreach: Outreach, kind: str
) -> None:
    for person in range(12):
        report(outreach, person, region="KZ-71" if person < 4 else "KZ-75")
    for person in (20, 21):
        report(outreach, person, region="KZ-10")
    outreach.clock.set(us(2026, 11, 2))
    with outreach.database.write() as session:
        told = segment_files.given_out(session, ANALYST, PERIOD, ("region",), kind, True)
        body = told.decode()
        row = session.query(orm.Audit).filter_by(action="outreach.export").one()
        assert (row.actor, row.object) == ("dina", "2026-10")
    assert not re.search(r"(acc|per|tel|nam|crd|wrd|dev)_", body)
    assert "KZ-75" in body
    assert ('"simulated": true' if kind == "json" else ",True") in body
    assert "KZ-71" not in body  # four people
    assert max(map(len, re.findall(r"\d+", body))) < 8
    if kind == "json":
        assert {*json.loads(body)["segments"][0]} == {*segment_files.COLUMNS}


def test_who_may_not_prepare_warnings_takes_no_segments(outreach: Outreach) -> None:
    with outreach.database.write() as session, pytest.raises(NotAllowed):
        segment_files.given_out(session, CLERK, PERIOD, ("region",), "csv")


def test_no_function_of_segments_gives_people(outreach: Outreach) -> None:
    """What leaves `victims` has no place for a token."""
    report(outreach, 1)
    with outreach.database.session() as session:
        (one,) = segments.victims(session, PERIOD)
    told = repr(one) + repr(segments.table([one] * 9, "region", "age"))
    told += repr(segments.ranked([one] * 9, [], ("region", "age")))
    assert not re.search(r"(acc|per|tel|nam)_", told)
    assert set(one.traits) == set(segments.TRAITS)
    assert one.traits["region"] in regions()
