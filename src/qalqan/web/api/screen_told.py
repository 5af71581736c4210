"""A verdict as a bank's program and its clerk read it, with the warning for the customer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qalqan.cases.grounds import grounds
from qalqan.screening import loans, payments
from qalqan.screening.verdict import Answer, Verdict
from qalqan.text import show
from qalqan.text.catalogue import LANGUAGES, has, say

BIOMETRIC = "biometric"
"""What a challenge asks for (REQ-66)."""


def told(screen: str, verdict: Verdict, currency: str, language: str) -> dict[str, Any]:
    """Everything about one verdict; the clerk's sentences in the reader's language, the
    customer's in all three, since he may read another."""
    rules = [_rule(code, verdict.inputs, currency, language) for code in verdict.rules]
    body: dict[str, Any] = {
        "verdict": verdict.answer.word,
        "say": say(f"screen.verdict.{verdict.answer.word}", language),
        "rules": rules,
        "grounds": [_ground(code, language) for code in verdict.grounds],
        "inputs": dict(verdict.inputs),
        "shadow": list(verdict.shadow),
        "policy": verdict.policy,
        "at_us": verdict.at_us,
        "until_us": verdict.until_us,
    }
    if verdict.answer is Answer.CHALLENGE:
        body["challenge"] = BIOMETRIC
    if screen == "loans" and verdict.rules:
        body["refusal_note"] = {each: say("screen.refusal_note", each) for each in LANGUAGES}
    return body


def told_without_state(answer: Answer, at_us: int, language: str) -> dict[str, Any]:
    """What is answered when nothing could be looked at."""
    return {
        "verdict": answer.word,
        "no_state": True,
        "say": say("screen.no_state.clerk", language),
        "rules": [], "grounds": [], "inputs": {}, "shadow": [], "policy": None,
        "at_us": at_us, "until_us": at_us,
    }  # fmt: skip


def _rule(code: str, inputs: Mapping[str, Any], currency: str, language: str) -> dict[str, Any]:
    key = f"screen.{code}.clerk"
    own = {name: inputs[name] for name in _INPUTS[code]}
    if own.get("instrument") == payments.CASH and has(f"{key}_cash"):
        key = f"{key}_cash"
    now = has(f"{key}_now") and 0 in (own.get("remote_ago_us"), own.get("call_ago_us"))
    values = values_of(own, currency, language)
    return {
        "code": code,
        "say": say(f"{key}_now" if now else key, language, **values),
        "customer": {each: say(f"screen.{code}.customer", each) for each in LANGUAGES},
    }


def values_of(inputs: Mapping[str, Any], currency: str, language: str) -> dict[str, object]:
    """The values that one rule looked at, as its sentence shows them."""
    shown: dict[str, object] = {}
    for name, value in inputs.items():
        place, style = _PLACES.get(name, ("", ""))
        if value is None or not place:
            continue
        if style == "sum":
            shown[place] = show.money(value, currency, language)
        elif style == "span":
            shown[place] = show.duration(value, language)
        else:
            shown[place] = f"{value:.2f}" if style == "score" else value
    return shown


_INPUTS: dict[str, tuple[str, ...]] = {
    **{rule.code: rule.inputs for rule in payments.RULES.rules},
    **{rule.code: rule.inputs for rule in loans.RULES.rules},
}
_PLACES = {
    "payer_held": ("held", "sum"), "balance": ("balance", "sum"), "usual": ("usual", "sum"),
    "split_sum": ("sum", "sum"), "loan_amount": ("loan", "sum"),
    "remote_ago_us": ("ago", "span"), "call_ago_us": ("ago", "span"),
    "loan_ago_us": ("ago", "span"), "split_count": ("count", ""), "payers_lately": ("payers", ""),
    "payers_known": ("known", ""), "applications": ("applications", ""), "lenders": ("lenders", ""),
    "payee_score": ("score", "score"), "payer_score": ("score", "score"),
    "payout_score": ("score", "score"), "payee_detector": ("detector", ""),
    "payer_detector": ("detector", ""), "payout_detector": ("detector", ""),
}  # fmt: skip
"""Value of a row → its place in the sentences, and how it is written there."""


def _ground(code: str, language: str) -> dict[str, Any]:
    """A legal ground by name; `confirmed` says whether a lawyer stands behind it."""
    for row in grounds():
        if row.code == code:
            return {"code": code, "name": row.names[language], "confirmed": row.confirmed}
    return {"code": code, "name": code, "confirmed": False}
