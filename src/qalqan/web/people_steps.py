"""What pages and API share of managing accounts (REQ-18)."""

from __future__ import annotations

from typing import Literal

from sqlalchemy.orm import Session

from qalqan.cases.codes import check_region
from qalqan.register import officers, rights, sessions
from qalqan.register.rights import COUNTRY, Right
from qalqan.register.sessions import SignedIn

Step = Literal["lock", "unlock", "end"]


def check_manager(officer: SignedIn) -> SignedIn:
    """Whoever manages people, or partners and so their clerks. Raises `NotAllowed`."""
    if not rights.has(officer, Right.PEOPLE):
        rights.check(officer, Right.PARTNERS)
    return officer


def checked_region(region: str) -> str:
    """A region of the country, or all of it. Raises `InputRejected`."""
    return region if region == COUNTRY else check_region(region)


def take_step(session: Session, officer: SignedIn, login: str, step: Step) -> None:
    """Lock, unlock, or end the sessions. Raises as `officers.found`."""
    user = officers.found(session, officer, login)
    if step == "lock":
        officers.lock(session, user, officer.login)
    elif step == "unlock":
        officers.unlock(session, user, officer.login)
    else:
        sessions.end_all(session, login, officer.login)
