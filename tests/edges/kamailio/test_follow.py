"""An edge's tables follow the centre's over real HTTP: killed anywhere, cut off, refused, lied to
(REQ-45)."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from sqlalchemy import make_url

from peers.edge import Answering, lay, need, running
from peers.ports import free_port
from qalqan.clock import wall_us
from qalqan.edges.kamailio import follow
from qalqan.edges.kamailio.directory import Edge, lay_out
from qalqan.register import partner_keys, partners
from qalqan.register.database import Database, open_database
from qalqan.screening.call_policy import default_body
from qalqan.screening.calls import keeper, sending
from qalqan.screening.calls.screen import Tables
from qalqan.settings import Settings
from qalqan.trust.keys import Keys
from qalqan.web.app import make_app
from qalqan.work import call_feed, call_tables, call_tellings
from work.told_calls import OURS, away, write_lists

FOREIGN = "+442079460018"


@dataclass
class Centre:
    """A centre that serves, and a key of an operator's to follow it with."""

    settings: Settings
    database: Database
    keys: Keys
    address: str
    key: str

    @property
    def tables(self) -> Path:
        return call_tables.tables_path(self.settings)

    def tell(self, number: int, abroad: bool = True) -> None:
        item = {"number": f"+{number}", "abroad": abroad, "at_us": wall_us()}
        call_tellings.places(self.tables, "dala", [item], wall_us())

    def make_anew(self) -> None:
        call_tables.make_of(
            self.database, self.keys, self.settings, call_tables.lists_path(self.settings)
        )

    def follower(self, folder: Path) -> follow.Follower:
        return follow.Follower(folder, follow.Centre(self.address, self.key))


@contextmanager
def serving(app: Any, port: int) -> Iterator[None]:
    config = uvicorn.Config(app, port=port, lifespan="off", log_config=None,
                            timeout_graceful_shutdown=1)  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory, registers: Any) -> Iterator[Centre]:
    home = tmp_path_factory.mktemp("home")
    Path(str(make_url(registers.migrated(None)).database)).rename(home / "register.db")
    settings, keys, port = Settings(home=home), Keys.create(home / "keys.json"), free_port()
    with closing(open_database(settings)) as database:
        with database.write() as session:
            names = {"kk": "Dala", "ru": "Dala", "en": "Dala"}
            partners.add_partner(session, "dala", "operator", names)
            key = partner_keys.add_key(session, "dala", "edge", "x", scopes=["calls:follow"])
            call_tables.install(session, default_body(), ["a", "b"])
        call_tables.make_of(database, keys, settings, write_lists(home / "given"))
        with serving(make_app(settings), port):
            yield Centre(settings, database, keys, f"http://127.0.0.1:{port}", key)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    lay_out(tmp_path / "edge", Edge("127.0.0.1:1", "sip:127.0.0.1:2"))
    return tmp_path / "edge"


def end(follower: follow.Follower) -> None:
    """What the end of its process would do."""
    follower._leave()
    os.close(follower._folder)
    follower._centre.close()


def alike(centre: Centre, folder: Path) -> bool:
    """Both files are the same, but for pages nobody wrote on."""
    try:
        here, there = Tables(centre.tables), Tables(folder / "calls.tables")
    except FileNotFoundError:
        return False
    if here.about != there.about or here.place[0] != there.place[0]:
        return False
    return all(part == there.parts[name] for name, part in here.parts.items())


def catch_up(centre: Centre, folder: Path) -> None:
    follower = centre.follower(folder)
    for _ in range(5):
        follower.step(wait_s=0)
    end(follower)
    assert alike(centre, folder)


def test_changes_come_and_new_tables_whole(centre: Centre, folder: Path) -> None:
    follower = centre.follower(folder)
    follower.step()
    assert alike(centre, folder)
    mapped = Tables(folder / "calls.tables")
    centre.tell(OURS)
    assert follower.step() == 2
    assert alike(centre, folder)
    assert mapped.place[0] == Tables(centre.tables).place[0]  # in place
    end(follower)
    centre.tell(OURS, False)
    catch_up(centre, folder)
    assert mapped.retired[0] == 0
    centre.make_anew()
    catch_up(centre, folder)
    assert mapped.retired[0] == 1
    row = call_feed.row_of(centre.tables, Tables(centre.tables).about["version"])
    centre.tell(OURS)
    row.unlink()
    centre.tell(OURS, False)  # a hole stands for what was lost
    catch_up(centre, folder)


