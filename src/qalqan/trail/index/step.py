"""One step of following the money: settle all that is known under the four rules; compiled
(section 5 of `docs/reference/trail.md`, REQ-39).

A kernel longer than thirty lines: what its parts share would be passed about by the dozen.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from qalqan.trail.index.giving import (
    AMOUNT,
    AT_US,
    DUE_US,
    ENDING,
    EXIT,
    GONE_BEFORE,
    LEG,
    MINE,
    MOVE,
    NOWHERE,
    OFFER_HOP,
    OFFER_WORDS,
    OFFERED,
    PAYEE,
    PAYER,
    RETURNED,
    UNDOES,
    UNDONE,
    UNDONE_BY,
)
from qalqan.trail.index.kernels import inner, outer
from qalqan.trail.index.lots import (
    ACCOUNT,
    BUNDLE,
    CARRIED,
    CLAIMS,
    FIRST_US,
    FLOW,
    HOP,
    LAST_US,
    LISTED,
    NUMBER,
    OFFERS,
    RECEIVERS,
    ROOM,
    TAINT_FIRST,
    TOP,
    UNUSED,
)
from qalqan.trail.index.moves import (
    ACCOUNT_NO,
    ARRIVED,
    FROM,
    HAS_OPENING,
    LEFT,
    PAYEE_NO,
    SUM,
    TO,
    VICTIM,
    Asked,
    moves_of,
)
from qalqan.trail.index.moves import EXIT as MOVE_EXIT
from qalqan.trail.index.moves import (
    UNDOES as UNDOES_PAIR,
)
from qalqan.trail.index.moves import (
    UNDONE_BY as UNDONE_BY_PAIR,
)
from qalqan.trail.index.order import R_FROM, R_TO, order_of
from qalqan.trail.index.reading import bare
from qalqan.trail.index.rows import ACCOUNTS, FOLLOWED, Gathered, lent
from qalqan.trail.index.settling import settle
from qalqan.trail.index.telling import Layout, tell_here, tell_legs, tell_offers, tell_received


class Step(NamedTuple):
    """What a step found."""

    enough_space: bool
    """Else everything below is worth nothing: do it again with more."""
    joining: Any
    """(2, n): local accounts worth following and near enough, and their hops."""
    moves: Any
    """(fields, n) as `moves` tells them."""
    legs: Any
    """(5, n): rule, move, exit or `HERE`, claim, units."""
    received: Any
    """(4, n): rule, place among the followed, claim, units."""
    here: Any
    """(4, n): the same of what is still in the book."""
    first_us: Any
    """(rules, followed): when stolen units first arrived; -1 if never."""
    last_us: Any


@inner
def _laid_out(held: Gathered, asked: Asked, moves: Any, n: int, pairs: int, space: int) -> Any:
    """The words, with what is the same under every rule, and their layout."""
    claims, n_followed = len(asked.least), held.counts[FOLLOWED]
    bundle = 16
    carried = bundle + LISTED + 2 * claims
    room = carried + LISTED + 2 * claims
    marks = room + 3 * (claims + 1)
    accounts = marks + asked.repaid.shape[0] * claims
    offers = accounts + n_followed * ACCOUNT
    first_pair = offers + held.counts[ACCOUNTS] * OFFER_WORDS
    first_move = first_pair + pairs
    end = first_move + n * MOVE
    words = np.empty(end + space, np.int64)
    for place in range(accounts):
        words[place] = 0
    words[CLAIMS], words[BUNDLE], words[CARRIED], words[ROOM] = claims, bundle, carried, room
    for payer in range(asked.repaid.shape[0]):
        for claim in range(claims):
            words[marks + payer * claims + claim] = asked.repaid[payer, claim]
    for place in range(offers, first_pair):
        words[place] = 0
    for i in range(n):
        move = first_move + i * MOVE
        words[move + AT_US], words[move + DUE_US] = moves[LEFT, i], moves[ARRIVED, i]
        words[move + AMOUNT], words[move + EXIT] = moves[SUM, i], moves[MOVE_EXIT, i]
        payer, payee, victim = moves[FROM, i], moves[TO, i], moves[VICTIM, i]
        words[move + PAYER] = accounts + payer * ACCOUNT if payer >= 0 else 0
        words[move + PAYEE] = accounts + payee * ACCOUNT if payee >= 0 else 0
        words[move + OFFERED] = offers + moves[PAYEE_NO, i] * OFFER_WORDS
        words[move + MINE] = marks + victim * claims if victim >= 0 else 0
        undoes, undone = moves[UNDOES_PAIR, i], moves[UNDONE_BY_PAIR, i]
        words[move + UNDOES] = first_pair + undoes if undoes >= 0 else 0
        words[move + UNDONE_BY] = first_pair + undone if undone >= 0 else 0
    return words, Layout(accounts, offers, first_pair, first_move, end)


@inner
def _start(words: Any, rule: int, at: Layout, n_followed: int, hops: Any, opened: Any) -> None:
    """Nothing has happened yet."""
    words[TOP], words[UNUSED], words[RECEIVERS], words[OFFERS] = at.end, 0, -1, 0
    for place in range(at.accounts, at.offers):
        words[place] = 0
    for number in range(n_followed):
        account = at.accounts + number * ACCOUNT
        words[account + FIRST_US], words[account + LAST_US] = -1, -1
        words[account + FLOW] = 0 if opened[number] and rule != TAINT_FIRST else -1
        words[account + HOP], words[account + NUMBER] = hops[number], number
    for place in range(at.pairs, at.moves):
        words[place] = 0
    for move in range(at.moves, at.end, MOVE):
        words[move + ENDING], words[move + LEG], words[move + RETURNED] = NOWHERE, 0, 0
        words[move + UNDONE], words[move + GONE_BEFORE] = 0, 0


@outer
def step(held: Gathered, asked: Asked, statements: Any, hops: Any, space: int) -> Step:  # noqa: C901
    """Settle everything under every rule; `space` is how many words the rules may use."""
    held, statements = lent(held), bare(statements)
    n_roots, n_followed, n_accounts = len(asked.claim), held.counts[FOLLOWED], held.counts[ACCOUNTS]
    moves, n, pairs = moves_of(held, asked, n_roots, statements)
    order = order_of(held, n_roots, bare(moves), n)
    made, at = _laid_out(held, asked, bare(moves), n, pairs, space)
    words, entries = bare(made), bare(order.entries)
    root_places = np.empty((3, n_roots), np.int64)
    for root in range(n_roots):
        payer = order.roots[R_FROM, root]
        root_places[0, root] = at.accounts + payer * ACCOUNT if payer >= 0 else 0
        root_places[1, root] = at.accounts + order.roots[R_TO, root] * ACCOUNT
        root_places[2, root] = asked.claim[root]
    opened = np.zeros(n_followed, np.bool_)
    for s in range(statements.shape[1]):
        if statements[HAS_OPENING, s]:
            opened[held.followed[statements[ACCOUNT_NO, s]]] = True
    offered, enough = np.empty(n_accounts, np.int64), np.zeros(n_accounts, np.bool_)
    legs, received = np.empty((5, 0), np.int64), np.empty((4, 0), np.int64)
    here = np.empty((4, 0), np.int64)
    first_us, last_us = np.empty((4, n_followed), np.int64), np.empty((4, n_followed), np.int64)
    n_offered, n_legs, n_received, n_here = np.int64(0), np.int64(0), np.int64(0), np.int64(0)
    done = True
    for rule in range(4):
        _start(words, rule, at, n_followed, hops, opened)
        done = settle(
            words, rule, entries, order.roots, root_places, at.moves, asked.floor_us,
            asked.window_us, statements, held.followed,
        )  # fmt: skip
        if not done:
            break
        n_offered = tell_offers(words, at, asked.least, enough, offered, n_offered)
        legs, n_legs = tell_legs(words, rule, at, legs, n_legs)
        received, n_received = tell_received(words, rule, at, received, n_received)
        here, n_here = tell_here(words, rule, at, here, n_here)
        for number in range(n_followed):
            first_us[rule, number] = words[at.accounts + number * ACCOUNT + FIRST_US]
            last_us[rule, number] = words[at.accounts + number * ACCOUNT + LAST_US]
    done = done and len(order.entries) + len(made) > 0  # both were kept until here
    joining, m = np.empty((2, n_offered), np.int64), 0
    for i in range(n_offered):
        hop = made[at.offers + offered[i] * OFFER_WORDS + OFFER_HOP] + 1
        if done and hop <= asked.max_hops:
            joining[0, m], joining[1, m] = offered[i], hop
            m += 1
    return Step(
        done, joining[:, :m], moves[:, :n], legs[:, :n_legs], received[:, :n_received],
        here[:, :n_here], first_us, last_us,
    )  # fmt: skip
