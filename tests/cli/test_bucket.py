"""A centre whose lake lies in a bucket: one setting, and the commands are the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

ROOT = "amlsim:amlsim-1"


@pytest.fixture
def remote(qalqan: Any, bucket: str) -> Any:
    qalqan.set(LAKE=bucket, HOME=str(qalqan.home))
    assert qalqan("init").code == 0
    return qalqan


def test_ingest_trace_detect_and_doctor_work_as_in_a_folder(
    remote: Any, filled_home: Path, tmp_path: Path, s3_server: dict[str, str]
) -> None:
    path = remote.transfers(tmp_path / "amlsim.parquet")
    taken = remote("ingest", "payments", path, "--mapping", remote.mapping, "--json")
    assert taken.json["accepted"] == 8
    assert not (remote.home / "lake").exists()
    asked = ("trace", ROOT, "--as-of", "2020-01-10", "--json")
    there = remote(*asked).json
    found = remote("detect", "payments.passes_through", "--json")
    checked = remote("doctor", "--json").json["lake"]
    assert found.json["seal"] == 1
    assert checked["ok"]
    assert s3_server["AWS_SECRET_ACCESS_KEY"] not in str([taken, found, checked])
    remote.patch.delenv("QALQAN_LAKE")
    remote.set(HOME=str(filled_home))
    assert remote(*asked).json["parts"] == there["parts"]


def test_a_server_that_is_away_is_told_with_what_to_look_at(remote: Any) -> None:
    remote.patch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    checked = remote("doctor", "--json")
    assert checked.code == 1
    assert "AWS_ENDPOINT_URL" in checked.json["lake"]["seen"]


@pytest.mark.parametrize("address", ["gs://lake/x", "s3:/lake/x"])
def test_an_address_of_another_kind_is_refused_before_facts_land(qalqan: Any, address: str) -> None:
    assert qalqan("init").code == 0
    qalqan.set(LAKE=address)
    for command in (("init",), ("ingest", "payments", __file__, "--mapping", qalqan.mapping)):
        told = qalqan(*command)
        assert told.code == 2
        assert "QALQAN_LAKE" in told.err
        assert "s3://bucket/prefix" in told.err
    checked = qalqan("doctor", "--json").json["settings"]
    assert not checked["ok"]
    assert "s3://bucket/prefix" in checked["seen"]
