"""Calls by whole columns: the functions of `calls.lookup` themselves, compiled.

Replay and benches ask here; the answer of a row is the edge's answer to that call, at its moment.
"""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numba import njit, prange
from numba.extending import register_jitable
from numpy.typing import NDArray

from qalqan.screening.calls import lookup
from qalqan.screening.calls.layout import TRUNKS
from qalqan.screening.calls.numbers import ABSENT, number
from qalqan.screening.calls.row import pack
from qalqan.screening.calls.screen import Tables, is_own

Ints: TypeAlias = NDArray[np.int64]

for _function in (
    lookup.value_of, lookup.range_of, lookup.standing, lookup.callee_of, lookup.allowed, pack,
    is_own,
):  # fmt: skip
    register_jitable(_function)

UNTOLD, HOME_TOLD, ABROAD_TOLD, UNKNOWN_TOLD = range(4)
OF_CLASS = TRUNKS - 4
"""Number of the trunk that stands for a class (`OF_CLASS` + `row.Trunk`) where a record tells no
trunk that the tables know; it has no ranges and nobody's numbers."""
_E164 = r"^\+[1-689][0-9]{6,14}$|^\+7[0-9]{10}$"


class Columns(NamedTuple):
    """Calls, a row each; numbers as `calls.numbers.number` reads them."""

    trunk: Ints
    """Number of the trunk; 0 for an address that none has."""
    network: Ints
    presented: Ints
    callee: Ints
    diverting: Ints
    at_s: Ints
    place: Ints
    """Where the home network saw the caller, where the record itself tells: `HOME_TOLD`,
    `ABROAD_TOLD`, `UNKNOWN_TOLD`; else `UNTOLD`, and the tables are asked."""


class Decided(NamedTuple):
    """The answers."""

    row: NDArray[np.uint16]
    rule: NDArray[np.uint8]
    """Place of the deciding rule, `decisions.NONE` for none."""
    age_s: Ints


def numbers_of(texts: pa.Array, abroad: bool) -> Ints:
    """A column of text as `calls.numbers.number` reads each of them."""
    plain = pc.match_substring_regex(texts, _E164)
    quick = pc.cast(pc.if_else(plain, pc.utf8_slice_codeunits(texts, 1), None), pa.int64())
    found: Ints = np.array(pc.fill_null(quick, ABSENT), dtype=np.int64)
    others = np.flatnonzero(np.asarray(pc.invert(pc.fill_null(plain, True))))
    if len(others):
        coded = pc.dictionary_encode(texts.take(pa.array(others)))
        read = np.array([number(one, abroad) for one in coded.dictionary.to_pylist()], np.int64)
        found[others] = read[np.asarray(coded.indices)]
    return found


def decide(tables: Tables, calls: Columns) -> Decided:
    """The verdicts on all of them."""
    about, parts = tables.about, tables.parts
    views = {name: np.frombuffer(view, dtype=view.format) for name, view in parts.items()}
    numbers = tuple(views[name] for name in ("codes", "blocks", "words", "abroad", "fed"))
    ranges = tuple(views[name] for name in ("starts", "first", "last", "kind", "until"))
    classes, operators = np.zeros(TRUNKS, np.int64), np.zeros(TRUNKS, np.int64)
    classes[OF_CLASS:] = np.arange(TRUNKS - OF_CLASS)
    classes[: len(about["classes"])] = about["classes"]
    operators[: len(about["operators"])] = about["operators"]
    step = lookup.step_of(len(views["words"]))
    rows, ages = _rows(
        calls, numbers, ranges, classes, operators, step, np.int64(about["oldest_s"])
    )
    return Decided(rows, views["rule"][rows], ages)


@register_jitable  # type: ignore[untyped-decorator]
def _as_told(standing: int, place: int) -> int:
    """A mobile number's standing by the record's own word."""
    kind = standing & 15
    if place == UNTOLD or kind < lookup.AT_HOME or kind > lookup.ANYWHERE:
        return standing
    return (standing & 4080) | (lookup.AT_HOME + place - HOME_TOLD)


@njit(cache=True, nogil=True, parallel=True)  # type: ignore[untyped-decorator]
def _rows(
    calls: Columns, numbers: Any, ranges: Any, classes: Ints, operators: Ints, step: int,
    oldest_s: int,
) -> tuple[NDArray[np.uint16], Ints]:  # fmt: skip
    codes, blocks, words, abroad, fed = numbers
    starts, first, last, kind, until = ranges
    size, count = len(words), len(calls.trunk)
    rows, ages = np.empty(count, np.uint16), np.empty(count, np.int64)
    for i in prange(count):
        trunk, now_s = calls.trunk[i], calls.at_s[i]
        network, presented, callee = calls.network[i], calls.presented[i], calls.callee[i]
        klass = classes[trunk]
        told = lookup.standing(network, klass == 0, now_s, codes, blocks, words, size, step,
                               abroad, fed, oldest_s)  # fmt: skip
        shown = told
        if presented != network:
            shown = lookup.standing(presented, klass == 0, now_s, codes, blocks, words, size,
                                    step, abroad, fed, oldest_s)  # fmt: skip
        told, shown = _as_told(told, calls.place[i]), _as_told(shown, calls.place[i])
        may = lookup.allowed(trunk, network, presented, callee, calls.diverting[i], now_s,
                             starts, first, last, kind, until)  # fmt: skip
        own = 0
        if klass == 2:
            own = is_own(operators[trunk], network, told, presented, shown)
        called = lookup.callee_of(callee, codes)
        rows[i] = pack(klass, told & 15, shown & 15, called, may & 3, own)
        ages[i] = told >> 12 if told >> 12 else shown >> 12
    return rows, ages
