"""`qalqan calls edge`, `follow`, `ship`: an edge's directory, and the programs that run in it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from qalqan.cli.asked import one_of
from qalqan.cli.out import answer, failing_clearly
from qalqan.cli.people import AsJson
from qalqan.errors import Conflict, InputRejected, NotAllowed, NotFound

EdgeFolder = Annotated[Path, typer.Argument(help="An edge's directory.")]
_Centre = TypeVar("_Centre")
CentreAddress = Annotated[str, typer.Option(help="The centre's address: https://…")]
Authority = Annotated[
    Path | None,
    typer.Option(readable=False, help="PEM file of who signed the centre's certificate."),
]


def edge(
    folder: Annotated[Path, typer.Argument(help="Directory to write; it holds all an edge runs.")],
    listen: Annotated[str, typer.Option(help="UDP address and port, such as 10.0.0.1:5060.")],
    next_hop: Annotated[str, typer.Option("--next", help="Where calls go on: sip:10.0.0.2:5060")],
    mode: Annotated[
        str, typer.Option(help="relay; or redirect: answer 302, carry no traffic.")
    ] = "relay",
    refuse_with: Annotated[
        int, typer.Option(help="608; 603 where old switches mishandle it.")
    ] = 608,
    card: Annotated[
        str, typer.Option(help="Address of the signed jCard for refused callers (RFC 8688).")
    ] = "",
    asker: Annotated[
        str, typer.Option(help="Loopback address and port at which Kamailio and asker.py meet.")
    ] = "",
    ask: Annotated[
        list[str] | None,
        typer.Option(help="Who says where an operator's subscribers are: cell=10.0.1.1:9000"),
    ] = None,
    certificates: Annotated[
        str, typer.Option(help="Folder of the certificates by which signed calls count.")
    ] = "",
    workers: Annotated[int, typer.Option(min=1, max=60, help="Kamailio's processes.")] = 2,
    again: Annotated[bool, typer.Option(help="Over an edge that is there already.")] = False,
    as_json: AsJson = False,
) -> None:
    """Lay out a directory with which Kamailio screens calls; it needs nothing else of Qalqan."""
    from qalqan.edges.kamailio.directory import Edge, asked, lay_out

    with failing_clearly(as_json):
        one_of("mode", mode, ("relay", "redirect"))
        one_of("refuse-with", str(refuse_with), ("603", "607", "608"))
        trusted = str(Path(certificates).absolute()) if certificates else ""
        made = Edge(listen, next_hop, mode, refuse_with, card, children=workers, asker=asker,
                    ask=asked(ask or ()), certificates=trusted)  # fmt: skip
        lay_out(folder, made, again)
        answer({"edge": str(folder), "listen": listen, "next": next_hop, "mode": mode}, as_json)


def follow(
    folder: EdgeFolder,
    centre: CentreAddress,
    key: Annotated[Path, typer.Option(readable=False, help="File with a key: calls:follow.")],
    ca: Authority = None,
) -> None:
    """Keep an edge's tables as the centre's are: a change counts there within a second. The same
    as `python3 DIRECTORY/follow.py` where Qalqan is not installed."""
    from qalqan.edges.kamailio import follow as follower

    with failing_clearly(), suppress(KeyboardInterrupt):
        at_centre = _reached(follower.Centre, centre, key, ca)
        try:
            follower.follow(folder, at_centre)
        except BlockingIOError:
            raise Conflict("edge", str(folder), "followed", "follow") from None


def ship(
    folder: EdgeFolder,
    centre: CentreAddress,
    key: Annotated[Path, typer.Option(readable=False, help="File with a key: facts:write.")],
    name: Annotated[str, typer.Option(help="The edge's name; none: this machine's.")] = "",
    ca: Authority = None,
    once: Annotated[bool, typer.Option(help="End when all is told.")] = False,
) -> None:
    """Send an edge's journals to the centre as they are written (REQ-45). Beside an edge, where
    Qalqan is not installed, `ship.py` of its directory does the same."""
    from qalqan.edges.kamailio import ship as program

    with failing_clearly(False):
        at_centre = _reached(program.Centre, centre, key, ca)
        try:
            code = program.ship(folder.absolute(), at_centre, name, once)
        except FileNotFoundError as error:
            raise NotFound("file", str(error.filename)) from None
        except program.Refused as error:
            raise NotAllowed("ship", str(error)) from None
    raise SystemExit(code)


def _reached(
    program: Callable[[str, str, Path | None], _Centre], address: str, key: Path, ca: Path | None
) -> _Centre:
    """The centre, as one of the programs reaches it.

    Raises:
        InputRejected: no address of a centre. NotFound: no file with a key, or of an authority.
    """
    try:
        return program(address, key.read_text("ascii").strip(), ca)
    except ValueError:
        raise InputRejected("centre", address, "calls.centre") from None
    except FileNotFoundError as error:
        raise NotFound("file", str(error.filename or ca)) from None
