"""Who pays whom in a message: accounts, banks and holders as our columns name them."""

from __future__ import annotations

from collections.abc import Mapping

from qalqan.model.identifiers.wallet import CHAINS

UNNAMED = "UNNAMED"
"""Local number of the account that stands for a payer whom his bank does not name: interest, a
refund at its own till. The money came out of that bank's books, and that much is known."""

_HEAD_OFFICE = "XXX"
_CHAINS = {
    **{code: code for code in CHAINS},
    **{name.upper(): code for code, name in CHAINS.items()},
}

_SCHEMES = "SchmeNm/Prtry='IIN' or SchmeNm/Prtry='BIN' or string-length(normalize-space(Id))=12"
"""Which of a party's numbers is a Kazakh one: what calls itself so, or has twelve digits."""


def account(name: str, at: str) -> dict[str, str]:
    """Where an account stands: as IBAN, or as another number of a scheme."""
    return {
        f"{name}_iban": f"{at}/Id/IBAN",
        f"{name}_other": f"{at}/Id/Othr/Id",
        f"{name}_scheme": f"{at}/Id/Othr/SchmeNm/Prtry",
    }


def agent(name: str, at: str) -> dict[str, str]:
    """Where a bank stands: its BIC (before 2013: BIC, since: BICFI), or a member's code of a
    clearing system, or any other number."""
    bank = f"{at}/FinInstnId"
    parts = ("BICFI", "BIC", "ClrSysMmbId/MmbId", "Othr/Id")
    return {f"{name}_agent": f"({'|'.join(f'{bank}/{part}' for part in parts)})[1]"}


def holder(name: str, at: str) -> dict[str, str]:
    """Where a party's IIN or BIN stands; newer statements have a `Pty` between."""
    return {
        f"{name}_holder": f"({at}/Id/*/Othr[{_SCHEMES}]/Id|{at}/Pty/Id/*/Othr[{_SCHEMES}]/Id)[1]"
    }


def bank_code(found: Mapping[str, str], name: str) -> str:
    """The bank as our columns have it: of a Kazakh IBAN its three characters, else the BIC."""
    iban = found[f"{name}_iban"]
    if iban[:2] == "KZ" and len(iban) == 20:
        return iban[4:7]
    code = found[f"{name}_agent"].upper()
    return code[:8] if len(code) == 11 and code.endswith(_HEAD_OFFICE) else code


def account_text(found: Mapping[str, str], name: str) -> str:
    """The account: an IBAN, a wallet under its chain's code, or the bank's own number under the
    bank's; empty if the message names none."""
    if iban := found[f"{name}_iban"]:
        return iban
    other = found[f"{name}_other"]
    if not other:
        return ""
    chain = _CHAINS.get(found[f"{name}_scheme"].upper())
    before = chain or bank_code(found, name)
    return f"{before}:{other}" if before else other


def bank_of(found: Mapping[str, str], name: str, account: str) -> str:
    """The bank of an account as `account_text` made it: the one it names, or its chain."""
    before, colon, _ = account.partition(":")
    return before if colon else bank_code(found, name)


def is_wallet(account: str) -> bool:
    """Whether an account as above is a wallet on a chain."""
    return account.partition(":")[0] in CHAINS and ":" in account


def country(found: Mapping[str, str], name: str) -> str:
    """The country that the BIC of a payee's bank tells; empty if it has none."""
    code = found[f"{name}_agent"]
    return code[4:6].upper() if len(code) in (8, 11) and code[:6].isalpha() else ""
