"""From sketches to the truth: which calls were whose, and what followed them."""

from __future__ import annotations

import numpy as np

from qalqan.simulate.calls.drawing import Drawing, Omen, Sketch
from qalqan.simulate.calls.records import NONE, TRUNKS, Records
from qalqan.simulate.calls.sales import dealer_texts
from qalqan.simulate.calls.table import texts
from qalqan.simulate.calls.truth import Actor, CallTruth, Moment
from qalqan.simulate.identity import Ints

_NO_CALLS: Ints = np.zeros(0, dtype=np.int64)


def tell(drawing: Drawing, calls: Records) -> CallTruth:
    """The truth of calls that are in their final order."""
    special = np.flatnonzero(calls.actor != NONE)
    special = special[np.argsort(calls.actor[special], kind="stable")]
    actors, starts = np.unique(calls.actor[special], return_index=True)
    mine = dict(zip(actors.tolist(), np.split(special, starts[1:]), strict=True))
    imeis = drawing.devices.imeis()
    told = tuple(
        _actor(number, sketch, calls, mine.get(number, _NO_CALLS), imeis)
        for number, sketch in enumerate(drawing.sketches)
    )
    found = [_moment(omen, calls) for omen in drawing.omens]
    moments = sorted((m for m in found if m is not None), key=lambda m: (m.call, m.at_us))
    return CallTruth(told, calls.actor, tuple(moments))


def _actor(number: int, sketch: Sketch, calls: Records, index: Ints, imeis: Ints) -> Actor:
    devices = np.unique(calls.device[index])
    dealer = None
    if sketch.dealer != NONE:
        dealer = dealer_texts(np.array([sketch.dealer]))[0].as_py()
    return Actor(
        number=number,
        kind=sketch.kind,
        guilty=sketch.guilty,
        allowed=sketch.allowed,
        forged=sketch.forged,
        numbers=texts(sketch.numbers.tolist()),
        imeis=tuple(str(imei) for imei in imeis[devices[devices != NONE]].tolist()),
        dealer=dealer,
        trunk=None if sketch.trunk == NONE else TRUNKS[sketch.trunk][0],
        calls=len(index),
        first_call=int(index[0]) if len(index) else None,
        first_us=int(calls.at_us[index[0]]) if len(index) else None,
    )


def _moment(omen: Omen, calls: Records) -> Moment | None:
    """The moment with the index of its call; None if the call fell outside of the days."""
    first, last = np.searchsorted(calls.at_us, [omen.call_us, omen.call_us + 1])
    for call in range(int(first), int(last)):
        if calls.callee[call] == omen.victim and calls.actor[call] == omen.actor:
            return Moment(omen.actor, f"+{omen.victim}", call, omen.call_us, omen.at_us)
    return None
