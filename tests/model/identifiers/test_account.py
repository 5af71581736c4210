import pytest

from qalqan.errors import InputRejected
from qalqan.model.identifiers.account import canonical


@pytest.mark.parametrize(
    ("text", "account", "kind", "bank", "country"),
    [
        ("KZ86 125K ZT50 0410 0100", "KZ86125KZT5004100100", "iban", "125", "KZ"),
        ("IBAN: KZ86 125K ZT50 0410 0100", "KZ86125KZT5004100100", "iban", "125", "KZ"),
        ("GB29NWBK60161331926819", "GB29NWBK60161331926819", "iban", None, "GB"),
        ("kzaml:C123", "KZAML:C123", "local", "KZAML", None),
        ("КZAML : с-1", "KZAML:c-1", "local", "KZAML", None),
    ],
)
def test_canonical(text, account, kind, bank, country):
    found = canonical(text)
    assert (found.text, found.kind, found.bank_code, found.country) == (
        account,
        kind,
        bank,
        country,
    )
    assert canonical(found.text).text == account


def test_look_alikes_are_reported():
    assert canonical("КZAML:с1").folded == ("К", "с")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "text.empty"),
        ("KZAML:", "account.shape"),
        (":C1", "account.shape"),
        ("KZAML:ж1", "account.shape"),
        ("K:1", "account.shape"),
        ("KZAML:" + "1" * 41, "account.shape"),
        ("C123", "iban.shape"),
        ("KZ87125KZT5004100100", "iban.check_digits"),
    ],
)
def test_refusals(text, expected):
    with pytest.raises(InputRejected) as refused:
        canonical(text)
    assert refused.value.expected == expected
