"""The bookkeeping lane looks after its regular jobs by itself."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from qalqan.cases import order_book
from qalqan.detectors.registry import all_detectors
from qalqan.errors import ContractBroken
from qalqan.learning.model import FOLDER, IN_USE
from qalqan.register import jobs
from qalqan.register.database import Database
from qalqan.register.orm import DetectorMode, Job, Seal
from qalqan.settings import Settings
from qalqan.work import bookkeeping


def test_the_first_look_begins_the_regular_jobs_also_on_a_machine_just_started(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bookkeeping, "time", SimpleNamespace(monotonic=lambda: 0.1))
    with closing(bookkeeping.Books(database, Settings(home=tmp_path))) as books:
        books.look()
    with database.session() as session:
        queued = set(session.scalars(select(Job.kind)))
    assert queued == {bookkeeping.DETECT, order_book.CLOCKS}


def test_no_finding_fades_because_the_lake_is_another(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.write() as session:
        session.add(Seal(seal=1, kind="payment", rows=1, version=1, at_us=0))
        jobs.put(session, bookkeeping.DETECT, "all")
    job = jobs.lease(database, "w", {bookkeeping.DETECT})
    assert job is not None
    with (
        closing(bookkeeping.Books(database, Settings(home=tmp_path))) as books,
        pytest.raises(ContractBroken, match="seal 1, in the lake 0"),
    ):
        books.detect(job)


def test_a_model_that_can_t_score_keeps_no_detector(database: Database, tmp_path: Path) -> None:
    models = tmp_path / FOLDER
    models.mkdir()
    (models / IN_USE).write_text("0" * 32, encoding="utf-8")
    asked = next(iter(all_detectors()))
    with database.write() as session:
        jobs.put(session, bookkeeping.DETECT, "all")
        for code in set(all_detectors()) - {asked}:  # one is enough
            session.add(DetectorMode(detector=code, mode="retired", decided_by="t", decided_us=0))
    job = jobs.lease(database, "w", {bookkeeping.DETECT})
    assert job is not None
    with closing(bookkeeping.Books(database, Settings(home=tmp_path))) as books:
        books.detect(job)
    with database.session() as session:
        kinds = {job.kind: job.state for job in session.scalars(select(Job))}
    assert kinds == {bookkeeping.DETECT: "queued", bookkeeping.HAZARD: "queued"}
