"""Who else works on an identifier, as pages say it (REQ-18)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy.orm import Session

from qalqan.cases import at_work
from qalqan.cases.at_work import AtWork
from qalqan.register.rights import COUNTRY, Person
from qalqan.web.console.entity_view import EntityView
from qalqan.web.console.reader import Reader

Spoken = tuple[AtWork, str]
"""A colleague, and the sentence about him."""


def unit(reader: Reader, code: str) -> str:
    """A region, or the whole country."""
    return reader.say("search.country") if code == COUNTRY else reader.region(code)


def spoken(reader: Reader, found: Iterable[AtWork]) -> list[Spoken]:
    """A sentence each."""
    return [
        (
            one,
            reader.say(
                f"search.beside.{one.why}",
                login=one.login,
                role=reader.say(f"console.role.{one.role}"),
                region=unit(reader, one.region),
                at=reader.when(one.since_us, "short"),
            ),
        )
        for one in found
    ]


def beside(
    session: Session, reader: Reader, person: Person, case_id: str, views: Sequence[EntityView]
) -> dict[str, list[Spoken]]:
    """Mark of an identifier of a case → who works on it in other cases, or has looked into it."""
    marks = {view.entity.subject: view.mark for view in views}
    told: dict[str, list[Spoken]] = {}
    for one in spoken(reader, at_work.colleagues(session, person, marks.keys(), case_id)):
        told.setdefault(marks[one[0].subject], []).append(one)
    return told
