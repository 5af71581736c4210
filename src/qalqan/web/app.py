"""The centre's web server: the partner API, the officers' API, the console."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool

from qalqan.lake.hand_in import Centre
from qalqan.register.database import open_database
from qalqan.settings import Settings
from qalqan.trust.keys import keys_of
from qalqan.web.api import about, call_screen, facts, metrics, ready, routes, screens
from qalqan.web.api.description import describe
from qalqan.web.api.ends import Ending, Ends
from qalqan.web.api.metrics import Watcher
from qalqan.web.assets import FOLDER, Assets
from qalqan.web.callers import Callers
from qalqan.web.console import routes as console
from qalqan.web.console.pages import error_page
from qalqan.web.desk import Desk
from qalqan.web.errors import answer_errors
from qalqan.web.guard import Guard
from qalqan.web.looks import Looks
from qalqan.web.portal import bulletins_page, figures_page, refused_call
from qalqan.web.watch import Watch
from qalqan.work.call_tables import tables_path
from qalqan.work.screens.client import Owners

ABOUT = (
    "Partners tell facts, report victims, fetch signed orders and answer them; officers decide. "
    "Sums are integer minor units, times UTC microseconds. Errors are "
    '`{"error": {"code", "message", …}}`, the message in kk, ru or en by Accept-Language.'
)


def make_app(settings: Settings) -> FastAPI:
    """The application over the register, keys and lake that the settings name; the register is
    at its newest migration already."""
    app = FastAPI(
        title="Qalqan",
        version=version("qalqan"),
        description=ABOUT,
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_closing,
    )
    app.state.settings = settings
    app.state.database = open_database(settings)
    app.state.keys = keys_of(settings)
    app.state.callers = Callers()
    app.state.desk = Desk(Centre(app.state.database, app.state.keys, settings.lake_root))
    app.state.owners = Owners(settings.home, settings.screen_shards)
    app.state.calls = call_screen.CallTables(tables_path(settings))
    app.state.ends = Ends()
    app.state.watcher = Watcher(settings, app.state.database)
    app.add_middleware(Looks)
    app.add_middleware(Ending)
    app.add_middleware(Guard, https=settings.address.startswith("https:"))
    app.add_middleware(Watch)  # the outermost: it sees what the guard refuses, too
    answer_errors(app)
    app.router.routes[:0] = [*screens.ROUTES, call_screen.ROUTE, facts.ROUTE]
    app.include_router(routes.router)
    app.add_api_route("/health", about.health, include_in_schema=False)
    app.add_api_route("/ready", ready.ready, include_in_schema=False)
    app.add_api_route("/metrics", metrics.metrics, include_in_schema=False)
    app.include_router(console.router)
    for each in (refused_call, figures_page, bulletins_page):
        app.include_router(each.router)
    app.state.error_page = error_page
    app.mount("/static", Assets(directory=FOLDER), name="static")
    app.openapi = lambda: _described(app)  # type: ignore[method-assign]
    return app


def _described(app: FastAPI) -> dict[str, Any]:
    app.openapi_schema = app.openapi_schema or describe(app)
    return app.openapi_schema


@asynccontextmanager
async def _closing(app: FastAPI) -> AsyncIterator[None]:
    yield
    await run_in_threadpool(app.state.desk.close)
    app.state.owners.close()
    app.state.watcher.close()
    app.state.database.close()
