"""The money ladder as one SVG file that carries its own style."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from qalqan.text.catalogue import say
from qalqan.text.show import money
from qalqan.trail.semantics import PARTS
from qalqan.web.console.ladder.bars import Bar, chart
from qalqan.web.console.ladder.flow import Scene, flow
from qalqan.web.console.ladder.layout import layout
from qalqan.web.console.ladder.pen import Pen, label_px
from qalqan.web.console.ladder.svg import svg

_RULE = re.compile(r"([^{}]+)\{[^{}]*\}")
_VIEW = re.compile(r'viewBox="0 0 ([0-9.]+) ([0-9.]+)"')
_OWN = ".ladder{background:var(--felt-0);font-family:'Golos Text','DejaVu Sans',sans-serif}"


def picture(document: Mapping[str, Any], rule: str, language: str, banks: Mapping[str, str]) -> str:
    """The trail document under one rule, drawn; `banks` are names by bank code."""
    claims = frozenset(claim["claim"] for claim in document["claims"])
    scene = Scene(claims, document["as_of_us"], banks=banks, rule=rule)
    pen = Pen(scene, document["currency"], language)
    drawn_flow = chart(flow(document, scene), scene)

    def room(bar: Bar) -> float:
        return label_px(bar, drawn_flow.flow.lanes[bar.lane], pen)

    drawn = svg(layout(drawn_flow, room), pen, _described(document, rule, pen))
    head, end, rest = drawn.partition(">")
    return f"{head}{_size(head)}{end}<style>{_style()}</style>{rest}"


def _size(head: str) -> str:
    """A file by itself has a size; in the page the page decides."""
    wide, high = _VIEW.search(head).groups()  # type: ignore[union-attr]
    return f' width="{wide}" height="{high}"'


def _described(document: Mapping[str, Any], rule: str, pen: Pen) -> str:
    parts = document["parts"][rule].values()
    sums = {name: sum(of[name] for of in parts) for name in PARTS}
    told = (
        f"{say(f'ladder.state.{STATES.get(name, name)}', pen.language)} "
        f"{money(units, pen.currency, pen.language)}"
        for name, units in sums.items()
        if units
    )
    stolen = money(sum(sums.values()), pen.currency, pen.language)
    return pen.say("desc", stolen=stolen, parts=", ".join(told))


STATES = {"here": "moving"}
"""Parts whose state is called otherwise in the picture."""


def _style() -> str:
    """The console's own rules of colours and of the ladder."""
    text = (files("qalqan.web") / "static" / "console.css").read_text(encoding="utf-8")
    rules = (m[0].strip() for m in _RULE.finditer(text))
    return _OWN + "".join(r for r in rules if r.startswith((":root", ".ladder")))
