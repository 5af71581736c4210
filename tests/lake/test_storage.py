"""A folder and a bucket promise the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from peers.s3 import IN_BUCKET
from qalqan.errors import InputRejected
from qalqan.lake.storage import Storage, storage


@pytest.fixture(params=["folder", pytest.param("bucket", marks=IN_BUCKET)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    if request.param == "folder":
        return storage(str(tmp_path / "көл + lake"))
    return storage(request.getfixturevalue("bucket"))


def write(place: Storage, name: str, contents: bytes) -> None:
    with place.new_file(name) as file:
        file.write(contents)
        assert file.tell() == len(contents)
    place.keep([name])


def test_what_was_written_is_listed_and_read(place: Storage) -> None:
    write(place, "payment/day=2026-01-01/b.parquet", b"12")
    write(place, "payment/a.parquet", b"1" * 40_000_000)
    write(place, "call/c.parquet", b"3")
    assert [(one.name, one.size) for one in place.files("payment")] == [
        ("payment/a.parquet", 40_000_000),
        ("payment/day=2026-01-01/b.parquet", 2),
    ]
    assert next(one.name for one in place.files("")) == "call/c.parquet"
    for _ in range(2):
        assert place.local("call/c.parquet").read_bytes() == b"3"


def test_what_was_deleted_is_gone_and_may_be_deleted_again(place: Storage) -> None:
    write(place, "payment/a.parquet", b"1")
    for _ in range(2):
        place.delete("payment/a.parquet")
    assert place.files("payment") == []


def test_no_such_folder_has_no_files(place: Storage) -> None:
    assert place.files("nowhere") == []


def test_an_entry_of_the_log_can_be_written_once(place: Storage) -> None:
    place.prove()
    assert place.files("") == []


@pytest.mark.parametrize(
    "address", ["gs://lake", "s3://", "s3://UPPER/x", "s3://lake/a b", "s3://key:secret@lake"]
)
def test_other_addresses_are_refused_without_being_repeated(address: str) -> None:
    with pytest.raises(InputRejected, match=r"setting\.lake") as refused:
        storage(address)
    assert "secret" not in str(refused.value.value)
