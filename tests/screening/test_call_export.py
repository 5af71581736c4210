"""Rules and tables as CSV: a reader that knows the files alone decides as the screen does
(REQ-45). `Controller` follows the how-to, and imports nothing of `qalqan.screening`."""

from __future__ import annotations

import csv
import hashlib
import json
import random
import re
import time
from bisect import bisect_right
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from qalqan.screening.calls import asking, keeper, lookup, rules
from qalqan.screening.calls.screen import Screen, Tables, Verdict
from qalqan.work import call_sheets
from screening.calls.conftest import (
    AWAY,
    BANK,
    CELL,
    CITY,
    CONTRACT,
    FOREIGN,
    FOUND,
    HOME,
    LISTED,
    PORTED,
    UNTOLD,
    VISITOR,
    content,
)

__all__ = ["content"]

ABSENT, MALFORMED = "absent", "malformed"


class Known(NamedTuple):
    """What a controller knows of a number: its digits or `absent`, `malformed`; standing; owner."""

    number: str
    standing: str
    operator: str


class Controller:
    """A border controller that has read the files, as `docs/how-to/screen-calls.md` says."""

    def __init__(self, folder: Path) -> None:
        self.manifest = json.loads((folder / "manifest.json").read_text())
        sheets = {path.name: list(csv.DictReader(path.read_text("utf-8").splitlines()))
                  for path in folder.glob("*.csv")}  # fmt: skip
        self.policy = sorted(sheets["policy.csv"], key=lambda row: int(row["order"]))
        self.trunks = {row["trunk"]: row for row in sheets["trunks.csv"]}
        self.peers = {peer: row["trunk"] for row in sheets["trunks.csv"]
                      for peer in row["addresses"].split()}  # fmt: skip
        self.allocation = [(int(row["first"]), int(row["last"]), row["class"], row["operator"])
                           for row in sheets["allocation.csv"]]  # fmt: skip
        self.firsts = [first for first, *_ in self.allocation]
        self.lists = {
            name: {row["number"] for row in sheets[f"{name}.csv"]}
            for name in ("do-not-originate", "listed", "found", "abroad", "emergency")
        }
        self.ported = {row["number"]: row["operator"] for row in sheets["ported.csv"]}
        self.places = {row["operator"]: int(row["told_s"]) for row in sheets["places.csv"]}
        self.exceptions = [
            (row["trunk"], int(row["first"]), int(row["last"]), row["kind"],
             datetime.fromisoformat(row["until"].replace("Z", "+00:00")).timestamp())
            for row in sheets["exceptions.csv"]
        ]  # fmt: skip
        ordered = sorted(sheets["notations.csv"], key=lambda row: int(row["order"]))
        self.notations = [
            (row["step"], row["plus"], row["trunk"], row["becomes"],
             re.compile(row["pattern"], re.IGNORECASE))
            for row in ordered
        ]  # fmt: skip

    def read(self, user: str | None, abroad: bool) -> tuple[str, bool]:
        """Digits, and whether it is a short number."""
        text, plus, rewritten = user or "", False, False
        for step, only, trunk, becomes, pattern in self.notations:
            if step == "remove":  # whatever is no `absent` word has its plus taken off first
                plus, text = text.startswith("+"), pattern.sub("", text.removeprefix("+"))
            trunks = ("any", "international" if abroad else "other")
            if only == ("no" if plus else "yes") or trunk not in trunks:
                continue
            found = pattern.fullmatch(text)
            if found and step == "absent":
                return ABSENT, False
            if found and step == "rewrite" and not rewritten:
                text, rewritten = found.expand(becomes), True
            elif found and step in ("short", "number"):
                return text, step == "short"
        return MALFORMED, False

    def allocated(self, number: str) -> tuple[str, str]:
        at = bisect_right(self.firsts, int(number)) - 1
        if at < 0 or int(number) > self.allocation[at][1]:
            return "foreign", ""
        return self.allocation[at][2:]

    def know(self, user: str | None, abroad: bool, now_s: int) -> Known:
        number, is_short = self.read(user, abroad)
        if number in (ABSENT, MALFORMED):
            return Known(number, number, "")
        if is_short:
            return Known(number, "short", "")
        klass, operator = self.allocated(number)
        operator = self.ported.get(number) or operator
        return Known(number, self.standing(number, klass, operator, abroad, now_s), operator)

    def standing(self, number: str, klass: str, operator: str, abroad: bool, now_s: int) -> str:  # noqa: C901
        if number in self.lists["listed"]:
            return "listed"
        if number in self.lists["do-not-originate"]:
            return "protected"
        is_found = number in self.lists["found"]
        if klass == "foreign":
            return "found" if is_found else "foreign"
        if klass == "nobodys":
            return "nobodys"
        if is_found and not abroad:
            return "found"
        if not operator or klass == "unused":
            return "unallocated"
        if klass != "mobile":
            return klass
        if now_s - self.places.get(operator, 0) > self.manifest["oldest_place_s"]:
            return "anywhere"
        return "abroad" if number in self.lists["abroad"] else "at_home"

    def exception(self, trunk: str, number: str, now_s: int) -> str:
        """Kind of the exception that holds a number, ended or not."""
        for of, first, last, kind, ends_s in self.exceptions:
            if of == trunk and first <= int(number) <= last:
                return kind if ends_s > now_s else "ended"
        return ""

    def allowed(self, trunk: str, network: Known, shown: Known, called: str, diverting: str,
                now_s: int) -> str:  # fmt: skip
        if called.isdigit() and self.exception(trunk, called, now_s) == "visitor":
            return "visitor"
        told = [one.number for one in (network, shown) if one.number.isdigit()]
        if not told:
            return "not"
        by = self.exception(trunk, told[0], now_s)
        if by not in ("contract", "looped") or not self.exception(trunk, told[-1], now_s):
            return "not"
        return "not" if by == "looped" and not diverting.isdigit() else by

    def decide(self, source: str, *call: str | None, now_s: int, signed: bool
               ) -> tuple[str, str, list[str]]:  # fmt: skip
        """Answer, rule, rules in shadow. `signed`: the call's signature is that of the one number
        that it tells, by its home operator."""
        trunk = self.trunks.get(self.peers.get(source, ""), {"class": "unknown", "trunk": "",
                                                            "operator": ""})  # fmt: skip
        abroad = trunk["class"] == "international"
        network, shown = (self.know(text, abroad, now_s) for text in call[:2])
        called, _ = self.read(call[2], False)
        diverting, _ = self.read(call[3], abroad)
        told = [one for one in (network, shown) if one.number != ABSENT]
        theirs = all(one.operator == trunk["operator"] for one in told)
        callee = "emergency" if called in self.lists["emergency"] else "other"
        if called.isdigit() and self.allocated(called)[0] == "fixed":
            callee = "city"
        row = {
            "trunk": trunk["class"], "numbers": {one.standing for one in told},
            "told": "yes" if told else "no", "callee": callee,
            "allowed": self.allowed(trunk["trunk"], network, shown, called, diverting, now_s),
            "own": "yes" if theirs and trunk["class"] == "voip" else "no",
        }  # fmt: skip
        said = self.by_policy(row)
        if signed and abroad and said[0] in ("refuse", "withhold"):
            again = self.by_policy(row | {"own": "yes"})
            said = again if again[1] == "calls.signed" else said
        return said

    def by_policy(self, row: dict[str, Any]) -> tuple[str, str, list[str]]:
        hold = [rule for rule in self.policy if self.holds(rule, row)]
        live = [rule for rule in hold if rule["mode"] == "live"]
        shadow = [rule["rule"] for rule in hold if rule["mode"] == "shadow"]
        return (live[0]["answer"], live[0]["rule"], shadow) if live else (
            "pass", "calls.nothing", shadow)  # fmt: skip

    @staticmethod
    def holds(rule: dict[str, str], row: dict[str, Any]) -> bool:
        for name in ("trunk", "told", "callee", "allowed", "own"):
            if rule[name] and row[name] not in rule[name].split():
                return False
        either, each = rule["either"].split(), rule["each"].split()
        if each and not (row["numbers"] and row["numbers"].issubset(each)):
            return False
        return not either or not row["numbers"].isdisjoint(either)


