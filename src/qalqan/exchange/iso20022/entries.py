"""One entry of a statement as lines: who paid whom, seen from the statement's account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from qalqan.exchange import sums
from qalqan.exchange.given import Broken
from qalqan.exchange.iso20022 import instruments, parties
from qalqan.exchange.iso20022.fields import Fields
from qalqan.exchange.iso20022.parties import account, agent, holder
from qalqan.exchange.iso20022.stream import Element
from qalqan.model import uetr
from qalqan.model.money import MINOR_DIGITS

Line: TypeAlias = dict[str, str]
"""Columns of our `payment` as texts."""

_BOOKED = frozenset({"BOOK", ""})
_NOBODY = "NOTPROVIDED"
_PAYMENTS = frozenset({"transfer", "salary", "benefit", "loan", "crypto"})
"""What a pacs.008 tells, too."""
_RETURNS = frozenset({"RRTN", "RPCR"})
"""Sub-families: given back by a return or a cancellation (external code sets)."""

_ENTRY = Fields(
    {
        "amount": "Amt",
        "currency": "Amt/@Ccy",
        "direction": "CdtDbtInd",
        "status": "(Sts/Cd|Sts[not(*)])[1]",
        "moment": "BookgDt/DtTm",
        "day": "BookgDt/Dt",
        "valued": "(ValDt/DtTm|ValDt/Dt)[1]",
        "reference": "AcctSvcrRef",
        "more": "AddtlNtryInf",
        "reversed": "RvslInd",
        "domain": "BkTxCd/Domn/Cd",
        "family": "BkTxCd/Domn/Fmly/Cd",
        "sub_family": "BkTxCd/Domn/Fmly/SubFmlyCd",
    }
)


def _counter(end: str, party: str) -> dict[str, str]:
    return {
        **account(end, f"RltdPties/{party}Acct"),
        **agent(end, f"RltdAgts/{party}Agt"),
        **holder(end, f"RltdPties/{party}"),
    }


_DETAILS = Fields(
    {
        "amount": "(Amt|AmtDtls/TxAmt/Amt)[1]",
        "currency": "(Amt|AmtDtls/TxAmt/Amt)[1]/@Ccy",
        "reference": "Refs/AcctSvcrRef",
        "uetr": "Refs/UETR",
        "returned": "normalize-space(RtrInf)",
        "end_to_end_id": "Refs/EndToEndId",
        "paid": "RltdDts/TxDtTm",
        "accepted": "RltdDts/AccptncDtTm",
        "purpose_code": "Purp/Cd",
        "purpose": "substring(normalize-space(RmtInf),1,1000)",
        "domain": "BkTxCd/Domn/Cd",
        "family": "BkTxCd/Domn/Fmly/Cd",
        "sub_family": "BkTxCd/Domn/Fmly/SubFmlyCd",
        **_counter("payer", "Dbtr"),
        **_counter("payee", "Cdtr"),
    }
)


def lines_of(
    entry: Element, namespace: str, own: Mapping[str, str], seen: set[str]
) -> Iterator[Line | Broken]:
    """The lines of one entry, none if it is not booked; `own` are the statement's account
    (`own_…`) and currency, `seen` the UETRs its lines have gone by. A batch whose parts don't give
    its sum is one broken line."""
    found = _ENTRY.of(entry, namespace)
    if found["status"] not in _BOOKED:
        return
    if found["direction"] not in ("CRDT", "DBIT"):
        yield Broken("Ntry/CdtDbtInd", found["direction"], "iso.direction")
        return
    details = [_DETAILS.of(one, namespace) for one in _all_details(entry, namespace)]
    if len(details) > 1 and any(one["amount"] for one in details):
        if not _adds_up(found, details):
            yield Broken("Ntry/NtryDtls/TxDtls", found["amount"], "iso.entry_sum")
            return
        for number, one in enumerate(details, start=1):
            yield _line(found, one, own, seen, f"#{number}", one["amount"])
    else:
        one = details[0] if details else dict.fromkeys(_DETAILS.names, "")
        yield _line(found, one, own, seen, "", found["amount"])


def _all_details(entry: Element, namespace: str) -> Iterator[Element]:
    for group in entry.iterchildren(f"{{{namespace}}}NtryDtls"):
        yield from group.iterchildren(f"{{{namespace}}}TxDtls")


def _adds_up(found: Mapping[str, str], details: list[dict[str, str]]) -> bool:
    """Whether the parts are all in the entry's currency and give its sum."""
    digits = MINOR_DIGITS.get(found["currency"], 2)
    parts = [sums.exact(one["amount"], digits) for one in details]
    alike = all(one["currency"] == found["currency"] for one in details)
    whole = sums.exact(found["amount"], digits)
    return alike and None not in parts and sum(part or 0 for part in parts) == whole