class _Killed(BaseException):
    """Stands for SIGKILL: nothing of ours catches it for long."""


def _dying(patch: pytest.MonkeyPatch, where: str, after: int) -> None:
    """The process ends at the next call of a name after so many of them; nothing of it is done."""
    left, dead = [after], []

    def dying(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def dies(*given: Any, **more: Any) -> Any:
            if name == where and not dead:
                left[0] -= 1
                if left[0] < 0:
                    dead.append(name)
            if dead:
                raise _Killed
            return call(*given, **more)

        return dies

    for name in ("pwrite", "fdatasync", "fsync", "ftruncate"):
        patch.setattr(os, name, dying(name, getattr(os, name)))
    for name in ("replace", "unlink"):
        patch.setattr(Path, name, dying(name, getattr(Path, name)))


@pytest.mark.parametrize(
    ("where", "after", "anew"),
    [
        ("pwrite", 0, False), ("pwrite", 2, False), ("fdatasync", 0, False), ("pwrite", 4, False),
        ("pwrite", 0, True), ("pwrite", 8, True), ("ftruncate", 0, True), ("fsync", 0, True),
        ("replace", 0, True), ("fsync", 1, True),
    ],
)  # fmt: skip
def test_killed_anywhere_it_goes_on_and_the_tables_are_never_worse(
    centre: Centre, folder: Path, monkeypatch: pytest.MonkeyPatch, where: str, after: int,
    anew: bool,
) -> None:  # fmt: skip
    """Between a change and its count, in the middle of a file, before and after it takes its place
    (which is written to the folder by the second `fsync`)."""
    catch_up(centre, folder)
    if anew:
        centre.make_anew()
    abroad = OURS not in away(centre.tables)
    for number in range(6):  # each is written once or twice, as the table has room
        centre.tell(OURS + number, abroad)
    follower = centre.follower(folder)
    with monkeypatch.context() as patch:
        _dying(patch, where, after)
        with pytest.raises(_Killed):
            follower.step(wait_s=0)
    end(follower)
    Tables(folder / "calls.tables")  # whole, whichever it is
    catch_up(centre, folder)


def started(folder: Path, centre: Centre, key: Path | None = None) -> subprocess.Popen[str]:
    """The program as it was laid out, in a Python that has nothing but itself."""
    if key is None:
        key = folder / "key"
        key.write_text(centre.key)
    command = [sys.executable, "-S", "-E", str(folder / "follow.py"), str(folder),
               "--centre", centre.address, "--key", str(key)]  # fmt: skip
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def until(met: Callable[[], bool], within_s: float = 20) -> None:
    end_s = time.monotonic() + within_s
    while not met():
        assert time.monotonic() < end_s, "it did not come"
        time.sleep(0.02)


def test_the_program_is_killed_again_and_again_while_things_change(
    centre: Centre, folder: Path
) -> None:
    draw = random.Random(11)
    for turn in range(8):
        run = started(folder, centre)
        until_s = time.monotonic() + draw.uniform(0.05, 0.35)
        while time.monotonic() < until_s:
            centre.tell(OURS + draw.randrange(50), draw.random() < 0.5)
        if turn == 4:
            centre.make_anew()
        run.send_signal(signal.SIGKILL)
        run.communicate()
    run = started(folder, centre)
    until(lambda: alike(centre, folder))
    second = started(folder, centre)
    assert second.wait(10) != 0
    assert "another process follows" in second.communicate()[0]
    run.terminate()
    told = [json.loads(line)["event"] for line in run.communicate()[0].splitlines()]
    assert told[0] == "following"


def test_a_key_that_opens_nothing_leaves_the_tables(centre: Centre, folder: Path) -> None:
    catch_up(centre, folder)
    before = Tables(folder / "calls.tables")
    centre.tell(OURS)
    follower = follow.Follower(folder, follow.Centre(centre.address, "no-such-key"))
    with pytest.raises(follow.Away, match="401"):
        follower.step(wait_s=0)
    end(follower)
    assert before.retired[0] == 0
    catch_up(centre, folder)


@pytest.mark.parametrize(
    "address", ["http://10.0.0.1:1", "ftp://127.0.0.1", "127.0.0.1:80", "https://", ""]
)
def test_a_key_does_not_go_in_clear_over_a_network(address: str) -> None:
    with pytest.raises(ValueError, match="https"):
        follow.Centre(address, "key")


def test_without_the_centre_the_edge_keeps_what_it_has_and_tells_for_how_long(
    centre: Centre, folder: Path
) -> None:
    catch_up(centre, folder)
    port = free_port()
    away = Centre(centre.settings, centre.database, centre.keys, f"http://127.0.0.1:{port}",
                  centre.key)  # fmt: skip
    run = started(folder, away)
    assert run.stdout is not None
    assert json.loads(run.stdout.readline())["event"] == "following"
    told = json.loads(run.stdout.readline())
    assert (told["event"], "Refused" in told["because"]) == ("away", True)
    centre.tell(OURS)
    centre.tell(OURS, False)
    with serving(make_app(centre.settings), port):
        back = json.loads(run.stdout.readline())
        assert back["event"] == "back"
        until(lambda: alike(centre, folder))
        run.terminate()
        run.communicate()


class _Liar(BaseHTTPRequestHandler):
    """Answers every question with `body`, saying it is `length` long."""

    body, length = b"", 0

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(self.length))
        self.end_headers()
        with suppress(OSError):
            self.wfile.write(self.body)
        self.close_connection = True

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def liar() -> Iterator[tuple[type[_Liar], str]]:
    class Ours(_Liar):
        pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Ours)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield Ours, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_what_comes_cut_or_changed_takes_nobody_s_place(
    centre: Centre, folder: Path, liar: tuple[type[_Liar], str]
) -> None:
    catch_up(centre, folder)
    draw, refused = random.Random(3), 0
    with centre.tables.open("rb") as file:
        whole = b"".join(sending.sent(file.fileno()))
    server, address = liar
    for _ in range(5):
        body = bytearray(whole[: draw.randrange(len(whole))] if draw.random() < 0.5 else whole)
        if len(body) == len(whole):
            body[draw.randrange(len(whole) - 8)] ^= 1 << draw.randrange(8)
        server.body, server.length = bytes(body), draw.choice([len(body), len(whole)])
        follower = follow.Follower(folder, follow.Centre(address, "key"))
        for act in (follower.fetch, lambda: follower.step(wait_s=0)):  # noqa: B023
            try:
                act()
            except (follow.Away, ValueError):
                refused += 1
        end(follower)
        assert alike(centre, folder)  # even where only what stands behind the checksum was changed
    assert refused > 6
    assert list(folder.glob(".*")) == []


