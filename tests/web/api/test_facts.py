"""Facts by HTTP: what is told is safe, what is refused is named, nobody speaks for others
(REQ-19, 20)."""

import json

import pytest
from sqlalchemy import func, select

from qalqan.register.orm import Batch, Landing


@pytest.fixture
def server(request):
    """SQLite; tests that are marked `on_both` run on PostgreSQL too."""
    named = getattr(request, "param", "sqlite")
    return None if named == "sqlite" else request.getfixturevalue("postgresql")


on_both = pytest.mark.parametrize("server", ["sqlite", "postgresql"], indirect=True)


def tell(web, facts, kind="payment", who="altyn", key=None, **more):
    headers = {"Idempotency-Key": key} if key else {}
    return web.post(f"/v1/facts/{kind}", who, json={"facts": facts}, headers=headers, **more)


def landed(web):
    with web.database.session() as session:
        return session.scalar(select(func.coalesce(func.sum(Landing.rows), 0)))


def counts(answer):
    body = answer.json()
    return tuple(body[name] for name in ("read", "accepted", "duplicate", "quarantined"))


@on_both
def test_facts_are_safe_once_answered(web):
    answer = tell(web, [web.payment("a"), web.payment("b")])
    assert (answer.status_code, counts(answer)) == (200, (2, 2, 0, 0))
    assert landed(web) == 2


@on_both
def test_the_same_key_answers_the_first_receipt(web):
    first = tell(web, [web.payment()], key="k-1")
    again = tell(web, [web.payment()], key="k-1")
    assert again.json() == first.json()
    assert landed(web) == 1
    other = tell(web, [web.payment("q")], key="k-1")
    assert other.status_code == 409
    assert other.json()["error"]["code"] == "key_used"


@on_both
def test_a_key_belongs_to_one_kind_and_one_partner(web):
    notice = {"id": "n", "bank": "211", "from_us": 1, "to_us": 2, "currency": "KZT"}
    kinds = [tell(web, [notice], kind, key="k-1") for kind in ("payment", "statement")]
    assert kinds[0].json()["batch"] != kinds[1].json()["batch"]
    assert tell(web, [web.payment(side="payee")], who="baiterek", key="k-1").status_code == 200


@on_both
def test_without_a_key_facts_still_count_once(web):
    tell(web, [web.payment()])
    assert counts(tell(web, [web.payment()])) == (1, 0, 1, 0)


@on_both
def test_what_is_refused_is_named_and_the_rest_is_taken(web):
    answer = tell(web, [web.payment("a"), web.payment("b", amount=-5), 7], language="ru")
    assert (answer.status_code, counts(answer)) == (207, (3, 1, 0, 2))
    bad, broken = answer.json()["refusals"]
    assert (bad["place"], bad["field"], bad["value"]) == ("[2]", "amount", "-5")
    assert "ожидалось" in bad["message"]
    assert (broken["place"], broken["expected"]) == ("[3]", "file.json")


@pytest.mark.parametrize(
    ("language", "word"), [("kk", "күтілгені"), ("ru", "ожидалось"), ("en", "expected")]
)
def test_nothing_taken_is_an_error_in_the_readers_language(web, language, word):
    answer = tell(web, [web.payment(currency="XXX")], language=language)
    assert (answer.status_code, counts(answer)) == (422, (1, 0, 0, 1))
    error = answer.json()["error"]
    assert (error["field"], error["value"], error["expected"]) == (
        "currency", "XXX", "currency.code",
    )  # fmt: skip
    assert word in error["message"]


def test_a_bank_speaks_of_its_own_accounts_alone(web):
    answer = tell(web, [web.payment()], who="baiterek")
    assert answer.status_code == 422
    assert answer.json()["error"]["expected"] == "bank.own"
    whole = {"id": "n", "bank": "211", "from_us": 1, "to_us": web.clock.now_us()}
    feigned = tell(web, [whole | {"currency": "KZT"}], "statement", who="baiterek")
    assert feigned.status_code == 422


@pytest.mark.parametrize(
    ("who", "kind"),
    [("dala", "payment"), ("hotline", "statement"), ("altyn", "call"), ("watch", "listing")],
)
def test_a_partner_tells_what_it_sees_itself(web, who, kind):
    answer = tell(web, [], kind, who)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "not_allowed")


def test_no_kind_of_that_name(web):
    assert tell(web, [], "rumour").status_code == 404


