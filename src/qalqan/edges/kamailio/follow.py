"""Keeps an edge's tables as the centre's are.

`python3 follow.py DIRECTORY --centre URL --key FILE`

Asks the centre for what changed behind the last change that the tables themselves count, waits
there until something does, makes it, then counts it: killed at any moment, it does the last ones
again. Whenever the row of changes does not go on from here (the tables were made anew, something is
damaged), it fetches the file whole, checks it, and puts it in the old one's place; until then the
old one stays. Without the centre the edge goes on with what it has: places grow old by themselves,
and then numbers are withheld.

The standard library alone. Tells what it does on standard output, a JSON object a line.
"""

from __future__ import annotations

import argparse
import fcntl
import http.client
import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING or __package__:
    from qalqan.edges.kamailio import centre_address
    from qalqan.screening.calls import changes, keeper, sending
else:  # laid out beside the folder `calls`
    import centre_address
    from calls import changes, keeper, sending

WAIT_S = 5
"""So long the centre may wait for a change; its answers come at once when there is one."""
PATIENCE_S = 10
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 2.0
"""Between two attempts while the centre is away; the second one doubles up to the last."""
TELL_S = 60
QUICK_S = 0.05
"""Who is answered sooner, and with nothing, rests so long: something between does not let wait."""


class Away(Exception):
    """The centre did not answer, or not as it should."""


class MadeAnew(Exception):
    """The row of changes does not go on from here: the file has to be fetched whole."""


class Centre:
    """One connection to the centre, opened when it is needed.

    Raises:
        ValueError, OSError: as `centre_address.read`.
    """

    def __init__(self, address: str, key: str, ca: Path | None = None) -> None:
        told, self._tls = centre_address.read(address, ca)
        self._host, self._port, self._path = told.hostname or "", told.port, told.path.rstrip("/")
        self._headers = {"Authorization": f"Bearer {key}"}
        self._open: http.client.HTTPConnection | None = None

    def get(self, path: str) -> http.client.HTTPResponse:
        """The answer, whose body is still to be read.

        Raises:
            Away: there is none, or it is no 200. MadeAnew: 409 or 410.
        """
        try:
            if self._open is None:
                self._open = self._connection()
            self._open.request("GET", f"{self._path}{path}", headers=self._headers)
            answer = self._open.getresponse()
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise Away(f"{type(error).__name__}: {error}") from None
        if answer.status != 200:
            self.close()
            if answer.status in (409, 410):
                raise MadeAnew(str(answer.status))
            raise Away(f"HTTP {answer.status}")
        return answer

    def _connection(self) -> http.client.HTTPConnection:
        if self._tls is None:
            return http.client.HTTPConnection(self._host, self._port, timeout=PATIENCE_S)
        return http.client.HTTPSConnection(
            self._host, self._port, timeout=PATIENCE_S, context=self._tls
        )

    def close(self) -> None:
        """The next question opens another connection."""
        if self._open is not None:
            self._open.close()
            self._open = None


