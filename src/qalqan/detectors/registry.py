"""All detectors: every file in a folder of this package that defines one."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import walk_packages

import qalqan.detectors
from qalqan.detectors.base import Detector
from qalqan.errors import ContractBroken, NotFound


@cache
def all_detectors() -> Mapping[str, Detector]:
    """Code → detector, by code.

    Raises:
        ContractBroken: a file holds no detector, or one that is not named after the file.
    """
    found: dict[str, Detector] = {}
    package = qalqan.detectors.__name__
    for module in walk_packages(qalqan.detectors.__path__, f"{package}."):
        code = module.name.removeprefix(f"{package}.")
        if module.ispkg or "." not in code:
            continue
        held = getattr(import_module(module.name), code.rpartition(".")[2], None)
        if not isinstance(held, Detector) or held.code != code:
            raise ContractBroken(f"{module.name} holds no detector {code}")
        found[code] = held
    return dict(sorted(found.items()))


def get(code: str) -> Detector:
    """The detector of that code.

    Raises:
        NotFound: there is none.
    """
    if code not in all_detectors():
        raise NotFound("detector", code)
    return all_detectors()[code]
