"""External code lists: what a code may be, since a schema takes any four letters for one."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from qalqan.errors import InputRejected

FRAUD = "FRAD"


def checked(kind: str, code: str, at: str) -> str:
    """The code itself, if the list of this kind has it.

    Raises:
        InputRejected: it has not; `at` is the path of the element.
    """
    held = _lists()[kind]
    if code not in held["codes"]:
        raise InputRejected(
            at, code[:35], "iso.code", list=str(held["list"]), codes=", ".join(held["codes"])
        )
    return code


def is_gone(rejection: str) -> bool:
    """Whether this reason of a rejection says that the money is there no more."""
    return rejection in _lists()["cancellation_rejection"]["gone"]


@cache
def _lists() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(files(__package__).joinpath("codes.toml").read_text("utf-8"))
