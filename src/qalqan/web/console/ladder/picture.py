"""From a trail document to the finished picture with its description in words (REQ-39)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from qalqan.text.show import when
from qalqan.web.console.ladder.bars import chart
from qalqan.web.console.ladder.flow import Flow, Scene, flow
from qalqan.web.console.ladder.folding import folded
from qalqan.web.console.ladder.layout import layout
from qalqan.web.console.ladder.pen import Pen, label_px
from qalqan.web.console.ladder.svg import svg

ORDER = (
    "returned", "held", "moving", "wallet", "abroad", "cash", "crypto", "kept", "fees", "spent",
    "unknown",
)  # fmt: skip
"""States in the order in which they are told."""


def draw(whole: Flow, scene: Scene, currency: str, language: str) -> tuple[str, frozenset[str]]:
    """The picture as SVG, and what must be explained beside it: break, stretched, folded.

    Raises:
        ContractBroken: the flow contradicts itself.
    """
    shown = folded(whole)
    cut = chart(shown, scene)
    pen = Pen(scene, currency, language, _one_day(whole, scene))
    drawn = layout(cut, lambda bar: label_px(bar, shown.lanes[bar.lane], pen))
    notes = cut.axis.kinds - {"linear"}
    if len(shown.lanes) < len(whole.lanes) or len(shown.moves) < len(whole.moves):
        notes |= {"folded"}
    return svg(drawn, pen, _described(whole, pen)), notes


def trace(document: Mapping[str, Any], scene: Scene) -> Flow | None:
    """The flow of this scene's claims; None while the document has nothing of them."""
    claimed = any(claim["claim"] in scene.claims for claim in document["claims"])
    return flow(document, scene) if claimed else None


def _one_day(whole: Flow, scene: Scene) -> bool:
    moments = [move.key[0] for move in whole.moves] + [scene.now_us, *scene.reported_us]
    return len({when(us, "en", "day") for us in (min(moments), max(moments))}) == 1


def _described(whole: Flow, pen: Pen) -> str:
    sums = state_sums(whole)
    parts = [f"{pen.say(f'state.{kind}')}: {pen.money(sums[kind])}" for kind in ORDER if sums[kind]]
    return pen.say("desc", stolen=pen.money(whole.stolen), parts="; ".join(parts))


def state_sums(whole: Flow) -> Counter[str]:
    """Where the money is now: state → minor units; together they are what was stolen."""
    sums: Counter[str] = Counter()
    for move in whole.moves:
        if move.exit:
            sums[move.exit] += move.units
    for end in whole.ends:
        sums[end.kind] += end.units
    return sums
