"""What the content API answers, as models: they describe."""

from __future__ import annotations

from typing import Literal

from qalqan.web.api.shapes import Shape


class MomentText(Shape):
    """One text: the languages that were asked for, or all three."""

    version: int
    kk: str | None = None
    ru: str | None = None
    en: str | None = None


class Moment(Shape):
    """When a text is shown; under `any` for methods that have none of their own."""

    moment: str
    acute: bool
    """People are at acute risk: nobody is held out."""
    texts: dict[str, MomentText]


class Moments(Shape):
    """The moments of your kind of institution."""

    moments: list[Moment]


class Message(Shape):
    """What the centre tells people of a method."""

    method: str
    version: int
    texts: dict[str, str]


class Messages(Shape):
    """One message a method."""

    messages: list[Message]


class Material(Shape):
    """A prevention material that was published."""

    kind: str
    title: str
    languages: list[str]
    methods: list[str]
    place: str
    link: str | None
    region: str
    published_us: int


class Materials(Shape):
    """The newest first."""

    materials: list[Material]


class ToShow(Shape):
    """Whether to show the text to this subject."""

    show: bool
    arm: Literal["show", "hold"]
    experiment: str | None
    """Under this name tell the outcome; null: it counts in no comparison."""
    texts: dict[str, str]


class OutcomesTaken(Shape):
    """How many items were kept, now or under the same key before."""

    taken: int


class Mailing(Shape):
    """What you are asked to send to your own subscribers: numbers stay with you."""

    mailing: int
    campaign: str
    state: Literal["asked", "done", "refused", "withdrawn"]
    methods: list[str]
    region: str
    segment: dict[str, str]
    hold_thousandths: int
    """Share to leave out by chance, for comparison."""
    from_us: int
    to_us: int
    texts: dict[str, str]
    answer: dict[str, int]


class Mailings(Shape):
    """A page, the oldest first."""

    mailings: list[Mailing]
    next: str
    """Cursor of the next call."""
