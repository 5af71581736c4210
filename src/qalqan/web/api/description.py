"""The API's own description: FastAPI's, with the bodies that our handlers read themselves."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from qalqan.cases.loan_dispute import LoanDispute
from qalqan.cases.reports import ReportIn
from qalqan.exchange.order_message import Answer, OrderMessage
from qalqan.exchange.order_sheet import CSV, XLSX
from qalqan.lake.schemas import KINDS
from qalqan.web.api import (
    abroad,
    account,
    call_journal,
    call_screen,
    call_tellings,
    content,
    measures,
    people,
    plans,
    repeated,
    responses,
    screens,
)
from qalqan.web.api.appeals import HandedIn, Judged, Recorded, RefusedCall
from qalqan.web.api.compliance import NumbersAnswer
from qalqan.web.api.devices import DevicesTold
from qalqan.web.api.drafts import Draft, Seen
from qalqan.web.api.ends import End, Ends
from qalqan.web.api.examples import examples
from qalqan.web.api.facts import tell
from qalqan.web.api.number_user import NumberAsked
from qalqan.web.api.officers import Decision, SignIn
from qalqan.web.api.screen_bodies import LoanQuestion, PaymentQuestion
from qalqan.web.api.search import Sought

_JSON: dict[str, type[BaseModel]] = {
    "/v1/reports": ReportIn,
    "/v1/letters/loan-dispute": LoanDispute,
    "/v1/orders/{order}/answers": Answer,
    "/v1/sign-in": SignIn,
    "/v1/search": Sought,
    "/v1/screen/payments": PaymentQuestion,
    "/v1/screen/loans": LoanQuestion,
    call_screen.PATH: call_screen.CallQuestion,
    "/v1/orders/{order}/approvals": Decision,
    "/v1/cases/{case}/orders": Draft,
    "/v1/orders/{order}/withdraw": Seen,
    "/v1/orders/{order}/appeals": HandedIn,
    "/v1/calls/appeals": RefusedCall,
    "/v1/appeals": Recorded,
    "/v1/appeals/{appeal}/decision": Judged,
    **call_tellings.BODIES,
    **content.BODIES,
    "/v1/devices": DevicesTold,
    "/v1/compliance/{item}/answer": NumbersAnswer,
    "/v1/cases/{case}/number-user": NumberAsked,
    **call_journal.BODIES,
    **account.BODIES,
    **people.BODIES,
    **abroad.BODIES,
    **measures.BODIES,
    **plans.BODIES,
}
VERSIONS = """\
**Versions.** Everything under `/v1` only grows: new fields in answers, new values of `kind`, new
paths; pass over what you don't know. What has to go is marked `deprecated` here and answers with
`Deprecation` (RFC 9745), `Sunset` (RFC 8594) and a `Link` to what takes its place, for half a year
at least; after its `Sunset` it answers 410.

**Once.** Send the same request again whenever no answer reached you: it counts once, by its
`Idempotency-Key` where it takes one, else by what it says. The same key with another body is
refused with 409. What can't be so says why in its own description.

