"""A statement together with its lines: believed only if they add up (REQ-19).

If the opening balance and the lines don't give the closing balance, or lines are missing, the
statement goes to quarantine, so nobody takes its period for covered; the lines are facts all
the same and land.
"""

from __future__ import annotations

import hmac
import json
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from qalqan.exchange.given import Given, texts_of
from qalqan.lake import identities, intake
from qalqan.lake.columns import whole
from qalqan.lake.hand_in import Centre, HandIn
from qalqan.lake.receipt import Receipt
from qalqan.lake.refusals import Reason
from qalqan.lake.settle import Draft, Settled, draft, settle, without
from qalqan.trust.keys import Keys

_EXACT = pa.decimal128(38)
_PERIOD = ("bank", "account", "from_us", "to_us")


def take_statement(
    centre: Centre, hand_in: HandIn, statements: pa.Table | Given, lines: pa.Table | Given
) -> tuple[Receipt, Receipt]:
    """Take statements and the payments that are their lines in one transaction; answer the
    receipt of the statements and that of the lines. Lines that name no statement belong to the
    only one there is. What has no id of its own gets one from its contents (`named`).

    Raises:
        Conflict: the key came before with another body.
    """
    heads = named(centre.keys, intake.given_of(statements), _PERIOD)
    body = _with_statement(intake.given_of(lines), heads)
    body = named(centre.keys, body, [n for n in body.table.column_names if n != "statement"])
    digest = intake.digest_of(heads) + intake.digest_of(body) if hand_in.key else ""
    both = _both(hand_in)
    if (before := _earlier(centre, both, digest)) is not None:
        return before
    try:
        return _written(centre, both, (heads, body), digest)
    except IntegrityError:  # the same key at the same moment
        if (before := _earlier(centre, both, digest)) is not None:
            return before
        raise


_Both = tuple[HandIn, HandIn]


def _both(hand_in: HandIn) -> _Both:
    """The statements and the lines as two batches."""
    heads, lines = batches(hand_in.batch)
    key = None if hand_in.key is None else f"{hand_in.key}/lines"
    return (
        replace(hand_in, kind="statement", batch=heads),
        replace(hand_in, kind="payment", batch=lines, key=key),
    )


def _earlier(centre: Centre, both: _Both, digest: str) -> tuple[Receipt, Receipt] | None:
    head, lines = (intake.earlier(centre, one, digest) for one in both)
    return None if head is None or lines is None else (head, lines)


def _written(
    centre: Centre, both: _Both, facts: tuple[Given, Given], digest: str
) -> tuple[Receipt, Receipt]:
    """Both batches in one transaction."""
    started = [intake.opened(one) for one in both]
    drafts = [
        draft(one.kind, one.source, given, centre.keys, one.terms)
        for one, given in zip(both, facts, strict=True)
    ]
    receipts = []
    with centre.database.write() as session:
        settled = _settled(session, drafts, [row.batch for row in started], centre.lake_root)
        for one, row in zip(settled, started, strict=True):
            receipts.append(intake.keep(session, centre.keys, one, row.batch))
            intake.close(session, row, receipts[-1], digest)
    return receipts[0], receipts[1]


def _settled(
    session: Session, drafts: Sequence[Draft], batches: Sequence[str], lake_root: str
) -> tuple[Settled, Settled]:
    """Statements and lines against what is known; a doubted statement's identity stays free."""
    heads, lines = (
        settle(drawn, intake.claimed(session, drawn, batch, lake_root))
        for drawn, batch in zip(drafts, batches, strict=True)
    )
    heads = _believed(heads, lines)
    doubted = [row for row, _ in heads.extra]
    identities.unclaim(session, "statement", drafts[0].found.of(doubted))
    return heads, lines


def batches(batch: str | None) -> tuple[str | None, str | None]:
    """Ids of the two batches that a statement and its lines make."""
    return batch, None if batch is None else f"{batch}-l"


def named(keys: Keys, given: Given, columns: Collection[str]) -> Given:
    """The batch with ids, where it has none: a keyed hash of some columns, so that the same line in
    two statements has one id, and a number where lines are equal (a printed statement numbers
    nothing). Keyed, since ids stand in the lake in clear."""
    table = given.table
    nothing = pa.chunked_array([pa.nulls(table.num_rows, pa.string())])
    own = table["id"] if "id" in table.column_names else nothing
    if own.null_count == 0:
        return given
    seen: Counter[str] = Counter()
    ids = []
    names = [name for name in table.column_names if name in columns and name != "id"]
    for row in table.select(names).to_pylist():
        text = json.dumps(row, sort_keys=True, default=str)
        seen[text] += 1
        drawn = hmac.digest(_id_key(keys), f"{text} {seen[text]}".encode(), "sha256")
        ids.append(f"h-{drawn[:12].hex()}")
    made = pc.coalesce(texts_of(whole(own)), pa.array(ids, pa.string()))
    others = table.select([name for name in table.column_names if name != "id"])
    return replace(given, table=others.append_column("id", made))


def _id_key(keys: Keys) -> bytes:
    return hmac.digest(keys.token_key("document"), b"id of contents", "sha256")


def _with_statement(lines: Given, heads: Given) -> Given:
    named = heads.table.column_names
    if "statement" in lines.table.column_names or "id" not in named or heads.table.num_rows != 1:
        return lines
    only = pa.repeat(heads.table["id"][0], lines.table.num_rows)
    return replace(lines, table=lines.table.append_column("statement", only))


def _believed(heads: Settled, lines: Settled) -> Settled:
    """The statements without those that their lines contradict."""
    facts = lines.draft.facts(lines.accepted | lines.duplicate)
    doubts = []
    for row in np.flatnonzero(heads.accepted).tolist():
        statement = heads.draft.checked.facts.slice(row, 1).to_pylist()[0]
        reason = _doubt(statement, facts.filter(pc.equal(facts["statement"], statement["id"])))
        if reason is not None:
            doubts.append((row, reason))
    return without(heads, doubts) if doubts else heads


def _doubt(statement: dict[str, Any], lines: pa.Table) -> Reason | None:
    if statement["lines"] != len(lines):
        return Reason("lines", "statement.lines", {"wanted": len(lines)})
    opening, closing, account = (statement[name] for name in ("opening", "closing", "account"))
    if opening is None or closing is None or account is None:
        return None
    own = lines.filter(pc.equal(lines["currency"], statement["currency"]))
    wanted = opening + _sum(own, "payee_account", account) - _sum(own, "payer_account", account)
    return None if wanted == closing else Reason("closing", "statement.balance", {"wanted": wanted})


def _sum(lines: pa.Table, end: str, account: str) -> int:
    """Exactly: ten thousand sums at their largest are more than 64 bits hold."""
    amounts = lines.filter(pc.equal(lines[end], account))["amount"]
    return int(pc.sum(amounts.cast(_EXACT)).as_py() or 0)
