"""Every form of the console proves that a page of ours sent it (ASVS 5.0, 3.5.1)."""

from __future__ import annotations

import re
from typing import Any

from walked import paths

BEFORE_A_SESSION = {
    "/sign-in", "/sign-in/passkey", "/sign-in/passkey/ask", "/language", "/calls/refused",
}  # fmt: skip
"""They look at the sender's origin alone."""


def test_a_form_without_the_sessions_secret_changes_nothing(console: Any) -> None:
    refused = {}
    found = {path for path in paths(console.app, "POST") if not path.startswith("/v1")}
    browser = console.browser("a.nurlanova")
    for path in sorted(found - BEFORE_A_SESSION):
        address = re.sub(r"\{\w+(:\w+)?\}", "1", path)
        answer = browser.post(address, data={"csrf": "somebody else's"})
        refused[path] = answer.status_code
    assert len(refused) > 60
    assert {path for path, status in refused.items() if status != 403} == set()
