"""A bulletin as one HTML file: no script, no address of anybody else, charts within."""

from __future__ import annotations

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
    """UTF-8; the style sheet stands inside, so that the file can be sent and kept alone."""

    def t(key: str, **values: object) -> str:
        return say(key, spoken.language, **values)

    template = _templates.get_template("bulletin.html")
    return template.render(spoken=spoken, t=t).encode()
