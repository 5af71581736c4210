"""How long values of the vault are kept: the policy (Law 94-V of 21 May 2013, article 12).

By class, days after the last case that names a value is closed; `cases.sweeps` carries it out.
Words, names, IIN and BIN, cards and documents with all that is in them are deleted.

**Accounts and phones are blocked.** Facts of the lake name them by tokens, and which facts name
which token the register does not know: it keeps hashes of facts' identities alone, and a file that
is being taken in relies on values it has met before. A trail that reaches an old account again
must be able to order a hold on it, and a deleted number can't be written into an order. So the
value stays for the machine, and nobody opens it any more but from a case that still runs
(`register.blocking`). No kind of fact names a card. An IIN goes although facts may name it: no
order needs it, and the next fact brings it again.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.errors import InputRejected
from qalqan.register import policies
from qalqan.trust.keys import CLASSES

NAME = "vault_retention"
UNPROVEN = "unproven"
"""Who was looked at and never proven: a term of its own."""
BLOCKED = frozenset({"account", "phone", "device", "sim"})
"""Classes of value that facts may need."""
LEAST_DAYS = 90
"""Nobody drops younger values by a slip of the pen."""


@dataclass(frozen=True)
class VaultPolicy:
    """One version: class, or `unproven` → days after a case is closed."""

    version: int
    days: Mapping[str, int]

    def since_us(self, of: str) -> int:
        """What is older than this moment is past its term (UTC microseconds)."""
        return clock.now_us() - self.days[of] * clock.DAY

    def why(self, of: str) -> str:
        """What the record says of whatever goes."""
        after = "unproven" if of == UNPROVEN else "after the case"
        return f"{NAME}/{self.version}: {self.days[of]} days {after}"


def default_body() -> dict[str, Any]:
    """The policy that comes with the software, as it stands in its file."""
    path = files("qalqan.cases") / "vault_retention.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def install(session: Session, body: dict[str, Any], approved_by: Sequence[str]) -> VaultPolicy:
    """Put the next version in force from now on.

    Raises:
        InputRejected: it is no such policy. NotAllowed: fewer than two different people.
    """
    policies.check_approved(approved_by)
    version = policies.next_version(session, NAME)
    policy = _of_body(version, body)
    policies.put_in_force(session, NAME, version, body, approved_by)
    return policy


def current(session: Session) -> VaultPolicy | None:
    """The newest version that two people approved; None: values are kept for good."""
    row = policies.in_force(session, NAME, clock.now_us())
    return None if row is None else _of_body(row.version, row.body)


def _of_body(version: int, body: Mapping[str, Any]) -> VaultPolicy:
    for name, entry in body.items():
        days = entry.get("days") if isinstance(entry, Mapping) else None
        fits = isinstance(entry, Mapping) and isinstance(entry.get("source"), str)
        known = name in CLASSES or name == UNPROVEN
        if not known or not fits or type(days) is not int or days < LEAST_DAYS:
            raise InputRejected(name, str(entry), "retention.entry", days=LEAST_DAYS)
    return VaultPolicy(version, {name: entry["days"] for name, entry in body.items()})
