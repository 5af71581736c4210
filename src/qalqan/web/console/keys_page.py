"""All keys, and whether they are on: single letters can be switched off (WCAG 2.1.4)."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from qalqan.web import cookies
from qalqan.web.access import FormOfficer, ThePageOfficer
from qalqan.web.console.entrance import Field
from qalqan.web.console.navigation import sections
from qalqan.web.console.pages import page

router = APIRouter(include_in_schema=False)

Told = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
KEYS: Told = (
    (
        "keys.everywhere",
        (
            ("/", "find"), ("?", "all"), ("J", "down"), ("K", "up"), ("Enter", "open"),
            ("Esc", "close"), ("X", "mark"), ("U", "undo"),
        ),
    ),
    (
        "keys.in_queue",
        (("A", "take"), ("H", "hold"), ("R", "remind"), ("E", "decide")),
    ),
    (
        "keys.in_case",
        (
            ("1 – 7", "tabs"), ("H", "hold"), ("O", "order"), ("T", "task"), ("C", "note"),
            ("S", "statement"), ("L", "picture"), ("B", "back"),
        ),
    ),
    ("keys.in_review", (("Y", "yes"), ("N", "no"))),
)  # fmt: skip
"""Where → (key, what it does), as design/README.md lists them."""


@router.get("/keys")
def show_keys(request: Request, officer: ThePageOfficer, part: str = "") -> Response:
    """The list of keys; `part` for a page that shows it in a dialog."""
    go = [each for each in sections(request.app, officer) if each.go]
    template = "_keys.html" if part else "keys.html"
    on = cookies.read(request, cookies.KEYS) != "off"
    return page(request, template, officer, keys=KEYS, go=go, on=on)


@router.post("/keys")
def switch(request: Request, officer: FormOfficer, keys: Field = "") -> Response:
    """Turn single-letter keys on or off, in this browser."""
    response = RedirectResponse("/keys", 303)
    told = "off" if keys == "off" else "on"
    cookies.keep(request, response, cookies.KEYS, told)
    return response
