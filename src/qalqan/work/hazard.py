"""Measures anew how soon money leaves the accounts it reaches (REQ-44, 90)."""

from __future__ import annotations

from qalqan.cases import hazards
from qalqan.lake.engine import Engine
from qalqan.lake.sealing import newest_seal
from qalqan.register.database import Database
from qalqan.trail import starts
from qalqan.trail.hazard import Hazard
from qalqan.trail.hazard_spells import of_findings

HAZARD = "hazard"
"""Kind of the job; its only key is `all`."""


def measure(database: Database, engine: Engine) -> Hazard:
    """The estimate over all kept trails, findings and answers; a new version if it has changed.

    Raises:
        Unavailable: the lake's engine does not answer.
    """
    with database.session() as session:
        named, seal = hazards.found_payments(session), newest_seal(session)
    wanted = sorted({one for ids in named.values() for one in ids})
    told = starts.by_ids(engine, wanted) if wanted else {}
    facts = {name: found[0] for name, found in told.items() if found}
    with database.write() as session:
        return hazards.measure(session, of_findings(named, facts), seal)
