"""What the worker does round after round by wall time, in threads beside the lanes: no simulation
hurries it, nothing waits for it, and no job of it says when something happens next.

*The log*: each second, what has committed gets its place, and a signed checkpoint closes it.
*Standings*: each minute, what moves is weighed again, for time passes although nobody acts.
*Calls*: each second, the tables of numbers are what people and policy want (`call_upkeep`).
*Short messages*: each second, what is due goes out, and what came back is noted (`sms.sender`).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from functools import partial

from qalqan.cases import standing_sweep
from qalqan.errors import Conflict, Unavailable
from qalqan.register import log
from qalqan.register.database import Database
from qalqan.register.leases import hold
from qalqan.settings import Settings
from qalqan.trust.keys import Keys
from qalqan.work import call_upkeep
from qalqan.work.sms import sender

told = logging.getLogger("qalqan.work.rounds")

LOG_S = 1.0
STANDINGS_S = 60.0
_TERM_S = 30.0


def threads(
    database: Database, keys: Keys, settings: Settings, stop: threading.Event
) -> Sequence[threading.Thread]:
    """One thread for each round, not started yet; they end when told to stop."""
    sending = sender.Sender(database, keys, settings)
    rounds = (
        (LOG_S, partial(log.keep_up, database, keys)),
        (STANDINGS_S, partial(weigh, database)),
        (call_upkeep.EVERY_S, call_upkeep.CallUpkeep(database, keys, settings).look),
    )
    return [
        *(threading.Thread(target=go_round, args=(*each, stop)) for each in rounds),
        threading.Thread(target=go_round, args=(sender.EVERY_S, sending.look, stop, sending.close)),
    ]


def weigh(database: Database) -> None:
    """Weigh what moves, unless another worker does."""
    try:
        with hold(database, standing_sweep.SWEEP, _TERM_S):
            standing_sweep.sweep(database)
    except Conflict:
        return


def go_round(
    every_s: float, act: Callable[[], object], stop: threading.Event, *last: Callable[[], object]
) -> None:
    """Act now and each `every_s` until told to stop, and once more then; then do what comes last.
    Whatever becomes of the register, it goes on by itself."""
    _once(act)
    while not stop.wait(every_s):
        _once(act)
    for each in (act, *last):
        _once(each)


def _once(act: Callable[[], object]) -> None:
    try:
        act()
    except Unavailable as error:
        told.warning("the register does not answer: %s", error)
    except Exception as error:  # the thread never ends before it is told to
        told.warning("a round: %s", type(error).__name__, exc_info=True)
