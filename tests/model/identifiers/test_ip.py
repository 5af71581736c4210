import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qalqan.errors import InputRejected
from qalqan.model.identifiers.ip import canonical


@pytest.mark.parametrize(
    ("text", "address", "version", "public"),
    [
        ("8.8.8.8", "8.8.8.8", 4, True),
        (" 192.168.0.1 ", "192.168.0.1", 4, False),
        ("100.64.0.1", "100.64.0.1", 4, False),
        ("2001:0DB8::0:1", "2001:db8::1", 6, False),
        ("[2a00:1450::1]", "2a00:1450::1", 6, True),
        ("::ffff:8.8.8.8", "8.8.8.8", 4, True),
        ("８.８.８.８", "8.8.8.8", 4, True),
    ],
)
def test_canonical(text, address, version, public):
    found = canonical(text)
    assert (found.text, found.version, found.public) == (address, version, public)


@given(st.ip_addresses())
def test_any_address_in_any_form(address):
    forms = [str(address), address.exploded, address.exploded.upper()]
    assert len({canonical(form).text for form in forms}) == 1
    again = ipaddress.ip_address(canonical(str(address)).text)
    assert again in (address, getattr(address, "ipv4_mapped", None))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1.2.3",
        "1.2.3.4.5",
        "256.1.1.1",
        "010.1.1.1",
        "fe80::1%eth0",
        "1.2.3.4:80",
        "::g",
        "9" * 60,
    ],
)
def test_refusals(text):
    with pytest.raises(InputRejected):
        canonical(text)
