import socket

import pytest

from qalqan.errors import InputRejected
from qalqan.model.identifiers import host
from qalqan.model.identifiers.host import canonical


@pytest.mark.parametrize(
    ("text", "name", "registrable"),
    [
        ("Kaspi.KZ.", "kaspi.kz", "kaspi.kz"),
        ("a.b.gov.kz", "a.b.gov.kz", "b.gov.kz"),
        ("shop.example.com.kz", "shop.example.com.kz", "example.com.kz"),
        ("site.github.io", "site.github.io", "site.github.io"),
        ("github.io", "github.io", "github.io"),
        ("пример.рф", "xn--e1afmkfd.xn--p1ai", "xn--e1afmkfd.xn--p1ai"),
        ("ПРИМЕР。РФ", "xn--e1afmkfd.xn--p1ai", "xn--e1afmkfd.xn--p1ai"),
        ("faß.de", "xn--fa-hia.de", "xn--fa-hia.de"),
        ("сайт.қаз", "xn--80aswg.xn--80ao21a", "xn--80aswg.xn--80ao21a"),
        ("kaspi[.]kz", "kaspi.kz", "kaspi.kz"),
        ("my_shop.blogspot.com", "my_shop.blogspot.com", "my_shop.blogspot.com"),
        ("xn--i-7iq.ws", "xn--i-7iq.ws", "xn--i-7iq.ws"),
    ],
)
def test_canonical(text, name, registrable):
    found = canonical(text)
    assert (found.text, found.registrable) == (name, registrable)
    assert canonical(found.text) == found
    assert canonical(found.unicode).text == name


@pytest.mark.parametrize(
    ("text", "name", "alike", "letters"),
    [
        ("kаspi.kz", "xn--kspi-53d.kz", "kaspi.kz", ("а",)),
        ("сор.kz", "xn--n1aeb.kz", "cop.kz", ("с", "о", "р")),
        ("xn--kspi-53d.kz", "xn--kspi-53d.kz", "kaspi.kz", ("а",)),
    ],
)
def test_a_look_alike_name_stays_itself_and_is_reported(text, name, alike, letters):
    found = canonical(text)
    assert (found.text, found.looks_like, found.folded) == (name, alike, letters)


def test_a_cyrillic_word_under_a_cyrillic_suffix_deceives_nobody():
    assert canonical("сор.қаз").looks_like is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "text.empty"),
        ("localhost", "host.shape"),
        ("-a.kz", "host.shape"),
        ("a..kz", "host.shape"),
        ("a b.kz", "host.shape"),
        ("1.2.3.4", "host.shape"),
        ("a" * 64 + ".kz", "host.shape"),
        (".".join(["a" * 60] * 5) + ".kz", "host.shape"),
        ("🙂.ws", "host.label"),
        ("ex\u202eample.kz", "host.label"),
        ("com.kz", "host.suffix"),
        ("kz.nosuchsuffix", "host.suffix"),
        ("a.kz" * 500, "text.too_long"),
    ],
)
def test_refusals(text, expected):
    with pytest.raises(InputRejected) as refused:
        canonical(text)
    assert refused.value.expected == expected


def test_the_suffix_list_comes_without_network_and_leaves_no_cache(monkeypatch, tmp_path):
    def no_network(*_args, **_rest):
        raise AssertionError("a host name was looked up")

    monkeypatch.setattr(socket.socket, "connect", no_network)
    monkeypatch.setenv("HOME", str(tmp_path))
    host._suffixes.cache_clear()
    assert canonical("a.com.kz").suffix == "com.kz"
    assert list(tmp_path.rglob("*")) == []