**Pages.** Lists are paged by a cursor: `next` goes into `after` as it is."""
_TEXT = {"type": "string"}
_AT = "#/components/schemas/{model}"
_FACTS = {
    "type": "object",
    "required": ["facts"],
    "properties": {"facts": {"type": "array", "items": {"type": "object"}}},
}
_MESSAGE = {"application/xml": {"schema": _TEXT}}
"""A message of ISO 20022."""
_KEY = {
    "name": "Idempotency-Key", "in": "header", "required": False, "schema": _TEXT,
}  # fmt: skip
_ASKING = {
    "/v1/screen/payments": screens.payments, "/v1/screen/loans": screens.loans,
    call_screen.PATH: call_screen.calls,
}  # fmt: skip
_LOG = {f"/v1/log/{name}" for name in ("checkpoint", "key", "consistency", "inclusion")}
_CONTENT = {"/v1/content/messages", "/v1/content/materials"}
_OPEN = {"/v1/health", "/v1/key", "/v1/sign-in", "/v1/schemas/{name}.json"} | _LOG | _CONTENT


def describe(app: FastAPI) -> dict[str, Any]:
    """OpenAPI 3.1; `OrderMessage` is what a signed order says."""
    whole = get_openapi(
        title=app.title,
        version=app.version,
        description=f"{app.description}\n\n{VERSIONS}",
        routes=app.routes,
    )
    whole["paths"]["/v1/facts/{kind}"] = {"post": _telling()}
    for path, asking in _ASKING.items():
        whole["paths"][path] = {"post": _screening(path, asking)}
    models = [(model, "validation") for model in (*_JSON.values(), OrderMessage)]
    _, schemas = models_json_schema(models, ref_template=_AT)  # type: ignore[arg-type]
    parts = whole.setdefault("components", {})
    parts.setdefault("schemas", {}).update(schemas["$defs"])
    parts["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
    for path, methods in whole["paths"].items():
        for operation in methods.values():
            operation["security"] = [] if path in _OPEN else [{"bearer": []}]
        if (content := _content(path)) and "post" in methods:
            methods["post"]["requestBody"] = {"required": True, "content": content}
    responses.fill(whole)
    examples(whole)
    repeated.tell(whole)
    _mark(whole, app.state.ends)
    return whole


def _mark(whole: dict[str, Any], ends: Ends) -> None:
    """Say of each operation that ends since when, and when it is gone."""
    for path, methods in whole["paths"].items():
        for method, operation in methods.items():
            end = ends.of(method.upper(), path)
            if end is not None:
                operation["deprecated"] = True
                operation["description"] += f"\n\n{_told(end)}"
                operation["responses"]["410"] = responses.problem("410")
                for answer in operation["responses"].values():
                    answer["headers"] = {name: {"schema": _TEXT} for name in end.headers}


def _told(end: End) -> str:
    return f"Deprecated since {end.since}, gone on {end.gone}. What takes its place: {end.see}"


def _content(path: str) -> dict[str, Any]:
    if path in _JSON:
        reference = _AT.format(model=_JSON[path].__name__)
        more = _MESSAGE if path.endswith("/answers") else {}
        return {"application/json": {"schema": {"$ref": reference}}, **more}
    if path == call_tellings.WHOLE:
        return {kind: {"schema": _TEXT} for kind in call_tellings.LISTS}
    if path == "/v1/facts/{kind}":
        return {"application/json": {"schema": _FACTS}, **_MESSAGE}
    if path == "/v1/answers":
        binary = {"schema": {"type": "string", "format": "binary"}}
        return {XLSX: binary, CSV: binary, **_MESSAGE}
    return {}


def _screening(path: str, asking: Callable[..., Any]) -> dict[str, Any]:
    """A screen's question, which FastAPI does not serve either."""
    name = path.rpartition("/")[2]
    return {
        "tags": ["screens"],
        "summary": f"Screen {name}",
        "description": inspect.cleandoc(asking.__doc__ or ""),
        "operationId": f"screen_{name}",
        "parameters": [] if path == call_screen.PATH else [_KEY],
        "responses": {"200": {}},
    }


def _telling() -> dict[str, Any]:
    """`POST /v1/facts/{kind}`, which FastAPI does not serve."""
    about = inspect.cleandoc(tell.__doc__ or "")
    answers = {
        "200": "All facts are safe.",
        "207": "Some were refused.",
        "409": "The key came before with other facts.",
        "422": "All were refused, or the body is none.",
        "429": "Too much at once: see Retry-After.",
        "503": "Nothing can be kept now.",
    }
    return {
        "tags": ["facts"],
        "summary": "Tell",
        "description": about,
        "operationId": "tell_v1_facts__kind__post",
        "parameters": [
            {"name": "kind", "in": "path", "required": True, "schema": {**_TEXT, "enum": [*KINDS]}},
            _KEY,
        ],
        "responses": {code: {"description": said} for code, said in answers.items()},
    }
