"""What is kept of a caller, and where passkeys count (REQ-18)."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from qalqan.settings import Settings
from qalqan.trust.passkeys import Site
from qalqan.web.proof import device, network, site_of

GECKO = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
KIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("agent", "told"),
    [
        (GECKO, "Firefox, Windows"),
        (f"Mozilla/5.0 (X11; Linux x86_64) {KIT} Chrome/140.0 Safari/537.36 Edg/140.0",
         "Edge, Linux"),
        (f"Mozilla/5.0 (Linux; Android 15) {KIT} Chrome/140.0 Mobile Safari/537.36",
         "Chrome, Android"),
        (f"Mozilla/5.0 (Windows NT 10.0) {KIT} Chrome/138.0 YaBrowser/25.8 Safari/537.36",
         "Yandex, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Version/18.0 Mobile/15E148 Safari/6",
         "Safari, iOS"),
        ("python-httpx/0.28", ""), ("", ""), ("x" * 9_000 + "Firefox/1", ""),
    ],
)  # fmt: skip
def test_a_device_in_short(agent: str, told: str) -> None:
    assert device(agent) == told


@pytest.mark.parametrize(
    ("host", "told"),
    [("203.0.113.7", "203.0.113.0/24"), ("2001:db8:1:2::7", "2001:db8:1::/48"), ("testclient", ""),
     ("", "")],
)  # fmt: skip
def test_a_network_without_its_last_part(host: str, told: str) -> None:
    assert network(host) == told


@pytest.mark.parametrize(
    ("public", "host", "site"),
    [
        ("https://qalqan.kz", "qalqan.kz", Site("qalqan.kz", "https://qalqan.kz")),
        ("https://qalqan.kz:8443", "evil.kz", Site("qalqan.kz", "https://qalqan.kz:8443")),
        ("http://qalqan.kz", "qalqan.kz", None),
        ("https://192.0.2.1", "192.0.2.1", None),
        ("https://[2001:db8::1]", "x", None),
        (None, "localhost:8017", Site("localhost", "http://localhost:8017")),
        (None, "127.0.0.1:8017", None),
        (None, "evil.kz", None),
        (None, "", None),
    ],
)  # fmt: skip
def test_passkeys_belong_to_a_domain(tmp_path, public, host, site) -> None:
    settings = Settings(home=tmp_path, public_url=public)
    app = type("App", (), {"state": type("State", (), {"settings": settings})})
    scope = {
        "type": "http", "method": "GET", "scheme": "http", "path": "/", "query_string": b"",
        "headers": [(b"host", host.encode())], "app": app, "server": ("x", 80),
    }  # fmt: skip
    assert site_of(Request(scope)) == site


def test_a_second_factor_is_required_but_in_a_demos_home(tmp_path, monkeypatch) -> None:
    monkeypatch.delenv("QALQAN_SECOND_FACTOR")
    assert Settings(home=tmp_path).wants_second_factor
    assert not Settings(home=tmp_path, second_factor="offered").wants_second_factor
    (tmp_path / "simulated.json").write_text("{}")
    assert not Settings(home=tmp_path).wants_second_factor
    assert Settings(home=tmp_path, second_factor="required").wants_second_factor