def _line(
    found: Mapping[str, str],
    details: Mapping[str, str],
    own: Mapping[str, str],
    seen: set[str],
    number: str,
    amount: str,
) -> Line:
    details = {**details, "uetr": uetr.canonical(details["uetr"])}
    side = "payer" if found["direction"] == "DBIT" else "payee"
    ends = _ends(found, details, own, side)
    kind = instruments.of_entry(ends)
    accounts = {end: parties.account_text(ends, end) for end in ("payer", "payee")}
    if not accounts["payer"] and kind != "cash_in":
        accounts["payer"] = f"{parties.bank_code(own, 'own')}:{parties.UNNAMED}"
    kind = "crypto" if parties.is_wallet(accounts["payee"]) else kind
    payment = details["uetr"] if _is_the_payment(found, ends, kind, accounts) else ""
    if payment in seen:  # what one statement lists twice moved twice
        payment = ""
    seen.add(payment)
    if payment and parties.bank_code(ends, "payer") == parties.bank_code(ends, "payee"):
        side = "both"
    reference = details["reference"] or (found["reference"] + number if found["reference"] else "")
    return {
        "id": payment or reference or details["uetr"],
        "at_us": _moment(found, details),
        "side": side,
        "payer_account": accounts["payer"],
        "payer_bank": parties.bank_of(ends, "payer", accounts["payer"]),
        "payee_account": accounts["payee"],
        "payee_bank": parties.bank_of(ends, "payee", accounts["payee"]),
        "amount": amount,
        "currency": found["currency"] or own["currency"],
        "instrument": kind,
        "uetr": details["uetr"],
        "end_to_end_id": "" if details["end_to_end_id"] == _NOBODY else details["end_to_end_id"],
        "payee_country": parties.country(ends, "payee") if side == "payer" else "",
        "payer_holder": ends["payer_holder"],
        "payee_holder": ends["payee_holder"],
        "purpose": details["purpose"] or found["more"][:1000],
    }


def _ends(
    found: Mapping[str, str], details: Mapping[str, str], own: Mapping[str, str], side: str
) -> dict[str, str]:
    """Both ends of a line, of which the statement's own account is one, and its codes."""
    ends = dict(details)
    for part in ("iban", "other", "scheme", "agent", "holder"):
        ends[f"{side}_{part}"] = own[f"own_{part}"]
    for part in ("domain", "family", "sub_family"):
        ends[part] = details[part] or found[part]
    return ends


def _is_the_payment(
    found: Mapping[str, str],
    ends: Mapping[str, str],
    kind: str,
    accounts: Mapping[str, str],
) -> bool:
    """Whether a line's UETR names this movement itself, as a pacs.008 would: not a fee, a return
    or a reversal, which carry the UETR of the payment they belong to. Where an account is not
    named nobody could see that both tell the same."""
    is_other = kind not in _PAYMENTS or ends["sub_family"] in _RETURNS or ends["returned"]
    unnamed = not all(accounts.values()) or accounts["payer"].endswith(f":{parties.UNNAMED}")
    return not (is_other or unnamed or found["reversed"] in ("true", "1"))


def _moment(found: Mapping[str, str], details: Mapping[str, str]) -> str:
    """When it was booked; where only the day is told, the payment's own time of that day."""
    if found["moment"]:
        return found["moment"]
    day = found["day"] or found["valued"][:10]
    for time in (details["paid"], details["accepted"]):
        if day and time.startswith(day):
            return time
    return day
