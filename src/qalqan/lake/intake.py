"""Facts in: a batch is checked as a whole, and answered when what it brought is safe.

One transaction holds everything a batch changes: identities, vault, landing, quarantine, the
batch's own row and the job that seals it. `read = accepted + duplicate + quarantined`, always
(REQ-19).
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import replace

import pyarrow as pa
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.errors import Conflict, ContractBroken
from qalqan.exchange.given import Given, Places
from qalqan.lake import identities, landing, quarantine, runs
from qalqan.lake.hand_in import Centre, HandIn
from qalqan.lake.identities import Known
from qalqan.lake.receipt import Receipt
from qalqan.lake.schemas import SCHEMAS
from qalqan.lake.settle import Draft, Settled, draft, settle
from qalqan.register import jobs, vault
from qalqan.register.orm import Batch
from qalqan.trust.keys import Keys


def take(
    centre: Centre, hand_in: HandIn, facts: pa.Table | Given, digest: str | None = None
) -> Receipt:
    """Take a batch of facts of one kind from one partner: a table with columns as given, or what
    a reader made of a file. `digest` says what was handed in, where its sender's words tell more
    than the table does. A repeated key answers the first receipt again and takes nothing.

    Raises:
        Conflict: the key came before with another body.
        ContractBroken: no such kind of fact.
    """
    kind, given = hand_in.kind, given_of(facts)
    if kind not in SCHEMAS:
        raise ContractBroken(f"no kind of fact {kind!r}; there are {', '.join(SCHEMAS)}")
    if digest is None:
        digest = digest_of(given) if hand_in.key else ""
    if (taken := earlier(centre, hand_in, digest)) is not None:
        return taken
    started = opened(hand_in)
    drawn = draft(kind, hand_in.source, given, centre.keys, hand_in.terms)
    try:
        with centre.database.write() as session:
            known = claimed(session, drawn, started.batch, centre.lake_root)
            receipt = keep(session, centre.keys, settle(drawn, known), started.batch)
            close(session, started, receipt, digest)
    except IntegrityError:  # the same key at the same moment
        if (taken := earlier(centre, hand_in, digest)) is not None:
            return taken
        raise
    return receipt


def given_of(facts: pa.Table | Given) -> Given:
    """A table as a batch whose records are counted."""
    return facts if isinstance(facts, Given) else Given(facts, Places())


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


def earlier(centre: Centre, hand_in: HandIn, digest: str) -> Receipt | None:
    """The receipt of an earlier request under this key; `Conflict` if it was another one."""
    if hand_in.key is None:
        return None
    with centre.database.session() as session:
        row = session.scalar(
            select(Batch).where(
                Batch.source == hand_in.source, Batch.idempotency_key == hand_in.key
            )
        )
    if row is None:
        return None
    if row.receipt["digest"] != digest:
        raise Conflict("batch", hand_in.key, "taken", "take another body")
    return Receipt.from_json(row.receipt["receipt"])


def opened(hand_in: HandIn) -> Batch:
    """A batch's row, not yet written."""
    return Batch(
        batch=hand_in.batch or f"b-{uuid.uuid4().hex}",
        kind=hand_in.kind,
        source=hand_in.source,
        name=hand_in.name[:200],
        idempotency_key=hand_in.key,
        started_us=clock.now_us(),
    )


def claimed(session: Session, drawn: Draft, batch: str, lake_root: str) -> Known:
    """What was taken before of the draft's identities; the others are this batch's now."""
    leaders = drawn.leaders
    known = identities.claim(session, drawn.kind, batch, leaders)
    names = runs.names_of(session, drawn.kind, drawn.source)
    if not names:
        return known
    in_runs = runs.known(lake_root, names, leaders)
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
