from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from qalqan.errors import ContractBroken, NotAllowed, NotFound
from qalqan.register import vault
from qalqan.register.database import Database
from qalqan.register.orm import Audit, VaultEntry
from qalqan.trust.keys import CLASSES, Keys
from qalqan.trust.tokens import token

IBAN = "KZ86125KZT5004100100"


def test_what_is_kept_is_revealed_with_a_trace(database: Database, keys: Keys) -> None:
    with database.write() as session:
        kept = vault.keep(session, keys, "account", IBAN)
        assert vault.keep(session, keys, "account", IBAN) == kept == token(keys, "account", IBAN)
    with database.write() as session:
        assert vault.reveal(session, keys, kept, "aigul", "order O-26-000001") == IBAN
    with database.session() as session:
        assert session.query(VaultEntry).count() == 1
        row = session.query(Audit).one()
        assert (row.actor, row.action, row.object) == ("aigul", "reveal", kept)
        assert row.purpose == "order O-26-000001"


def test_nothing_lies_in_clear(database: Database, keys: Keys) -> None:
    with database.write() as session:
        vault.keep(session, keys, "words", "Маған банктен қоңырау шалды")
    with database.session() as session:
        entry = session.query(VaultEntry).one()
        assert "банктен".encode() not in entry.box
        assert entry.klass == "words"


def test_revealing_needs_a_purpose_and_an_entry(database: Database, keys: Keys) -> None:
    with database.write() as session:
        kept = vault.keep(session, keys, "person", "900101300123")
    with pytest.raises(NotAllowed), database.write() as session:
        vault.reveal(session, keys, kept, "aigul", " ")
    with pytest.raises(NotFound), database.write() as session:
        vault.reveal(session, keys, token(keys, "person", "x"), "aigul", "case")
    with database.session() as session:
        assert session.query(Audit).count() == 0


@pytest.mark.parametrize("place", [0, 5, -1])
def test_a_tampered_box_is_refused_without_telling_it(
    database: Database, keys: Keys, place: int
) -> None:
    with database.write() as session:
        kept = vault.keep(session, keys, "person", "900101300123")
        box = bytearray(session.get_one(VaultEntry, kept).box)
        box[place] ^= 1
        session.execute(update(VaultEntry).values(box=bytes(box)))
    with pytest.raises(ContractBroken) as caught, database.write() as session:
        vault.reveal(session, keys, kept, "aigul", "case")
    assert "900101300123" not in repr(caught.value)


def test_a_box_moved_to_another_token_is_refused(database: Database, keys: Keys) -> None:
    with database.write() as session:
        one = vault.keep(session, keys, "person", "900101300123")
        other = vault.keep(session, keys, "person", "850505400321")
        box = session.get_one(VaultEntry, one).box
        session.execute(update(VaultEntry).where(VaultEntry.token == other).values(box=box))
    with pytest.raises(ContractBroken), database.write() as session:
        vault.reveal(session, keys, other, "aigul", "case")


columns = st.lists(
    st.none() | st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(columns, max_size=3), st.sampled_from(CLASSES))
def test_columns_round_trip(
    brief_database: Callable[[], AbstractContextManager[Database]],
    keys: Keys,
    batches: list[list[str | None]],
    klass: str,
) -> None:
    with brief_database() as database:
        for values in batches:
            with database.write() as session:
                kept = vault.keep_many(session, keys, klass, pa.array(values, pa.string()))
                there = {value for value in kept.to_pylist() if value is not None}
                found = vault.reveal_many(session, keys, there, "test", "round trip")
            assert [found.get(value) for value in kept.to_pylist()] == values
        with database.session() as session:
            distinct = {value for values in batches for value in values if value is not None}
            assert session.query(VaultEntry).count() == len(distinct)


def test_long_columns_are_kept_in_pieces(database: Database, keys: Keys) -> None:
    values = pa.array([f"KZAML:{n % 25_000}" for n in range(60_000)])
    with database.write() as session:
        first = vault.keep_many(session, keys, "account", values)
        again = vault.keep_many(session, keys, "account", pa.chunked_array([values, values]))
    assert again.to_pylist() == first.to_pylist() * 2
    with database.session() as session:
        assert session.query(VaultEntry).count() == 25_000


def test_threads_keep_the_same_values_at_once(database: Database, keys: Keys) -> None:
    def keep(start: int) -> list[str]:
        values = pa.array([f"+7701{n % 500:07d}" for n in range(start, start + 400)])
        with database.write() as session:
            tokens: list[str] = vault.keep_many(session, keys, "phone", values).to_pylist()
        return tokens

    with ThreadPoolExecutor(4) as pool:
        kept = {token for tokens in pool.map(keep, range(0, 800, 100)) for token in tokens}
    with database.session() as session:
        assert {row.token for row in session.query(VaultEntry)} == kept


_KEEPS = """
import pathlib, sys
from qalqan.register import vault
from qalqan.register.database import Database
from qalqan.trust.keys import Keys
keys = Keys.load(pathlib.Path(sys.argv[2]))
with Database(sys.argv[1]).write() as session:
    vault.check_keys(session, keys)
    print(vault.keep(session, keys, "phone", "+77011234567"))
"""


def test_another_process_finds_what_this_one_kept(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    keys = Keys.create(path)
    with database.write() as session:
        vault.check_keys(session, keys)
        kept = vault.keep(session, keys, "phone", "+77011234567")
    answer = subprocess.run(
        [sys.executable, "-c", _KEEPS, database.url, str(path)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.strip() == kept


def test_keys_of_another_register_are_refused(database: Database, keys: Keys) -> None:
    with database.write() as session:
        vault.check_keys(session, keys)
        vault.check_keys(session, keys)
    with pytest.raises(ContractBroken), database.write() as session:
        vault.check_keys(session, Keys.new())


@pytest.mark.parametrize("before", [0, 1, 40, 90])
def test_distinct_values_with_their_tokens_are_kept_once(
    database: Database, keys: Keys, before: int
) -> None:
    """Whether most of them are there already or none is."""
    numbers = [f"AAA:{number}" for number in range(100)]
    values = pa.array(numbers)
    made = pa.array([token(keys, "account", number) for number in numbers])
    with database.write() as session:
        vault.keep_many(session, keys, "account", values[:before])
        vault.keep_new(session, keys, "account", values, made)
    with database.write() as session:
        assert session.query(VaultEntry).count() == 100
        revealed = vault.reveal_many(session, keys, made.to_pylist(), "aigul", "test")
    assert [revealed[one] for one in made.to_pylist()] == numbers
