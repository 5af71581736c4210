"""Rules as CSV (REQ-45): whoever reads the files alone answers as the edge does."""

from __future__ import annotations

import csv
import hashlib
import re
from bisect import bisect_right
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from qalqan.errors import Conflict
from qalqan.screening.calls import keeper
from qalqan.screening.calls.rules import Answer
from qalqan.screening.calls.screen import Screen, Verdict
from qalqan.work.call_export import export
from screening.calls.conftest import (
    AWAY,
    BANK,
    CITY,
    CONTRACT,
    FOUND,
    HOME,
    LISTED,
    PORTED,
    VISITOR,
)
from screening.calls.conftest import content as content

KINDS = {"fixed": "fixed", "network": "network", "mobile": "anywhere", "nobodys": "nobodys"}
SOURCES = ["10.9.9.9", "10.0.0.1", "10.0.1.1", "10.0.2.1", "10.0.3.1"]


class Controller:
    """A border controller that has the files and nothing else."""

    def __init__(self, folder: Path) -> None:
        def rows(name: str) -> list[dict[str, str]]:
            with (folder / name).open(encoding="utf-8", newline="") as file:
                return list(csv.DictReader(file))

        def numbers(name: str) -> set[str]:
            return {row["number"] for row in rows(name)}

        self.notations = [(r["over"], re.compile(r["pattern"]), r["becomes"])
                          for r in rows("notations.csv")]  # fmt: skip
        self.codes = {row["code"]: row["class"] for row in rows("codes.csv")}
        given = [(int(r["first"]), int(r["last"]), r["operator"]) for r in rows("allocation.csv")]
        self.given, self.firsts = given, [first for first, _, _ in given]
        self.protected, self.listed = numbers("do_not_originate.csv"), numbers("listed.csv")
        self.found = numbers("fraud_signs.csv")
        self.ported = {row["number"]: row["operator"] for row in rows("ported.csv")}
        self.trunks = {row["address"]: row for row in rows("trunks.csv")}
        self.allowed = rows("allowed.csv")
        facts = ("trunk", "network", "presented", "callee", "allowed", "own")
        self.decisions = {tuple(row[f] for f in facts): (row["rule"], row["answer"])
                          for row in rows("decisions.csv")}  # fmt: skip

    def number(self, text: str | None, abroad: bool) -> str:
        if not text or text == "anonymous":
            return "absent"
        text = re.sub(r"[-.() /]", "", text)
        for over, pattern, becomes in self.notations:
            if over in ("any", "abroad" if abroad else "home") and pattern.fullmatch(text):
                whole = pattern.sub(becomes, text)
                if whole[0] == "0" or (len(whole) > 5 and whole[0] == "7" and len(whole) != 11):
                    return "malformed"
                return whole if len(whole) <= 5 else f"+{whole}"
        return "malformed"

    def operator(self, number: str) -> str:
        """Whose a number is, as far as it may call at all."""
        if not number.startswith("+7") or self.codes[number[2:5]] in ("foreign", "nobodys"):
            return ""
        if number in self.ported:
            return self.ported[number]
        if number in self.listed | self.protected:
            return ""
        place = bisect_right(self.firsts, int(number)) - 1
        return self.given[place][2] if place >= 0 and int(number) <= self.given[place][1] else ""

    def standing(self, number: str, abroad: bool) -> str:
        if number[0] != "+":
            return number if number in ("absent", "malformed") else "short"
        if number in self.listed:
            return "listed"
        if number in self.protected:
            return "protected"
        kind = self.codes[number[2:5]] if number.startswith("+7") else "foreign"
        if kind == "foreign":
            return "found" if number in self.found else "foreign"
        if kind != "nobodys" and number in self.found and not abroad:
            return "found"
        given = kind == "nobodys" or (kind != "unassigned" and self.operator(number))
        return KINDS[kind] if given else "unallocated"

    def callee(self, number: str) -> str:
        if number.startswith("+7") and self.codes[number[2:5]] == "fixed":
            return "city"
        emergency = number in ("112", "101", "102", "103", "104")
        return "emergency" if emergency else "other"

    def why(self, trunk: str, network: str, shown: str, called: str, diverted: str) -> str:
        def within(number: str) -> dict[str, str] | None:
            for row in self.allowed:
                inside = number[0] == "+" and int(row["first"]) <= int(number) <= int(row["last"])
                if row["trunk"] == trunk and inside:
                    return row
            return None

        def lives(row: dict[str, str]) -> bool:
            return datetime.fromisoformat(row["until"]) > datetime.now(UTC)

        row = within(called)
        if row and row["kind"] == "visitor" and lives(row):
            return "visitor"
        told = network if network not in ("absent", "malformed") else shown
        shown = shown if shown not in ("absent", "malformed") else network
        row = within(told)
        if not row or row["kind"] == "visitor" or not lives(row):
            return "not"
        if within(shown) is None or (
            row["kind"] == "looped" and diverted in ("absent", "malformed")
        ):
            return "not"
        return row["kind"]

    def decide(self, source: str, *texts: str | None) -> tuple[str, str]:
        trunk = self.trunks.get(source, {"trunk": "", "class": "unknown", "operator": ""})
        abroad = trunk["class"] == "international"
        network, shown, diverted = (self.number(texts[n], abroad) for n in (0, 1, 3))
        called = self.number(texts[2], False)
        own = trunk["class"] == "voip" and all(
            number == "absent" or self.operator(number) == trunk["operator"]
            for number in (network, shown)
        )
        facts = (
            trunk["class"], self.standing(network, abroad), self.standing(shown, abroad),
            self.callee(called), self.why(trunk["trunk"], network, shown, called, diverted),
            str(int(own)),
        )  # fmt: skip
        return self.decisions.get(facts, ("calls.nothing", "pass"))


