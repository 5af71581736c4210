"""How the money moved, by the codes that a message has for it: purposes (ExternalPurpose1Code,
ExternalCategoryPurpose1Code), bank transaction codes (ISO 20022 external code sets), reasons of
a return. What has no code of these is a transfer."""

from __future__ import annotations

from collections.abc import Mapping

_PURPOSES = {
    "SALA": "salary", "PAYR": "salary", "BONU": "salary",
    "PENS": "benefit", "SSBE": "benefit", "BENE": "benefit", "GOVT": "benefit",
    "LOAN": "loan", "LOAR": "loan", "FEES": "fee", "CHAR": "fee",
}  # fmt: skip
_FAMILIES = {"CCRD": "card", "MCRD": "card"}
_SUB_FAMILIES = {
    "CWDL": "cash_out", "CDPT": "cash_in", "SALA": "salary",
    "CHRG": "fee", "COMM": "fee", "FEES": "fee",
}  # fmt: skip
_STOLEN = frozenset({"FRAD", "FOCR", "UPAY"})
"""Reasons of a return that follow a recall: fraud, a cancellation request, an undue payment."""


def of_purpose(found: Mapping[str, str]) -> str:
    """Of a payment order: by `purpose`, else by `category`."""
    named = _PURPOSES.get(found["purpose_code"]) or _PURPOSES.get(found["category"])
    return named or "transfer"


def of_return(reason: str) -> str:
    """Of a return: stolen money on its way back, or a payment that did not arrive."""
    return "return" if reason in _STOLEN else "refund"


def of_entry(found: Mapping[str, str]) -> str:
    """Of a statement's entry: cash and fees by their own codes, else by purpose, loans by their
    domain, cards by their family."""
    if named := _SUB_FAMILIES.get(found["sub_family"]):
        return named
    if named := _PURPOSES.get(found["purpose_code"]):
        return named
    if found["domain"] == "LDAS":
        return "loan"
    return _FAMILIES.get(found["family"], "transfer")
