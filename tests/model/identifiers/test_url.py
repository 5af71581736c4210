import pytest
from hypothesis import given
from hypothesis import strategies as st

from qalqan.errors import InputRejected
from qalqan.model.identifiers.url import canonical


@pytest.mark.parametrize(
    ("text", "url", "registrable"),
    [
        ("kaspi.kz", "https://kaspi.kz/", "kaspi.kz"),
        ("hxxps://kaspi[.]kz/Login?a=1#x", "https://kaspi.kz/Login?a=1", "kaspi.kz"),
        ("HTTP://Example.com:80/a/./b/../c", "http://example.com/a/c", "example.com"),
        ("http://a.com/%7eu/%c3%a9é", "http://a.com/~u/%C3%A9%C3%A9", "a.com"),
        ("http://example.com/%2e%2e/x/..", "http://example.com/", "example.com"),
        ("http://example.com/a%2fb", "http://example.com/a%2Fb", "example.com"),
        ("http://example.com?q=100%&r=%zz", "http://example.com/?q=100%25&r=%25zz", "example.com"),
        ("https://сайт.қаз/ә", "https://xn--80aswg.xn--80ao21a/%D3%99", "xn--80aswg.xn--80ao21a"),
        ("https:\\\\kaspi.kz\\x", "https://kaspi.kz/x", "kaspi.kz"),
        ("//kaspi.kz/x", "https://kaspi.kz/x", "kaspi.kz"),
        ("kaspi.kz:8080/x", "https://kaspi.kz:8080/x", "kaspi.kz"),
        ("https://[::1]:8443/", "https://[::1]:8443/", "::1"),
        ("http://8.8.8.8/x", "http://8.8.8.8/x", "8.8.8.8"),
        ("https://kaspi.kz:443", "https://kaspi.kz/", "kaspi.kz"),
    ],
)  # fmt: skip
def test_canonical(text, url, registrable):
    found = canonical(text)
    assert (found.text, found.registrable, found.disguised) == (url, registrable, False)
    assert canonical(found.text) == found


def test_a_name_before_the_at_sign_is_a_disguise():
    found = canonical("https://kaspi.kz@evil.com/login")
    assert (found.text, found.disguised) == ("https://evil.com/login", True)


@pytest.mark.parametrize(
    "text",
    [
        "http://134744072/",
        "http://0x8080808/",
        "http://010.8.8.8/",
        "http://8.8.2056",
        "http://8.0X8.8.8",
    ],
)
def test_an_address_hidden_in_a_number_is_a_disguise(text):
    found = canonical(text)
    assert (found.text, found.disguised) == ("http://8.8.8.8/", True)


@pytest.mark.parametrize("text", ["http://4294967296/", "http://08.8.8.8/", "http://8.8.8.256/"])
def test_a_number_too_large_for_an_address_is_refused(text):
    with pytest.raises(InputRejected):
        canonical(text)


def test_a_look_alike_host_is_reported():
    found = canonical("https://kаspi.kz/")
    assert (found.host, found.looks_like) == ("xn--kspi-53d.kz", "kaspi.kz")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "text.empty"),
        ("ftp://a.kz", "url.scheme"),
        ("javascript:alert(1)", "url.scheme"),
        ("mailto:a@b.kz", "url.scheme"),
        ("https://", "url.shape"),
        ("https://a b.kz/", "url.shape"),
        ("https://a.kz:99999/", "url.shape"),
        ("https://a.kz:port/", "url.shape"),
        ("https://[::g]/", "url.shape"),
        ("https://localhost/", "host.shape"),
        ("https://com.kz/", "host.suffix"),
        ("https://a.kz/\x00", "text.characters"),
        ("https://a.kz/" + "x" * 5000, "text.too_long"),
        ("https://a.kz/" + "ә" * 1000, "text.too_long"),
    ],
)
def test_refusals(text, expected):
    with pytest.raises(InputRejected) as refused:
        canonical(text, field="link")
    assert (refused.value.field, refused.value.expected) == ("link", expected)


@given(st.text(max_size=40), st.text(max_size=40))
def test_what_is_canonical_stays_so(path, query):
    try:
        found = canonical(f"http://example.com/{path}?{query}")
    except InputRejected:
        return
    assert found.text.isascii()
    assert canonical(found.text) == found
