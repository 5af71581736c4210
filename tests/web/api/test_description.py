"""The API's description is whole: every operation has its shapes, refusals and key, and every
example fits (REQ-19)."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.routing import APIRoute
from jsonschema import Draft202012Validator

from qalqan.web import access
from qalqan.web.api.examples import EXAMPLES
from qalqan.web.scopes import SCOPES


@pytest.fixture
def described(web: Any) -> dict[str, Any]:
    told: dict[str, Any] = web.get("/v1/openapi.json").json()
    return told


def test_every_operation_says_what_it_answers(described: dict[str, Any]) -> None:
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            answers, name = operation["responses"], f"{method} {path}"
            assert min(answers) < "300", name
            assert {"400", "503"} <= set(answers), name
            for code, said in answers.items():
                assert said["description"], name
                assert code == "204" or said["content"], (name, code)
            if operation["security"]:
                assert {"401", "403"} <= set(answers), name


def test_what_a_partner_may_ask_names_its_scope(web: Any, described: dict[str, Any]) -> None:
    told = {
        (method.upper(), path)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
        if "x-scope" in operation
    }
    assert told == set(SCOPES)
    for route in web.http.app.routes:
        for each in getattr(route, "routes", [route]):
            if isinstance(each, APIRoute) and _wants_partner(each):
                path = each.path if each.path.startswith("/v1") else f"/v1{each.path}"
                assert (next(iter(each.methods)), path) in SCOPES


def _wants_partner(route: APIRoute) -> bool:
    return any(one.call is access.partner for one in route.dependant.dependencies)


def test_examples_fit(described: dict[str, Any]) -> None:
    for path, told in EXAMPLES.items():
        content = described["paths"][path]["post"]["requestBody"]["content"]["application/json"]
        schema = {**content["schema"], "components": described["components"]}
        for body in told.values():
            assert not list(Draft202012Validator(schema).iter_errors(body)), path


def test_references_lead_somewhere(described: dict[str, Any]) -> None:
    def walk(node: Any) -> None:
        if isinstance(node, dict):
            if isinstance(at := node.get("$ref"), str):
                assert at.rpartition("/")[2] in described["components"]["schemas"], at
            for each in node.values():
                walk(each)
        elif isinstance(node, list):
            for each in node:
                walk(each)

    walk(described["paths"])
    walk(described["components"])
