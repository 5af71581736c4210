"""The form of a request abroad: a letter in Kazakh or Russian with English beside it (REQ-70).

Values stay masked unless they are opened for a purpose, with a line in the audit. What the officer
wrote in his own words is translated by a person: where none is given, the letter says that
it is missing, so that none goes out half translated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from babel import Locale
from sqlalchemy.orm import Session

from qalqan.cases import abroad_requests
from qalqan.cases.abroad_kinds import State
from qalqan.cases.abroad_treaties import Treaty, one
from qalqan.cases.entities import SEALED
from qalqan.errors import Conflict, InputRejected
from qalqan.exchange.two_columns import Pair, TwoColumns
from qalqan.register import audit, orm, rights, vault
from qalqan.register.rights import Person
from qalqan.text import show
from qalqan.text.catalogue import say
from qalqan.text.mask import DOTS, mask
from qalqan.trust.keys import Keys
from qalqan.trust.tokens import klass_of, last_four

LEFT = ("kk", "ru")
RIGHT = "en"


@dataclass(frozen=True)
class Asked:
    """How a letter is wanted."""

    language: str
    """Of the left column."""
    translation: str = ""
    """The officer's words in English."""
    purpose: str = ""
    """For which the value is opened; empty: it stays masked."""
    simulated: bool = False


def letter(session: Session, keys: Keys, officer: Person, request: str, asked: Asked) -> TwoColumns:
    """The letter of a request of ours. Until a second person has agreed it says at its head that it
    is not to be signed, and opens no value.

    Raises:
        NotAllowed, NotFound: as `abroad_requests.load`; NotAllowed: a value that the role may not
            have opened. InputRejected: a language that it is not made in.
        Conflict: it was withdrawn or came from abroad, or nobody has agreed to it and a value is
            wanted.
    """
    if asked.language not in LEFT:
        raise InputRejected("language", asked.language, "one_of", choices=", ".join(LEFT))
    row = abroad_requests.load(session, officer, request)
    if row.state == State.WITHDRAWN or row.direction != abroad_requests.OUT:
        raise Conflict("request", row.id, row.state, "letter", "no_letter")
    if asked.purpose and row.approved_by is None:
        raise Conflict("request", row.id, row.state, "open the value", "not_approved")
    subject = _subject(session, keys, officer, row, asked.purpose)
    basis = one(session, row.basis) if row.basis else None
    case = session.get(orm.Case, row.case_id)
    number = (case.register_number or case.id) if case else row.id
    audit.note(session, officer.login, "abroad_letter", "abroad", row.id, asked.purpose)
    return _written(_Told(row, basis, subject, number, asked))


@dataclass(frozen=True)
class _Told:
    row: orm.AbroadRequest
    basis: Treaty | None
    subject: str
    case: str
    asked: Asked

    def pair(self, of: Callable[[str], str], label: str = "", bold: bool = False) -> Pair:
        """The same sentence in both languages."""
        sides = self.asked.language, RIGHT
        labels = tuple(say(f"abroad.letter.{label}", side) if label else "" for side in sides)
        return Pair(of(sides[0]), of(sides[1]), (labels[0], labels[1]), bold)

    def both(self, of: Callable[[str], str]) -> tuple[str, str]:
        pair = self.pair(of)
        return pair.left, pair.right


def _written(told: _Told) -> TwoColumns:
    row = told.row
    unsure = told.basis is not None and not told.basis.confirmed
    kind = f"abroad.kind.{row.kind}"
    return TwoColumns(
        languages=(told.asked.language, RIGHT),
        title=told.both(lambda side: say("abroad.letter.title", side, kind=say(kind, side))),
        rows=list(_rows(told)),
        sign=[told.both(partial(say, f"abroad.letter.{what}"))
              for what in ("contact_point", "signed", "day")],
        warning=told.both(lambda side: _warning(told, unsure, side)),
        foot=say("abroad.letter.foot", RIGHT, request=row.id),
    )  # fmt: skip


def _warning(told: _Told, unsure: bool, language: str) -> str:
    parts = [
        ("not_approved", told.row.approved_by is None), ("simulated", told.asked.simulated),
        ("unconfirmed", unsure),
    ]  # fmt: skip
    return "\n".join(say(f"abroad.letter.{key}", language) for key, is_so in parts if is_so)


def _rows(told: _Told) -> Iterator[Pair]:
    row, us = told.row, told.row.sent_us or told.row.drafted_us
    yield told.pair(lambda side: f"{row.addressee}\n{_country(row.country, side)}", "to")
    yield told.pair(
        lambda side: say("abroad.letter.number", side, request=row.id, case=told.case,
                         at=show.when(us, side, "day"))
    )  # fmt: skip
    yield told.pair(lambda side: say(f"abroad.letter.ask.{row.kind}", side))
    if told.subject:
        label = f"abroad.subject.{row.subject_kind}"
        yield told.pair(lambda side: f"{say(label, side)}: {told.subject}", "about")
    translated = mask(told.asked.translation.strip()) or say("abroad.letter.translate", RIGHT)
    labels = say("abroad.letter.facts", told.asked.language), say("abroad.letter.facts", RIGHT)
    yield Pair(row.words, translated, labels)
    if (basis := told.basis) is not None:
        yield told.pair(lambda side: _basis(basis, side), "basis")
    yield told.pair(lambda side: say("abroad.letter.term", side, n=row.term_days))
    if row.keep_days is not None:
        yield told.pair(lambda side: say("abroad.letter.keep", side, n=row.keep_days), "kept")
    yield told.pair(lambda side: say("abroad.letter.quiet", side))


def _basis(basis: Treaty, language: str) -> str:
    name = basis.names[language]
    if basis.article:
        name = say("abroad.letter.article", language, treaty=name, article=basis.article)
    ending = "abroad.letter.binding" if basis.binding else "abroad.letter.voluntary"
    return f"{name}\n{say(ending, language)}"


def _country(code: str, language: str) -> str:
    return str(Locale.parse(language).territories.get(code, code))


def _subject(
    session: Session, keys: Keys, officer: Person, row: orm.AbroadRequest, purpose: str
) -> str:
    """What it is about: in clear for a purpose, else by its last four."""
    if not row.subject or not row.subject_kind:
        return ""
    if row.subject_kind not in SEALED:
        return row.subject
    if not purpose:
        return f"{DOTS}{last_four(row.subject)}"
    rights.check_field(officer, klass_of(row.subject))
    return vault.reveal(session, keys, row.subject, officer.login, f"{row.id}: {purpose}"[:200])
