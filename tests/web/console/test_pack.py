"""An officer takes the evidence pack of a case; an outsider verifies it (REQ-19, 35)."""

from __future__ import annotations

import csv
import io
import json
import zipfile

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

import story
from qalqan.cli.app import app
from qalqan.register import orm
from qalqan.trust import signing

CASE = "C-26-000002"
PURPOSE = "190-бап бойынша іске тігу үшін"
CLEAR = (story.IIN, story.WORDS, story.VICTIM, story.FIRST, story.THIRD)


def taken(console, login="d.ospanov", **form):
    answer = console.post(f"/cases/{CASE}/pack", login, **form)
    assert answer.status_code == 200, answer.text[:300]
    assert answer.headers["content-type"] == "application/zip"
    return answer.content


def files_of(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_without_a_purpose_nobody_is_named_in_clear(console):
    files = files_of(taken(console))
    whole = b"\n".join(files.values()).decode()
    assert not [value for value in CLEAR if value in whole]
    assert "values.csv" not in files
    assert {"README.txt", "case.json", "reports.csv", "orders.csv", "order_events.csv",
            "answers.csv", "appeals.csv", "trail-KZT.json", "payments.csv", "findings.csv",
            "grounds.json", "documents.csv"} <= set(files)  # fmt: skip
    orders = list(csv.DictReader(io.StringIO(files["orders.csv"].decode())))
    masked = json.loads(files[f"orders/{orders[0]['id']}.json"])
    assert masked["account"].startswith("…")
    assert len(masked["sha256_of_signed"]) == 64


def test_with_a_purpose_values_and_signed_orders_are_there_and_each_is_in_the_audit(console):
    files = files_of(taken(console, purpose=PURPOSE))
    values = {row["token"]: row["value"] for row in
              csv.DictReader(io.StringIO(files["values.csv"].decode()))}  # fmt: skip
    assert {story.IIN, story.WORDS, story.VICTIM, story.FIRST} <= set(values.values())
    jws = next(body for name, body in files.items() if name.endswith(".jws") and "/" in name)
    told = signing.verify(jws.decode(), console.app.state.keys.verify_key_pem)
    assert ":" in told["account"]
    with console.app.state.database.session() as session:
        rows = session.scalars(select(orm.Audit).where(orm.Audit.actor == "d.ospanov")).all()
    revealed = {row.object for row in rows if row.action == "reveal"}
    assert revealed == set(values)
    assert all(PURPOSE in row.purpose for row in rows if row.action in ("reveal", "case.export"))
    assert sum(row.action == "case.export" for row in rows) == 1


def test_an_outsider_verifies_it_with_the_key_alone(console, tmp_path):
    data = taken(console)
    pack, key = tmp_path / "pack.zip", tmp_path / "key.pem"
    pack.write_bytes(data)
    key.write_text(console.app.state.keys.verify_key_pem)
    command = ["evidence", "verify", str(pack), "--key", str(key), "--json"]
    told = CliRunner().invoke(app, command)
    assert told.exit_code == 0, told.output
    assert json.loads(told.stdout)["holds"]
    pack.write_bytes(data.replace(b"README.txt", b"README.txT"))
    broken = CliRunner().invoke(app, command)
    assert broken.exit_code == 1
    assert {what for _, what in json.loads(broken.stdout)["problems"]} == {"missing", "unnamed"}
    pack.write_bytes(b"none")
    assert CliRunner().invoke(app, command).exit_code != 0


@pytest.mark.parametrize("login", ["s.oper", "e.kim", "g.audit"])
def test_who_may_not_take_anything_out_gets_no_pack(console, login):
    assert console.get(f"/cases/{CASE}/pack", login).status_code == 403


def test_a_purpose_too_short_is_refused_in_words(console):
    answer = console.post(f"/cases/{CASE}/pack", purpose="іс")
    assert answer.status_code == 422
    assert 'id="problem"' in answer.text
