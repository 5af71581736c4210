"""Treaties by date, shipped and entered (REQ-69)."""

from __future__ import annotations

from datetime import date

import pytest

from cases.abroad_told import ASEL, DANIYAR
from qalqan.cases import abroad_treaties
from qalqan.cases.abroad_kinds import Kind
from qalqan.cases.abroad_treaties import STANDINGS, Entered, bases, shipped
from qalqan.cases.codes import day_us
from qalqan.errors import Conflict, InputRejected, NotAllowed, NotFound
from qalqan.geo.countries import COUNTRIES

NOW = day_us(date(2026, 11, 27))
GIVEN = Entered(
    "Treaty with Georgia", "in_force", ("ge",), ("mla", "freeze"), day_us(date(2020, 1, 1)),
    "Law No. 1", day_us(date(2026, 1, 1)), "5",
)  # fmt: skip


def codes(rows, country, kind, at_us=NOW):
    return [row.code for row in bases(rows, country, kind, at_us)]


def test_what_is_shipped_is_whole_and_nobody_claims_that_a_lawyer_stands_behind_it():
    rows = shipped()
    assert len({row.code for row in rows}) == len(rows) >= 9
    for row in rows:
        assert row.standing in STANDINGS
        assert row.allows <= set(Kind)
        assert row.countries <= COUNTRIES | {"*"}
        assert row.source
        assert not row.confirmed
        assert row.names.keys() == {"kk", "ru", "en"}


def test_a_treaty_that_is_signed_or_observed_is_no_basis():
    for row in shipped():
        if row.standing != "in_force":
            assert not row.allows, row.code


def test_a_basis_goes_by_country_kind_and_day():
    assert codes(shipped(), "BY", "mla") == ["chisinau2002", "minsk1993"]
    assert codes(shipped(), "BY", "mla", day_us(date(2000, 1, 1))) == ["minsk1993"]
    assert codes(shipped(), "GE", "freeze") == []
    assert codes(shipped(), "GE", "preservation") == ["interpol"]
    assert codes(shipped(), "AM", "data") == [
        "cis.it.in_force", "chisinau2002", "minsk1993", "interpol",
    ]  # fmt: skip


def test_a_supervisor_enters_and_ends_rows_with_their_source(centre):
    with centre.database.write() as session:
        with pytest.raises(NotAllowed):
            abroad_treaties.enter(session, ASEL, GIVEN)
        code = abroad_treaties.enter(session, DANIYAR, GIVEN).code
        rows = abroad_treaties.listed(session)
        assert codes(rows, "GE", "freeze") == [code]
        until = day_us(date(2026, 6, 1))
        abroad_treaties.end(session, DANIYAR, code, until, "Law No. 2", until)
        abroad_treaties.end(session, DANIYAR, "interpol", until, "Left", until)
        with pytest.raises(Conflict):
            abroad_treaties.end(session, DANIYAR, code, until, "Law No. 3", until)
    with centre.database.session() as session:
        rows = abroad_treaties.listed(session)
        assert codes(rows, "GE", "freeze") == codes(rows, "GE", "preservation") == []
        assert codes(rows, "GE", "freeze", until - 1) == [code]
        assert abroad_treaties.one(session, code).added_by == "daniyar"


@pytest.mark.parametrize(
    ("field", "value"),
    [("title", " "), ("standing", "perhaps"), ("countries", ("zz",)), ("countries", ("kz",)),
     ("allows", ("all",)), ("source", ""), ("article", "a" * 101)],
)  # fmt: skip
def test_what_can_not_be_is_refused(centre, field, value):
    from dataclasses import replace

    with centre.database.write() as session, pytest.raises(InputRejected) as found:
        abroad_treaties.enter(session, DANIYAR, replace(GIVEN, **{field: value}))
    assert found.value.field == field


def test_a_basis_must_be_one_that_goes(centre):
    with centre.database.write() as session:
        with pytest.raises(InputRejected, match="no_basis"):
            abroad_treaties.basis(session, "minsk1993", "AE", "mla", NOW)
        with pytest.raises(InputRejected, match=r"abroad\.basis"):
            abroad_treaties.basis(session, "ets185.2024", "BY", "mla", NOW)
        with pytest.raises(NotFound):
            abroad_treaties.one(session, "nothing")
        with pytest.raises(InputRejected):
            abroad_treaties.end(session, DANIYAR, "minsk1993", 1, "Law", NOW)
