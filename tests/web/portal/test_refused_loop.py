"""The whole way of a refused caller: a real Kamailio refuses him, its Call-Info names the centre's
card, the card the page, the page brings an appeal, its decision lets his next call pass (REQ-45;
RFC 8688)."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from peers.edge import Answering, Running, lay, need, running
from qalqan.exchange.jcard import Card, signed
from qalqan.work import call_tables
from qalqan.work.call_upkeep import CallUpkeep
from web.portal.test_refused_call import LISTS, block, officer, tables, write

pytestmark = pytest.mark.xdist_group("kamailio")
HOST = "https://centre.example"
LISTED, CITY, HOME = "+37120000000", "+77272500001", "+77011111111"
KEY = ec.generate_private_key(ec.SECP256R1())


@pytest.fixture
def edge(web: Any, tmp_path: Path) -> Iterator[Running]:
    """An edge over the centre's own tables, which refuses and names the centre's card."""
    need("kamailio")
    block(web, LISTED)
    path = tables(web, tmp_path)
    card = Card("Centre", url=f"{HOST}/calls/refused")
    token = signed(card, KEY, f"{HOST}/card.pem", 1)
    call_tables.card_path(web.http.app.state.settings).write_text(token)
    with closing(Answering()) as behind:
        folder = tmp_path / "edge"
        folder.mkdir()
        lay(folder, behind.port, card=f"{HOST}/calls/card", tables=str(path))
        with running(folder) as found:
            yield found


def page_of(web: Any, call_info: str) -> str:
    """From a reply's Call-Info to the page, as a caller's network goes: fetch, check, read."""
    address = re.fullmatch(r"<([^>]+)>;purpose=jwscard", call_info)
    assert address is not None
    token = web.get(urlsplit(address[1]).path).text
    assert json.loads(urlsafe_b64decode(token.split(".")[0] + "=="))["x5u"] == f"{HOST}/card.pem"
    card = jwt.decode(token, KEY.public_key(), algorithms=["ES256"])["jcard"]
    (url,) = [way[3] for way in card[1] if way[0] == "url"]
    path: str = urlsplit(url).path
    return path


def test_refused_appealed_decided_and_the_next_call_passes(
    web: Any, edge: Running, tmp_path: Path
) -> None:
    with closing(edge.caller()) as caller:
        judge = officer(web, "erlan", "investigator")
        for number in (LISTED, CITY):
            refusal = caller.call(number, HOME, number)
            assert refusal.code == 608
            assert page_of(web, refusal.headers["call-info"]) == "/calls/refused"
            assert web.get("/calls/refused", headers={"Accept": "text/html"}).status_code == 200
            assert write(web, number=number).status_code == 201

        told = {"version": "0", "words": "Looked at and mended"}
        path = "/appeals/calls/K-26-000001"
        assert judge.post(path, decision="upheld.unlisted", **told).status_code == 303
        work(web)
        assert caller.call(LISTED, HOME, LISTED).code == 200

        path = "/appeals/calls/K-26-000002"
        assert judge.post(path, decision="upheld.contract", **told).status_code == 303
        entry = re.search(r"\[\[allowed\]\].*?</pre>", judge.post(f"{path}/open").text, re.S)
        assert entry is not None
        added = entry[0].replace("&#34;", '"').removesuffix("</pre>")
        added = added.replace('"…"', '"K-1"').replace("until = …", "until = 2099-01-01")
        assert f'first = "{CITY}"' in added
        assert caller.call(CITY, HOME, CITY).code == 608
        (tmp_path / "calls.toml").write_text(LISTS + added)
        settings = web.http.app.state.settings
        call_tables.make_of(web.database, web.keys, settings, tmp_path)
        assert caller.call(CITY, HOME, CITY).code == 200


def work(web: Any) -> None:
    """The worker looks at what the tables are made of."""
    CallUpkeep(web.database, web.keys, web.http.app.state.settings).look()
