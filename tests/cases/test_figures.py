"""Where all stolen money is, to the unit (REQ-15, 44)."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from qalqan.cases import figures
from qalqan.clock import MINUTE
from qalqan.errors import ContractBroken
from qalqan.trail.semantics import RULES

VICTIM, DROP = "211:V1", "223:D1"


def test_parts_that_do_not_add_up_are_no_parts():
    with pytest.raises(ContractBroken):
        figures.Parts(stolen=2, held=1)
    both = figures.Parts(stolen=2, held=2).plus(figures.Parts(stolen=1, cash=1))
    assert both == figures.Parts(stolen=3, held=2, cash=1)


def test_an_empty_centre_has_nothing(centre):
    assert figures.money(centre.database, "lifo") == {"KZT": figures.Parts()}
    assert set(figures.counts(centre.database).values()) == {0}
    with pytest.raises(ContractBroken):
        figures.money(centre.database, "newest")


def test_cases_that_share_an_account_add_up_to_the_whole(centre):
    cases = []
    for amount in (60_000_00, 30_000_01):
        cases.append(centre.report(amount=amount).case)
        centre.work()
        centre.confirm(centre.order("confirm", "approved"))
    first, second = centre.orders_of("hold")
    centre.answer(first, "partial", amount=50_000_00)
    centre.answer(second, "gone", amount=0)
    now = centre.clock.now_us()
    lines = [
        centre.line(VICTIM, DROP, 60_000_00, now - 60 * MINUTE, side="payee"),
        centre.line(VICTIM, DROP, 30_000_01, now - 60 * MINUTE, side="payee"),
        centre.line(DROP, None, 40_000_01, now - 30 * MINUTE, instrument="cash_out"),
    ]
    for question in centre.orders_of("statement", "approved"):
        centre.statement(question, DROP, lines)
    for rule in RULES:
        whole = figures.money(centre.database, rule)["KZT"]
        with centre.database.session() as session:
            each = figures.of_each(session, cases, rule)
        assert whole == each[cases[0]]["KZT"].plus(each[cases[1]]["KZT"])
        assert (whole.stolen, whole.held, whole.cash) == (90_000_01, 50_000_00, 40_000_01)
    assert {name: n for name, n in asdict(each[cases[0]]["KZT"]).items() if n}["stolen"] == 6000000
    counted = figures.counts(centre.database)
    assert (counted["reports"], counted["cases"], counted["answers"]) == (2, 2, 5)
