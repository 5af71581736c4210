"""What a model learns from is what a person confirmed, and nothing else."""

from __future__ import annotations

from sqlalchemy import select

from qalqan.learning.labelled import Span
from qalqan.model.finding import Finding
from qalqan.register.database import Database
from qalqan.register.orm import FindingRow
from qalqan.work.confirmed import confirmed
from qalqan.work.findings import Decision, decide, keep

CODE = "payments.passes_through"
DECIDED: tuple[tuple[str, str, Decision], ...] = (
    ("account", "drop", "confirmed"),
    ("account", "shop", "dismissed"),
    ("person", "holder", "confirmed"),
)


def test_only_accounts_whose_findings_were_confirmed(database: Database) -> None:
    subjects = (*((kind, subject) for kind, subject, _ in DECIDED), ("account", "undecided"))
    found = [Finding(CODE, *subject, 5, 9, 0.5, {}, "v" * 16, 1) for subject in subjects]
    with database.write() as session:
        keep(session, CODE, found)
        numbers = dict(session.execute(select(FindingRow.subject, FindingRow.id)).all())
    for _, subject, decision in DECIDED:
        decide(database, numbers[subject], decision, "officer", "seen the file")
    assert confirmed(database) == [Span("drop", 5, 9)]
