"""Processes of one home count together; nobody else's folder is used, nothing is left behind."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from qalqan import metrics

COUNT = """
import sys
from pathlib import Path
from qalqan import metrics
with metrics.shared(Path(sys.argv[1])):
    metrics.count_facts("payment", accepted=int(sys.argv[2]), duplicate=1, quarantined=0)
    metrics.counts().job_seconds.labels("seal").observe(0.02)
    print("counted", flush=True)
    sys.stdin.readline()
    print(metrics.counts().text().decode())
"""


def counting(home: Path, n: int) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", COUNT, str(home), str(n)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "counted\n"
    return process


def told(process: subprocess.Popen[str]) -> dict[tuple[str, ...], float]:
    out, _ = process.communicate("now\n", timeout=60)
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(out)
        for sample in family.samples
    }


def folders() -> set[str]:
    return {path.name for path in Path("/dev/shm").glob("qalqan-*")}


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="no file system in memory")
def test_two_processes_count_together_and_leave_nothing(tmp_path: Path) -> None:
    before = folders()
    first, second = counting(tmp_path, 3), counting(tmp_path, 4)
    stranger = counting(tmp_path / "other", 100)
    made = {Path("/dev/shm", name) for name in folders() - before}
    assert {path.stat().st_mode & 0o777 for path in made} == {0o700}
    answer = told(first)
    assert answer["qalqan_posted_facts_total", "payment", "accepted"] == 7
    assert answer["qalqan_posted_facts_total", "payment", "duplicate"] == 2
    assert answer["qalqan_job_seconds_count", "seal"] == 2
    second.kill()
    second.communicate()
    third = counting(tmp_path, 5)
    assert told(third)["qalqan_posted_facts_total", "payment", "accepted"] == 5
    told(stranger)
    assert not any(path.exists() for path in made)


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="no file system in memory")
def test_a_folder_that_another_left_for_us_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics, "_IN_MEMORY", tmp_path)
    monkeypatch.delenv(metrics.FOLDER, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    with metrics.shared(tmp_path / "home"):
        assert metrics.FOLDER not in os.environ


def test_a_worker_may_tell_on_a_port_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    monkeypatch.delenv(metrics.FOLDER, raising=False)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    metrics.counts().jobs.labels("seal", "done").inc()
    with (
        metrics.told_on("127.0.0.1", port),
        urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer,
    ):
        assert b'qalqan_jobs_total{kind="seal",outcome="done"}' in answer.read()
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5)
