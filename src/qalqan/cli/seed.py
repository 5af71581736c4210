"""A simulated country's partners and officers enter the register, as real ones would."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from qalqan.cases.policy import install_default_policy
from qalqan.cli.home import Home
from qalqan.detectors.reasons import WEIGHTS
from qalqan.register import partners, people
from qalqan.screening import policy as screening
from qalqan.trust.passwords import new_secret
from qalqan.work import findings
from qalqan.work.screens import lists

WORTH_WHILE = 0.8
"""Weight of a rule from which on a demo puts it to work."""
_WHY = "Right in most cases of simulated countries"


def seed(home: Home, country: Any) -> dict[str, Any]:
    """Add the country's partners, officers and default policies; returns their secrets.

    The secrets are random every time: a demo's console can't be entered with a password that
    stands in the source.
    """
    secrets: dict[str, Any] = {"partners": {}, "officers": {}}
    with home.database.write() as session:
        for partner in country.partners:
            secrets["partners"][partner.code] = partners.add_partner(
                session,
                partner.code,
                partner.kind,
                dict(partner.names),
                bank_code=partner.bank_code,
                delivery=partner.delivery,
                endpoint=partner.endpoint,
                feeds=list(partner.feeds),
            )
        for officer in country.officers:
            password = new_secret()[:20]
            secrets["officers"][officer.login] = password
            people.add_user(
                session,
                home.keys,
                officer.login,
                name=officer.name,
                password=password,
                role=officer.role,
                region=officer.region,
                partner=officer.partner,
            )
        approvers = [o.login for o in country.officers if o.role == "supervisor"][:2]
        install_default_policy(session, approved_by=approvers)
        lists.install(session, screening.default_body(), approvers)
        _put_to_work(session, approvers)
    return secrets


def _put_to_work(session: Session, approvers: Sequence[str]) -> None:
    """The rules that were right most often in simulated countries, so that a demo has findings to
    review; the others are tried in shadow."""
    proposed, agreed = approvers
    for code, weight in WEIGHTS.items():
        if weight >= WORTH_WHILE:
            findings.place(session, code, "live", agreed, _WHY, proposed_by=proposed)


def keep_secrets(path: Path, secrets: Mapping[str, Any]) -> None:
    """Write the secrets where only this user can read them."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(secrets, file)
