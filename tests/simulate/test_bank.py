import anyio
import httpx
import pytest

from qalqan.clock import HOUR
from qalqan.simulate.bank import Server
from qalqan.simulate.banks import BANKS
from qalqan.trust.signing import sign


class _Key:
    """The centre as far as a bank asks it for its key."""

    def __init__(self, pem: str) -> None:
        self._pem = pem

    async def key(self) -> str:
        return self._pem


@pytest.fixture
def push(world, keys, monkeypatch):
    """Push a body to a bank at a moment; answers the status."""

    def pushed(bank, now_us, body):
        monkeypatch.setattr("qalqan.clock.now_us", lambda: now_us)
        app = Server(world, bank, _Key(keys.verify_key_pem)).app()

        async def post():
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://bank") as client:
                return (await client.post("/orders", json=body)).status_code

        return anyio.run(post)

    return pushed


def _order(partner, now_us, **more):
    return {
        "order": "O-26-000001", "case": "C-26-000001", "kind": "statement", "partner": partner,
        "account": "KZ86", "ground": "g", "issued_us": now_us, **more,
    }  # fmt: skip


def test_a_signed_order_is_taken_once(town, world, keys, push):
    bank, now = BANKS[0], town.start_us + HOUR
    body = {"order": sign(_order(bank.partner, now), keys.signing_key)}
    assert [push(bank, now, body) for _ in range(2)] == [200, 200]
    rows = world.sql.execute('SELECT "order", bank, due_us FROM orders').fetchall()
    assert len(rows) == 1
    assert rows[0][:2] == ("O-26-000001", bank.code)
    assert rows[0][2] > now


def test_a_false_order_is_not_taken(town, world, keys, push):
    bank, now = BANKS[0], town.start_us + HOUR
    text = sign(_order(bank.partner, now), keys.signing_key)
    for body in ({"order": text[:-4] + "AAAA"}, {"order": "x"}, {}):
        assert push(bank, now, body) == 400
    another = sign(_order("tulpar", now), keys.signing_key)
    assert push(bank, now, {"order": another}) == 400
    assert world.sql.execute("SELECT count(*) FROM orders").fetchone() == (0,)


def test_a_bank_that_is_down_takes_nothing(town, world, keys, push):
    bank = next(bank for bank in BANKS if bank.pace.down_hours)
    now = town.start_us + 2 * HOUR  # the start is midnight in Almaty
    body = {"order": sign(_order(bank.partner, now), keys.signing_key)}
    assert push(bank, now, body) == 503
    assert push(bank, now + 5 * HOUR, body) == 200
