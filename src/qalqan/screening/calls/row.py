"""What is known of a call, as small values packed into one *row* of fifteen bits.

    trunk (2 bits), network number (4), presentation number (4), callee (2), allowed (2), own (1)

The network number is P-Asserted-Identity, the presentation number is From. Both say what the
caller's network wants believed; only the trunk is known for sure, by the peer's address.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple


class Trunk(IntEnum):
    """Class of the trunk a call came over."""

    INTERNATIONAL = 0
    DOMESTIC = 1
    """A licensed operator's network, which answers for its subscribers' numbers."""
    VOIP = 2
    """A domestic provider of SIP: numbers must be assigned or ported to it."""
    UNKNOWN = 3
    """An address that no trunk has."""


class Standing(IntEnum):
    """What a number is, by the tables at this moment."""

    ABSENT = 0
    MALFORMED = 1
    SHORT = 2
    FOREIGN = 3
    FIXED = 4
    """Kazakh, fixed (71x, 72x)."""
    AT_HOME = 5
    """Kazakh mobile that its home network sees in the country …"""
    ABROAD = 6
    """… or abroad …"""
    ANYWHERE = 7
    """… or has not told in time."""
    NETWORK = 8
    """Kazakh, neither fixed nor mobile: VoIP, satellite, data."""
    UNALLOCATED = 9
    """Kazakh, in no range that was given to an operator."""
    NOBODYS = 10
    """Shared and reserve codes of +7, which no subscriber can have."""
    PROTECTED = 11
    """On the do-not-originate list: banks, police; it only answers calls."""
    FOUND = 12
    """A detector saw fraud signs; a score alone refuses nothing."""
    LISTED = 13
    """Two people listed it for blocking."""


class Callee(IntEnum):
    """Who is called."""

    OTHER = 0
    CITY = 1
    """A Kazakh fixed number (REQ-46)."""
    EMERGENCY = 2


class Allowed(IntEnum):
    """Why a Kazakh number may rightly come from abroad (R5)."""

    NOT = 0
    CONTRACT = 1
    """A customer's numbers on a foreign or cloud node, by contract."""
    LOOPED = 2
    """A domestic call that another country's network forwarded back; the trunk is trusted to
    tell, or the home operator says that it started the call."""
    VISITOR = 3
    """Called is a number that a foreign visitor's phone has here for the length of a call."""


class Row(NamedTuple):
    """One row, its values apart."""

    trunk: int
    network: int
    presented: int
    callee: int
    allowed: int
    own: int
    """1: both numbers, as far as they are told, are proved: the trunk's provider has them, or, on
    a trunk from abroad, their home operator signed this very call (RFC 8224, attestation A)."""


ROWS = 1 << 15


def pack(
    trunk: int, network: int, presented: int, callee: int, allowed: int = 0, own: int = 0
) -> int:
    """The row of these values; numba compiles this very function for columns."""
    return trunk << 13 | network << 9 | presented << 5 | callee << 3 | allowed << 1 | own


def unpack(row: int) -> Row:
    """The values of a row."""
    return Row(row >> 13, row >> 9 & 15, row >> 5 & 15, row >> 3 & 3, row >> 1 & 3, row & 1)
