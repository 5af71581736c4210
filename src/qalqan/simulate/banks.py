"""The invented institutions of the country, and how each of them answers (REQ-19, 20, 21).

All names and codes are invented; the three digits are not assigned to any bank of Kazakhstan
that we know of. Standard library alone: bank processes import this and little else.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass

from qalqan.clock import HOUR, MINUTE, SECOND
from qalqan.errors import Unavailable

FIRST_PORT = 18_201


@dataclass(frozen=True)
class Pace:
    """How soon an institution answers, and when its address answers nobody."""

    least_us: int
    most_us: int
    step_us: int = MINUTE
    """Answers leave at whole steps of the clock, many at a time."""
    down_hours: tuple[int, int] | None = None
    """From and to, local hours of the day, in which its address is down."""


@dataclass(frozen=True)
class Bank:
    """A bank or e-wallet operator with its habits."""

    code: str
    partner: str
    names: Mapping[str, str]
    kind: str
    share: float
    """Of people's main accounts."""
    pace: Pace
    delivery: str = "push"
    feed: bool = False
    """It streams every payment; the others tell only when asked."""
    uetr_share: float = 0.0
    """Of its payments between banks, which of them carry a UETR in its lines."""
    tells_balance: bool = False
    """Its lines carry the account's balance after each of them."""
    tells_forwarded: bool = True
    """Where a hold finds too little, it says at once where the money went."""
    fee_ppm: int = 0
    """Fee on transfers to other institutions, of the sum."""
    fee_most: int = 50_000
    """No fee is larger, tiyn."""


FAST = Pace(20 * SECOND, 2 * MINUTE)
STEADY = Pace(2 * MINUTE, 12 * MINUTE)
SLOW = Pace(40 * MINUTE, 4 * HOUR, 10 * MINUTE)
SOMETIMES_DOWN = Pace(MINUTE, 6 * MINUTE, down_hours=(1, 5))
CLERK = Pace(30 * MINUTE, 2 * HOUR, 30 * MINUTE)

BANKS: tuple[Bank, ...] = (
    Bank(
        "211", "saryarqa", {"kk": "Сарыарқа Банк", "ru": "Сарыарка Банк", "en": "Saryarqa Bank"},
        "bank", 0.32, FAST, feed=True, uetr_share=0.9,
    ),
    Bank(
        "223", "jetigen", {"kk": "Жетіген Банк", "ru": "Жетыген Банк", "en": "Jetigen Bank"},
        "bank", 0.24, STEADY, feed=True, uetr_share=0.5, fee_ppm=3_000,
    ),
    Bank(
        "237", "tulpar", {"kk": "Тұлпар Банк", "ru": "Тулпар Банк", "en": "Tulpar Bank"},
        "bank", 0.2, SOMETIMES_DOWN, uetr_share=0.6, tells_balance=True, fee_ppm=2_000,
    ),
    Bank(
        "259", "ulytau", {"kk": "Ұлытау Банк", "ru": "Улытау Банк", "en": "Ulytau Bank"},
        "bank", 0.15, SLOW, uetr_share=0.3, tells_forwarded=False, fee_ppm=5_000,
    ),
    Bank(
        "271", "qymyz", {"kk": "Қымыз Банк", "ru": "Кумыс Банк", "en": "Qymyz Bank"},
        "bank", 0.09, CLERK, delivery="sheet", tells_forwarded=False,
    ),
    Bank(
        "283", "qalta", {"kk": "Қалта әмияны", "ru": "Кошелёк «Калта»", "en": "Qalta wallet"},
        "wallet", 0.0, FAST, tells_balance=True, fee_ppm=8_000,
    ),
)  # fmt: skip
"""Institutions that take part; the centre hears from them."""

BY_CODE = {bank.code: bank for bank in BANKS}
WALLET = 5
"""Where the e-wallet operator stands in `BANKS`."""

STRANGE_WALLET = "293"
"""An e-wallet operator that does not take part."""
EXCHANGE = "297"
"""A crypto exchange that does not take part."""
FOREIGN_BIC = "QZBKAEAD"
"""An invented bank abroad."""
FOREIGN_COUNTRY = "AE"

