"""Every detector finds on each form of Spark what it finds on DuckDB, also when a worker is killed
in mid-query (REQ-39). Local Spark is `test_harness`'s; the long form is `soak/spark.py`."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from detectors import answers as script
from peers.spark import cluster, environment
from qalqan.lake.engine import DuckEngine

pytestmark = [pytest.mark.spark, pytest.mark.xdist_group("spark"), pytest.mark.long]
a_few = pytest.mark.parametrize("code", script.FEW)

SMALL = {
    "spark.executor.memory": "1g",
    "spark.driver.memory": "1g",
    "spark.sql.shuffle.partitions": "4",
    "spark.sql.adaptive.coalescePartitions.enabled": "false",
    "spark.ui.enabled": "false",
}
SHORT_LIVED = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    if shutil.which("java") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Spark's tests need java")
        pytest.skip("Spark's tests need java")
    return environment(tmp_path_factory.mktemp("spark"), SMALL) | {"JDK_JAVA_OPTIONS": SHORT_LIVED}


def asked(
    told: Mapping[str, str], lake: str, master: str, out: Path, codes: Sequence[str], *more: str
) -> Any:
    settings = {"QALQAN_ENGINE": "spark", "QALQAN_SPARK_MASTER": master, "QALQAN_LAKE": lake}
    command = [sys.executable, str(script.__file__), str(out), *more]
    ended = subprocess.run(
        command,
        env={**told, **settings, "DETECTORS": " ".join(codes)},
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    return json.loads(out.read_text())


@pytest.fixture(scope="module")
def on_duckdb(small_lake: str) -> Any:
    with closing(DuckEngine(small_lake)) as engine:
        told = {"answers": script.answers(engine), "caller's": script.callers_rows(engine)}
        return json.loads(json.dumps(told))


@pytest.fixture(scope="module")
def on_cluster(
    told: dict[str, str], small_lake: str, tmp_path_factory: pytest.TempPathFactory
) -> Any:
    folder = tmp_path_factory.mktemp("cluster")
    with cluster(folder, told) as found:
        victim = str(found.workers[0])
        out, quick = folder / "answers.json", script.FEW[-1:]
        return asked(told, small_lake, found.master, out, quick, victim)


@pytest.fixture(scope="module")
def on_connect(
    told: dict[str, str],
    small_lake: str,
    spark: Any,
    spark_connect: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Any:
    """The tests' one session serves; a Connect server of its own is asked by `soak/spark.py`."""
    out = tmp_path_factory.mktemp("connect") / "answers.json"
    return asked(told, small_lake, spark_connect, out, script.FEW)


def test_a_standalone_cluster_finds_the_same(on_cluster: Any, on_duckdb: Any) -> None:
    (code,) = on_cluster["answers"]
    assert on_cluster["answers"][code] == on_duckdb["answers"][code]


def test_so_it_does_when_a_worker_is_killed_in_mid_query(on_cluster: Any, on_duckdb: Any) -> None:
    assert on_cluster["killed in stage"], "nobody was killed while a query ran"
    assert on_cluster["after a death"] == on_duckdb["answers"][script.SLOW]


@a_few
def test_connect_finds_the_same(code: str, on_connect: Any, on_duckdb: Any) -> None:
    assert on_connect["answers"][code] == on_duckdb["answers"][code]


def test_the_caller_s_rows_keep_nulls_and_last_units(
    on_cluster: Any, on_connect: Any, on_duckdb: Any
) -> None:
    assert on_cluster["caller's"] == on_connect["caller's"] == on_duckdb["caller's"]
    assert {row["limit_minor"] for row in on_duckdb["caller's"]} == {2**53 + 1, None}
