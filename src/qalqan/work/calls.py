"""The centre's own tables of calls: made of what operators told, of the policy in force and of
what people listed (REQ-45).

They stand in the home, in `calls/calls.tables`; the lists that they were made of beside them. The
file has numbers in clear, since a bit is looked up by its number, and no names: like the keys it
is for the centre's own user alone.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.errors import InputRejected, NotFound
from qalqan.exchange import call_lists
from qalqan.exchange.call_lists import CLASSES, KINDS, Lists
from qalqan.register import indicators, policies, vault
from qalqan.register.database import Database
from qalqan.register.orm import FindingRow
from qalqan.screening import call_plan, call_policy
from qalqan.screening.call_policy import CallPolicy
from qalqan.screening.calls import decisions, keeper, lookup
from qalqan.settings import Settings
from qalqan.trust.keys import Keys

FOLDER, TABLES, LISTS = "calls", "calls.tables", "calls.toml"
_ACTOR, _PURPOSE = "centre", "calls: numbers that people listed"


class Made(NamedTuple):
    """What the tables hold, counted."""

    version: int
    policy: int
    operators: int
    trunks: int
    numbers: int
    """Ported, protected, listed and found."""
    abroad: int


def tables_path(settings: Settings) -> Path:
    """Where the centre's tables stand."""
    return settings.home / FOLDER / TABLES


def policy(session: Session, now_us: int) -> CallPolicy:
    """The version in force; without one every rule is in shadow."""
    row = policies.in_force(session, call_policy.NAME, now_us)
    return call_policy.unapproved() if row is None else call_policy.of_body(row.version, row.body)


def install(session: Session, body: dict[str, object], approved_by: list[str]) -> CallPolicy:
    """Put the next version in force from now on; earlier versions stay on record.

    Raises:
        NotAllowed: fewer than two different people. InputRejected: a value that does not fit.
    """
    policies.check_approved(approved_by)
    made = call_policy.of_body(policies.next_version(session, call_policy.NAME), body)
    policies.put_in_force(session, call_policy.NAME, made.version, body, approved_by)
    return made


def make(database: Database, keys: Keys, lists: Path, out: Path) -> Made:
    """Make tables of the lists in a folder, whole or not at all.

    Raises:
        NotFound: no calls.toml, or a list that it names is missing.
        InputRejected: something in them can't be taken.
    """
    told = call_lists.read(_text(lists / LISTS))
    codes = {code: place for place, code in enumerate(told.operators, start=1)}
    values, abroad = _values(lists, told, codes)
    with database.write() as session:
        now_us = clock.now_us()
        rules = policy(session, now_us)
        for number, flag in _listed(session, keys, now_us):
            values[number] = values.get(number, 0) | flag << 8
    content = _content(told, codes, rules, values, abroad)
    out.parent.mkdir(parents=True, exist_ok=True)
    try:
        keeper.write(out, content)
    except ValueError as error:
        raise InputRejected(LISTS, "", "calls.lists", why=str(error)) from None
    return Made(content.version, rules.version, len(codes), len(told.trunks), len(values),
                len(abroad))  # fmt: skip


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise NotFound("file", str(path)) from None
    except UnicodeDecodeError as error:
        raise InputRejected(path.name, str(error), "policy.shape") from None


def _values(
    folder: Path, told: Lists, codes: Mapping[str, int]
) -> tuple[dict[int, int], list[int]]:
    """Number → flags and operator, and numbers abroad."""
    values: dict[int, int] = {}
    for number, operator in _list(folder, told, "ported"):
        values[number] = codes[operator]
    for number, _ in _list(folder, told, "protected"):
        values[number] = values.get(number, 0) | lookup.IS_PROTECTED << 8
    return values, [number for number, _ in _list(folder, told, "abroad")]


def _list(folder: Path, told: Lists, name: str) -> Iterator[tuple[int, str]]:
    if name in told.files:
        lines = _text(folder / told.files[name]).splitlines()
        yield from call_lists.numbers(name, lines, told.operators)


def _listed(session: Session, keys: Keys, now_us: int) -> Iterator[tuple[int, int]]:
    """Numbers that people listed, and that live findings are about, by flag. The values are
    opened for one purpose, on the record."""
    block = [one.subject for one in indicators.live(session, now_us)
             if one.subject_kind == "phone" and one.grade == indicators.BLOCK]  # fmt: skip
    found = session.scalars(
        select(FindingRow.subject).where(
            FindingRow.subject_kind == "phone",
            FindingRow.detector.startswith("calls."),
            FindingRow.shadow.is_(False),
            FindingRow.state.in_(("new", "confirmed")),
        )
    )
    for flag, tokens in ((lookup.IS_LISTED, block), (lookup.IS_FOUND, sorted(set(found)))):
        opened = vault.reveal_many(session, keys, tokens, _ACTOR, _PURPOSE) if tokens else {}
        for text in opened.values():
            if text.startswith("+"):
                yield int(text[1:]), flag


def _content(
    told: Lists, codes: Mapping[str, int], rules: CallPolicy, values: dict[int, int],
    abroad: list[int],
) -> keeper.Content:  # fmt: skip
    ranges = [call_plan.Range(one.first, one.last, codes[one.operator]) for one in told.ranges]
    return keeper.Content(
        version=int(time.time() * 1_000),
        policy=rules.version,
        oldest_s=rules.oldest_s,
        codes=call_plan.codes(),
        blocks=call_plan.blocks(ranges or None),
        decisions=decisions.compiled(rules.live),
        operators=codes,
        trunks=tuple(
            keeper.Trunk(one.name, one.addresses, CLASSES.index(one.klass),
                         codes.get(one.operator, 0))
            for one in told.trunks
        ),
        ranges=tuple(
            keeper.Range(one.trunk, one.first, one.last, KINDS.index(one.kind) + 1, one.until_s,
                         one.contract)
            for one in told.allowed
        ),
        values=values,
        abroad=abroad,
        fed_s={codes[code]: at_s for code, at_s in told.places_s.items()},
    )  # fmt: skip
