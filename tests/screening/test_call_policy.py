"""The policy of calls (REQ-45)."""

from __future__ import annotations

from typing import Any

import pytest

from qalqan.errors import InputRejected
from qalqan.screening.call_policy import default_body, of_body, unapproved
from qalqan.screening.calls.rules import CODES, NOTHING
from qalqan.text.catalogue import LANGUAGES, say


def test_until_two_people_agree_every_rule_is_in_shadow() -> None:
    assert unapproved().live == frozenset()
    assert unapproved().version == 0
    made = of_body(3, default_body())
    assert made.version == 3
    assert "calls.fixed_from_abroad" in made.live
    assert made.oldest_s == 900


@pytest.mark.parametrize(
    ("change", "field"),
    [({"live": ["calls.nonsense"]}, "live"), ({"live": "all"}, "live"), ({"more": 1}, "more"),
     ({"oldest_place": "15"}, "oldest_place"), ({"oldest_place": "25h"}, "oldest_place"),
     ({"oldest_place": None}, "oldest_place"), ({"oldest_place": "0m"}, "oldest_place")],
)  # fmt: skip
def test_what_does_not_fit_is_refused(change: dict[str, Any], field: str) -> None:
    with pytest.raises(InputRejected) as refused:
        of_body(1, {**default_body(), **change})
    assert refused.value.field == field


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_says_what_was_seen(language: str) -> None:
    said = {say(f"screen.{code}", language) for code in (*CODES, NOTHING, "calls.no_tables")}
    assert len(said) == len(CODES) + 2
