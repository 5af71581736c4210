"""REQ-44: an order that nobody answers climbs to people, rung by rung."""

from __future__ import annotations

from persons import Officer
from qalqan.cases import escalation
from qalqan.cases.policy import LADDER
from qalqan.clock import HOUR, MINUTE
from qalqan.register import orm


def test_a_silent_partner_is_reminded_then_the_owner_the_region_and_the_centre_are_told(centre):
    taken = centre.report()
    centre.work()
    with centre.database.write() as session:
        session.get_one(orm.Case, taken.case).owner = "daniyar"
        session.add(
            orm.User(login="region", name="nam_x", password_hash="x", role="supervisor",
                     region="KZ-75")
        )  # fmt: skip
    people = {
        "owner": Officer("daniyar", "investigator", "KZ-75"),
        "region": Officer("region", "supervisor", "KZ-75"),
        "centre": Officer("asel", "supervisor"),
    }
    seen = []
    centre.later(15 * MINUTE)
    for _ in range(4):
        with centre.database.session() as session:
            seen.append([n for n, who in people.items() if escalation.to_me(session, who)])
        centre.later(HOUR)
    assert seen == [[], ["owner"], ["owner", "region"], ["owner", "region", "centre"]]
    order = centre.order("confirm")
    with centre.database.session() as session:
        case = session.get_one(orm.Case, taken.case)
        rungs = escalation.rungs(session, case, order.partner, 3, LADDER)
        assert not escalation.to_me(session, Officer("daniyar", "clerk"))
    assert [(r.name, r.logins, r.is_reached) for r in rungs] == [
        ("partner", ("altyn",), True), ("owner", ("daniyar",), True),
        ("region", ("region",), True), ("centre", ("asel", "daniyar"), False),
    ]  # fmt: skip
