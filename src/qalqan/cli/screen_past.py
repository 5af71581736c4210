"""`qalqan screen past`: what the screens would have said to payments or loans of the past."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Any

from pydantic_core import to_json

from qalqan import clock
from qalqan.cli.home import Home
from qalqan.lake.engine import open_engine
from qalqan.lake.looking import facts_in
from qalqan.screening.asked import Asked
from qalqan.screening.state import State
from qalqan.screening.verdict import Verdict
from qalqan.work import vitals
from qalqan.work.screens import lists, past
from qalqan.work.screens.past import Counts, Facts, Told


class Asking:
    """One run: where the facts come from, and how the answers came out."""

    def __init__(self, home: Home, kind: str, with_lists: bool) -> None:
        self.home, self.kind = home, kind
        self.counts = Counts()
        self.read = self.late = self.newest_us = 0
        now_us = clock.now_us()
        with home.database.session() as session:
            self.policy = lists.policy(session, now_us)
            self.state = State(self.policy.screens)
            if with_lists:
                self.state.listed = lists.read(session, now_us)
            newest = vitals.newest(session)
        self.seal = newest.seal if newest else 0

    def of_file(self, path: Path, source: str | None, mapping: Path | None) -> Iterator[Told]:
        """Verdicts on the records of a file in order of time."""

        def pieces() -> Iterator[Facts]:
            for looked in facts_in(path, self.kind, self.home.keys, source, mapping):
                self.read += looked.read
                yield {self.kind: looked.facts}

        yield from self._told(pieces())

    def of_lake(self) -> Iterator[Told]:
        """Verdicts on all that is sealed."""
        with closing(open_engine(self.home.settings)) as engine:
            yield from self._told(past.of_lake(engine, self.seal))

    def run(self, told: Iterator[Told], into: Path | None) -> dict[str, Any]:
        """The figures; each verdict that is not `pass` goes to a file, if one is named."""
        with nullcontext() if into is None else into.open("wb") as out:
            for asked, verdict in told:
                if out is not None and verdict.answer:
                    out.write(_line(asked, verdict))
        return self._figures()

    def _figures(self) -> dict[str, Any]:
        questions = self.counts.verdicts.total()
        return {
            "questions": questions,
            **({"records": self.read} if self.read else {}),
            **({"out_of_order": self.late} if self.late else {}),
            "policy": self.policy.version,
            "verdicts": dict(self.counts.verdicts.most_common()),
            "rules": dict(self.counts.rules.most_common()),
            "shadow": dict(self.counts.shadow.most_common()),
        }

    def _told(self, pieces: Iterator[Facts]) -> Iterator[Told]:
        for told in past.screened(self.state, self.policy, self.kind, pieces):
            self.counts.add(told.verdict)
            self.late += told.asked.at_us < self.newest_us
            self.newest_us = max(self.newest_us, told.asked.at_us)
            yield told


def _line(asked: Asked, verdict: Verdict) -> bytes:
    """Tokens and numbers only."""
    told = {
        "source": asked.source, "id": asked.id, "at_us": asked.at_us,
        "verdict": verdict.answer.word, "rules": verdict.rules, "grounds": verdict.grounds,
        "inputs": verdict.inputs,
    }  # fmt: skip
    return to_json(told) + b"\n"
