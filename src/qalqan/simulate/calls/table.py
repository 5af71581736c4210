"""Calls as facts: the raw columns of the fact `call`, in clear, as an operator sends them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qalqan.simulate.calls.cards import Cards, Devices
from qalqan.simulate.calls.places import Places
from qalqan.simulate.calls.records import NONE, PLACES, SERVICES, SMS, TRUNKS, Records
from qalqan.simulate.calls.sales import phone_texts
from qalqan.simulate.identity import Ints, Mask, padded

_LATER = ("direction", "peer", "leg", "verdict", "rule", "edge")
"""Columns that others fill: the sides of an interconnection, the screen."""


def call_table(calls: Records, cards: Cards, devices: Devices, places: Places) -> pa.Table:
    """The table of these calls, row by row."""
    labels, regions = places.labels()
    names, classes = zip(*TRUNKS, strict=True)
    seen = calls.device != NONE
    columns = {
        "id": pc.binary_join_element_wise("call", padded(np.arange(len(calls)), 9), "-"),
        "at_us": pa.array(calls.at_us),
        "caller": phone_texts(calls.caller),
        "callee": phone_texts(calls.callee),
        "trunk": _taken(pa.array(names, pa.string()), calls.trunk),
        "trunk_class": _taken(pa.array(classes), calls.trunk),
        "duration_s": pa.array(calls.duration_s),
        "answered": pa.array(calls.answered.astype(bool)),
        "presented": _phones_told(calls.presented),
        "caller_place": _taken(pa.array(PLACES), calls.place),
        "service": _taken(pa.array(SERVICES), calls.service),
        "ring_s": pa.array(calls.ring_s, mask=calls.service == SMS),
        "imei": _taken(pa.array(devices.imeis()).cast(pa.string()), calls.device),
        "imsi": _taken(pa.array(cards.imsis()).cast(pa.string()), calls.card, seen),
        "cell": _taken(labels, calls.cell),
        "region": _taken(regions, calls.cell),
    }
    later = {name: pa.nulls(len(calls), pa.string()) for name in _LATER}
    return pa.table({**columns, **later, "policy": pa.nulls(len(calls), pa.int64())})


def _taken(texts: pa.Array, place: Ints, told: Mask | None = None) -> pa.Array:
    """The texts at these places; null where there is none or it is not told."""
    hidden = place == NONE if told is None else (place == NONE) | ~told
    return texts.take(pa.array(place, mask=hidden))


def _phones_told(number: Ints) -> pa.Array:
    """A column of which few rows tell a number."""
    index = np.flatnonzero(number != NONE)
    place = np.full(len(number), NONE)
    place[index] = np.arange(len(index))
    return _taken(phone_texts(number[index]), place)


def texts(numbers: Sequence[int]) -> tuple[str, ...]:
    """Numbers in E.164."""
    return tuple(f"+{number}" for number in numbers)
