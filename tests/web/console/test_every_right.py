"""Every page asks for a right, or is known to need none: walked as somebody whose role gives none
of the centre's (ASVS 5.0, 8.2.1; docs/decisions/0014)."""

from __future__ import annotations

import re
from typing import Any

from walked import paths

from qalqan.register import orm

CLERK = "s.oper"
OWN = ("/account", "/partner", "/static", "/v1/")
"""One's own account, one's own institution, files of pages; programs have tests of theirs."""
FREE = {
    "/", "/keys", "/sign-in", "/sign-in/factor", "/health", "/ready", "/metrics", "/calls/refused",
    "/calls/card", "/figures", "/figures.csv", "/figures/method", "/figures/{code}", "/bulletins",
    "/bulletins/{bulletin}/{language}.{form}",
}  # fmt: skip
"""What shows nothing of a case, nor of a person outside the house."""
GIVEN = {
    "case_id": "C-26-000002", "case": "C-26-000002", "order": "O-26-000001", "kind": "seal",
    "bulletin": "B-26-000001", "language": "ru", "form": "pdf",
}  # fmt: skip


def clerk_of(console: Any) -> Any:
    with console.app.state.database.write() as session:
        row = session.get_one(orm.User, CLERK)
        row.role, row.partner = "clerk", "aqjol"
    return console.browser(CLERK)


def filled(path: str) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: GIVEN.get(found[1], "1"), path)


def test_no_page_of_the_centre_opens_without_a_right(console: Any) -> None:
    browser = clerk_of(console)
    walked = [p for p in paths(console.app, "GET") if not p.startswith(OWN) and p not in FREE]
    assert len(walked) > 40
    opened = [p for p in walked if browser.get(filled(p)).status_code not in (303, 403, 404)]
    assert opened == []


def test_no_form_of_the_centre_is_taken_without_a_right(console: Any) -> None:
    browser = clerk_of(console)
    token = re.search(r'name="csrf" value="([^"]+)"', browser.get("/partner").text)
    assert token is not None
    free = {"/sign-in", "/sign-out", "/language", "/keys", "/calls/refused"}
    walked = [
        p for p in paths(console.app, "POST")
        if not p.startswith((*OWN, "/sign-in")) and p not in free
    ]  # fmt: skip
    assert len(walked) > 40
    csrf = {"csrf": token[1]}
    taken = {p: browser.post(filled(p), data=csrf).status_code for p in walked}
    assert {p: s for p, s in taken.items() if s not in (403, 404, 422)} == {}
