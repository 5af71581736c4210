"""What `qalqan trace` shows: a trail, of a case or of payments in the lake, and how it is seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from qalqan import clock
from qalqan.cases import figures, order_book, trails
from qalqan.cli.asked import account, minor, moments
from qalqan.cli.home import Home
from qalqan.errors import InputRejected, NotFound
from qalqan.lake.sealing import newest_seal
from qalqan.register import orm
from qalqan.trail import Document, document, follow, starts
from qalqan.trail.semantics import Fact, Root, TrailPolicy
from qalqan.web.console.ladder.flow import Scene
from qalqan.web.console.reader import reader_of
from qalqan.web.console.trail_view import scene_of
from qalqan.work.tracing import indexed

if TYPE_CHECKING:
    from qalqan.lake.engine import Engine

Followed = tuple[Document, Scene]
"""A trail of one currency, and how it is looked at."""


@dataclass(frozen=True)
class Asked:
    """Payments as they were described: by their ids, or by who paid how much when."""

    names: tuple[str, ...]
    account: str | None
    amount: str | None
    currency: str
    at: str | None
    as_of: str | None


def of_case(home: Home, case_id: str, rule: str) -> list[Followed]:
    """The newest trail of a case, one a currency, with its holds as the console shows them.

    Raises:
        NotFound: the case has none.
    """
    with home.database.session() as session:
        documents = trails.newest(session, case_id)
        if not documents:
            raise NotFound("trail", case_id)
        reader = reader_of(session, home.settings.language)
        orders = order_book.of_cases(session, [case_id])
        held = figures.held_of(session, case_id, rule)
        reports = session.scalars(select(orm.Report).where(orm.Report.case_id == case_id)).all()
        claims, told_us = [r.id for r in reports], [r.reported_us for r in reports]
        return [
            (found, scene_of(reader, found, claims, told_us, orders, held, rule))
            for found in documents
        ]


def of_payments(
    home: Home, engine: Engine, asked: Asked, policy: TrailPolicy, rule: str, by_index: bool
) -> tuple[Followed, bool]:
    """Follow the payments that were meant, together, as known at the asked moment: over the
    index if that may be and it holds all that is sealed, else over the lake. Says which.

    Raises:
        InputRejected: not enough said, several fit, or the moment is before the payments.
        NotFound: none fits.
    """
    until_us = clock.now_us() if asked.as_of is None else moments("as-of", asked.as_of, 0)[1]
    with home.database.session() as session:
        codes = session.scalars(select(orm.Partner.bank_code).where(orm.Partner.active))
        homes = frozenset(code for code in codes if code)
        seal = newest_seal(session)
        reader = reader_of(session, home.settings.language)
    roots = _roots(home, engine, asked, policy.match_window_us)
    if until_us < min(root.at_us for root in roots):
        raise InputRejected("as-of", asked.as_of, "asked.later")
    found = None
    if by_index:
        found = indexed(home.database, home.settings.home, roots, policy, until_us, homes)
    trail = found or follow(engine, roots, policy, until_us, seal, homes)
    claims = frozenset(root.claim for root in roots)
    scene = Scene(claims, until_us, banks=reader.banks, rule=rule)
    return (document(trail), scene), found is not None


def _roots(home: Home, engine: Engine, asked: Asked, around_us: int) -> list[Root]:
    if asked.names:
        told = list(starts.by_ids(engine, asked.names).items())
    elif asked.account and asked.amount and asked.at:
        payer = account(home.keys, asked.account)
        units = minor(asked.amount, asked.currency)
        period = moments("at", asked.at, around_us)
        told = [(asked.amount, starts.by_sum(engine, payer, units, asked.currency, period))]
    else:
        raise InputRejected("payment", None, "asked.payment")
    roots = [_one(name, facts, around_us) for name, facts in told]
    if len({root.currency for root in roots}) > 1:
        raise InputRejected("payment", len(roots), "asked.one_currency")
    return roots


def _one(name: str, facts: list[Fact], around_us: int) -> Root:
    """The one payment of that name."""
    if not facts:
        raise NotFound("payment", name)
    roots = starts.roots(facts, around_us)
    if len(roots) > 1:
        names = ", ".join(root.id for root in roots[:10])
        raise InputRejected("payment", name, "asked.one_payment", names=names)
    if not roots:
        raise InputRejected("payment", name, "asked.to_account")
    return roots[0]
