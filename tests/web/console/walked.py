"""Every route of the app, whichever router it hangs on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def paths(app: Any, method: str) -> Iterator[str]:
    """The template of every path that answers to the method."""
    for route in app.routes:
        found = route.effective_route_contexts() if hasattr(route, "original_router") else [route]
        for each in found:
            if method in (getattr(each, "methods", None) or ()):
                yield each.path
