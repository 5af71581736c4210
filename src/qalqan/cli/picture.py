"""The money ladder as one SVG file that carries its own style."""

from __future__ import annotations

import re
from importlib.resources import files

from qalqan.errors import ContractBroken
from qalqan.trail import Document
from qalqan.web.console.ladder.flow import Scene
from qalqan.web.console.ladder.picture import draw, trace

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_RULE = re.compile(r"^(:root|\.ladder [^{}]*?)\s*\{[^{}]*\}", re.MULTILINE)
"""Rules that stand at the margin: those of dark or forced colours are indented."""
_VIEW = re.compile(r'viewBox="0 0 ([0-9.]+) ([0-9.]+)"')
_OWN = ".ladder{background:var(--felt-0)}"


def picture(document: Document, scene: Scene, language: str) -> str:
    """The trail document as `scene` looks at it.

    Raises:
        ContractBroken: it has nothing of the scene's claims.
    """
    flow = trace(document, scene)
    if flow is None:
        raise ContractBroken(f"the trail has none of {sorted(scene.claims)}")
    drawn, _ = draw(flow, scene, document["currency"], language)
    head, end, rest = drawn.partition(">")
    return f"{head}{_size(head)}{end}<style>{_style()}</style>{rest}"


def _size(head: str) -> str:
    """A file by itself has a size; in the page the page decides."""
    wide, high = _VIEW.search(head).groups()  # type: ignore[union-attr]
    return f' width="{wide}" height="{high}"'


def _style() -> str:
    """The console's own colours, and its rules for the ladder."""
    text = (files("qalqan.web") / "static" / "console.css").read_text(encoding="utf-8")
    return _OWN + "".join(found[0] for found in _RULE.finditer(_COMMENT.sub("", text)))
