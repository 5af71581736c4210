"""Messages of ISO 20022: how fast payments and statements are read, and in how much memory.

Prints one JSON object a line. Three readers take generated files, each in a process of its own:
ours (into the columns of our facts), lxml's plain `iterparse`, which finds every record and looks
at nothing in it, and pyiso20022's classes (in `.venv-iso`, on a shorter file, since they hold the
whole message). `python bench/iso20022.py [DATA] [MEGABYTES]`: the size of the pacs.008 whose
memory is measured, 400 unless told.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from lxml import etree

ISO = Path(__file__).parents[1] / ".venv-iso" / "bin" / "python"
SPACE = "urn:iso:std:iso:20022:tech:xsd:"
RECORDS, PEER_RECORDS = 60_000, 6_000
A_STATEMENT = 500
"""Entries of one statement."""

TRANSFER = (
    "<CdtTrfTxInf><PmtId><InstrId>I{0}</InstrId><EndToEndId>E{0}</EndToEndId><TxId>T{0}</TxId>"
    "<UETR>8a562c67-ca16-48ba-b074-{0:012x}</UETR></PmtId>"
    '<IntrBkSttlmAmt Ccy="KZT">{1}.50</IntrBkSttlmAmt><IntrBkSttlmDt>2026-11-20</IntrBkSttlmDt>'
    "<AccptncDtTm>2026-11-20T10:00:00.250+05:00</AccptncDtTm><ChrgBr>SLEV</ChrgBr>"
    "<Dbtr><Nm>Somebody</Nm></Dbtr><DbtrAcct><Id><IBAN>KZ75125KZT2069100100</IBAN></Id></DbtrAcct>"
    "<DbtrAgt><FinInstnId><BICFI>AAAAKZKA</BICFI></FinInstnId></DbtrAgt>"
    "<CdtrAgt><FinInstnId><BICFI>BBBBKZKA</BICFI></FinInstnId></CdtrAgt>"
    "<Cdtr><Nm>Somebody else</Nm></Cdtr>"
    "<CdtrAcct><Id><IBAN>KZ52211KZT0000000016</IBAN></Id></CdtrAcct>"
    "<RmtInf><Ustrd>for goods</Ustrd></RmtInf></CdtTrfTxInf>"
)
ENTRY = (
    '<Ntry><Amt Ccy="KZT">{1}.50</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>'
    "<BookgDt><DtTm>2026-11-20T10:00:00+05:00</DtTm></BookgDt><AcctSvcrRef>L{0}</AcctSvcrRef>"
    "<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn>"
    "</BkTxCd><NtryDtls><TxDtls><Refs><EndToEndId>E{0}</EndToEndId>"
    "<UETR>8a562c67-ca16-48ba-b074-{0:012x}</UETR></Refs><RltdPties><Dbtr><Pty><Nm>Somebody</Nm>"
    "</Pty></Dbtr><DbtrAcct><Id><IBAN>KZ52211KZT0000000016</IBAN></Id></DbtrAcct></RltdPties>"
    "<RltdAgts><DbtrAgt><FinInstnId><BICFI>BBBBKZKA</BICFI></FinInstnId></DbtrAgt></RltdAgts>"
    "</TxDtls></NtryDtls></Ntry>"
)
BALANCE = (
    '<Bal><Tp><CdOrPrtry><Cd>{}</Cd></CdOrPrtry></Tp><Amt Ccy="KZT">0</Amt>'
    "<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-11-20</Dt></Dt></Bal>"
)
STATEMENT = (
    "<Stmt><Id>S{}</Id><CreDtTm>2026-11-20T18:00:00+05:00</CreDtTm>"
    "<Acct><Id><IBAN>KZ75125KZT2069100100</IBAN></Id><Ccy>KZT</Ccy></Acct>"
    + BALANCE.format("OPBD")
    + BALANCE.format("CLBD")
)
CREATED = "<MsgId>M-1</MsgId><CreDtTm>2026-11-20T18:00:00+05:00</CreDtTm>"


def pacs008(records: int) -> Iterator[str]:
    """The message in pieces."""
    yield f'<Document xmlns="{SPACE}pacs.008.001.08"><FIToFICstmrCdtTrf><GrpHdr>{CREATED}'
    yield f"<NbOfTxs>{records}</NbOfTxs><SttlmInf><SttlmMtd>CLRG</SttlmMtd></SttlmInf></GrpHdr>"
    yield from (TRANSFER.format(number, number % 90_000 + 1) for number in range(records))
    yield "</FIToFICstmrCdtTrf></Document>"


def camt053(records: int) -> Iterator[str]:
    """Statements of `A_STATEMENT` entries each."""
    yield f'<Document xmlns="{SPACE}camt.053.001.08"><BkToCstmrStmt><GrpHdr>{CREATED}</GrpHdr>'
    for start in range(0, records, A_STATEMENT):
        yield STATEMENT.format(start)
        ends = range(start, min(start + A_STATEMENT, records))
        yield from (ENTRY.format(number, number % 90_000 + 1) for number in ends)
        yield "</Stmt>"
    yield "</BkToCstmrStmt></Document>"


WRITE = {"pacs.008": pacs008, "camt.053": camt053}
RECORD = {"pacs.008": "CdtTrfTxInf", "camt.053": "Ntry"}


def by_us(name: str, path: Path) -> int:
    """Records that our readers give."""
    from qalqan.exchange.iso20022 import payments, statements

    with path.open("rb") as file:
        if name == "pacs.008":
            return sum(given.table.num_rows for given in payments.read(file))
        return sum(told.lines.table.num_rows for told in statements.read(file))


def by_lxml(name: str, path: Path) -> int:
    """Records that a plain parse meets; nothing is looked up in them."""
    found = 0
    for _, element in etree.iterparse(path, tag=f"{{{SPACE}{name}.001.08}}{RECORD[name]}"):
        found += 1
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]
    return found


PYISO = """
import importlib, sys, time
from xsdata.formats.dataclass.parsers import XmlParser
name, path = sys.argv[1:]
module = importlib.import_module(f"pyiso20022.{name[:4]}.{name.replace('.', '_')}_001_08")
start = time.perf_counter()
told = XmlParser().parse(path, module.Document)
took = time.perf_counter() - start
root = next(iter(vars(told).values()))
held = root.cdt_trf_tx_inf if name == "pacs.008" else [n for s in root.stmt for n in s.ntry]
print(len(held), took)
"""

READERS: dict[str, Callable[[str, Path], int]] = {"us": by_us, "lxml": by_lxml}


def measured(reader: str, name: str, path: Path, times: int = 3) -> tuple[int, float, int]:
    """Records, the best time of a few runs, and the peak of memory, in a process of its own."""
    command = [sys.executable, __file__, "--one", reader, name, str(path), str(times)]
    if reader == "pyiso20022":
        command = [str(ISO), "-c", PYISO, name, str(path)]
    told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.split()
    return int(told[0]), float(told[1]), int(told[2]) if len(told) > 2 else 0


def one(reader: str, name: str, path: Path, times: int) -> None:
    """What `measured` asks for."""
    took = []
    READERS[reader](name, path) if times > 1 else None  # what is imported or compiled once
    for _ in range(times):
        start = time.perf_counter()
        found = READERS[reader](name, path)
        took.append(time.perf_counter() - start)
    print(found, min(took), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def written(folder: Path, name: str, records: int) -> Path:
    path = folder / f"{name}-{records}.xml"
    with path.open("w", encoding="utf-8") as file:
        file.writelines(WRITE[name](records))
    return path


def show(name: str, unit: str, ours: float, peer: tuple[str, float], n: int, notes: str) -> None:
    """One line; the ratio is ours by the peer's."""
    row = {"name": name, "unit": unit, "ours": round(ours, 1), "peer": peer[0],
           "peer_value": round(peer[1], 1), "ratio": round(ours / peer[1], 2), "n": n,
           "notes": notes}  # fmt: skip
    print(json.dumps(row, ensure_ascii=False), flush=True)


