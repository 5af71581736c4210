"""A call's verdict as the API and the command line tell it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qalqan.errors import NotFound
from qalqan.screening.calls.keeper import named
from qalqan.screening.calls.row import Trunk
from qalqan.screening.calls.rules import NOTHING, Answer
from qalqan.screening.calls.screen import Screen, Verdict
from qalqan.text.catalogue import say


def asked(
    screen: Screen, trunk: str, network: str | None, presented: str | None, callee: str,
    diverting: str | None,
) -> Verdict:  # fmt: skip
    """The verdict on a call over a trunk of this name, or from a peer of this address.

    Raises:
        NotFound: the tables know no such trunk.
    """
    known = screen.tables.about["addresses"]
    source = trunk if trunk in known else named(trunk)
    if source not in known:
        raise NotFound("trunk", trunk)
    return Verdict(*screen.decide(source, network, presented, callee, diverting))


def told(verdict: Verdict, screen: Screen, language: str) -> dict[str, Any]:
    """Everything about one verdict; the sentence in the reader's language."""
    about = screen.tables.about
    answer = Answer(verdict.answer)
    body: dict[str, Any] = {
        "verdict": answer.word,
        "rule": verdict.code,
        "say": say(f"screen.{verdict.code}", language),
        "number_withheld": answer is Answer.WITHHOLD,
        "inputs": verdict.inputs,
        "shadow": list(screen.tables.shadows(verdict.row)),
        "policy": about["policy"],
        "tables": about["version"],
    }
    if verdict.age_s:
        body["place_told_s_ago"] = verdict.age_s
    if verdict.contract >= 0:
        body["contract"] = about["contracts"][verdict.contract]
    return body


@dataclass(frozen=True)
class Anew:
    """What becomes of a number's calls over some trunks alike."""

    trunks: tuple[str, ...]
    told: Mapping[str, Any]
    """As `told` tells it."""


def anew(screen: Screen, place: str, number: str, called: str, language: str) -> tuple[Anew, ...]:
    """The verdict on a call of this number over every trunk by which it can have come, asked now;
    `place`: where it came from (abroad, home, unknown)."""
    about, abroad = screen.tables.about, Trunk.INTERNATIONAL
    found: dict[tuple[object, ...], tuple[list[str], dict[str, Any]]] = {}
    for name, klass in list(zip(about["trunks"], about["classes"], strict=True))[1:]:
        if place != "unknown" and (klass == abroad) != (place == "abroad"):
            continue
        one = told(asked(screen, name, number, number, called, None), screen, language)
        alike = (one["rule"], klass, *one["shadow"], one.get("contract"))
        found.setdefault(alike, ([], one))[0].append(name)
    return tuple(Anew(tuple(names), one) for names, one in found.values())


def without_tables(language: str) -> dict[str, Any]:
    """What is answered while there are no tables: calls pass (DESIGN section 7)."""
    return {
        "verdict": Answer.PASS.word, "no_state": True, "rule": NOTHING,
        "say": say("screen.calls.no_tables", language), "number_withheld": False, "inputs": {},
        "shadow": [], "policy": None, "tables": None,
    }  # fmt: skip