def test_tables_of_somebody_else_are_replaced_whole(centre: Centre, folder: Path) -> None:
    shutil.copyfile(centre.tables, folder / "calls.tables")
    with keeper.Keeper(folder / "calls.tables") as own:
        own.set_abroad(OURS + 77, True)
        os.pwrite(own._file, b"\xff" * 7 + b"\x00", 16)  # a place that the centre never had
    assert not alike(centre, folder)
    catch_up(centre, folder)
    assert alike(centre, folder)


@pytest.mark.xdist_group("kamailio")
def test_a_number_that_goes_abroad_at_the_centre_passes_at_the_edge(
    centre: Centre, tmp_path: Path
) -> None:
    need("kamailio")
    with closing(Answering()) as behind:
        lay(tmp_path, behind.port)
        centre.tell(OURS, False)
        run = started(tmp_path, centre)
        until(lambda: (tmp_path / "calls.tables").exists())
        with running(tmp_path) as edge:
            caller = edge.caller()
            number = f"+{OURS}"

            def code() -> int:
                return caller.call(number, "+77019999999", number).code

            assert code() == 608
            for abroad in (True, False, True):
                centre.tell(OURS, abroad)
                until(lambda: alike(centre, tmp_path))
                for _ in range(4):  # each worker
                    assert code() == (200 if abroad else 608)
            centre.make_anew()
            until(lambda: alike(centre, tmp_path))
            assert code() == 200
            caller.close()
        run.terminate()
        run.communicate()
