"""A policy is put in force by two supervisors who show that they are there."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from qalqan.cli.app import app
from qalqan.cli.home import make_home
from qalqan.register.orm import User
from qalqan.settings import settings
from qalqan.trust.passwords import hash_password

PASSWORDS = {
    "aigul": "correct horse battery", "daniyar": "staple horse battery",
    "marina": "another horse battery",
}  # fmt: skip


@pytest.fixture(scope="module")
def hashes() -> dict[str, str]:
    """Of the passwords: made once, since each is dear on purpose."""
    return {login: hash_password(password) for login, password in PASSWORDS.items()}


@pytest.fixture
def approve(
    hashes: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Result]]:
    """`qalqan policy` in a home with two supervisors and a prosecutor."""
    monkeypatch.setenv("QALQAN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("QALQAN_LANGUAGE", "en")
    settings.cache_clear()
    home = make_home()
    with home.database.write() as session:
        for login, kept in hashes.items():
            role = "prosecutor" if login == "marina" else "supervisor"
            session.add(User(login=login, name="n", password_hash=kept, role=role, region="KZ"))
    home.database.close()

    def run(
        *logins: str,
        typed: dict[str, str] = PASSWORDS,
        file: Path | None = None,
        of: str = "pursuit",
    ) -> Result:
        asked = ["policy", "--json", f"--of={of}", *(f"--approved-by={login}" for login in logins)]
        asked += [f"--file={file}"] if file else []
        lines = "".join(f"{typed[login]}\n" for login in logins)
        return CliRunner().invoke(app, asked, input=lines)

    yield run
    settings.cache_clear()


def test_two_supervisors_put_it_in_force(approve: Callable[..., Result]) -> None:
    done = approve("aigul", "daniyar")
    assert json.loads(done.stdout) == {
        "policy": "pursuit", "version": 1, "approved_by": ["aigul", "daniyar"],
    }  # fmt: skip
    assert json.loads(approve("aigul", "daniyar").stdout)["version"] == 2


@pytest.mark.parametrize("logins", [("aigul",), ("aigul", "aigul"), ("aigul", "marina")])
def test_nobody_alone_and_no_other_role(
    approve: Callable[..., Result], logins: tuple[str, ...]
) -> None:
    done = approve(*logins)
    assert done.exit_code == 2
    told = json.loads(done.stdout)["error"]
    assert told.startswith(("A second person has to decide", "Your role does not allow"))


def test_nobody_speaks_for_another(approve: Callable[..., Result]) -> None:
    done = approve("aigul", "daniyar", typed=PASSWORDS | {"daniyar": "guessed it"})
    assert done.exit_code == 2
    assert json.loads(done.stdout)["error"] == "The login or the password is wrong."


@pytest.mark.parametrize("text", ["hold_hours = 72", "hold_hours =", "[limits]\nx = 'y'"])
def test_a_file_without_all_values_is_no_policy(
    approve: Callable[..., Result], tmp_path: Path, text: str
) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(text, encoding="utf-8")
    done = approve("aigul", "daniyar", file=file)
    assert done.exit_code == 2
    assert "expected a TOML file with all values" in json.loads(done.stdout)["error"]


UNTIL = """[until]
pass = "15m"
label = "15m"
challenge = "1h"
hold = "1h"
refuse = "1h"
"""


def test_the_screens_policy_goes_the_same_way(
    approve: Callable[..., Result], tmp_path: Path
) -> None:
    done = approve("aigul", "daniyar", of="screening")
    assert json.loads(done.stdout)["policy"] == "screening"
    file = tmp_path / "screens.toml"
    for body, field in (
        ('live = ["payments.no_such_rule"]', "live"),
        (f"{UNTIL}[payments]\nno_such_threshold = 5", "no_such_threshold"),
        ("live = [", "file"),
    ):
        file.write_text(body, encoding="utf-8")
        refused = approve("aigul", "daniyar", file=file, of="screening")
        assert refused.exit_code != 0
        assert field in refused.output
    assert approve("aigul", of="screening").exit_code != 0
    file.write_text(f'live = ["payments.payee_listed"]\n{UNTIL}[payments]\nleast_payers = 12')
    assert json.loads(approve("aigul", "daniyar", file=file, of="screening").stdout)["version"] == 2


def test_limits_of_outreach_are_a_policy_like_the_others(
    approve: Callable[..., Result], tmp_path: Path
) -> None:
    told = json.loads(approve("aigul", "daniyar", of="outreach").stdout)
    assert told == {"policy": "outreach", "version": 1, "approved_by": ["aigul", "daniyar"]}
    assert approve("aigul", of="outreach").exit_code == 2
    file = tmp_path / "wrong.toml"
    file.write_text("[holdout]\nmoments = 0\n", encoding="utf-8")
    assert approve("aigul", "daniyar", of="outreach", file=file).exit_code == 2
