"""Partners and their keys, from the command line."""

from __future__ import annotations

from typing import Any

import pytest


def test_a_partner_gets_its_token_once(qalqan: Any) -> None:
    qalqan("init")
    told = qalqan(
        "partner", "add", "altyn", "--bank-code", "kzt", "--feed", "payment", "--json"
    ).json
    assert told["partner"] == "altyn"
    assert len(told["token"]) > 30
    again = qalqan("partner", "add", "altyn")
    assert (again.code, "altyn is registered already." in again.err) == (2, True)
    same_bank = qalqan("partner", "add", "other", "--bank-code", "KZT")
    assert (same_bank.code, "KZT is registered already." in same_bank.err) == (2, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["a b"], "Latin letters, digits, dot and line"),
        (["a:b"], "Latin letters, digits, dot and line"),
        (["a", "--kind", "shop"], "expected one of: bank, wallet"),
        (["a", "--bank-code", "!"], "expected a bank code"),
        (["a", "--endpoint", "ftp://a"], "expected an http or https link"),
        (["a", "--feed", "gossip"], "expected one of: payment"),
    ],
)
def test_a_partner_that_can_not_be(qalqan: Any, words: list[str], said: str) -> None:
    qalqan("init")
    answer = qalqan("partner", "add", *words)
    assert answer.code == 2
    assert said in answer.err


def test_keys_are_made_rotated_and_revoked(qalqan: Any) -> None:
    qalqan("init")
    first = qalqan("partner", "add", "altyn", "--scope", "orders:read", "--json").json["token"]
    made = qalqan("partner", "key", "altyn", "--label", "feed", "--scope", "facts:write",
                  "--days", "30", "--json").json["token"]  # fmt: skip
    successor = qalqan("partner", "rotate", "2", "--json").json["token"]
    assert len({first, made, successor}) == 3
    assert qalqan("partner", "revoke", "1").code == 0
    told = qalqan("partner", "keys", "altyn", "--json")
    assert [(one["id"], one["good"], one["scopes"]) for one in told.json["keys"]] == [
        (1, False, ["orders:read"]), (2, True, ["facts:write"]), (3, True, ["facts:write"]),
    ]  # fmt: skip
    assert not {first, made, successor} & set(told.out.split('"'))
    again = qalqan("partner", "revoke", "1")
    assert (again.code, "no living key" in again.err) == (2, True)


def test_a_partner_is_shut_out_and_listed(qalqan: Any) -> None:
    qalqan("init")
    qalqan("partner", "add", "altyn")
    changed = qalqan("partner", "change", "altyn", "--inactive", "--by", "mail", "--json").json
    assert changed["changed"] == ["active", "delivery"]
    assert qalqan("partner", "list", "--json").json == {"partners": {"altyn": "bank, mail"}}
    assert qalqan("partner", "change", "altyn", "--by", "pigeon").code == 2
