"""Where an officer can go: the sections in the header, their keys and counts (design/README.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

from fastapi import FastAPI
from starlette.routing import Match

from qalqan.register import rights
from qalqan.register.people import SignedIn
from qalqan.register.rights import Right


@dataclass(frozen=True)
class Section:
    """One entry: `nav.<name>` is its word, `go` the key after G (`event.code`)."""

    name: str
    path: str
    right: Right | None = None
    """None: everybody who is signed in."""
    go: str = ""
    count: str = ""
    """Name of the count beside it."""
    first: bool = False
    """It stands in the row; the others stand in the menu."""

    @property
    def letter(self) -> str:
        """The key's letter."""
        return self.go.removeprefix("Key")


SECTIONS = (
    Section("queue", "/queue", Right.CASES, "KeyQ", "queue", first=True),
    Section("cases", "/cases", Right.CASES, "KeyD", first=True),
    Section("orders", "/orders", Right.CASES, "KeyO", first=True),
    Section("approvals", "/approvals", Right.CASES, "KeyA", "mine", first=True),
    Section("findings", "/findings", Right.FINDINGS, "KeyF", first=True),
    Section("drops", "/drops", Right.CASES, "KeyP", first=True),
    Section("calls", "/calls", Right.CASES, "KeyC"),
    Section("own_orders", "/partner", Right.OWN_ORDERS, "KeyO", first=True),
    Section("appeals", "/appeals", Right.APPEALS, "KeyJ"),
    Section("warnings", "/warnings", Right.WARN, "KeyW", "to_warn"),
    Section("outreach", "/outreach", Right.CAMPAIGNS),
    Section("operators", "/operators", Right.FINDINGS),
    Section("devices", "/devices", Right.CASES),
    Section("abroad", "/abroad", Right.ABROAD),
    Section("training", "/training", Right.EXERCISE),
    Section("measures", "/measures", Right.FIGURES),
    Section("workload", "/workload", Right.CASEWORK, "KeyL"),
    Section("rules", "/rules", Right.RULES),
    Section("statistics", "/statistics", Right.FIGURES),
    Section("bulletins", "/bulletins/desk", Right.FIGURES),
    Section("glass", "/glass", Right.REVIEW),
    Section("record", "/record", Right.AUDIT),
    Section("people", "/people", Right.PEOPLE),
    Section("work", "/work", Right.QUEUES, "", "given_up"),
    Section("keys", "/keys"),
)


@cache
def has(app: FastAPI, path: str) -> bool:
    """Whether there is a section's page: asked of few paths, each time a page is made."""
    return is_page(app, path)


def is_page(app: FastAPI, path: str) -> bool:
    """Whether there is a page at this path."""
    asked = {"type": "http", "method": "GET", "path": path, "root_path": "", "headers": []}
    return any(route.matches(asked)[0] is Match.FULL for route in app.router.routes)


def sections(app: FastAPI, officer: SignedIn | None) -> tuple[Section, ...]:
    """The entries that this officer has; who has none of the row has all of his in it."""
    if officer is None:
        return ()
    found = tuple(
        each
        for each in SECTIONS
        if has(app, each.path) and (each.right is None or rights.has(officer, each.right))
    )
    if any(each.first for each in found):
        return found
    return tuple(replace(each, first=each.right is not None) for each in found)


def in_menu(counts: Mapping[str, int], entries: tuple[Section, ...]) -> int:
    """What the counts in the menu add up to, so that it tells of them while it is shut."""
    return sum(counts.get(each.count, 0) for each in entries if not each.first)
