"""Which language a piece of text is in."""

from __future__ import annotations

import re

_KAZAKH = re.compile(r"[әғқңөұүһі]")
_CYRILLIC = re.compile(r"[а-яёәғқңөұүһі]")
_LATIN = re.compile(r"[a-z]")
_RUSSIAN = re.compile(r"(?<!\w)(?:[ивксуо]|на|из|по|за|от|до|не|что|как|при|для|год[ау]?)(?!\w)")
"""Words that Russian can hardly do without and Kazakh doesn't have."""
_LEAST_KAZAKH = 0.06
"""Share of Kazakh letters from which Cyrillic text is Kazakh: Kazakh prose has one in five,
Russian only those of names; half of it is enough where the text around is Kazakh."""


def guess(text: str, otherwise: str = "") -> str:
    """kk, ru or en; `otherwise` where there are too few letters to tell."""
    lower = text.lower()
    cyrillic, latin = len(_CYRILLIC.findall(lower)), len(_LATIN.findall(lower))
    if cyrillic + latin < 12 and otherwise:
        return otherwise
    if latin > cyrillic:
        return "en"
    kazakh = len(_KAZAKH.findall(lower))
    if otherwise == "kk" and _RUSSIAN.search(lower) is None:
        return "kk"
    least = _LEAST_KAZAKH / 2 if otherwise == "kk" else _LEAST_KAZAKH
    return "kk" if kazakh > cyrillic * least else "ru"
