"""What the journals of an edge tell, counted; every chain is checked on the way (REQ-45)."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import NamedTuple

from qalqan.edges.kamailio import journal
from qalqan.screening.calls.decisions import ANSWERS, code_of, codes_in
from qalqan.screening.calls.rules import Answer
from qalqan.screening.calls.screen import Tables


class Told(NamedTuple):
    """An edge's verdicts, counted."""

    files: int
    verdicts: dict[str, int]
    """Answer → calls."""
    rules: dict[str, int]
    """Deciding rule → calls."""
    shadow: dict[str, int]
    """Rule in shadow → calls in which it holds, of those that these tables' policy decided."""
    undecided: int
    """Calls that passed since there were no tables."""
    lost: int
    """Verdicts that could not be written."""
    asked: dict[str, int]
    """What asking about calls brought, by word (`place=abroad`, `signed=stale`) → calls."""
    complaints: int
    """Calls that were let through and that their callee then refused as unwanted (607)."""
    differing: int
    """Verdicts to which the same policy's table comes no more; 0 unless somebody changed one."""
    broken: list[str]
    """Files whose chain does not hold, and where."""


class _Counting:
    def __init__(self, tables: Tables) -> None:
        self.policy: int = tables.about["policy"]
        self.rule, self.masks = tables.parts["rule"], tables.parts["shadow"]
        self.verdicts, self.rules, self.shadow = Counter[str](), Counter[str](), Counter[str]()
        self.asked, self.complained = Counter[str](), set[str]()
        self.undecided = self.lost = self.differing = 0

    def add(self, line: journal.Line | journal.Complaint | int) -> None:
        if isinstance(line, int):
            self.lost += line
            return
        if isinstance(line, journal.Complaint):
            self.complained.add(line.call_id)
            return
        self.asked.update(line.asked.split())
        self.verdicts[Answer(line.answer).name.lower()] += 1
        if not line.tables:
            self.undecided += 1
            return
        self.rules[code_of(line.rule)] += 1
        self.differing += ANSWERS[line.rule] != line.answer
        if line.policy == self.policy:
            self.differing += self.rule[line.row] != line.rule
            self.shadow.update(codes_in(self.masks[line.row]))


def count(folder: Path, tables: Tables) -> Told:
    """Read all journals of a folder; a verdict of the tables' own policy must replay to itself."""
    counting, broken = _Counting(tables), []
    paths = journal.files(folder)
    for path in paths:
        try:
            for line in journal.lines(path):
                counting.add(line)
        except (journal.Broken, ValueError, TypeError, IndexError) as error:
            broken.append(str(error) if isinstance(error, journal.Broken) else path.name)
    return Told(
        len(paths), dict(counting.verdicts.most_common()), dict(counting.rules.most_common()),
        dict(counting.shadow.most_common()), counting.undecided,
        counting.lost + journal.untold(folder), dict(counting.asked.most_common()),
        len(counting.complained), counting.differing, broken,
    )  # fmt: skip
