"""`qalqan serve` and `work`: the processes of a centre."""

from __future__ import annotations

import logging
import signal
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any

import typer

from qalqan.cli.home import Home, open_home
from qalqan.cli.out import failing_clearly, tell
from qalqan.cli.owners import owners
from qalqan.cli.watched import watched
from qalqan.errors import InputRejected
from qalqan.parent import end_with_parent, name_parent, with_parent
from qalqan.register.dialect import is_sqlite

log = logging.getLogger("qalqan.work")

_BACKLOG = 2048
_STOP_S = 15
"""How long requests in hand may take once the server is to stop."""


def serve(
    worker: Annotated[bool, typer.Option(help="Start a worker beside the web server.")] = True,
    screens: Annotated[
        bool, typer.Option(help="Start the owners of the screens' state beside it.")
    ] = True,
    web: Annotated[
        int, typer.Option(min=1, max=64, help="Web processes that answer on the one port.")
    ] = 1,
    tls_cert: Annotated[
        Path | None, typer.Option(help="PEM file of the certificates to show; none: plain HTTP.")
    ] = None,
    tls_key: Annotated[Path | None, typer.Option(help="PEM file of its private key.")] = None,
    tls_client_ca: Annotated[
        Path | None,
        typer.Option(help="PEM file of those who sign partners' certificates: keys may be bound."),
    ] = None,
) -> None:
    """Serve the partner API and the console; starts one worker and the screens' owners unless told
    otherwise."""
    end_with_parent()
    with failing_clearly(), ExitStack() as running:
        home = open_home()
        here = home.settings
        running.enter_context(watched(here))
        listener = running.enter_context(_listener(here.host, here.port))
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, _leave)  # uvicorn raises what it caught again when it is done
        if worker:
            running.callback(_end, start_worker())
        if screens:
            running.enter_context(owners(here.screen_shards))
        tell("serving", address=here.address)
        _answer(listener, web, tls(tls_cert, tls_key, tls_client_ca))


def tls(cert: Path | None, key: Path | None, client_ca: Path | None) -> dict[str, Any]:
    """What uvicorn is told of TLS. A partner's program may show a certificate, and a browser need
    not; what is shown has to be signed by `client_ca`.

    Raises:
        InputRejected: a certificate without its key, or what needs one without any.
    """
    if (cert is None) != (key is None) or (client_ca is not None and cert is None):
        raise InputRejected("tls-cert", str(cert or ""), "serve.tls")
    if cert is None or key is None:
        return {}
    found: dict[str, Any] = {"ssl_certfile": str(cert), "ssl_keyfile": str(key)}
    if client_ca is not None:
        found |= {"ssl_ca_certs": str(client_ca), "ssl_cert_reqs": int(ssl.CERT_OPTIONAL)}
    return found


def _answer(listener: socket.socket, processes: int, tls: Mapping[str, Any]) -> None:
    """Answer until told to stop; what was taken up by then is finished first."""
    import uvicorn
    from uvicorn.supervisors import Multiprocess

    from qalqan.web.connection import Connection

    config = uvicorn.Config(
        "qalqan.cli.web_process:app",
        factory=True,
        loop="uvloop",
        http=Connection,
        workers=processes,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_STOP_S,
        **tls,
    )
    if processes == 1:
        uvicorn.Server(config).run(sockets=[listener])
        return
    name_parent()
    Multiprocess(config, sockets=[listener]).run()  # starts a dead one anew


def _listener(host: str, port: int) -> socket.socket:
    """The port is ours before anything else starts; raises `OSError` if it is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named so that asyncio turns Nagle's algorithm off: it would hold each answer
    # back for the 40 ms of a delayed acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise OSError(error.errno, error.strerror, f"{host}:{port}") from error
    return listener


def _leave(*_: object) -> None:
    """Go by way of `finally`, so that the worker is not left behind."""
    raise SystemExit(0)


def _end(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    child.wait(timeout=20)


def start_worker() -> subprocess.Popen[bytes]:
    """A worker process of this home; end it with SIGTERM."""
    return subprocess.Popen([sys.executable, "-m", "qalqan", "work"], env=with_parent())


def work() -> None:
    """Do what nobody waits for: sealing, delivery, pursuit, clocks, detection, upkeep."""
    from qalqan.work.loop import LANES, run

    end_with_parent()
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    with failing_clearly():
        home = open_home()
        with watched(home.settings, home.settings.work_metrics_port):
            _tell_of(home, LANES)
            run(home.database, home.keys, home.settings, stop)


def _tell_of(home: Home, lanes: Sequence[str]) -> None:
    """What this worker serves, in a line; among lines of JSON only an event of the log."""
    kind = "SQLite" if is_sqlite(home.database.engine) else "PostgreSQL"
    where = {"home": str(home.settings.home.absolute()), "lake": home.settings.lake_root}
    told = {**where, "register": kind, "lanes": ", ".join(lanes)}
    log.info("working: %(lanes)s; register %(register)s", told)
    if home.settings.log == "text":
        tell("working", **told)
