"""Whose signature stands on a call: PASSporTs verified for `asker.py` (RFC 8224, 8588).

The only part of an edge that needs Qalqan installed beside it. Certificates come from a folder
(`trust.passport_certificates`: `index.json`, the chains that it names, and `roots.pem`), are read
again when the index changes or what was read is about to lapse, and are never fetched for a call.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from qalqan.clock import DAY
from qalqan.errors import ContractBroken
from qalqan.trust.passport import Seen, verify
from qalqan.trust.passport_certificates import INDEX, Certificates, ProviderOf, read_folder

ROOTS = "roots.pem"
_AGAIN_US = DAY // 2


class Signatures:
    """The certificates of a folder, and the signatures that were seen by them.

    Raises:
        ContractBroken: the folder has no index or no roots.
    """

    def __init__(self, folder: Path, at_us: int) -> None:
        self._folder = folder
        self._seen = Seen()
        self._stamp = self._stamped()
        self._certificates: Certificates = self._read(at_us)

    def _stamped(self) -> tuple[int, ...]:
        try:
            return tuple((self._folder / name).stat().st_mtime_ns for name in (INDEX, ROOTS))
        except OSError:
            return ()

    def _read(self, at_us: int) -> Certificates:
        self._read_us = at_us
        try:
            roots = (self._folder / ROOTS).read_bytes()
        except OSError:
            raise ContractBroken(f"no readable {ROOTS} of certificates") from None
        return read_folder(self._folder, roots, at_us)

    def refresh(self, at_us: int) -> None:
        """Read the folder again if it is time (UTC microseconds); a folder that can't be read now
        leaves what was read, which lapses by itself."""
        stamp = self._stamped()
        if stamp == self._stamp and at_us - self._read_us < _AGAIN_US:
            return
        self._stamp, self._read_us = stamp, at_us
        try:
            self._certificates = self._read(at_us)
        except ContractBroken:
            return

    def outcome(
        self,
        identities: Sequence[str],
        orig: str,
        dest: str,
        at_us: int,
        provider_of: ProviderOf | None,
    ) -> str:
        """What a call's Identity headers prove: `valid` if one of them is the full attestation of
        the caller's own operator for this very call; else why the first of them proves nothing.
        `attested` is a true signature with attestation B or C, which say nothing of the number.
        """
        outcomes = [self._one(identity, orig, dest, at_us, provider_of) for identity in identities]
        return "valid" if "valid" in outcomes else outcomes[0]

    def _one(
        self, identity: str, orig: str, dest: str, at_us: int, provider_of: ProviderOf | None
    ) -> str:
        if orig == "0":  # the call tells two numbers, and a signature proves but one of them
            return "orig"
        found = verify(identity, orig, dest, self._certificates, self._seen, at_us, provider_of)
        if found.passport is not None and found.passport.attest != "A":
            return "attested"
        return found.reason
