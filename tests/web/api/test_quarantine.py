"""A partner sees what was refused of his own facts, and nobody else's (REQ-19, 20)."""

from __future__ import annotations

import json

import pytest

from qalqan.lake.files import take_file
from qalqan.lake.hand_in import Centre


def tell(web, facts, who="altyn", kind="payment"):
    return web.post(f"/v1/facts/{kind}", who, json={"facts": facts})


def refused(web, who="altyn", **more):
    answer = web.get("/v1/facts/quarantine", who, **more)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_nothing_was_refused(web):
    assert refused(web) == {"refused": [], "next": 0}


@pytest.mark.parametrize(
    ("language", "word"), [("kk", "күтілгені"), ("ru", "ожидалось"), ("en", "expected")]
)
def test_each_record_with_its_reason_and_no_value(web, language, word):
    receipt = tell(web, [web.payment("a"), web.payment("b", payer_account="KZ00125KZT2069100100")])
    (one,) = refused(web, language=language)["refused"]
    assert (one["batch"], one["kind"], one["place"]) == (receipt.json()["batch"], "payment", "[2]")
    assert (one["field"], one["expected"]) == ("payer_account", "iban.check_digits")
    assert word in one["message"]
    assert "KZ00125KZT2069100100" not in str(one)


def test_a_conflict_with_an_earlier_fact(web):
    tell(web, [web.payment("a")])
    tell(web, [web.payment("a", amount=7)])
    (one,) = refused(web)["refused"]
    assert (one["field"], one["expected"]) == ("id", "fact.conflict")


def test_only_ones_own(web):
    tell(web, [web.payment("a", amount=-1)])
    tell(web, [web.payment("b", side="payee", amount=-1)], who="baiterek")
    for who in ("altyn", "baiterek"):
        assert len(refused(web, who)["refused"]) == 1
    assert refused(web, "watch")["refused"] == []


def test_files_count_too(web, tmp_path):
    path = tmp_path / "payments.jsonl"
    path.write_text("\n" + json.dumps(web.payment(amount=-5)) + "\n", "utf-8")
    take_file(
        Centre(web.database, web.keys, str(tmp_path / "lake")), "payment", path, source="altyn"
    )
    (one,) = refused(web)["refused"]
    assert one["place"] == ":2"


def test_page_after_page(web):
    tell(web, [web.payment(f"p-{n}", amount=-1) for n in range(7)])
    last = tell(web, [web.payment("q", amount=-1)]).json()["batch"]
    places, after = [], 0
    while (page := refused(web, params={"after": after, "limit": 3}))["refused"]:
        places += [one["place"] for one in page["refused"]]
        after = page["next"]
    assert places == [f"[{n}]" for n in range(1, 8)] + ["[1]"]
    assert len(refused(web, params={"batch": last})["refused"]) == 1


@pytest.mark.parametrize(
    "query", [{"after": -1}, {"after": 2**63}, {"limit": 0}, {"limit": 1001}, {"after": "x"}]
)
def test_a_cursor_that_is_none(web, query):
    assert web.get("/v1/facts/quarantine", "altyn", params=query).status_code == 422
