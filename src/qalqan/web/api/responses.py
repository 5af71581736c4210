"""Answers in the API's description: their shapes, what each status says, which key opens what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from qalqan.exchange.letter import DOCX
from qalqan.exchange.order_sheet import XLSX
from qalqan.web.api import call_shapes, content_shapes, screen_shapes, shapes, sim_shapes
from qalqan.web.api.call_shapes import PlacesTaken
from qalqan.web.scopes import SCOPES

_AT = "#/components/schemas/{model}"
_Shapes = Mapping[str, type[BaseModel]]
_TOLD: _Shapes = {
    "200": PlacesTaken, "207": PlacesTaken, "422": shapes.ReceiptRefused,
}  # fmt: skip
SHAPES: Mapping[tuple[str, str], _Shapes] = {
    ("get", "/v1/health"): {"200": shapes.Up},
    ("get", "/v1/key"): {"200": shapes.PublicKey},
    ("get", "/v1/work"): {"200": shapes.Work},
    ("get", "/v1/events"): {"200": shapes.Events},
    ("get", "/v1/facts/quarantine"): {"200": shapes.Quarantine},
    ("get", "/v1/facts/batches"): {"200": shapes.Batches},
    ("post", "/v1/facts/{kind}"): {
        "200": shapes.Receipt, "207": shapes.Receipt, "422": shapes.ReceiptRefused,
    },
    ("post", "/v1/reports"): {"201": shapes.ReportTaken},
    ("get", "/v1/orders"): {"200": shapes.Orders},
    ("post", "/v1/orders/{order}/received"): {"200": shapes.Standing},
    ("post", "/v1/orders/{order}/answers"): {"200": shapes.Standing},
    ("post", "/v1/orders/{order}/appeals"): {"201": shapes.AppealTaken},
    ("post", "/v1/calls/appeals"): {"201": call_shapes.CallAppealTaken},
    ("post", "/v1/answers"): {
        "200": shapes.Answers, "207": shapes.Answers, "422": shapes.Problem,
    },
    ("get", "/v1/warnings"): {"200": shapes.Warnings},
    ("post", "/v1/warnings/{warning}/warned"): {"200": shapes.Marked},
    ("post", "/v1/screen/payments"): {"200": screen_shapes.Verdict},
    ("post", "/v1/screen/loans"): {"200": screen_shapes.Verdict},
    ("post", "/v1/screen/calls"): {"200": call_shapes.CallVerdict},
    ("post", "/v1/calls/places"): _TOLD,
    ("post", "/v1/calls/places/whole"): _TOLD,
    ("post", "/v1/calls/ports"): _TOLD,
    ("post", "/v1/devices"): {
        "200": sim_shapes.Devices, "207": sim_shapes.Devices, "422": sim_shapes.DevicesRefused,
    },
    ("get", "/v1/compliance"): {"200": sim_shapes.Items},
    ("get", "/v1/compliance/{item}"): {"200": sim_shapes.ItemOpened},
    ("post", "/v1/compliance/{item}/answer"): {"200": sim_shapes.Item},
    ("get", "/v1/legs/key"): {"200": sim_shapes.LegKey},
    ("get", "/v1/content/moments"): {"200": content_shapes.Moments},
    ("get", "/v1/content/messages"): {"200": content_shapes.Messages},
    ("get", "/v1/content/materials"): {"200": content_shapes.Materials},
    ("post", "/v1/content/moments/{moment}/ask"): {"200": content_shapes.ToShow},
    ("post", "/v1/content/outcomes"): {"200": content_shapes.OutcomesTaken},
    ("get", "/v1/content/mailings"): {"200": content_shapes.Mailings},
    ("post", "/v1/content/mailings/{mailing}/answer"): {"200": content_shapes.Mailing},
    ("post", "/v1/calls/journal"): {"200": call_shapes.JournalPlace},
    ("get", "/v1/stats/calls"): {"200": call_shapes.CallStats},
}  # fmt: skip
"""(method, path) → status → its JSON; officers' answers are told by their own words alone."""
FILES = {
    ("get", "/v1/orders.xlsx"): XLSX,
    ("post", "/v1/letters/loan-dispute"): DOCX,
    ("get", "/v1/calls/changes"): "application/octet-stream",
    ("get", "/v1/calls/tables"): "application/octet-stream",
    ("post", "/v1/cases/{case}/pack"): "application/zip",
}
"""Answers that are files."""
_SAYS = {
    "200": "Done.", "201": "Made, or made before under the same key.", "204": "Done.",
    "207": "Some was taken, some refused: each is named.",
    "400": "No request that can be read.", "401": "No key or session, or one that ended.",
    "403": "The key lacks the scope, or the role the right.", "404": "No such thing, or not yours.",
    "409": "It has moved on, or the key came before with another content.",
    "410": "It has ended: `see` says what takes its place.",
    "413": "The body is too long.", "415": "The body is of another type.",
    "422": "A value that can't be taken: `field`, `expected`.",
    "429": "Too much at once: `Retry-After` says when.",
    "503": "Not now: try again after `Retry-After`.",
}  # fmt: skip


