"""Payments from pacs.008 (a bank's credit transfers) and returns from pacs.004, as facts.

The sum is what was settled between the banks (`IntrBkSttlmAmt`); the identity is the UETR, else
the instructing bank's number of the payment. Whose books tell it follows from who sends the file.
A return goes the other way round and keeps the UETR of what it returns, as
`docs/reference/trail.md` has it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import BinaryIO

from qalqan.exchange.given import Broken, Given
from qalqan.exchange.iso20022 import instruments, parties
from qalqan.exchange.iso20022.fields import Fields
from qalqan.exchange.iso20022.parties import account, agent, holder
from qalqan.exchange.iso20022.records import Records
from qalqan.exchange.iso20022.stream import Kind, Met, drop, elements
from qalqan.model import uetr

TRANSFERS = Kind("pacs.008", 8, 13)
RETURNS = Kind("pacs.004", 9, 14)
KINDS = (TRANSFERS, RETURNS)

_RECORD = {"pacs.008": "CdtTrfTxInf", "pacs.004": "TxInf"}
_NOBODY = "NOTPROVIDED"
_LONGEST_PURPOSE = 1000

_HEADER = Fields({"created": "CreDtTm", "count": "NbOfTxs", "message": "MsgId"})
_TRANSFER = Fields(
    {
        "tx": "PmtId/TxId",
        "uetr": "PmtId/UETR",
        "instruction": "PmtId/InstrId",
        "end_to_end_id": "PmtId/EndToEndId",
        "amount": "IntrBkSttlmAmt",
        "currency": "IntrBkSttlmAmt/@Ccy",
        "debited": "SttlmTmIndctn/DbtDtTm",
        "credited": "SttlmTmIndctn/CdtDtTm",
        "accepted": "(AccptncDtTm|AddtlDtTm/AccptncDtTm)[1]",
        "category": "PmtTpInf/CtgyPurp/Cd",
        "purpose_code": "Purp/Cd",
        "purpose": f"substring(normalize-space(RmtInf),1,{_LONGEST_PURPOSE})",
        "instructing_agent": "InstgAgt/FinInstnId/BICFI",
        **account("payer", "DbtrAcct"),
        **agent("payer", "DbtrAgt"),
        **holder("payer", "Dbtr"),
        **account("payee", "CdtrAcct"),
        **agent("payee", "CdtrAgt"),
        **holder("payee", "Cdtr"),
    }
)
_ORIGINAL, _CHAIN = "OrgnlTxRef", "RtrChain"
_RETURN = Fields(
    {
        "tx": "RtrId",
        "uetr": "OrgnlUETR",
        "instruction": "ClrSysRef",
        "end_to_end_id": "OrgnlEndToEndId",
        "amount": "RtrdIntrBkSttlmAmt",
        "currency": "RtrdIntrBkSttlmAmt/@Ccy",
        "debited": "SttlmTmIndctn/DbtDtTm",
        "credited": "SttlmTmIndctn/CdtDtTm",
        "accepted": "(AccptncDtTm|AddtlDtTm/AccptncDtTm)[1]",
        "reason": "RtrRsnInf/Rsn/Cd",
        "purpose": f"substring(normalize-space(RtrRsnInf),1,{_LONGEST_PURPOSE})",
        "instructing_agent": "InstgAgt/FinInstnId/BICFI",
        **account("chain_payer", f"{_CHAIN}/DbtrAcct"),
        **agent("chain_payer", f"{_CHAIN}/DbtrAgt"),
        **account("chain_payee", f"{_CHAIN}/CdtrAcct"),
        **agent("chain_payee", f"{_CHAIN}/CdtrAgt"),
        **account("payer", f"{_ORIGINAL}/CdtrAcct"),
        **agent("payer", f"{_ORIGINAL}/CdtrAgt"),
        **holder("payer", f"{_ORIGINAL}/Cdtr"),
        **account("payee", f"{_ORIGINAL}/DbtrAcct"),
        **agent("payee", f"{_ORIGINAL}/DbtrAgt"),
        **holder("payee", f"{_ORIGINAL}/Dbtr"),
    }
)
_FIELDS = {"pacs.008": _TRANSFER, "pacs.004": _RETURN}
_AT = {"amount": "amount", "at_us": "accepted"}


def read(source: BinaryIO, own_banks: Collection[str] = ()) -> Iterator[Given]:
    """Batches of a message's payments in the columns of our `payment`; `own_banks` are those
    whose books the sender keeps. A header that counts other than its message is a broken record.

    Raises:
        InputRejected: as `stream.elements`.
    """
    reading = _Reading(frozenset(own_banks))
    for met in elements(source, KINDS, ("GrpHdr", *_RECORD.values())):
        if not met.is_whole:
            continue
        if met.tag == "GrpHdr":
            reading.header = _HEADER.of(met.element, met.message.namespace)
        elif met.tag == _RECORD[met.message.name] and reading.take(met):
            yield reading.records.batch()
        drop(met.element)
    yield from reading.rest()


class _Reading:
    """One pass over a message."""

    def __init__(self, own_banks: frozenset[str]) -> None:
        self.header = dict.fromkeys(_HEADER.names, "")
        self.records = Records("", {})
        self._own = own_banks
        self._taken = 0

    def take(self, met: Met) -> bool:
        """Take one payment; whether a batch is full."""
        name = met.message.name
        fields = _FIELDS[name]
        if not self._taken:
            at = {column: fields.path(field) for column, field in _AT.items()}
            self.records = Records(_RECORD[name], at)
        self._taken += 1
        found = fields.of(met.element, met.message.namespace)
        found["uetr"] = uetr.canonical(found["uetr"])
        if name == "pacs.004":
            _turn_round(found)
        return self.records.add(self._row(found, name), self._taken)

    def rest(self) -> Iterator[Given]:
        """What is left, and whether the header has counted as we did."""
        said = self.header["count"]
        wrong = bool(said) and (not said.isdecimal() or int(said) != self._taken)
        if wrong:
            broken = Broken("GrpHdr/NbOfTxs", said, "iso.count", {"found": self._taken})
            yield self.records.batch(broken)
        elif len(self.records):
            yield self.records.batch()

    def _row(self, found: dict[str, str], name: str) -> dict[str, str]:
        side = self._side(found)
        payer, payee = (parties.account_text(found, end) for end in ("payer", "payee"))
        kind = (
            instruments.of_purpose(found)
            if name == "pacs.008"
            else instruments.of_return(found["reason"])
        )
        return {
            "id": self._id(found, side, name),
            "at_us": self._moment(found, side),
            "side": side,
            "payer_account": payer,
            "payer_bank": parties.bank_of(found, "payer", payer),
            "payee_account": payee,
            "payee_bank": parties.bank_of(found, "payee", payee),
            "amount": found["amount"],
            "currency": found["currency"],
            "instrument": "crypto" if parties.is_wallet(payee) else kind,
            "uetr": found["uetr"],
            "end_to_end_id": "" if found["end_to_end_id"] == _NOBODY else found["end_to_end_id"],
            "payee_country": parties.country(found, "payee"),
            "payer_holder": found["payer_holder"],
            "payee_holder": found["payee_holder"],
            "purpose": found["purpose"],
        }

    def _side(self, found: Mapping[str, str]) -> str:
        """Whose books tell it: of the payer's bank, the payee's, or one bank's for both. Of a
        sender whose banks nobody names: the payer's, unless the payee's bank passes it on."""
        payer, payee = (parties.bank_code(found, end) for end in ("payer", "payee"))
        pays, is_paid = payer in self._own, payee in self._own
        if not self._own:
            passes_on = found["instructing_agent"] not in ("", found["payer_agent"])
            is_paid = passes_on and found["instructing_agent"] == found["payee_agent"]
        if pays and is_paid:
            return "both"
        return "payee" if is_paid else "payer"

    def _id(self, found: Mapping[str, str], side: str, name: str) -> str:
        """A UETR is one payment's anywhere; a bank's own number is one payment's at that bank."""
        if name == "pacs.008" and found["uetr"]:
            return found["uetr"]
        number = found["tx"] or found["instruction"] or f"{self.header['message']}/{self._taken}"
        if side != "payee":
            return number
        return f"{found['instructing_agent'] or found['payer_agent']}/{number}"

    def _moment(self, found: Mapping[str, str], side: str) -> str:
        """When it was booked on the side that tells it, else accepted, else written."""
        booked = found["credited"] if side == "payee" else found["debited"]
        return booked or found["accepted"] or self.header["created"]


def _turn_round(found: dict[str, str]) -> None:
    """Who gives back and who gets: as the chain of the return says, where it says it."""
    for end in ("payer", "payee"):
        if found[f"chain_{end}_iban"] or found[f"chain_{end}_other"]:
            for part in ("iban", "other", "scheme"):
                found[f"{end}_{part}"] = found[f"chain_{end}_{part}"]
        if found[f"chain_{end}_agent"]:
            found[f"{end}_agent"] = found[f"chain_{end}_agent"]
