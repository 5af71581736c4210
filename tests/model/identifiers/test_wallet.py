"""Wallets as exits (REQ-44): published vectors of each chain, and what must be refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qalqan.errors import InputRejected
from qalqan.model.identifiers import account
from qalqan.model.identifiers.wallet import canonical

TAPROOT = "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"
SEGWIT = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"
LEGACY = "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2"
SCRIPT = "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy"
ETHEREUM = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
TRON = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"


@pytest.mark.parametrize(
    ("text", "wallet", "kind"),
    [
        (LEGACY, f"BTC:{LEGACY}", "bitcoin"),
        (SCRIPT, f"BTC:{SCRIPT}", "bitcoin"),
        (SEGWIT.upper(), f"BTC:{SEGWIT}", "bitcoin"),
        (f"bitcoin:{TAPROOT}", f"BTC:{TAPROOT}", "bitcoin"),
        ("BC1SW50QGDZ25J", "BTC:bc1sw50qgdz25j", "bitcoin"),
        ("bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs", None, "bitcoin"),
        (ETHEREUM, f"ETH:{ETHEREUM}", "ethereum"),
        (ETHEREUM.lower(), f"ETH:{ETHEREUM}", "ethereum"),
        ("0x" + ETHEREUM[2:].upper(), f"ETH:{ETHEREUM}", "ethereum"),
        ("eth: 0x52908400098527886E0F7030069857D2E4169EE7", None, "ethereum"),
        ("0xde709f2102306220921060314715629080e2fb77", None, "ethereum"),
        (f" {TRON} ", f"TRX:{TRON}", "tron"),
        (f"TRX:{TRON}", f"TRX:{TRON}", "tron"),
    ],
)
def test_canonical(text, wallet, kind):
    found = canonical(text)
    assert found.kind == kind
    assert wallet is None or found.text == wallet
    assert found.text == f"{found.chain}:{found.address}"
    assert canonical(found.text).text == found.text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "text.empty"),
        ("KZ86125KZT5004100100", "wallet.shape"),
        (f"LTC:{LEGACY}", "wallet.shape"),
        ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe", "wallet.shape"),
        (ETHEREUM[:-1] + "D", "wallet.checksum"),
        (ETHEREUM.replace("5aA", "5aa"), "wallet.checksum"),
        (LEGACY[:-1] + "3", "wallet.checksum"),
        (TRON[:-1] + "u", "wallet.checksum"),
        (SEGWIT[:-1] + "5", "wallet.checksum"),
        ("bc1QW508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "wallet.checksum"),
        # BIP 350: right by the other checksum of the two.
        ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kemeawh", "wallet.checksum"),
        (
            "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd",
            "wallet.checksum",
        ),
        ("BC1QR508D6QEJXTDG4Y5R3ZARVARYV98GJ9P", "wallet.shape"),  # a program of 16 bytes
        ("bc1gmk9yu", "wallet.shape"),
        ("tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx", "wallet.testnet"),
        ("mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn", "wallet.testnet"),
        (f"ETH:{TRON}", "wallet.chain"),
        (f"TRX:{LEGACY}", "wallet.chain"),
        ("1" * 129, "text.too_long"),
    ],
)
def test_refusals(text, expected):
    with pytest.raises(InputRejected) as refused:
        canonical(text)
    assert refused.value.expected == expected


@given(
    st.sampled_from([TAPROOT, SEGWIT, LEGACY, SCRIPT, ETHEREUM, TRON]),
    st.integers(2, 61),
    st.sampled_from("023456789acdefghjklmnpqrstuvwxyzABCDEFGH"),
)
def test_one_wrong_character_is_never_another_wallet(address, place, letter):
    place %= len(address)
    wrong = address[:place] + letter + address[place + 1 :]
    if wrong.lower() == address.lower() and wrong != address:
        return  # Ethereum and bech32 in other capitals: refused or the same, tested above
    try:
        found = canonical(wrong)
    except InputRejected:
        return
    assert wrong == address or found.address == address


def test_look_alike_letters_are_reported_and_still_proven():
    assert canonical("ТR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t").folded == ("Т",)


def test_a_wallet_stands_as_an_account_with_its_chain_for_a_bank():
    for given_as in (TRON, f"trx:{TRON}"):
        found = account.canonical(given_as)
        assert (found.text, found.kind, found.bank_code) == (f"TRX:{TRON}", "wallet", "TRX")
    assert account.canonical(TAPROOT).text == f"BTC:{TAPROOT}"
    assert account.canonical("KZ86125KZT5004100100").kind == "iban"
    with pytest.raises(InputRejected) as refused:
        account.canonical("BTC:C123")
    assert refused.value.expected == "wallet.shape"
