"""The app as a whole: its own description, what is open to whom, threads over one register."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

OPEN = {
    "/v1/health", "/v1/key", "/v1/sign-in", "/v1/schemas/{name}.json",
    "/v1/content/messages", "/v1/content/materials",
}  # fmt: skip


def described(web):
    return web.get("/v1/openapi.json").json()


def test_the_description_is_whole(web):
    text = json.dumps(described(web))
    schemas = described(web)["components"]["schemas"]
    for model in ("Answer", "OrderMessage", "PaymentLine", "ReportIn", "StatementBody",
                  "PaymentQuestion", "LoanQuestion"):  # fmt: skip
        assert model in schemas
    for reference in set(text.split('"$ref": "')[1:]):
        assert reference.partition('"')[0].rpartition("/")[2] in schemas


BARE = (
    "/received", "/sign-out", "/warned", "/remind", "/pack", "/totp", "/end", "/password",
    "/factors", "/{step}", "/close",
)  # fmt: skip
"""What these do, their address says."""


def test_every_post_says_what_it_takes(web):
    for path, methods in described(web)["paths"].items():
        bare = path.endswith(BARE)
        assert "post" not in methods or bare or methods["post"]["requestBody"]["content"], path


def test_all_but_a_few_addresses_want_a_token(web):
    for path, methods in described(web)["paths"].items():
        for method, operation in methods.items():
            if path in OPEN or path.startswith("/v1/log/"):
                continue
            answer = web.call(method.upper(), path.replace("{order}", "O-26-000001"))
            assert answer.status_code == 401, (method, path)
            assert operation["security"] == [{"bearer": []}]


def test_no_page_from_elsewhere_describes_it(web):
    for path in ("/docs", "/redoc", "/openapi.json"):
        assert web.get(path).status_code == 404


def test_many_at_once(web):
    def tell(number):
        facts = [web.payment(f"p-{number}-{n}") for n in range(5)]
        return web.post("/v1/facts/payment", "altyn", json={"facts": facts}).json()["accepted"]

    def ask(_):
        return web.get("/v1/orders", "altyn").status_code

    web.report()
    with ThreadPoolExecutor(8) as pool:
        told, asked = pool.map(tell, range(24)), pool.map(ask, range(24))
        assert list(told) == [5] * 24
        assert list(asked) == [200] * 24
