"""Who did what to what and why: one row an act, committed with the act itself.

Rows are only ever added; triggers in the database refuse the rest (`migrations`). Objects are
named by their ids or tokens, never by a person's data.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.errors import ContractBroken
from qalqan.register.orm import Audit

_LONGEST = {"actor": 60, "action": 40, "object_kind": 20, "object": 60, "purpose": 200}


def note(
    session: Session,
    actor: str,
    action: str,
    object_kind: str,
    object: str,
    purpose: str = "",
    **detail: Any,
) -> Audit:
    """Add one row to the write transaction; it has its number once the session is flushed.
    `ContractBroken` if a text is too long to keep."""
    row = {
        "actor": actor,
        "action": action,
        "object_kind": object_kind,
        "object": object,
        "purpose": purpose,
    }
    for name, value in row.items():
        if len(value) > _LONGEST[name]:
            raise ContractBroken(f"audit {name} is longer than {_LONGEST[name]} characters")
    added = Audit(at_us=clock.now_us(), detail=detail, **row)
    session.add(added)
    return added
