"""The check-up: everything looked at, a remedy for everything that fails."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from qalqan.text.catalogue import LANGUAGES
from qalqan.work.screens import wire


@pytest.fixture
def listener() -> Any:
    """A port of somebody else's."""
    with socket.socket() as heard:
        heard.bind(("127.0.0.1", 0))
        heard.listen()
        yield heard.getsockname()[1]


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def test_a_whole_home_is_well(qalqan: Any) -> None:
    qalqan.set(PORT=free_port())
    qalqan("init")
    said = qalqan("doctor", "--json")
    assert all(check["ok"] for check in said.json.values()), said.out
    assert {"python", "settings", "disk", "home", "keys", "register", "lake", "port"} <= set(
        said.json
    )
    assert said.code == 0
    assert "All is well." in qalqan("doctor").out


def failed(said: Any) -> dict[str, dict[str, str]]:
    assert said.code == 1
    return {name: check for name, check in said.json.items() if not check["ok"]}


def _keys(qalqan: Any) -> None:
    (qalqan.home / "keys.json").write_text("{}", encoding="utf-8")


def _register(qalqan: Any) -> None:
    for file in qalqan.home.glob("register.db*"):
        file.unlink()


def _lake(qalqan: Any) -> None:
    log = qalqan.home / "lake" / "payment" / "_delta_log"
    log.mkdir(parents=True)
    (log / f"{0:020d}.json").write_text("no log\n", encoding="utf-8")


def _no_home(qalqan: Any) -> None:
    qalqan.set(HOME=str(qalqan.home / "elsewhere"))


def _other_folder(qalqan: Any) -> None:
    (qalqan.home / "elsewhere" / "demo").mkdir(parents=True)
    qalqan.set(HOME=str(qalqan.home / "elsewhere"))


def _settings(qalqan: Any) -> None:
    qalqan.set(PORT="abc")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("name", "break_it", "remedy"),
    [
        ("settings", _settings, "QALQAN_"),
        ("home", _no_home, "qalqan init"),
        ("home", _other_folder, "qalqan init"),
        ("keys", _keys, "keys.json"),
        ("register", _register, "qalqan init"),
        ("lake", _lake, "QALQAN_LAKE"),
    ],
)
def test_what_fails_has_a_remedy(
    qalqan: Any, language: str, name: str, break_it: Any, remedy: str
) -> None:
    qalqan.set(PORT=free_port(), LANGUAGE=language)
    qalqan("init")
    break_it(qalqan)
    broken = failed(qalqan("doctor", "--json"))
    assert set(broken) == {name}
    assert remedy in broken[name]["remedy"]
    assert broken[name]["seen"]
    assert broken[name]["remedy"] in qalqan("doctor").out


def test_a_port_that_somebody_else_has(qalqan: Any, listener: int) -> None:
    qalqan("init")
    qalqan.set(PORT=str(listener))
    assert set(failed(qalqan("doctor", "--json"))) == {"port"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_owner_of_the_screens_that_was_killed(qalqan: Any, language: str) -> None:
    qalqan.set(PORT=free_port(), LANGUAGE=language)
    qalqan("init")
    (qalqan.home / "screen" / "0").mkdir(parents=True)
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(wire.socket_of(qalqan.home, 0)))
    broken = failed(qalqan("doctor", "--json"))
    assert set(broken) == {"screens"}
    assert "qalqan screen status" in broken["screens"]["remedy"]
