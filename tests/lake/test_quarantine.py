"""What was refused is kept whole, unreadable without the keys, and bound to its place."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest
from sqlalchemy import select, update

from qalqan.errors import NotFound, QalqanError
from qalqan.exchange.given import Broken, Given, Places
from qalqan.lake import quarantine
from qalqan.lake.quarantine import Refused
from qalqan.lake.refusals import Reason
from qalqan.register.database import Database
from qalqan.register.orm import Quarantined
from qalqan.trust.keys import Keys

GIVEN = Given(pa.table({"id": ["a", "b"], "payer_holder": ["850101300006", "x"]}), Places(":{}", 5))
REASON = Reason("payer_holder", "iin.check_digit")


def kept(database: Database, keys: Keys, *refused: Refused) -> list[Quarantined]:
    with database.write() as session:
        quarantine.keep(session, keys, "b-1", "payment", "bank-a", refused)
    with database.session() as session:
        return list(session.scalars(select(Quarantined).order_by(Quarantined.id)))


def test_a_row_with_its_place_and_a_masked_value(database: Database, keys: Keys) -> None:
    (row,) = kept(database, keys, quarantine.of_row(GIVEN, 0, REASON))
    assert (row.place, row.field, row.expected) == (":5", "payer_holder", "iin.check_digit")
    assert (row.batch, row.kind, row.source) == ("b-1", "payment", "bank-a")
    assert "850101" not in row.value_masked
    assert b"850101" not in row.record
    with database.session() as session:
        opened = json.loads(quarantine.open_record(session, keys, row.id))
    assert opened == {"id": "a", "payer_holder": "850101300006"}


@pytest.mark.parametrize("text", ["{", "ж" * 5_000, "x" * (1 << 19), ""])
def test_what_could_not_be_split_is_kept_up_to_a_bound(
    text: str, database: Database, keys: Keys
) -> None:
    (row,) = kept(database, keys, quarantine.of_broken(Broken("y" * 200, text, "file.json")))
    assert (row.place, len(row.value_masked) <= 120) == ("y" * 80, True)
    with database.session() as session:
        assert quarantine.open_record(session, keys, row.id) == text[: 1 << 18]


def test_a_record_opens_at_its_own_place_only(database: Database, keys: Keys) -> None:
    first, second = kept(
        database, keys, *(quarantine.of_row(GIVEN, row, REASON) for row in range(2))
    )
    with database.write() as session:
        moved = update(Quarantined).where(Quarantined.id == second.id)
        session.execute(moved.values(record=first.record))
    with database.session() as session:
        with pytest.raises(QalqanError):
            quarantine.open_record(session, keys, second.id)
        with pytest.raises(QalqanError):
            quarantine.open_record(session, Keys.new(), first.id)
        with pytest.raises(NotFound):
            quarantine.open_record(session, keys, 99)
