"""What operators tell of their own subscribers by machine: who is abroad, and whose a number is
now (REQ-45).

A word about a number counts if it is no older than the operator's last whole list or `complete`
moment; so whatever comes twice or late changes nothing. Moments are of the world's clock, by which
edges tell how old a place is.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from qalqan import clock
from qalqan.clock import MINUTE, SECOND
from qalqan.errors import InputRejected, NotAllowed, Unavailable
from qalqan.exchange.call_lists import number
from qalqan.lake.receipt import REFUSALS_SHOWN, Refusal
from qalqan.screening.calls.changes import ABROAD, TOLD, VALUE, Change, Changing
from qalqan.screening.calls.keeper import Full, mobile
from qalqan.screening.calls.screen import Tables
from qalqan.text.mask import mask_value
from qalqan.work import call_feed, call_places, call_ports
from qalqan.work.call_feed import Feed
from qalqan.work.call_ports import Port

_AHEAD_US = MINUTE
"""Clocks differ; a moment that is further ahead would keep a place young that has grown old."""
_PIECE = 65_536
"""Changes of a whole list that are made at once."""
NOT_OWN = "calls.own"


class Taken(NamedTuple):
    """What became of a batch: read = taken + refused."""

    read: int
    taken: int
    complete_us: int | None
    """The moment as of which all places are told now, if the batch said so and lacks nothing."""
    refusals: tuple[Refusal, ...]
    """The first hundred."""

    @property
    def refused(self) -> int:
        return self.read - self.taken


class _Place(NamedTuple):
    number: int
    abroad: bool
    at_us: int


@contextmanager
def _opened(tables: Path) -> Iterator[Feed]:
    """Raises `Unavailable`."""
    try:
        with call_feed.alone(tables), call_feed.changing(tables) as feed:
            yield feed
    except Full:
        raise Unavailable("the tables of calls are being made anew", "calls.full") from None


def places(
    tables: Path, operator: str, items: Sequence[Any], complete_us: int | None
) -> Taken:  # fmt: skip
    """Take a batch of `{"number", "abroad", "at_us"}`: each is judged by itself.

    Raises:
        NotAllowed: the lists know no such operator. InputRejected: `complete_us` is in the future.
        Unavailable: there are no tables that could be changed now.
    """
    _check_moment("complete_us", complete_us)
    judged = [_judged(place, item, _place) for place, item in enumerate(items, start=1)]
    with _opened(tables) as feed:
        mine = _number_of(feed.keeper, operator)
        told = [_owned(place, one, feed.keeper, mine) for place, one in enumerate(judged, 1)]
        good = sorted((one for one in told if isinstance(one, _Place)), key=lambda one: one.at_us)
        bad = [one for one in told if isinstance(one, Refusal)]
        whole = all(one.expected == NOT_OWN for one in bad)
        feed.make(list(_of_places(good, feed.keeper, mine, complete_us if whole else None)))
    return Taken(len(items), len(good), complete_us if whole else None,
                 tuple(bad[:REFUSALS_SHOWN]))  # fmt: skip


def _of_places(
    told: Sequence[_Place], keeper: Changing, mine: int, complete_us: int | None
) -> Iterator[Change]:
    """Only what is other than it stands."""
    since_s, stands = keeper.told_s(mine), dict[int, bool]()
    for one in told:
        before = stands.get(one.number, keeper.is_abroad(one.number))
        if one.at_us // SECOND >= since_s and one.abroad != before:
            stands[one.number] = one.abroad
            yield Change(ABROAD, one.number, int(one.abroad))
    if complete_us is not None and complete_us // SECOND > since_s:
        yield Change(TOLD, mine, complete_us // SECOND)


def whole(tables: Path, operator: str, numbers: array[int], complete_us: int) -> Taken:
    """Let exactly these of the operator's subscribers be abroad; numbers that are not its own are
    refused, each by itself. A list that is no newer than what it told already changes nothing.

    Raises:
        NotAllowed, InputRejected, Unavailable: as `places`.
    """
    _check_moment("complete_us", complete_us)
    given = np.frombuffer(numbers, dtype=np.int64) if numbers else np.zeros(0, np.int64)
    with _opened(tables) as feed:
        mine, stands = _number_of(feed.keeper, operator), Tables(tables)
        owners = call_places.Owners.of_tables(stands)
        own = (owners.of(given) == mine) & call_places.mobiles(given)
        if complete_us // SECOND > feed.keeper.told_s(mine):
            before = call_places.abroad(stands)
            before = before[owners.of(before) == mine]
            now = np.unique(given[own])
            gone = np.setdiff1d(now, before), np.setdiff1d(before, now)
            made = [Change(ABROAD, int(one), flag) for flag, some in zip((1, 0), gone, strict=True)
                    for one in some]  # fmt: skip
            for start in range(0, len(made), _PIECE):
                feed.make(made[start : start + _PIECE])
            feed.make([Change(TOLD, mine, complete_us // SECOND)])
    strangers = np.flatnonzero(~own)
    bad = (_refusal(int(at) + 1, _not_own(int(given[at]))) for at in strangers[:REFUSALS_SHOWN])
    return Taken(len(given), int(own.sum()), complete_us, tuple(bad))


def ports(tables: Path, items: Sequence[Any]) -> Taken:
    """Take `{"number", "operator", "at_us"}` of whoever keeps the ported numbers; an operator that
    is null lets the number go back to whom its thousand was given to.

    Raises:
        Unavailable: there are no tables that could be changed now.
    """
    with _opened(tables) as feed:
        codes = feed.keeper.about["codes"]
        judged = [
            _judged(place, item, lambda one: _port(one, codes))
            for place, item in enumerate(items, 1)
        ]
        good = sorted((one for one in judged if isinstance(one, Port)), key=lambda one: one.at_us)
        bad = [one for one in judged if isinstance(one, Refusal)]
        known = call_ports.told(tables)
        for port in good:
            if port.number not in known or port.at_us > known[port.number].at_us:
                known[port.number] = port
        new = [port for port in good if known[port.number] is port]
        if new:
            call_ports.keep(tables, new)
            feed.make([_of_port(port, feed.keeper, codes) for port in new])
    return Taken(len(items), len(good), None, tuple(bad[:REFUSALS_SHOWN]))


def _of_port(port: Port, keeper: Changing, codes: Mapping[str, int]) -> Change:
    flags = keeper.value(port.number) & ~255
    return Change(VALUE, port.number, flags | codes.get(port.operator, 0))


def _number_of(keeper: Changing, operator: str) -> int:
    found = keeper.about["codes"].get(operator)
    if found is None:
        raise NotAllowed("tell places", "an operator of the lists")
    return int(found)


def _judged(place: int, item: Any, read: Any) -> Any:
    try:
        if not isinstance(item, dict):
            raise InputRejected("item", None, "api.object")
        return read(item)
    except InputRejected as error:
        return _refusal(place, error)


def _refusal(place: int, error: InputRejected) -> Refusal:
    shown = mask_value(error.value)
    return Refusal(f"[{place}]", error.field, shown, error.expected, dict(error.params))


def _place(item: dict[str, Any]) -> _Place:
    _check_names(item, ("number", "abroad", "at_us"))
    found = number("number", _text(item, "number"))
    if not isinstance(item.get("abroad"), bool):
        raise InputRejected("abroad", item.get("abroad"), "fact.flag")
    return _Place(found, item["abroad"], _moment(item))


def _port(item: dict[str, Any], codes: Mapping[str, int]) -> Port:
    _check_names(item, ("number", "operator", "at_us"))
    found, operator = number("number", _text(item, "number")), item.get("operator")
    if operator is not None and not (isinstance(operator, str) and operator in codes):
        raise InputRejected("operator", operator, "one_of", choices=", ".join(codes))
    if not 70_000_000_000 <= found < 80_000_000_000:
        raise InputRejected("number", item["number"], NOT_OWN)
    return Port(found, operator or "", _moment(item))


def _owned(place: int, told: Any, keeper: Changing, mine: int) -> Any:
    """The place, or a refusal: it is of another operator's number, or of none that moves."""
    if not isinstance(told, _Place):
        return told
    try:
        mobile(told.number)
        if keeper.operator(told.number) == mine:
            return told
    except ValueError:
        pass
    return _refusal(place, _not_own(told.number))


def _not_own(found: int) -> InputRejected:
    return InputRejected("number", f"+{found}", NOT_OWN)


def _text(item: dict[str, Any], name: str) -> str:
    if not isinstance(item.get(name), str):
        raise InputRejected(name, item.get(name), "fact.text")
    return str(item[name])


def _check_names(item: dict[str, Any], known: Sequence[str]) -> None:
    for name in item:
        if name not in known:
            raise InputRejected(str(name)[:100], None, "api.unknown_field")


def _moment(item: dict[str, Any]) -> int:
    found = item.get("at_us")
    if not isinstance(found, int) or isinstance(found, bool) or found < 0:
        raise InputRejected("at_us", found, "number.whole")
    _check_moment("at_us", found)
    return found


def _check_moment(field: str, at_us: int | None) -> None:
    if at_us is not None and at_us > clock.wall_us() + _AHEAD_US:
        raise InputRejected(field, at_us, "order.not_future")
