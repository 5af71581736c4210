"""What is personal stands in the lake as tokens, with what may be known of it beside (REQ-19)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from lake.good_facts import AT, GOOD, IBAN, PERSON, payment
from qalqan.lake import quarantine
from qalqan.lake.receipt import Receipt
from qalqan.lake.sealing import seal
from qalqan.register import vault
from qalqan.register.database import Database
from qalqan.register.orm import Quarantined, VaultEntry
from qalqan.trust.keys import Keys
from qalqan.trust.tokens import token

Give = Callable[..., Receipt]


def test_personal_values_stand_in_the_lake_as_tokens(
    give: Give, database: Database, keys: Keys, lake_root: str, lake: Callable[[str], Any]
) -> None:
    purpose = "За Абая, тел. +7 701 123 45 67, ИИН 850101300005"
    give(payment("1", payer_account=IBAN, purpose=purpose))
    seal(database, lake_root)
    fact = lake("payment")[0]
    assert fact["payer_account"] == token(keys, "account", IBAN)
    assert fact["payer_bank"] == "125"
    assert "4567" not in fact["purpose"].replace("•••4567", "")
    assert "850101300005" not in fact["purpose"]
    with database.write() as session:
        opened = vault.reveal(session, keys, fact["payer_account"], "tester", "test")
    assert opened == IBAN


def test_a_refused_record_is_encrypted_and_opens(
    give: Give, database: Database, keys: Keys
) -> None:
    give(payment("1", payer_account=IBAN, payer_holder="123", amount=0))
    with database.session() as session:
        row = session.scalars(select(Quarantined)).one()
        assert IBAN.encode() not in row.record
        assert json.loads(quarantine.open_record(session, keys, row.id))["payer_account"] == IBAN
        assert session.scalars(select(VaultEntry)).all() == []


def test_look_alike_letters_are_reported_and_folded(give: Give) -> None:
    receipt = give(payment("1", payer_account=IBAN.replace("K", "К").replace("T", "Т")))  # Cyrillic
    assert receipt.accepted == 1
    assert receipt.folded == {"payer_account": 1}


@pytest.mark.parametrize("kind", GOOD)
def test_every_kind_lands_and_is_sealed(
    kind: str, give: Give, database: Database, lake_root: str, lake: Callable[[str], Any]
) -> None:
    receipt = give({"id": "1", **GOOD[kind]}, kind=kind)
    assert receipt.refusals == ()
    assert give({"id": "1", **GOOD[kind]}, kind=kind).duplicate == 1
    seal(database, lake_root)
    fact = lake(kind)[0]
    assert fact["at_us"] == AT
    assert "4567" not in json.dumps(fact, default=str).replace("_4567", "")
    assert PERSON not in json.dumps(fact, default=str)


def test_a_phone_tells_its_country_and_class_beside_its_token(
    give: Give, database: Database, lake_root: str, lake: Callable[[str], Any]
) -> None:
    give({"id": "1", **GOOD["call"]}, kind="call")
    seal(database, lake_root)
    fact = lake("call")[0]
    assert (fact["caller_country"], fact["caller_class"]) == ("KZ", "mobile")
    assert fact["callee_country"] == "GB"


def test_a_listing_has_one_key_for_texts_that_look_alike(
    give: Give, database: Database, lake_root: str, lake: Callable[[str], Any]
) -> None:
    texts = ["Toyota, 5 дверей", "ТОYОТА 5 дверей!", "Lada"]
    rows = [{**GOOD["listing"], "id": str(n), "text": text} for n, text in enumerate(texts)]
    give(*rows, kind="listing")
    seal(database, lake_root)
    first, second, third = (fact["text_key"] for fact in lake("listing"))
    assert first == second != third


@pytest.mark.parametrize(
    ("kind", "subject", "kept"),
    [
        ("url", "HTTP://Kaspi-Bonus.example.com/a", "http://kaspi-bonus.example.com/a"),
        ("host", "Kaspi-Bonus.Example.com", "kaspi-bonus.example.com"),
        ("channel", "@easy_money", "@easy_money"),
    ],
)
def test_a_sighting_reads_its_subject_as_its_kind(
    kind: str,
    subject: str,
    kept: str,
    give: Give,
    database: Database,
    lake_root: str,
    lake: Callable[[str], Any],
) -> None:
    row = {"id": "1", "at_us": AT, "subject_kind": kind, "subject": subject}
    bad = {"id": "2", "at_us": AT, "subject_kind": "phone", "subject": "nobody"}
    receipt = give(row, bad, kind="sighting")
    assert (receipt.accepted, receipt.refusals[0].field) == (1, "subject")
    seal(database, lake_root)
    assert lake("sighting")[0]["subject"] == kept
