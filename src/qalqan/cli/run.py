"""`qalqan serve`, `work`, `doctor`: the processes of a centre, and whether they can run."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
import threading
from importlib.metadata import version
from typing import Annotated

import typer

from qalqan.cli.home import open_home
from qalqan.cli.out import answer, failing_clearly, people, tell, word
from qalqan.cli.people import AsJson
from qalqan.settings import settings


def serve(
    worker: Annotated[bool, typer.Option(help="Start a worker beside the web server.")] = True,
) -> None:
    """Serve the partner API and the console; starts one worker unless told otherwise."""
    import uvicorn

    from qalqan.web.app import make_app

    with failing_clearly():
        home = open_home()
        child = start_worker() if worker else None
        tell("serving", address=home.settings.address)
        try:
            uvicorn.run(
                make_app(home.settings),
                host=home.settings.host,
                port=home.settings.port,
                log_level="warning",
                server_header=False,
            )
        finally:
            if child:
                child.terminate()
                child.wait(timeout=20)


def start_worker() -> subprocess.Popen[bytes]:
    """A worker process of this home; end it with SIGTERM."""
    return subprocess.Popen([sys.executable, "-m", "qalqan", "work"])


def work() -> None:
    """Do what nobody waits for: sealing, delivery, pursuit, clocks, detection."""
    from qalqan.work.loop import run

    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    with failing_clearly():
        home = open_home()
        run(home.database, home.keys, home.settings, stop)


def doctor(as_json: AsJson = False) -> None:
    """Look at this machine and home; say what is wrong and what would mend it."""
    checks = {
        "python": (sys.version_info >= (3, 11), sys.version.split()[0]),
        "duckdb": (True, version("duckdb")),
        "deltalake": (True, version("deltalake")),
        "disk": _disk(),
        "home": _home(),
        "port": _port(),
        "java": (True, shutil.which("java") or word("doctor.java_absent")),
    }
    if as_json:
        answer({name: {"ok": ok, "seen": seen} for name, (ok, seen) in checks.items()}, True)
    else:
        for name, (ok, seen) in checks.items():
            people.print(f"{'✓' if ok else '✗'} {name:10} {seen}")
    if not all(ok for ok, _ in checks.values()):
        raise SystemExit(1)


def _disk() -> tuple[bool, str]:
    where = settings().home
    while not where.exists():
        where = where.absolute().parent
    free = shutil.disk_usage(where).free
    return free > 2 * 10**9, word("doctor.disk", gigabytes=round(free / 10**9, 1))


def _home() -> tuple[bool, str]:
    try:
        home = open_home()
        with home.database.session():
            return True, str(home.settings.home.absolute())
    except Exception as error:  # whatever stands in the way is what the reader must be told
        return False, word("doctor.home", home=str(settings().home), reason=str(error)[:200])


def _port() -> tuple[bool, str]:
    with socket.socket() as probe:
        busy = probe.connect_ex((settings().host, settings().port)) == 0
    key = "doctor.port_busy" if busy else "doctor.port_free"
    return True, word(key, address=settings().address)
