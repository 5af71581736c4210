"""Facts in: a batch is checked as a whole, and answered when what it brought is safe.

One transaction holds everything a batch changes: identities, vault, landing, quarantine, the
batch's own row and the job that seals it. `read = accepted + duplicate + quarantined`, always
(REQ-19).
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import replace

import pyarrow as pa
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.errors import Conflict, ContractBroken
from qalqan.exchange.given import Broken, Given, Places
from qalqan.lake import identities, landing, quarantine, runs
from qalqan.lake.checked import Terms
from qalqan.lake.identities import Known
from qalqan.lake.receipt import Receipt
from qalqan.lake.rules import OwnBanks
from qalqan.lake.schemas import SCHEMAS
from qalqan.lake.settle import Draft, Settled, draft, settle
from qalqan.register import jobs, vault
from qalqan.register.database import Database
from qalqan.register.orm import Batch
from qalqan.settings import settings
from qalqan.trust.keys import Keys


def take(
    database: Database,
    keys: Keys,
    kind: str,
    source: str,
    table: pa.Table,
    *,
    name: str,
    batch: str | None = None,
    idempotency_key: str | None = None,
    places: Places | Sequence[str] | None = None,
    own_banks: OwnBanks = None,
    broken: tuple[Broken, ...] = (),
    lake_root: str | None = None,
) -> Receipt:
    """Take a batch of facts of one kind from one partner; columns as given.

    `own_banks` are the banks whose books the partner keeps (None: it is trusted with any).
    A repeated `idempotency_key` answers the first receipt again and takes nothing.

    Raises:
        Conflict: the idempotency key came before with another body.
        ContractBroken: no such kind of fact.
    """
    given = Given(table, Places() if places is None else places, broken)
    return take_given(
        database,
        keys,
        kind,
        source,
        given,
        Terms(own_banks),
        name=name,
        batch=batch,
        idempotency_key=idempotency_key,
        lake_root=lake_root,
    )


def take_given(
    database: Database,
    keys: Keys,
    kind: str,
    source: str,
    given: Given,
    terms: Terms,
    *,
    name: str,
    batch: str | None = None,
    idempotency_key: str | None = None,
    digest: str | None = None,
    lake_root: str | None = None,
) -> Receipt:
    """The same for a batch that a reader or a mapping hands on; `digest` says what it was,
    where its sender's words tell more than the table does."""
    if kind not in SCHEMAS:
        raise ContractBroken(f"no kind of fact {kind!r}; there are {', '.join(SCHEMAS)}")
    if digest is None:
        digest = digest_of(given) if idempotency_key else ""
    if (taken := earlier(database, source, idempotency_key, digest)) is not None:
        return taken
    started = opened(kind, source, name, batch, idempotency_key)
    drawn = draft(kind, source, given, keys, terms)
    try:
        with database.write() as session:
            settled = settle(drawn, claimed(session, drawn, started.batch, lake_root))
            receipt = keep(session, keys, settled, started.batch)
            close(session, started, receipt, digest)
    except IntegrityError:  # the same key at the same moment
        if (taken := earlier(database, source, idempotency_key, digest)) is not None:
            return taken
        raise
    return receipt


def digest_of(given: Given) -> str:
    """What a body was, to tell a repeated request from another one under the same key."""
    held = hashlib.sha256()
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, given.table.schema) as writer:
        writer.write_table(given.table)
    held.update(sink.getvalue())
    for one in given.broken:
        held.update(one.text.encode("utf-8", "replace"))
    return held.hexdigest()


def earlier(database: Database, source: str, key: str | None, digest: str) -> Receipt | None:
    """The receipt of an earlier request under this key."""
    if key is None:
        return None
    with database.session() as session:
        row = session.scalar(
            select(Batch).where(Batch.source == source, Batch.idempotency_key == key)
        )
    if row is None:
        return None
    if row.receipt["digest"] != digest:
        raise Conflict("batch", key, "taken", "take another body")
    return Receipt.from_json(row.receipt["receipt"])


def opened(
    kind: str, source: str, name: str, batch: str | None, idempotency_key: str | None
) -> Batch:
    """A batch's row, not yet written."""
    return Batch(
        batch=batch or f"b-{uuid.uuid4().hex}",
        kind=kind,
        source=source,
        name=name[:200],
        idempotency_key=idempotency_key,
        started_us=clock.now_us(),
    )


def claimed(session: Session, drawn: Draft, batch: str, lake_root: str | None) -> Known:
    """What was taken before of the draft's identities; the others are this batch's now."""
    leaders = drawn.leaders
    known = identities.claim(session, drawn.kind, batch, leaders)
    names = runs.names_of(session, drawn.kind, drawn.source)
    if not names:
        return known
    in_runs = runs.known(lake_root or settings().lake_root, names, leaders)
    identities.unclaim(session, drawn.kind, leaders.of(in_runs.seen & ~known.seen))
    return known.also(in_runs)


def keep(session: Session, keys: Keys, settled: Settled, batch: str) -> Receipt:
    """Write down all that a settled batch changes but its own row."""
    checked, kind = settled.draft.checked, settled.draft.kind
    for klass, values in checked.personal:
        vault.keep_many(session, keys, klass, values)
    refused = settled.refused()
    quarantine.keep(session, keys, batch, kind, settled.draft.source, refused)
    landing.land(session, kind, batch, settled.facts)
    if settled.accepted.any():
        jobs.wake(session, "seal", "lake")
    return settled.receipt(batch, refused)


def close(session: Session, started: Batch, receipt: Receipt, digest: str = "") -> None:
    """Write the batch's row with its receipt."""
    started.read, started.accepted = receipt.read, receipt.accepted
    started.duplicate, started.quarantined = receipt.duplicate, receipt.quarantined
    started.receipt = {"receipt": receipt.to_json(), "digest": digest}
    started.finished_us = clock.now_us()
    session.add(started)


def forgotten(receipt: Receipt) -> Receipt:
    """The receipt of a batch that was handed in once more: nothing of it is new."""
    return replace(receipt, accepted=0, duplicate=receipt.accepted + receipt.duplicate)
