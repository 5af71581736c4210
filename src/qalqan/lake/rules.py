"""What must hold between the columns of one fact, kind by kind, and who may say it (REQ-19).

Books are believed only from their keeper: a bank reports its own side of a payment and its own
statements, never another bank's.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qalqan.lake import personal
from qalqan.lake.columns import absent, coded, fewer, plain, spread, truths
from qalqan.lake.refusals import Mask, Refusals
from qalqan.model import uetr

Columns = dict[str, pa.Array]
"""Columns in the schema's types: text as dictionary arrays."""

OwnBanks: TypeAlias = Collection[str] | pa.StringArray | None
"""Codes of the banks whose books the sender keeps; an Arrow column where each row has a sender
of its own, who keeps one bank's books or (null) none; None trusts it with any."""

_WITHOUT_PAYEE = ("cash_out", "fee")
_HOME = "KZ"
_LOCAL_BANK = r"^(?P<bank>[A-Z0-9]{2,11}):"


def check(kind: str, columns: Columns, refusals: Refusals, own_banks: OwnBanks) -> Columns:
    """The columns with what follows from others filled in."""
    rule = _RULES.get(kind)
    return columns if rule is None else rule(columns, refusals, own_banks)


def _payment(columns: Columns, refusals: Refusals, own_banks: OwnBanks) -> Columns:
    for end in ("payer", "payee"):
        columns[f"{end}_bank"] = _bank(columns, f"{end}_account", f"{end}_bank", refusals)
    paid_in = _is(columns["instrument"], "cash_in")
    # Cash is paid in at a desk of the bank that receives it.
    desk = pc.if_else(pa.array(paid_in), plain(columns["payee_bank"]), None)
    columns["payer_bank"] = _filled(columns["payer_bank"], desk)
    columns["payee_country"] = _country(columns)
    columns["uetr"] = _uetr(columns["uetr"])
    _need_accounts(columns, refusals, paid_in)
    payer_side, payee_side = _sides(columns)
    nobody = _is(columns["side"], "both") & absent(columns["payee_bank"])  # cash and fees
    _own(columns["payer_bank"], own_banks, refusals, "payer_bank", payer_side)
    _own(columns["payee_bank"], own_banks, refusals, "payee_bank", payee_side & ~nobody)
    return columns


def _sides(columns: Columns) -> tuple[Mask, Mask]:
    both = _is(columns["side"], "both")
    return both | _is(columns["side"], "payer"), both | _is(columns["side"], "payee")


def _need_accounts(columns: Columns, refusals: Refusals, paid_in: Mask) -> None:
    """The reporting side names its own customer's account, and always who paid."""
    no_payer = absent(columns["payer_account"]) & ~paid_in
    refusals.add(no_payer, "payer_account", "payment.payer_account")
    without = np.logical_or.reduce([_is(columns["instrument"], w) for w in _WITHOUT_PAYEE])
    no_payee = absent(columns["payee_account"]) & _sides(columns)[1] & ~without
    refusals.add(no_payee, "payee_account", "payment.payee_account")
    refusals.add(absent(columns["payer_bank"]), "payer_bank", "fact.missing")


def _uetr(values: pa.DictionaryArray) -> pa.DictionaryArray:
    """`uetr.canonical`, a column at once: nearly all have small letters already."""
    texts = values.dictionary
    small = pc.ascii_lower(texts)
    if not truths(pc.not_equal(small, texts)).any():
        return values
    is_one = pc.match_substring_regex(texts, uetr.PATTERN)
    return fewer(values, pc.if_else(is_one, small, texts))


def _country(columns: Columns) -> pa.Array:
    """The payee's IBAN tells its country; without one it is home unless said otherwise."""
    accounts = columns["payee_account"]
    texts = accounts.dictionary
    iban = pc.match_substring_regex(texts, r"^[A-Z]{2}[0-9]{2}[A-Z0-9]+$")
    country = pc.if_else(iban, pc.utf8_slice_codeunits(texts, 0, 2), pa.scalar(None, pa.string()))
    return _or_else(_filled(columns["payee_country"], fewer(accounts, country)), _HOME)


def _bank(columns: Columns, account: str, bank: str, refusals: Refusals) -> pa.Array:
    """The bank that the account's own text names; one given beside it must be the same (a BIC
    says it otherwise, so the account's code replaces it)."""
    accounts, given = columns[account], columns[bank]
    told = fewer(accounts, _bank_of(accounts.dictionary))
    if given.null_count == len(given):
        return told
    told_text, given_text = plain(told), plain(given)
    other = truths(pc.not_equal(told_text, given_text))
    if other.any():
        is_bic = truths(pc.greater_equal(pc.utf8_length(given_text), 8))
        other &= ~(is_bic & truths(pc.starts_with(plain(accounts), _HOME)))
        refusals.add(other, bank, "bank.of_account")
    return coded(pc.coalesce(told_text, given_text))


