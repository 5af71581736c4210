"""REQ-18: `qalqan keys` tells by class and column what older keys still hold, and renews one."""

from __future__ import annotations

from cli.conftest import Terminal
from qalqan.cli.home import open_home
from qalqan.exchange.given import Broken
from qalqan.lake import quarantine
from qalqan.lake.quarantine import of_broken
from qalqan.register import vault
from qalqan.register.orm import Audit, Quarantined


def test_a_key_is_renewed_and_all_that_it_sealed_follows(qalqan: Terminal) -> None:
    assert qalqan("init").code == 0
    home = open_home()
    with home.database.write() as session:
        kept = vault.keep(session, home.keys, "document", "scan.pdf")
        refused = [of_broken(Broken(":0", "{", "file.json"))]
        quarantine.keep(session, home.keys, "b-1", "payment", "a", refused)
    told = qalqan("keys", "show", "--json").json["document"]
    assert (told["newest"], told["older"]) == (1, 0)
    assert told["boxes"] == {
        "vault.box": {"1": 1}, "document_pieces.box": {}, "orders.jws": {}, "orders.recall": {},
        "quarantine.record": {"1": 1},
    }  # fmt: skip
    done = qalqan("keys", "rotate", "--class", "document", "--json")
    assert done.json == {"class": "document", "version": 2, "sealed": 2, "older": 0}
    assert "Keep a copy" in done.err
    assert "did not open" not in done.err
    told = qalqan("keys", "show", "--json").json
    assert told["document"]["boxes"]["quarantine.record"] == {"2": 1}
    assert told["words"]["newest"] == 1
    with home.database.write() as session:
        assert vault.reveal(session, home.keys, kept, "asel", "a test") == "scan.pdf"
        assert session.query(Audit).filter_by(action="keys.rotate").one().object == "document"
    assert qalqan("audit", "verify", "--json").code == 0


def test_what_does_not_open_is_told(qalqan: Terminal) -> None:
    assert qalqan("init").code == 0
    home = open_home()
    with home.database.write() as session:
        refused = [of_broken(Broken(":0", "{", "file.json"))]
        quarantine.keep(session, home.keys, "b-1", "payment", "a", refused)
        session.flush()
        row = session.query(Quarantined).one()
        row.record = row.record[:-1] + bytes([row.record[-1] ^ 1])
    done = qalqan("keys", "rotate", "--class", "document", "--json")
    assert (done.json["sealed"], done.json["older"]) == (0, 1)
    assert "1 boxes did not open" in done.err
    shown = qalqan("keys", "show")
    (line,) = [line for line in shown.out.splitlines() if "quarantine.record" in line]
    assert line.split() == ["document", "2", "quarantine.record", "1", "1"]


def test_a_class_that_does_not_exist_is_refused(qalqan: Terminal) -> None:
    assert qalqan("init").code == 0
    refused = qalqan("keys", "rotate", "--class", "passports")
    assert refused.code != 0
    assert "passports" in refused.err
    assert qalqan("keys", "show", "--json").json["person"]["newest"] == 1
