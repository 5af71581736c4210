"""Accepted facts between the answer to their sender and their seal: rows of the register.

A row is either facts (an Arrow IPC stream), or a *staged seal*: files that are written and
synced and carry a seal already, but that no commit of the lake names yet.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import pyarrow as pa
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.lake import table
from qalqan.lake.table import DataFile
from qalqan.register.orm import Landing

STAGED = "seal"
"""Batch name of staged seals; batches of facts have longer ones."""
LATER = "later"
"""Batch name of facts that landed with others which a staged seal takes, and that it leaves."""


@dataclass(frozen=True)
class Staged:
    """A seal on its way: what `sealing` has to commit, and what it may then forget."""

    kind: str
    seal: int
    rows: int
    files: list[DataFile]
    marks: dict[str, int]
    """App transactions of the Delta commit."""
    landed: list[int]
    """Landing rows whose facts the files hold."""
    id: int = 0


def land(
    session: Session, kind: str, batch: str, facts: pa.Table, since_us: int | None = None
) -> None:
    """Keep accepted facts (the lake's columns but `seal`), which wait since a moment (none: now),
    until they are sealed."""
    if len(facts) == 0:
        return
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression="zstd" if len(facts) > 100 else None)
    with pa.ipc.new_stream(sink, facts.schema, options=options) as writer:
        writer.write_table(facts)
    body = sink.getvalue().to_pybytes()
    since_us = clock.now_us() if since_us is None else since_us
    session.add(Landing(kind=kind, batch=batch, rows=len(facts), body=body, landed_us=since_us))


def land_later(session: Session, kind: str, facts: pa.Table, landed: list[int]) -> None:
    """Keep facts of those landing rows, which a staged seal takes, for another one: they have
    waited for as long as the oldest of the rows."""
    if len(facts):
        oldest = select(func.min(Landing.landed_us)).where(Landing.id.in_(landed))
        since_us = session.scalar(oldest)
        land(session, kind, LATER, facts, since_us)


def is_empty(session: Session) -> bool:
    """Nothing has landed, and no seal is on its way."""
    return session.scalar(select(Landing.id).limit(1)) is None


def unsealed(session: Session) -> int:
    """Facts that have landed and are not sealed."""
    asked = select(func.sum(Landing.rows)).where(Landing.batch != STAGED)
    return int(session.scalar(asked) or 0)


def kinds(session: Session) -> list[str]:
    """Kinds of which facts have landed, in the order of their first."""
    first = func.min(Landing.id)
    asked = select(Landing.kind).where(Landing.batch != STAGED).group_by(Landing.kind)
    return list(session.scalars(asked.order_by(first)))


def landed(session: Session, kind: str, most_rows: int) -> list[tuple[int, pa.Table]]:
    """The oldest facts of a kind with their row ids, about `most_rows` of them, at least one
    batch if there is any."""
    asked = select(Landing.id, Landing.rows, Landing.body).where(
        Landing.kind == kind, Landing.batch != STAGED
    )
    found, rows = [], 0
    for one, count, body in session.execute(asked.order_by(Landing.id).limit(2_000)):
        if rows and rows + count > most_rows:
            break
        found.append((one, pa.ipc.open_stream(body).read_all()))
        rows += count
    return found


def stage(session: Session, staged: Staged) -> None:
    """Write a staged seal down, in the transaction that makes its facts count."""
    body = {
        "seal": staged.seal,
        "files": table.to_json(staged.files),
        "marks": staged.marks,
        "landed": staged.landed,
    }
    session.add(
        Landing(
            kind=staged.kind,
            batch=STAGED,
            rows=staged.rows,
            body=json.dumps(body).encode(),
            landed_us=clock.now_us(),
        )
    )


def staged(session: Session) -> Staged | None:
    """The seal on its way, if there is one; there is never a second."""
    row = session.scalar(select(Landing).where(Landing.batch == STAGED))
    if row is None:
        return None
    body = json.loads(row.body)
    files = table.from_json(body["files"])
    return Staged(row.kind, body["seal"], row.rows, files, body["marks"], body["landed"], row.id)
