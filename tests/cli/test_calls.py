"""Tables of calls, a call by hand and calls of the past from the command line (REQ-45)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from qalqan.clock import now_us
from qalqan.edges.kamailio.follow import Centre, Follower
from qalqan.screening.calls.screen import Tables
from qalqan.trust.passport import Seen, verify
from qalqan.trust.passport_certificates import read_certificates
from trust.test_passport_certificates import made, tn_auth_list

LISTS = """
[operators]
cell = "Cell"
[[trunks]]
name = "abroad"
class = "international"
addresses = ["10.0.0.1"]
"""


def test_from_lists_to_a_verdict_and_a_replay(people: Any, tmp_path: Path) -> None:
    lists = tmp_path / "lists"
    lists.mkdir()
    (lists / "calls.toml").write_text(LISTS)
    made = people("calls", "tables", str(lists), "--json").json
    assert Path(made["tables"]).exists()
    assert made["trunks"] == 1
    said = people("screen", "call", "+77011111111", "--trunk", "abroad",
                  "--presented", "+77272500000", "--json").json  # fmt: skip
    assert (said["verdict"], said["shadow"]) == ("pass", ["calls.fixed_from_abroad"])
    file = tmp_path / "cdr.csv"
    file.write_text(
        "id,at_us,trunk,trunk_class,caller,callee,duration_s,answered\n"
        "1,1795000000000000,abroad,international,+77272500000,+77011111111,0,false\n"
    )
    told = people("replay", "calls", str(file), "--json").json
    assert told["calls"] == 1
    assert told["shadow"] == {"calls.fixed_from_abroad": 1}
    other = tmp_path / "other.tables"
    people("calls", "tables", str(lists), "--out", str(other), "--json")
    assert Tables(other).about["trunks"] == ["", "abroad"]


def test_what_is_missing_is_told(people: Any, tmp_path: Path) -> None:
    for command in (
        ("calls", "tables", str(tmp_path / "none")),
        ("screen", "call", "+77011111111", "--trunk", "abroad"),
        ("replay", "calls", str(tmp_path / "none.csv"), "--tables", str(tmp_path / "none")),
    ):
        said = people(*command)
        assert said.code == 2
        assert said.err.strip()


def test_a_card_is_signed_with_a_key_of_p_256_alone(people: Any, tmp_path: Path) -> None:
    for curve, code in ((ec.SECP256R1(), 0), (ec.SECP384R1(), 2)):
        pem = ec.generate_private_key(curve).private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        )
        (tmp_path / "key.pem").write_bytes(pem)
        said = people("calls", "card", str(tmp_path / "card.jws"),
                      "--key", str(tmp_path / "key.pem"), "--certificate", "https://x/c.pem",
                      "--name", "Cell", "--tel", "+77172000000", "--json")  # fmt: skip
        assert said.code == code
    assert (tmp_path / "card.jws").read_text().count(".") == 2
    (tmp_path / "key.pem").write_text("nonsense")
    assert people("calls", "card", "x", "--key", str(tmp_path / "key.pem"), "--certificate", "c",
                  "--name", "n").code == 2  # fmt: skip


def test_an_edge_is_laid_out_once(people: Any, tmp_path: Path) -> None:
    folder = tmp_path / "edge"
    words = ("calls", "edge", str(folder), "--listen", "127.0.0.1:5060",
             "--next", "sip:127.0.0.1:5080")  # fmt: skip
    assert people(*words, "--json").json["mode"] == "relay"
    assert {one.name for one in folder.iterdir()} >= {
        "edge.py", "edge.json", "journal.py", "watchdog.py", "kamailio.cfg", "calls", "journal",
    }  # fmt: skip
    assert people(*words).code == 2
    people(*words, "--again", "--json")
    assert people(*words, "--again", "--mode", "nonsense").code == 2
    asks = ("--ask", "cell=127.0.0.1:9000", "--ask", "bee=127.0.0.1:9001")
    people(*words, "--again", "--asker", "127.0.0.1:8448", *asks, "--json")
    told = json.loads((folder / "edge.json").read_text())
    assert told["ask"] == {"cell": "127.0.0.1:9000", "bee": "127.0.0.1:9001"}
    assert (folder / "asker.py").exists()
    for wrong in (
        asks, ("--certificates", "c"), ("--asker", "10.0.0.1:8448"), ("--asker", "127.0.0.1"),
        ("--asker", "127.0.0.1:8448", "--ask", "cell"),
        ("--asker", "127.0.0.1:8448", "--ask", "=127.0.0.1:1"),
        ("--asker", "127.0.0.1:8448", "--ask", "cell=127.0.0.1:99999"),
    ):  # fmt: skip
        said = people(*words, "--again", *wrong)
        assert said.code == 2
        assert said.err.strip()


def test_a_call_is_signed_and_verifies(people: Any, tmp_path: Path) -> None:
    root = made("root", ca=True, days=(-10, 20_000))
    own = made("cell", root, numbers=tn_auth_list(codes=["cell"]), days=(-10, 20_000))
    pem = own.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "key.pem").write_bytes(pem)
    x5u = "https://sign.example.kz/cell.pem"
    words = ("calls", "sign", "+7 701 000-00-01", "+442079460018", "--key",
             str(tmp_path / "key.pem"))  # fmt: skip
    header = people(*words, "--certificate", x5u, "--json").json["Identity"]
    found = verify(header, "77010000001", "442079460018",
                   read_certificates({x5u: own.pem}, root.pem, now_us()), Seen(), now_us(),
                   lambda _: "cell")  # fmt: skip
    assert found.reason == "valid"
    for wrong in (
        ("--certificate", "http://x"), ("--certificate", x5u, "--attest", "D"),
        ("--certificate", x5u, "--origid", "x"),
    ):  # fmt: skip
        assert people(*words, *wrong).code != 0
    assert people("calls", "sign", "alice", "+1", *words[4:], "--certificate", x5u).code == 2


def test_lists_are_kept_and_named_no_more(people: Any, tmp_path: Path) -> None:
    lists = tmp_path / "lists"
    lists.mkdir()
    (lists / "calls.toml").write_text(LISTS)
    made = people("calls", "tables", str(lists), "--json").json
    kept = Path(made["tables"]).parent / "lists"
    assert (kept / "calls.toml").read_text() == LISTS
    again = people("calls", "tables", "--json").json
    assert again["version"] > made["version"]
    (lists / "calls.toml").write_text(f'{LISTS}[files]\nported = "../ported.csv"\n')
    said = people("calls", "tables", str(lists))
    assert (said.code, "files" in said.err) == (2, True)
    (lists / "calls.toml").write_text("[[trunks]]\n")
    assert people("calls", "tables", str(lists)).code == 2
    assert (kept / "calls.toml").read_text() == LISTS
    assert people("calls", "tables", "--json").json["trunks"] == 1


def test_an_edges_programs_need_a_centre_and_a_key_that_can_be_trusted(
    people: Any, tmp_path: Path
) -> None:
    key = tmp_path / "key"
    key.write_text("secret")
    for centre, file in (("http://10.0.0.1", key), ("https://centre", tmp_path / "none")):
        for program in ("follow", "ship"):
            said = people("calls", program, str(tmp_path), "--centre", centre, "--key", str(file))
            assert said.code == 2
            assert ("https" if file == key else "none") in said.err
    folder = tmp_path / "edge"
    assert (
        people("calls", "edge", str(folder), "--listen", "127.0.0.1:1", "--next", "sip:x").code == 0
    )
    follower = Follower(folder, Centre("http://127.0.0.1:1", "k"))
    said = people("calls", "follow", str(folder), "--centre", "http://127.0.0.1:1",
                  "--key", str(key))  # fmt: skip
    assert (said.code, "follows" in said.err) == (2, True)
    del follower


def test_a_journal_is_sent_by_the_command_too(people: Any, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("k")
    said = people("calls", "ship", str(tmp_path), "--centre", "http://127.0.0.1:9",
                  "--key", str(key), "--once")  # fmt: skip
    assert said.code == 2
    assert "edge.json" in said.err


def test_rules_and_tables_are_written_for_border_controllers(people: Any, tmp_path: Path) -> None:
    lists = tmp_path / "lists"
    lists.mkdir()
    (lists / "calls.toml").write_text(LISTS)
    assert people("calls", "export", str(tmp_path / "out")).code == 2  # no tables yet
    people("calls", "tables", str(lists), "--json")
    told = people("calls", "export", str(tmp_path / "out"), "--json").json
    assert (told["trunks.csv"], told["policy"]) == (1, 0)
    policy = (tmp_path / "out" / "policy.csv").read_text().splitlines()
    assert policy[1] == "1,calls.emergency,shadow,pass,,,,,emergency,,"
    assert "abroad,international,,10.0.0.1" in (tmp_path / "out" / "trunks.csv").read_text()
