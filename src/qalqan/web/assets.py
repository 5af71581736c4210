"""Styles, scripts, pictures and fonts of the pages: files of the package, nothing from elsewhere.

A page names a file with a mark of its contents (`asset`), so a browser keeps it for good and
still sees the next version at once; a file named without the mark is asked about each time.
"""

from __future__ import annotations

import hashlib
import mimetypes
import os
from functools import cache
from pathlib import Path

from starlette.datastructures import QueryParams
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOLDER = Path(__file__).parent / "static"
_FOR_GOOD = "public, max-age=31536000, immutable"
_ASK = "no-cache"
_MARK = 12

mimetypes.add_type("font/woff2", ".woff2")  # Python 3.11 knows none of its own


@cache
def asset(path: str) -> str:
    """The address of a file under `static`, with the mark of its contents."""
    return f"/static/{path}?v={_mark(FOLDER / path)}"


@cache
def _mark(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:_MARK]


class Assets(StaticFiles):
    """The files, with how long they may be kept."""

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        asked = QueryParams(scope["query_string"]).get("v")
        is_marked = asked is not None and asked == _mark(Path(full_path))
        response.headers["Cache-Control"] = _FOR_GOOD if is_marked else _ASK
        return response