def fill(whole: dict[str, Any]) -> None:
    """Write the answers and the scopes into a description."""
    models = {model for told in SHAPES.values() for model in told.values()} | {shapes.Problem}
    asked = [(model, "serialization") for model in sorted(models, key=lambda one: one.__name__)]
    _, schemas = models_json_schema(asked, ref_template=_AT)  # type: ignore[arg-type]
    parts = whole["components"]["schemas"]
    parts.update(schemas["$defs"])
    for unused in ("HTTPValidationError", "ValidationError"):  # FastAPI's own, never answered
        parts.pop(unused, None)
    for path, methods in whole["paths"].items():
        for method, operation in methods.items():
            operation["responses"] = dict(_answers(method, path, operation))
            if scope := SCOPES.get((method.upper(), path)):
                operation["description"] += f"\n\nScope of the key: `{scope}`."
                operation["x-scope"] = scope


def problem(code: str) -> dict[str, Any]:
    """An answer that says no."""
    return {"description": _SAYS[code], "content": _json(shapes.Problem)}


def _answers(method: str, path: str, operation: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    told = SHAPES.get((method, path), {})
    done = {code: said for code, said in operation["responses"].items() if code < "400"}
    for code, said in {**done, **{code: {} for code in told if code < "400"}}.items():
        content = _content(method, path, told.get(code), said)
        yield code, {"description": _SAYS[code], **({"content": content} if content else {})}
    for code in _refusals(method, path, operation):
        said = problem(code)
        yield code, {**said, "content": _json(told[code])} if code in told else said


def _content(
    method: str, path: str, shape: type[BaseModel] | None, said: dict[str, Any]
) -> dict[str, Any]:
    if shape is not None:
        return _json(shape)
    if (method, path) in FILES:
        return {FILES[method, path]: {"schema": {"type": "string", "format": "binary"}}}
    content: dict[str, Any] = said.get("content", {})
    return content


def _json(shape: type[BaseModel]) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": _AT.format(model=shape.__name__)}}}


def _refusals(method: str, path: str, operation: dict[str, Any]) -> list[str]:
    """What may come instead. Which of them a handler knows is its own affair: a caller has to be
    ready for all."""
    found = {"400", "503"}
    if operation["security"]:
        found |= {"401", "403"}
    if path == "/v1/sign-in":
        found |= {"401", "403", "429"}
    if "{" in path or operation.get("parameters") or path.startswith("/v1/log/"):
        found |= {"404", "422"}
    if path.startswith("/v1/calls/"):
        found |= {"404", "409", "422"}
    if method == "post":
        found |= {"404", "409", "413", "415", "422", "429"}
    return sorted(found)
