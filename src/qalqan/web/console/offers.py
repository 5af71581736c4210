"""What a page of refusal offers: to break the glass before a case out of view."""

from __future__ import annotations

import re
from dataclasses import dataclass

from fastapi import Request

from qalqan.errors import QalqanError
from qalqan.register import people, rights
from qalqan.register.rights import Right
from qalqan.web import cookies
from qalqan.web.access import database_of

_CASE = re.compile(r"/cases/(C-\d{2}-\d{6,9})(?:/.*)?")


@dataclass(frozen=True)
class GlassOffer:
    """The case, and the secret that the form repeats."""

    case_id: str
    csrf: str


def glass_offer(request: Request) -> GlassOffer | None:
    """The offer to whoever may; None to others, and where the register does not answer."""
    case = _CASE.fullmatch(request.url.path)
    if case is None:
        return None
    try:
        with database_of(request).session() as session:
            found = people.user_by_session(session, cookies.read(request, cookies.SESSION) or "")
    except QalqanError:
        return None
    if found.stage is not None or not rights.has(found, Right.BREAK_GLASS):
        return None
    return GlassOffer(case[1], found.csrf)
