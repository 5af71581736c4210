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

from qalqan.exchange.given import Given, Places
from qalqan.lake import identities, intake
from qalqan.lake.checked import Terms
from qalqan.lake.receipt import Receipt
from qalqan.lake.refusals import Reason
from qalqan.lake.rules import OwnBanks
from qalqan.lake.settle import Draft, Settled, draft, settle, without
from qalqan.register.database import Database
from qalqan.register.orm import Batch
from qalqan.trust.keys import Keys

_EXACT = pa.decimal128(38)
_PERIOD = ("bank", "account", "from_us", "to_us")


def take_statement(
    database: Database,
    keys: Keys,
    source: str,
    statements: pa.Table | Given,
    lines: pa.Table | Given,
    *,
    name: str,
    own_banks: OwnBanks = None,
    batch: str | None = None,
    idempotency_key: str | None = None,
    lake_root: str | None = None,
) -> tuple[Receipt, Receipt]:
    """Take statements and the payments that are their lines in one transaction; answer the
    receipt of the statements and that of the lines. Lines that name no statement belong to the
    only one there is. What has no id of its own gets one from its contents (`named`).

    Raises:
        Conflict: the idempotency key came before with another body.
    """
    heads = named(keys, _given(statements), _PERIOD)
    body = _with_statement(_given(lines), heads)
    body = named(keys, body, [n for n in body.table.column_names if n != "statement"])
    digest = intake.digest_of(heads) + intake.digest_of(body) if idempotency_key else ""
    keys_of = (idempotency_key, f"{idempotency_key}/lines" if idempotency_key else None)
    if (before := _earlier(database, source, keys_of, digest)) is not None:
        return before
    started = [
        intake.opened(kind, source, name, one, key)
        for kind, one, key in zip(("statement", "payment"), batches(batch), keys_of, strict=True)
    ]
    terms = Terms(own_banks)
    drafts = (
        draft("statement", source, heads, keys, terms),
        draft("payment", source, body, keys, terms),
    )
    try:
        return _written(database, keys, drafts, started, digest, lake_root)
    except IntegrityError:  # the same key at the same moment
        if (before := _earlier(database, source, keys_of, digest)) is not None:
            return before
        raise


def _earlier(
    database: Database, source: str, keys_of: Sequence[str | None], digest: str
) -> tuple[Receipt, Receipt] | None:
    head, lines = (intake.earlier(database, source, key, digest) for key in keys_of)
    return None if head is None or lines is None else (head, lines)


def _written(
    database: Database,
    keys: Keys,
    drafts: tuple[Draft, Draft],
    started: Sequence[Batch],
    digest: str,
    lake_root: str | None,
) -> tuple[Receipt, Receipt]:
    """Both batches in one transaction."""
    receipts = []
    with database.write() as session:
        both = _settled(session, drafts, [row.batch for row in started], lake_root)
        for one, row in zip(both, started, strict=True):
            receipts.append(intake.keep(session, keys, one, row.batch))
            intake.close(session, row, receipts[-1], digest)
    return receipts[0], receipts[1]


def _settled(
    session: Session, drafts: tuple[Draft, Draft], batches: Sequence[str], lake_root: str | None
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
    """The batch with ids, if it has none: a keyed hash of some columns, so that the same line in
    two statements has one id, and a number where lines are equal (a printed statement numbers
    nothing). Keyed, since ids stand in the lake in clear."""
    table = given.table
    if "id" in table.column_names:
        return given
    seen: Counter[str] = Counter()
    ids = []
    for row in table.select([name for name in table.column_names if name in columns]).to_pylist():
        text = json.dumps(row, sort_keys=True, default=str)
        seen[text] += 1
        drawn = hmac.digest(_id_key(keys), f"{text} {seen[text]}".encode(), "sha256")
        ids.append(f"h-{drawn[:12].hex()}")
    return replace(given, table=table.append_column("id", pa.array(ids, pa.string())))


def _id_key(keys: Keys) -> bytes:
    return hmac.digest(keys.token_key("document"), b"id of contents", "sha256")


def _given(rows: pa.Table | Given) -> Given:
    return rows if isinstance(rows, Given) else Given(rows, Places())


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
