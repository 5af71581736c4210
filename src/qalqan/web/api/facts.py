"""Facts in, by HTTP (REQ-19, 20): each record is judged by itself, the receipt says of each
refused one where it stood and what was expected there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse

from qalqan.errors import InputRejected, NotAllowed, NotFound
from qalqan.exchange import json_lines
from qalqan.exchange.given import Given
from qalqan.lake.checked import Terms
from qalqan.lake.intake import take_given
from qalqan.lake.receipt import Receipt, Refusal
from qalqan.lake.schemas import SCHEMAS
from qalqan.lake.statements import take_statement
from qalqan.register.orm import Partner
from qalqan.text.refusal import expectation
from qalqan.web.access import ThePartner, database_of, keys_of, language_of, settings_of
from qalqan.web.api.bodies import JsonBytes, MaybeKey, tree
from qalqan.web.validation import named

router = APIRouter(tags=["facts"])

_OF_BANKS = frozenset({"payment", "statement", "session", "loan"})
TELLS: Mapping[str, frozenset[str]] = {
    "bank": _OF_BANKS,
    "wallet": _OF_BANKS,
    "operator": frozenset({"call", "subscription", "sighting"}),
    "marketplace": frozenset({"listing", "sighting"}),
    "channel": frozenset({"sighting"}),
    "volunteers": frozenset({"sighting"}),
}
"""Kind of partner → kinds of fact that it sees itself; nobody is believed about others' books."""
MOST_FACTS = 50_000
"""In one body; more goes by files."""
MOST_FIELDS = 200
"""Different names in one body: our widest kind has 30."""


@router.post("/facts/{kind}")
def tell(
    request: Request, kind: str, partner: ThePartner, key: MaybeKey, body: JsonBytes
) -> JSONResponse:
    """Tell facts of one kind: `{"facts": [{…}, …]}`.

    200: all are safe (or were before). 207: some were refused, 422: all were; the receipt names
    each. A statement may bring its `lines` as a list of payments. The same `Idempotency-Key`
    answers the first receipt again.
    """
    _check_may_tell(partner, kind)
    taken = _take(request, partner, kind, f"{kind}:{key}" if key else None, _facts(tree(body)))
    return _answer(taken, language_of(request))


def _take(
    request: Request, partner: Partner, kind: str, key: str | None, facts: list[Any]
) -> tuple[Receipt, ...]:
    """The receipt of the facts, and that of a statement's lines if they came."""
    centre = database_of(request), keys_of(request)
    own = frozenset({partner.bank_code} if partner.bank_code else ())
    name, root = f"POST {kind}", settings_of(request).lake_root
    if kind == "statement" and (split := _with_lines(facts)) is not None:
        return take_statement(
            *centre, partner.code, *split,
            name=name, own_banks=own, idempotency_key=key, lake_root=root,
        )  # fmt: skip
    given = json_lines.records(facts)
    return (
        take_given(
            *centre, kind, partner.code, given, Terms(own),
            name=name, idempotency_key=key, lake_root=root,
        ),
    )  # fmt: skip


def _check_may_tell(partner: Partner, kind: str) -> None:
    if kind not in SCHEMAS:
        raise NotFound("kind of fact", kind)
    if kind not in TELLS.get(partner.kind, frozenset()):
        raise NotAllowed(f"tell {kind}", "a partner who sees it himself")


def _facts(body: Any) -> list[Any]:
    """The list in the body, within bounds."""
    if not isinstance(body, dict):
        raise InputRejected("body", None, "api.object")
    for name in body:
        if name != "facts":
            raise InputRejected(named(name), None, "api.unknown_field")
    facts = body.get("facts")
    if not isinstance(facts, list):
        raise InputRejected("facts", None, "api.list")
    if len(facts) > MOST_FACTS:
        raise InputRejected("facts", len(facts), "api.most_items", most=MOST_FACTS)
    _check_fields(facts)
    return facts


def _check_fields(facts: Sequence[Any]) -> None:
    """Every name becomes a column, so names without end would be a table without end."""
    names: set[str] = set()
    for fact in facts:
        names.update(fact if isinstance(fact, dict) else ())
        if len(names) > MOST_FIELDS:
            raise InputRejected("facts", len(names), "api.most_fields", most=MOST_FIELDS)


def _with_lines(facts: Sequence[Any]) -> tuple[Given, Given] | None:
    """Statements that bring their lines, and the lines; None if they only count them."""
    bring = [isinstance(fact, dict) and isinstance(fact.get("lines"), list) for fact in facts]
    if not any(bring):
        return None
    if not all(bring):
        raise InputRejected("lines", None, "api.statement_lines")
    heads = [{**fact, "lines": len(fact["lines"])} for fact in facts]
    lines, places = [], []
    for number, fact in enumerate(facts, start=1):
        for line_number, line in enumerate(fact["lines"], start=1):
            if not isinstance(line, dict):
                raise InputRejected(f"facts[{number}].lines[{line_number}]", None, "api.object")
            lines.append({**line, "statement": fact.get("id")})
            places.append(f"[{number}].lines[{line_number}]")
    if len(lines) > MOST_FACTS:
        raise InputRejected("lines", len(lines), "api.most_items", most=MOST_FACTS)
    _check_fields(lines)
    return json_lines.records(heads), replace(json_lines.records(lines), places=places)


def _answer(taken: Sequence[Receipt], language: str) -> JSONResponse:
    first, *lines = (_told(receipt, language) for receipt in taken)
    body = {**first, **({"lines": lines[0]} if lines else {})}
    refusals = [refusal for part in (first, *lines) for refusal in part["refusals"]]
    refused = sum(receipt.quarantined for receipt in taken)
    if refused == 0:
        return JSONResponse(body)
    if refused < sum(receipt.read for receipt in taken):
        return JSONResponse(body, 207)
    return JSONResponse({"error": {"code": "rejected", **refusals[0]}, **body}, 422)


def _told(receipt: Receipt, language: str) -> dict[str, Any]:
    return {
        **receipt.to_json(),
        "refusals": [_refusal(refusal, language) for refusal in receipt.refusals],
    }


def _refusal(refusal: Refusal, language: str) -> dict[str, Any]:
    expected = expectation(refusal.expected, language, refusal.params)
    return {
        "place": refusal.place,
        "field": refusal.field,
        "value": refusal.value_masked,
        "expected": refusal.expected,
        "message": f"{refusal.field}: {refusal.value_masked} — {expected}",
    }
