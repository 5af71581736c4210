"""Whose number is it, and of what class: the table that rules on calls and sellers read.

"+7" belongs to Kazakhstan *and* Russia; a rule that tests for it blocks all Russian callers.
The first three digits behind it decide, by the Russia-Kazakhstan numbering agreement:
Kazakhstan alone has 000-099, 600-699, 700-799; Russia alone has 200-599, 900-999 and most of
8xx; 100-199, 800-809 and 881-899 are shared; 26 codes are reserve. Number portability
means that a code tells the class and the country, never the operator.

Other countries' numbers are classed with `phonenumbers`, which is loaded when first needed;
the +7 table is standard library alone. Where the two differ on purpose:
75x (but 751) and 76x are `network` (satellite, data), not mobile; a code without a service is
`unassigned` and still has its owner; shared and reserve codes have no owner.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

KINDS = (
    "mobile", "fixed", "fixed_or_mobile", "voip", "network", "toll_free", "premium",
    "shared_cost", "personal", "pager", "company", "voicemail", "short", "shared", "reserve",
    "unassigned", "unknown",
)  # fmt: skip
"""Every class a number may have."""


@dataclass(frozen=True, slots=True)
class NumberClass:
    """Owner country (ISO 3166 alpha-2; "001" for satellites; None if nobody's alone) and class."""

    country: str | None
    kind: str


def number_class(e164: str) -> NumberClass:
    """The owner and class of a canonical number ("+77011234567", or a short one, "1414")."""
    if e164[:2] == "+7" and len(e164) == 12:
        return PLUS_7[int(e164[2:5])]
    if not e164.startswith("+"):
        return SHORT
    return _foreign(e164)


SHORT = NumberClass("KZ", "short")

_RESERVE = frozenset(
    (819, *range(822, 831), 832, *range(837, 840), 849, *range(852, 855), 858, 859, 864, 868, 870)
) | frozenset(range(874, 877))
_KZ_MOBILE = frozenset((700, 701, 702, *range(705, 709), 747, 771, *range(775, 779), 785))
_KZ_FIXED = frozenset((*range(710, 719), *range(721, 730)))
_RU_FIXED_8 = frozenset(
    (*range(811, 819), 820, 821, 831, *range(833, 837), *range(840, 849))
) | frozenset(
    (
        851,
        *range(855, 858),
        *range(860, 864),
        *range(865, 868),
        869,
        *range(871, 874),
        877,
        878,
        879,
    )
)


def _class_of(code: int) -> NumberClass:
    if code in _RESERVE:
        return NumberClass(None, "reserve")
    if 100 <= code < 200 or 800 <= code < 810 or 881 <= code < 900:
        return NumberClass(None, "shared")
    if code < 100 or 600 <= code < 800:
        return NumberClass("KZ", _kz_kind(code))
    fixed = 300 <= code < 500 or code in _RU_FIXED_8
    return NumberClass("RU", "mobile" if code >= 900 else "fixed" if fixed else "unassigned")


def _kz_kind(code: int) -> str:
    if code in _KZ_MOBILE:
        return "mobile"
    if code in _KZ_FIXED:
        return "fixed"
    if code == 751:
        return "voip"
    return "network" if code // 10 in (75, 76) else "unassigned"


def _table() -> Iterator[NumberClass]:
    known: dict[NumberClass, NumberClass] = {}
    for code in range(1000):
        found = _class_of(code)
        yield known.setdefault(found, found)


PLUS_7: tuple[NumberClass, ...] = tuple(_table())
"""Class by the three digits behind +7."""


@lru_cache(maxsize=65536)
def _foreign(e164: str) -> NumberClass:
    import phonenumbers

    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return NumberClass(None, "unknown")
    region = phonenumbers.region_code_for_number(number)
    if region is None and number.country_code is not None:
        region = phonenumbers.region_code_for_country_code(number.country_code)
    kind = _kinds().get(phonenumbers.number_type(number), "unknown")
    return NumberClass(None if region in (None, "ZZ") else region, kind)


@cache
def _kinds() -> dict[int, str]:
    from phonenumbers import PhoneNumberType as Type

    return {
        Type.MOBILE: "mobile",
        Type.FIXED_LINE: "fixed",
        Type.FIXED_LINE_OR_MOBILE: "fixed_or_mobile",
        Type.VOIP: "voip",
        Type.TOLL_FREE: "toll_free",
        Type.PREMIUM_RATE: "premium",
        Type.SHARED_COST: "shared_cost",
        Type.PERSONAL_NUMBER: "personal",
        Type.PAGER: "pager",
        Type.UAN: "company",
        Type.VOICEMAIL: "voicemail",
    }
