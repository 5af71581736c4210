import anyio
import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from qalqan.clock import DAY, HOUR
from qalqan.errors import Unavailable
from qalqan.simulate.banks import BANKS
from qalqan.simulate.centre import Centre
from qalqan.simulate.feed import tell, told_until


def _centre(taken, status=200):
    """A centre that writes down what it is told."""

    async def facts(request):
        body = await request.json()
        taken.append((request.path_params["kind"], body["facts"], request.headers))
        return JSONResponse({}, status_code=status)

    app = Starlette(routes=[Route("/v1/facts/{kind}", facts, methods=["POST"])])
    centre = Centre("http://centre", "secret")
    centre._http = httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://centre",
        headers={"Authorization": "Bearer secret"},
    )  # fmt: skip
    return centre


FEED = next(bank for bank in BANKS if bank.feed)


def test_every_payment_is_told_once_and_notices_leave_no_gap(town, world):
    taken: list = []
    centre = _centre(taken)
    times = [town.start_us + hours * HOUR for hours in (1, 7, 7, 30)]
    counts = [anyio.run(tell, world, FEED, centre, now) for now in times]
    told = [fact for kind, facts, _ in taken if kind == "payment" for fact in facts]
    assert sum(counts) == len(told) > 100
    assert len({fact["id"] for fact in told}) == len(told)
    notices = [facts[0] for kind, facts, _ in taken if kind == "statement"]
    edges = [(notice["from_us"], notice["to_us"]) for notice in notices]
    assert edges == [(town.start_us, times[0]), (times[0], times[1]), (times[1], times[3])]
    for notice, (low, high) in zip(notices, edges, strict=True):
        assert notice["lines"] == sum(low < fact["at_us"] <= high for fact in told)
    keys = [headers["idempotency-key"] for _, _, headers in taken]
    assert len(set(keys)) == len(keys)
    assert all(headers["authorization"] == "Bearer secret" for _, _, headers in taken)


def test_what_the_centre_refused_is_told_again(town, world):
    centre = _centre([], status=503)
    with pytest.raises(Unavailable):
        anyio.run(tell, world, FEED, centre, town.start_us + DAY)
    assert told_until(world, FEED) == town.start_us
