"""`qalqan serve` and `work`: the processes of a centre."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from typing import Annotated

import typer

from qalqan.cli.home import open_home
from qalqan.cli.out import failing_clearly, tell


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
