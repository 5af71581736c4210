"""Parquet in batches."""

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from qalqan.errors import InputRejected
from qalqan.exchange import parquet_table


def test_batches_keep_types_and_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_table, "BATCH_ROWS", 2)
    sink = io.BytesIO()
    pq.write_table(pa.table({"id": [1, 2, 3]}), sink)
    assert parquet_table.rows(sink) == 3
    found = list(parquet_table.read(sink))
    assert [one.table["id"].to_pylist() for one in found] == [[1, 2], [3]]
    assert found[1].places[0] == "[3]"


@pytest.mark.parametrize("data", [b"", b"PAR1 no PAR1"])
def test_another_file_is_refused(data: bytes) -> None:
    with pytest.raises(InputRejected) as caught:
        list(parquet_table.read(io.BytesIO(data)))
    assert caught.value.expected == "file.parquet"
