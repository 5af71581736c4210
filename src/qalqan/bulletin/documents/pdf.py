"""A bulletin as PDF, set by Typst with our own font embedded; tagged, so that it can be read aloud.

The text goes in as data, never as markup: nothing that an editor or a partner wrote can become a
command of the typesetter.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib.resources import as_file, files
from typing import Any

import typst

from qalqan.bulletin.documents.speak import Spoken
from qalqan.text.catalogue import say

_FOLDER = files("qalqan.bulletin.documents")
_WORDS = ("words.title", "methods.title", "notes.title", "sources.title", "made")


def pdf(spoken: Spoken) -> bytes:
    """PDF 1.7, A4; the same spoken bulletin gives the same bytes but for its date of making."""
    told = asdict(spoken) | {
        "labels": {word: say(f"bulletin.{word}", spoken.language) for word in _WORDS},
    }
    with as_file(_FOLDER / "bulletin.typ") as source, as_file(_FOLDER / "fonts") as fonts:
        made: Any = typst.compile(
            str(source), font_paths=[str(fonts)], ignore_system_fonts=True, format="pdf",
            sys_inputs={"bulletin": json.dumps(told, ensure_ascii=False)},
        )  # fmt: skip
    return bytes(made)
