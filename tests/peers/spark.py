"""Spark's daemons as processes on loopback: a standalone master with workers, a Connect server."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from peers.ports import free_port

_WAIT_S = 120.0
_DEPLOY = "org.apache.spark.deploy"
_CONNECT = "org.apache.spark.sql.connect.service.SparkConnectServer"


@dataclass(frozen=True)
class Cluster:
    """A standalone master and the processes of its workers."""

    master: str
    """`spark://host:port`."""
    workers: list[int]
    add_worker: Callable[[], int]
    """Start one more; its process."""


def environment(folder: Path, defaults: Mapping[str, str]) -> dict[str, str]:
    """What daemons and drivers of one cluster are told; `defaults` is its spark-defaults.conf."""
    import pyspark

    conf = folder / "conf"
    conf.mkdir(parents=True, exist_ok=True)
    lines = [f"{name} {value}\n" for name, value in defaults.items()]
    (conf / "spark-defaults.conf").write_text("".join(lines))
    return {
        **os.environ,
        "SPARK_HOME": str(Path(pyspark.__file__).parent),
        "SPARK_CONF_DIR": str(conf),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_NO_DAEMONIZE": "1",
        "SPARK_DAEMON_MEMORY": "256m",
    }


@contextmanager
def cluster(
    folder: Path, told: Mapping[str, str], workers: int = 2, memory: str = "1g"
) -> Iterator[Cluster]:
    """Run a master and its workers of one core each."""
    port = free_port()
    master = f"spark://127.0.0.1:{port}"
    listens = ("--host", "127.0.0.1", "--webui-port", "0")
    with ExitStack() as stack:
        log = folder / "master.log"
        command = [f"{_DEPLOY}.master.Master", *listens, "--port", str(port)]
        stack.enter_context(_daemon(command, told, log))
        _until(log, "New state: ALIVE")
        numbers = count()

        def start() -> tuple[int, Path]:
            home = folder / f"worker{next(numbers)}"
            size = ("--cores", "1", "--memory", memory, "--work-dir", str(home))
            command = [f"{_DEPLOY}.worker.Worker", *listens, *size, master]
            log = home.with_suffix(".log")
            return stack.enter_context(_daemon(command, told, log)), log

        def add_worker() -> int:
            pid, log = start()
            _until(log, "Successfully registered with master")
            return pid

        started = [start() for _ in range(workers)]
        for _, log in started:
            _until(log, "Successfully registered with master")
        yield Cluster(master, [pid for pid, _ in started], add_worker)


@contextmanager
def connect_server(
    folder: Path, told: Mapping[str, str], master: str, memory: str = "1g"
) -> Iterator[str]:
    """Run a Connect server whose driver works on `master`; its address, `sc://host:port`."""
    port = free_port()
    binding = "spark.connect.grpc.binding"
    asked = ["--class", _CONNECT, "--master", master]
    asked += ["--conf", f"{binding}.address=127.0.0.1", "--conf", f"{binding}.port={port}"]
    asked += ["--conf", "spark.ui.enabled=false", "spark-internal"]
    log = folder / "connect.log"
    told = {**told, "SPARK_DAEMON_MEMORY": memory}  # its driver's memory: it counts as a daemon
    with _daemon([f"{_DEPLOY}.SparkSubmit", *asked], told, log):
        _until(log, "Spark Connect server started")
        yield f"sc://127.0.0.1:{port}"


def serving(address: str, folder: Path) -> Path:
    """The folder, with settings by which a driver serves Connect at that address beside its own
    work: no other machine of Java has to start and warm up for it."""
    host, _, port = address.removeprefix("sc://").partition(":")
    told = {
        "spark.plugins": "org.apache.spark.sql.connect.SparkConnectPlugin",
        "spark.connect.grpc.binding.address": host,
        "spark.connect.grpc.binding.port": port,
    }
    lines = [f"{name} {value}\n" for name, value in told.items()]
    (folder / "spark-defaults.conf").write_text("".join(lines))
    return folder


@contextmanager
def _daemon(command: list[str], told: Mapping[str, str], log: Path) -> Iterator[int]:
    """Run one of Spark's programs; it and what it started are gone at the end."""
    script = f"{told['SPARK_HOME']}/bin/spark-class"
    with log.open("wb") as said:
        process = subprocess.Popen(
            [script, *command], env=dict(told), stdout=said, stderr=said, start_new_session=True
        )
        try:
            yield process.pid
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _until(log: Path, words: str) -> None:
    until = time.monotonic() + _WAIT_S
    while words not in (said := log.read_text()):
        if time.monotonic() > until:
            raise RuntimeError(f"{log.name} never said {words!r}: {said[-800:]}")
        time.sleep(0.05)
