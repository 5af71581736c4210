"""Crypto wallets: an address on Bitcoin, Ethereum or TRON, with its checksum proven (REQ-44).

Money that leaves into crypto leaves to an address, which an exchange or an investigator abroad can
be asked about; one mistyped letter would accuse a stranger or nobody. The canonical form names
the chain before the address ("BTC:bc1q…", "ETH:0x…", "TRX:T…"), so that it stands as an account
beside others, its chain in the place of a bank. Tokens such as USDT have no addresses of their
own: theirs are of the chain that they are on.

Sources: Base58Check and address versions of Bitcoin Core's `chainparams`; BIP 173 and BIP 350
(bech32, bech32m); EIP-55 (mixed-case checksum); TRON's protocol document (version byte 0x41).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from qalqan.errors import InputRejected
from qalqan.model.identifiers.given import given
from qalqan.text import fold

MOST = 128
"""A bech32 address has at most 90 characters; before it, the chain."""

CHAINS = {"BTC": "bitcoin", "ETH": "ethereum", "TRX": "tron"}
"""Code of a chain → its name, which wallets also write before an address ("bitcoin:…")."""

_CODES = {**{code: code for code in CHAINS}, **{name.upper(): c for c, name in CHAINS.items()}}
_HEX = re.compile(r"0[xX][0-9a-fA-F]{40}")
_BECH32 = re.compile(r"(bc|tb|bcrt)1[a-z0-9]{7,87}", re.IGNORECASE)
_BASE58 = re.compile(r"[123mnTLM][1-9A-HJ-NP-Za-km-z]{24,34}")
_TESTNET = frozenset({0x6F, 0xC4})
_MAINNET = frozenset({0x00, 0x05})
_TRON = 0x41
_BECH32M = 0x2BC830A3
_LENGTHS_V0 = (20, 32)


@dataclass(frozen=True, slots=True)
class Wallet:
    """A wallet's address; `chain` is BTC, ETH or TRX, `kind` its name, `address` without it."""

    text: str
    chain: str
    address: str
    kind: str
    folded: tuple[str, ...] = ()
    country: str | None = None


def canonical(text: str, *, field: str = "wallet") -> Wallet:
    """The chain's code, a colon, and the address in its canonical case.

    Raises:
        InputRejected: `wallet.shape`, `wallet.checksum`, `wallet.testnet`, `wallet.chain`, or as
            `given`.
    """
    folded = fold.latin(given(text, field, MOST))
    before, colon, after = folded.text.partition(":")
    named = _CODES.get(before.strip().upper()) if colon else None
    address = after.strip() if named else folded.text
    shaped = shape_of(address)
    if shaped is None or (colon and named is None):
        raise InputRejected(field, text, "wallet.shape")
    try:
        chain, plain = shaped(address)
    except _Refused as refused:
        raise InputRejected(field, text, refused.expected) from None
    if named not in (None, chain):
        raise InputRejected(field, text, "wallet.chain", chain=CHAINS[chain])
    return Wallet(f"{chain}:{plain}", chain, plain, CHAINS[chain], folded.letters)


def is_named(text: str) -> bool:
    """Whether a chain stands before a colon, so that what follows must be an address on it."""
    before, colon, _ = text.partition(":")
    return bool(colon) and fold.latin(before.strip().upper()).text in _CODES


class _Refused(Exception):
    """An address of a known shape that is none."""

    def __init__(self, expected: str) -> None:
        super().__init__(expected)
        self.expected = expected


def shape_of(address: str) -> Callable[[str], tuple[str, str]] | None:
    """How to read an address, by what it looks like; None if it looks like none."""
    if _HEX.fullmatch(address):
        return _ethereum
    if _BECH32.fullmatch(address):
        return _segwit
    return _base58 if _BASE58.fullmatch(address) else None


def _ethereum(address: str) -> tuple[str, str]:
    """Letters of one case carry no checksum (EIP-55); mixed ones must be the checksum."""
    from Crypto.Hash import keccak

    digits = address[2:]
    small = digits.lower()
    sums = keccak.new(digest_bits=256, data=small.encode()).hexdigest()
    pairs = zip(small, sums[:40], strict=True)
    mixed = "".join(c.upper() if int(s, 16) >= 8 else c for c, s in pairs)
    if digits not in (mixed, small, digits.upper()):
        raise _Refused("wallet.checksum")
    return "ETH", f"0x{mixed}"


def _segwit(address: str) -> tuple[str, str]:
    """Witness programs: version 0 by bech32, later ones by bech32m."""
    from bech32 import CHARSET, bech32_hrp_expand, bech32_polymod, convertbits

    if address not in (address.lower(), address.upper()):
        raise _Refused("wallet.checksum")
    small = address.lower()
    part, _, data = small.rpartition("1")
    if any(c not in CHARSET for c in data):
        raise _Refused("wallet.checksum")
    values = [CHARSET.index(c) for c in data]
    wanted = 1 if values[0] == 0 else _BECH32M
    if bech32_polymod([*bech32_hrp_expand(part), *values]) != wanted:
        raise _Refused("wallet.checksum")
    if part != "bc":
        raise _Refused("wallet.testnet")
    program = convertbits(values[1:-6], 5, 8, False)
    if program is None or not _is_program(values[0], len(program)):
        raise _Refused("wallet.shape")
    return "BTC", small


def _is_program(version: int, length: int) -> bool:
    return length in _LENGTHS_V0 if version == 0 else version <= 16 and 2 <= length <= 40


def _base58(address: str) -> tuple[str, str]:
    """A version byte, twenty bytes of a hash, four of a checksum."""
    from base58 import b58decode_check

    try:
        held = b58decode_check(address)
    except ValueError:
        raise _Refused("wallet.checksum") from None
    if len(held) != 21:
        raise _Refused("wallet.shape")
    if held[0] in _TESTNET:
        raise _Refused("wallet.testnet")
    if held[0] == _TRON:
        return "TRX", address
    if held[0] not in _MAINNET:
        raise _Refused("wallet.shape")
    return "BTC", address