def spelt(random: Random) -> str | None:
    """A number of some sort, in one of the notations of telephones and switches."""
    known = (AWAY, BANK, CITY, CONTRACT, FOUND, HOME, LISTED, PORTED, VISITOR)
    kind = random.randrange(10)
    if kind < 4:
        number = random.choice(known)
    elif kind < 7:
        number = f"+7{random.randrange(1000):03}{random.randrange(10_000_000):07}"
    elif kind == 7:
        number = f"+{random.choice((44, 371, 996, 1))}{random.randrange(10**8, 10**9)}"
    else:
        return random.choice(("112", "102", "1414", "anonymous", "", None, "alice", "+12", "0"))
    form = random.randrange(6)
    if number.startswith("+7") and form == 1:
        return "8" + number[2:]
    if number.startswith("+7") and form == 2:
        return f"8 ({number[2:5]}) {number[5:8]}-{number[8:]}"
    return ("00" + number[1:], number[1:], number)[form % 3] if form > 2 else number


@pytest.fixture
def tables(content: Any, tmp_path: Path) -> Path:
    path = tmp_path / "t"
    keeper.write(path, content(fed_s={}))
    return path


def test_who_reads_the_files_alone_answers_as_the_edge_does(tables: Path, tmp_path: Path) -> None:
    screen = Screen(tables)
    export(screen.tables, tmp_path / "csv")
    controller, random, seen = Controller(tmp_path / "csv"), Random(7), set()
    for _ in range(20_000):
        call = (random.choice(SOURCES), *(spelt(random) for _ in range(4)))
        verdict = Verdict(*screen.decide(*call))
        ours = verdict.code, Answer(verdict.answer).name.lower()
        assert controller.decide(*call) == ours, (call, verdict.inputs)
        seen.add(verdict.code)
    assert len(seen) >= 15


def test_two_exports_are_the_same_and_their_sums_are_told(tables: Path, tmp_path: Path) -> None:
    opened = Screen(tables).tables
    counts = export(opened, tmp_path / "a")
    export(opened, tmp_path / "b")
    with (tmp_path / "a" / "manifest.csv").open(newline="") as file:
        told = {row[0]: row[1] for row in csv.reader(file)}
    for name in counts:
        body = (tmp_path / "a" / name).read_bytes()
        assert body == (tmp_path / "b" / name).read_bytes()
        assert told[name] == hashlib.sha256(body).hexdigest()
    with pytest.raises(Conflict):
        export(opened, tmp_path / "a")
