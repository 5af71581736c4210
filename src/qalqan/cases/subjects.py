"""What an order is about where that is no account: a phone, a host, a link (REQ-19, 86)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from qalqan.cases.choices import Act, Choice
from qalqan.errors import InputRejected
from qalqan.model.identifiers import host, phone, url
from qalqan.model.order import SubjectKind
from qalqan.register import vault
from qalqan.trust.keys import Keys

SUBJECTS: Mapping[Act, tuple[SubjectKind, ...]] = {
    Act.BLOCK: (SubjectKind.PHONE, SubjectKind.DOMAIN, SubjectKind.URL),
    Act.TAKEDOWN: (SubjectKind.URL, SubjectKind.DOMAIN),
    Act.DATA: (SubjectKind.PHONE, SubjectKind.DOMAIN, SubjectKind.URL),
    Act.PRESERVATION: (SubjectKind.PHONE, SubjectKind.DOMAIN, SubjectKind.URL),
}
"""What each order may be about; the rest are about accounts and earlier orders."""

LONGEST = 1000
NEVER_BLOCKED = ("gov.kz", "egov.kz")
"""Sites of the state, which people in trouble need; a mistake there harms everybody."""


@dataclass(frozen=True)
class Subject:
    """One subject: `kept` is what the register keeps, a token where the value is personal."""

    kind: SubjectKind
    kept: str
    site: str = ""
    """The whole site that a block of it reaches."""


def subject_of(
    session: Session, keys: Keys, act: Act, kind: str, text: str, choice: Choice | None
) -> Subject | None:
    """The subject as an officer wrote it; None where the order has another target.

    Raises:
        InputRejected: no such kind for this order, or not one of its kind; a number or site that
            is never blocked.
    """
    wanted = SUBJECTS.get(act, ())
    if choice is not None or not wanted:
        return None
    if kind not in wanted:
        raise InputRejected("subject_kind", kind, "draft.subject_kind")
    if kind == SubjectKind.PHONE:
        number = phone.canonical(text, field="subject")
        if act is Act.BLOCK and number.kind == "short":
            raise InputRejected("subject", text, "draft.never_blocked")
        return Subject(SubjectKind.PHONE, vault.keep(session, keys, "phone", number.text))
    return _site(act, SubjectKind(kind), text)


def _site(act: Act, kind: SubjectKind, text: str) -> Subject:
    found = (url if kind is SubjectKind.URL else host).canonical(text, field="subject")
    if len(found.text) > LONGEST:
        raise InputRejected("subject", text, "text.too_long", most=LONGEST)
    if act is Act.BLOCK and _is_state(found.registrable, found.text):
        raise InputRejected("subject", text, "draft.never_blocked")
    return Subject(kind, found.text, found.registrable)


def _is_state(registrable: str, text: str) -> bool:
    name = text.split("://")[-1].split("/")[0]
    return any(each in (registrable, name) or name.endswith(f".{each}") for each in NEVER_BLOCKED)
