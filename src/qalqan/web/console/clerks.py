"""The clerk behind a page, and the one institution he works for (REQ-18, 19)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from qalqan.errors import NotAllowed
from qalqan.register import rights
from qalqan.register.orm import Partner
from qalqan.register.people import SignedIn
from qalqan.register.rights import Right
from qalqan.web.access import FormOfficer, ThePageOfficer, database_of


@dataclass(frozen=True)
class Clerk:
    """A signed-in clerk."""

    officer: SignedIn
    partner: Partner

    @property
    def code(self) -> str:
        """The institution's code: whatever a page shows or changes is asked for by it."""
        return self.partner.code

    @property
    def keeps_accounts(self) -> bool:
        """Whether it is a bank or an e-wallet."""
        return self.partner.kind in ("bank", "wallet")

    @property
    def gives_numbers(self) -> bool:
        """Whether it is an operator."""
        return self.partner.kind == "operator"


def clerk(request: Request, officer: ThePageOfficer) -> Clerk:
    """The clerk whose session the browser shows.

    Raises:
        NotAllowed: an officer, or the clerk of a partner that takes no part any more.
    """
    rights.check(officer, Right.OWN_ORDERS)
    with database_of(request).session() as session:
        partner = session.get(Partner, officer.partner or "")
    if partner is None or not partner.active:
        raise NotAllowed("partner", "active")
    return Clerk(officer, partner)


TheClerk = Annotated[Clerk, Depends(clerk)]


def form_clerk(clerk: TheClerk, _: FormOfficer) -> Clerk:
    """The clerk who sent a form from a page of ours. Raises as `form_officer`."""
    return clerk


FormClerk = Annotated[Clerk, Depends(form_clerk)]
