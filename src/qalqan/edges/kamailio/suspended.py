"""Calls that wait for an answer: Kamailio suspends them, `asker.py` asks, Kamailio goes on.

Loaded by `edge.py` where the edge was laid out with an asker. Only calls that an answer could
change come here (`calls.asking`), and each of them becomes a transaction of Kamailio's, so that a
request that is sent again finds it. No call depends on the asker: one that has not said for
`SILENT_S` that it works is not asked, and one that does not answer in time is not waited for:
Kamailio's own timer sends the call on as the tables alone decided it.

    edge → asker    {"t": [index, label], "at": monotonic seconds, "numbers": [7701…],
                     "identity": ["…"], "orig": 7701…, "dest": 7727…}
    asker → edge    {"t": [index, label], "places": {"7701…": ["abroad", 3]},
                     "told": "place=abroad", "signed": false}

netstrings over evapi's socket; the question's `identity`, `orig` and `dest` only where a
signature is worth looking at.
"""

from __future__ import annotations

import json
import mmap
import os
import struct
from time import monotonic
from typing import Any

import KSR

BEAT = "asker.beat"
"""The file in which the asker says that it works: two doubles of monotonic seconds, that of its
last turn and that of its last turn with Kamailio's socket open."""
SILENT_S = 0.5
PATIENCE = 5
"""How many times the asker's budget Kamailio waits itself: its timer looks around each 62 ms."""
RELAY_MS, RING_MS = 30_000, 180_000
"""For a call that goes on: until anything answers, until a final answer (RFC 3261, timers B, C)."""
MOST_UNREAD, _OVERHEAD = 1 << 19, 256
"""Bytes of questions that all workers together hand over between two turns of the asker, and what
one costs besides its text: evapi writes to a socket that blocks, and one that is full because the
asker hangs would hold up every worker."""
_IDENTITIES = 3
_LONGEST = 10_240
"""Characters of an Identity header that are handed on (`trust.passport.MAX_HEADER`)."""
_tm = KSR.tm


class Suspended:
    """One process's side of the questions."""

    def __init__(self, edge: Any, asking: Any, told: dict[str, Any], here: str) -> None:
        self.edge, self.asking = edge, asking
        self.free_ms = PATIENCE * int(told["budget_ms"])
        self.most_unread = MOST_UNREAD // int(told["children"])
        self.turn, self.unread = 0.0, 0
        self.signatures = bool(told["certificates"])
        descriptor = os.open(os.path.join(here, BEAT), os.O_RDONLY | os.O_CLOEXEC)
        try:
            self.beat = mmap.mmap(descriptor, 16, prot=mmap.PROT_READ)
        finally:
            os.close(descriptor)
        self.told: dict[str, Any] = {}

    def takes(self, verdict: Any, callee: str) -> bool:
        """Suspend a call if an answer could change what becomes of it; false: decide it now."""
        numbers = self.asking.unplaced(verdict)
        identity = self._identity(verdict)
        if not numbers and not identity:
            return False
        made = _tm.t_newtran()
        if made <= 0:
            return bool(made == 0)  # one that was sent again: its transaction has the answer
        try:
            refused = self._suspend(verdict, numbers, identity)
            if refused:
                self._decide(verdict, callee, refused)
        except Exception as error:
            self.edge.failed(error, self.on)
        return True

    def _suspend(self, verdict: Any, numbers: Any, identity: list[str]) -> str:
        """Hand a call's question over; a word for why that can't be done, and the call goes on."""
        now, (turn,) = monotonic(), struct.unpack_from("d", self.beat, 8)
        if now - turn > SILENT_S:
            return "asker=down"
        transaction = [int(KSR.pv.get("$T(id_index)")), int(KSR.pv.get("$T(id_label)"))]
        question: dict[str, Any] = {"t": transaction, "at": now, "numbers": numbers}
        if identity:
            question["identity"] = identity
            question["orig"], question["dest"] = self.asking.signer_of(verdict), verdict[6]
        text = json.dumps(question, separators=(",", ":"))
        if turn != self.turn:
            self.turn, self.unread = turn, 0
        self.unread += len(text) + _OVERHEAD
        if self.unread > self.most_unread:
            return "asker=busy"
        _tm.t_set_fr(self.free_ms, self.free_ms)
        _tm.t_on_failure("ksr_unanswered")
        # -2: it is suspended and the question was lost; Kamailio's timer lets it go.
        return "asker=down" if KSR.evapi.async_relay(text) == -1 else ""

    def ends(self, method: str) -> bool:
        """Whether this request belongs to a call that once waited, and Kamailio deals with it."""
        if method == "ACK":
            return bool(_tm.t_check_trans() == 0)
        return bool(method == "CANCEL" and _tm.t_check_trans() > 0 and _tm.t_relay() > 0)

    def _rules(self) -> Any:
        """The decision table of the tables that are open."""
        return self.edge.screen.tables.parts["rule"]

    def may_be_signed(self, verdict: Any) -> bool:
        """Whether signatures are looked at here, and one would change this verdict."""
        if not self.signatures or self.edge.screen is None:
            return False
        return bool(self.asking.may_be_signed(verdict, self._rules()))

    def _identity(self, verdict: Any) -> list[str]:
        """The call's signatures, if one may help it."""
        if not self.may_be_signed(verdict) or KSR.hdr.is_present("Identity") <= 0:
            return []
        try:
            found = [KSR.pv.get(f"$(hdr(Identity)[{at}])") for at in range(_IDENTITIES)]
        except UnicodeDecodeError:
            return [""]  # worth a word in the journal, and nothing more
        return [text[:_LONGEST] for text in found if text]

    def answered(self) -> None:
        """The asker said something: go on with that call."""
        told = json.loads(KSR.pv.get("$evapi(msg)"))
        index, label = told["t"]
        self.told = told
        KSR.tmx.t_continue(int(index), int(label), "ksr_answered")

    def resumed(self) -> None:
        """Kamailio goes on with the call that was answered."""
        told, self.told = self.told, {}
        callee = self.edge.called()
        verdict = self.edge.verdict(callee)
        if self.edge.screen is not None:
            oldest_s = self.edge.screen.tables.about["oldest_s"]
            places = {
                int(number): (place, age_s)
                for number, (place, age_s) in told["places"].items()
                if age_s <= oldest_s
            }
            verdict = self.asking.amended(verdict, self._rules(), places, told["signed"])
        self._decide(verdict, callee, told["told"])

    def unanswered(self) -> None:
        """Kamailio's timer, or the end of a call that went on from here."""
        if _tm.t_is_canceled() > 0:
            return
        callee = self.edge.called()
        self._decide(self.edge.verdict(callee), callee, "asker=late")

    def _decide(self, verdict: Any, callee: str, told: str) -> None:
        self.edge.settle(verdict, callee, told, _tm.t_reply, self.on)

    def on(self) -> int:
        """The call goes on, as a transaction of Kamailio's."""
        KSR.pv.sets("$du", self.edge.next)
        _tm.t_on_failure("")
        _tm.t_set_fr(RING_MS, RELAY_MS)
        done: int = _tm.t_relay()
        return done
