"""What two arms say together (REQ-77)."""

from __future__ import annotations

import pytest

from qalqan.bulletin.effects.results import Verdict
from qalqan.bulletin.outreach import effect
from qalqan.bulletin.outreach.outcomes import ArmCount


def arms(shown, held):
    return {"show": ArmCount("show", *shown), "hold": ArmCount("hold", *held)}


def test_newcombes_own_example_is_told_in_people_of_a_thousand():
    """56 of 70 and 48 of 80: difference 0.2, from 0.0524 to 0.3339 (Newcombe 1998, table II)."""
    told = effect.said(arms((70, 56), (80, 48)), "en")[1]
    assert told == (
        "Stopped: more among those who were shown it: +200.0 in a thousand people "
        "(95% interval: +52.4 to +333.9)."
    )


def test_fewer_harmed_is_said_as_fell():
    found = arms((10_000, 0, 20), (10_000, 0, 60))
    assert effect.compare(found, "harmed").verdict is Verdict.FELL
    assert effect.said(found, "ru")[0].startswith(
        "Пострадали потом: среди увидевших меньше, разница −4,0"
    )


def test_little_is_called_too_little():
    assert effect.said(arms((900, 81, 3), (100, 4, 1)), "en")[0] == (
        "Defrauded later: it can't be told. There are too few cases."
    )


def test_one_arm_alone_says_nothing():
    assert effect.said(arms((900, 81, 3), ()), "kk") == []


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_no_difference_is_never_an_effect(language):
    found = arms((1_000, 50, 10), (1_000, 52, 9))
    assert all(effect.compare(found, what).verdict is Verdict.NO_DIFFERENCE for what in effect.WHAT)
    assert len(effect.said(found, language)) == 2
