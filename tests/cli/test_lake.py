"""`qalqan lake` and `qalqan detect --at-seal`: what was known when, and what must stay."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

CODE = "payments.passes_through"
"""All detectors together are asked by `test_out` and the worker's tests."""


def test_history_shows_each_seal_and_what_was_known_at_a_moment(filled: Any) -> None:
    told = filled("lake", "history", "--json").json
    assert (told["seal"], told["lost"]) == (1, [])
    (seal,) = told["seals"]
    assert (seal["seal"], seal["kind"], seal["rows"], seal["lost"]) == (1, "payment", 8, False)
    assert seal["files"] >= 1
    assert filled("lake", "history", "--at", "2020-01-01", "--json").json["seal"] == 0
    assert filled("lake", "history", "--kind", "calls", "--json").json["seals"] == []
    said = filled("lake", "history")
    assert "everything up to seal 1" in said.out
    assert "payment" in said.out


@pytest.mark.parametrize(
    "words",
    [("--kind", "weather"), ("--at", "yesterday"), ("--most", "0")],
)
def test_history_refuses_what_it_can_t_read(filled: Any, words: tuple[str, str]) -> None:
    assert filled("lake", "history", *words).code == 2


def test_upkeep_now_leaves_the_same_facts_and_says_what_it_did(own: Any) -> None:
    before = own("detect", CODE, "--at-seal", "1", "--json").json
    done = own("lake", "keep", "--json").json
    assert set(done) == {
        "dropped", "held_back", "expired", "compacted", "folded", "vacuumed", "shortened",
    }  # fmt: skip
    assert own("detect", CODE, "--at-seal", "1", "--json").json == before
    assert own("lake", "keep").code == 0


def test_retention_takes_days_and_everybody_is_told(people: Any) -> None:
    """The facts are of 2017 and older than any term; nothing goes before two people say so."""
    assert people("lake", "keep", "--json").json["dropped"] == []
    approved = ("--approved-by", "aigul", "--approved-by", "daniyar")
    assert people("lake", "retention", *approved, given=f"{people.password}\n" * 2).code == 0
    done = people("lake", "keep", "--json").json
    assert sum(day["rows"] for day in done["dropped"]) == 8
    told = people("lake", "history", "--json").json
    assert sum(day["rows"] for day in told["lost"]) == 8
    assert told["seals"][0]["lost"] is True
    assert "Taken by retention: payment of" in people("lake", "history").out
    replayed = people("detect", CODE, "--at-seal", "1", "--json")
    assert replayed.json["findings"] == []
    assert replayed.json["lost"] == len(told["lost"])
    assert "Taken by retention" in replayed.err


def ingest(own: Any, path: Path, *payments: tuple[str, str, str, int]) -> None:
    rows = [
        {
            "id": name, "side": "both", "at_us": 1_767_225_600_000_000 + minute * 60_000_000,
            "payer_account": f"AAA:{payer}", "payee_account": f"AAA:{payee}",
            "amount": 50_000_000, "currency": "KZT", "instrument": "transfer",
        }
        for name, payer, payee, minute in payments
    ]  # fmt: skip
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert own("ingest", "payments", path, "--source", "bank").code == 0


def test_a_finding_is_run_again_at_its_seal(own: Any, tmp_path: Path) -> None:
    ingest(own, tmp_path / "first.jsonl", ("1", "100", "200", 0), ("2", "200", "300", 1))
    assert own("detect", CODE, "--json").json["findings"] == 1
    ingest(own, tmp_path / "more.jsonl", *[(f"x{n}", "200", f"40{n}", 2 + n) for n in range(5)])
    own("lake", "keep", "--json")
    again = own("detect", "--finding", "1", "--json")
    assert again.code == 0
    assert (again.json["same"], again.json["same_version"], again.json["lost"]) == (True, True, 0)
    assert again.json["found"]["evidence"] == again.json["recorded"]["evidence"]
    assert "comes out the same at seal 2" in own("detect", "--finding", "1").err
    assert own("detect", "--finding", "99").code == 2
    assert own("detect", "--at-seal", "9").code == 2
    shown = own("detect", CODE, "--at-seal", "2")
    assert "1 finding as known at seal 2" in shown.out
    assert "payments.passes_through" in shown.out


def test_two_supervisors_change_what_is_kept(people: Any, tmp_path: Path) -> None:
    before = people("lake", "retention", "--json").json
    assert (before["payment"], before["in_force"]) == (1826, False)
    from qalqan.lake.upkeep import policy

    body = policy.default_body()
    body["call"]["days"] = 400
    lines = [f'[{kind}]\ndays = {entry["days"]}\nsource = "ours"\n' for kind, entry in body.items()]
    file = tmp_path / "retention.toml"
    file.write_text("\n".join(lines))
    one = people(
        "lake", "retention", "--file", file, "--approved-by", "aigul", given=people.password
    )
    assert one.code == 2
    both = people(
        "lake", "retention", "--file", file, "--approved-by", "aigul", "--approved-by", "daniyar",
        "--json", given=f"{people.password}\n" * 2,
    )  # fmt: skip
    assert (both.json["version"], both.json["in_force"], both.json["call"]) == (1, True, 400)
    assert people("lake", "retention", "--json").json == both.json
    assert both.json["sources"]["call"] == "ours"
    file.write_text("\n".join(lines[:-2]))  # neither receipts nor quarantined records
    shorter = people("lake", "retention", "--file", file, "--json").json
    assert shorter["payment"] == 1826
    assert "batch" not in shorter
    file.write_text('[payment]\ndays = 3\nsource = "x"\n')
    refused = people("lake", "retention", "--file", file)
    assert refused.code == 2
    assert "at least 90" in refused.err


def test_each_term_stands_beside_its_source(filled: Any) -> None:
    told = filled("lake", "retention", "--json").json
    assert "Law 191-IV" in told["sources"]["payment"]
    assert told["sources"].keys() == told.keys() - {"version", "in_force", "sources"}
    shown = " ".join(filled("lake", "retention").out.split())
    assert "payment 1826 Law 191-IV" in shown
    assert "to be confirmed" in shown