SAID = (
    FOREIGN, CITY, HOME, AWAY, UNTOLD, PORTED, BANK, LISTED, FOUND, CONTRACT, VISITOR, None, "",
    "anonymous", "Anonymous", "alice", "112", "102", "1414", "99999", "+77780000000",
    "+71001234567", "+77031234567", "+77511234567", "+79161234567", "87011111111",
    "8 727 250-00-01", "007701 111 11 11", "81044207946", "810 44 20 7946 0018", "7011111111",
    "6011111111", "77172666001", "++77011111111", "+7", "00", "0", "442079460018", "(727) 2500001",
    "+7(727)2500001", "123456", "1234567890123456",
)  # fmt: skip
SOURCES = ("10.9.9.9", "10.0.0.2", "10.0.1.1", "10.0.2.1", "10.0.3.1")


def drawn(draw: random.Random) -> str | None:
    """A number as somebody writes it: one of those above, or any behind +7 or of any length."""
    kind = draw.random()
    if kind < 0.6:
        return draw.choice(SAID)
    if kind < 0.8:
        return f"+{draw.randrange(70_000_000_000, 80_000_000_000)}"
    text = "".join(draw.choice("0123456789") for _ in range(draw.randrange(1, 17)))
    return draw.choice(("", "+", "8", "00", "810", "7")) + text


