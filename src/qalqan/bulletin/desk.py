"""How a bulletin comes out: somebody asks for it, the worker counts, an editor adds words, a second
person says yes, the worker counts again, and what has not moved is published.

What is published never changes: a mistake is withdrawn with its reason, and another bulletin takes
its place. A bulletin whose figures moved between the draft and the yes goes back to its editor.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.bulletin import claims
from qalqan.bulletin.claims import Problem
from qalqan.bulletin.documents.compose import INSIDE, check_wanted, compose
from qalqan.bulletin.documents.parts import Body, as_json, figures_of, of_json, open_figures
from qalqan.bulletin.figures import kept
from qalqan.bulletin.figures.book import Book
from qalqan.bulletin.figures.official import shipped
from qalqan.errors import Conflict, InputRejected, NotAllowed, NotFound
from qalqan.model.figure import Figure
from qalqan.model.period import parse
from qalqan.register import audit, hands, jobs, orm, rights
from qalqan.register.database import Database
from qalqan.register.jobs import Leased
from qalqan.register.numbers import next_id
from qalqan.register.rights import Person, Right
from qalqan.text.catalogue import LANGUAGES
from qalqan.text.line import line, seen

JOB = "bulletin"
MOVED = "moved"
LONGEST_WORDS, LONGEST_WHY, LONGEST_QUOTE = 6_000, 400, 100
OPEN = frozenset({"counting", "drafted", "agreed"})
Opener = Callable[[Session], Book]


def ask(
    session: Session, person: Person, kind: str, period: str, region: str = "", replaces: str = ""
) -> orm.Bulletin:
    """Ask for a bulletin; the worker counts it. The same that is open already is given back.

    Raises:
        NotAllowed: a role that may not. InputRejected: no such kind, period or region, or a period
            that has not begun; a region's that is not over. A country's that still runs is counted
            so far, and says so.
            One of that kind, period and region is out, and `replaces` does not name it; or names
            one that never was.
        NotFound: no bulletin of that number to replace.
    """
    rights.check(person, Right.BULLETINS)
    of = parse(period)
    check_wanted(kind, of, region, clock.now_us())
    row = orm.Bulletin
    same = select(row).where(row.kind == kind, row.period == of.code, row.region == region)
    there = session.scalars(same.where(row.state.in_(OPEN))).first()
    if there is not None:
        return there
    _check_replaced(session, same, replaces)
    made = orm.Bulletin(
        id=next_id(session, "B"), kind=kind, period=of.code, region=region,
        drafted_by=person.login, drafted_us=clock.now_us(), replaces=replaces or None,
    )  # fmt: skip
    session.add(made)
    jobs.put(session, JOB, made.id)
    audit.note(
        session, person.login, "bulletin_ask", "bulletin", made.id, kind=kind, period=of.code
    )
    session.flush()
    return made


def _check_replaced(session: Session, same: Select[orm.Bulletin], replaces: str) -> None:
    """Two of one period don't stand side by side: the newer names the one that it replaces."""
    row = orm.Bulletin
    out = session.scalars(
        same.where(row.state == "published").order_by(row.published_us.desc())
    ).first()
    if out is not None and replaces != out.id:
        raise InputRejected("replaces", replaces, "bulletin.is_out", number=out.id)
    if replaces and one(session, replaces).published_us is None:
        raise InputRejected("replaces", replaces, "bulletin.replaces")


def write_words(
    session: Session, person: Person, bulletin: str, words: Mapping[str, str], version: int
) -> orm.Bulletin:
    """Add an editor's words, in any of the languages, as he writes them: a mask would take large
    sums for phones. Numbers in them are read and checked when the page is shown (`findings`), and
    again before they are published.

    Raises:
        NotAllowed, NotFound. InputRejected: too long, or no such language.
        Conflict: it is no draft, or somebody changed it meanwhile.
    """
    rights.check(person, Right.BULLETINS)
    row = _locked(session, bulletin, version)
    if row.state != "drafted":
        raise Conflict("bulletin", row.id, row.state, "words")
    for language, text in words.items():
        if language not in LANGUAGES:
            raise InputRejected("language", language, "one_of", choices=", ".join(LANGUAGES))
        if len(text) > LONGEST_WORDS:
            raise InputRejected(f"words_{language}", "", "text.too_long", most=LONGEST_WORDS)
    clean = {each: seen(f"words_{each}", text).strip() for each, text in words.items()}
    told = {language: text for language, text in clean.items() if text}
    body = of_json(row.body)
    if told != body.words:
        row.writers = sorted({*(row.writers or ()), person.login})
    _keep(row, replace(body, words=told))
    audit.note(session, person.login, "bulletin_words", "bulletin", row.id)
    return row


def decide(
    session: Session, person: Person, bulletin: str, yes: bool, version: int
) -> orm.Bulletin:
    """The second person's yes, after which it is counted again and published; or no.

    Raises:
        NotAllowed: a role that may not, who asked for it or wrote on it, or one hand. NotFound.
        InputRejected: an editor's words say what arithmetic, or a figure of this bulletin, shows
            to be false.
        Conflict: it is no draft, or somebody changed it meanwhile.
    """
    rights.check(person, Right.PUBLISH)
    row = _locked(session, bulletin, version)
    if row.state != "drafted":
        raise Conflict("bulletin", row.id, row.state, "publish")
    if person.login in authors(row):
        raise NotAllowed("publish", "second_person")
    if yes:
        hands.check(session, person.login, authors(row), "publish")
        _refuse_falsehoods(of_json(row.body))
        jobs.put(session, JOB, row.id)
    row.state, row.note = ("agreed" if yes else "refused"), ""
    row.decided_by, row.decided_us = person.login, clock.now_us()
    act = "bulletin_agree" if yes else "bulletin_refuse"
    audit.note(session, person.login, act, "bulletin", row.id)
    return row


