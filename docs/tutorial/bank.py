"""A bank's side of the exchange, with nothing of the centre's software in it."""

import json

import httpx
import jwt  # PyJWT[crypto]
from cryptography.hazmat.primitives.serialization import load_pem_public_key

JWS = jwt.PyJWS(algorithms=["EdDSA"])


def connect(address, token):
    """A connection to the centre."""
    return httpx.Client(base_url=address, headers={"Authorization": f"Bearer {token}"}, timeout=60)


def key_of(centre):
    """The centre's public key; ask once, compare it with what you were told, keep it."""
    pem = centre.get("/v1/key").raise_for_status().json()["key"]
    return load_pem_public_key(pem.encode())


def opened(jws, key, me):
    """What the centre ordered. Raises if anybody else wrote it, or if it is not for us."""
    order = json.loads(JWS.decode(jws, key, algorithms=["EdDSA"]))
    if order["partner"] != me:
        raise ValueError(f"an order for {order['partner']}")
    return order


def fetched(centre, key, me):
    """All orders that wait for our answer; saying that one has come stops the reminders of it."""
    after = ""
    while page := centre.get("/v1/orders", params={"after": after}).raise_for_status().json():
        if not page["orders"]:
            return
        for each in page["orders"]:
            order = opened(each["order"], key, me)
            centre.post(f"/v1/orders/{order['order']}/received").raise_for_status()
            yield order
        after = page["next"]


def answer_to(order, books):
    """What we say to one order."""
    account, amount = order.get("account"), order.get("amount")
    if order["kind"] == "confirm":
        period = order["from_us"], order["to_us"]
        line = books.payment(account, amount, order.get("beneficiary"), *period)
        return {"outcome": "confirmed", "payment": line} if line else {"outcome": "not_found"}
    if order["kind"] == "hold":
        held = books.hold(account, amount, order["expires_us"], order.get("reply_to"))
        if held == amount:
            return {"outcome": "held", "amount": held}
        return {
            "outcome": "partial" if held else "gone",
            "amount": held,
            "forwarded": books.payments_out(account),
        }
    if order["kind"] == "statement":
        found = books.statement(account, order["from_us"], order.get("to_us"))
        return {"outcome": "statement", "statement": found}
    if order["kind"] == "release":
        return {"outcome": "released", "amount": books.release(order["reply_to"], amount)}
    if order["kind"] == "return":
        line = books.pay_back(order["reply_to"], account, amount, order["beneficiary"])
        return {"outcome": "returned", "amount": amount, "payment": line}
    return {"outcome": "refused", "reason": "not something that we can do"}


def answer(centre, order, said):
    """Answer one order; tells where it stands then."""
    body = {"order": order["order"], **said}
    told = centre.post(f"/v1/orders/{order['order']}/answers", json=body)
    return told.raise_for_status().json()


def tell(centre, kind, facts, key):
    """Facts of one kind; the same `key` again answers the first receipt again."""
    told = centre.post(f"/v1/facts/{kind}", json={"facts": facts}, headers={"Idempotency-Key": key})
    return told.raise_for_status().json()
