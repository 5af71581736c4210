"""The centre's own tables of calls: made of what operators told, of the policy in force and of
what people listed (REQ-45).

They stand in the home, in `calls/calls.tables`; the lists that they were made of beside them, in
`calls/lists`. The file has numbers in clear, since a bit is looked up by its number, and no names:
like the keys it is for the centre's own user alone.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.errors import InputRejected, NotFound
from qalqan.exchange import call_lists
from qalqan.exchange.call_lists import CLASSES, KINDS, Lists
from qalqan.register import policies
from qalqan.register.database import Database
from qalqan.screening import call_plan, call_policy
from qalqan.screening.call_policy import CallPolicy
from qalqan.screening.calls import decisions, keeper, lookup
from qalqan.screening.calls.screen import Tables
from qalqan.settings import Settings
from qalqan.trust.keys import Keys
from qalqan.work import call_feed, call_places, call_ports, call_sources

FOLDER, TABLES, KEPT, LISTS = "calls", "calls.tables", "lists", "calls.toml"
CARD = "card.jws"
"""The centre's own signed card for refused callers (`qalqan calls card`)."""


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


def lists_path(settings: Settings) -> Path:
    """Where the lists stand that the centre's tables are made of."""
    return settings.home / FOLDER / KEPT


def make_of(database: Database, keys: Keys, settings: Settings, lists: Path) -> Made:
    """Make the centre's own tables of the lists in a folder, and keep these for the next time.

    Raises:
        NotFound, InputRejected: as `make`; the lists and the tables of before stay.
    """
    out, kept = tables_path(settings), lists_path(settings)
    with call_feed.alone(out):
        if lists.resolve() == kept.resolve():
            return make_alone(database, keys, lists, out)
        draft = kept.with_name(f".{kept.name}")
        shutil.rmtree(draft, ignore_errors=True)
        _copied(lists, draft)
        try:
            made = make_alone(database, keys, draft, out)
        except BaseException:
            shutil.rmtree(draft)
            raise
        shutil.rmtree(kept, ignore_errors=True)
        draft.rename(kept)
        return made


def _copied(lists: Path, to: Path) -> None:
    """calls.toml and the lists that it names."""
    told = call_lists.read(_text(lists / LISTS))
    to.mkdir(mode=0o700, parents=True)
    for name in (LISTS, *told.files.values()):
        if Path(name).name != name:
            raise InputRejected("files", name, "calls.beside")
        try:
            shutil.copy2(lists / name, to / name)
        except FileNotFoundError:
            raise NotFound("file", str(lists / name)) from None


def card_path(settings: Settings) -> Path:
    """Where the card stands that `/calls/card` serves."""
    return settings.home / FOLDER / CARD


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
    """Make tables of the lists in a folder, whole or not at all. What was told by machine since the
    lists were written, and stands in the tables that they replace, stays.

    Raises:
        NotFound: no calls.toml, or a list that it names is missing.
        InputRejected: something in them can't be taken.
    """
    with call_feed.alone(out):
        return make_alone(database, keys, lists, out)


def make_alone(database: Database, keys: Keys, lists: Path, out: Path) -> Made:
    """The same for whoever has the tables `alone` already."""
    seen = call_sources.mark_of(lists)
    told = call_lists.read(_text(lists / LISTS))
    codes = {code: place for place, code in enumerate(told.operators, start=1)}
    values, abroad = _values(lists, told, codes, out)
    with database.write() as session:
        now_us = clock.now_us()
        rules = policy(session, now_us)
        flags = call_sources.live(session, now_us)
        for token, number in call_sources.numbers(session, keys, flags).items():
            values[number] = values.get(number, 0) | flags[token] << 8
    try:
        content = _content(told, codes, rules, values, abroad, out)
        keeper.write(out, content._replace(more={"lists": seen}))
    except ValueError as error:
        raise InputRejected(LISTS, "", "calls.lists", why=str(error)) from None
    call_sources.keep(out, content.version, flags)
    call_feed.forget(out, content.version)
    return Made(content.version, rules.version, len(codes), len(told.trunks), len(values),
                len(content.abroad))  # type: ignore[arg-type]  # fmt: skip


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise NotFound("file", str(path)) from None
    except UnicodeDecodeError as error:
        raise InputRejected(path.name, str(error), "policy.shape") from None


def _values(
    folder: Path, told: Lists, codes: Mapping[str, int], out: Path
) -> tuple[dict[int, int], list[int]]:
    """Number → flags and operator, and numbers abroad, by the lists."""
    values: dict[int, int] = {}
    for number, operator in _list(folder, told, "ported"):
        values[number] = codes[operator]
    call_ports.over(values, codes, out, told.ported_s * clock.SECOND)
    for number, _ in _list(folder, told, "protected"):
        values[number] = values.get(number, 0) | lookup.IS_PROTECTED << 8
    return values, [number for number, _ in _list(folder, told, "abroad")]


def _list(folder: Path, told: Lists, name: str) -> Iterator[tuple[int, str]]:
    if name in told.files:
        lines = _text(folder / told.files[name]).splitlines()
        yield from call_lists.numbers(name, lines, told.operators)


def _content(
    told: Lists, codes: Mapping[str, int], rules: CallPolicy, values: dict[int, int],
    abroad: list[int], out: Path,
) -> keeper.Content:  # fmt: skip
    ranges = [call_plan.Range(one.first, one.last, codes[one.operator]) for one in told.ranges]
    blocks = call_plan.blocks(ranges or None)
    owners = call_places.Owners.of_values(blocks, values)
    places = call_places.carried(out, codes, owners, abroad, told.places_s)
    return keeper.Content(
        version=_next_version(out),
        policy=rules.version,
        oldest_s=rules.oldest_s,
        codes=call_plan.codes(),
        blocks=blocks,
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
        abroad=places.abroad,
        fed_s=places.fed_s,
    )  # fmt: skip


def _next_version(out: Path) -> int:
    """Milliseconds; later than the old tables' whatever a clock does."""
    now = clock.wall_us() // 1_000
    try:
        return max(now, int(Tables(out).about["version"]) + 1)
    except (OSError, ValueError):
        return now
