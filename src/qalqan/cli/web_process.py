"""What one web process of `qalqan serve` runs; there may be several on one port."""

from __future__ import annotations

import gc
import multiprocessing
from contextlib import ExitStack

from fastapi import FastAPI

from qalqan.cli.watched import watched
from qalqan.parent import end_with_parent
from qalqan.settings import settings
from qalqan.web.app import make_app


def app() -> FastAPI:
    """The centre's app over the home that the environment names; its parent has opened it."""
    made = make_app(settings())
    if multiprocessing.parent_process() is not None:
        end_with_parent()
        made.state.watched = ExitStack()  # as long as the process
        made.state.watched.enter_context(watched(settings()))
    settle_down()
    return made


def settle_down() -> None:
    """Let the collector of garbage look no more at what stays as long as the process, and seldom
    at the rest: walking through all that was imported stops every request for a tenth of a
    second, and a request leaves little that only the collector can take away."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