def test_other_partners_tell_their_own_kinds(web):
    sighting = {
        "id": "s-1", "at_us": web.clock.now_us(), "subject": "t.me/easy_money",
        "subject_kind": "channel", "place": "telegram",
    }  # fmt: skip
    answer = tell(web, [sighting], "sighting", "watch")
    assert answer.status_code in (200, 422), answer.text
    assert tell(web, [], "call", "dala").status_code == 200


def statement(web, lines, number="s-1", **more):
    now = web.clock.now_us()
    return {
        "id": number, "bank": "211", "account": "211:V1", "from_us": now - 10**10, "to_us": now,
        "opening": 500_000_00, "closing": 400_000_00, "currency": "KZT", "complete": True,
        "lines": lines, **more,
    }  # fmt: skip


@on_both
def test_a_statement_brings_its_lines(web):
    answer = tell(web, [statement(web, [web.payment()])], "statement", key="s")
    assert (answer.status_code, counts(answer)) == (200, (1, 1, 0, 0))
    assert answer.json()["lines"]["accepted"] == 1
    assert landed(web) == 2
    assert tell(web, [statement(web, [web.payment()])], "statement", key="s").json() == (
        answer.json()
    )


@on_both
def test_a_statement_that_does_not_add_up_is_not_believed_but_its_lines_are(web):
    answer = tell(web, [statement(web, [web.payment()], closing=1)], "statement")
    assert answer.status_code == 207
    assert answer.json()["error" if "error" in answer.json() else "refusals"][0]["field"] == (
        "closing"
    )
    assert answer.json()["lines"]["accepted"] == 1


def test_a_line_is_refused_where_it_stands(web):
    facts = [statement(web, [web.payment(), web.payment("p-2", amount="much")])]
    answer = tell(web, facts, "statement")
    assert answer.status_code == 207
    assert answer.json()["lines"]["refusals"][0]["place"] == "[1].lines[2]"


def test_a_feeds_notice_counts_its_lines(web):
    notice = statement(web, 12)
    for name in ("account", "opening", "closing"):
        del notice[name]
    assert tell(web, [notice], "statement").status_code == 200
    mixed = tell(web, [notice, statement(web, [])], "statement")
    assert mixed.json()["error"]["expected"] == "api.statement_lines"
    assert tell(web, [statement(web, [3])], "statement").status_code == 422


def test_a_statement_without_movements(web):
    answer = tell(web, [statement(web, [], closing=500_000_00)], "statement")
    assert answer.status_code == 200
    assert answer.json()["lines"]["read"] == 0


@pytest.mark.parametrize(
    ("body", "field", "expected"),
    [
        ([], "body", "api.object"),
        ({}, "facts", "api.list"),
        ({"facts": {}}, "facts", "api.list"),
        ({"facts": [], "more": 1}, "more", "api.unknown_field"),
        ({"facts": [{f"f{n}": 1} for n in range(201)]}, "facts", "api.most_fields"),
        ({"facts": [1] * 50_001}, "facts", "api.most_items"),
    ],
)
def test_a_body_of_another_shape(web, body, field, expected):
    answer = web.post("/v1/facts/payment", "altyn", json=body)
    assert answer.status_code == 422
    error = answer.json()["error"]
    assert (error["field"], error["expected"]) == (field, expected)


@pytest.mark.parametrize("key", ["", "ё", "with space", "x" * 81])
def test_a_key_that_is_none(web, key):
    headers = {"Idempotency-Key": key.encode("utf-8")}
    answer = web.post("/v1/facts/payment", "altyn", json={"facts": []}, headers=headers)
    assert answer.status_code == 422
    assert answer.json()["error"]["expected"] == "api.key"


@on_both
def test_odd_values_go_to_quarantine(web):
    odd = [
        "\ud800", "\x00", 10**40, 1e300, [1], {"a": "\x00"}, True, "x" * 5000, None,
    ]  # fmt: skip
    facts = [web.payment(f"p-{n}", purpose=value, amount=value) for n, value in enumerate(odd)]
    facts += [{"\ud800": 1, "\x00": 2, "": 3}]
    body = json.dumps({"facts": facts})
    answer = web.post(
        "/v1/facts/payment", "altyn", content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 422
    assert counts(answer) == (10, 0, 0, 10)
    with web.database.session() as session:
        assert session.scalar(select(func.count()).select_from(Batch)) == 1