OUTSIDE = (STRANGE_WALLET, EXCHANGE, FOREIGN_BIC)


@dataclass(frozen=True)
class Partner:
    """Who takes part in the centre's exchange, as the register wants to know it."""

    code: str
    kind: str
    names: Mapping[str, str]
    bank_code: str | None = None
    delivery: str = "pull"
    endpoint: str | None = None
    feeds: tuple[str, ...] = ()


@dataclass(frozen=True)
class Officer:
    """Someone who works at the centre, or for a partner as a clerk."""

    login: str
    name: str
    role: str
    region: str
    partner: str | None = None


CHANNEL = "hotline"
OPERATORS = ("dala", "kokjiek")
MARKET = "bazarda"
WATCH = "volunteers"

_OTHERS = (
    Partner(CHANNEL, "channel", {
        "kk": "Полицияның сенім желісі", "ru": "Линия доверия полиции", "en": "Police hotline"}),
    Partner("dala", "operator", {
        "kk": "Дала Мобайл", "ru": "Дала Мобайл", "en": "Dala Mobile"}, feeds=("subscription",)),
    Partner("kokjiek", "operator", {
        "kk": "Көкжиек Телеком", "ru": "Кокжиек Телеком", "en": "Kokjiek Telecom"},
        feeds=("subscription",)),
    Partner(MARKET, "marketplace", {
        "kk": "Базарда", "ru": "Базарда", "en": "Bazarda"}, feeds=("listing",)),
    Partner(WATCH, "volunteers", {
        "kk": "Еріктілер тобы", "ru": "Группа волонтёров", "en": "Volunteers"}),
)  # fmt: skip

OFFICERS = (
    Officer("a.sarsenova", "Айгүл Сәрсенова", "supervisor", "KZ"),
    Officer("d.ospanov", "Данияр Оспанов", "supervisor", "KZ"),
    Officer("m.kim", "Марина Ким", "prosecutor", "KZ"),
    Officer("t.bekov", "Тимур Беков", "investigator", "KZ-75"),
    Officer("e.zhumabek", "Ерлан Жұмабек", "operative", "KZ"),
    Officer("s.dauletova", "Сәуле Дәулетова", "operator", "KZ"),
    Officer("b.li", "Борис Ли", "expert", "KZ"),
    Officer("g.nurpeis", "Гүлнар Нұрпейіс", "auditor", "KZ"),
    Officer("z.akhmetova", "Зере Ахметова", "analyst", "KZ"),
    Officer("n.esimov", "Нұрлан Есімов", "clerk", "KZ", "qymyz"),
    Officer("d.orazova", "Динара Оразова", "clerk", "KZ", "dala"),
    Officer("p.egorov", "Павел Егоров", "clerk", "KZ", MARKET),
    Officer("a.seidakhmet", "Әсел Сейдахмет", "clerk", "KZ", WATCH),
)
"""Invented people: two supervisors and a prosecutor decide, the others look; clerks of a bank, an
operator, a marketplace and volunteers see their own institution's part."""


_ROWS = 100


def free_ports(first: int = FIRST_PORT) -> int:
    """The first of as many free loopback ports in a row as there are banks; two processes begin
    to look at different ones.

    Raises:
        Unavailable: no such row.
    """
    for row in range(_ROWS):
        start = first + (os.getpid() + row) % _ROWS * len(BANKS)
        if all(_is_free(start + i) for i in range(len(BANKS))):
            return start
    raise Unavailable(f"no {len(BANKS)} free loopback ports in a row from {first} on")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def partners(first_port: int) -> tuple[Partner, ...]:
    """Everybody who takes part, for the register."""
    banks = tuple(
        Partner(
            bank.partner, bank.kind, bank.names, bank.code, bank.delivery,
            None if bank.delivery == "sheet" else f"http://127.0.0.1:{first_port + number}",
            ("payment",) if bank.feed else (),
        )
        for number, bank in enumerate(BANKS)
    )  # fmt: skip
    return banks + _OTHERS
