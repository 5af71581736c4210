"""A partner is remembered for a moment, and forgotten as soon as he must be."""

from __future__ import annotations

import time

from sqlalchemy import update

from qalqan.register import partner_keys, partners
from qalqan.register.orm import Partner

LONG_S = 60
"""Only a hanging test waits as long."""


def tell(web, token):
    web.tokens["who"] = token
    answer = web.post("/v1/facts/payment", "who", json={"facts": []})
    return answer.status_code


def refused(web, token):
    end = time.monotonic() + LONG_S
    while tell(web, token) != 401:
        assert time.monotonic() < end
        time.sleep(0.02)
    return True


def test_a_token_that_was_changed(web):
    old = web.tokens["altyn"]
    assert tell(web, old) == 200
    with web.database.write() as session:
        key = partner_keys.known(session, old).key
        new = partner_keys.rotate_key(session, key, "asel", keep_us=0)
    assert tell(web, new) == 200
    assert refused(web, old)
    assert tell(web, new) == 200


def test_a_key_that_was_revoked(web):
    assert tell(web, web.tokens["altyn"]) == 200
    with web.database.write() as session:
        partner_keys.revoke_key(
            session, partner_keys.known(session, web.tokens["altyn"]).key, "asel"
        )
    assert refused(web, web.tokens["altyn"])


def test_a_key_without_the_scope(web):
    with web.database.write() as session:
        token = partner_keys.add_key(session, "altyn", "reader", "asel", scopes=["orders:read"])
    assert tell(web, token) == 403
    web.tokens["reader"] = token
    assert web.get("/v1/orders", "reader").status_code == 200
    assert web.get("/v1/warnings", "reader").status_code == 403


def test_a_partner_who_was_shut_out(web):
    assert tell(web, web.tokens["altyn"]) == 200
    with web.database.write() as session:
        session.execute(update(Partner).where(Partner.code == "altyn").values(active=False))
    assert refused(web, web.tokens["altyn"])


def test_a_refusal_is_not_remembered(web):
    assert tell(web, "nobody's") == 401
    with web.database.write() as session:
        token = partners.add_partner(session, "new", "bank", {}, bank_code="777")
    assert tell(web, token) == 200


def test_what_is_remembered_is_no_token(web):
    token = web.tokens["altyn"]
    assert tell(web, token) == 200
    assert token not in repr(vars(web.http.app.state.callers))


def test_it_remembers_only_so_many(web, monkeypatch):
    monkeypatch.setattr("qalqan.web.callers.MOST", 2)
    for token in ("a", "b", "c", web.tokens["altyn"]):
        tell(web, token)
    assert len(web.http.app.state.callers._asked) <= 2
