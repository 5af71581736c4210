"""What `qalqan doctor` looks at in a centre that runs: does anything wait, lag, or disagree?"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, select

from qalqan import clock
from qalqan.cli.check import Check
from qalqan.cli.home import open_home
from qalqan.cli.out import word
from qalqan.lake.storage import storage
from qalqan.register import dialect, jumps, pauses
from qalqan.register.migrations import pending
from qalqan.register.orm import Batch, Job, Lease
from qalqan.register.queues import queues
from qalqan.work import vitals
from qalqan.work.agreement import check

OLDEST_S = 60
"""A fact is sealed within seconds; after a minute nobody seals."""
SKEW_S = 5
"""How far a clock may be off before terms and orders suffer."""
MOST_REFUSED_PPM = 100_000
"""A tenth of a partner's records: his export is wrong, not his customers."""
LEAST_READ = 100
_WEEK_US = 7 * clock.DAY


def migrations() -> Check:
    """The tables have the shape that this software works with."""
    with open_home().database.session() as session:
        missing = pending(session.connection())
    if missing is None:
        return Check(True, word("doctor.migrated"))
    return Check(False, word("doctor.migrations_due", to=missing), word("doctor.migrations"))


def lake_folder() -> Check:
    """New files can be written where the lake lies."""
    root = open_home().settings.lake_root
    if "://" in root:
        storage(root).prove()
    else:
        nearest = Path(root)
        while not nearest.exists():
            nearest = nearest.parent
        if not os.access(nearest, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(nearest))
    return Check(True, word("doctor.writable"))


def seals() -> Check:
    """Register and lake hold the same seals."""
    home = open_home()
    check(home.database, home.settings.lake_root)
    return Check(True, word("doctor.seals_agree"))


def landing() -> Check:
    """Facts that were answered for get their seal."""
    with open_home().database.session() as session:
        waiting = vitals.waiting(session).values()
    rows = sum(kind.rows for kind in waiting)
    since = min((kind.oldest_us for kind in waiting), default=clock.now_us())
    age = max(0, clock.now_us() - since) // clock.SECOND
    ok = age <= OLDEST_S
    return Check(
        ok,
        word("doctor.landing_seen", rows=rows, seconds=age),
        "" if ok else word("doctor.landing"),
    )


def jobs() -> Check:
    """No job was given up."""
    with open_home().database.session() as session:
        parked = {queue.kind: queue.parked for queue in queues(session) if queue.parked}
    told = ", ".join(f"{kind}: {n}" for kind, n in sorted(parked.items()))
    if not parked:
        return Check(True, word("doctor.no_parked"))
    return Check(False, word("doctor.parked", jobs=told), word("doctor.jobs"))


def leases() -> Check:
    """No job or lock is held beyond its term by a worker that is gone, or by a clock that was
    ahead when it was taken."""
    now = clock.wall_us()
    late, far = now - OLDEST_S * clock.SECOND, jumps.farthest(now)
    with open_home().database.session() as session:
        ends = [*session.scalars(select(Job.lease_until_wall_us).where(Job.state == "leased")),
                *session.scalars(select(Lease.until_wall_us))]  # fmt: skip
    over = sum(end is not None and end < late for end in ends)
    ahead = sum(end is not None and end > far for end in ends)
    if ahead:
        return Check(False, word("doctor.leases_ahead", n=ahead), word("doctor.clock"))
    if over:
        return Check(False, word("doctor.leases_over", n=over), word("doctor.leases"))
    return Check(True, word("doctor.leases_seen", n=len(ends)))


def watch() -> Check:
    """The clock of this machine is not behind what was written with it, nor apart from the
    database's."""
    with open_home().database.session() as session:
        newest, there_us = vitals.newest(session), dialect.clock_us(session)
    behind = 0 if newest is None else newest.at_us - clock.now_us()
    apart = 0 if there_us is None else abs(there_us - clock.wall_us())
    off = max(behind, apart) // clock.SECOND
    if off > SKEW_S:
        return Check(False, word("doctor.clock_off", seconds=off), word("doctor.clock"))
    shown = datetime.fromtimestamp(clock.now_us() / clock.SECOND, UTC)
    return Check(True, f"{shown:%Y-%m-%d %H:%M:%S} UTC")


def durable() -> Check:
    """The database keeps what it says it keeps."""
    with open_home().database.session() as session:
        loose = dialect.loose_settings(session)
    if loose:
        return Check(False, ", ".join(loose), word("doctor.durable"))
    return Check(True, word("doctor.durable_seen"))


def refused() -> Check:
    """No partner has much refused of what he sent this week."""
    asked = (
        select(Batch.source, func.sum(Batch.read), func.sum(Batch.quarantined))
        .where(Batch.started_us > clock.now_us() - _WEEK_US)
        .group_by(Batch.source)
    )
    with open_home().database.session() as session:
        rows = session.execute(asked).all()
    shares = {
        source: int(bad) * 100 // int(read)
        for source, read, bad in rows
        if read >= LEAST_READ and int(bad) * 1_000_000 > MOST_REFUSED_PPM * int(read)
    }
    if not shares:
        return Check(True, word("doctor.refused_little"))
    told = ", ".join(f"{source}: {share} %" for source, share in sorted(shares.items()))
    return Check(False, word("doctor.refused_much", partners=told), word("doctor.refused"))


def delivery() -> Check:
    """Orders go out; after a restore they wait for a person's word."""
    with open_home().database.session() as session:
        row = pauses.paused(session, pauses.DELIVERY)
        seen = None if row is None else (row.by, row.reason)
    if seen is None:
        return Check(True, word("doctor.delivering"))
    by, reason = seen
    return Check(
        False, word("doctor.delivery_stands", by=by, reason=reason), word("doctor.delivery")
    )


def model() -> Check:
    """The model of drops' payments that is in use, if any, can score."""
    from qalqan.errors import ContractBroken
    from qalqan.learning import library
    from qalqan.learning import model as models
    from qalqan.learning.card import features_hash

    folder = open_home().settings.home / models.FOLDER
    version = models.in_use(folder)
    if version is None:
        known = library.has_libgomp()
        return Check(True, word("doctor.model_none" if known else "doctor.model_none_libgomp"))
    library.lightgbm()
    if models.load(folder, version).card["features_hash"] != features_hash():
        raise ContractBroken("another version's columns", "learning.other", version=version)
    return Check(True, word("doctor.model_seen", version=version))


LOOKS: dict[str, Callable[[], Check]] = {
    "migrations": migrations, "lake_folder": lake_folder, "seals": seals, "landing": landing,
    "jobs": jobs, "leases": leases, "clock": watch, "durable": durable, "refused": refused,
    "delivery": delivery, "model": model,
}  # fmt: skip
NEEDS = {
    **{name: ("settings", "home", "keys", "register") for name in ("migrations", "lake_folder")},
    **dict.fromkeys(
        ("landing", "jobs", "leases", "clock", "durable", "refused", "delivery"),
        ("settings", "home", "keys", "register", "migrations"),
    ),
    "seals": ("settings", "home", "keys", "register", "migrations", "lake"),
    "model": ("settings", "home", "keys", "register"),
}
