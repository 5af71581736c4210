"""REQ-18: values go when their term is over and nothing needs them; boxes follow their keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from qalqan.cases import vault_retention
from qalqan.clock import DAY, SharedClock
from qalqan.errors import ContractBroken, InputRejected, NotAllowed, NotFound
from qalqan.register import orm, rekeying, vault, vault_check
from qalqan.register.database import Database
from qalqan.trust.keys import Keys
from qalqan.work import legal_holds, vault_upkeep

IIN, OTHER = "900101300017", "880101300018"
POLICY = {"words": {"days": 100, "source": "test"}, "person": {"days": 200, "source": "test"}}
CASES = ("C-26-000001", "C-26-000002", "C-26-000003")


def report(number: int, case_id: str, victim: str, words: str | None) -> orm.Report:
    return orm.Report(
        id=f"R-26-{number:06}", case_id=case_id, channel="hotline", receipt_hash=str(number),
        methods=[], methods_version="1", region="KZ-75", language="kk", victim=victim,
        words=words, payer_account="acc_a", payer_bank="311", amount=1, currency="KZT",
        crime_us=1, discovered_us=1, reported_us=1,
    )  # fmt: skip


@pytest.fixture
def kept(database: Database, keys: Keys, stopped_clock: SharedClock) -> dict[str, str]:
    """Two closed cases and an open one; the second and third are of one person."""
    now = stopped_clock.now_us()
    with database.write() as session:
        tokens = {
            name: vault.keep(session, keys, klass, text)
            for name, klass, text in (
                ("iin", "person", IIN),
                ("other", "person", OTHER),
                ("words", "words", "first"),
                ("more", "words", "second"),
            )
        }
        for case, state in zip(CASES, ("closed", "closed", "open"), strict=True):
            closed = now if state == "closed" else None
            session.add(
                orm.Case(id=case, region="KZ-75", opened_us=1, state=state, closed_us=closed)
            )
        session.flush()
        session.add(report(1, CASES[0], tokens["iin"], tokens["words"]))
        session.add(report(2, CASES[1], tokens["other"], tokens["more"]))
        session.add(report(3, CASES[2], tokens["other"], None))
    return tokens


def there(database: Database) -> set[str]:
    with database.session() as session:
        return {row.token for row in session.query(orm.VaultEntry)}


def test_only_what_is_over_its_term_and_nothing_needs_goes_and_still_adds_up(
    database: Database, keys: Keys, kept: dict[str, str], stopped_clock: SharedClock
) -> None:
    stopped_clock.set(stopped_clock.now_us() + 150 * DAY)
    assert vault_upkeep.forget(database) == {}  # nobody has approved a policy
    with database.write() as session:
        vault_retention.install(session, POLICY, ["a", "b"])
        held = legal_holds.place(session, "a", "a trial", legal_holds.Scope(case_id=CASES[1]))
    assert vault_upkeep.forget(database)["words"] == 1
    assert there(database) == {kept["iin"], kept["other"], kept["more"]}
    with database.write() as session:
        legal_holds.lift(session, "a", held.id, "it is over")
    stopped_clock.set(stopped_clock.now_us() + 150 * DAY)
    assert {name: n for name, n in vault_upkeep.forget(database).items() if n} == {
        "words": 1, "person": 1,
    }  # fmt: skip
    assert there(database) == {kept["other"]}  # the open case needs it
    with database.session() as session:
        assert vault.gone_us(session, kept["iin"]) == stopped_clock.now_us()
        assert vault.gone_us(session, kept["other"]) is None
        assert list(vault_check.differences(session, keys)) == []
        rows = session.query(orm.Audit).filter_by(action=vault.DROP).all()
        assert [row.detail["rows"] for row in rows] == [1, 1, 1]
    # Told again it is a value like any other, of a batch of its own.
    with database.write() as session:
        vault.keep(session, keys, "person", IIN)
    with database.session() as session:
        assert vault.gone_us(session, kept["iin"]) is None
        assert list(vault_check.differences(session, keys)) == []
    # And one that somebody deletes as if retention had is found.
    with database.write() as session:
        entry = session.get_one(orm.VaultEntry, kept["iin"])
        told = {"token": entry.token, "batch": entry.batch, "number": 1, "at_us": 1}
        session.delete(entry)
        session.add(orm.VaultGone(**told))
    with database.session() as session:
        found = list(vault_check.differences(session, keys))
        assert [each.kind for each in found] == ["vault.gone"]


def test_a_hold_on_everything_keeps_everything(
    database: Database, kept: dict[str, str], stopped_clock: SharedClock
) -> None:
    with database.write() as session:
        vault_retention.install(session, POLICY, ["a", "b"])
        legal_holds.place(session, "a", "an inspection")
    stopped_clock.set(stopped_clock.now_us() + 999 * DAY)
    assert sum(vault_upkeep.forget(database).values()) == 0
    assert len(there(database)) == 4


def test_a_policy_is_two_people_and_sensible(database: Database) -> None:
    with database.write() as session:
        with pytest.raises(NotAllowed):
            vault_retention.install(session, POLICY, ["a", "a"])
        for bad in ({"words": {"days": 5, "source": "x"}}, {"passport": POLICY["words"]}):
            with pytest.raises(InputRejected):
                vault_retention.install(session, bad, ["a", "b"])
        assert vault_retention.install(session, vault_retention.default_body(), ["a", "b"]).days


def test_boxes_are_sealed_anew_and_the_log_needs_no_word_of_it(
    database: Database, kept: dict[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "keys.json"
    keys = Keys.create(path)
    with database.write() as session:  # keys that live in a file know only their own
        session.query(orm.VaultEntry).delete()
    with database.write() as session:
        tokens = [vault.keep(session, keys, "person", text) for text in (IIN, OTHER)]
        words = vault.keep(session, keys, "words", "first")
    assert vault_upkeep.rekey(database, keys)["person"] == 0
    new = Keys.rotate(path, "person")
    assert vault_upkeep.rekey(database, keys) == dict.fromkeys(new.box_keys, 0) | {"person": 2}
    assert vault_upkeep.rekey(database, keys)["person"] == 0
    with database.write() as session:
        assert rekeying.versions(session, "person")["vault.box"] == {2: 2}
        assert rekeying.versions(session, "words") == {"vault.box": {1: 1}}
        # Whoever read the keys before opens them, too.
        told = vault.reveal_many(session, keys, [*tokens, words], "aigul", "a test")
        assert set(told.values()) == {IIN, OTHER, "first"}
        made = [each for each in vault_check.differences(session, new) if "batch" not in each.what]
        assert made == []
    with pytest.raises((ContractBroken, NotFound)), database.write() as session:
        vault.reveal(session, Keys.new(), tokens[0], "aigul", "a test")
