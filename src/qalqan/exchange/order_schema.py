"""The published JSON Schemas of what travels between the centre and a partner: the signed order's
payload, and the answer to it (REQ-19, 44). Made from the models themselves, Draft 2020-12.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from qalqan.exchange.order_message import Answer, OrderMessage

DIALECT = "https://json-schema.org/draft/2020-12/schema"

SCHEMAS: Mapping[str, type[BaseModel]] = {"order": OrderMessage, "answer": Answer}
"""Name of a published schema → the model it is made from."""


def schema(name: str) -> dict[str, Any]:
    """One of the published schemas; `KeyError` if there is none of that name."""
    made = SCHEMAS[name].model_json_schema(mode="validation")
    return {"$schema": DIALECT, "$id": f"urn:qalqan:schema:{name}", **made}


def schema_text(name: str) -> str:
    """The same as the file under `docs/reference/schemas`."""
    return json.dumps(schema(name), ensure_ascii=False, indent=2) + "\n"
