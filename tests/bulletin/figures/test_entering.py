"""What others state, entered by one and let out by another (REQ-87)."""

import pytest

from counted import Register
from persons import Officer
from qalqan.bulletin.figures import entering, official
from qalqan.bulletin.figures.entering import Stated
from qalqan.errors import Conflict, InputRejected, NotAllowed
from qalqan.register import audit, orm

ZERE, AIGUL, DANIYAR = (
    Officer("zere", "analyst"), Officer("aigul", "supervisor"), Officer("daniyar", "supervisor"),
)  # fmt: skip
TOLD = Stated(
    "internet_fraud.registered", "2026-09", "", "1 900", "exact", "Letter 12, tel 87011234567",
    "2026-10-05", "p. 3",
)  # fmt: skip


def entered(register: Register, who: Officer = ZERE) -> int:
    with register.database.write() as session:
        return entering.enter(session, who, TOLD, "k").id


def approved(register: Register, entry: int, who: Officer) -> None:
    with register.database.write() as session:
        entering.approve(session, who, entry)


def public(register: Register) -> list[tuple[int, str]]:
    with register.database.session() as session:
        return [(int(f.value or 0), f.source.name) for f in official.entered(session)]


def test_it_is_public_once_a_second_person_has_agreed(register: Register) -> None:
    entry = entered(register)
    assert public(register) == []
    approved(register, entry, AIGUL)
    assert public(register) == [(1_900, "Letter 12, tel •••4567")]
    with register.database.session() as session:
        kept = session.query(orm.Audit).filter_by(object_kind="official").all()
        assert [(row.actor, row.action) for row in kept] == [
            ("zere", "official_enter"), ("aigul", "official_approve"),
        ]  # fmt: skip
        assert [row.approved_by for row in entering.rows(session)] == ["aigul"]


def test_one_who_may_publish_and_did_not_enter_it_himself(register: Register) -> None:
    entry = entered(register, AIGUL)
    with pytest.raises(NotAllowed) as refused:
        approved(register, entry, AIGUL)
    assert refused.value.missing == "second_person"
    with pytest.raises(NotAllowed):
        approved(register, entry, ZERE)
    with register.database.write() as session:
        audit.note(session, "aigul", "add", "user", "daniyar")
    with pytest.raises(NotAllowed) as refused:
        approved(register, entry, DANIYAR)
    assert refused.value.missing == "one_hand"
    assert public(register) == []


def test_neither_twice_nor_once_it_was_taken_back(register: Register) -> None:
    entry = entered(register)
    approved(register, entry, AIGUL)
    with pytest.raises(Conflict):
        approved(register, entry, DANIYAR)
    with pytest.raises(InputRejected), register.database.write() as session:
        entering.take_back(session, ZERE, entry, "x" * 401)
    with register.database.write() as session:
        entering.take_back(session, ZERE, entry, "they corrected it")
    assert public(register) == []
    with pytest.raises(Conflict):
        approved(register, entry, DANIYAR)
