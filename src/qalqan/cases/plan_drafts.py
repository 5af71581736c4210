"""Drafts of plans and what other bodies say of them, round by round (REQ-26).

A version of the text stays as it was. A round asks the draft's bodies about one version, until a
day; each comment is accepted or rejected with a reason. When a round closes, a body that said
nothing is recorded as silent: silence is no agreement.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.cases import measure_words
from qalqan.errors import Conflict, InputRejected, NotFound
from qalqan.model.period import day_in_almaty
from qalqan.register import audit, rights
from qalqan.register.numbers import next_id
from qalqan.register.orm import PlanComment, PlanDraft, PlanRound, PlanVersion
from qalqan.register.rights import Person, Right
from qalqan.text.catalogue import LANGUAGES
from qalqan.text.mask import mask

MACHINE = "machine"
MOST_BODIES, LONGEST_TEXT, LONGEST_COMMENT = 40, 20_000, 4000


class Comment(StrEnum):
    """Where a comment stands."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    AGREED = "agreed"
    """The body answered that it has nothing to add."""
    SILENT = "silent"


def add(
    session: Session, officer: Person, title: str, bodies: Sequence[str], key: str
) -> PlanDraft:
    """Begin a draft; the same `key` again is the same one. A write transaction.

    Raises:
        NotAllowed, InputRejected. Conflict: another one has the key.
    """
    rights.check(officer, Right.MEASURES)
    kept = measure_words.words(title, "title", 3, 200)
    told = (measure_words.words(body, "bodies", 2, 200) for body in bodies if body.strip())
    asked = list(dict.fromkeys(told))
    if not 1 <= len(asked) <= MOST_BODIES:
        raise InputRejected("bodies", len(asked), "measure.bodies", most=MOST_BODIES)
    mark = measure_words.key_of(officer.login, key)
    before = session.scalar(select(PlanDraft).where(PlanDraft.idempotency_key == mark))
    if before is not None:
        if (before.title, before.bodies) != (kept, asked):
            raise Conflict("plan", before.id, "key_used", "another draft")
        return before
    row = PlanDraft(
        id=next_id(session, "DP"), title=kept, bodies=asked, idempotency_key=mark,
        made_us=clock.now_us(), made_by=officer.login,
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.note(session, officer.login, "plan_add", "plan", row.id)
    return row


def write(session: Session, officer: Person, draft: str, language: str, text: str) -> PlanVersion:
    """A new version of the text; the same as the newest is the newest. A write transaction.

    Raises:
        NotFound, NotAllowed, InputRejected. Conflict: a round is open.
    """
    rights.check(officer, Right.MEASURES)
    if language not in LANGUAGES:
        raise InputRejected("language", language, "one_of", choices=", ".join(LANGUAGES))
    kept = mask(text.replace("\r\n", "\n").strip())
    if not 20 <= len(kept) <= LONGEST_TEXT:
        raise InputRejected("text", len(kept), "measure.words", least=20, most=LONGEST_TEXT)
    row = one(session, draft, lock=True)
    newest = last_version(session, row.id)
    if newest is not None and (newest.language, newest.words) == (language, kept):
        return newest
    if (waits := open_round(session, row.id)) is not None:
        raise Conflict("plan", row.id, "round_open", "write", n=waits.number)
    made = PlanVersion(
        draft=row.id, number=(newest.number if newest else 0) + 1, language=language, words=kept,
        at_us=clock.now_us(), by=officer.login,
    )  # fmt: skip
    session.add(made)
    audit.note(session, officer.login, "plan_version", "plan", row.id, version=made.number)
    session.flush()
    return made


def ask(session: Session, officer: Person, draft: str, due_day: str) -> PlanRound:
    """Open a round on the newest version; asked again while it is open, it is the same round. A
    write transaction.

    Raises:
        NotFound, NotAllowed, InputRejected. Conflict: there is no text, or another round is open.
    """
    rights.check(officer, Right.MEASURES)
    row = one(session, draft, lock=True)
    due = measure_words.day(due_day, "due_day")
    if (waits := open_round(session, row.id)) is not None:
        if waits.due_day == due:
            return waits
        raise Conflict("plan", row.id, "round_open", "ask", n=waits.number)
    newest = last_version(session, row.id)
    if newest is None:
        raise Conflict("plan", row.id, "no_text", "ask")
    if due < day_in_almaty(clock.now_us()).isoformat():
        raise InputRejected("due_day", due, "measure.to_come")
    held = session.scalar(select(func.count()).where(PlanRound.draft == row.id)) or 0
    made = PlanRound(
        draft=row.id, number=held + 1, version=newest.number, due_day=due,
        opened_us=clock.now_us(), opened_by=officer.login,
    )  # fmt: skip
    session.add(made)
    audit.note(session, officer.login, "plan_round", "plan", row.id, round=made.number)
    session.flush()
    return made


def comment(session: Session, officer: Person, draft: str, body: str, text: str) -> PlanComment:
    """Write down what a body says in the open round; no words: it agrees. The same again is the
    same. A write transaction.

    Raises:
        NotFound, NotAllowed. InputRejected: a body that was not asked. Conflict: no round is open.
    """
    rights.check(officer, Right.MEASURES)
    row = one(session, draft, lock=True)
    waits = open_round(session, row.id)
    if waits is None:
        raise Conflict("plan", row.id, "no_round", "comment")
    if body not in row.bodies:
        raise InputRejected("body", body, "measure.body")
    kept = mask(" ".join(text.split()))
    if len(kept) > LONGEST_COMMENT:
        raise InputRejected("words", kept[:80], "measure.words", least=0, most=LONGEST_COMMENT)
    said = comments(session, row.id, waits.number)
    for each in said:
        if (each.body, each.words) == (body, kept):
            return each
    made = PlanComment(
        draft=row.id, round=waits.number, body=body, words=kept, at_us=clock.now_us(),
        by=officer.login, state=Comment.OPEN if kept else Comment.AGREED, reason="",
    )  # fmt: skip
    session.add(made)
    audit.note(session, officer.login, "plan_comment", "plan", row.id, round=waits.number)
    session.flush()
    return made


def answer(
    session: Session, officer: Person, draft: str, number: int, accepted: bool, reason: str
) -> PlanComment:
    """Accept or reject a comment, with a reason; the same again changes nothing. A write
    transaction.

    Raises:
        NotFound, NotAllowed, InputRejected. Conflict: it is answered, or there is nothing to
            answer.
    """
    rights.check(officer, Right.MEASURES)
    one(session, draft, lock=True)
    row = session.get(PlanComment, number)
    if row is None or row.draft != draft:
        raise NotFound("comment", str(number))
    to = Comment.ACCEPTED if accepted else Comment.REJECTED
    kept = measure_words.words(reason, "reason", measure_words.SHORTEST_WORDS)
    if (row.state, row.reason, row.answered_by) == (to, kept, officer.login):
        return row
    if row.state != Comment.OPEN:
        raise Conflict("comment", str(number), "answered", "answer")
    row.state, row.reason = to, kept
    row.answered_us, row.answered_by = clock.now_us(), officer.login
    audit.note(session, officer.login, "plan_answer", "plan", draft, comment=number)
    session.flush()
    return row


def end_round(session: Session, officer: Person, draft: str) -> PlanRound:
    """Close the open round before its day; again it is the one that was closed. A write
    transaction.

    Raises:
        NotFound, NotAllowed. Conflict: none was ever opened.
    """
    rights.check(officer, Right.MEASURES)
    row = one(session, draft, lock=True)
    waits = open_round(session, row.id)
    if waits is not None:
        return _close(session, row, waits, officer.login)
    last = select(PlanRound).where(PlanRound.draft == row.id).order_by(PlanRound.number.desc())
    ended = session.scalar(last.limit(1))
    if ended is None:
        raise Conflict("plan", row.id, "no_round", "close")
    return ended


def lapse(session: Session) -> int:
    """Close rounds whose last day is over; how many. A write transaction."""
    today = day_in_almaty(clock.now_us()).isoformat()
    due = select(PlanRound).where(PlanRound.closed_us.is_(None), PlanRound.due_day < today)
    found = session.scalars(due.limit(1000).with_for_update(skip_locked=True)).all()
    for waits in found:
        _close(session, session.get_one(PlanDraft, waits.draft), waits, MACHINE)
    return len(found)


def one(session: Session, draft: str, *, lock: bool = False) -> PlanDraft:
    """A draft. Raises `NotFound` if there is none."""
    row = session.get(PlanDraft, draft, with_for_update=lock or None)
    if row is None:
        raise NotFound("plan", draft)
    return row


def open_round(session: Session, draft: str) -> PlanRound | None:
    """The round that is open."""
    rows = select(PlanRound).where(PlanRound.draft == draft, PlanRound.closed_us.is_(None))
    return session.scalar(rows)


def last_version(session: Session, draft: str) -> PlanVersion | None:
    """The newest text."""
    rows = select(PlanVersion).where(PlanVersion.draft == draft)
    return session.scalar(rows.order_by(PlanVersion.number.desc()).limit(1))


def comments(session: Session, draft: str, number: int | None = None) -> Sequence[PlanComment]:
    """What was said in all rounds, or in one."""
    rows = select(PlanComment).where(PlanComment.draft == draft)
    if number is not None:
        rows = rows.where(PlanComment.round == number)
    return session.scalars(rows.order_by(PlanComment.id)).all()


def _close(session: Session, row: PlanDraft, waits: PlanRound, by: str) -> PlanRound:
    """Close a round; who said nothing is recorded as silent."""
    now = clock.now_us()
    spoke = {each.body for each in comments(session, row.id, waits.number)}
    session.add_all(
        PlanComment(
            draft=row.id, round=waits.number, body=body, words="", state=Comment.SILENT, reason="",
            at_us=now, by=by,
        )
        for body in row.bodies if body not in spoke
    )  # fmt: skip
    waits.closed_us, waits.closed_by = now, by
    audit.note(session, by, "plan_close", "plan", row.id, round=waits.number)
    session.flush()
    return waits
