"""What every long-lived process of a centre does first: logs in our shape, counters to share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from qalqan import logs, metrics
from qalqan.settings import Settings

_HERE = "127.0.0.1"


@contextmanager
def watched(settings: Settings, port: int | None = None) -> Iterator[None]:
    """Log and count for the block; on `port` of this machine the counters can be read."""
    with ExitStack() as open_:
        open_.enter_context(logs.in_our_shape(settings.log, settings.log_level))
        open_.enter_context(metrics.shared(settings.home))
        if port is not None:
            open_.enter_context(metrics.told_on(_HERE, port))
        yield
