"""What the API answers operators about devices, numbers and legs, as models: they describe."""

from __future__ import annotations

from typing import Literal

from qalqan.web.api.shapes import Fault, Shape


class DeviceBecame(Shape):
    """What became of one device, by its place in the request."""

    place: int
    list: str | None = None
    """The list that it is on now."""
    waits: bool | None = None
    """A second person has to agree."""
    error: Fault | None = None


class Devices(Shape):
    """What became of each device."""

    devices: list[DeviceBecame]


class DevicesRefused(Shape):
    """Nothing was taken."""

    error: Fault
    devices: list[DeviceBecame] | None = None


class Item(Shape):
    """Numbers to be put in order."""

    item: str
    state: Literal["asked", "overdue", "answered", "closed"]
    count: int
    asked_us: int
    due_us: int
    answer: Literal["removed", "reregistered", "explained", "refused"] | None
    late: bool
    """The term had passed before there was an answer."""


class ItemOpened(Item):
    """The same with its numbers, E.164."""

    numbers: list[str]


class Items(Shape):
    """A page of items, the oldest first."""

    items: list[Item]
    next: str
    """Cursor of the next call."""


class LegKey(Shape):
    """The key of a UTC day."""

    day: str
    key: str
    """32 bytes in hexadecimal."""
