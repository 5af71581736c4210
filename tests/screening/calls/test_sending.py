"""A whole file of tables on its way: it comes as it was, or not at all."""

from __future__ import annotations

import io
import os
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from qalqan.screening.calls import keeper, layout, sending
from qalqan.screening.calls.changes import ABROAD, VALUE, Change, Changing
from qalqan.screening.calls.screen import Tables


def stream(path: Path) -> bytes:
    with path.open("rb") as file:
        return b"".join(sending.sent(file.fileno()))


def received(body: bytes, path: Path) -> None:
    with path.open("w+b") as file:
        sending.received(io.BytesIO(body).read, file.fileno())


@pytest.fixture
def sparse(content: Any, tmp_path: Path) -> Path:
    path = tmp_path / "sent"
    abroad = [77_010_000_000 + 40_961 * n for n in range(300)]
    keeper.write(path, content(abroad=abroad, values=dict.fromkeys(range(1, 4_001), 1)))
    return path


def test_it_comes_as_it_was_and_small(sparse: Path, tmp_path: Path) -> None:
    with Changing(sparse) as own:
        own.do([Change(ABROAD, 77_012_222_222, 1), Change(VALUE, 77_012_222_222, 5)])
        own.remember(2)
    body, came = stream(sparse), tmp_path / "came"
    assert len(body) < 100_000
    received(body, came)
    assert came.stat().st_size == sparse.stat().st_size
    one, two = Tables(sparse), Tables(came)
    assert one.about == two.about
    assert two.place[0] == 2
    for name, part in one.parts.items():
        assert part == two.parts[name], name
    assert came.stat().st_blocks * 512 < 20_000_000


def test_a_file_that_was_replaced_meanwhile_does_not_come_retired(
    sparse: Path, content: Any, tmp_path: Path
) -> None:
    with sparse.open("rb") as file:
        keeper.write(sparse, content(version=2))
        body = b"".join(sending.sent(file.fileno()))
    received(body, tmp_path / "came")
    came = Tables(tmp_path / "came")
    assert (came.retired[0], came.about["version"]) == (0, 1)


def test_changes_that_came_in_between_are_done_again(sparse: Path, tmp_path: Path) -> None:
    """The head goes first; what was changed behind it is in the row from its place on."""
    made = [Change(VALUE, 77_010_000_000 + n, n % 7 << 8) for n in range(2_000)]
    pieces, place = [], count()
    with sparse.open("rb") as file, Changing(sparse) as own:
        for piece in sending.sent(file.fileno()):
            pieces.append(piece)
            some = made[next(place) * 400 :][:400]
            own.do(some)
        own.do(made)
        own.remember(len(made))
    received(b"".join(pieces), tmp_path / "came")
    with Changing(tmp_path / "came") as came:
        assert came.place == 0
        came.do(made)
        came.remember(len(made))
    one, two = Tables(sparse), Tables(tmp_path / "came")
    assert all(part == two.parts[name] for name, part in one.parts.items())


@pytest.mark.parametrize("at", [0, 10, 300, -40, -8])
def test_what_was_cut_or_changed_on_its_way_is_refused(
    sparse: Path, tmp_path: Path, at: int
) -> None:
    body = stream(sparse)
    changed = bytearray(body)
    changed[at] ^= 4
    for bad in (body[:at], bytes(changed)):
        with pytest.raises(ValueError, match=r"."):
            received(bad, tmp_path / "came")


def test_what_lies_about_its_length_fills_no_disk(tmp_path: Path) -> None:
    import zlib

    far = sending._FRAME.pack(1 << 40, 4) + b"abcd"
    with pytest.raises(sending.Damaged, match="too long"):
        received(zlib.compress(far), tmp_path / "came")
    no_tables = sending._FRAME.pack(0, layout.HEAD) + os.urandom(layout.HEAD)
    end = sending._FRAME.pack(layout.HEAD, 0)
    from hashlib import sha256

    whole = no_tables + end + sha256(no_tables + end).digest()
    with pytest.raises(ValueError, match="not a file of call tables"):
        received(zlib.compress(whole), tmp_path / "came")
