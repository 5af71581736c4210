"""Parts that messages of ours share: elements, sums, moments, banks, accounts, parties."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

from lxml import etree

from qalqan.exchange.iso20022.records import ZONE
from qalqan.exchange.iso20022.stream import Element
from qalqan.model.identifiers.wallet import CHAINS
from qalqan.model.money import MINOR_DIGITS

Tree: TypeAlias = tuple[str, "str | list[Tree | None]"]
"""Name of an element, and its text or the elements in it; those that are None are left out."""

CENTRE = "Qalqan"
"""Who assigns a case, and made it."""
_SECOND = 1_000_000


def document(message: str, tree: Tree) -> bytes:
    """A message ("camt.056.001.12") with one element in its Document."""
    namespace = f"urn:iso:std:iso:20022:tech:xsd:{message}"
    root = etree.Element(f"{{{namespace}}}Document", nsmap={None: namespace})
    _put(root, tree, f"{{{namespace}}}")
    written = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    assert isinstance(written, bytes)
    return written


def _put(parent: Element, tree: Tree, namespace: str) -> None:
    name, inside = tree
    name, _, currency = name.partition("@")
    element = etree.SubElement(parent, namespace + name)
    if currency:
        element.set("Ccy", currency)
    if isinstance(inside, str):
        element.text = inside
        return
    for one in inside:
        if one is not None:
            _put(element, one, namespace)


def text(name: str, value: str | None, most: int = 35) -> Tree | None:
    """An element with a text, none without one or where it would not fit."""
    return (name, value) if value and len(value) <= most else None


def amount(name: str, minor: int, currency: str) -> Tree:
    """A sum with its currency."""
    return (f"{name}@{currency}", major(minor, currency))


def major(minor: int, currency: str) -> str:
    """A sum of minor units as a decimal number."""
    digits = MINOR_DIGITS.get(currency, 2)
    if digits == 0:
        return str(minor)
    return f"{minor // 10**digits}.{minor % 10**digits:0{digits}d}"


def moment(at_us: int) -> str:
    """A moment to the second, UTC."""
    return datetime.fromtimestamp(at_us // _SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def day(at_us: int) -> str:
    """The day of a moment where the banks are."""
    return datetime.fromtimestamp(at_us // _SECOND, ZoneInfo(ZONE)).date().isoformat()


def institution(code: str) -> Tree:
    """A bank by its BIC, else by its code as a member of the country's clearing."""
    if len(code) in (8, 11) and code[:6].isalpha():
        return ("FinInstnId", [("BICFI", code)])
    return ("FinInstnId", [("ClrSysMmbId", [("MmbId", code)])])


def account(name: str, text: str | None) -> Tree | None:
    """An account of ours as theirs: an IBAN, or another number with, of a wallet, its chain."""
    if not text:
        return None
    before, colon, number = text.partition(":")
    if not colon:
        return (name, [("Id", [("IBAN", text)])])
    if len(number) > 34:
        return None
    scheme: Tree | None = ("SchmeNm", [("Prtry", before)]) if before in CHAINS else None
    return (name, [("Id", [("Othr", [("Id", number), scheme])])])


def party(name: str, called: str) -> Tree:
    """A party by its name."""
    return (name, [("Pty", [("Nm", called)])])


def case(name: str, number: str) -> Tree:
    """The case that a message belongs to; we made it."""
    return (name, [("Id", number), party("Cretr", CENTRE)])