def withdraw(session: Session, person: Person, bulletin: str, why: str) -> orm.Bulletin:
    """Take a published bulletin back, or drop one that is not out. It stays on record with the
    reason.

    Raises:
        NotAllowed, NotFound. InputRejected: no reason, or too long.
        Conflict: it was withdrawn or refused before.
    """
    row = one(session, bulletin)
    rights.check(person, Right.PUBLISH if row.state == "published" else Right.BULLETINS)
    row = _locked(session, bulletin, row.version)
    told = line("why", why, LONGEST_WHY)
    if row.state in ("withdrawn", "refused"):
        raise Conflict("bulletin", row.id, row.state, "withdraw")
    row.state, row.withdrawn_by, row.withdrawn_us = "withdrawn", person.login, clock.now_us()
    row.withdrawn_why = told
    audit.note(session, person.login, "bulletin_withdraw", "bulletin", row.id)
    return row


def authors(row: orm.Bulletin) -> frozenset[str]:
    """Who asked for it or wrote on it: somebody else has to agree."""
    return frozenset({row.drafted_by, *(row.writers or ())})


def one(session: Session, bulletin: str) -> orm.Bulletin:
    """A bulletin. Raises `NotFound`."""
    row = session.get(orm.Bulletin, bulletin)
    if row is None:
        raise NotFound("bulletin", bulletin)
    return row


def count(database: Database, job: Leased, book: Book) -> None:
    """The worker's part: count a bulletin that was asked for, or count one again that a second
    person agreed to, and publish it if nothing has moved."""
    with database.session() as session:
        row = session.get(orm.Bulletin, job.key)
        state = row.state if row is not None else ""
        wanted = (row.kind, parse(row.period), row.region) if row is not None else None
        before = row.body if row is not None else {}
    fresh = compose(book, *wanted) if wanted and state in ("counting", "agreed") else None
    moved = fresh is not None and state == "agreed" and fresh.sections != of_json(before).sections
    with database.write() as session:
        jobs.finish(session, job)
        row = session.get(orm.Bulletin, job.key, with_for_update=True)
        if fresh is None or row is None or row.state != state:
            return
        if state == "counting" or moved:
            words = before.get("words", {})
            _keep(row, replace(fresh, words=words))
            row.state, row.note = "drafted", MOVED if moved else ""
        else:
            row.state, row.published_us = "published", clock.now_us()
            row.version += 1
            if row.kind not in INSIDE:
                kept.keep(session, open_figures(fresh), fresh.as_of_us, fresh.seal)
            audit.note(session, "machine", "bulletin_publish", "bulletin", row.id)


def body_of(row: orm.Bulletin) -> Body:
    """What it is made of. `NotFound` before it is counted."""
    if not row.body:
        raise NotFound("bulletin", row.id)
    return of_json(row.body)


def published(session: Session, limit: int = 100) -> list[orm.Bulletin]:
    """What is out for everybody, and what was and is withdrawn; the newest period first."""
    row = orm.Bulletin
    wanted = select(row).where(row.published_us.is_not(None), row.kind.not_in(INSIDE))
    newest = wanted.order_by(row.period.desc(), row.published_us.desc())
    return list(session.scalars(newest.limit(limit)))


def newest(session: Session, limit: int) -> list[orm.Bulletin]:
    """All bulletins, whatever their state, the newest first."""
    row = orm.Bulletin
    return list(session.scalars(select(row).order_by(row.id.desc()).limit(limit)))


def findings(body: Body) -> dict[str, list[Problem]]:
    """Language → what the checker of claims finds wrong in an editor's words, read beside the
    bulletin's own figures (`checks.own`: sums and counts of its own period and population) and
    official ones."""
    return _findings(_canonical(as_json(body)))


@lru_cache(maxsize=32)  # a page is looked at often, and a decision shall not hold the register
def _findings(told: str) -> dict[str, list[Problem]]:
    body = of_json(json.loads(told))
    known = [*(_whole(figure, body.region) for figure in figures_of(body)), *shipped()]
    return {
        language: list(claims.check(text, language, known, body.period).problems)
        for language, text in body.words.items()
    }


def _whole(figure: Figure, region: str) -> Figure:
    """In a region's bulletin the region is the whole population."""
    if not region or figure.by.get("region") != region:
        return figure
    return replace(figure, by={k: v for k, v in figure.by.items() if k != "region"})


def _refuse_falsehoods(body: Body) -> None:
    for language, found in findings(body).items():
        for problem in found:
            if problem.severity == "false":
                quote = problem.quote[:LONGEST_QUOTE]
                raise InputRejected(f"words_{language}", quote, "claim.false_words")


def _keep(row: orm.Bulletin, body: Body) -> None:
    told = as_json(body)
    row.body, row.digest = told, digest(told)
    row.as_of_us, row.seal, row.simulated = body.as_of_us, body.seal, body.simulated
    row.version += 1


def digest(body: Mapping[str, Any]) -> str:
    """SHA-256 of a body as it is kept."""
    return hashlib.sha256(_canonical(body).encode()).hexdigest()


def _canonical(body: Mapping[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _locked(session: Session, bulletin: str, version: int) -> orm.Bulletin:
    row = session.get(orm.Bulletin, bulletin, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("bulletin", bulletin)
    if row.version != version:
        raise Conflict("bulletin", bulletin, "changed meanwhile", "write")
    return row
