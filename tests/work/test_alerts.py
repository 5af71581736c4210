"""Findings under review, told as alerts (REQ-39)."""

from __future__ import annotations

from qalqan.detectors import registry
from qalqan.model.finding import Finding
from qalqan.register.database import Database
from qalqan.work.alerts import strongest
from qalqan.work.findings import decide, keep

DAY = 86_400_000_000
LOAN = {
    "currency": "KZT", "asked_minor": 100_000, "applications": 2, "granted": 1,
    "least_span_us": 60_000_000, "remote_us": 0, "first_us": 60_000_000, "facts": ["bank:l1"],
}  # fmt: skip
OTHER = {**LOAN, "borrowers": 1, "accounts": ["acc_1"]}


def found(code: str, person: str, score: float, evidence: dict[str, object]) -> Finding:
    version = registry.get(code).version
    return Finding(code, "person", person, 0, DAY, score, evidence, version, 1)


def test_alerts_leave_out_what_was_dismissed_or_seen_by_another_version(
    database: Database,
) -> None:
    remote, other = "chains.loan_under_remote_access", "chains.loan_paid_to_another"
    old = Finding(remote, "person", "old", 0, DAY, 1.0, {"said": "otherwise"}, "0" * 16, 1)
    with database.write() as session:
        keep(session, remote, [found(remote, "a", 0.9, LOAN), found(remote, "b", 0.5, LOAN), old])
        keep(session, other, [found(other, "a", 0.5, OTHER)])
    first, second = strongest(database, 10)
    assert (first.subject, second.subject) == ("a", "b")
    assert [one.detector for one in first.reasons] == [remote, other]
    told = first.as_dict()["reasons"]
    assert isinstance(told, list)
    assert "1 000 ₸" in told[0]["ru"].replace("\u00a0", " ")
    assert "{" not in "".join(told[0][language] for language in ("kk", "ru", "en"))
    assert strongest(database, 1) == [first]
    with database.session() as session:
        from sqlalchemy import select

        from qalqan.register.orm import FindingRow

        number = session.scalar(select(FindingRow.id).where(FindingRow.subject == "b"))
    assert number is not None
    decide(database, number, "dismissed", "somebody", "a bank's own support")
    assert strongest(database, 10) == [first]