class Follower:
    """An edge's directory, which nobody else may follow for.

    Raises:
        BlockingIOError: somebody does.
    """

    def __init__(self, folder: Path, centre: Centre) -> None:
        told = json.loads((folder / "edge.json").read_text(encoding="utf-8"))
        self._centre, self.tables = centre, folder / told["tables"]
        self._folder = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(self._folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BaseException:
            os.close(self._folder)
            raise
        self._kept: changes.Changing | None = None
        self._file = (0, 0)

    def step(self, wait_s: int = WAIT_S) -> int:
        """Ask once, and do what is told: how many changes.

        Raises:
            Away, OSError, ValueError: something is not as it should be; the tables are no worse.
        """
        kept = self._opened()
        if kept is None:
            self.fetch()
            return 0
        place, path = kept.place, f"version={kept.version}&after={kept.place}&wait_s={wait_s}"
        try:
            body = self._read(self._centre.get(f"/v1/calls/changes?{path}"))
            made = list(changes.unpacked(body, place))
            if len(made) * changes.SIZE != len(body):
                raise MadeAnew("damaged")
            if made:
                kept.do(made)
                kept.remember(place + len(made))
            return len(made)
        except (MadeAnew, keeper.Full):
            self.fetch()
            return 0

    def _read(self, answer: http.client.HTTPResponse) -> bytes:
        try:
            body = answer.read(changes.MOST * changes.SIZE + 1)
        except (OSError, http.client.HTTPException) as error:
            self._centre.close()
            raise Away(f"{type(error).__name__}: {error}") from None
        if len(body) > changes.MOST * changes.SIZE:
            self._centre.close()
            raise MadeAnew("too long")
        return body

    def _opened(self) -> changes.Changing | None:
        """The tables that are there now; None: there are none, or they are damaged."""
        try:
            found = os.stat(self.tables)
        except FileNotFoundError:
            self._leave()
            return None
        if self._kept is None or self._file != (found.st_dev, found.st_ino):
            self._leave()
            try:
                self._kept = changes.Changing(self.tables)
            except ValueError:
                return None
            self._file = (found.st_dev, found.st_ino)
        return self._kept

    def _leave(self) -> None:
        if self._kept is not None:
            self._kept.__exit__(None, None, None)
            self._kept = None

    def fetch(self) -> None:
        """Fetch the file whole, check it, put it in place.

        Raises:
            Away, OSError, ValueError: it did not come whole; the old one stays.
        """
        answer = self._centre.get("/v1/calls/tables")
        draft = self.tables.with_name(f".{self.tables.name}.fetched")
        file = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o640)
        try:
            sending.received(answer.read, file)
            answer.read()  # its end, so that the connection can be used again
            os.fsync(file)
            self._leave()
            keeper.take_place(draft, self.tables)
            os.fsync(self._folder)
        except http.client.HTTPException as error:
            self._centre.close()
            raise Away(type(error).__name__) from None
        except BaseException:
            self._centre.close()
            draft.unlink(missing_ok=True)
            raise
        finally:
            os.close(file)
        told = self._opened()
        if told is not None:
            tell("fetched", version=told.version, policy=told.about["policy"], place=told.place)


def tell(what: str, **more: object) -> None:
    """A line for whoever reads the log."""
    print(json.dumps({"at": round(time.time(), 3), "event": what, **more}), flush=True)


def follow(folder: Path, centre: Centre) -> None:
    """Until the process ends.

    Raises:
        BlockingIOError: another process follows for this directory.
    """
    follower = Follower(folder, centre)
    tell("following", tables=str(follower.tables))
    heard, told, pause, trouble = time.monotonic(), float("-inf"), FIRST_PAUSE_S, ""
    while True:
        begun = time.monotonic()
        try:
            if not follower.step() and time.monotonic() - begun < QUICK_S:
                time.sleep(QUICK_S)
        except (Away, OSError, ValueError) as error:
            now = time.monotonic()
            said = str(error) or type(error).__name__
            if said != trouble or now - told > TELL_S:
                tell("away", because=said, seconds=round(now - heard))
                told, trouble = now, said
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_S)
        else:
            if trouble:
                tell("back", seconds=round(time.monotonic() - heard))
            heard, pause, trouble = time.monotonic(), FIRST_PAUSE_S, ""


def main(given: list[str]) -> None:
    """What the command line asks for."""
    asked = argparse.ArgumentParser(prog="follow.py", description="Follow the centre's tables.")
    asked.add_argument("directory", type=Path)
    asked.add_argument("--centre", required=True, help="https://…")
    asked.add_argument("--key", required=True, type=Path, help="file with the key")
    asked.add_argument("--ca", type=Path, help="PEM file of who signed the centre's certificate")
    told = asked.parse_args(given)
    try:
        centre = Centre(told.centre, told.key.read_text("ascii").strip(), told.ca)
        follow(told.directory, centre)
    except BlockingIOError:
        sys.exit(f"another process follows for {told.directory}")
    except (ValueError, FileNotFoundError) as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    main(sys.argv[1:])
