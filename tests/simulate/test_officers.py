import json

import httpx
import pytest

from qalqan.errors import Unavailable
from qalqan.simulate.banks import OFFICERS
from qalqan.simulate.officers import DECIDES, OnDuty, decide

BY_ROLE = {officer.login: officer.role for officer in OFFICERS}


class _Centre:
    """Two supervisors must agree, then a prosecutor; it writes down who said what."""

    def __init__(self, orders):
        self.orders = {order["id"]: order for order in orders}
        self.said: list[tuple[str, str, bool]] = []

    def _waits_for(self, login):
        for order in self.orders.values():
            yes = [who for who, which, _ in self.said if which == order["id"]]
            supervisors = [who for who in yes if BY_ROLE[who] == "supervisor"]
            mine = "supervisor" if len(supervisors) < 2 else "prosecutor"
            if login not in yes and BY_ROLE[login] == mine:
                yield order

    def answer(self, login):
        def handle(request):
            if request.method == "GET":
                return httpx.Response(200, json={"orders": list(self._waits_for(login))})
            order = request.url.path.split("/")[3]
            self.said.append((login, order, json.loads(request.content)["approved"]))
            return httpx.Response(200, json={})

        return handle

    def on_duty(self):
        return [
            OnDuty(
                officer,
                httpx.Client(
                    transport=httpx.MockTransport(self.answer(officer.login)), base_url="http://c"
                ),
            )
            for officer in reversed(OFFICERS)
            if officer.role in DECIDES
        ]


def test_two_supervisors_agree_before_the_prosecutor_does():
    centre = _Centre([{"id": "O-1", "amount": 5, "drafted_by": "policy:pursuit/1"}])
    assert decide(centre.on_duty()) == 3
    assert [BY_ROLE[who] for who, _, _ in centre.said] == ["supervisor", "supervisor", "prosecutor"]
    assert all(agreed for _, _, agreed in centre.said)
    assert decide(centre.on_duty()) == 0


def test_nobody_decides_on_his_own_draft():
    drafter = OFFICERS[0].login
    centre = _Centre([{"id": "O-1", "amount": 5, "drafted_by": drafter}])
    for officer in centre.on_duty():
        officer.decide_all()
    assert drafter not in {who for who, _, _ in centre.said}


def test_more_than_the_trail_shows_is_refused():
    centre = _Centre([{"id": "O-1", "amount": 6, "traced": 5, "drafted_by": "x"}])
    decide(centre.on_duty())
    assert not any(agreed for _, _, agreed in centre.said)


def test_a_refusal_of_the_centre_is_an_error():
    http = httpx.Client(
        transport=httpx.MockTransport(lambda _: httpx.Response(403)), base_url="http://c"
    )
    with pytest.raises(Unavailable):
        OnDuty(OFFICERS[0], http).decide_all()
