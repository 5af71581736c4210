"""Why something could not be done to an order, and the order as it stands now."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import HTMLResponse

from qalqan.cases import order_book
from qalqan.errors import Conflict, InputRejected, NotAllowed
from qalqan.register.people import SignedIn
from qalqan.web.access import database_of, language_of
from qalqan.web.console.pages import page
from qalqan.web.errors import problem_of


def undecided(
    request: Request, officer: SignedIn, order_id: str, error: Conflict | NotAllowed | InputRejected
) -> HTMLResponse:
    """The page that says so, with the error's own status; of a case out of view nothing is said.

    Raises:
        NotAllowed: the case is out of view.
    """
    if isinstance(error, NotAllowed) and error.missing == "view":
        raise error
    problem = problem_of(error, language_of(request))
    with database_of(request).session() as session:
        order = order_book.load(session, order_id)
    message = str(problem.error["message"])
    return page(request, "undecided.html", officer, problem.status, order=order, message=message)
