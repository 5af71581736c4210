"""One sealed value of a case opened for a stated purpose, with a row in the audit.

Pages show accounts by their last four and name a value by a mark that stands for its token; only
values that belong to the case can be opened, one at a time (DESIGN section 7, 5).
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan.cases import order_book, seen, trails
from qalqan.errors import InputRejected, NotFound
from qalqan.register import orm, rights, vault
from qalqan.register.database import Database
from qalqan.register.people import SignedIn
from qalqan.register.rights import Right
from qalqan.trust.keys import Keys
from qalqan.trust.tokens import klass_of, last_four

SHORTEST, LONGEST = 8, 160
"""Characters of a purpose: a sentence, and no more than the audit keeps."""


@dataclass(frozen=True)
class Sealed:
    """A value of the vault as pages show it."""

    mark: str
    klass: str
    """account, person or words."""
    last: str
    """Last four of an account, else empty."""


def sealed(token: str) -> Sealed:
    """How pages name and show this token."""
    return Sealed(seen.mark_of(token), klass_of(token), last_four(token))


def find(session: Session, case_id: str, mark: str) -> tuple[Sealed, str]:
    """The value of this case that the mark stands for, and its token.

    Raises:
        NotFound: the case has none such.
    """
    for token in _tokens(session, case_id):
        value = sealed(token)
        if value.mark == mark:
            return value, token
    raise NotFound("sealed value", mark)


def open_one(
    database: Database, keys: Keys, case_id: str, mark: str, officer: SignedIn, purpose: str
) -> str:
    """The clear value behind a mark.

    Raises:
        NotAllowed: a role that may not, or a case out of view.
        InputRejected: no purpose, or too long a one.
        NotFound: not a value of this case, or the vault does not know it.
    """
    purpose = " ".join(purpose.split())
    if not SHORTEST <= len(purpose) <= LONGEST:
        raise InputRejected("purpose", "", "console.purpose", shortest=SHORTEST, longest=LONGEST)
    with database.write() as session:
        rights.check_case(session, officer, Right.CASES, case_id)
        found, token = find(session, case_id, mark)
        rights.check_field(officer, found.klass)
        return vault.reveal(session, keys, token, officer.login, f"{case_id}: {purpose}")


def _tokens(session: Session, case_id: str) -> set[str]:
    """Every sealed value that a page of this case shows."""
    found: set[str | None] = set()
    for report in session.scalars(select(orm.Report).where(orm.Report.case_id == case_id)):
        found |= {report.victim, report.words, report.payer_account, report.payee_account}
    for order in order_book.of_cases(session, [case_id]):
        found |= {order.account, order.beneficiary}
    for document in trails.newest(session, case_id):
        found |= {node["account"] for node in document["nodes"]}
        found |= {claim[end] for claim in document["claims"] for end in ("payer", "payee")}
        found |= {leg[end] for leg in document["legs"] for end in ("payer", "payee")}
    return {token for token in found if token}
