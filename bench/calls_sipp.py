"""Whole dialogues through the edge: sipp calls, sipp answers, on the cores that also screen.

INVITE, 200, ACK, BYE, 200, or 608 and ACK; half of the calls are refused. At 5,000 a second no
call may fail; then the rate rises by thousands until calls fail, once with our rules in Python
and once with the same in Kamailio's language (`calls_native.cfg`), in the same run.
`python bench/calls_sipp.py [SECONDS]`.
"""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from calls_edge import NATIVE_PORT, NEXT_PORT, PORT, both, kamailio, mixed

RATES = (5_000, 6_000, 7_000, 8_000, 9_000, 10_000, 11_000, 12_000)
UAS = """<?xml version="1.0" encoding="ISO-8859-1"?>
<scenario name="answers">
<recv request="INVITE"/>
<send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:];tag=[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:[local_ip]:[local_port]>
Content-Length: 0

]]></send>
<recv request="ACK" optional="true"/>
<recv request="BYE"/>
<send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>
</scenario>
"""
UAC = """<?xml version="1.0" encoding="ISO-8859-1"?>
<scenario name="calls">
<send retrans="500"><![CDATA[
INVITE sip:[field1]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:[field0]@[local_ip]:[local_port]>;tag=[call_number]
To: <sip:[field1]@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:a@[local_ip]:[local_port]>
P-Asserted-Identity: <sip:[field0]@[local_ip]>
Max-Forwards: 70
Content-Length: 0

]]></send>
<recv response="100" optional="true"/>
<recv response="608" optional="true" next="refused"/>
<recv response="200"/>
<send><![CDATA[
ACK sip:[field1]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:[field0]@[local_ip]:[local_port]>;tag=[call_number]
[last_To:]
Call-ID: [call_id]
CSeq: 1 ACK
Max-Forwards: 70
Content-Length: 0

]]></send>
<send retrans="500"><![CDATA[
BYE sip:[field1]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:[field0]@[local_ip]:[local_port]>;tag=[call_number]
[last_To:]
Call-ID: [call_id]
CSeq: 2 BYE
Max-Forwards: 70
Content-Length: 0

]]></send>
<recv response="200" next="done"/>
<label id="refused"/>
<send><![CDATA[
ACK sip:[field1]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch-2]
From: <sip:[field0]@[local_ip]:[local_port]>;tag=[call_number]
[last_To:]
Call-ID: [call_id]
CSeq: 1 ACK
Max-Forwards: 70
Content-Length: 0

]]></send>
<label id="done"/>
</scenario>
"""


def dialogues(folder: Path, port: int, rate: int, seconds: int) -> dict[str, float]:
    """Calls that ended well, that failed, requests sent again, and the rate reached."""
    stat = folder / "stat.csv"
    stat.unlink(missing_ok=True)
    answers = subprocess.Popen(
        ["sipp", "-sf", folder / "uas.xml", "-i", "127.0.0.1", "-p", str(NEXT_PORT), "-nostdin",
         "-buff_size", "4194304"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder,
    )  # fmt: skip
    try:
        subprocess.run(
            ["sipp", f"127.0.0.1:{port}", "-sf", folder / "uac.xml", "-inf", folder / "calls.csv",
             "-i", "127.0.0.1", "-p", "5470", "-r", str(rate), "-m", str(rate * seconds), "-l",
             "8000", "-nostdin", "-trace_stat", "-stf", stat, "-fd", "1",
             "-buff_size", "4194304", "-timeout", str(seconds + 40), "-recv_timeout", "20000"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder, check=False,
        )  # fmt: skip
    finally:
        answers.kill()
        answers.wait()
    with stat.open() as file:
        last = list(csv.DictReader(file, delimiter=";"))[-1]
    names = {"good": "SuccessfulCall", "failed": "FailedCall", "again": "Retransmissions",
             "rate": "CallRate"}  # fmt: skip
    return {name: float(last[f"{column}(C)"]) for name, column in names.items()}


def clean(told: dict[str, float], rate: int, seconds: int) -> bool:
    """No call failed, none is missing, and the rate was really reached."""
    return told["failed"] == 0 and told["good"] == rate * seconds and told["rate"] >= 0.95 * rate


def main(seconds: int = 8) -> None:
    folder = Path(tempfile.mkdtemp(prefix="qalqan-bench-"))
    try:
        cfgs = {"ours": (both(folder)[0], PORT), "native": (folder / "native/kamailio.cfg",
                                                           NATIVE_PORT)}  # fmt: skip
        (folder / "uas.xml").write_text(UAS)
        (folder / "uac.xml").write_text(UAC)
        rows = "".join(f"{caller};{callee}\n" for caller, callee in mixed(20_000))
        (folder / "calls.csv").write_text(f"SEQUENTIAL\n{rows}")
        ceiling, first = dict.fromkeys(cfgs, 0), dict[str, dict[str, float]]()
        for name, (cfg, port) in cfgs.items():
            for rate in RATES:
                with kamailio(cfg, port):
                    told = dialogues(folder, port, rate, seconds)
                print(name, rate, told, file=sys.stderr)
                first.setdefault(name, told)
                if not clean(told, rate, seconds):
                    break
                ceiling[name] = rate
        at_first = first["ours"]
        print(json.dumps({
            "name": "whole dialogues at 5,000 a second, failed", "unit": "calls",
            "ours": at_first["failed"], "peer": "Kamailio's own language",
            "peer_value": first["native"]["failed"], "ratio": "", "n": 5_000 * seconds,
            "notes": f"half refused; reached {at_first['rate']:.0f} a second, "
                     f"{at_first['again']:.0f} requests sent again; both ends of sipp on the same "
                     "2 cores",
        }))  # fmt: skip
        print(json.dumps({
            "name": "highest clean rate of dialogues", "unit": "calls a second",
            "ours": ceiling["ours"], "peer": "Kamailio's own language",
            "peer_value": ceiling["native"],
            "ratio": round(ceiling["ours"] / max(1, ceiling["native"]), 2), "n": "",
            "notes": f"in steps of 1,000; {seconds} s each; no call failed",
        }))  # fmt: skip
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main(*(int(one) for one in sys.argv[1:2] if one.isdigit()))
