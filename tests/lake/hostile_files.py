"""Lines and tables that files made to harm are made of, and what must be said of each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from qalqan.errors import InputRejected
from qalqan.lake.receipt import Receipt
from qalqan.text.refusal import expectation

AT = 1_767_225_600_000_000  # 2026-01-01
HEADER = "id,at_us,remote_access,outcome"
MIB = 1 << 20

Hand = Callable[..., Receipt]


def told(*expected: tuple[str, Any]) -> None:
    """Each reason has its sentence in every language."""
    for code, params in expected:
        sentences = {expectation(code, language, params) for language in ("kk", "ru", "en")}
        assert len(sentences) == 3
        assert not any("{" in one for one in sentences)


def refused(hand_in: Hand, path: Path, **more: Any) -> InputRejected:
    with pytest.raises(InputRejected) as caught:
        hand_in(path, **more)
    told((caught.value.expected, caught.value.params))
    return caught.value


def line(number: int, **more: Any) -> dict[str, Any]:
    fact = {"id": f"s-{number}", "at_us": AT, "remote_access": "false", "outcome": "failed"}
    return {**fact, **more}


def csv_lines(numbers: range, **more: Any) -> str:
    return "".join(",".join(map(str, line(n, **more).values())) + "\n" for n in numbers)


def sessions(numbers: range, **more: Any) -> pa.Table:
    return pa.Table.from_pylist([line(number, **more) for number in numbers])
