"""Where all stolen money is: the sums of all standings, kept with them (REQ-15, 39)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import cast

from sqlalchemy import Table, func, select
from sqlalchemy.orm import Session

from qalqan.cases.figures import Parts
from qalqan.register import dialect, orm
from qalqan.register.rights import COUNTRY
from qalqan.trail.semantics import RULES

_TABLE = cast(Table, orm.StandingTotal.__table__)
PARTS = tuple(column.name for column in _TABLE.columns if not column.primary_key)
Told = Mapping[str, Mapping[str, Mapping[str, int]]]
"""Rule → currency → part → minor units."""
Key = tuple[str, str, str]
"""(region, currency, rule)."""


class Changes:
    """What a transaction adds to the totals, and takes from them."""

    def __init__(self) -> None:
        self._sums: defaultdict[Key, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))

    def add(self, region: str, told: Told, sign: int = 1) -> None:
        """A case's sums, or with `sign` -1 what they were before."""
        for rule, of in told.items():
            for currency, parts in of.items():
                for part, units in parts.items():
                    self._sums[region, currency, rule][part] += sign * units

    def write(self, session: Session) -> None:
        """Bring them into the register, in one order for all writers."""
        rows = [
            {"region": region, "currency": currency, "rule": rule}
            | {part: parts[part] for part in PARTS}
            for (region, currency, rule), parts in sorted(self._sums.items())
            if any(parts.values())
        ]
        if rows:
            new = dialect.insert(session, _TABLE)
            more = {part: _TABLE.c[part] + new.excluded[part] for part in PARTS}
            key = ["region", "currency", "rule"]
            session.execute(new.on_conflict_do_update(index_elements=key, set_=more), rows)


def totals(session: Session, region: str = COUNTRY) -> dict[str, dict[str, Parts]]:
    """Rule → currency → where the money is, KZT among them; of one region, or of all."""
    table = orm.StandingTotal
    sums = [func.sum(_TABLE.c[part]) for part in PARTS]
    asked = select(table.rule, table.currency, *sums).group_by(table.rule, table.currency)
    if region != COUNTRY:
        asked = asked.where(table.region == region)
    found: dict[str, dict[str, Parts]] = {rule: {"KZT": Parts()} for rule in RULES}
    for rule, currency, *units in session.execute(asked):
        if rule in found and any(units):
            found[rule][currency] = Parts(**dict(zip(PARTS, map(int, units), strict=True)))
    return found
