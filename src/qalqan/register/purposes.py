"""What an officer opens a case's sealed values for: told once a session and case, kept with each
opening and each look (DESIGN section 7, 5; Law 94-V, article 5: data serve a stated purpose)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from sqlalchemy import Table, delete, select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.errors import InputRejected
from qalqan.register import audit, dialect, orm
from qalqan.register.sessions import SignedIn

CODES = ("pretrial", "stop_payment", "victim", "appeal", "oversight", "other")
"""Pre-trial investigation, stopping a payment, a victim's request, an appeal, oversight; `other`
needs words."""
NEEDS_WORDS = "other"
SHORTEST, LONGEST = 8, 160
"""Characters of a purpose's words."""
_KEPT_US = clock.DAY
_PURPOSES = cast(Table, orm.Purpose.__table__)


@dataclass(frozen=True)
class Stated:
    """A purpose as it was stated."""

    code: str
    words: str

    @property
    def text(self) -> str:
        """As the audit keeps it: `pretrial: register number 26…`."""
        return f"{self.code}: {self.words}" if self.words else self.code


def checked(code: str, words: str) -> Stated:
    """A purpose as it was chosen.

    Raises:
        InputRejected: no such code, or words that are too short or long for it.
    """
    words = " ".join(words.split())
    if code not in CODES:
        raise InputRejected("purpose", code, "one_of", choices=", ".join(CODES))
    least = SHORTEST if code == NEEDS_WORDS else 0
    if not least <= len(words) <= LONGEST:
        raise InputRejected("words", "", "console.purpose", shortest=least, longest=LONGEST)
    return Stated(code, words)


def sentence(given: str) -> str:
    """What something is taken out for, in words, as the audit keeps it.

    Raises:
        InputRejected: none, or too long a one.
    """
    words = " ".join(given.split())
    if not SHORTEST <= len(words) <= LONGEST:
        raise InputRejected("purpose", "", "console.purpose", shortest=SHORTEST, longest=LONGEST)
    return words


def state(session: Session, person: SignedIn, case_id: str, stated: Stated) -> None:
    """Keep what this session needs the case's values for; a later one takes its place. A write
    transaction; the case is in view."""
    row = {
        "session": person.token_hash, "case_id": case_id, "login": person.login,
        "code": stated.code, "words": stated.words, "at_us": clock.wall_us(),
    }  # fmt: skip
    new = dialect.insert(session, _PURPOSES).values(**row)
    kept = {name: new.excluded[name] for name in ("login", "code", "words", "at_us")}
    session.execute(new.on_conflict_do_update(index_elements=["session", "case_id"], set_=kept))
    old = orm.Purpose.at_us < clock.wall_us() - _KEPT_US  # no session lives as long
    session.execute(delete(orm.Purpose).where(old))
    audit.note(session, person.login, "purpose", "case", case_id, stated.text)


def of(session: Session, token_hash: str, case_id: str) -> Stated | None:
    """What this session needs the case's values for, once it has said so."""
    asked = select(orm.Purpose.code, orm.Purpose.words).where(
        orm.Purpose.session == token_hash, orm.Purpose.case_id == case_id
    )
    row = session.execute(asked).first()
    return None if row is None else Stated(row.code, row.words)
