"""The API's own description: FastAPI's, with the bodies that our handlers read themselves."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from qalqan.cases.reports import ReportIn
from qalqan.exchange.order_message import Answer, OrderMessage
from qalqan.exchange.order_sheet import CSV, XLSX
from qalqan.web.api.officers import Decision, SignIn

_JSON: dict[str, type[BaseModel]] = {
    "/v1/reports": ReportIn,
    "/v1/orders/{order}/answers": Answer,
    "/v1/sign-in": SignIn,
    "/v1/orders/{order}/approvals": Decision,
}
_AT = "#/components/schemas/{model}"
_FACTS = {
    "type": "object",
    "required": ["facts"],
    "properties": {"facts": {"type": "array", "items": {"type": "object"}}},
}
_OPEN = {"/v1/health", "/v1/key", "/v1/sign-in"}


def describe(app: FastAPI) -> dict[str, Any]:
    """OpenAPI 3.1; `OrderMessage` is what a signed order says."""
    whole = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        routes=app.routes,
    )
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
    return whole


def _content(path: str) -> dict[str, Any]:
    if path in _JSON:
        reference = _AT.format(model=_JSON[path].__name__)
        return {"application/json": {"schema": {"$ref": reference}}}
    if path == "/v1/facts/{kind}":
        return {"application/json": {"schema": _FACTS}}
    if path == "/v1/answers":
        binary = {"schema": {"type": "string", "format": "binary"}}
        return {XLSX: binary, CSV: binary}
    return {}