@pytest.mark.parametrize(
    "live", [rules.CODES, (), tuple(code for n, code in enumerate(rules.CODES) if n % 3)]
)
def test_a_controller_that_reads_the_files_decides_as_the_screen(
    content: Any, tmp_path: Path, live: Any
) -> None:
    keeper.write(tmp_path / "t", content(live))
    screen = Screen(tmp_path / "t")
    call_sheets.export(screen.tables, tmp_path / "out")
    controller, draw, seen = Controller(tmp_path / "out"), random.Random(len(live)), set()
    for _ in range(4_000):
        source, network, callee = draw.choice(SOURCES), drawn(draw), drawn(draw)
        shown = network if draw.random() < 0.5 else drawn(draw)
        call = (network, shown, callee, drawn(draw))
        decided = screen.decide(source, *call)
        # A signature names one number: on a call that tells two it proves nothing.
        signed = draw.random() < 0.5 and asking.signer_of(decided) != 0
        if signed:
            decided = asking.amended(decided, screen.tables.parts["rule"], {}, signed)
        verdict = Verdict(*decided)
        said = controller.decide(source, *call, now_s=int(time.time()), signed=signed)
        answer = rules.Answer(verdict.answer).name.lower()
        assert said == (answer, verdict.code, list(screen.tables.shadows(verdict.row))), call
        seen.add(said[1])
    assert seen >= set(live), "a rule that no call met proves nothing"


def test_the_manifest_tells_what_the_files_are_and_two_exports_are_one(
    content: Any, tmp_path: Path
) -> None:
    keeper.write(tmp_path / "t", content())
    tables = Tables(tmp_path / "t")
    made = call_sheets.export(tables, tmp_path / "a")
    call_sheets.export(tables, tmp_path / "b")
    assert json.loads((tmp_path / "a" / "manifest.json").read_text()) == made
    assert (made["tables"], made["policy"], made["oldest_place_s"]) == (1, 1, 900)
    for name, told in made["files"].items():
        body = (tmp_path / "a" / name).read_bytes()
        assert body == (tmp_path / "b" / name).read_bytes()
        assert told == {"rows": len(body.splitlines()) - 1,
                        "sha256": hashlib.sha256(body).hexdigest()}  # fmt: skip
    assert {path.name for path in (tmp_path / "a").iterdir()} == {*made["files"], "manifest.json"}


def test_a_changed_number_is_one_changed_line(content: Any, tmp_path: Path) -> None:
    keeper.write(tmp_path / "t", content())
    tables = Tables(tmp_path / "t")
    call_sheets.export(tables, tmp_path / "a")
    with keeper.Keeper(tmp_path / "t") as own:
        own.set_value(int(FOREIGN), lookup.IS_LISTED << 8 | CELL)
        own.set_abroad(int(HOME), True)
    call_sheets.export(tables, tmp_path / "b")
    more = {
        name: sorted(set(path.read_text().splitlines()) ^ set(
            (tmp_path / "a" / name).read_text().splitlines()))
        for path in (tmp_path / "b").glob("*.csv") if (name := path.name)
    }  # fmt: skip
    assert {name: lines for name, lines in more.items() if lines} == {
        "listed.csv": [FOREIGN[1:]], "ported.csv": [f"{FOREIGN[1:]},cell"],
        "abroad.csv": [HOME[1:]],
    }  # fmt: skip


def test_tables_of_another_version_s_rules_are_refused(content: Any, tmp_path: Path) -> None:
    made = content()
    odd = made.decisions._replace(rule=bytes(len(made.decisions.rule)))
    keeper.write(tmp_path / "t", made._replace(decisions=odd))
    with pytest.raises(ValueError, match="another version"):
        call_sheets.export(Tables(tmp_path / "t"), tmp_path / "a")
    assert not (tmp_path / "a").exists()
