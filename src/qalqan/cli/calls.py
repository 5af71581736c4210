"""`qalqan calls`: tables of numbers by which calls are decided, edges, and their journals."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qalqan.cli.asked import one_of
from qalqan.cli.home import open_home
from qalqan.cli.out import answer, failing_clearly, language, word
from qalqan.cli.people import AsJson
from qalqan.errors import Conflict, ContractBroken, InputRejected, NotAllowed, NotFound

if TYPE_CHECKING:
    from qalqan.screening.calls.screen import Tables

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="Calls: tables of numbers, and what an edge needs.",
)


@app.command("tables")
def tables(
    lists: Annotated[
        Path | None,
        typer.Argument(help="Folder with calls.toml and its lists; none: those kept in the home."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="File to write; none: the centre's own tables.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make the tables of numbers out of lists, the policy in force and what people listed. For the
    centre's own tables the lists are kept, and the worker makes them anew whenever need be."""
    from qalqan.work import call_tables

    with failing_clearly(as_json):
        home = open_home()
        source = lists or call_tables.lists_path(home.settings)
        if out is None:
            made = call_tables.make_of(home.database, home.keys, home.settings, source)
        else:
            made = call_tables.make(home.database, home.keys, source, out)
        answer(
            {"tables": str(out or call_tables.tables_path(home.settings)), **made._asdict()},
            as_json,
        )


