"""How warnings may speak, checked word by word (design/README.md, "Voice"; REQ-76).

A warning stands in all three languages, without exclamation marks and without a promise; "safe" is
said only inside quotes, as the fraudsters' own word. A message carries no link: whoever learns that
the centre sends links will open those of others.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from qalqan.errors import InputRejected
from qalqan.exchange import sms_text
from qalqan.text.catalogue import LANGUAGES

Kind = Literal["message", "moment"]
KINDS: tuple[Kind, ...] = ("message", "moment")
LONGEST = 300
"""Signs of what is shown at a moment: a screen of a telephone, without scrolling."""
_LINK = re.compile(
    r"https?:|www\.|\b[\w-]+\.(?:kz|ru|com|org|net|info|gov|me|ly|app|қаз|рф)\b|\bt\.me\b", re.I
)
_QUOTED = re.compile(r"«[^»]*»|“[^”]*”|\"[^\"]*\"")
_SAFE = re.compile(r"\bқауіпсіз|\bбезопасн|\bsafe\b|\bsafely\b|\bsecure\b", re.I)
_PROMISE = re.compile(
    r"кепілд|уәде|қайтарып береміз|қайтарамыз|міндетті түрде"
    r"|гарант|обеща|вернём|вернем|обязательно верн"
    r"|guarante|promise|we will return|get your money back|100\s?%",
    re.I,
)


def check(kind: Kind, texts: Mapping[str, str], most_parts: int) -> dict[str, str]:
    """The texts as they may go out, spaces closed up.

    Raises:
        InputRejected: one is missing, too long, or says what it may not; `field` is the language.
    """
    found = {}
    for language in LANGUAGES:
        text = " ".join(texts.get(language, "").split())
        if not text:
            raise InputRejected(language, "", "outreach.three_languages")
        _check_words(language, text, kind)
        _check_length(language, text, kind, most_parts)
        found[language] = text
    return found


def _check_words(language: str, text: str, kind: Kind) -> None:
    if "!" in text:
        raise InputRejected(language, text, "outreach.no_exclamation")
    if kind == "message" and _LINK.search(text):
        raise InputRejected(language, text, "outreach.no_link")
    if found := _PROMISE.search(text):
        raise InputRejected(language, text, "outreach.no_promise", word=found[0])
    if found := _SAFE.search(_QUOTED.sub("", text)):
        raise InputRejected(language, text, "outreach.no_safe", word=found[0])


def _check_length(language: str, text: str, kind: Kind, most_parts: int) -> None:
    if kind == "message" and sms_text.length(text).parts > most_parts:
        raise InputRejected(language, text, "outreach.parts", most=most_parts)
    if kind == "moment" and len(text) > LONGEST:
        raise InputRejected(language, None, "text.too_long", most=LONGEST)
