"""Schemathesis over the whole description, bounded (REQ-19): no request makes the server fail, and
whatever it answers is what the description says. `soak/api.py` does so at length."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
WAITS = {"/v1/work"}
"""Answers once there is nothing to do: asked without a wait elsewhere."""
FEW = settings(
    max_examples=2,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
    database=None,
    derandomize=True,
)


@pytest.mark.parametrize("who", ["altyn", "asel"])
def test_every_operation_answers_as_described(web: Any, who: str) -> None:
    web.sign_in()
    schema = schemathesis.openapi.from_asgi("/v1/openapi.json", web.http.app)
    headers = {"Authorization": f"Bearer {web.tokens[who]}"}
    asked = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.path in WAITS or operation.path == "/v1/sign-out":
            continue

        @FEW
        @given(case=operation.as_strategy())
        def one(case: Any) -> None:
            response = case.call(headers=headers, session=web.http)
            case.validate_response(response, checks=CHECKS)  # raises what does not hold

        one()
        asked += 1
    assert asked > 50
