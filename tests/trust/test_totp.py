"""TOTP against RFC 6238's own table, and that a code counts once."""

from __future__ import annotations

import base64
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qalqan.clock import SECOND
from qalqan.errors import ContractBroken
from qalqan.trust import totp
from qalqan.trust.keys import Keys

RFC = b"12345678901234567890"
"""The secret of RFC 6238, appendix B; its codes of eight digits end in ours of six."""


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"),
     (2000000000, "279037"), (20000000000, "353130")],
)  # fmt: skip
def test_the_codes_of_the_standard(seconds: int, code: str) -> None:
    assert totp.code(RFC, seconds // 30) == code
    assert totp.step_of(RFC, code, seconds * SECOND, 0) == seconds // 30


@given(st.integers(2, 2**40), st.integers(-3, 3), st.integers(-3, 3))
def test_a_code_counts_near_its_time_and_after_the_last_one_used(
    now: int, away: int, used: int
) -> None:
    at_us = now * totp.STEP_US
    step = max(0, now + away)
    if totp.code(RFC, step) in {totp.code(RFC, s) for s in range(max(0, now - 4), now + 5)} - {
        totp.code(RFC, step)
    }:
        return  # two steps with one code: seldom, and no fault
    found = totp.step_of(RFC, totp.code(RFC, step), at_us, now + used)
    assert (found == step) == (abs(away) <= totp.WINDOW and step > now + used)


@pytest.mark.parametrize("given_code", ["", "28708", "2870822", "қазақша", "287 082", "٢٨٧٠٨٢"])
def test_what_is_no_code(given_code: str) -> None:
    assert totp.step_of(RFC, given_code, 59 * SECOND, 0) is None


def test_the_box_opens_for_its_login_under_its_keys_alone(keys: Keys) -> None:
    secret = totp.new_secret()
    box = totp.seal(keys, "aigul", secret)
    assert totp.unseal(keys, "aigul", box) == secret
    assert secret not in box
    for other_keys, login in ((keys, "nurlan"), (Keys.new(), "aigul")):
        with pytest.raises(ContractBroken):
            totp.unseal(other_keys, login, box)


def test_the_address_carries_the_secret() -> None:
    asked = parse_qs(urlsplit(totp.address(RFC, "a.b+c")).query)
    assert base64.b32decode(asked["secret"][0]) == RFC
    assert base64.b32decode(totp.text(RFC).replace(" ", "")) == RFC
    assert "a.b%2Bc" in totp.address(RFC, "a.b+c")
