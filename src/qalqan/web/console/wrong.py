"""What is wrong with a form, told to whoever filled it in."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from fastapi import Request
from sqlalchemy.orm import Session

from qalqan.errors import QalqanError
from qalqan.web.access import database_of, language_of
from qalqan.web.errors import problem_of


class Wrong(NamedTuple):
    """Why it was not done."""

    status: int
    """Of the page that says so."""
    sentence: str


def said(request: Request, error: QalqanError) -> Wrong:
    """What is wrong with a form; what is no fault of the form goes on."""
    problem = problem_of(error, language_of(request))
    if problem.status not in (404, 409, 422):
        raise error
    return Wrong(problem.status, str(problem.error["message"]))


def tried(request: Request, do: Callable[[Session], object]) -> Wrong | None:
    """Do it in a write transaction; what was wrong with the form, None: it is done."""
    try:
        with database_of(request).write() as session:
            do(session)
    except QalqanError as error:
        return said(request, error)
    return None
