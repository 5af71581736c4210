"""ISO 20022 files through the door: a payment told by two messages is one fact (REQ-19, 39)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from exchange.iso20022.samples import (
    OTHER,
    OTHER_BIC,
    OWN,
    balance,
    camt053,
    details,
    entry,
    iban,
    pacs008,
    statement,
    transfer,
)
from qalqan.errors import InputRejected
from qalqan.lake.files import take_file
from qalqan.lake.hand_in import Centre
from qalqan.lake.receipt import Receipt
from qalqan.lake.sealing import seal

Lake = Callable[[str], list[dict[str, Any]]]
Tell = Callable[[str, bytes], Receipt]
BANK = frozenset({"125"})
ORDER = [("payment", "statement"), ("statement", "payment")]


@pytest.fixture
def server() -> None:
    """Messages are read alike whatever holds the register."""


@pytest.fixture
def tell(centre: Centre, tmp_path: Path) -> Tell:
    """Takes a message of bank 125 as a file; another one each time."""

    def taken(kind: str, xml: bytes) -> Receipt:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.xml"
        path.write_bytes(xml.replace(b"2026-11-", b"2025-12-"))
        return take_file(centre, kind, path, source="bank-a", own_banks=set(BANK), keeps=BANK)

    return taken


def stated(*entries: str, closing: str) -> bytes:
    held = balance("OPBD", "5000", "2026-11-20") + balance("CLBD", closing, "2026-11-20")
    return camt053(statement(*entries, balances=held))


def paid(amount: str, account: str = OTHER, reference: str = "L-1") -> str:
    one = details("Cdtr", iban(account), "" if account[4:7] == "125" else OTHER_BIC)
    return entry(amount, "DBIT", details=one, reference=f"<AcctSvcrRef>{reference}</AcctSvcrRef>")


@pytest.mark.parametrize("kinds", ORDER)
def test_a_payment_told_by_both_messages_counts_once(
    tell: Tell, centre: Centre, lake: Lake, kinds: tuple[str, str]
) -> None:
    """The messages name other times, purposes and holders; which comes first is chance."""
    told = {
        "payment": pacs008(transfer()),
        "statement": stated(paid("1500.50"), closing="3499.50"),
    }
    receipts = [tell(kind, told[kind]) for kind in kinds]
    assert [one.quarantined for one in receipts] == [0, 0]
    assert [one.duplicate for one in receipts] == [0, 1]
    seal(centre.database, centre.lake_root)
    (fact,) = lake("payment")
    assert (fact["payee_account"][-4:], fact["amount"], fact["side"]) == (
        OTHER[-4:],
        150_050,
        "payer",
    )
    (about,) = lake("statement")
    assert (about["lines"], about["complete"]) == (1, True)


@pytest.mark.parametrize("kinds", ORDER)
def test_two_messages_that_disagree_about_the_sum_are_shown(
    tell: Tell, centre: Centre, lake: Lake, kinds: tuple[str, str]
) -> None:
    """Nobody chooses between them: the later one waits in quarantine."""
    told = {"payment": pacs008(transfer()), "statement": stated(paid("1500.00"), closing="3500")}
    last = [tell(kind, told[kind]) for kind in kinds][-1]
    assert "fact.conflict" in [one.expected for one in last.refusals]
    seal(centre.database, centre.lake_root)
    assert len(lake("payment")) == 1


@pytest.mark.parametrize("kinds", ORDER)
def test_a_payment_within_a_bank_is_one_in_three_messages(
    tell: Tell, centre: Centre, lake: Lake, kinds: tuple[str, str]
) -> None:
    """The payer's statement, the payee's, and the bank's own message."""
    payee = "KZ86125KZT5004100100"
    within = transfer(
        creditor_agent="", creditor_account=f"<CdtrAcct>{iban(payee)}</CdtrAcct>"
    ).replace(OTHER_BIC, "AAAAKZKA")
    held = balance("OPBD", "0", "2026-11-20") + balance("CLBD", "1500.50", "2026-11-20")
    back = entry("1500.50", "CRDT", details=details("Dbtr", iban(OWN)))
    both = camt053(
        statement(paid("1500.50", payee), balances=balance("OPBD", "5000", "2026-11-20")
                  + balance("CLBD", "3499.50", "2026-11-20")),
        statement(back, name="S-2", balances=held, account=payee),
    )  # fmt: skip
    told = {"payment": pacs008(within), "statement": both}
    assert [tell(kind, told[kind]).quarantined for kind in kinds] == [0, 0]
    seal(centre.database, centre.lake_root)
    (fact,) = lake("payment")
    assert fact["side"] == "both"
    assert len(lake("statement")) == 2


BOMB = b'<!DOCTYPE a [<!ENTITY e "ha"><!ENTITY f "&e;&e;&e;">]><a>&f;</a>'


@pytest.mark.parametrize("kind", ["payment", "statement"])
@pytest.mark.parametrize(
    "xml",
    [
        BOMB,
        b"",
        b"not a message",
        b'<Document xmlns="urn:else"><FIToFICstmrCdtTrf/></Document>',
        b"<a>" * 5_000,
        pacs008(transfer())[:-40].replace(b"pacs.008", b"pain.001"),
    ],
)
def test_hostile_files_bring_nothing(
    tell: Tell, centre: Centre, lake: Lake, kind: str, xml: bytes
) -> None:
    with pytest.raises(InputRejected):
        tell(kind, xml)
    seal(centre.database, centre.lake_root)
    assert lake(kind) == []


def test_a_torn_file_is_refused_and_its_whole_is_taken_later(tell: Tell) -> None:
    whole = pacs008(transfer())
    with pytest.raises(InputRejected):
        tell("payment", whole[:-30])
    assert tell("payment", whole).accepted == 1
