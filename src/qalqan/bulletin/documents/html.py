"""A bulletin as one HTML file: no script, no address of anybody else, charts and fonts within."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined

from qalqan.bulletin.documents.speak import Spoken
from qalqan.text.catalogue import say

_templates = Environment(
    loader=PackageLoader("qalqan.bulletin.documents", "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def html(spoken: Spoken) -> bytes:
    """UTF-8; style sheet and fonts stand inside, so that the file can be sent and kept alone, and
    its charts have the letters that they were measured with."""

    def t(key: str, **values: object) -> str:
        return say(key, spoken.language, **values)

    template = _templates.get_template("bulletin.html")
    return template.render(spoken=spoken, t=t, fonts=_fonts()).encode()


@cache
def _fonts() -> Mapping[int, str]:
    """Weight → the font in base64."""
    folder = files("qalqan.bulletin.documents") / "fonts"
    named = {400: "regular", 600: "bold"}
    return {
        weight: b64encode((folder / f"golos-text-{name}.ttf").read_bytes()).decode()
        for weight, name in named.items()
    }
