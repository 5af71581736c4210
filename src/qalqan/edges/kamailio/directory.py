"""One directory with all that an edge runs: copied, since this package is not installed there."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from importlib.resources import as_file, files
from ipaddress import IPv4Address
from pathlib import Path

from qalqan.edges.kamailio import journal
from qalqan.edges.kamailio.asker import BEAT
from qalqan.errors import Conflict, InputRejected

PROGRAMS = (
    "edge.py", "headers.py", "follow.py", "journal.py", "watchdog.py", "suspended.py", "asker.py",
    "questions.py", "shipping.py", "ship.py", "centre_address.py",
)  # fmt: skip


@dataclass(frozen=True)
class Edge:
    """What edge.json holds; paths are relative to the directory."""

    listen: str
    """Address and port, UDP."""
    next: str
    """Where calls go on: `sip:10.0.0.2:5060`."""
    mode: str = "relay"
    """relay; or redirect: 302 with the next hop, so that no traffic is carried."""
    refuse_with: int = 608
    """603 where old switches mishandle 608."""
    card: str = ""
    """Address of the signed jCard by which a refused caller complains (RFC 8688)."""
    tables: str = "calls.tables"
    journal: str = "journal"
    children: int = 2
    asker: str = ""
    """Loopback address and port at which Kamailio and asker.py meet; empty: nobody is asked."""
    ask: Mapping[str, str] = field(default_factory=dict)
    """Operator's code → address and port of its answerer, UDP."""
    budget_ms: int = 50
    """How long a call waits for its answer."""
    certificates: str = ""
    """Folder of the operators' certificates; empty: signatures are not looked at."""


def asked(texts: Iterable[str]) -> dict[str, str]:
    """`cell=10.0.1.1:9000` of the command line, as `Edge.ask` holds them.

    Raises:
        InputRejected: one of them is something else.
    """
    found = {}
    for text in texts:
        code, equals, address = text.partition("=")
        if not code or not equals or _host(address) is None:
            raise InputRejected("ask", text, "calls.ask")
        found[code] = address
    return found


def _host(address: str) -> IPv4Address | None:
    host, _, port = address.rpartition(":")
    try:
        return IPv4Address(host) if port.isdigit() and 0 < int(port) < 65_536 else None
    except ValueError:
        return None


def _check(edge: Edge) -> None:
    if not edge.asker:
        for field_, value in (("ask", edge.ask), ("certificates", edge.certificates)):
            if value:
                raise InputRejected(field_, str(value), "calls.asker")
        return
    host = _host(edge.asker)
    if host is None or not host.is_loopback:
        raise InputRejected("asker", edge.asker, "calls.address")


def lay_out(folder: Path, edge: Edge, again: bool = False) -> None:
    """Write the directory; tables and journals in it stay.

    Raises:
        Conflict: there is an edge already, and `again` was not said.
        InputRejected: an asker at no address of this machine, or somebody to ask without an asker.
    """
    _check(edge)
    if (folder / "edge.json").exists() and not again:
        raise Conflict("edge", str(folder), "there already", "write")
    folder = folder.absolute()
    journal.prepare(folder / edge.journal)
    with as_file(files("qalqan.edges") / "kamailio") as here:
        for name in PROGRAMS:
            shutil.copyfile(here / name, folder / name)
        cfg = (here / "kamailio.cfg").read_text(encoding="utf-8")
    with as_file(files("qalqan.screening") / "calls") as calls:
        (folder / "calls").mkdir(exist_ok=True)
        for path in calls.glob("*.py"):
            shutil.copyfile(path, folder / "calls" / path.name)
    if not (folder / BEAT).exists():  # a running edge has it mapped
        (folder / BEAT).write_bytes(bytes(16))
    values = {"LISTEN": edge.listen, "CHILDREN": str(edge.children), "HERE": str(folder),
              "LOG_STDERROR": "yes", "ASKER": edge.asker,
              "ASKS": "#!define ASKS" if edge.asker else "# Nobody is asked."}  # fmt: skip
    for name, value in values.items():
        cfg = cfg.replace(f"@{name}@", value)
    (folder / "kamailio.cfg").write_text(cfg, encoding="utf-8")
    (folder / "edge.json").write_text(json.dumps(asdict(edge), indent=1), encoding="utf-8")
