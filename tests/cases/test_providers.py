"""Who keeps logs when asked, and whose legs nobody matched (REQ-48, 49)."""

from __future__ import annotations

from typing import Any

import pytest

from qalqan.cases import providers
from qalqan.cases.grounds import usual_ground
from qalqan.clock import DAY
from qalqan.model.order import Kind
from qalqan.register import orm, partners


@pytest.fixture
def asked(centre: Any) -> Any:
    """`asked(state, outcome)`: a request for call logs to `dala` as it stands."""
    case = centre.report().case
    with centre.database.write() as session:
        for code in ("dala", "jol"):
            partners.add_partner(session, code, "operator", dict.fromkeys(("kk", "ru", "en"), code))

    def put(state: str, outcome: str = "", asked: tuple[str, ...] = ("calls",)) -> None:
        now = centre.clock.now_us()
        with centre.database.write() as session:
            number = session.query(orm.Order).count()
            row = orm.Order(
                id=f"O-26-9{number:05d}", case_id=case, kind=Kind.DATA, partner="dala",
                state=state, ground=usual_ground(Kind.DATA, now).code, drafted_by="aigul",
                idempotency_key=f"x{number}", created_us=now, reason={}, asked=list(asked),
                subject_kind="domain", subject="a.example", sent_us=now, due_us=now + DAY,
            )  # fmt: skip
            session.add(row)
            session.flush()
            if outcome:
                session.add(orm.OrderEvent(
                    order_id=row.id, at_us=now, actor="partner:dala", event="answer",
                    from_state="sent", to_state=state, digest="d",
                    detail={"outcome": outcome, "amount": None, "digest": "d"},
                ))  # fmt: skip

    return put


def logs(centre: Any) -> dict[str, int]:
    with centre.database.session() as session:
        dala, jol = providers.providers(session)
        assert (dala.code, jol.logs) == ("dala", {})
        return {name: n for name, n in dala.logs.items() if n}


def test_what_became_of_each_request_for_logs(centre: Any, asked: Any) -> None:
    asked("closed", "done")
    asked("closed", "not_found")
    asked("closed", "not_found")
    asked("refused", "refused")
    asked("withdrawn")
    asked("sent", asked=("holder",))
    asked("sent")
    known = {"answered": 1, "no_logs": 2, "refused": 1}
    assert logs(centre) == {**known, "waiting": 1}
    centre.clock.set(centre.clock.now_us() + DAY)
    assert logs(centre) == {**known, "silent": 1}


def test_the_newest_finding_about_its_legs(centre: Any, asked: Any) -> None:
    def finding(subject: str, to_us: int, state: str = "new") -> orm.FindingRow:
        return orm.FindingRow(
            detector=providers.UNMATCHED, subject_kind="provider", subject=subject,
            window_from_us=to_us - DAY, window_to_us=to_us, score=0.5, evidence={}, version="1",
            seal=1, shadow=True, state=state, first_us=1, updated_us=1,
        )  # fmt: skip

    with centre.database.write() as session:
        session.add_all([
            finding("dala", 2 * DAY), finding("dala", 3 * DAY), finding("dala", 4 * DAY, "faded"),
            finding("dala", 5 * DAY, "dismissed"), finding("unknown", DAY),
        ])  # fmt: skip
    with centre.database.session() as session:
        dala, jol = providers.providers(session)
        assert dala.unmatched is not None
        assert dala.unmatched.window_to_us == 3 * DAY
        assert jol.unmatched is None