def _bank_of(texts: pa.Array) -> pa.Array:
    local = pc.struct_field(pc.extract_regex(texts, _LOCAL_BANK), "bank")
    home = pc.and_(pc.starts_with(texts, _HOME), pc.invert(pc.match_substring(texts, ":")))
    return pc.if_else(home, pc.utf8_slice_codeunits(texts, 4, 7), local)


def _filled(values: pa.Array, otherwise: pa.Array) -> pa.Array:
    if values.null_count == 0:
        return values
    if values.null_count == len(values):
        return coded(otherwise)
    return coded(pc.coalesce(plain(values), plain(otherwise)))


def _or_else(values: pa.DictionaryArray, word: str) -> pa.DictionaryArray:
    """The word where there is no value."""
    words = values.dictionary
    place = pc.index(words, word).as_py()
    if place < 0:
        place, words = len(words), pa.concat_arrays([words, pa.array([word], words.type)])
    return pa.DictionaryArray.from_arrays(values.indices.fill_null(place), words)


def _is(values: pa.DictionaryArray, word: str) -> Mask:
    return spread(truths(pc.equal(values.dictionary, word)), values)


def _among(values: pa.DictionaryArray, words: Collection[str]) -> Mask:
    return spread(truths(pc.is_in(values.dictionary, pa.array(sorted(words), pa.string()))), values)


def _own(
    values: pa.Array, own_banks: OwnBanks, refusals: Refusals, field: str, where: Mask
) -> None:
    if isinstance(own_banks, pa.Array):
        refusals.add(where & ~truths(pc.equal(plain(values), own_banks)), field, "bank.own")
    elif own_banks is not None:
        refusals.add(where & ~_among(values, own_banks), field, "bank.own")


def _statement(columns: Columns, refusals: Refusals, own_banks: OwnBanks) -> Columns:
    columns["bank"] = _bank(columns, "account", "bank", refusals)
    everyone = np.ones(len(columns["bank"]), bool)
    _own(columns["bank"], own_banks, refusals, "bank", everyone)
    backwards = truths(pc.greater(columns["from_us"], columns["to_us"]))
    refusals.add(backwards, "to_us", "statement.period")
    elsewhen = truths(pc.not_equal(columns["at_us"], columns["to_us"]))
    refusals.add(elsewhen, "at_us", "statement.moment")
    return columns


def _call(columns: Columns, refusals: Refusals, _own_banks: OwnBanks) -> Columns:
    """A call names both numbers, or a provider without them tells a leg (REQ-49), or a screen
    tells its verdict: that no number was told is then what was decided on. A call that was not
    answered has no talk."""
    untold = absent(columns["leg"]) & absent(columns["verdict"])
    for end in ("caller", "callee"):
        refusals.add(absent(columns[end]) & untold, end, "fact.missing")
    for name in ("direction", "peer"):
        refusals.add(~absent(columns["leg"]) & absent(columns[name]), name, "call.leg")
    talked = truths(pc.greater(columns["duration_s"], 0))
    unanswered = truths(pc.invert(columns["answered"]))
    refusals.add(talked & unanswered, "duration_s", "call.unanswered")
    return columns


def _loan(columns: Columns, refusals: Refusals, _own_banks: OwnBanks) -> Columns:
    columns["payout_bank"] = _bank(columns, "payout_account", "payout_bank", refusals)
    return columns


def _listing(columns: Columns, refusals: Refusals, _own_banks: OwnBanks) -> Columns:
    priced = ~absent(columns["price"])
    refusals.add(priced & absent(columns["currency"]), "currency", "listing.currency")
    return columns


def _sighting(columns: Columns, refusals: Refusals, _own_banks: OwnBanks) -> Columns:
    """A subject is read as what its kind says; a channel's name is taken as it is."""
    subjects, found = columns["subject"], plain(columns["subject"])
    for kind in ("url", "host", "account", "phone"):
        of_kind = pa.array(_is(columns["subject_kind"], kind))
        some = coded(pc.if_else(of_kind, plain(subjects), pa.scalar(None, pa.string())))
        read, _ = personal.read_as(kind, some, "subject", refusals)
        found = pc.if_else(of_kind, plain(read), found)
    columns["subject"] = coded(found)
    return columns


_RULES: dict[str, Callable[[Columns, Refusals, OwnBanks], Columns]] = {
    "payment": _payment,
    "statement": _statement,
    "call": _call,
    "loan": _loan,
    "listing": _listing,
    "sighting": _sighting,
}