@app.command("export")
def export(
    folder: Annotated[Path, typer.Argument(help="Folder to write; files in it are replaced.")],
    tables_file: Annotated[
        Path | None, typer.Option("--tables", help="Tables; none: the centre's own.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write the rules and tables as CSV, for border controllers that run no edge (REQ-45)."""
    from qalqan.work import call_sheets

    with failing_clearly(as_json):
        tables = _opened(tables_file)
        try:
            made = call_sheets.export(tables, folder)
        except ValueError as error:
            path = str(tables_file or "calls.tables")
            raise ContractBroken(str(error), "calls.tables", path=path) from None
        files = {name: one["rows"] for name, one in made.pop("files").items()}
        answer({"folder": str(folder), **made, **files}, as_json)


@app.command("edge")
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


@app.command("follow")
def follow(
    folder: Annotated[Path, typer.Argument(help="An edge's directory.")],
    centre: Annotated[str, typer.Option(help="The centre's address: https://…")],
    key: Annotated[Path, typer.Option(readable=False, help="File with a key: calls:follow.")],
    ca: Annotated[
        Path | None, typer.Option(help="PEM file of those who signed the centre's certificate.")
    ] = None,
) -> None:
    """Keep an edge's tables as the centre's are: a change counts there within a second. The same
    as `python3 DIRECTORY/follow.py` where Qalqan is not installed."""
    from qalqan.edges.kamailio import follow as follower

    with failing_clearly(), suppress(KeyboardInterrupt):
        try:
            at_centre = follower.Centre(centre, key.read_text("ascii").strip(), ca)
        except ValueError:
            raise InputRejected("centre", centre, "calls.centre") from None
        except FileNotFoundError:
            raise NotFound("file", str(key)) from None
        try:
            follower.follow(folder, at_centre)
        except BlockingIOError:
            raise Conflict("edge", str(folder), "followed", "follow") from None


@app.command("card")
def card(
    out: Annotated[Path, typer.Argument(help="File to write; serve it where `--card` points.")],
    key: Annotated[Path, typer.Option(readable=False, help="PEM file: your P-256 private key.")],
    certificate: Annotated[str, typer.Option(help="Address of its certificate (x5u).")],
    name: Annotated[str, typer.Option(help="Who refuses calls: your network's name.")],
    url: Annotated[str, typer.Option(help="Page where a refused caller complains.")] = "",
    email: Annotated[str, typer.Option(help="Address for complaints.")] = "",
    tel: Annotated[str, typer.Option(help="Number for complaints, E.164.")] = "",
    as_json: AsJson = False,
) -> None:
    """Sign the card by which refused callers complain (RFC 8688)."""
    from qalqan import clock
    from qalqan.exchange.jcard import Card, signed

    with failing_clearly(as_json):
        token = signed(Card(name, url, email, tel), _private(key), certificate,
                       clock.now_us() // clock.SECOND)  # fmt: skip
        out.write_text(token, encoding="ascii")
        answer({"card": str(out), "bytes": len(token)}, as_json)


@app.command("sign")
def sign(
    caller: Annotated[str, typer.Argument(help="Your subscriber's number, E.164.")],
    callee: Annotated[str, typer.Argument(help="The called number, E.164.")],
    key: Annotated[Path, typer.Option(readable=False, help="PEM file: your P-256 private key.")],
    certificate: Annotated[str, typer.Option(help="Address of its certificate (x5u).")],
    attest: Annotated[str, typer.Option(help="A, B or C (RFC 8588).")] = "A",
    origid: Annotated[
        str, typer.Option(help="UUID that tells you whence the call came; none: a new one.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Sign one call: the Identity header with which it goes abroad (RFC 8224)."""
    from uuid import uuid4

    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey

    from qalqan import clock
    from qalqan.trust import passport
    from qalqan.trust.passport_certificates import X5U

    with failing_clearly(as_json):
        one_of("attest", attest, ("A", "B", "C"))
        private = _private(key)
        if not isinstance(private, EllipticCurvePrivateKey) or not isinstance(
            private.curve, SECP256R1
        ):
            raise InputRejected("key", str(key), "calls.card_key")
        if not X5U.fullmatch(certificate):
            raise InputRejected("certificate", certificate, "calls.x5u")
        numbers = passport.canonical(caller), (passport.canonical(callee),)
        said = passport.Passport(*numbers, clock.now_us() // clock.SECOND, attest,  # type: ignore[arg-type]
                                 origid or str(uuid4()))  # fmt: skip
        token = passport.sign(said, certificate, private)
        answer({"Identity": passport.identity_header(token, certificate)}, as_json)


def _private(key: Path) -> Any:
    """The private key of a PEM file."""
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        return load_pem_private_key(key.read_bytes(), None)
    except (ValueError, TypeError):  # no PEM, or one with a password
        raise InputRejected("key", str(key), "calls.card_key") from None


@app.command("journal")
def journal(
    folder: Annotated[Path, typer.Argument(help="An edge's folder of journals.")],
    tables_file: Annotated[
        Path | None, typer.Option("--tables", help="Tables; none: the centre's own.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Count what an edge's journals tell, and check their chains of hashes (REQ-45)."""
    from qalqan.edges.kamailio.counted import count

    with failing_clearly(as_json):
        told = count(folder, _opened(tables_file))
        answer(told._asdict(), as_json)
        if told.broken or told.differing:
            raise SystemExit(1)


@app.command("ship")
def ship(
    folder: Annotated[Path, typer.Argument(help="An edge's directory.")],
    centre: Annotated[str, typer.Option(help="The centre: https://centre.example")],
    key: Annotated[Path, typer.Option(help="File with a key of facts:write.")],
    name: Annotated[str, typer.Option(help="The edge's name; none: this machine's.")] = "",
    authority: Annotated[
        Path | None, typer.Option(help="PEM file of whoever signed the centre's certificate.")
    ] = None,
    once: Annotated[bool, typer.Option(help="End when all is told.")] = False,
) -> None:
    """Send an edge's journals to the centre as they are written (REQ-45). Beside an edge, where
    Qalqan is not installed, `ship.py` of its directory does the same."""
    from qalqan.edges.kamailio import ship as program

    with failing_clearly(False):
        try:
            where = program.Centre(centre, key.read_text("ascii").strip(), authority)
            code = program.ship(folder.absolute(), where, name, once)
        except FileNotFoundError as error:
            raise NotFound("file", str(error.filename)) from None
        except program.Refused as error:
            raise NotAllowed("ship", str(error)) from None
    raise SystemExit(code)


def _opened(tables_file: Path | None) -> Tables:
    """The tables of a file, or the centre's own.

    Raises:
        NotFound: there are none. ContractBroken: they are damaged.
    """
    from qalqan.screening.calls.screen import Tables
    from qalqan.work.call_tables import tables_path

    path = tables_file or tables_path(open_home().settings)
    try:
        return Tables(path)
    except FileNotFoundError:
        raise NotFound("file", str(path)) from None
    except ValueError as error:
        raise ContractBroken(str(error), "calls.tables", path=str(path)) from None


def decided(
    callee: str, trunk: str, network: str | None, presented: str | None, diverting: str | None,
    tables_file: Path | None,
) -> dict[str, Any]:  # fmt: skip
    """One call's verdict, as `qalqan screen call` shows it.

    Raises:
        NotFound: there are no tables, or no such trunk. ContractBroken: they are damaged.
    """
    from qalqan.screening.calls.screen import Screen
    from qalqan.work import call_tables
    from qalqan.work.call_verdict import asked, told

    _opened(tables_file)
    screen = Screen(tables_file or call_tables.tables_path(open_home().settings))
    return told(asked(screen, trunk, network, presented, callee, diverting), screen, language())


def replayed(file: Path, mapping: Path | None, tables_file: Path | None) -> dict[str, Any]:
    """What would have become of a file's calls, as `qalqan replay calls` shows it."""
    from qalqan.work import call_replay

    found = _opened(tables_file)
    return {**call_replay.of_file(found, file, mapping)._asdict(), "say": word("calls.replayed")}
