"""Records of changes, and tables that count them."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qalqan.screening.calls import keeper
from qalqan.screening.calls.changes import ABROAD, SIZE, TOLD, VALUE, Change, Changing, packed
from qalqan.screening.calls.changes import unpacked as read
from qalqan.screening.calls.lookup import MOBILES
from qalqan.screening.calls.screen import Tables

MOBILE = st.integers(77_010_000_000, 77_010_000_050)
CHANGES = st.lists(
    st.one_of(
        st.builds(Change, st.just(ABROAD), MOBILE, st.integers(0, 1)),
        st.builds(Change, st.just(TOLD), st.integers(1, 3), st.integers(0, 2**40)),
        st.builds(Change, st.just(VALUE), MOBILE, st.integers(0, 2**13 - 1)),
    ),
    max_size=40,
)
FEW = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tables")


@FEW
@given(CHANGES, st.integers(0, 2**40), st.data())
def test_a_damaged_or_misplaced_record_ends_what_is_read(
    made: list[Change], place: int, data: Any
) -> None:
    body = packed(made, place)
    assert len(body) == SIZE * len(made)
    assert list(read(body, place)) == made
    assert list(read(body[: len(body) - 1], place)) == made[:-1]
    assert list(read(body, place + 1)) == []
    if body:
        at = data.draw(
            st.sampled_from([one for one in range(len(body)) if not 1 <= one % SIZE <= 3])
        )
        bad = bytearray(body)
        bad[at] ^= 1 << data.draw(st.integers(0, 7))
        assert list(read(bytes(bad), place)) == made[: at // SIZE]


@pytest.fixture(scope="module")
def pair(folder: Path, content: Any) -> tuple[Path, Path]:
    """Two files alike, which every example changes further."""
    paths = folder / "once", folder / "again"
    for path in paths:
        keeper.write(path, content(fed_s={}))
    return paths


@FEW
@given(CHANGES, st.lists(st.integers(0, 40), max_size=6))
def test_whoever_does_some_again_ends_with_the_same_tables(
    pair: tuple[Path, Path], made: list[Change], cuts: list[int]
) -> None:
    """Words of numbers stand where they first came, so even the files are the same. Nothing is
    drawn meanwhile: an example that ends between the files would leave them different."""
    with Changing(pair[0]) as one, Changing(pair[1]) as two:
        one.do(made)
        one.remember(len(made))
        for start, end in pairwise([0, *sorted(min(cut, len(made)) for cut in cuts), len(made)]):
            two.do(made[start:end])  # killed before it could remember
            two.do(made[start:end])
        two.remember(len(made))
        assert one.place == two.place == len(made)
    once, again = (Tables(path) for path in pair)
    for name in ("words", "fed"):
        assert once.parts[name] == again.parts[name]
    near = slice((77_010_000_000 - MOBILES) // 8, (77_010_000_100 - MOBILES) // 8)
    assert once.parts["abroad"][near] == again.parts["abroad"][near]


def test_what_stands_of_a_number(folder: Path, content: Any) -> None:
    path = folder / "asked"
    keeper.write(path, content())
    with Changing(path) as own:
        assert (own.version, own.place) == (1, 0)
        assert own.operator(77011111111) == 1
        assert own.operator(77014444444) == 3  # ported
        assert own.operator(77780000000) == 0  # given to nobody
        assert own.operator(442079460018) == 0
        assert own.is_abroad(77012222222)
        assert not own.is_abroad(77011111111)
        assert own.told_s(1) > 0
        assert own.told_s(2) == 0
        with pytest.raises(ValueError, match="no Kazakh mobile"):
            own.do([Change(ABROAD, 442079460018, 1)])
