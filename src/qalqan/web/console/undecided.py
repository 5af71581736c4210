"""Why something could not be done to an order, and the order as it stands now."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import HTMLResponse

from qalqan.cases import order_book
from qalqan.errors import Conflict, InputRejected, NotAllowed
from qalqan.register import rights
from qalqan.register.people import SignedIn
from qalqan.register.rights import Right
from qalqan.web.access import database_of, language_of
from qalqan.web.console.pages import page
from qalqan.web.errors import problem_of


def undecided(
    request: Request, officer: SignedIn, order_id: str, error: Conflict | NotAllowed | InputRejected
) -> HTMLResponse:
    """The page that says so, with the error's own status.

    Raises:
        The error: its reader does not see the case, so nothing of the order is shown.
    """
    problem = problem_of(error, language_of(request))
    with database_of(request).session() as session:
        order = order_book.load(session, order_id)
        try:
            rights.check_case(session, officer, Right.CASES, order.case_id)
        except NotAllowed:
            raise error from None
    message = str(problem.error["message"])
    return page(request, "undecided.html", officer, problem.status, order=order, message=message)
