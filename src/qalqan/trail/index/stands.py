"""Where units sit after a compiled walk, as a hold plan looks at it; without the trail's document,
which names every account and payment (REQ-44)."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from qalqan.trail.coverage import Covered
from qalqan.trail.index.answer import Names, followed_banks
from qalqan.trail.index.facts import Source
from qalqan.trail.index.rows import ACCOUNTS
from qalqan.trail.index.walk import Walked
from qalqan.trail.plan import Stand
from qalqan.trail.semantics import RULES


def stands(walked: Walked, source: Source, rule: str, as_of_us: int) -> list[Stand]:
    """The accounts where units sit under a rule. Balances and wages are not looked at: they bound
    a hold, and are told beside (`trail.standing`)."""
    number, found = RULES.index(rule), walked.found
    units: defaultdict[int, dict[str, int]] = defaultdict(dict)
    for of, place, claim, n in found.here.T.tolist():
        if of == number:
            units[place][walked.claims[claim]] = n
    names = Names(walked, source)
    local = walked.held.followed[: walked.held.counts[ACCOUNTS]]
    wanted = {place: int(np.flatnonzero(local == place)[0]) for place in units}
    accounts = names.accounts(wanted.values())
    banks = followed_banks(walked, names, units)
    first_us = min(root.at_us for root in walked.roots)
    notices = [c for c in source.notices() if first_us <= c.to_us <= as_of_us]
    covered = Covered([*walked.statements, *notices])
    made = []
    for place, of_claims in units.items():
        account, bank = accounts[wanted[place]] or "", banks[place]
        came = [us for us in found.first_us[:, place].tolist() if us >= 0]
        seen_us = covered.to_us(account, bank, min(came)) if came else None
        last_us = int(found.last_us[number, place])
        made.append(Stand(account, bank, int(walked.hops[place]), last_us, of_claims, seen_us))
    return made
