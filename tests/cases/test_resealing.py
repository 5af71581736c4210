"""REQ-18: a newer key seals anew all that the older ones did, wherever it stands: afterwards the
newest key alone opens everything, and the record still adds up."""

from __future__ import annotations

import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from sqlalchemy import select

from cases.conftest import BAYTEREK, Centre
from persons import Officer
from qalqan.cases import delivery, documents, order_check
from qalqan.cases.documents import Upload
from qalqan.errors import ContractBroken
from qalqan.exchange.given import Given, Places
from qalqan.lake import quarantine
from qalqan.lake.refusals import Reason
from qalqan.register import orm, rekeying, vault, vault_check
from qalqan.trust.keys import CLASSES, Keys
from qalqan.work import vault_upkeep

ASEL = Officer("asel", "supervisor")
DATA = b"%PDF-1.7 " + b"x" * (2 * documents.PIECE)
GIVEN = Given(pa.table({"id": ["a"], "payer_holder": ["850101300006"]}), Places(":{}", 0))


@pytest.fixture
def server(either_server: str | None) -> str | None:
    return either_server


@pytest.fixture
def filled(centre: Centre, tmp_path: Path) -> tuple[Centre, str, str]:
    """One box at least in each column; the case and its document."""
    centre.keys = Keys.create(tmp_path / "keys.json")
    with centre.database.write() as session:
        session.get_one(orm.Partner, BAYTEREK).iso20022 = True
    case = centre.report(words="Маған банктен қоңырау шалды", victim_name="Ким Юлия").case
    centre.work()
    centre.confirm(centre.order("confirm"))
    reason = Reason("payer_holder", "iin.check_digit")
    with centre.database.write() as session:
        upload = Upload(DATA, "scan.pdf", "Scan", "the victim")
        document = documents.add(session, centre.keys, ASEL, case, upload).id
        quarantine.keep(
            session, centre.keys, "b-1", "payment", "a", [quarantine.of_row(GIVEN, 0, reason)]
        )
    return centre, case, document


def opened(centre: Centre, case: str, document: str, keys: Keys) -> dict[str, Any]:
    """All that the keys open."""
    hold = centre.order("hold")
    with centre.database.write() as session:
        tokens = list(session.scalars(select(orm.VaultEntry.token)))
        return {
            "values": vault.reveal_many(session, keys, tokens, "asel", "a test"),
            "document": documents.read(session, keys, ASEL, case, document, "a test")[1],
            "order": delivery.signed_text(session, keys, hold.id),
            "recall": delivery.recall_text(session, keys, hold.id),
            "record": quarantine.open_record(session, keys, 1),
        }


def rotated(keys: Keys, *classes: str) -> Keys:
    assert keys.path is not None
    for klass in classes:
        keys = Keys.rotate(keys.path, klass)
    return keys


def newest_alone(keys: Keys) -> Keys:
    """The keys as a thief of the old ones would miss them: no older box opens."""
    alone = {klass: {max(ring): ring[max(ring)]} for klass, ring in keys.box_keys.items()}
    return replace(keys, box_keys=alone, path=None)


def test_the_newest_key_opens_all_and_the_record_adds_up(filled: tuple[Centre, str, str]) -> None:
    centre, case, document = filled
    before = opened(centre, case, document, centre.keys)
    assert before["document"] == DATA
    assert before["recall"] is not None
    new = rotated(centre.keys, *CLASSES)
    with pytest.raises(ContractBroken):
        opened(centre, case, document, newest_alone(new))
    with centre.database.session() as session:
        old = {klass: rekeying.versions(session, klass) for klass in CLASSES}
    assert all(set(of) <= {1} for counted in old.values() for of in counted.values())
    counts = {name: of[1] for name, of in old["document"].items() if name != "vault.box"}
    assert counts == {
        "document_pieces.box": 3, "orders.jws": 3, "orders.recall": 1, "quarantine.record": 1,
    }  # fmt: skip
    done = vault_upkeep.rekey(centre.database, centre.keys)
    assert done == {klass: rekeying.older(new, klass, old[klass]) for klass in CLASSES}
    assert vault_upkeep.rekey(centre.database, centre.keys) == dict.fromkeys(CLASSES, 0)
    with centre.database.session() as session:
        for klass in CLASSES:
            counted = rekeying.versions(session, klass)
            assert all(set(of) <= {2} for of in counted.values()), klass
            assert {name for name, of in counted.items() if of} == {
                name for name, of in old[klass].items() if of
            }
        alone = newest_alone(new)
        assert list(vault_check.differences(session, alone)) == []
        assert list(order_check.differences(session, alone)) == []
    assert opened(centre, case, document, alone) == before


def test_a_process_that_read_the_keys_before_goes_on(filled: tuple[Centre, str, str]) -> None:
    centre, case, document = filled
    before = opened(centre, case, document, centre.keys)
    rotated(centre.keys, "document")
    vault_upkeep.rekey(centre.database, centre.keys)
    assert opened(centre, case, document, centre.keys) == before  # reads the file anew
    with centre.database.write() as session:
        upload = Upload(b"later", "later.pdf", "Later", "the victim")
        documents.add(session, centre.keys, ASEL, case, upload)  # still seals with the old key
    assert vault_upkeep.rekey(centre.database, centre.keys)["document"] == 2
    with centre.database.session() as session:
        assert rekeying.older(Keys.load(centre.keys.path or Path()), "document",
                              rekeying.versions(session, "document")) == 0  # fmt: skip


KILLED = """
import os, signal, sys
from dataclasses import replace
from qalqan.register import rekeying
from qalqan.register.database import Database
from qalqan.trust.keys import Keys
from pathlib import Path

rekeying.BOXES = tuple(replace(of, at_once=2) for of in rekeying.BOXES)
left = int(sys.argv[3])

def told(rows):
    global left
    left -= 1
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)

rekeying.rekey(Database(sys.argv[1]), Keys.load(Path(sys.argv[2])), "document", told)
"""


def test_killed_half_way_nothing_is_lost_and_the_next_run_ends_it(
    filled: tuple[Centre, str, str],
) -> None:
    centre, case, document = filled
    before = opened(centre, case, document, centre.keys)
    new = rotated(centre.keys, "document")
    seen = []
    for pieces in (1, 2, 3):  # the run goes on where the last one was cut off
        script = [sys.executable, "-c", KILLED, centre.database.url, str(new.path), str(pieces)]
        assert subprocess.run(script, check=False).returncode == -signal.SIGKILL
        with centre.database.session() as session:
            counted = rekeying.versions(session, "document")
            seen.append(rekeying.older(new, "document", counted))
            assert list(vault_check.differences(session, new)) == []
            assert list(order_check.differences(session, new)) == []
        assert opened(centre, case, document, new) == before
    assert seen == sorted(seen, reverse=True)
    assert 0 < seen[-1] < seen[0]
    assert rekeying.rekey(centre.database, new, "document") == seen[-1]
    assert opened(centre, case, document, newest_alone(new)) == before


def test_without_the_older_key_what_it_sealed_is_left_as_it_was(
    filled: tuple[Centre, str, str],
) -> None:
    centre, case, document = filled
    before = opened(centre, case, document, centre.keys)
    new = rotated(centre.keys, "document")
    assert rekeying.rekey(centre.database, newest_alone(new), "document") == 0
    assert opened(centre, case, document, new) == before
