"""What partners and sites take from us: texts at moments of risk, messages, materials; and whether
a text is shown to a subject now (REQ-63, 74, 77).

An experiment is a text and a policy: `payment_new/28/1.3` is version 1 of the text under version 3
of the policy of outreach, so that a share that changes later moves nobody to the other arm.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.bulletin.outreach import holdout, materials, policy, shipped, texts
from qalqan.bulletin.outreach.holdout import Arm
from qalqan.bulletin.outreach.shipped import ANY
from qalqan.errors import InputRejected, NotFound
from qalqan.register.orm import Partner
from qalqan.trust.keys import Keys

SUBJECT = r"^[A-Za-z0-9._:-]{1,64}$"
"""A partner's own token of a person: it means nothing to us, and is kept nowhere."""
MOST_MATERIALS = 200
EXPERIMENT = re.compile(r"([a-z_]{1,32})/([a-z0-9]{1,8})/(\d{1,6})\.(\d{1,6})", re.ASCII)


@dataclass(frozen=True)
class Shown:
    """Whether a text is shown to a subject, and which."""

    arm: Arm
    experiment: str | None
    """Under this name the outcome is told; None: it was shown whatever the arm, and counts in
    none."""
    texts: Mapping[str, str]


def moments(session: Session, kind: str) -> list[dict[str, Any]]:
    """The moments of a kind of partner with the texts in force."""
    current = texts.in_force(session, "moment")
    return [
        {
            "moment": code,
            "acute": moment.acute,
            "texts": {
                method: {"version": text.version, **text.texts}
                for key, text in sorted(current.items())
                for name, _, method in (key.partition("/"),)
                if name == code
            },
        }
        for code, moment in shipped.moments().items()
        if kind in moment.kinds
    ]


def messages(session: Session) -> list[dict[str, Any]]:
    """The message of each method that is in force."""
    current = texts.in_force(session, "message")
    return [
        {"method": key, "version": text.version, "texts": dict(text.texts)}
        for key, text in sorted(current.items())
    ]


def published(session: Session) -> list[dict[str, Any]]:
    """What was published, the newest first; who wrote it down is not told."""
    return [
        {
            "kind": row.kind, "title": row.title, "languages": row.languages,
            "methods": row.methods, "place": row.place, "link": row.link or None,
            "region": row.region, "published_us": row.published_us,
        }
        for row in materials.listed(session, most=MOST_MATERIALS)
    ]  # fmt: skip


def decide(
    session: Session, keys: Keys, partner: Partner, code: str, method: str, subject: str,
    listed: bool,
) -> Shown:  # fmt: skip
    """Whether this partner shows this subject the text of a moment. A listed account is acute risk
    at any moment.

    Raises:
        NotFound: no such moment, or not this kind of partner's. InputRejected: no such method.
    """
    moment = shipped.moment(code)
    if partner.kind not in moment.kinds:
        raise NotFound("moment", code)
    texts.check_key("moment", f"{code}/{method or ANY}")
    current = texts.in_force(session, "moment")
    key = f"{code}/{method or ANY}"
    text = current.get(key) or current[f"{code}/{ANY}"]
    if listed:
        return Shown("show", None, text.texts)
    version = policy.current(session, clock.now_us()).version
    experiment = f"{text.key}/{text.version}.{version}"
    who = name_of(partner.code, subject)
    return Shown(arm_of(session, keys, experiment, who, acute=moment.acute), experiment, text.texts)


def arm_of(session: Session, keys: Keys, experiment: str, who: str, *, acute: bool) -> Arm:
    """The arm of a subject, now as then."""
    return holdout.arm(keys, experiment, who, held_in(session, experiment), acute=acute)


def held_in(session: Session, experiment: str) -> int:
    """Thousandths that this experiment leaves out; 0 where there was no such policy."""
    found = EXPERIMENT.fullmatch(experiment)
    return policy.held_moments(session, int(found[4])) if found else 0


def name_of(partner: str, subject: str) -> str:
    """One partner's token is not another's."""
    if not subject:
        raise InputRejected("subject", "", "text.empty")
    return f"{partner}\0{subject}"
