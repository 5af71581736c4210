"""The script that Kamailio runs in its own Python (app_python3, KEMI): one screen a worker.

Whatever goes wrong here, the call goes through (DESIGN section 7): tables that are missing or
damaged, a journal that can't be written, an error in a rule. It is told once a minute in
Kamailio's log, and counted in the journal. No threads, no sockets, nothing but the standard
library: an embedded interpreter dies of more.
"""

from __future__ import annotations

import gc
import importlib.util
import json
import os
import sys
from time import monotonic, time_ns
from typing import Any

import KSR

HERE = os.path.dirname(os.path.abspath(__file__))


def _loaded(name: str, path: str) -> Any:
    """A package or module from its own path, under a name of its own."""
    folder = os.path.isdir(path)
    file = os.path.join(path, "__init__.py") if folder else path
    spec: Any = importlib.util.spec_from_file_location(
        name, file, submodule_search_locations=[path] if folder else None
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


_loaded("qalqan_calls", os.path.join(HERE, "calls"))
journal = _loaded("qalqan_journal", os.path.join(HERE, "journal.py"))
headers = _loaded("qalqan_headers", os.path.join(HERE, "headers.py"))
from qalqan_calls import asking  # noqa: E402
from qalqan_calls.numbers import number  # noqa: E402
from qalqan_calls.rules import Answer  # noqa: E402
from qalqan_calls.screen import PASSED, Screen  # noqa: E402

REFUSE, WITHHOLD, LABEL = int(Answer.REFUSE), int(Answer.WITHHOLD), int(Answer.LABEL)
# Names bound once: a call asks a dozen of these.
_method, _source = KSR.kx.get_method, KSR.kx.get_srcip
_from, _to, _called = KSR.kx.get_fuser, KSR.kx.get_tuser, KSR.kx.get_ruser
_call_id = KSR.kx.get_callid
_get, _sets = KSR.pv.get, KSR.pv.sets
_has_totag, _hops, _reply = KSR.siputils.has_totag, KSR.maxfwd.process_maxfwd, KSR.sl.sl_send_reply
_status, _clean, _shown = KSR.kx.get_status, journal.clean, headers.shown
_TELL_EVERY_S = 60.0
_RENEWING = ("INVITE", "UPDATE")  # what changes who is shown in a call (RFC 4916, RFC 5876)
_ASSERTED = f"$(hdr({headers.IDENTITY})[*])"
UNREADABLE = "?"
"""Stands for text that is no UTF-8 (RFC 3261, 25.1): no number, and no exception either."""
_SOS = ("urn:service:sos", "urn:nena:service:sos")
_UNWANTED = 607
_MOST_UNWANTED = 256
"""Complaints that a worker remembers, so that a reply that is sent again is no second one."""


def _readable(get: Any, *given: str) -> Any:
    try:
        return get(*given)
    except UnicodeDecodeError:
        return UNREADABLE


class Edge:
    """A worker's screen and journal, and what Kamailio calls."""

    def __init__(self) -> None:
        with open(os.path.join(HERE, "edge.json"), encoding="utf-8") as file:
            told = json.load(file)
        self.tables = os.path.join(HERE, told["tables"])
        self.folder = os.path.join(HERE, told["journal"])
        self.next = told["next"]
        self.next_host = self.next.partition(":")[2].partition(":")[0].partition(";")[0]
        self.redirects = told["mode"] == "redirect"
        self.code, self.reason = int(told["refuse_with"]), "Rejected"
        self.card = f"Call-Info: <{told['card']}>;purpose=jwscard\r\n" if told["card"] else ""
        self.screen: Any = None
        self.journal: Any = None
        self.told_s, self.slot = -_TELL_EVERY_S, 0
        self.complained: dict[str, None] = {}
        self.suspended: Any = None
        if told.get("asker"):
            try:
                found = _loaded("qalqan_suspended", os.path.join(HERE, "suspended.py"))
                self.suspended = found.Suspended(self, asking, told, HERE)
            except Exception as error:  # nobody is asked, then
                self._tell(error)

    def child_init(self, rank: int) -> int:
        """A worker starts; without tables it passes every call and looks again each second.
        Processes of other ranks begin when they are given a call that waited for an answer."""
        self.slot = rank % journal.SLOTS
        if rank > 0:
            self._begin()
        return 0

    def _begin(self) -> None:
        self.journal = journal.Journal(self.folder, self.slot)
        self._open()
        gc.freeze()
        gc.set_threshold(100_000)  # a call leaves no cycles

    def _open(self) -> None:
        self.opened_s = monotonic()
        try:
            self.screen = Screen(self.tables)
        except Exception as error:
            self.screen = None
            self._tell(error)

    def _tell(self, error: BaseException) -> None:
        if monotonic() - self.told_s > _TELL_EVERY_S:
            self.told_s = monotonic()
            KSR.err(f"qalqan: {type(error).__name__}: {error}; calls pass\n")

    def ksr_request_route(self, msg: Any) -> Any:
        """A request came in."""
        try:
            return self._route()
        except SystemError:  # left behind by a reload that failed; the script that runs is whole
            try:
                return self._route()
            except Exception as error:
                return self.failed(error)
        except Exception as error:
            return self.failed(error)

    def failed(self, error: BaseException, on: Any = None) -> Any:
        """The call goes on undecided, and counts as one that the journal lacks."""
        self.journal.miss()
        self._tell(error)
        return (on or self._on)()

    def ksr_reply_route(self, msg: Any) -> int:
        """A reply came in: it goes on, whatever happens here."""
        try:
            if _status() == _UNWANTED:
                self._unwanted()
        except Exception as error:
            self._tell(error)
        return 1

    def _unwanted(self) -> None:
        """A callee wants no such calls (RFC 8197). Only the next hop may say so."""
        call_id = _readable(_call_id)
        if _method() != "INVITE" or _source() != self.next_host or call_id in self.complained:
            return
        if len(self.complained) >= _MOST_UNWANTED:
            del self.complained[next(iter(self.complained))]
        self.complained[call_id] = None
        caller, callee = (max(0, number(_readable(each))) for each in (_from, _to))
        said = journal.Complaint(time_ns() // 1000, caller, callee, call_id)
        self.journal.note(journal.complaint(said))

    def ksr_told(self, msg: Any, event: str) -> int:
        """The asker's connection: it came, it ended, it said something about a call."""
        if event == "evapi:message-received":
            self._waited(self.suspended.answered, None)
        return 1

    def ksr_answered(self, msg: Any) -> int:
        """A call that waited goes on with its answer."""
        return self._waited(self.suspended.resumed, self.suspended.on)

    def ksr_unanswered(self, msg: Any) -> int:
        """A call that waited goes on without an answer."""
        return self._waited(self.suspended.unanswered, self.suspended.on)

    def _waited(self, work: Any, on: Any) -> int:
        try:
            if self.journal is None:
                self._begin()
            try:
                work()
            except SystemError:  # as in ksr_request_route
                work()
        except Exception as error:
            if on is None:
                self._tell(error)
            else:
                self.failed(error, on)
        return 1

    def _route(self) -> Any:
        method = _method().upper()  # as Kamailio reads it, and whoever stands behind it
        if method == "OPTIONS" and _called() == "qalqan":
            KSR.hdr.append_to_reply(f"X-Worker: {os.getpid()}\r\n")
            return _reply(200, "OK" if self.screen else "No tables")
        if _hops(70) < 0:
            return _reply(483, "Too Many Hops")
        if method == "INVITE" and _has_totag() < 0:
            return self._call()
        if method in _RENEWING and self._is_forged():
            return self._call()
        if self.suspended is not None and self.suspended.ends(method):
            return 1
        return self._on()

    def _is_forged(self) -> bool:
        """Whether a request that claims to belong to a call (tag in To) shows numbers that no call
        over this trunk can have. What a call may owe to a signature or to who diverted it, which
        are not told again, is believed."""
        if self.screen is None or _source() in self.screen.divert:
            return False
        verdict = self.verdict(self.called())
        signed = self.suspended is not None and self.suspended.may_be_signed(verdict)
        return bool(verdict[0] == REFUSE and not signed)

    def _on(self) -> Any:
        _sets("$du", self.next)
        return KSR.forward()

    def _call(self) -> Any:
        callee = self.called()
        verdict = self.verdict(callee)
        if self.suspended is not None and self.suspended.takes(verdict, callee):
            return 1
        return self.settle(verdict, callee, "", _reply, self._on)

    def settle(self, verdict: Any, callee: str, told: str, reply: Any, on: Any) -> Any:
        """Journal a verdict and do what it says; `told` is what asking brought, `reply` and `on`
        are Kamailio's ways to answer a request and to send it on."""
        screen, answer = self.screen, verdict[0]
        try:
            call_id = _clean(_call_id())
        except UnicodeDecodeError:
            call_id = UNREADABLE
        version, policy = screen.versions if screen else (0, 0)
        _, rule, row, trunk, network, presented, called, age, contract = verdict
        self.journal.note(
            f"{time_ns() // 1000}\t{answer}\t{rule}\t{row}\t{policy}\t{version}\t{trunk}\t"
            f"{network}\t{presented}\t{called}\t{age}\t{contract}\t{call_id}"
            + (f"\t{told}" if told else "")
        )
        if answer == REFUSE:
            if self.card:
                KSR.hdr.append_to_reply(self.card)
            return reply(self.code, self.reason)
        if answer == WITHHOLD:
            headers.withhold()
        elif answer == LABEL:
            KSR.hdr.append("X-Qalqan: label\r\n")
        if self.redirects:
            headers.redirect(callee, self.next)
            return reply(302, "Moved Temporarily")
        if version and answer != WITHHOLD:
            headers.forget(row)
        return on()

    def called(self) -> str:
        """User part of the request's URI; 112 for the service that RFC 5031 calls sos."""
        try:
            found: str = _called() or ""
            if found in ("", "service") and (_get("$ru") or "").lower().startswith(_SOS):
                return "112"
        except UnicodeDecodeError:
            return UNREADABLE
        return found

    def verdict(self, callee: str) -> Any:
        """The screen's, or that of a call about which nothing can be known."""
        if self.screen is None:
            if monotonic() - self.opened_s < 1:
                return PASSED
            self._open()
            if self.screen is None:
                return PASSED
        try:
            source = _source()
            network = _get(_ASSERTED)
            if network and network[:5] == "<sip:" and "," not in network:
                network = network[5 : network.find("@")]
            diverting = headers.diverting() if source in self.screen.divert else None
            return self.screen.decide(source, network, _shown(), callee, diverting)
        except UnicodeDecodeError:
            texts = (_readable(_get, _ASSERTED), _readable(_from), callee,
                     _readable(headers.diverting))  # fmt: skip
            return self.screen.decide(_source(), *texts)
        except SystemError:
            raise
        except Exception as error:
            self._tell(error)
            self._open()
            return PASSED


def mod_init() -> Edge:
    """What Kamailio calls first."""
    return Edge()
