"""Each check: fires, is quiet on the innocent look-alike, and where its border runs."""

import tomllib
from pathlib import Path

import pytest

from qalqan.bulletin.claims import check

CASES = tomllib.loads(Path(__file__).with_name("checks.toml").read_text("utf-8"))["cases"]
JANUARY = "Бюллетень за январь 2024 года\n"


def codes(text, **more):
    return {p.code for p in check(text, **more).problems}


@pytest.mark.parametrize(("code", "fires", "quiet"), CASES)
def test_a_check_fires_and_stays_quiet(code, fires, quiet):
    assert code in codes(JANUARY + fires)
    assert code not in codes(JANUARY + quiet)
