"""The tutorial's second half: an own small bank, from its file to money on its way back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from qalqan.cases import figures
from qalqan.clock import SharedClock
from qalqan.lake.files import take_file
from qalqan.lake.hand_in import Centre

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial"
LATER_US = 1_795_514_400_000_000


@pytest.fixture
def my_bank(program: Callable[[str], ModuleType], stopped_clock: SharedClock) -> ModuleType:
    """The tutorial's bank; its clock is the centre's."""
    stopped_clock.set(LATER_US)
    module = program("my_bank")
    module.now = stopped_clock.now_us
    return module


def test_from_the_file_to_the_return(my_bank: ModuleType, centre: Any) -> None:
    bank = my_bank.bank
    token = centre.partner("my-bank", "bank", "223")
    hotline = centre.partner("hotline", "channel")
    taken = take_file(
        Centre(centre.database, centre.keys, centre.settings.lake_root), "payment",
        TUTORIAL / "payments.csv", mapping=TUTORIAL / "my-bank.toml",
    )  # fmt: skip
    assert (taken.read, taken.accepted, taken.quarantined) == (5, 4, 1)
    with bank.connect(centre.address, hotline) as line:
        case = my_bank.report(line)["case"]
    centre.work()

    def told() -> list[str]:
        with bank.connect(centre.address, token) as line:
            answers = list(my_bank.answer_all(line, my_bank.Books()))
        centre.work()
        return [answer.partition(" ")[2] for answer in answers]

    assert told() == ["confirm: confirmed"]
    assert told() == ["statement: statement"] * 2
    assert told() == ["hold: held"] * 2
    assert told() == ["statement: statement"] * 2
    centre.everybody_agrees()
    assert told() == ["return: returned", "return: returned"]
    with centre.database.session() as session:
        parts = figures.of_case(session, case, "taint_first")["KZT"]
    assert (parts.stolen, parts.returned, parts.abroad, parts.cash) == (
        450_000_00, 45_000_00, 285_000_00, 120_000_00,
    )  # fmt: skip
    assert json.dumps(parts.as_dict())
