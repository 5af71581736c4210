from __future__ import annotations

import pytest

from qalqan.errors import Conflict, InputRejected, NotAllowed, NotFound
from qalqan.register import partner_keys, partners
from qalqan.register.database import Database
from qalqan.register.scopes import Scope, checked, usual

NAMES = {"kk": "Банк", "ru": "Банк", "en": "Bank"}


def test_a_partner_is_known_by_its_first_key(database: Database) -> None:
    with database.write() as session:
        secret = partners.add_partner(
            session, "aml", "bank", NAMES, bank_code="AML", feeds=["call"]
        )
    with database.session() as session:
        found = partner_keys.known(session, secret)
        assert (found.partner.code, found.partner.bank_code) == ("aml", "AML")
        assert found.partner.feeds == ["call"]
        assert found.scopes == set(usual("bank"))
        (key,) = partner_keys.keys_of(session, "aml")
        assert secret not in (key.token_hash, key.label)
        for wrong in (secret[:-1], ""):
            with pytest.raises(NotAllowed):
                partner_keys.known(session, wrong)
    with pytest.raises(Conflict), database.write() as session:
        partners.add_partner(session, "aml", "bank", NAMES)


def test_a_partner_that_was_shut_out_is_turned_away(database: Database) -> None:
    with database.write() as session:
        secret = partners.add_partner(session, "aml", "bank", NAMES)
        partners.change(session, "aml", "asel", active=False)
    with database.session() as session, pytest.raises(NotAllowed):
        partner_keys.known(session, secret)
    with database.session() as session:
        assert [one.code for one in partners.everybody(session)] == ["aml"]
    with pytest.raises(NotFound), database.write() as session:
        partners.change(session, "none", "asel", active=True)


def test_a_kind_of_partner_has_its_scopes_and_no_others() -> None:
    assert checked("operator", ["orders:read", "orders:read"]) == [Scope.ORDERS_READ]
    assert checked("channel", []) == [one for one in Scope if one in usual("channel")]
    for kind, scope in (("operator", "reports:write"), ("bank", "everything")):
        with pytest.raises(InputRejected):
            checked(kind, [scope])
