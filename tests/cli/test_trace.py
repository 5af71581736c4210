"""A payment of the lake followed from the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

ROOT = "amlsim:amlsim-1"


def parts(document: dict[str, Any], rule: str = "taint_first") -> dict[str, int]:
    (found,) = document["parts"][rule].values()
    return {part: units for part, units in found.items() if units}


def test_by_id_its_money_is_in_exactly_one_place(filled: Any) -> None:
    told = filled("trace", ROOT, "--as-of", "2020-01-10", "--json").json
    assert [claim["amount"] for claim in told["claims"]] == [100_000]
    assert parts(told) == {"here": 95_000, "returned": 5_000}
    assert {node["hop"] for node in told["nodes"]} == {1, 2}
    assert told["policy"] == "trail/1"


@pytest.mark.parametrize("amount", ["1000", "1 000.00", "1000,00"])
def test_by_account_sum_and_day_the_same_trail(filled: Any, amount: str) -> None:
    by_id = filled("trace", ROOT, "--as-of", "2020-01-10", "--json").json
    asked = ("--account", "AMLSIM:C1001", "--amount", amount, "--at", "2020-01-01")
    assert filled("trace", *asked, "--as-of", "2020-01-10", "--json").json == by_id
    token = by_id["claims"][0]["payer"]
    asked = ("--account", token, "--amount", amount, "--at", "2020-01-01T00:05Z")
    assert filled("trace", *asked, "--as-of", "2020-01-10", "--json").json == by_id


def test_several_payments_are_followed_together(filled: Any) -> None:
    told = filled("trace", ROOT, "amlsim-6", "--as-of", "2020-01-10", "--json").json
    assert [claim["amount"] for claim in told["claims"]] == [100_000, 7_000]


def test_a_narrower_policy_is_named_and_follows_less(filled: Any) -> None:
    told = filled("trace", ROOT, "--hops", "1", "--window-hours", "30", "--json").json
    assert told["policy"] == "trail/1 hops=1 window=30h"
    assert {node["hop"] for node in told["nodes"]} == {1}
    assert parts(told)["unknown"] == 90_000


@pytest.mark.parametrize(
    ("language", "title", "state"),
    [
        ("kk", "қайда кетті", "Ізделуде"),
        ("ru", "Куда ушли", "В движении"),
        ("en", "went (from 1 January 2020", "Still moving"),
    ],
)
def test_a_person_reads_a_ladder(filled: Any, language: str, title: str, state: str) -> None:
    filled.set(LANGUAGE=language)
    said = filled("trace", ROOT, "--as-of", "2020-01-10")
    assert said.code == 0
    assert title in said.out
    assert state in said.out
    ladder = said.out.split("\n\n")[0]
    for account in ("…01 AMLSIM", "…02 AMLSIM", "…03 AMLSIM", "…04 AMLSIM"):
        assert account in ladder


def test_payments_stand_in_the_order_in_which_money_went(filled: Any) -> None:
    lines = filled("trace", ROOT, "--as-of", "2020-01-10").out.splitlines()
    sums = ["600", "300", "200", "50"]
    rows = [next(i for i, line in enumerate(lines) if f" {n}\u00a0₸" in line) for n in sums]
    assert rows == sorted(rows)


def test_each_rule_has_its_own_ladder(filled: Any) -> None:
    first, other = (
        filled("trace", ROOT, "--as-of", "2020-01-10", "--rule", rule).out
        for rule in ("taint_first", "fifo")
    )
    assert "stolen money first" in first
    assert "first in, first out" in other


def test_the_picture_is_a_file_that_stands_alone(filled: Any, tmp_path: Path) -> None:
    path = tmp_path / "ladder.svg"
    said = filled("trace", ROOT, "--as-of", "2020-01-10", "--picture", path)
    assert str(path) in said.err
    picture = ElementTree.parse(path).getroot()
    assert picture.tag == "{http://www.w3.org/2000/svg}svg"
    assert float(picture.attrib["width"]) > 0
    assert any("--felt-0" in (style.text or "") for style in picture.iter() if "style" in style.tag)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nobody:nothing"], "There is no such payment: nobody:nothing."),
        ([], "expected a payment's id"),
        (["--account", "AMLSIM:C1001"], "expected a payment's id"),
        (["amlsim-1", "--rule", "lofo"], "expected one of: taint_first, lifo"),
        (["amlsim-1", "--hops", "0"], "expected a number from 1 to"),
        (["amlsim-1", "--engine", "flink"], "expected one of: duckdb, spark"),
        (["amlsim-1", "--as-of", "soon"], "expected a day or a moment"),
        (["amlsim-1", "--as-of", "2019-01-01"], "not before the payment itself"),
        (["C-26-000001"], "This case has no trail yet: C-26-000001."),
        (["C-26-000001", "--hops", "2"], "expected a case's number without it"),
        (["C-26-000001", "amlsim-1"], "expected a case's number without it"),
        (["--account", "C1001", "--amount", "5", "--at", "2020-01-01"], "expected an IBAN"),
        (["--account", "AMLSIM:C1", "--amount", "5.555", "--at", "2020-01-01"], "positive sum"),
        (["--account", "AMLSIM:C1", "--amount", "5", "--at", "x"], "expected a day or a moment"),
        (["--account", "AMLSIM:C1", "--amount", "5", "--at", "2020-01-01"], "no such payment: 5"),
    ],
)
def test_a_wrong_question_is_answered_in_one_sentence(
    filled: Any, words: list[str], said: str
) -> None:
    answer = filled("trace", *words)
    assert answer.code == 2
    assert said in answer.err
    assert len(answer.err.splitlines()[-1]) > len(said)
    assert answer.out == ""


def test_two_payments_that_fit_are_named(filled: Any) -> None:
    asked = ("--account", "AMLSIM:C5005", "--amount", "10", "--at", "2020-02-10")
    said = filled("trace", *asked)
    assert said.code == 2
    assert "amlsim:amlsim-7, amlsim:amlsim-8" in said.err


@pytest.mark.long
def test_spark_gives_the_same_document(filled: Any, spark: Any) -> None:
    asked = ("trace", ROOT, "--as-of", "2020-01-10", "--json")
    assert filled(*asked, "--engine", "spark").json == filled(*asked).json


def with_case(terminal: Any, document: dict[str, Any]) -> None:
    """A register whose case C-26-000001 has this trail."""
    from qalqan.cases import trails
    from qalqan.cli.home import open_home
    from qalqan.register import orm

    at_us = document["claims"][0]["at_us"]
    for claim in document["claims"]:
        claim["claim"] = "R-26-000001"
    document = json.loads(json.dumps(document).replace(ROOT, "R-26-000001"))
    terminal("init")
    home = open_home()
    with home.database.write() as session:
        session.add(orm.Case(id="C-26-000001", region="KZ-75", opened_us=at_us))
        session.flush()
        session.add(
            orm.Report(
                id="R-26-000001", case_id="C-26-000001", channel="hotline", receipt_hash="x",
                methods=["27"], methods_version="1", region="KZ-75", language="kk",
                victim="per_x", payer_account="acc_v", payer_bank="AMLSIM", amount=100_000,
                currency="KZT", crime_us=at_us, discovered_us=at_us, reported_us=at_us,
            )
        )  # fmt: skip
        session.flush()
        trails.keep(session, "C-26-000001", [document], at_us)


def test_a_case_shows_its_newest_trail(qalqan: Any, filled_home: Path, tmp_path: Path) -> None:
    qalqan.set(HOME=str(filled_home))
    document = qalqan("trace", ROOT, "--as-of", "2020-01-10", "--json").json
    qalqan.set(HOME=str(qalqan.home))
    with_case(qalqan, document)
    told = qalqan("trace", "C-26-000001", "--json").json
    assert parts(told) == parts(document)
    said = qalqan("trace", "C-26-000001", "--picture", tmp_path / "case.svg")
    assert "Still moving" in said.out
    assert (tmp_path / "case.svg").read_text(encoding="utf-8").startswith("<svg")


def test_a_case_s_trail_is_shown_beside_a_lake_that_does_not_fit(
    qalqan: Any, filled_home: Path
) -> None:
    """What the register holds is right as of its day: the lake is only warned of."""
    from qalqan.cli.home import open_home
    from qalqan.register import orm

    qalqan.set(HOME=str(filled_home))
    document = qalqan("trace", ROOT, "--as-of", "2020-01-10", "--json").json
    qalqan.set(HOME=str(qalqan.home))
    with_case(qalqan, document)
    with open_home().database.write() as session:
        session.add(orm.Seal(seal=1, kind="payment", rows=8, version=1, at_us=0))
    said = qalqan("trace", "C-26-000001", "--json")
    assert (said.code, parts(said.json)) == (0, parts(document))
    assert "lacks seals" in said.err
