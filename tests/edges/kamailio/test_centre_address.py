"""Where an edge's programs send their key (REQ-45)."""

from __future__ import annotations

from pathlib import Path

import pytest

from qalqan.edges.kamailio import centre_address, follow, ship


def test_a_key_goes_by_tls_or_stays_on_this_machine() -> None:
    told, tls = centre_address.read("https://centre.example:8443/of")
    assert (told.hostname, told.port, told.path) == ("centre.example", 8443, "/of")
    assert tls is not None
    assert tls.check_hostname
    for here in ("http://127.0.0.1:8000", "http://localhost", "http://[::1]:1"):
        assert centre_address.read(here)[1] is None


@pytest.mark.parametrize(
    "wrong", ["http://centre.example", "http://10.0.0.1", "ftp://centre", "centre", "https://", ""]
)
def test_no_program_takes_an_address_over_which_it_would_go_in_clear(wrong: str) -> None:
    for program in (follow.Centre, ship.Centre):
        with pytest.raises(ValueError, match="https"):
            program(wrong, "key")


def test_an_authority_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        centre_address.read("https://centre", tmp_path / "none.pem")
