"""The rules of calls as CSV, for border controllers that can't run our edge (REQ-45).

A folder of small tables, written in one order whatever made them, so that two exports are compared
line by line. `manifest.csv` has SHA-256 (FIPS 180-4) of each and the versions that they are of.
Whoever reads them alone comes to the edge's answers, but for the places of mobile subscribers,
which change by the minute: a Kazakh mobile number from abroad stands as `anywhere` here. On a trunk
from abroad, that a number is Kazakh goes before fraud signs.

`own` in decisions.csv is 1 on a trunk of class voip if each number that is told is the trunk's
operator's: ported to it, or in a range of its and on neither list. Calls that the home operator
signed are decided at an edge alone.

    notations.csv           order, over, pattern, becomes       how a text becomes a number
    codes.csv               code, class                         the three digits behind +7
    allocation.csv          first, last, operator               whole thousands given to somebody
    do_not_originate.csv    number                              only answers calls
    listed.csv              number                              two people listed it
    fraud_signs.csv         number                              labelled, never refused for that
    ported.csv              number, operator
    trunks.csv              address, trunk, class, operator
    allowed.csv             trunk, first, last, kind, contract, until
    rules.csv               order, rule, state, answer          the first live one decides
    decisions.csv           trunk, network, presented, callee, allowed, own, rule, answer
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby, product
from pathlib import Path

from qalqan.errors import Conflict
from qalqan.exchange.call_lists import CLASSES
from qalqan.screening.calls import lookup
from qalqan.screening.calls.decisions import ANSWERS, NONE, code_of
from qalqan.screening.calls.row import Allowed, Callee, Standing, Trunk, pack
from qalqan.screening.calls.rules import RULES, Answer
from qalqan.screening.calls.screen import Tables

NOTATIONS: Sequence[tuple[str, str, str]] = (
    ("any", r"^\+(\d{7,15})$", r"\1"),
    ("any", r"^00(\d{7,15})$", r"\1"),
    ("any", r"^810(\d{8,15})$", r"\1"),
    ("home", r"^8(\d{10})$", r"7\1"),
    ("abroad", r"^8([79]\d{9})$", r"7\1"),
    ("any", r"^(7\d{9})$", r"7\1"),
    ("home", r"^(6\d{9})$", r"7\1"),
    ("any", r"^([1-9]\d{2,4})$", r"\1"),
    ("any", r"^([1-9]\d{6,14})$", r"\1"),
)
"""Trunk's side, pattern, number: the first that fits a text free of spaces, hyphens, dots, brackets
and slashes. What none fits, or what then begins with 0, or with 7 without having eleven digits, is
`malformed`; nothing, or `anonymous`, is `absent`."""
CODE_CLASSES = ("foreign", "fixed", "mobile", "network", "unassigned", "nobodys")
"""In the order of `lookup.FOREIGN_CODE` and the others."""
FLAGS = (
    ("do_not_originate.csv", lookup.IS_PROTECTED),
    ("listed.csv", lookup.IS_LISTED),
    ("fraud_signs.csv", lookup.IS_FOUND),
)
Rows = Iterable[Sequence[object]]


def export(tables: Tables, folder: Path) -> dict[str, int]:
    """Write the files into a new folder; how many lines each has, without its head.

    Raises:
        Conflict: there is something in the folder already.
    """
    if folder.exists() and any(folder.iterdir()):
        raise Conflict("folder", str(folder), "there already", "write")
    folder.mkdir(parents=True, exist_ok=True)
    counts, sums = {}, []
    for name, head, rows in _files(tables):
        lines = io.StringIO()
        counts[name] = _write(lines, head, rows)
        body = lines.getvalue().encode()
        (folder / name).write_bytes(body)
        sums.append((name, hashlib.sha256(body).hexdigest(), counts[name]))
    about = tables.about
    made = [("tables", about["version"], ""), ("policy", about["policy"], "")]
    with (folder / "manifest.csv").open("w", encoding="utf-8", newline="") as file:
        _write(file, "name,sha256_or_version,lines", [*made, *sums])
    return counts


def _write(file: io.TextIOBase | io.StringIO | io.TextIOWrapper, head: str, rows: Rows) -> int:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(head.split(","))
    count = 0
    for count, row in enumerate(rows, start=1):  # noqa: B007
        writer.writerow(row)
    return count


def _files(tables: Tables) -> Iterator[tuple[str, str, Rows]]:
    part, names = tables.parts, _operators(tables)
    yield "notations.csv", "order,over,pattern,becomes", _ordered(NOTATIONS)
    codes = ((f"{n:03}", CODE_CLASSES[klass]) for n, klass in enumerate(part["codes"]))
    yield "codes.csv", "code,class", codes
    yield "allocation.csv", "first,last,operator", _allocation(part["blocks"], names)
    kept = sorted((word >> lookup.VALUE_BITS, word & lookup.MOST_VALUE)
                  for word in part["words"] if word)  # fmt: skip
    for name, flag in FLAGS:
        yield name, "number", ((f"+{number}",) for number, v in kept if v >> 8 & flag)
    ported = ((f"+{number}", names[v & 255]) for number, v in kept if v & 255)
    yield "ported.csv", "number,operator", ported
    yield "trunks.csv", "address,trunk,class,operator", _trunks(tables, names)
    yield "allowed.csv", "trunk,first,last,kind,contract,until", _allowed(tables)
    yield "rules.csv", "order,rule,state,answer", _ordered(_rules(tables))
    yield ("decisions.csv", "trunk,network,presented,callee,allowed,own,rule,answer",
           _decisions(tables))  # fmt: skip


def _ordered(rows: Iterable[tuple[str, ...]]) -> Rows:
    return ((place, *row) for place, row in enumerate(rows, start=1))


def _operators(tables: Tables) -> dict[int, str]:
    """Code by number; a thousand in use that nobody claimed has the operator `*`."""
    return {0: "", 255: "*"} | {n: code for code, n in tables.about["codes"].items()}


def _allocation(blocks: memoryview, names: dict[int, str]) -> Rows:
    """Runs of thousands of one operator, within one code each."""
    at = lookup.PLUS_7
    for code in range(lookup.CODES):
        thousands = blocks[code * 10_000 : (code + 1) * 10_000].tobytes()
        for operator, run in groupby(thousands):
            size = lookup.THOUSAND * sum(1 for _ in run)
            if operator:
                yield f"+{at}", f"+{at + size - 1}", names[operator]
            at += size


def _trunks(tables: Tables, names: dict[int, str]) -> Rows:
    about = tables.about
    for address, place in sorted(about["addresses"].items()):
        if not address.startswith("trunk:"):
            klass = CLASSES[about["classes"][place]]
            yield address, about["trunks"][place], klass, names[about["operators"][place]]


def _allowed(tables: Tables) -> Rows:
    part, about = tables.parts, tables.about
    for trunk, name in enumerate(about["trunks"]):
        for at in range(part["starts"][trunk], part["starts"][trunk + 1]):
            until = datetime.fromtimestamp(part["until"][at], UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            kind = Allowed(part["kind"][at]).name.lower()
            yield (name, f"+{part['first'][at]}", f"+{part['last'][at]}", kind,
                   about["contracts"][at], until)  # fmt: skip


def _rules(tables: Tables) -> Iterator[tuple[str, ...]]:
    deciding, shadows = set(tables.parts["rule"]), 0
    for mask in set(tables.parts["shadow"]):
        shadows |= mask
    for place, rule in enumerate(RULES):
        state = "live" if place in deciding else "shadow" if shadows >> place & 1 else "never"
        yield rule.code, state, _word(rule.answer)


def _word(answer: int) -> str:
    return Answer(answer).name.lower()


def _decisions(tables: Tables) -> Rows:
    """Every row that a live rule decides; what stands in none passes."""
    values = (Trunk, Standing, Standing, Callee, Allowed, (0, 1))
    for row in product(*values):
        place = tables.parts["rule"][pack(*(int(each) for each in row))]
        if place != NONE:
            words = (each.name.lower() if hasattr(each, "name") else each for each in row)
            yield *words, code_of(place), _word(ANSWERS[place])
