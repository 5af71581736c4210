"""The API's description as a file of the docs."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from qalqan.settings import Settings
from qalqan.trust.keys import Keys
from qalqan.web.app import make_app


def openapi_text() -> str:
    """OpenAPI 3.1 as JSON; the version stays out, for it changes with every release."""
    with tempfile.TemporaryDirectory() as folder:
        told = Settings(home=Path(folder), register_address=None, public_url="http://127.0.0.1")
        Keys.create(told.keys_file)
        app = make_app(told)
        try:
            whole = app.openapi()
        finally:
            app.state.desk.close()
            app.state.owners.close()
            app.state.watcher.close()
            app.state.database.close()
    whole["info"]["version"] = "v1"
    return json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