def rates(folder: Path, name: str) -> None:
    """Our rate beside those of both peers."""
    long, short = written(folder, name, RECORDS), written(folder, name, PEER_RECORDS)
    found, took, _ = measured("us", name, long)
    assert found == RECORDS
    plain, plain_took, _ = measured("lxml", name, long)
    assert plain == RECORDS
    unit, title = "thousand records a second", f"read a {name}"
    ours = found / took / 1e3
    show(title, unit, ours, ("lxml iterparse", plain / plain_took / 1e3), RECORDS,
         "ours makes facts of it, the peer looks at nothing in a record; best of 3")  # fmt: skip
    if not ISO.exists():
        raise SystemExit("pyiso20022 is missing: make .venv-iso/ready")
    held, held_took, _ = measured("pyiso20022", name, short)
    assert held == PEER_RECORDS
    show(title, unit, ours, ("pyiso20022 1.6", held / held_took / 1e3), RECORDS,
         f"the peer on {PEER_RECORDS} of the same records, which it holds as objects")  # fmt: skip


def memory(folder: Path, megabytes: int) -> None:
    """The peak of a process that reads a large file, beside that of one that reads half of it."""
    records = megabytes * 1_000_000 // len(TRANSFER.format(10**6, 10**4))
    short, path = (written(folder, "pacs.008", many) for many in (records // 2, records))
    least, most = short.stat().st_size / 1e6, path.stat().st_size / 1e6
    _, _, little = measured("us", "pacs.008", short, times=1)
    found, took, peak = measured("us", "pacs.008", path, times=1)
    assert found == records
    show("memory for a large pacs.008", "MB", peak / 1e3,
         (f"the same reader, {least:.0f} MB", little / 1e3), records,
         f"peaks of whole processes; the file has {most:.0f} MB, read in {took:.0f} s")  # fmt: skip


def main(given: list[str]) -> None:
    """Measure and print."""
    if given[:1] == ["--one"]:
        one(given[1], given[2], Path(given[3]), int(given[4]))
        return
    sizes = [int(text) for text in given if text.isdecimal()]
    with tempfile.TemporaryDirectory() as folder:
        for name in WRITE:
            rates(Path(folder), name)
        memory(Path(folder), sizes[0] if sizes else 400)


if __name__ == "__main__":
    main(sys.argv[1:])
