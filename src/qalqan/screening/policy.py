"""The policy of the screens: thresholds, which rules count, how long a verdict is good for.

Versioned data that two people approve (`register.policies`); the default stands in
`data/policy_screen.toml`. Terms are written as "30m", "6h", "90d".
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from importlib.resources import files
from typing import Any, TypeVar

from qalqan.clock import DAY, HOUR, MINUTE
from qalqan.errors import InputRejected
from qalqan.screening import loans, payments
from qalqan.screening.remembered import Screens
from qalqan.screening.verdict import Answer, Policy

NAME = "screening"
_TERM = re.compile(r"([1-9][0-9]{0,3})([mhd])")
_UNIT = {"m": MINUTE, "h": HOUR, "d": DAY}
_LONGEST_US = 366 * DAY

Params = TypeVar("Params", payments.PaymentParams, loans.LoanParams)


@dataclass(frozen=True)
class ScreenPolicy:
    """One version for both screens."""

    payments: Policy[payments.PaymentParams]
    loans: Policy[loans.LoanParams]

    @property
    def version(self) -> int:
        return self.payments.version

    @property
    def screens(self) -> Screens:
        """The thresholds alone."""
        return Screens(self.payments.params, self.loans.params)


def default_body() -> dict[str, Any]:
    """The policy that comes with the software."""
    path = files("qalqan.screening") / "data" / "policy_screen.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def unapproved() -> ScreenPolicy:
    """Before two people have approved any: the default's thresholds, all rules in shadow."""
    return of_body(0, {**default_body(), "live": []})


def of_body(version: int, body: Mapping[str, Any]) -> ScreenPolicy:
    """A version from its data.

    Raises:
        InputRejected: an unknown rule or threshold, or a value that does not fit.
    """
    known = payments.RULES.codes | loans.RULES.codes
    live = body.get("live", [])
    if not isinstance(live, list):
        raise InputRejected("live", live, "policy.shape")
    for code in live:
        if code not in known:
            raise InputRejected("live", code, "one_of", choices=", ".join(sorted(known)))
    until = {answer: _term("until", _of(body, "until").get(answer.word)) for answer in Answer}
    return ScreenPolicy(
        Policy(version, _params(payments.PaymentParams(), _of(body, "payments")),
               payments.RULES.codes & set(live), until),
        Policy(version, _params(loans.LoanParams(), _of(body, "loans")),
               loans.RULES.codes & set(live), until),
    )  # fmt: skip


def _of(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    table = body.get(name, {})
    if not isinstance(table, Mapping):
        raise InputRejected(name, table, "policy.shape")
    return table


def _params(params: Params, given: Mapping[str, Any]) -> Params:
    kinds = {one.name.removesuffix("_us"): one.name for one in fields(params)}
    changed: dict[str, Any] = {}
    for name, value in given.items():
        if name not in kinds:
            raise InputRejected(name, value, "one_of", choices=", ".join(kinds))
        field = kinds[name]
        changed[field] = _term(name, value) if field.endswith("_us") else _number(name, value)
    return replace(params, **changed)


def _term(name: str, value: object) -> int:
    found = _TERM.fullmatch(value) if isinstance(value, str) else None
    if found is None or (term := int(found[1]) * _UNIT[found[2]]) > _LONGEST_US:
        raise InputRejected(name, value, "policy.term")
    return term


def _number(name: str, value: object) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 10**9:
        raise InputRejected(name, value, "policy.number")
    return value
