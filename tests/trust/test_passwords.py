from __future__ import annotations

import pytest

from qalqan.errors import InputRejected
from qalqan.trust import passwords


def test_a_password_checks_against_its_own_hash_only() -> None:
    one = passwords.hash_password("қара алтын таулар")
    assert one.startswith("$argon2id$")
    assert passwords.check_password("қара алтын таулар", one)
    assert not passwords.check_password("қара алтын тауларр", one)
    assert not passwords.outdated(one)


def test_hashes_are_as_dear_as_rfc_9106_says() -> None:
    told = passwords.SETTINGS
    assert (told.type.name, told.memory_cost, told.time_cost) == ("ID", 64 * 1024, 3)


def test_nobody_has_no_password() -> None:
    assert not passwords.check_password("қара алтын таулар", None)
    assert not passwords.check_password("қара алтын таулар", "not a hash")


@pytest.mark.parametrize("password", ["", "short", "x" * 129])
def test_lengths_are_refused_without_telling_the_password(password: str) -> None:
    with pytest.raises(InputRejected) as caught:
        passwords.hash_password(password)
    assert caught.value.value == ""
    assert not passwords.check_password("x" * 129, None)


def test_secrets_are_long_and_kept_hashed() -> None:
    one, other = passwords.new_secret(), passwords.new_secret()
    assert one != other
    assert len(one) == 43
    assert passwords.hash_secret(one) != passwords.hash_secret(other)
