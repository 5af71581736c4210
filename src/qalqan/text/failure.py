"""What went wrong, in the reader's words: one sentence for every error raised on purpose and
for what the operating system refuses (files, folders, space, ports)."""

from __future__ import annotations

import errno
import os

from qalqan.errors import (
    Conflict,
    ContractBroken,
    InputRejected,
    NotAllowed,
    NotFound,
    QalqanError,
    Unavailable,
)
from qalqan.text.catalogue import has, say
from qalqan.text.refusal import refusal

_SYSTEM = {
    errno.ENOENT: "absent",
    errno.EACCES: "denied",
    errno.EPERM: "denied",
    errno.EROFS: "denied",
    errno.EISDIR: "folder",
    errno.ENOTDIR: "no_folder",
    errno.EEXIST: "no_folder",
    errno.ENOSPC: "full",
    errno.EDQUOT: "full",
    errno.EADDRINUSE: "port",
}


def failure(error: QalqanError | OSError, language: str) -> str:
    """The sentence for an error in `language`; refused values are masked."""
    if isinstance(error, InputRejected):
        return refusal(error, language)
    if isinstance(error, NotFound):
        key = f"failure.no.{error.kind}"
        known = key if has(key) else "failure.no.other"
        return say(known, language, name=error.key, kind=error.kind)
    if isinstance(error, Conflict):
        return _conflict(error, language)
    if isinstance(error, NotAllowed):
        if error.action == "sign_in" and has(f"api.error.{error.missing}"):
            return say(f"api.error.{error.missing}", language)
        if (told := reason(error, language)) is not None:
            return told
        return say("failure.not_allowed", language, action=error.action, missing=error.missing)
    if isinstance(error, OSError):
        return _system(error, language)
    return _reasoned(error, language)


def _conflict(error: Conflict, language: str) -> str:
    if (told := reason(error, language)) is not None:
        return told
    key = "failure.conflict.other"
    return say(
        key, language, kind=error.kind, name=error.key, state=error.state, wanted=error.wanted
    )


def reason(error: Conflict | NotAllowed, language: str) -> str | None:
    """Why it does not go, in one sentence; nothing where the catalogue has none."""
    key = next((key for key in keys_of(error) if has(key)), None)
    if key is None:
        return None
    if isinstance(error, NotAllowed):
        return say(key, language)
    label = f"orders.state.{error.state}"
    state = say(label, language) if error.kind == "order" and has(label) else error.state
    return say(key, language, name=error.key, state=state, n=error.n)


def keys_of(error: Conflict | NotAllowed) -> tuple[str, ...]:
    """Where the catalogue may have the reason's sentence, the closest first."""
    first = error.code.partition("_")[0]
    if isinstance(error, NotAllowed):
        return tuple(f"failure.may_not.{name}" for name in (error.code, first))
    kind = error.kind.replace(" ", "_")
    names = (f"{kind}_{error.code}", f"{kind}_{first}", kind, error.code)
    return tuple(f"failure.conflict.{name}" for name in names)


def _reasoned(error: QalqanError, language: str) -> str:
    if isinstance(error, ContractBroken | Unavailable) and error.code:
        return say(f"failure.{error.code}", language, **error.params)
    key = "failure.unavailable" if isinstance(error, Unavailable) else "failure.broken"
    return say(key, language, reason=str(error))


def _system(error: OSError, language: str) -> str:
    name = _SYSTEM.get(error.errno or 0, "other")
    reason = os.strerror(error.errno) if error.errno else type(error).__name__
    return say(f"failure.os.{name}", language, path=error.filename or "", reason=reason)
