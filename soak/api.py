"""Schemathesis over the API's whole description at length, as a bank, a channel, an operator and a
supervisor: `python soak/api.py [examples an operation]`. Prints one JSON line a caller.

No request may make the server fail, and every answer has to be what the description says.
"""

from __future__ import annotations

import json
import logging
import sys
import tempfile
import time
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from qalqan.cases.policy import install_default_policy
from qalqan.clock import SharedClock
from qalqan.register import partners, people
from qalqan.register.database import open_database
from qalqan.settings import Settings
from qalqan.trust.keys import Keys
from qalqan.web.app import make_app

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
PARTNERS = {"altyn": ("bank", "211"), "hotline": ("channel", None), "dala": ("operator", None)}
PASSWORD = "қара алтын таулар"


def founded(home: Path) -> tuple[Settings, dict[str, str]]:
    told = Settings(home=home, second_factor="offered")
    SharedClock.create(home / "clock", 1_795_503_600_000_000)
    keys, tokens = Keys.create(told.keys_file), dict[str, str]()
    database = open_database(told)
    database.migrate()
    with database.write() as session:
        for code, (kind, bank) in PARTNERS.items():
            names = dict.fromkeys(("kk", "ru", "en"), code)
            tokens[code] = partners.add_partner(session, code, kind, names, bank_code=bank)
        for login in ("asel", "daniyar"):
            people.add_user(session, keys, login, login, PASSWORD, "supervisor", "KZ")
        install_default_policy(session, ["asel", "daniyar"])
    tokens["asel"] = people.sign_in(database, "asel", PASSWORD)
    database.close()
    return told, tokens


def asked(http: Any, token: str, most: int) -> tuple[Counter[str], list[str]]:
    schema = schemathesis.openapi.from_asgi("/v1/openapi.json", http.app)
    statuses: Counter[str] = Counter()
    failures: list[str] = []
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.path in ("/v1/work", "/v1/sign-out"):
            continue

        @settings(
            max_examples=most, deadline=None, database=None,
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=operation.as_strategy())
        def one(case: Any) -> None:
            response = case.call(headers={"Authorization": f"Bearer {token}"}, session=http)
            statuses[f"{response.status_code // 100}xx"] += 1
            case.validate_response(response, checks=CHECKS)

        try:
            one()
        except Exception as error:
            failures.append(f"{operation.method} {operation.path}: {str(error)[:400]}")
    return statuses, failures


def main(most: int) -> int:
    logging.disable(logging.CRITICAL)
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        told, tokens = founded(Path(folder))
        with TestClient(make_app(told), client=("203.0.113.7", 50_000)) as http:
            for who, token in tokens.items():
                start = time.monotonic()
                statuses, failures = asked(http, token, most)
                failed += len(failures)
                line = {
                    "name": f"api described, as {who}", "requests": statuses.total(),
                    "answers": dict(sorted(statuses.items())), "failures": failures,
                    "seconds": round(time.monotonic() - start, 1),
                }  # fmt: skip
                print(json.dumps(line, ensure_ascii=False), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 200))
